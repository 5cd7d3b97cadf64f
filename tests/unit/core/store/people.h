/* People with profiles on disk: a court, a mediator with a case, parties who are admitted to it. What has to succeed is
 * asserted here, so that a test says only what it is about. Time is a counter that moves by a second a step.
 */
#pragma once

#include "core/store/replica.h"
#include "tests/unit/core/store/support.h"

typedef struct {
  char *root; /* holds the profile's folder */
  char *folder;
  MabeiSecret *passphrase;
  MabeiReplica *replica; /* NULL while closed */
} Person;

Person *person_new (const char *name);
void person_free (Person *person);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Person, person_free)
void person_close (Person *person);
void person_open (Person *person);
void person_reopen (Person *person);
const MabeiDevicePublic *person_public (Person *person);

guint64 now (void);      /* the counter, in milliseconds */
void wait_ms (guint ms); /* moves it */

/* A credential of @court for @person: a mediator who may open cases. (transfer full) */
GBytes *court_credential (MabeiDeviceKey *court, Person *person, guint32 rights);
/* A mediator with a credential. (transfer full) */
Person *mediator_new (const char *name);

/* --- the case: found in each replica by its id --- */
MabeiCase *the_case (Person *person, const MabeiId *id);
MabeiSpace *the_space (Person *person, const MabeiId *id, MabeiSpaceKind kind);
MabeiSpace *the_caucus (Person *person, const MabeiId *id, Person *side);

/* What the knock of @person says. Its name points to the replica's. */
void person_member (Person *person, MabeiMember *member);
/* The whole admission; returns the WELCOME, which @newcomer has accepted. (transfer full) */
GBytes *admit_sealed (Person *mediator, const MabeiId *id, Person *newcomer, MabeiRole role);
void admit (Person *mediator, const MabeiId *id, Person *newcomer, MabeiRole role);

/* All complete changes of all spaces that both have, as from a peer; how many were new. */
guint send_all (Person *from, Person *to, const MabeiId *id, MabeiSource source);
void sync_both (Person *a, Person *b, const MabeiId *id);
/* Both have the same state in every space that both have. */
void assert_same (Person *a, Person *b, const MabeiId *id);

/* --- doing --- */
void post (Person *person, MabeiSpace *space, const char *text);
MabeiDocument *write_document (Person *person, MabeiSpace *space, const char *title);
void type_text (Person *person, MabeiDocument *document, guint position, const char *text);
void assert_text (MabeiDocument *document, const char *expected);
void state_of (Person *person, const MabeiId *id, MabeiId *hash);
