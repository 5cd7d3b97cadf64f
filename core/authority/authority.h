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

const guint8 *mabei_authority_court_key (MabeiAuthority *authority);                               /* 32 bytes */
const MabeiMember *mabei_authority_member (MabeiAuthority *authority, const MabeiShortId *device); /* or NULL */
GPtrArray *
mabei_authority_members (MabeiAuthority *authority); /* (transfer none), MabeiMember, in order of admission */
GPtrArray *mabei_authority_invitations (MabeiAuthority *authority);          /* (transfer none), MabeiInvitation */
const MabeiShortId *mabei_authority_joint_space (MabeiAuthority *authority); /* or NULL until named */

/* May this author make this change of the control space? @past: is A in the past of B, for the control graph.
 * FALSE with the reason as a static text: the change is kept, listed and has no effect. */
gboolean mabei_authority_apply (
    MabeiAuthority *authority, MabeiGraph *control, MabeiChange *change, GPtrArray *operations, const char **reason);
/* May this author write content there, given the control heads that it cites? (@change is in a joint or caucus space.)
 */
gboolean
mabei_authority_may_write (MabeiAuthority *authority, MabeiGraph *control, MabeiChange *change, const char **reason);
