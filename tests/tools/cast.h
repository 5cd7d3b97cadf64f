/* The people of a test: a court, a mediator who opens a case, parties who are admitted to it, each with a device and a
 * replica in memory; made through the public interface of core/case only. Admission is done by hand: what a WELCOME
 * carries (genesis, keyrings) goes from replica to replica directly. Everything that must succeed is asserted, so that
 * a test says only what it is about. One thread; time is a counter that moves by one second a change.
 */
#pragma once

#include "core/case/content.h"

typedef struct {
  char *name;
  MabeiRole role;
  MabeiDeviceKey *key;
  MabeiShortId person;
  MabeiCase *c; /* NULL until opened or welcomed */
} MabeiActor;

typedef struct {
  MabeiDeviceKey *court; /* the root */
  GPtrArray *actors;     /* MabeiActor, owned */
  MabeiActor *mediator;
  MabeiActor *wang; /* parties */
  MabeiActor *li;
} MabeiCast;

/* A device of somebody, not in a case yet. */
MabeiActor *mabei_actor_new (const char *name, MabeiRole role);
void mabei_actor_free (MabeiActor *actor);

/* The mediator's case with its control and joint space, nobody else in it. */
MabeiCast *mabei_cast_new_empty (void);
/* With two parties, each admitted, in the joint space and in a caucus with the mediator. */
MabeiCast *mabei_cast_new (void);
void mabei_cast_free (MabeiCast *cast);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiCast, mabei_cast_free)
MabeiActor *mabei_cast_add (MabeiCast *cast, const char *name, MabeiRole role); /* not admitted */

/* A genesis whose credential names @holder, with @rights. */
MabeiChange *
mabei_actor_genesis (MabeiActor *actor, MabeiDeviceKey *court, const MabeiDevicePublic *holder, guint32 rights);

/* --- what an actor does in its own replica --- */
MabeiSpace *mabei_actor_space (MabeiActor *actor, MabeiSpaceKind kind, MabeiActor *side); /* side: of a caucus */
/* Authors, receives, and expects it to be in effect. Operations are taken. (transfer full) */
MabeiChange *mabei_actor_commit (MabeiActor *actor, MabeiSpace *space, MabeiKind kind, GPtrArray *operations);
/* One operation; it is taken. (transfer full) */
MabeiChange *mabei_actor_do (MabeiActor *actor, MabeiSpace *space, GBytes *operation);
void mabei_actor_post (MabeiActor *actor, MabeiSpace *space, const char *text);
void mabei_actor_set (MabeiActor *actor, MabeiSpace *space, const char *name, const char *value);
MabeiDocument *mabei_actor_write (MabeiActor *actor, MabeiSpace *space, const char *title); /* makes a document */
/* Types and seals. */
void mabei_actor_type (MabeiActor *actor, MabeiDocument *document, guint position, guint remove, const char *insert);
void mabei_actor_seal (MabeiActor *actor, MabeiDocument *document);
/* An epoch for all members of control and joint, or for the caucus' own. */
void mabei_actor_rotate (MabeiActor *actor, MabeiSpace *space);
void mabei_actor_merge (MabeiActor *actor, MabeiSpace *space);

/* --- admission --- */
GBytes *mabei_cast_invite_operation (const guint8 invite_key[32], MabeiRole role, const char *name);
GBytes *mabei_cast_admit_operation (const guint8 invite_key[32], MabeiActor *newcomer);
/* INVITE, ADMIT, new epochs, a caucus for a party, and the keyrings to the newcomer's replica. */
void mabei_cast_admit (MabeiCast *cast, MabeiActor *newcomer);
/* Gives @to the genesis, the spaces and the keys that @from holds (a caucus only to its side). */
void mabei_actor_welcome (MabeiActor *from, MabeiActor *to);

/* --- what goes from one to another --- */
/* All complete changes of every space that both know; returns how many were new. */
guint mabei_actor_send (MabeiActor *from, MabeiActor *to);
/* Until nothing is new to anybody. */
void mabei_cast_sync (MabeiCast *cast);
/* Everybody in a space has the same state, and it follows from the changes alone. */
void mabei_cast_check (MabeiCast *cast);

/* --- forging: a change that the actor's own replica would not make --- */
void mabei_actor_header (MabeiActor *actor, MabeiSpace *space, MabeiKind kind, MabeiHeader *header);
/* Any body, sealed (but for an EPOCH) and signed by @actor. (transfer full) */
MabeiChange *mabei_actor_forge_body (
    MabeiActor *actor, MabeiSpace *space, const MabeiHeader *header, gconstpointer body, gsize length);
/* Sealed and signed by @actor under the epoch of @header; @operations (GBytes) may be any items. (transfer full) */
MabeiChange *mabei_actor_forge (MabeiActor *actor, MabeiSpace *space, const MabeiHeader *header, GPtrArray *operations);
MabeiChange *mabei_actor_forge_one (MabeiActor *actor, MabeiSpace *space, MabeiKind kind, GBytes *operation);
/* A copy of another encoding with a broken signature, the same id. (transfer full) */
MabeiChange *mabei_change_spoil (MabeiChange *change);
/* mabei_case_receive, which must not fail. */
MabeiReceived mabei_actor_receive (MabeiActor *actor, MabeiChange *change);
/* Why a change has no effect in this replica, or NULL. */
const char *mabei_actor_reason (MabeiActor *actor, MabeiChange *change);
/* The text of a document. (transfer full) */
char *mabei_actor_text (MabeiActor *actor, const MabeiShortId *document);
