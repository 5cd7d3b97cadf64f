/* Private to core/store: what a newcomer is sent (soundness rules 11, 14): the genesis, the spaces that it may read
 * with the epochs of each, and who admitted it. Sealed to the newcomer's device, of one size whatever is inside: 8 KiB
 * of plaintext, doubled only when that does not hold it. Total parsing; secrets are wiped after use.
 */
#pragma once

#include "core/case/case.h"
#include "core/store/key_file.h"

#define MABEI_WELCOME_BYTES 8192u
#define MABEI_WELCOME_SPACES 3u /* control, joint, a caucus */

typedef struct {
  MabeiShortId space;
  MabeiSpaceKind kind;
  MabeiShortId other; /* caucus: the person of its side */
  GArray *epochs;     /* MabeiId */
  GPtrArray *secrets; /* MabeiSecret, same order */
} MabeiKeyring;

typedef struct {
  MabeiShortId admitter;
  MabeiChange *genesis;
  GPtrArray *keyrings; /* MabeiKeyring */
} MabeiWelcome;

/* @spaces: MabeiSpace. NULL when @to has a key that nothing can be sealed to. (transfer full) */
GBytes *mabei_welcome_seal (MabeiDeviceKey *from, const MabeiDevicePublic *to, GPtrArray *spaces, GError **error);
/* NULL unless @from sealed it for @to, and it is of this form. (transfer full) */
MabeiWelcome *mabei_welcome_open (MabeiDeviceKey *to, const MabeiDevicePublic *from, GBytes *sealed, GError **error);
void mabei_welcome_free (MabeiWelcome *welcome);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiWelcome, mabei_welcome_free)
