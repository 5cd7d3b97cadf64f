/* Typing: bursts that are open, what of them is due when, and how they become changes. The edits of open bursts are
 * kept in a journal on disk (replica_journal.c) until the change that carries them is there. */
#include "core/store/replica_private.h"

#include "core/base/cbor.h"
#include "core/base/limits.h"

#include <string.h>

/* A paste that one change does not take is cut into pieces of this size. */
#define PIECE_BYTES (MABEI_LIMIT_INSERT_BYTES / 2u)
/* After a failure (a full disk) it is tried again this much later. */
#define RETRY_MS 1000u

void
mabei_typing_free (MabeiTyping *typing)
{
  g_byte_array_unref (typing->edits);
  g_free (typing);
}

static MabeiTyping *
find_typing (MabeiReplica *replica, MabeiDocument *document)
{
  for (guint i = 0; i < replica->typing->len; i++) {
    MabeiTyping *typing = g_ptr_array_index (replica->typing, i);
    if (typing->document == document)
      return typing;
  }
  return NULL;
}

/* --- sealing --- */

/* Stores and folds the burst as a change. On failure the burst stays open and the journal has what it had. */
static gboolean
seal (MabeiReplica *replica, MabeiTyping *typing, GError **error)
{
  MabeiSpace *space = mabei_document_space (typing->document);
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (MabeiChange) change = NULL;

  if (!mabei_document_has_burst (typing->document)) {
    g_ptr_array_remove (replica->typing, typing);
    return TRUE;
  }
  if (!mabei_replica_join_heads (replica, space, typing->last_ms, error))
    return FALSE;
  g_ptr_array_add (operations, mabei_document_take_burst (typing->document));
  change = mabei_case_author (mabei_space_case (space), space, MABEI_KIND_CONTENT, operations, typing->last_ms, error);
  if (change == NULL || !mabei_database_begin (replica->database, error))
    return FALSE;
  if (!mabei_replica_append_change (replica, space, change, MABEI_SOURCE_OWN, error) ||
      !mabei_replica_set_journal (replica, typing, error)) {
    mabei_database_rollback (replica->database);
    return FALSE;
  }
  if (!mabei_database_commit (replica->database, error))
    return FALSE;
  g_ptr_array_remove (replica->typing, typing);
  return mabei_replica_fold_own (replica, space, change, error);
}

static gboolean
seal_some (MabeiReplica *replica, MabeiCase *c, MabeiSpace *space, GError **error)
{
  gboolean sealed = TRUE;

  for (guint i = replica->typing->len; i-- > 0;) {
    MabeiTyping *typing = g_ptr_array_index (replica->typing, i);
    MabeiSpace *own = mabei_document_space (typing->document);

    if ((c != NULL && mabei_space_case (own) != c) || (space != NULL && own != space))
      continue;
    /* The first error is told; the others are tried all the same. */
    if (!seal (replica, typing, sealed ? error : NULL))
      sealed = FALSE;
  }
  return sealed;
}

gboolean
mabei_replica_seal_space (MabeiReplica *replica, MabeiSpace *space, GError **error)
{
  return seal_some (replica, NULL, space, error);
}

gboolean
mabei_replica_seal_case (MabeiReplica *replica, MabeiCase *c, GError **error)
{
  return seal_some (replica, c, NULL, error);
}

gboolean
mabei_replica_flush (MabeiReplica *replica, guint64 now_ms G_GNUC_UNUSED, GError **error)
{
  g_return_val_if_fail (replica != NULL, FALSE);
  return seal_some (replica, NULL, NULL, error);
}

/* --- editing --- */

static void
remember (
    MabeiReplica *replica, MabeiDocument *document, guint position, guint remove, const char *insert, guint64 now_ms)
{
  MabeiTyping *typing = find_typing (replica, document);

  if (typing == NULL) {
    typing = g_new0 (MabeiTyping, 1);
    typing->document = document;
    typing->edits = g_byte_array_new ();
    typing->first_ms = now_ms;
    typing->is_journaled = TRUE;
    g_ptr_array_add (replica->typing, typing);
  }
  mabei_cbor_write_array (typing->edits, 3);
  mabei_cbor_write_uint (typing->edits, position);
  mabei_cbor_write_uint (typing->edits, remove);
  mabei_cbor_write_text (typing->edits, insert);
  typing->n_edits++;
  typing->last_ms = now_ms;
  if (typing->is_journaled)
    typing->unjournaled_ms = now_ms;
  typing->is_journaled = FALSE;
}

gboolean
mabei_replica_apply_edit (MabeiReplica *replica,
                          MabeiDocument *document,
                          guint position,
                          guint remove,
                          const char *insert,
                          guint64 now_ms,
                          GError **error)
{
  if (!mabei_document_edit (document, position, remove, insert, error))
    return FALSE;
  if (remove > 0 || insert[0] != '\0')
    remember (replica, document, position, remove, insert, now_ms);
  return TRUE;
}

static gboolean
seal_document (MabeiReplica *replica, MabeiDocument *document, GError **error)
{
  MabeiTyping *typing = find_typing (replica, document);

  return typing == NULL || seal (replica, typing, error);
}

/* The longest beginning of @text, at whole characters, that is one piece. */
static char *
take_piece (const char **text)
{
  gsize length = strlen (*text);
  const char *end = *text + length;
  char *piece;

  if (length > PIECE_BYTES)
    end = g_utf8_find_prev_char (*text, *text + PIECE_BYTES + 1);
  piece = g_strndup (*text, (gsize) (end - *text));
  *text = end;
  return piece;
}

/* An edit that one change does not take: several changes, each sealed before the next. */
static gboolean
edit_in_pieces (MabeiReplica *replica,
                MabeiDocument *document,
                guint position,
                guint remove,
                const char *insert,
                guint64 now_ms,
                GError **error)
{
  while (remove > 0) {
    guint n = MAX (1, mabei_document_removable (document, position, remove));

    if (!mabei_replica_apply_edit (replica, document, position, n, "", now_ms, error) ||
        !seal_document (replica, document, error))
      return FALSE;
    remove -= n;
  }
  while (*insert != '\0') {
    g_autofree char *piece = take_piece (&insert);

    if (!mabei_replica_apply_edit (replica, document, position, 0, piece, now_ms, error) ||
        !seal_document (replica, document, error))
      return FALSE;
    position += (guint) g_utf8_strlen (piece, -1);
  }
  return TRUE;
}

static gboolean
fits_document (MabeiDocument *document, guint position, guint remove, const char *insert)
{
  guint length = mabei_text_length (mabei_document_text (document));

  return position <= length && remove <= length - position && g_utf8_validate (insert, -1, NULL) &&
         (gulong) length - remove + (gulong) g_utf8_strlen (insert, -1) <= MABEI_LIMIT_DOCUMENT_CHARACTERS;
}

gboolean
mabei_replica_edit (MabeiReplica *replica,
                    MabeiDocument *document,
                    guint position,
                    guint remove,
                    const char *insert,
                    guint64 now_ms,
                    GError **error)
{
  const char *text = insert != NULL ? insert : "";
  g_autoptr (GError) local = NULL;

  g_return_val_if_fail (replica != NULL && document != NULL, FALSE);
  if (mabei_replica_apply_edit (replica, document, position, remove, text, now_ms, &local))
    return TRUE;
  /* Either the burst is full or a change of it waits to be stored: sealing mends both. */
  if (fits_document (document, position, remove, text) &&
      (g_error_matches (local, MABEI_CASE_ERROR, MABEI_CASE_ERROR_TOO_LARGE) ||
       g_error_matches (local, MABEI_CASE_ERROR, MABEI_CASE_ERROR_CONFLICT))) {
    if (!seal_document (replica, document, error))
      return FALSE;
    g_clear_error (&local);
    if (mabei_replica_apply_edit (replica, document, position, remove, text, now_ms, &local))
      return TRUE;
    if (g_error_matches (local, MABEI_CASE_ERROR, MABEI_CASE_ERROR_TOO_LARGE))
      return edit_in_pieces (replica, document, position, remove, text, now_ms, error);
  }
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* The edits of an undo are not known here, so that it is sealed at once instead of journaled. */
gboolean
mabei_replica_undo (MabeiReplica *replica, MabeiDocument *document, guint64 now_ms, GError **error)
{
  MabeiTyping *typing;

  g_return_val_if_fail (replica != NULL && document != NULL, FALSE);
  if (!seal_document (replica, document, error) || !mabei_document_undo (document, error))
    return FALSE;
  typing = g_new0 (MabeiTyping, 1);
  typing->document = document;
  typing->edits = g_byte_array_new ();
  typing->first_ms = typing->last_ms = now_ms;
  typing->is_journaled = TRUE;
  g_ptr_array_add (replica->typing, typing);
  return seal (replica, typing, error);
}

/* --- time --- */

/* A clock that was set back makes things due, never late. */
static gboolean
is_due (guint64 since_ms, guint64 after_ms, guint64 now_ms)
{
  return now_ms < since_ms || now_ms - since_ms >= after_ms;
}

static guint64
next_of (const MabeiTyping *typing)
{
  guint64 next = MIN (typing->last_ms + MABEI_LIMIT_BURST_IDLE_MS, typing->first_ms + MABEI_LIMIT_BURST_MS);

  return typing->is_journaled ? next : MIN (next, typing->unjournaled_ms + MABEI_LIMIT_JOURNAL_MS);
}

static gboolean
do_due (MabeiReplica *replica, guint64 now_ms, GError **error)
{
  gboolean journal_is_due = FALSE;
  gboolean done = TRUE;

  for (guint i = replica->typing->len; i-- > 0;) {
    MabeiTyping *typing = g_ptr_array_index (replica->typing, i);

    if (is_due (typing->last_ms, MABEI_LIMIT_BURST_IDLE_MS, now_ms) ||
        is_due (typing->first_ms, MABEI_LIMIT_BURST_MS, now_ms)) {
      if (seal (replica, typing, done ? error : NULL))
        continue;
      done = FALSE;
    }
    if (!typing->is_journaled && is_due (typing->unjournaled_ms, MABEI_LIMIT_JOURNAL_MS, now_ms))
      journal_is_due = TRUE;
  }
  if (journal_is_due && !mabei_replica_write_journal (replica, done ? error : NULL))
    done = FALSE;
  return done;
}

gboolean
mabei_replica_tick (MabeiReplica *replica, guint64 now_ms, guint64 *next_ms, GError **error)
{
  gboolean done;
  guint64 next = 0;

  g_return_val_if_fail (replica != NULL, FALSE);
  done = do_due (replica, now_ms, error);
  for (guint i = 0; i < replica->typing->len; i++) {
    guint64 one = next_of (g_ptr_array_index (replica->typing, i));
    next = next == 0 ? one : MIN (next, one);
  }
  if (!done)
    next = now_ms + RETRY_MS;
  if (next_ms != NULL)
    *next_ms = next;
  return done;
}
