/*
 * A text that several people edit at once: a sequence of elements (one Unicode scalar value each) that keeps every
 * element ever written, who wrote it and who deleted it, and orders concurrent runs by FugueMax (Weidner, Kleppmann:
 * The Art of the Fugue, 2023), so that two people's runs are never mixed and every replica shows the same.
 * An element's name is (agent, sequence); agents order by name. In a case an agent is one change.
 * Positions, lengths and counts are Unicode scalar values. Threads: none of its own, one caller at a time.
 * Limits: the MABEI_TEXT_*_MAX below. Failures: MABEI_CRDT_ERROR; on any error nothing has changed.
 */
#pragma once
#include <glib.h>
#include "core/crdt/codec.h"
#include "core/crdt/text_writer.h"

G_BEGIN_DECLS

/* Elements in one text, deleted ones included. */
#define MABEI_TEXT_ELEMENTS_MAX (1u << 24)
/* Bytes and operations of one blob. */
#define MABEI_TEXT_BLOB_MAX (16u << 20)
#define MABEI_TEXT_OPS_MAX (1u << 16)
/* Bytes of an agent's name. */
#define MABEI_TEXT_AGENT_NAME_MAX 255

typedef struct _MabeiText MabeiText;

/* One effect of remote operations on the visible text, in order: at `position` take away `deleted` characters, then
 * put `inserted` (n_bytes of UTF-8, not terminated) there. The text must not be changed from within. */
typedef void (*MabeiTextPatchFunc) (
    guint32 position, guint32 deleted, const char *inserted, gsize n_bytes, gpointer user_data);

MabeiText *mabei_text_new (void);
void mabei_text_free (MabeiText *text);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiText, mabei_text_free)

/* ---- agents ---- */

/* The number of an agent in this text, given on first sight. `length` is 1 to MABEI_TEXT_AGENT_NAME_MAX. */
guint32 mabei_text_agent (MabeiText *text, const guint8 *name, gsize length);
/* The same without giving one: MABEI_TEXT_AGENT_NONE if the name is unknown. Blobs that cite it are refused. */
#define MABEI_TEXT_AGENT_NONE G_MAXUINT32
guint32 mabei_text_find_agent (const MabeiText *text, const guint8 *name, gsize length);
guint32 mabei_text_n_agents (const MabeiText *text);
/* Borrowed for the life of the text. */
const guint8 *mabei_text_agent_name (const MabeiText *text, guint32 agent, gsize *length);
/* Gives a pending local agent its final name (a change's id is known only when it is sealed). Refused with EXISTS if
 * somebody has that name, and with RANGE once the old name has decided an order against another agent. */
gboolean mabei_text_agent_rename (MabeiText *text, guint32 agent, const guint8 *name, gsize length, GError **error);
/* Takes away, or gives back, the effect of all that an agent wrote and deleted (quarantine): linear in the spans. */
void mabei_text_agent_suspend (MabeiText *text, guint32 agent, gboolean suspended);

/* ---- local edits: applied here and added to the writer ----
 * A burst ends (mabei_text_writer_bytes, then reset) before a remote blob is applied (soundness rule 6): what a blob
 * inserts twice at one place must lie side by side, and readers refuse a blob in which something came in between. */

/* RANGE if the position is past the end, FORMAT if the bytes are not UTF-8 or hold U+0000, EXISTS if the writer's next
 * sequence numbers are in use, LIMIT. `n_bytes` < 0: a C string. Nothing to insert is no error. */
gboolean mabei_text_insert (
    MabeiText *text, MabeiTextWriter *writer, guint32 position, const char *utf8, gssize n_bytes, GError **error);
/* RANGE unless position + count <= length. */
gboolean mabei_text_delete (MabeiText *text, MabeiTextWriter *writer, guint32 position, guint32 count, GError **error);
/* Writes the inverse of a blob that was applied as ordinary new edits: deletes what it inserted and is still visible,
 * and puts back, as new elements at the old place, what its agent alone deleted. What others wrote or deleted stays.
 * The patch function may be NULL. */
gboolean mabei_text_undo (MabeiText *text,
                          MabeiTextWriter *writer,
                          guint32 agent,
                          const guint32 *refs,
                          gsize n_refs,
                          guint32 first_seq,
                          const guint8 *bytes,
                          gsize n_bytes,
                          MabeiTextPatchFunc patch,
                          gpointer user_data,
                          GError **error);

/* ---- remote edits ---- */

/* Applies a blob of `agent`, whose inserted elements are numbered from `first_seq`; `refs` are the agents that its
 * references 1 to n_refs stand for. Everything is checked first: FORMAT, LIMIT, MISSING if a cited element is not
 * there, EXISTS if an element of that number is. The patch function may be NULL. */
gboolean mabei_text_apply (MabeiText *text,
                           guint32 agent,
                           const guint32 *refs,
                           gsize n_refs,
                           guint32 first_seq,
                           const guint8 *bytes,
                           gsize n_bytes,
                           MabeiTextPatchFunc patch,
                           gpointer user_data,
                           GError **error);

/* ---- reading ---- */

/* Visible characters. */
guint32 mabei_text_length (const MabeiText *text);
/* Elements, deleted ones included. */
guint32 mabei_text_n_elements (const MabeiText *text);
/* The number after the highest that an agent's elements have; 0 if it has none. */
guint32 mabei_text_next_seq (const MabeiText *text, guint32 agent);
/* The visible text, zero-terminated; `n_bytes` may be NULL. */
char *mabei_text_read (const MabeiText *text, gsize *n_bytes);
/* The text of the version made of some agents: an element is visible if `includes` holds for its writer and for none
 * of those who deleted it. `includes` has one byte per agent. */
char *mabei_text_read_version (const MabeiText *text, const guint8 *includes, gsize *n_bytes);

/* The name of the visible element at a position: an anchor that stays when the text around changes. FALSE past the end.
 */
gboolean mabei_text_anchor (MabeiText *text, guint32 position, guint32 *agent, guint32 *seq);
/* Where an element is, or would be if it were not deleted. FALSE if there is none of that name. */
gboolean mabei_text_anchor_position (MabeiText *text, guint32 agent, guint32 seq, guint32 *position);

/* Neighbouring elements of one fate, deleted ones too. */
typedef struct {
  guint32 position; /* visible characters before it */
  guint32 length;
  guint32 agent; /* who wrote it */
  guint32 seq;   /* of its first element */
  gboolean visible;
  const guint32 *deleters; /* who deleted it, ascending; borrowed until the function returns */
  guint32 n_deleters;
  const char *utf8; /* not terminated; borrowed until the function returns */
  gsize n_bytes;
} MabeiTextRun;

typedef void (*MabeiTextRunFunc) (const MabeiTextRun *run, gpointer user_data);

/* Goes through the text in order. */
void mabei_text_blame (const MabeiText *text, MabeiTextRunFunc function, gpointer user_data);

G_END_DECLS
