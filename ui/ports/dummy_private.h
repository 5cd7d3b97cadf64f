/* Shared by the files of the dummy port only. */
#pragma once

#include "ui/ports/dummy.h"

/* One character of the minutes; erased ones stay, so that undo of one person never touches what another wrote. */
typedef struct {
  gunichar character;
  guint inserted_by; /* own edit number; 0 = another person */
  guint deleted_by;  /* G_MAXUINT = another person; 0 = visible */
} MabeiDummyCharacter;

typedef struct {
  GArray *characters; /* MabeiDummyCharacter */
  guint edits;        /* own edits so far */
  guint undone;       /* own edits above this were undone */
} MabeiDummyText;

typedef void (*MabeiDummyPatch) (guint position, guint removed, const char *inserted, gpointer user_data);

MabeiDummyText *mabei_dummy_text_new (const char *initial);
void mabei_dummy_text_free (MabeiDummyText *text);
char *mabei_dummy_text_get (const MabeiDummyText *text);
guint mabei_dummy_text_length (const MabeiDummyText *text);
void mabei_dummy_text_edit (MabeiDummyText *text, gboolean own, guint position, guint removed, const char *inserted);
gboolean mabei_dummy_text_undo (MabeiDummyText *text, MabeiDummyPatch patch, gpointer user_data);

GdkPaintable *mabei_dummy_picture_new (guint index);

typedef struct {
  MabeiPort port;
  gboolean chinese;
  gboolean party;    /* we are Zhang San instead of the mediator */
  gboolean empty;    /* no cases */
  gboolean start;    /* one fresh case with nobody in it */
  guint extra_cases; /* for long lists */
  char *amount;      /* chosen; NULL while two entries differ */
  gboolean minutes;  /* a document of minutes exists */
  gboolean invited;  /* a third invitation is open */
  GPtrArray *titles; /* char *: cases made by "case new" */
  GPtrArray *posts;  /* MabeiViewMessage with "space" as prefix "joint|" in level when NULL */
  gboolean offline;
  guint unsent;
  guint knock; /* 0 none, 1 a guest, 2 two on one link, 3 our own */
  gboolean open, joined, muted, camera_off, locked, elsewhere, asked;
  const char *rooms[3]; /* of Wang, Zhang San, Li Si; NULL = not in the session */
  GdkPaintable *pictures[3];
  MabeiDummyText *text;
  gpointer patch_data;
  MabeiDummyPatch patch; /* NULL: not open */
  GString *last_command;
  MabeiUnlockPort unlock;
  GPtrArray *cases;    /* of now; NULL = to be made */
  GHashTable *pending; /* ids of sources to remove */
} MabeiDummy;

const char *mabei_dummy_name (const MabeiDummy *dummy, guint person);
GPtrArray *mabei_dummy_make_cases (MabeiDummy *dummy);
MabeiViewMessage *mabei_dummy_message (const char *by, const char *text, const char *level, gint64 at_ms, MabeiPlace p);
/* Runs a command on the fixtures. (transfer full) NULL and @error on refusal. */
GVariant *mabei_dummy_run (MabeiDummy *dummy, const char *case_id, const char *const *words, GError **error);
void mabei_dummy_notify (MabeiDummy *dummy, MabeiChanged what);
