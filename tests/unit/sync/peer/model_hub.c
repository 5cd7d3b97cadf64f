#include "tests/unit/sync/peer/model_hub.h"

#include <sodium.h>
#include <string.h>

#include "core/authority/credential.h"
#include "sync/peer/proof.h"

typedef struct {
  GBytes *data;
  guint8 signature[MABEI_SIGNATURE_BYTES];
} Stored;

typedef struct {
  MabeiShortId id;
  guint8 read_key[32];
  guint8 write_key[32];
  GPtrArray *records; /* Stored; position = index + 1 */
} Box;

struct _ModelHub {
  MabeiDeviceKey *key;
  MabeiShortId epoch;
  GPtrArray *boxes;
  GPtrArray *lines;
  guint n_refuse;
  MabeiRefuse code;
};

typedef struct {
  Box *box;
  guint64 cursor;
  gboolean is_done;
} Open;

typedef struct {
  guint64 tag;
  gsize bytes;
} Sent;

struct _ModelLine {
  ModelHub *hub;
  guint8 salt[32];
  guint8 other_salt[32];
  gboolean has_hello, is_ready, may_create;
  GQueue *out;
  GQueue *held; /* answers that wait */
  gboolean holds;
  GArray *open; /* Open */
  GArray *sent; /* Sent */
  gsize sent_bytes;
  guint64 next_tag;
  guint peak_records;
  gsize peak_bytes;
  gsize held_bytes;
  GHashTable *mailboxes; /* MabeiShortId that frames of this device named */
};

static void
stored_free (Stored *stored)
{
  g_bytes_unref (stored->data);
  g_free (stored);
}

static void
box_free (Box *box)
{
  g_ptr_array_unref (box->records);
  g_free (box);
}

ModelHub *
model_hub_new (void)
{
  ModelHub *hub = g_new0 (ModelHub, 1);

  hub->key = mabei_device_key_new ();
  hub->boxes = g_ptr_array_new_with_free_func ((GDestroyNotify) box_free);
  hub->lines = g_ptr_array_new ();
  randombytes_buf (&hub->epoch, sizeof hub->epoch);
  return hub;
}

void
model_hub_free (ModelHub *hub)
{
  if (hub == NULL)
    return;
  g_assert_cmpuint (hub->lines->len, ==, 0);
  g_ptr_array_unref (hub->lines);
  g_ptr_array_unref (hub->boxes);
  mabei_device_key_free (hub->key);
  g_free (hub);
}

const guint8 *
model_hub_key (ModelHub *hub)
{
  return mabei_device_key_public (hub->key)->sign_key;
}

void
model_hub_forget (ModelHub *hub)
{
  g_assert_cmpuint (hub->lines->len, ==, 0);
  g_ptr_array_set_size (hub->boxes, 0);
  randombytes_buf (&hub->epoch, sizeof hub->epoch);
}

void
model_hub_refuse (ModelHub *hub, guint n, MabeiRefuse code)
{
  hub->n_refuse = n;
  hub->code = code;
}

guint
model_hub_n_records (ModelHub *hub)
{
  guint n = 0;

  for (guint i = 0; i < hub->boxes->len; i++)
    n += ((Box *) hub->boxes->pdata[i])->records->len;
  return n;
}

guint
model_hub_n_mailboxes (ModelHub *hub)
{
  return hub->boxes->len;
}

static Box *
find_box (ModelHub *hub, const MabeiShortId *id)
{
  for (guint i = 0; i < hub->boxes->len; i++) {
    Box *box = hub->boxes->pdata[i];

    if (mabei_short_id_equal (&box->id, id))
      return box;
  }
  return NULL;
}

/* The position of the record, new or there before. */
static guint64
store (Box *box, const MabeiFrame *frame)
{
  Stored *stored;

  for (guint i = 0; i < box->records->len; i++)
    if (g_bytes_equal (((Stored *) box->records->pdata[i])->data, frame->data))
      return i + 1;
  stored = g_new0 (Stored, 1);
  stored->data = g_bytes_ref (frame->data);
  memcpy (stored->signature, frame->signature, sizeof stored->signature);
  g_ptr_array_add (box->records, stored);
  return box->records->len;
}

void
model_hub_plant (ModelHub *hub, const MabeiFrame *record)
{
  Box *box = find_box (hub, &record->mailbox);

  g_assert_nonnull (box);
  store (box, record);
}

static void
send_frame (ModelLine *line, const MabeiFrame *frame)
{
  g_queue_push_tail (line->out, mabei_frame_encode (frame));
}

static void
answer (ModelLine *line, const MabeiFrame *frame)
{
  g_queue_push_tail (line->holds ? line->held : line->out, mabei_frame_encode (frame));
}

static void
refuse (ModelLine *line, guint64 tag, MabeiRefuse code)
{
  MabeiFrame frame = {.type = MABEI_FRAME_REFUSE, .tag = tag, .code = code};

  answer (line, &frame);
}

ModelLine *
model_hub_connect (ModelHub *hub)
{
  ModelLine *line = g_new0 (ModelLine, 1);
  MabeiFrame hello = {.type = MABEI_FRAME_HELLO, .version = MABEI_PROTOCOL_VERSION};

  line->hub = hub;
  line->out = g_queue_new ();
  line->held = g_queue_new ();
  line->open = g_array_new (FALSE, FALSE, sizeof (Open));
  line->sent = g_array_new (FALSE, FALSE, sizeof (Sent));
  line->mailboxes = g_hash_table_new_full (mabei_short_id_hash, mabei_short_id_equal, g_free, NULL);
  line->next_tag = 1;
  g_ptr_array_add (hub->lines, line);
  randombytes_buf (line->salt, sizeof line->salt);
  memcpy (hello.salt, line->salt, sizeof hello.salt);
  memcpy (hello.key, model_hub_key (hub), sizeof hello.key);
  send_frame (line, &hello);
  return line;
}

void
model_line_free (ModelLine *line)
{
  if (line == NULL)
    return;
  g_ptr_array_remove (line->hub->lines, line);
  g_queue_free_full (line->out, (GDestroyNotify) g_bytes_unref);
  g_queue_free_full (line->held, (GDestroyNotify) g_bytes_unref);
  g_array_unref (line->open);
  g_array_unref (line->sent);
  g_hash_table_unref (line->mailboxes);
  g_free (line);
}

static void
on_auth (ModelLine *line, const MabeiFrame *frame)
{
  MabeiFrame ready = {.type = MABEI_FRAME_READY, .store_epoch = line->hub->epoch};
  g_autoptr (MabeiCredential) credential =
      frame->credential != NULL ? mabei_credential_parse (frame->credential, NULL) : NULL;

  g_assert_true (mabei_proof_check_auth (frame, line->salt, model_hub_key (line->hub)));
  line->may_create = credential != NULL && memcmp (credential->device.sign_key, frame->key, 32) == 0 &&
                     (credential->rights & MABEI_RIGHT_OPEN_CASES) != 0;
  line->is_ready = TRUE;
  mabei_proof_sign_ready (&ready, line->hub->key, line->other_salt, line->salt);
  send_frame (line, &ready);
}

static void
on_create (ModelLine *line, const MabeiFrame *frame)
{
  MabeiFrame ack = {.type = MABEI_FRAME_ACK, .tag = frame->tag};
  MabeiShortId id;
  Box *box;

  if (!line->may_create) {
    refuse (line, frame->tag, MABEI_REFUSE_NOT_ALLOWED);
    return;
  }
  mabei_mailbox_id (frame->read_key, frame->write_key, &id);
  if (find_box (line->hub, &id) == NULL) {
    box = g_new0 (Box, 1);
    box->id = id;
    memcpy (box->read_key, frame->read_key, 32);
    memcpy (box->write_key, frame->write_key, 32);
    box->records = g_ptr_array_new_with_free_func ((GDestroyNotify) stored_free);
    g_ptr_array_add (line->hub->boxes, box);
  }
  answer (line, &ack);
}

static void
on_open (ModelLine *line, const MabeiFrame *frame)
{
  MabeiShortId id;
  Open fresh = {.cursor = frame->cursor};

  g_assert_true (mabei_proof_check_open (frame, line->salt, &id));
  g_hash_table_add (line->mailboxes, g_memdup2 (&id, sizeof id));
  fresh.box = find_box (line->hub, &id);
  if (fresh.box == NULL) {
    refuse (line, frame->tag, MABEI_REFUSE_NOT_FOUND);
    return;
  }
  if (fresh.cursor > fresh.box->records->len)
    fresh.cursor = 0;
  for (guint i = 0; i < line->open->len; i++)
    if (g_array_index (line->open, Open, i).box == fresh.box) {
      g_array_index (line->open, Open, i) = fresh;
      return;
    }
  g_array_append_val (line->open, fresh);
}

static void
on_record (ModelLine *line, const MabeiFrame *frame)
{
  MabeiFrame ack = {.type = MABEI_FRAME_ACK, .tag = frame->tag};
  Box *box = find_box (line->hub, &frame->mailbox);

  g_hash_table_add (line->mailboxes, g_memdup2 (&frame->mailbox, sizeof frame->mailbox));
  g_assert_true (mabei_envelope_size_is_valid (g_bytes_get_size (frame->data)));
  if (box == NULL) {
    refuse (line, frame->tag, MABEI_REFUSE_NOT_FOUND);
    return;
  }
  if (line->hub->n_refuse > 0) {
    line->hub->n_refuse--;
    refuse (line, frame->tag, line->hub->code);
    return;
  }
  g_assert_true (mabei_proof_check_data (frame, box->write_key));
  ack.position = store (box, frame);
  answer (line, &ack);
}

static void
on_live (ModelLine *line, const MabeiFrame *frame)
{
  Box *box = find_box (line->hub, &frame->mailbox);

  if (box == NULL || !mabei_proof_check_data (frame, box->write_key))
    return;
  for (guint i = 0; i < line->hub->lines->len; i++) {
    ModelLine *other = line->hub->lines->pdata[i];

    for (guint k = 0; other != line && k < other->open->len; k++)
      if (g_array_index (other->open, Open, k).box == box)
        send_frame (other, frame);
  }
}

static void
on_acknowledged (ModelLine *line, guint64 tag)
{
  for (guint i = 0; i < line->sent->len; i++)
    if (g_array_index (line->sent, Sent, i).tag == tag) {
      line->sent_bytes -= g_array_index (line->sent, Sent, i).bytes;
      g_array_remove_index (line->sent, i);
      return;
    }
  g_assert_not_reached ();
}

static void
note_peak (ModelLine *line, const MabeiFrame *frame, gsize bytes)
{
  if (frame->type != MABEI_FRAME_RECORD || !line->holds)
    return;
  line->held_bytes += bytes;
  line->peak_records = MAX (line->peak_records, line->held->length);
  line->peak_bytes = MAX (line->peak_bytes, line->held_bytes);
}

gboolean
model_line_receive (ModelLine *line, GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MabeiFrame) frame = mabei_frame_decode (bytes, &error);
  MabeiFrame pong = {.type = MABEI_FRAME_PONG};

  g_assert_no_error (error);
  if (frame->type == MABEI_FRAME_HELLO && !line->has_hello) {
    line->has_hello = TRUE;
    memcpy (line->other_salt, frame->salt, 32);
  } else if (frame->type == MABEI_FRAME_AUTH && line->has_hello && !line->is_ready) {
    on_auth (line, frame);
  } else if (!line->is_ready) {
    return FALSE;
  } else if (frame->type == MABEI_FRAME_CREATE) {
    on_create (line, frame);
  } else if (frame->type == MABEI_FRAME_OPEN) {
    on_open (line, frame);
  } else if (frame->type == MABEI_FRAME_RECORD) {
    on_record (line, frame);
  } else if (frame->type == MABEI_FRAME_ACK) {
    on_acknowledged (line, frame->tag);
  } else if (frame->type == MABEI_FRAME_LIVE) {
    on_live (line, frame);
  } else if (frame->type == MABEI_FRAME_PING) {
    pong.number = frame->number;
    send_frame (line, &pong);
  } else {
    return FALSE;
  }
  note_peak (line, frame, g_bytes_get_size (bytes));
  return TRUE;
}

static GBytes *
read_on (ModelLine *line, Open *open)
{
  MabeiFrame frame = {.type = MABEI_FRAME_DONE, .mailbox = open->box->id};
  Stored *stored;
  Sent sent;

  if (open->cursor == open->box->records->len) {
    open->is_done = TRUE;
    return mabei_frame_encode (&frame);
  }
  if (line->sent->len >= MABEI_LIMIT_IN_FLIGHT || line->sent_bytes >= MABEI_LIMIT_CREDIT_BYTES)
    return NULL;
  stored = open->box->records->pdata[open->cursor];
  frame.type = MABEI_FRAME_RECORD;
  frame.tag = line->next_tag++;
  frame.position = ++open->cursor;
  frame.data = stored->data;
  memcpy (frame.signature, stored->signature, sizeof frame.signature);
  sent = (Sent){frame.tag, g_bytes_get_size (stored->data)};
  g_array_append_val (line->sent, sent);
  line->sent_bytes += sent.bytes;
  return mabei_frame_encode (&frame);
}

GBytes *
model_line_next (ModelLine *line)
{
  GBytes *frame = g_queue_pop_head (line->out);

  for (guint i = 0; i < line->open->len && frame == NULL; i++) {
    Open *open = &g_array_index (line->open, Open, i);

    if (!open->is_done || open->cursor < open->box->records->len)
      frame = read_on (line, open);
  }
  return frame;
}

void
model_line_peak (ModelLine *line, guint *records, gsize *bytes)
{
  *records = line->peak_records;
  *bytes = line->peak_bytes;
}

void
model_line_hold_answers (ModelLine *line, gboolean hold)
{
  GBytes *frame;

  line->holds = hold;
  while (!hold && (frame = g_queue_pop_head (line->held)) != NULL)
    g_queue_push_tail (line->out, frame);
  line->held_bytes = 0;
}

gboolean
model_line_was_sent (ModelLine *line, const MabeiShortId *mailbox)
{
  return g_hash_table_contains (line->mailboxes, mailbox);
}

void
model_hub_scramble (ModelHub *hub, guint (*roll) (guint sides))
{
  g_assert_cmpuint (hub->lines->len, ==, 0);
  randombytes_buf (&hub->epoch, sizeof hub->epoch);
  for (guint i = 0; i < hub->boxes->len; i++) {
    Box *box = hub->boxes->pdata[i];
    guint n = box->records->len;

    for (guint k = 0; k < n; k++) {
      Stored *copy = g_memdup2 (box->records->pdata[k], sizeof *copy);

      g_bytes_ref (copy->data);
      g_ptr_array_add (box->records, copy);
    }
    for (guint k = box->records->len; k > 1; k--) {
      guint other = roll (k);
      gpointer stored = box->records->pdata[k - 1];

      box->records->pdata[k - 1] = box->records->pdata[other];
      box->records->pdata[other] = stored;
    }
  }
}
