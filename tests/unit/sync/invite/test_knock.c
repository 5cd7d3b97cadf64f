/* Knocking: Li Si has a link from clerk Wang and wants to join; Zhao has got hold of the same link. */
#include <sodium.h>
#include <string.h>

#include "core/base/limits.h"
#include "core/base/secret.h"
#include "sync/invite/knock.h"
#include "sync/invite/knock_message.h"

typedef struct {
  MabeiDeviceKey *wang; /* clerk, admits */
  MabeiDeviceKey *li;   /* joins */
  MabeiLink *link;
  MabeiShortId person;
  guint8 inbox_read_key[32];
  MabeiId inbox_write_seed;
  MabeiDoor *door;
  MabeiKnock *knock;
} Scene;

#define NOW_MS 1700000000000u

static MabeiKnock *
knock_with (Scene *scene, MabeiDeviceKey *device, const MabeiLink *link, const char *name)
{
  return mabei_knock_new (link, device, &scene->person, name, scene->inbox_read_key, &scene->inbox_write_seed, NOW_MS,
                          NULL);
}

static void
set_up (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  scene->wang = mabei_device_key_new ();
  scene->li = mabei_device_key_new ();
  scene->link = g_new0 (MabeiLink, 1);
  scene->link->hub_url = g_strdup ("ws://127.0.0.1:7000/");
  scene->link->seed = mabei_secret_new_random (MABEI_LINK_SEED_BYTES);
  scene->link->inviter = *mabei_device_key_id (scene->wang);
  scene->link->expires_ms = NOW_MS;
  randombytes_buf (&scene->person, sizeof scene->person);
  randombytes_buf (scene->inbox_read_key, 32);
  randombytes_buf (&scene->inbox_write_seed, sizeof scene->inbox_write_seed);
  scene->door = mabei_door_new (scene->link->seed, scene->wang);
  scene->knock = knock_with (scene, scene->li, scene->link, "李四");
  g_assert_nonnull (scene->knock);
}

static void
tear_down (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  mabei_knock_free (scene->knock);
  mabei_door_free (scene->door);
  mabei_link_free (scene->link);
  mabei_device_key_free (scene->wang);
  mabei_device_key_free (scene->li);
}

static void
to_door (MabeiDoor *door, MabeiKnock *knock)
{
  g_autoptr (GPtrArray) messages = mabei_knock_messages (knock);

  for (guint i = 0; i < messages->len; i++)
    mabei_door_receive (door, messages->pdata[i]);
}

static void
to_knock (MabeiKnock *knock, MabeiDoor *door)
{
  g_autoptr (GPtrArray) messages = mabei_door_messages (door);

  for (guint i = 0; i < messages->len; i++)
    mabei_knock_receive (knock, messages->pdata[i]);
}

static MabeiKnockState
door_state (MabeiDoor *door, guint n)
{
  MabeiKnockState state;

  mabei_door_knock (door, n, NULL, NULL, &state);
  return state;
}

static const char *
door_code (MabeiDoor *door, guint n)
{
  const char *code;

  mabei_door_knock (door, n, NULL, &code, NULL);
  return code;
}

static GBytes *
some_welcome (void)
{
  return g_bytes_new_static ("sealed", 6);
}

static void
test_admission (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GBytes) welcome = some_welcome ();
  MabeiDevicePublic admitter;
  const MabeiMember *member;

  g_assert_cmpint (mabei_knock_state (scene->knock), ==, MABEI_KNOCK_SENT);
  g_assert_null (mabei_knock_code (scene->knock));
  to_door (scene->door, scene->knock); /* KNOCK */
  g_assert_cmpuint (mabei_door_n_knocks (scene->door), ==, 1);
  g_assert_null (door_code (scene->door, 0)); /* the clerk sees no code before the joiner is bound by his own */
  to_knock (scene->knock, scene->door);       /* ANSWER */
  g_assert_cmpint (mabei_knock_state (scene->knock), ==, MABEI_KNOCK_CODE);
  to_door (scene->door, scene->knock); /* REVEAL */
  g_assert_cmpint (door_state (scene->door, 0), ==, MABEI_KNOCK_CODE);
  g_assert_cmpstr (door_code (scene->door, 0), ==, mabei_knock_code (scene->knock));
  g_assert_cmpuint (strlen (mabei_knock_code (scene->knock)), ==, 6);

  mabei_door_knock (scene->door, 0, &member, NULL, NULL);
  g_assert_cmpstr (member->name, ==, "李四");
  g_assert_true (mabei_short_id_equal (&member->device, mabei_device_key_id (scene->li)));
  g_assert_true (mabei_short_id_equal (&member->person, &scene->person));
  g_assert_cmpmem (member->inbox_read_key, 32, scene->inbox_read_key, 32);
  g_assert_true (mabei_id_equal (&member->inbox_write_seed, &scene->inbox_write_seed));

  g_assert_null (mabei_knock_welcome (scene->knock, NULL));
  mabei_door_decide (scene->door, 0, welcome);
  to_knock (scene->knock, scene->door); /* WELCOME */
  g_assert_cmpint (mabei_knock_state (scene->knock), ==, MABEI_KNOCK_ADMITTED);
  g_assert_true (g_bytes_equal (mabei_knock_welcome (scene->knock, &admitter), welcome));
  g_assert_cmpmem (&admitter, sizeof admitter, mabei_device_key_public (scene->wang), sizeof admitter);
}

static void
test_refusal (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  to_door (scene->door, scene->knock);
  mabei_door_decide (scene->door, 0, NULL);
  g_assert_cmpint (door_state (scene->door, 0), ==, MABEI_KNOCK_REFUSED);
  to_knock (scene->knock, scene->door);
  g_assert_cmpint (mabei_knock_state (scene->knock), ==, MABEI_KNOCK_REFUSED);
  g_assert_null (mabei_knock_welcome (scene->knock, NULL));
}

/* The mailbox is read again from its start, twice, and backwards: nothing changes. */
static void
test_replayed_and_reordered (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GBytes) welcome = some_welcome ();
  g_autoptr (GPtrArray) mine = NULL, theirs = NULL;
  g_autoptr (MabeiDoor) late_door = mabei_door_new (scene->link->seed, scene->wang);
  g_autofree char *code = NULL;

  to_door (scene->door, scene->knock);
  to_knock (scene->knock, scene->door);
  to_door (scene->door, scene->knock);
  code = g_strdup (mabei_knock_code (scene->knock));
  mabei_door_decide (scene->door, 0, welcome);
  mine = mabei_knock_messages (scene->knock);
  theirs = mabei_door_messages (scene->door);
  for (guint round = 0; round < 2; round++) {
    for (guint i = theirs->len; i > 0; i--)
      mabei_knock_receive (scene->knock, theirs->pdata[i - 1]);
    for (guint i = mine->len; i > 0; i--) {
      mabei_door_receive (scene->door, mine->pdata[i - 1]);
      mabei_door_receive (late_door, mine->pdata[i - 1]);
    }
    for (guint i = 0; i < mine->len; i++)
      mabei_knock_receive (scene->knock, mine->pdata[i]); /* one's own come back as well */
  }
  g_assert_cmpint (mabei_knock_state (scene->knock), ==, MABEI_KNOCK_ADMITTED);
  g_assert_cmpstr (mabei_knock_code (scene->knock), ==, code);
  g_assert_cmpuint (mabei_door_n_knocks (scene->door), ==, 1);
  g_assert_cmpint (door_state (scene->door, 0), ==, MABEI_KNOCK_ADMITTED);
  /* A door that lost its state gives the same answer, so the same code. */
  g_assert_cmpuint (mabei_door_n_knocks (late_door), ==, 1);
  g_assert_cmpstr (door_code (late_door, 0), ==, code);
}

/* A WELCOME that is read before the ANSWER waits for it. */
static void
test_welcome_before_answer (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GBytes) welcome = some_welcome ();
  g_autoptr (MabeiKnock) restarted = NULL;
  g_autoptr (GBytes) saved = mabei_knock_save (scene->knock), again = NULL;
  g_autoptr (GPtrArray) theirs = NULL;

  to_door (scene->door, scene->knock);
  to_knock (scene->knock, scene->door);
  to_door (scene->door, scene->knock);
  mabei_door_decide (scene->door, 0, welcome);
  theirs = mabei_door_messages (scene->door);
  g_assert_cmpuint (theirs->len, ==, 2);

  restarted = mabei_knock_load (saved, scene->li, NULL);
  mabei_knock_receive (restarted, theirs->pdata[1]);
  g_assert_cmpint (mabei_knock_state (restarted), ==, MABEI_KNOCK_SENT);
  again = mabei_knock_save (restarted);
  mabei_knock_free (restarted);
  restarted = mabei_knock_load (again, scene->li, NULL);
  mabei_knock_receive (restarted, theirs->pdata[0]);
  g_assert_cmpint (mabei_knock_state (restarted), ==, MABEI_KNOCK_ADMITTED);
}

static void
test_two_knocks (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (MabeiDeviceKey) zhao = mabei_device_key_new ();
  g_autoptr (MabeiKnock) other = knock_with (scene, zhao, scene->link, "李四"); /* says that he is Li Si */
  g_autoptr (MabeiKnock) late = knock_with (scene, zhao, scene->link, "王五");
  g_autoptr (GBytes) welcome = some_welcome ();

  to_door (scene->door, other);
  to_door (scene->door, scene->knock);
  g_assert_cmpuint (mabei_door_n_knocks (scene->door), ==, 2); /* alarm; nobody is in */
  to_knock (scene->knock, scene->door);
  to_knock (other, scene->door);
  to_door (scene->door, scene->knock);
  to_door (scene->door, other);
  g_assert_cmpint (door_state (scene->door, 0), ==, MABEI_KNOCK_CODE);
  g_assert_cmpint (door_state (scene->door, 1), ==, MABEI_KNOCK_CODE);
  g_assert_cmpstr (door_code (scene->door, 0), ==, mabei_knock_code (other));
  g_assert_cmpstr (door_code (scene->door, 1), ==, mabei_knock_code (scene->knock));
  g_assert_cmpstr (door_code (scene->door, 0), !=, door_code (scene->door, 1));

  mabei_door_decide (scene->door, 1, welcome); /* the clerk compared the code with Li Si */
  to_knock (scene->knock, scene->door);
  to_knock (other, scene->door);
  g_assert_cmpint (mabei_knock_state (scene->knock), ==, MABEI_KNOCK_ADMITTED);
  g_assert_cmpint (mabei_knock_state (other), ==, MABEI_KNOCK_REFUSED);

  to_door (scene->door, late); /* the link is used */
  g_assert_cmpint (door_state (scene->door, 2), ==, MABEI_KNOCK_REFUSED);
  mabei_door_decide (scene->door, 2, welcome); /* a decision stands */
  g_assert_cmpint (door_state (scene->door, 2), ==, MABEI_KNOCK_REFUSED);
}

static void
test_many_knocks (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  for (guint i = 0; i < MABEI_DOOR_KNOCKS + 3; i++) {
    g_autoptr (MabeiKnock) knock = knock_with (scene, scene->li, scene->link, "李四");

    g_assert_cmpuint (mabei_door_n_knocks (scene->door), ==, MIN (i, MABEI_DOOR_KNOCKS));
    to_door (scene->door, knock);
  }
  g_assert_cmpuint (mabei_door_n_knocks (scene->door), ==, MABEI_DOOR_KNOCKS);
}

/* Zhao changed the link on its way to Li Si and sits between both, with keys of his own on each side. */
static void
test_man_in_the_middle (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (MabeiDeviceKey) zhao = mabei_device_key_new ();
  MabeiLink false_link = *scene->link;
  g_autoptr (MabeiKnock) li = NULL, zhao_knock = knock_with (scene, zhao, scene->link, "李四");
  g_autoptr (MabeiDoor) zhao_door = mabei_door_new (scene->link->seed, zhao);

  false_link.inviter = *mabei_device_key_id (zhao);
  li = knock_with (scene, scene->li, &false_link, "李四");
  to_door (zhao_door, li);
  to_door (scene->door, zhao_knock);
  to_knock (li, zhao_door);
  to_knock (zhao_knock, scene->door);
  to_door (zhao_door, li);
  to_door (scene->door, zhao_knock);
  g_assert_nonnull (mabei_knock_code (li));
  g_assert_nonnull (door_code (scene->door, 0));
  g_assert_cmpstr (mabei_knock_code (li), !=, door_code (scene->door, 0));
}

/* With the true link, Zhao cannot answer in Wang's place at all. */
static void
test_false_admitter (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (MabeiDeviceKey) zhao = mabei_device_key_new ();
  g_autoptr (MabeiDoor) false_door = mabei_door_new (scene->link->seed, zhao);

  to_door (false_door, scene->knock);
  g_assert_cmpuint (mabei_door_n_knocks (false_door), ==, 1);
  mabei_door_decide (false_door, 0, NULL);
  to_knock (scene->knock, false_door);
  g_assert_cmpint (mabei_knock_state (scene->knock), ==, MABEI_KNOCK_SENT);
}

static void
test_other_link (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (MabeiSecret) seed = mabei_secret_new_random (MABEI_LINK_SEED_BYTES);
  MabeiLink other = *scene->link;
  g_autoptr (MabeiKnock) knock = NULL;

  other.seed = seed;
  knock = knock_with (scene, scene->li, &other, "李四");
  to_door (scene->door, knock);
  g_assert_cmpuint (mabei_door_n_knocks (scene->door), ==, 0);
}

/* Whoever holds the admitter's key, or the joiner's, does not get a second try at the code either. */
static void
test_one_try (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  MabeiKnockMessage other = {.type = MABEI_KNOCK_MESSAGE_ANSWER}, reveal = {.type = MABEI_KNOCK_MESSAGE_REVEAL};
  g_autoptr (GPtrArray) first = mabei_knock_messages (scene->knock), answers = NULL;
  g_autoptr (MabeiKnockMessage) knock = mabei_knock_message_decode (first->pdata[0]), answer = NULL;
  g_autoptr (GBytes) second = NULL, false_reveal = NULL;
  g_autofree char *code = NULL;

  to_door (scene->door, scene->knock);
  to_knock (scene->knock, scene->door);
  code = g_strdup (mabei_knock_code (scene->knock));
  other.knock = knock->id;
  other.device = *mabei_device_key_public (scene->wang);
  memset (other.nonce, 9, sizeof other.nonce);
  second = mabei_knock_message_encode (&other, scene->wang, NULL);
  mabei_knock_receive (scene->knock, second);
  g_assert_cmpstr (mabei_knock_code (scene->knock), ==, code);

  answers = mabei_door_messages (scene->door);
  answer = mabei_knock_message_decode (answers->pdata[0]);
  reveal.knock = knock->id;
  reveal.answer = answer->id;
  memset (reveal.nonce, 9, sizeof reveal.nonce); /* not what was committed to */
  false_reveal = mabei_knock_message_encode (&reveal, scene->li, NULL);
  mabei_door_receive (scene->door, false_reveal);
  g_assert_null (door_code (scene->door, 0));
  g_assert_cmpint (door_state (scene->door, 0), ==, MABEI_KNOCK_SENT);
  to_door (scene->door, scene->knock);
  g_assert_cmpstr (door_code (scene->door, 0), ==, code);
}

/* Its box key is a point to which nothing can be sealed: it could never be welcomed, and is not shown. */
static void
test_low_order_key (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GPtrArray) messages = mabei_knock_messages (scene->knock);
  g_autoptr (MabeiKnockMessage) message = mabei_knock_message_decode (messages->pdata[0]);
  g_autoptr (MabeiSecret) invite_secret = NULL;
  g_autoptr (GBytes) good = NULL, bad = NULL;
  guint8 invite_key[32];

  mabei_link_invite_key (scene->link->seed, invite_key, &invite_secret);
  memset (message->device.box_key, 0, sizeof message->device.box_key);
  bad = mabei_knock_message_encode (message, scene->li, invite_secret);
  mabei_door_receive (scene->door, bad);
  g_assert_cmpuint (mabei_door_n_knocks (scene->door), ==, 0);
  message->device = *mabei_device_key_public (scene->li);
  good = mabei_knock_message_encode (message, scene->li, invite_secret);
  mabei_door_receive (scene->door, good);
  g_assert_cmpuint (mabei_door_n_knocks (scene->door), ==, 1);
}

/* Zhao has the link, and sends Li's keys with a signature of his own. */
static void
test_not_his_keys (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (MabeiDeviceKey) zhao = mabei_device_key_new ();
  g_autoptr (GPtrArray) messages = mabei_knock_messages (scene->knock);
  g_autoptr (MabeiKnockMessage) message = mabei_knock_message_decode (messages->pdata[0]);
  g_autoptr (MabeiSecret) invite_secret = NULL;
  g_autoptr (GBytes) forged = NULL;
  guint8 invite_key[32];

  mabei_link_invite_key (scene->link->seed, invite_key, &invite_secret);
  forged = mabei_knock_message_encode (message, zhao, invite_secret);
  mabei_door_receive (scene->door, forged);
  g_assert_cmpuint (mabei_door_n_knocks (scene->door), ==, 0);
}

static void
test_expired (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;

  scene->link->expires_ms = NOW_MS - 1;
  g_assert_null (mabei_knock_new (scene->link, scene->li, &scene->person, "李四", scene->inbox_read_key,
                                  &scene->inbox_write_seed, NOW_MS, &error));
  g_assert_error (error, MABEI_INVITE_ERROR, MABEI_INVITE_ERROR_EXPIRED);
  scene->link->expires_ms = 0; /* without end */
  mabei_knock_free (scene->knock);
  scene->knock = knock_with (scene, scene->li, scene->link, "李四");
  g_assert_nonnull (scene->knock);
}

static void
check_name (Scene *scene, const char *name, gboolean valid)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MabeiKnock) knock = mabei_knock_new (scene->link, scene->li, &scene->person, name, scene->inbox_read_key,
                                                  &scene->inbox_write_seed, NOW_MS, &error);

  if (valid) {
    g_assert_no_error (error);
    g_assert_nonnull (knock);
  } else {
    g_assert_null (knock);
    g_assert_error (error, MABEI_INVITE_ERROR, MABEI_INVITE_ERROR_FORMAT);
  }
}

static void
test_names (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *longest = g_strnfill (MABEI_LIMIT_NAME_BYTES, 'x');
  g_autofree char *too_long = g_strnfill (MABEI_LIMIT_NAME_BYTES + 1, 'x');

  check_name (scene, "阿依古丽·买买提", TRUE);
  check_name (scene, "སྐལ་བཟང་", TRUE);
  check_name (scene, longest, TRUE);
  check_name (scene, too_long, FALSE);
  check_name (scene, "", FALSE);
  check_name (scene, "  ", FALSE);
  check_name (scene, "Li\nSi", FALSE);
  check_name (scene, "Li\x1b[2JSi", FALSE);
  check_name (scene, "Li\xe2\x80\xaeSi", FALSE); /* right-to-left override */
  check_name (scene, "Li\xff", FALSE);
}

/* What a hub can see of a message is its size. */
static void
test_sizes (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *longest = g_strnfill (MABEI_LIMIT_NAME_BYTES, 'x');
  g_autoptr (MabeiKnock) long_name = knock_with (scene, scene->li, scene->link, longest);
  g_autoptr (GPtrArray) messages = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref), more = NULL;

  to_door (scene->door, scene->knock);
  to_door (scene->door, long_name);
  to_knock (scene->knock, scene->door);
  mabei_door_decide (scene->door, 0, NULL);
  more = mabei_knock_messages (scene->knock);
  g_ptr_array_extend_and_steal (messages, g_steal_pointer (&more));
  more = mabei_knock_messages (long_name);
  g_ptr_array_extend_and_steal (messages, g_steal_pointer (&more));
  more = mabei_door_messages (scene->door);
  g_ptr_array_extend_and_steal (messages, g_steal_pointer (&more));
  g_assert_cmpuint (messages->len, ==, 6);
  for (guint i = 0; i < messages->len; i++) {
    g_assert_cmpuint (g_bytes_get_size (messages->pdata[i]), >=, 512);
    g_assert_cmpuint (g_bytes_get_size (messages->pdata[i]), <, 1024);
  }
}

static void
test_garbage (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GPtrArray) messages = mabei_knock_messages (scene->knock);
  gsize length;
  const guint8 *knock = g_bytes_get_data (messages->pdata[0], &length);

  for (gsize at = 0; at < length; at++) {
    g_autofree guint8 *copy = g_memdup2 (knock, length);
    g_autoptr (GBytes) flipped = NULL, part = g_bytes_new (knock, at);

    copy[at] ^= 0x20;
    flipped = g_bytes_new (copy, length);
    mabei_door_receive (scene->door, flipped);
    mabei_door_receive (scene->door, part);
    mabei_knock_receive (scene->knock, flipped);
    g_assert_cmpuint (mabei_door_n_knocks (scene->door), ==, 0);
  }
  to_door (scene->door, scene->knock);
  g_assert_cmpuint (mabei_door_n_knocks (scene->door), ==, 1);
  g_clear_pointer (&messages, g_ptr_array_unref);
  messages = mabei_door_messages (scene->door);
  knock = g_bytes_get_data (messages->pdata[0], &length);
  for (gsize at = 0; at < length; at++) {
    g_autofree guint8 *copy = g_memdup2 (knock, length);
    g_autoptr (GBytes) flipped = NULL;

    copy[at] ^= 0x20;
    flipped = g_bytes_new (copy, length);
    mabei_knock_receive (scene->knock, flipped);
    g_assert_cmpint (mabei_knock_state (scene->knock), ==, MABEI_KNOCK_SENT);
  }
}

/* Both sides are saved and loaded after every step. */
static void
test_restarts (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GBytes) welcome = some_welcome ();
  g_autofree char *code = NULL;

  for (guint step = 0; step < 6; step++) {
    g_autoptr (GBytes) knock = mabei_knock_save (scene->knock), door = mabei_door_save (scene->door);

    mabei_knock_free (scene->knock);
    mabei_door_free (scene->door);
    scene->knock = mabei_knock_load (knock, scene->li, NULL);
    scene->door = mabei_door_load (door, scene->wang, NULL);
    g_assert_nonnull (scene->knock);
    g_assert_nonnull (scene->door);
    if (step == 3) {
      code = g_strdup (mabei_knock_code (scene->knock));
      g_assert_cmpstr (code, ==, door_code (scene->door, 0));
      mabei_door_decide (scene->door, 0, welcome);
    }
    if (step % 2 == 0)
      to_door (scene->door, scene->knock);
    else
      to_knock (scene->knock, scene->door);
  }
  g_assert_cmpint (mabei_knock_state (scene->knock), ==, MABEI_KNOCK_ADMITTED);
  g_assert_cmpint (door_state (scene->door, 0), ==, MABEI_KNOCK_ADMITTED);
  g_assert_cmpstr (mabei_knock_code (scene->knock), ==, code);
  g_assert_cmpuint (mabei_door_n_knocks (scene->door), ==, 1);
}

static void
test_damaged_saves (Scene *scene, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GBytes) knock = NULL, door = NULL;
  g_autoptr (GError) error = NULL;

  to_door (scene->door, scene->knock);
  to_knock (scene->knock, scene->door);
  to_door (scene->door, scene->knock);
  knock = mabei_knock_save (scene->knock);
  door = mabei_door_save (scene->door);
  for (gsize length = 0; length < g_bytes_get_size (knock); length++) {
    g_autoptr (GBytes) part = g_bytes_new_from_bytes (knock, 0, length);

    g_assert_null (mabei_knock_load (part, scene->li, NULL));
  }
  for (gsize length = 0; length < g_bytes_get_size (door); length++) {
    g_autoptr (GBytes) part = g_bytes_new_from_bytes (door, 0, length);

    g_assert_null (mabei_door_load (part, scene->wang, NULL));
  }
  g_assert_null (mabei_knock_load (knock, scene->wang, &error)); /* another device's */
  g_assert_error (error, MABEI_INVITE_ERROR, MABEI_INVITE_ERROR_FORMAT);
}

static void
add (const char *path, void (*test) (Scene *, gconstpointer))
{
  g_test_add (path, Scene, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  add ("/knock/admission", test_admission);
  add ("/knock/refusal", test_refusal);
  add ("/knock/replayed-and-reordered", test_replayed_and_reordered);
  add ("/knock/welcome-before-answer", test_welcome_before_answer);
  add ("/knock/two-knocks", test_two_knocks);
  add ("/knock/many-knocks", test_many_knocks);
  add ("/knock/man-in-the-middle", test_man_in_the_middle);
  add ("/knock/false-admitter", test_false_admitter);
  add ("/knock/other-link", test_other_link);
  add ("/knock/one-try", test_one_try);
  add ("/knock/low-order-key", test_low_order_key);
  add ("/knock/not-his-keys", test_not_his_keys);
  add ("/knock/expired", test_expired);
  add ("/knock/names", test_names);
  add ("/knock/sizes", test_sizes);
  add ("/knock/garbage", test_garbage);
  add ("/knock/restarts", test_restarts);
  add ("/knock/damaged-saves", test_damaged_saves);
  return g_test_run ();
}
