/* Who is in a case and what each may do: one pure function of the control space's complete changes (core.md 5). Thin
 * here: staff by credential in the genesis, others by admission; removals, cuts and checkpoints come with trust in
 * depth and have their place in this room. Members are added by mabei_authority_apply in the order of the fold; nothing
 * depends on arrival. Limits: MABEI_LIMIT_DEVICES members.
 */
#pragma once

#include "core/authority/credential.h"
#include "core/change/graph.h"

typedef struct {
  MabeiShortId device;
  MabeiDevicePublic keys;
  MabeiShortId person;
  MabeiRole role;
  char *name;
  MabeiId admitted_by;       /* the genesis or the ADMIT change */
  guint8 inbox_read_key[32]; /* the device's own inbox at a hub: others may write, only it may read */
  MabeiId inbox_write_seed;  /* known to all members: the right to write there */
} MabeiMember;

typedef struct {
  guint8 invite_key[32]; /* Ed25519, from the link's seed */
  MabeiRole role;
  char *name;         /* for whom: shown, not proof */
  guint64 expires_ms; /* checked by whoever admits (soundness rule 3) */
  gboolean used;      /* an ADMIT cites it */
} MabeiInvitation;

/* Operations of the control space: CBOR arrays [number, ...]; encoded and decoded in control_operation.h. */

typedef struct _MabeiAuthority MabeiAuthority;

/* From the genesis, whose payload must carry a credential with the right to open cases, held by its author. */
MabeiAuthority *mabei_authority_new (MabeiChange *genesis, GError **error);
void mabei_authority_free (MabeiAuthority *authority);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiAuthority, mabei_authority_free)

/* Back to what the genesis alone says, for a fold in another order. Pointers to members and invitations end. */
void mabei_authority_reset (MabeiAuthority *authority);

const guint8 *mabei_authority_court_key (MabeiAuthority *authority);                               /* 32 bytes */
const MabeiMember *mabei_authority_member (MabeiAuthority *authority, const MabeiShortId *device); /* or NULL */
/* Keys of every device that an ADMIT names, in effect or not: enough to check a signature, not a right. Or NULL. */
const MabeiDevicePublic *mabei_authority_keys (MabeiAuthority *authority, const MabeiShortId *device);
GPtrArray *
mabei_authority_members (MabeiAuthority *authority); /* (transfer none), MabeiMember, in order of admission */
GPtrArray *mabei_authority_invitations (MabeiAuthority *authority);          /* (transfer none), MabeiInvitation */
const MabeiShortId *mabei_authority_joint_space (MabeiAuthority *authority); /* or NULL until named */

/* Folds one CONTROL change (complete in @control); to be called in the order of the fold. All of its operations
 * (GBytes) take effect, or none: FALSE with the reason as a static text; the change is kept, listed and has no effect.
 */
gboolean mabei_authority_apply (
    MabeiAuthority *authority, MabeiGraph *control, MabeiChange *change, GPtrArray *operations, const char **reason);
/* Would a change with these operations, made by @device now, have effect? Changes nothing. */
gboolean mabei_authority_may_apply (MabeiAuthority *authority,
                                    const MabeiShortId *device,
                                    GPtrArray *operations,
                                    const char **reason);
/* The admission of @device in the past of, or by, one of these changes of the control space; or NULL. It may have lost
 * its effect to another one that came concurrently: whoever did not know of that counted the device as a member, and is
 * right in having done so. Who is a member is mabei_authority_member's to say. */
const MabeiMember *mabei_authority_admission (
    MabeiAuthority *authority, MabeiGraph *control, const MabeiShortId *device, const MabeiId *heads, guint n_heads);
/* May this author write content there, given the control heads that it cites? (@change is in a joint or caucus space.)
 */
gboolean
mabei_authority_may_write (MabeiAuthority *authority, MabeiGraph *control, MabeiChange *change, const char **reason);
