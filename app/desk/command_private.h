/* What the files of verbs share. */
#pragma once

#include "app/desk/admission.h"
#include "app/desk/arguments.h"
#include "app/desk/command.h"
#include "app/desk/desk_line.h"
#include "app/desk/meeting.h"

typedef struct _MabeiCommand MabeiCommand;

typedef enum {
  MABEI_FAILED, /* error set */
  MABEI_DONE,   /* answered now; command->answer set, or an empty answer */
  MABEI_LATER,  /* mabei_command_finish will be called */
} MabeiOutcome;

enum {
  MABEI_VERB_CASE = 1 << 0, /* works on a case */
  MABEI_VERB_LINE = 1 << 1, /* wants a line to the hub */
};

typedef struct {
  const char *noun;
  const char *verb;
  const char *arguments; /* as mabei_arguments_parse wants them */
  guint flags;
  MabeiOutcome (*run) (MabeiCommand *command, GError **error);
} MabeiVerb;

struct _MabeiCommand {
  const MabeiVerb *verb;
  MabeiDesk *desk;
  MabeiCase *c; /* MABEI_VERB_CASE */
  MabeiArguments *arguments;
  GVariant *answer; /* floating or owned */
  MabeiReply reply;
  gpointer user_data;
};

/* Takes @answer (may be NULL) and @error (may be NULL), replies, frees. */
void mabei_command_finish (MabeiCommand *command, GVariant *answer, GError *error);

/* Commits one operation (taken; NULL fails with @error as set) and sends it on its way. *@change (transfer full) may be
 * NULL. */
gboolean mabei_command_commit (
    MabeiCommand *command, MabeiSpace *space, GBytes *operation, MabeiChange **change, GError **error);

/* Answers. */
void mabei_answer_string (GVariantBuilder *dict, const char *key, const char *value); /* NULL value: left out */
void mabei_answer_number (GVariantBuilder *dict, const char *key, gint64 value);
void mabei_answer_flag (GVariantBuilder *dict, const char *key, gboolean value);
/* RFC 3339 in UTC; 0 is left out. */
void mabei_answer_time (GVariantBuilder *dict, const char *key, guint64 ms);
void mabei_answer_strings (GVariantBuilder *dict, const char *key, GPtrArray *strings /* char * */);
/* A list of objects under construction: add with g_variant_builder_end. */
void mabei_answer_list (GVariantBuilder *dict, const char *key, GVariantBuilder *list);
/* What stands in a field: value, by, at. */
void
mabei_answer_values (GVariantBuilder *dict, const char *key, MabeiCase *c, GPtrArray *values /* MabeiFieldValue */);
/* The name of a member's device, or the beginning of its id. (transfer full) */
char *mabei_answer_name (MabeiCase *c, const MabeiShortId *device);

extern const MabeiVerb mabei_verbs_profile[];
extern const MabeiVerb mabei_verbs_case[];
extern const MabeiVerb mabei_verbs_people[];
extern const MabeiVerb mabei_verbs_space[];
extern const MabeiVerb mabei_verbs_document[];
extern const MabeiVerb mabei_verbs_sync[];
extern const MabeiVerb mabei_verbs_session[];
