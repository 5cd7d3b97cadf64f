/* Knocking and answering: four messages in the rendezvous mailbox (trust.md 3.3, 3.4; soundness rule 11).
 * joiner KNOCK {device keys, person, name, inbox, commitment; signed by the invite key and the device}
 * admitter ANSWER {nonce, device keys; signed}   joiner REVEAL {nonce; signed}   admitter WELCOME {sealed to the
 * device} or REFUSED. Both sides are pure state machines fed with the mailbox's messages, in any order and repeated;
 * each tells what to post next. Two knocks on one link: both are shown, an alarm is raised, and none is admitted until
 * a person chooses.
 */
#pragma once

#include "core/authority/authority.h"
#include "core/crypto/short_code.h"
#include "sync/invite/link.h"

typedef enum {
  MABEI_KNOCK_SENT, /* joiner: waiting for an answer */
  MABEI_KNOCK_CODE, /* both: the code can be compared */
  MABEI_KNOCK_ADMITTED,
  MABEI_KNOCK_REFUSED,
} MabeiKnockState;

/* --- the joiner: state is serialisable, so that it survives a restart --- */
typedef struct _MabeiKnock MabeiKnock;
/* EXPIRED; FORMAT when the name is empty, too long or holds control characters. */
MabeiKnock *mabei_knock_new (const MabeiLink *link,
                             MabeiDeviceKey *device,
                             const MabeiShortId *person,
                             const char *name,
                             const guint8 inbox_read_key[32],
                             const MabeiId *inbox_write_seed,
                             guint64 now_ms,
                             GError **error);
MabeiKnock *mabei_knock_load (GBytes *saved, MabeiDeviceKey *device, GError **error);
GBytes *mabei_knock_save (MabeiKnock *knock); /* holds the seed: only into a sealed item */
void mabei_knock_free (MabeiKnock *knock);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiKnock, mabei_knock_free)
const MabeiLink *mabei_knock_link (MabeiKnock *knock);
MabeiKnockState mabei_knock_state (MabeiKnock *knock);
const char *mabei_knock_code (MabeiKnock *knock); /* six digits, or NULL before both nonces are known */
void mabei_knock_receive (MabeiKnock *knock, GBytes *message);
/* Messages to have in the mailbox now (post those that were not stored yet). (transfer full) GBytes */
GPtrArray *mabei_knock_messages (MabeiKnock *knock);
/* The sealed WELCOME and who made it, when it came; else NULL. (transfer none) */
GBytes *mabei_knock_welcome (MabeiKnock *knock, MabeiDevicePublic *admitter);

/* --- the admitter: all knocks on one invitation; what passes MABEI_DOOR_KNOCKS is not kept --- */
#define MABEI_DOOR_KNOCKS 8u

typedef struct _MabeiDoor MabeiDoor;
MabeiDoor *mabei_door_new (MabeiSecret *seed, MabeiDeviceKey *device);
GBytes *mabei_door_save (MabeiDoor *door);
MabeiDoor *mabei_door_load (GBytes *saved, MabeiDeviceKey *device, GError **error);
void mabei_door_free (MabeiDoor *door);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiDoor, mabei_door_free)
MabeiSecret *mabei_door_seed (MabeiDoor *door); /* (transfer none) */
void mabei_door_receive (MabeiDoor *door, GBytes *message);
guint mabei_door_n_knocks (MabeiDoor *door); /* more than one: alarm */
/* @n < n_knocks; pointers borrowed. @member: keys, person, name, inbox as told by the joiner. */
void mabei_door_knock (MabeiDoor *door, guint n, const MabeiMember **member, const char **code, MabeiKnockState *state);
/* Records the decision of a person; @welcome NULL refuses. To admit, the state must be CODE; it refuses all others on
 * this link, those that come later too. A decision stands: another one for the same knock is ignored. */
void mabei_door_decide (MabeiDoor *door, guint n, GBytes *welcome);
GPtrArray *mabei_door_messages (MabeiDoor *door); /* (transfer full) GBytes */
