#include "sync/hub/peer.h"

#include <sodium.h>
#include <string.h>

#include "core/authority/credential.h"
#include "sync/hub/peer_private.h"
#include "sync/peer/proof.h"

/* A device, over all its connections. A signature costs about 50 us: 5,000 frames a second are a quarter of a core. */
#define FRAMES_A_SECOND 5000.0
#define FRAMES_BURST 10000.0
#define BYTES_A_SECOND (8.0 * 1024 * 1024)
#define BYTES_BURST (16.0 * 1024 * 1024)
#define LIVE_A_SECOND 100.0
#define LIVE_BURST 200.0
#define LIVE_BYTES_A_SECOND (512.0 * 1024)
#define LIVE_BYTES_BURST (1024.0 * 1024)
#define PAUSE_MAX_MS 1000u

/* --- devices --- */

static guint
key_hash (gconstpointer key)
{
  guint value = 0;
  memcpy (&value, key, sizeof value);
  return value;
}

static gboolean
key_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, 32) == 0;
}

GHashTable *
mabei_hub_devices_new (void)
{
  return g_hash_table_new_full (key_hash, key_equal, NULL, g_free);
}

/* NULL when it has all the connections that it may have. Its rates are kept while it is connected: coming again at once
 * gives a fresh burst, so the limit of connections is also one of bursts. */
static MabeiHubDevice *
device_join (MabeiHubShared *shared, const guint8 key[32])
{
  MabeiHubDevice *device = g_hash_table_lookup (shared->devices, key);
  gint64 now_us = g_get_monotonic_time ();

  if (device == NULL) {
    device = g_new0 (MabeiHubDevice, 1);
    memcpy (device->key, key, sizeof device->key);
    mabei_hub_rate_init (&device->frames, FRAMES_A_SECOND, FRAMES_BURST, now_us);
    mabei_hub_rate_init (&device->bytes, BYTES_A_SECOND, BYTES_BURST, now_us);
    mabei_hub_rate_init (&device->live, LIVE_A_SECOND, LIVE_BURST, now_us);
    mabei_hub_rate_init (&device->live_bytes, LIVE_BYTES_A_SECOND, LIVE_BYTES_BURST, now_us);
    g_hash_table_insert (shared->devices, device->key, device);
  }
  if (device->connections >= shared->limits.max_device_connections)
    return NULL;
  device->connections++;
  return device;
}

static void
device_leave (MabeiHubShared *shared, MabeiHubDevice *device)
{
  if (--device->connections == 0)
    g_hash_table_remove (shared->devices, device->key);
}

/* --- out --- */

void
mabei_hub_peer_send (MabeiHubPeer *self, const MabeiFrame *frame)
{
  g_autoptr (GBytes) bytes = mabei_frame_encode (frame);
  mabei_hub_connection_send (self->connection, bytes);
}

void
mabei_hub_peer_refuse (MabeiHubPeer *self, guint64 tag, MabeiRefuse code)
{
  MabeiFrame frame = {.type = MABEI_FRAME_REFUSE, .tag = tag, .code = code};
  self->shared->metrics.refused[code]++;
  mabei_hub_peer_send (self, &frame);
}

void
mabei_hub_peer_fault (MabeiHubPeer *self, MabeiRefuse code)
{
  self->shared->metrics.faults++;
  mabei_hub_peer_refuse (self, 0, code);
  mabei_hub_connection_close (self->connection);
}

static void
on_stored (gpointer author, guint64 tag, guint64 position)
{
  MabeiFrame frame = {.type = MABEI_FRAME_ACK, .tag = tag, .position = position};
  mabei_hub_peer_send (author, &frame);
}

static void
on_refused (gpointer author, guint64 tag)
{
  mabei_hub_peer_refuse (author, tag, MABEI_REFUSE_FULL);
}

static void
on_grown (MabeiHubMailbox *mailbox)
{
  for (guint i = 0; i < mailbox->readers->len; i++)
    mabei_hub_reader_wake (g_ptr_array_index (mailbox->readers, i));
}

const MabeiHubCommitListener mabei_hub_peer_commit_listener = {on_stored, on_refused, on_grown};

/* --- handshake --- */

static gboolean
credential_allows (MabeiHubPeer *self, const MabeiFrame *frame)
{
  if (!self->shared->has_court_key)
    return TRUE;
  if (frame->credential == NULL || g_bytes_get_size (frame->credential) == 0)
    return FALSE;
  g_autoptr (MabeiCredential) credential = mabei_credential_parse (frame->credential, NULL);
  return credential != NULL && memcmp (credential->court_key, self->shared->court_key, 32) == 0 &&
         memcmp (credential->device.sign_key, frame->key, 32) == 0 &&
         (credential->rights & MABEI_RIGHT_OPEN_CASES) != 0;
}

static void
peer_authenticate (MabeiHubPeer *self, const MabeiFrame *frame)
{
  MabeiDeviceKey *key = mabei_hub_store_key (self->shared->store);
  MabeiFrame ready = {.type = MABEI_FRAME_READY};

  if (!mabei_proof_check_auth (frame, self->salt, mabei_device_key_public (key)->sign_key)) {
    mabei_hub_peer_fault (self, MABEI_REFUSE_NOT_ALLOWED);
    return;
  }
  self->device = device_join (self->shared, frame->key);
  if (self->device == NULL) {
    mabei_hub_peer_refuse (self, 0, MABEI_REFUSE_BUSY);
    mabei_hub_connection_close (self->connection);
    return;
  }
  self->may_create = credential_allows (self, frame);
  self->reader =
      mabei_hub_reader_new (self->shared->store, self->shared->mailboxes, &self->shared->metrics, self->connection);
  self->state = MABEI_HUB_PEER_READY;
  self->shared->metrics.ready++;
  ready.store_epoch = *mabei_hub_store_epoch (self->shared->store);
  mabei_proof_sign_ready (&ready, key, self->other_salt, self->salt);
  mabei_hub_peer_send (self, &ready);
}

static void
peer_shake_hands (MabeiHubPeer *self, const MabeiFrame *frame)
{
  if (self->state == MABEI_HUB_PEER_NEW && frame->type == MABEI_FRAME_HELLO &&
      frame->version == MABEI_PROTOCOL_VERSION) {
    memcpy (self->other_salt, frame->salt, sizeof self->other_salt);
    self->state = MABEI_HUB_PEER_GREETED;
  } else if (self->state == MABEI_HUB_PEER_GREETED && frame->type == MABEI_FRAME_AUTH) {
    peer_authenticate (self, frame);
  } else {
    mabei_hub_peer_fault (self, MABEI_REFUSE_FORMAT);
  }
}

/* Over its rate a device is not refused, only read more slowly: its line fills, it waits, nothing is lost. */
static void
peer_charge (MabeiHubPeer *self, gsize bytes)
{
  MabeiHubDevice *device = self->device;
  gint64 now_us = self->heard_us;
  guint wait_ms = 0;

  if (!mabei_hub_rate_take (&device->frames, 1, now_us))
    wait_ms = mabei_hub_rate_wait_ms (&device->frames, now_us);
  if (!mabei_hub_rate_take (&device->bytes, (double) bytes, now_us))
    wait_ms = MAX (wait_ms, mabei_hub_rate_wait_ms (&device->bytes, now_us));
  mabei_hub_connection_pause (self->connection, MIN (wait_ms, PAUSE_MAX_MS));
}

void
mabei_hub_peer_receive (MabeiHubPeer *self, GBytes *encoded)
{
  g_autoptr (MabeiFrame) frame = mabei_frame_decode (encoded, NULL);

  self->heard_us = g_get_monotonic_time ();
  if (frame == NULL) {
    mabei_hub_peer_fault (self, MABEI_REFUSE_FORMAT);
    return;
  }
  if (self->state != MABEI_HUB_PEER_READY) {
    peer_shake_hands (self, frame);
    return;
  }
  peer_charge (self, g_bytes_get_size (encoded));
  if (!mabei_hub_peer_request (self, frame, encoded))
    mabei_hub_peer_fault (self, MABEI_REFUSE_FORMAT);
}

void
mabei_hub_peer_drained (MabeiHubPeer *self)
{
  if (self->reader != NULL)
    mabei_hub_reader_wake (self->reader);
}

gboolean
mabei_hub_peer_is_ready (MabeiHubPeer *self)
{
  return self->state == MABEI_HUB_PEER_READY;
}

gint64
mabei_hub_peer_heard_us (MabeiHubPeer *self)
{
  return self->heard_us;
}

MabeiHubPeer *
mabei_hub_peer_new (MabeiHubShared *shared, MabeiHubConnection *connection)
{
  MabeiHubPeer *self = g_new0 (MabeiHubPeer, 1);
  MabeiFrame hello = {.type = MABEI_FRAME_HELLO, .version = MABEI_PROTOCOL_VERSION};
  MabeiDeviceKey *key = mabei_hub_store_key (shared->store);

  self->shared = shared;
  self->connection = connection;
  self->heard_us = g_get_monotonic_time ();
  randombytes_buf (self->salt, sizeof self->salt);
  memcpy (hello.salt, self->salt, sizeof hello.salt);
  memcpy (hello.key, mabei_device_key_public (key)->sign_key, sizeof hello.key);
  mabei_hub_peer_send (self, &hello);
  return self;
}

void
mabei_hub_peer_free (MabeiHubPeer *self)
{
  if (self == NULL)
    return;
  mabei_hub_commit_forget (self->shared->commit, self);
  if (self->state == MABEI_HUB_PEER_READY)
    self->shared->metrics.ready--;
  mabei_hub_reader_free (self->reader);
  if (self->device != NULL)
    device_leave (self->shared, self->device);
  g_free (self);
}
