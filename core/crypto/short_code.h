/* The short authentication string: commit, then reveal (trust.md 3.4). The joiner commits to a nonce and its keys, the
 * admitting person answers with a nonce, the joiner opens the commitment; both show the same six digits. One try:
 * 10^-6. Pure functions.
 */
#pragma once

#include "core/crypto/device_key.h"

#define MABEI_SHORT_CODE_NONCE_BYTES 32u

/* H ("sas-commit"; nonce, joiner's sign key, joiner's box key). */
void mabei_short_code_commit (const guint8 nonce[32], const MabeiDevicePublic *joiner, MabeiId *commitment);
/* Six digits and a NUL from H ("sas"; joiner nonce, admitter nonce, joiner's keys, admitter's keys), without modulo
 * bias that matters (64 bits mod 10^6). */
void mabei_short_code (const guint8 joiner_nonce[32],
                       const guint8 admitter_nonce[32],
                       const MabeiDevicePublic *joiner,
                       const MabeiDevicePublic *admitter,
                       char code[7]);
