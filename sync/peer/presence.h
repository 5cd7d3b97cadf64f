/* Messages that live a moment: presence with head vectors, and call set-up. Canonical CBOR, signed by the device (the
 * envelope's key only proves membership), numbered so that replays are shed. Pure. PRESENCE tells what this device has
 * (so that others can say "everyone has it"); CALL carries a signalling message for one device, sealed to it.
 */
#pragma once

#include "core/store/replica.h"

typedef enum { MABEI_LIVE_PRESENCE = 0, MABEI_LIVE_CALL = 1 } MabeiLiveType;

typedef struct {
  MabeiLiveType type;
  MabeiShortId from; /* device */
  guint64 number;  /* greater than the last one from that device in this run; carries a random start in its high bits */
  MabeiShortId to; /* CALL: the device it is sealed to */
  GBytes *data;    /* CALL: opened message */
  guint n_heads;   /* PRESENCE: heads of the space that it was sent in */
  MabeiId heads[16];
  gboolean leaving; /* PRESENCE: goodbye */
} MabeiLive;

GBytes *mabei_live_presence (MabeiReplica *replica, MabeiSpace *space, guint64 number, gboolean leaving);
/* NULL when @to is not a member of @space, or @data does not fit (about 16,000 bytes). */
GBytes *mabei_live_call (
    MabeiReplica *replica, MabeiSpace *space, const MabeiShortId *to, guint64 number, gconstpointer data, gsize length);
/* NULL (with an error) unless genuine, from a member of @space, and (CALL) either for us or with data NULL. (transfer
 * full) */
MabeiLive *mabei_live_open (MabeiReplica *replica, MabeiSpace *space, GBytes *message, GError **error);
void mabei_live_free (MabeiLive *live);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiLive, mabei_live_free)
