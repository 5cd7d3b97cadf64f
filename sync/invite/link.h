/* An invitation link: the right to knock, not to read (trust.md 3.3). "mabei:" and base32 of {version, hub address, hub
 * key, first 16 bytes of the case id, inviter's device id, seed, expiry}. One line of text, <= MABEI_LIMIT_LINK_BYTES,
 * fits one QR code. Holds a secret (the seed): shown only where a person asked for it. Pure; foreign text gives an
 * error.
 */
#pragma once

#include "core/crypto/epoch.h"

#define MABEI_INVITE_ERROR (mabei_invite_error_quark ())
GQuark mabei_invite_error_quark (void);
typedef enum {
  MABEI_INVITE_ERROR_FORMAT,
  MABEI_INVITE_ERROR_EXPIRED,
  MABEI_INVITE_ERROR_UNVERIFIED,
  MABEI_INVITE_ERROR_USED
} MabeiInviteError;

#define MABEI_LINK_SEED_BYTES 32u

typedef struct {
  char *hub_url; /* ws:// or wss:// */
  guint8 hub_key[32];
  guint8 case_prefix[16];
  MabeiShortId inviter; /* device id: whose WELCOME counts */
  MabeiSecret *seed;    /* MABEI_LINK_SEED_BYTES; rendezvous and invite key follow from it */
  guint64 expires_ms;   /* 0: never */
} MabeiLink;

char *mabei_link_format (const MabeiLink *link); /* (transfer full) */
/* Surrounding white space is ignored, letter case too; anything else must fit exactly. */
MabeiLink *mabei_link_parse (const char *text, GError **error);
void mabei_link_free (MabeiLink *link);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiLink, mabei_link_free)

/* The Ed25519 pair that signs the knock, from the seed as it is (RFC 8032); the public half stands in the INVITE
 * operation, made by mabei_replica_invite in the same way. */
void mabei_link_invite_key (MabeiSecret *seed, guint8 public_key[32], MabeiSecret **secret_key /* may be NULL */);
/* The rendezvous: H ("invite"; seed), 32 bytes for mabei_mailbox_keys_new and mabei_exchange_watch. (transfer full) */
MabeiSecret *mabei_link_rendezvous (MabeiSecret *seed);
