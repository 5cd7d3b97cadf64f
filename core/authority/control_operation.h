/* Operations of the control space and the payload of a genesis: encoding and strict decoding (numbers are part of the
 * format). INVITE [0, key, role, name, expires], ADMIT [1, invite key, keys, person, role, name, inbox], SPACE [2,
 * kind, id].
 */
#pragma once

#include "core/authority/authority.h"

typedef enum {
  MABEI_SPACE_CONTROL = 0,
  MABEI_SPACE_JOINT = 1,
  MABEI_SPACE_CAUCUS = 2,
} MabeiSpaceKind;

typedef enum {
  MABEI_CONTROL_INVITE = 0,
  MABEI_CONTROL_ADMIT = 1,
  MABEI_CONTROL_SPACE = 2,
} MabeiControlType;

typedef struct {
  MabeiControlType type;
  MabeiInvitation invitation; /* INVITE */
  guint8 invite_key[32];      /* ADMIT: zero when admitted without a link */
  MabeiMember member;         /* ADMIT: without admitted_by */
  MabeiSpaceKind space_kind;  /* SPACE */
  MabeiShortId space;
} MabeiControlOperation;

void mabei_control_operation_free (MabeiControlOperation *operation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiControlOperation, mabei_control_operation_free)
GBytes *mabei_control_operation_encode (const MabeiControlOperation *operation);
MabeiControlOperation *mabei_control_operation_decode (GBytes *item, GError **error);

/* Genesis payload: {credential, person, inbox of the opener, policy number, 32-byte nonce}. */
typedef struct {
  MabeiCredential *credential;
  MabeiShortId person;
  guint8 inbox_read_key[32];
  MabeiId inbox_write_seed;
  guint64 policy;
  guint8 nonce[32];
} MabeiGenesis;

void mabei_genesis_free (MabeiGenesis *genesis);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiGenesis, mabei_genesis_free)
GBytes *mabei_genesis_encode (const MabeiGenesis *genesis);
MabeiGenesis *mabei_genesis_decode (GBytes *payload, GError **error);
