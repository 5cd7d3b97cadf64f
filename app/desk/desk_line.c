#include "app/desk/desk_line.h"

#include <sodium.h>
#include <string.h>

#include "app/desk/admission.h"
#include "app/desk/meeting.h"
#include "core/base/cbor.h"
#include "sync/carrier/hub_client.h"
#include "sync/peer/presence.h"

#define PRESENCE_EVERY_MS 8000
#define PRESENCE_SOON_MS 250
#define PRESENT_FOR_MS 25000
#define WAIT_STEP_MS 30
#define URL_BYTES 256
#define READ_MS 10000

struct _MabeiLine {
  MabeiDesk *desk;
  MabeiHubClient *client;
  char *url;
  guint8 key[32];
  gboolean key_known;
  gboolean offline;
  guint64 number;      /* of live messages: random start, so that a restarted program is not taken for a replay */
  GHashTable *heard;   /* MabeiShortId device -> gint64 monotonic ms */
  GHashTable *numbers; /* MabeiShortId device -> guint64 last live number */
  GSource *presence_timer;
  gboolean presence_soon;
  GPtrArray *waits; /* Wait */
};

typedef struct {
  MabeiDeskLine *line;
  gint64 deadline_ms;
  GSource *timer;
  guint quiet; /* consecutive idle looks: a space that has just become known is opened a moment later */
  void (*done) (gboolean, gpointer);
  gpointer user_data;
} Wait;

static gint64
monotonic_ms (void)
{
  return g_get_monotonic_time () / 1000;
}

static GSource *
arm (guint delay_ms, GSourceFunc func, gpointer data)
{
  GSource *source = g_timeout_source_new (delay_ms);
  g_source_set_callback (source, func, data, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

static void
disarm (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_source_unref (*source);
  *source = NULL;
}

/* --- presence --- */

static gboolean on_presence (gpointer user_data);

static void
presence_in (MabeiDeskLine *line, guint delay_ms)
{
  disarm (&line->presence_timer);
  line->presence_timer = arm (delay_ms, on_presence, line);
}

static void
send_presence (MabeiDeskLine *line, gboolean leaving)
{
  MabeiExchange *exchange = line->client != NULL ? mabei_hub_client_exchange (line->client) : NULL;
  if (exchange == NULL || !mabei_exchange_is_ready (exchange))
    return;
  MabeiReplica *replica = mabei_desk_replica (line->desk);
  GPtrArray *cases = mabei_replica_cases (replica);
  for (guint i = 0; i < cases->len; i++) {
    GPtrArray *spaces = mabei_case_spaces (g_ptr_array_index (cases, i));
    for (guint s = 0; s < spaces->len; s++) {
      MabeiSpace *space = g_ptr_array_index (spaces, s);
      g_autoptr (GBytes) message = mabei_live_presence (replica, space, ++line->number, leaving);
      if (message != NULL)
        mabei_exchange_send_live (exchange, space, g_bytes_get_data (message, NULL), g_bytes_get_size (message));
    }
  }
  mabei_hub_client_wake (line->client);
}

static gboolean
on_presence (gpointer user_data)
{
  MabeiDeskLine *line = user_data;
  line->presence_soon = FALSE;
  send_presence (line, FALSE);
  presence_in (line, PRESENCE_EVERY_MS);
  return G_SOURCE_REMOVE;
}

static void
presence_soon (MabeiDeskLine *line)
{
  if (line->presence_soon)
    return;
  line->presence_soon = TRUE;
  presence_in (line, PRESENCE_SOON_MS);
}

static void
heard (MabeiDeskLine *line, MabeiSpace *space, const MabeiLive *live)
{
  gboolean was_present = mabei_desk_line_is_present (line, &live->from);
  if (live->leaving) {
    g_hash_table_remove (line->heard, &live->from);
  } else {
    gint64 *at = g_new (gint64, 1);
    *at = monotonic_ms ();
    g_hash_table_replace (line->heard, g_memdup2 (&live->from, sizeof live->from), at);
    /* A newcomer has not heard us yet. */
    if (!was_present)
      presence_soon (line);
  }
  g_autoptr (GError) error = NULL;
  if (!mabei_replica_set_peer_heads (mabei_desk_replica (line->desk), space, &live->from, live->heads, live->n_heads,
                                     mabei_desk_now_ms (), &error))
    g_warning ("what a peer has could not be kept: %s", error->message);
  mabei_desk_changed (line->desk, MABEI_DESK_CASES | MABEI_DESK_SYNC);
}

/* --- what the exchange tells --- */

static void
on_live (G_GNUC_UNUSED MabeiExchange *exchange,
         MabeiSpace *space,
         G_GNUC_UNUSED const MabeiShortId *mailbox,
         GBytes *data,
         gpointer user_data)
{
  MabeiDeskLine *line = user_data;
  if (space == NULL)
    return;
  g_autoptr (GError) error = NULL;
  g_autoptr (MabeiLive) live = mabei_live_open (mabei_desk_replica (line->desk), space, data, &error);
  if (live == NULL) {
    g_debug ("a live message is shed: %s", error->message);
    return;
  }
  if (mabei_short_id_equal (&live->from,
                            mabei_device_key_id (mabei_replica_keys (mabei_desk_replica (line->desk))->device)))
    return;
  guint64 *last = g_hash_table_lookup (line->numbers, &live->from);
  /* A hub could repeat or hold back live messages: older ones than the last count for nothing. */
  if (last != NULL && live->number <= *last)
    return;
  guint64 *number = g_new (guint64, 1);
  *number = live->number;
  g_hash_table_replace (line->numbers, g_memdup2 (&live->from, sizeof live->from), number);
  if (live->type == MABEI_LIVE_PRESENCE)
    heard (line, space, live);
  else if (live->data != NULL)
    mabei_meeting_receive (mabei_desk_meeting (line->desk), mabei_space_case (space), &live->from, live->data);
}

static void
on_record (G_GNUC_UNUSED MabeiExchange *exchange, const MabeiShortId *mailbox, GBytes *data, gpointer user_data)
{
  MabeiDeskLine *line = user_data;
  mabei_admission_receive (mabei_desk_admission (line->desk), mailbox, data);
}

static void
on_progress (G_GNUC_UNUSED MabeiExchange *exchange, gpointer user_data)
{
  MabeiDeskLine *line = user_data;
  presence_soon (line);
  mabei_desk_changed (line->desk, MABEI_DESK_CASES | MABEI_DESK_SYNC);
}

static gboolean
save_hub (MabeiDeskLine *line, GError **error)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  mabei_cbor_write_array (out, 2);
  mabei_cbor_write_text (out, line->url);
  mabei_cbor_write_bytes (out, line->key, line->key_known ? 32 : 0);
  g_autoptr (GBytes) value = g_byte_array_free_to_bytes (g_steal_pointer (&out));
  return mabei_replica_set_item (mabei_desk_replica (line->desk), "hub", value, error);
}

static void
load_hub (MabeiDeskLine *line)
{
  g_autoptr (GBytes) value = mabei_replica_item (mabei_desk_replica (line->desk), "hub");
  if (value == NULL)
    return;
  MabeiCborReader reader;
  gsize size;
  const guint8 *data = g_bytes_get_data (value, &size), *key = NULL;
  g_autofree char *url = NULL;
  gsize key_length = 0;
  guint64 count = 0;
  mabei_cbor_reader_init (&reader, data, size);
  if (mabei_cbor_read_array (&reader, 2, &count) && count == 2 && mabei_cbor_read_text (&reader, URL_BYTES, &url) &&
      mabei_cbor_read_bytes (&reader, 32, &key, &key_length) && mabei_cbor_reader_finish (&reader, NULL)) {
    line->url = g_steal_pointer (&url);
    line->key_known = key_length == 32;
    if (line->key_known)
      memcpy (line->key, key, 32);
  }
}

/* Everything that the hub had is read: now it shows what is missing there. */
static void
on_read (G_GNUC_UNUSED gboolean idle, gpointer user_data)
{
  MabeiDeskLine *line = user_data;
  mabei_admission_line_read (mabei_desk_admission (line->desk));
}

static void
on_state (MabeiHubClient *client, gboolean ready, const char *reason, gpointer user_data)
{
  MabeiDeskLine *line = user_data;
  MabeiExchange *exchange = mabei_hub_client_exchange (client);
  const guint8 *key = ready && exchange != NULL ? mabei_exchange_hub_key (exchange) : NULL;
  if (key != NULL && !line->key_known) {
    /* The first meeting: from now on only this hub is this hub. */
    memcpy (line->key, key, 32);
    line->key_known = TRUE;
    g_autoptr (GError) error = NULL;
    if (!save_hub (line, &error))
      g_warning ("the hub's key could not be kept: %s", error->message);
  }
  if (ready) {
    presence_soon (line);
    mabei_desk_line_when_idle (line, READ_MS, on_read, line);
  } else {
    g_hash_table_remove_all (line->heard);
  }
  mabei_meeting_line_changed (mabei_desk_meeting (line->desk), ready);
  if (!ready && reason != NULL)
    g_debug ("no line to the hub: %s", reason);
  mabei_desk_changed (line->desk, MABEI_DESK_SYNC | MABEI_DESK_CASES);
}

/* --- life --- */

MabeiDeskLine *
mabei_desk_line_new (MabeiDesk *desk)
{
  MabeiDeskLine *line = g_new0 (MabeiDeskLine, 1);
  line->desk = desk;
  line->heard = g_hash_table_new_full (mabei_short_id_hash, mabei_short_id_equal, g_free, g_free);
  line->numbers = g_hash_table_new_full (mabei_short_id_hash, mabei_short_id_equal, g_free, g_free);
  line->waits = g_ptr_array_new ();
  line->number = (mabei_desk_now_ms () << 20) | randombytes_uniform (1u << 20);
  load_hub (line);
  g_autoptr (GBytes) offline = mabei_replica_item (mabei_desk_replica (desk), "offline");
  line->offline = offline != NULL;
  return line;
}

void
mabei_desk_line_free (MabeiDeskLine *line)
{
  if (line == NULL)
    return;
  send_presence (line, TRUE);
  disarm (&line->presence_timer);
  for (guint i = 0; i < line->waits->len; i++) {
    Wait *wait = g_ptr_array_index (line->waits, i);
    disarm (&wait->timer);
    g_free (wait);
  }
  g_ptr_array_unref (line->waits);
  g_clear_pointer (&line->client, mabei_hub_client_free);
  g_hash_table_unref (line->heard);
  g_hash_table_unref (line->numbers);
  g_free (line->url);
  g_free (line);
}

static gboolean
start_client (MabeiDeskLine *line, GError **error)
{
  MabeiHubClientListener listener = {0};
  listener.state = on_state;
  listener.exchange.live = on_live;
  listener.exchange.record = on_record;
  listener.exchange.progress = on_progress;
  listener.user_data = line;
  listener.exchange.user_data = line;
  line->client = mabei_hub_client_new (mabei_desk_replica (line->desk), line->url, line->key_known ? line->key : NULL,
                                       &listener, error);
  if (line->client == NULL)
    return FALSE;
  if (line->offline)
    mabei_hub_client_set_offline (line->client, TRUE);
  mabei_admission_line_opened (mabei_desk_admission (line->desk));
  return TRUE;
}

gboolean
mabei_desk_line_set_hub (MabeiDeskLine *line, const char *url, const guint8 *key, GError **error)
{
  if (strlen (url) > URL_BYTES) {
    g_set_error_literal (error, MABEI_DESK_ERROR, MABEI_CODE_TOO_LARGE, "the hub's address is too long");
    return FALSE;
  }
  if (line->url != NULL && line->key_known && key != NULL && memcmp (line->key, key, 32) != 0) {
    g_set_error (error, MABEI_DESK_ERROR, MABEI_CODE_USED, "this profile belongs to another hub, %s", line->url);
    return FALSE;
  }
  gboolean same = g_strcmp0 (line->url, url) == 0;
  if (!same) {
    g_free (line->url);
    line->url = g_strdup (url);
  }
  if (key != NULL) {
    memcpy (line->key, key, 32);
    line->key_known = TRUE;
  }
  if (!save_hub (line, error))
    return FALSE;
  if (!same)
    g_clear_pointer (&line->client, mabei_hub_client_free);
  return line->client != NULL || start_client (line, error);
}

const char *
mabei_desk_line_hub (MabeiDeskLine *line, const guint8 **key)
{
  if (key != NULL)
    *key = line->key_known ? line->key : NULL;
  return line->url;
}

void
mabei_desk_line_connect (MabeiDeskLine *line)
{
  g_autoptr (GError) error = NULL;
  if (line->url != NULL && line->client == NULL && !start_client (line, &error))
    g_warning ("the hub cannot be reached: %s", error->message);
}

void
mabei_desk_line_set_offline (MabeiDeskLine *line, gboolean offline)
{
  g_autoptr (GBytes) mark = offline ? g_bytes_new_static ("\1", 1) : NULL;
  g_autoptr (GError) error = NULL;
  if (!mabei_replica_set_item (mabei_desk_replica (line->desk), "offline", mark, &error))
    g_warning ("the offline switch could not be kept: %s", error->message);
  line->offline = offline;
  if (line->client != NULL)
    mabei_hub_client_set_offline (line->client, offline);
  mabei_meeting_set_link_up (mabei_desk_meeting (line->desk), !offline);
  mabei_desk_changed (line->desk, MABEI_DESK_SYNC);
}

gboolean
mabei_desk_line_is_offline (MabeiDeskLine *line)
{
  return line->offline;
}

gboolean
mabei_desk_line_is_ready (MabeiDeskLine *line)
{
  return line->client != NULL && mabei_hub_client_is_ready (line->client);
}

void
mabei_desk_line_counts (MabeiDeskLine *line, guint64 *bytes_in, guint64 *bytes_out)
{
  *bytes_in = *bytes_out = 0;
  if (line->client != NULL)
    mabei_hub_client_counts (line->client, bytes_in, bytes_out);
}

void
mabei_desk_line_wake (MabeiDeskLine *line)
{
  if (line->client == NULL)
    return;
  mabei_hub_client_wake (line->client);
  presence_soon (line);
}

void
mabei_desk_line_watch (MabeiDeskLine *line, MabeiSecret *secret, gboolean create)
{
  if (line->client != NULL)
    mabei_hub_client_watch (line->client, secret, create);
}

void
mabei_desk_line_unwatch (MabeiDeskLine *line, MabeiSecret *secret)
{
  if (line->client != NULL)
    mabei_hub_client_unwatch (line->client, secret);
}

void
mabei_desk_line_post (MabeiDeskLine *line, MabeiSecret *secret, GBytes *data)
{
  if (line->client != NULL)
    mabei_hub_client_post (line->client, secret, data);
}

gboolean
mabei_desk_line_send_call (
    MabeiDeskLine *line, MabeiCase *c, const MabeiShortId *device, gconstpointer data, gsize length)
{
  MabeiExchange *exchange = line->client != NULL ? mabei_hub_client_exchange (line->client) : NULL;
  MabeiSpace *joint = mabei_case_space_of_kind (c, MABEI_SPACE_JOINT, NULL);
  if (exchange == NULL || joint == NULL || !mabei_exchange_is_ready (exchange))
    return FALSE;
  g_autoptr (GBytes) message =
      mabei_live_call (mabei_desk_replica (line->desk), joint, device, ++line->number, data, length);
  if (message == NULL)
    return FALSE;
  gboolean sent =
      mabei_exchange_send_live (exchange, joint, g_bytes_get_data (message, NULL), g_bytes_get_size (message));
  mabei_hub_client_wake (line->client);
  return sent;
}

gboolean
mabei_desk_line_is_present (MabeiDeskLine *line, const MabeiShortId *device)
{
  gint64 *at = g_hash_table_lookup (line->heard, device);
  return at != NULL && monotonic_ms () - *at < PRESENT_FOR_MS;
}

static gboolean
on_wait (gpointer user_data)
{
  Wait *wait = user_data;
  MabeiDeskLine *line = wait->line;
  MabeiExchange *exchange = line->client != NULL ? mabei_hub_client_exchange (line->client) : NULL;
  gboolean idle = exchange != NULL && mabei_exchange_is_idle (exchange);
  wait->quiet = idle ? wait->quiet + 1 : 0;
  if (wait->quiet < 3 && monotonic_ms () < wait->deadline_ms)
    return G_SOURCE_CONTINUE;
  g_ptr_array_remove (line->waits, wait);
  disarm (&wait->timer);
  wait->done (wait->quiet >= 3, wait->user_data);
  g_free (wait);
  return G_SOURCE_REMOVE;
}

void
mabei_desk_line_when_idle (MabeiDeskLine *line, guint timeout_ms, void (*done) (gboolean, gpointer), gpointer user_data)
{
  Wait *wait = g_new0 (Wait, 1);
  *wait = (Wait){.line = line, .deadline_ms = monotonic_ms () + timeout_ms, .done = done, .user_data = user_data};
  g_ptr_array_add (line->waits, wait);
  wait->timer = arm (WAIT_STEP_MS, on_wait, wait);
}
