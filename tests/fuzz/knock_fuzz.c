/* Messages of a rendezvous from anybody, and states read back: nothing that is not signed changes anything. */
#include <string.h>

#include "core/base/secret.h"
#include "sync/invite/knock.h"
#include "sync/invite/knock_message.h"
#include "tests/fuzz/fuzz.h"

/* Made once: keys cost more than what is tried. */
static MabeiDeviceKey *
fixed_device (guint8 byte)
{
  static MabeiDeviceKey *devices[3];

  if (devices[byte] == NULL) {
    g_autoptr (MabeiSecret) seed = mabei_secret_new (64);

    memset (mabei_secret_data (seed), byte, 64);
    devices[byte] = mabei_device_key_new_from_seed (seed);
  }
  return devices[byte];
}

static void
add_all (GPtrArray *seeds, GPtrArray *messages)
{
  for (guint i = 0; i < messages->len; i++)
    g_ptr_array_add (seeds, g_bytes_ref (messages->pdata[i]));
  g_ptr_array_unref (messages);
}

void
fuzz_seeds (GPtrArray *seeds)
{
  MabeiDeviceKey *wang = fixed_device (1), *li = fixed_device (2);
  g_autoptr (MabeiSecret) seed = mabei_secret_new (MABEI_LINK_SEED_BYTES);
  MabeiLink link = {.hub_url = (char *) "ws://127.0.0.1:7000/", .inviter = *mabei_device_key_id (wang), .seed = seed};
  MabeiShortId person = {{3}};
  MabeiId inbox = {{4}};
  g_autoptr (MabeiKnock) knock = mabei_knock_new (&link, li, &person, "李四", inbox.bytes, &inbox, 1, NULL);
  g_autoptr (MabeiDoor) door = mabei_door_new (seed, wang);
  g_autoptr (GBytes) welcome = g_bytes_new_static ("sealed", 6);
  g_autoptr (GPtrArray) first = mabei_knock_messages (knock), answer = NULL, reveal = NULL;

  mabei_door_receive (door, first->pdata[0]);
  answer = mabei_door_messages (door);
  mabei_knock_receive (knock, answer->pdata[0]);
  reveal = mabei_knock_messages (knock);
  mabei_door_receive (door, reveal->pdata[1]);
  mabei_door_decide (door, 0, welcome);
  add_all (seeds, mabei_knock_messages (knock));
  add_all (seeds, mabei_door_messages (door));
  g_ptr_array_add (seeds, mabei_knock_save (knock));
  g_ptr_array_add (seeds, mabei_door_save (door));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t length)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, length);
  g_autoptr (MabeiKnockMessage) message = mabei_knock_message_decode (bytes);
  MabeiDeviceKey *wang = fixed_device (1), *li = fixed_device (2);
  g_autoptr (MabeiKnock) knock = mabei_knock_load (bytes, li, NULL);
  g_autoptr (MabeiDoor) door = mabei_door_load (bytes, wang, NULL);

  if (message != NULL)
    mabei_knock_message_is_signed (message, mabei_device_key_public (li)->sign_key);
  if (knock != NULL)
    g_bytes_unref (mabei_knock_save (knock));
  if (door != NULL)
    g_bytes_unref (mabei_door_save (door));
  return 0;
}
