#include "core/crypto/short_code.h"

#include <string.h>

void
mabei_short_code_commit (const guint8 nonce[32], const MabeiDevicePublic *joiner, MabeiId *commitment)
{
  mabei_hash (MABEI_LABEL_SAS_COMMIT, commitment, nonce, (gsize) MABEI_SHORT_CODE_NONCE_BYTES, joiner->sign_key,
              sizeof joiner->sign_key, joiner->box_key, sizeof joiner->box_key, NULL);
}

void
mabei_short_code (const guint8 joiner_nonce[32],
                  const guint8 admitter_nonce[32],
                  const MabeiDevicePublic *joiner,
                  const MabeiDevicePublic *admitter,
                  char code[7])
{
  MabeiId hash;
  mabei_hash (MABEI_LABEL_SAS, &hash, joiner_nonce, (gsize) MABEI_SHORT_CODE_NONCE_BYTES, admitter_nonce,
              (gsize) MABEI_SHORT_CODE_NONCE_BYTES, joiner->sign_key, sizeof joiner->sign_key, joiner->box_key,
              sizeof joiner->box_key, admitter->sign_key, sizeof admitter->sign_key, admitter->box_key,
              sizeof admitter->box_key, NULL);
  guint64 number;
  memcpy (&number, hash.bytes, sizeof number);
  guint32 digits = (guint32) (GUINT64_FROM_LE (number) % 1000000u);
  for (guint i = 6; i-- > 0; digits /= 10)
    code[i] = (char) ('0' + digits % 10);
  code[6] = '\0';
}
