/* The messages of knock.h, as bytes: CBOR array [body bytes, signature, second signature or empty, padding]. The body
 * is a CBOR array that begins with the type; its id is H ("knock"; body), and that is what is signed. All but WELCOME
 * are padded so that they fall into one size class of the envelope, whatever the name. Pure; decoding is total and
 * checks the fields (name: UTF-8, 1 to MABEI_LIMIT_NAME_BYTES, no control characters); who signed is the caller's
 * question.
 */
#pragma once

#include "core/authority/authority.h"
#include "sync/invite/link.h"

#define MABEI_KNOCK_WELCOME_BYTES (96u * 1024u) /* a sealed WELCOME */

typedef enum {
  MABEI_KNOCK_MESSAGE_KNOCK = 0,   /* by the joiner and the invite key */
  MABEI_KNOCK_MESSAGE_ANSWER = 1,  /* by the admitter */
  MABEI_KNOCK_MESSAGE_REVEAL = 2,  /* by the joiner */
  MABEI_KNOCK_MESSAGE_WELCOME = 3, /* by the admitter */
  MABEI_KNOCK_MESSAGE_REFUSED = 4, /* by the admitter */
} MabeiKnockMessageType;

typedef struct {
  MabeiKnockMessageType type;
  MabeiDevicePublic device; /* KNOCK: the joiner's; ANSWER, WELCOME, REFUSED: the admitter's; REVEAL: not there */
  MabeiShortId person;      /* KNOCK, with the three below */
  char *name;
  guint8 inbox_read_key[32];
  MabeiId inbox_write_seed;
  MabeiId commitment; /* KNOCK */
  MabeiId knock;      /* all but KNOCK: id of the KNOCK */
  MabeiId answer;     /* REVEAL: id of the ANSWER */
  guint8 nonce[32];   /* ANSWER, REVEAL */
  GBytes *sealed;     /* WELCOME; owned */

  /* Set by decoding. */
  MabeiId id;
  GBytes *body;
  guint8 signature[MABEI_SIGNATURE_BYTES];
  guint8 invite_signature[MABEI_SIGNATURE_BYTES]; /* KNOCK */
} MabeiKnockMessage;

/* Signs with @signer and (KNOCK) @invite_secret, 64 bytes, else NULL. (transfer full) */
GBytes *
mabei_knock_message_encode (const MabeiKnockMessage *message, MabeiDeviceKey *signer, MabeiSecret *invite_secret);
/* NULL unless well-formed. (transfer full) */
MabeiKnockMessage *mabei_knock_message_decode (GBytes *bytes);
gboolean mabei_knock_message_is_signed (const MabeiKnockMessage *message, const guint8 sign_key[32]);
gboolean mabei_knock_message_is_invited (const MabeiKnockMessage *message, const guint8 invite_key[32]);
void mabei_knock_message_free (MabeiKnockMessage *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiKnockMessage, mabei_knock_message_free)
