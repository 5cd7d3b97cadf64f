/* People who edit one text on their own replicas and exchange bursts, for the tests of core/crdt. */
#pragma once
#include "core/crdt/text_saved.h"

/* One burst as it travels: everything by name. */
typedef struct {
  GBytes *author; /* agent */
  guint32 first_seq;
  GPtrArray *refs; /* GBytes */
  GBytes *blob;
} Burst;

typedef struct {
  MabeiText *text;
  MabeiTextWriter *writer;
  GString *screen; /* the text as the patches of remote edits and own edits show it */
  guint32 agent;
  guint32 first_seq;
} Person;

Person *person_new (const char *agent);
void person_free (Person *person);
void burst_free (Burst *burst);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Person, person_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Burst, burst_free)

/* What follows is written as another agent, numbered after what that one wrote already. */
void person_becomes (Person *person, const char *agent);
void person_types (Person *person, guint32 position, const char *utf8);
void person_deletes (Person *person, guint32 position, guint32 count);
/* Undoes a burst that is in the text. */
void person_undoes (Person *person, const Burst *burst);
/* Ends the burst. */
Burst *person_sends (Person *person);
gboolean person_tries (Person *person, const Burst *burst, GError **error);
void person_receives (Person *person, const Burst *burst);
void assert_reads (const Person *person, const char *text);
void assert_same (const Person *a, const Person *b);
