/* A staff credential: the court says that a device belongs to a named person with a staff role (trust.md 3.1).
 * Canonical CBOR, signed by the court's root key (Ed25519) over H ("credential"; bytes). Times in it are claims: shown,
 * never trusted. Immutable; total parsing.
 */
#pragma once

#include "core/crypto/device_key.h"

#define MABEI_AUTHORITY_ERROR (mabei_authority_error_quark ())
GQuark mabei_authority_error_quark (void);

typedef enum {
  MABEI_AUTHORITY_ERROR_FORMAT,
  MABEI_AUTHORITY_ERROR_UNVERIFIED,  /* signature, court or holder do not fit */
  MABEI_AUTHORITY_ERROR_NOT_ALLOWED, /* the role does not carry this right */
} MabeiAuthorityError;

/* Numbers are part of the format. Ranks: judge = clerk > mediator > counsel, party, interpreter > the rest (core.md 5).
 */
typedef enum {
  MABEI_ROLE_JUDGE = 1,
  MABEI_ROLE_CLERK = 2,
  MABEI_ROLE_MEDIATOR = 3,
  MABEI_ROLE_COUNSEL = 4,
  MABEI_ROLE_PARTY = 5,
  MABEI_ROLE_INTERPRETER = 6,
  MABEI_ROLE_INVITED = 7,
  MABEI_ROLE_OBSERVER = 8,
} MabeiRole;

#define MABEI_RIGHT_OPEN_CASES 1u

guint mabei_role_rank (MabeiRole role);       /* 3 judge, clerk; 2 mediator; 1; 0 */
const char *mabei_role_name (MabeiRole role); /* "mediator" ... as in the command line; NULL when unknown */
gboolean mabei_role_from_name (const char *name, MabeiRole *role);
gboolean mabei_role_is_staff (MabeiRole role); /* held by credential, never by admission */

typedef struct {
  MabeiRole role;
  char *name;
  MabeiDevicePublic device;
  guint32 rights; /* MABEI_RIGHT_... */
  guint64 serial;
  guint64 issued_ms;    /* a claim */
  guint8 court_key[32]; /* the root's public key */
  GBytes *encoded;
} MabeiCredential;

/* Signs with the court's root. (transfer full) */
MabeiCredential *mabei_credential_issue (MabeiDeviceKey *root,
                                         MabeiRole role,
                                         const char *name,
                                         const MabeiDevicePublic *device,
                                         guint32 rights,
                                         guint64 serial,
                                         guint64 issued_ms,
                                         GError **error);
/* Checks form and signature by the court named inside; whether that court is trusted is the caller's question. */
MabeiCredential *mabei_credential_parse (GBytes *encoded, GError **error);
void mabei_credential_free (MabeiCredential *credential);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiCredential, mabei_credential_free)
