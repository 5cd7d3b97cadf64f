/* The certificate of one session: a fresh self-signed P-256 certificate and its key, as the PEM text that dtlsdec
 * wants, and the fingerprint (SHA-256 of the DER form, RFC 8122) that travels in the sealed signalling.
 * A new one for each session: DTLS 1.2 shows certificates in clear, a lasting one would link calls to a person.
 * Immutable and reference-counted (atomic): any thread. The PEM text is wiped when the last reference goes; GStreamer
 * keeps copies of its own as long as a link lives.
 */
#pragma once

#include <glib.h>

#define MABEI_FINGERPRINT_BYTES 32u

#define MABEI_CERTIFICATE_ERROR (mabei_certificate_error_quark ())
GQuark mabei_certificate_error_quark (void);

typedef enum {
  MABEI_CERTIFICATE_ERROR_CRYPTO, /* libcrypto could not do it */
  MABEI_CERTIFICATE_ERROR_FORMAT, /* not a PEM certificate */
} MabeiCertificateError;

typedef struct {
  guint8 bytes[MABEI_FINGERPRINT_BYTES];
} MabeiFingerprint;

typedef struct _MabeiCertificate MabeiCertificate;

/* (transfer full), NULL with @error when libcrypto fails. */
MabeiCertificate *mabei_certificate_new (GError **error);
MabeiCertificate *mabei_certificate_ref (MabeiCertificate *certificate);
void mabei_certificate_unref (MabeiCertificate *certificate); /* NULL is accepted */

/* Certificate and private key, PEM. Borrowed. Never to be logged. */
const char *mabei_certificate_get_pem (const MabeiCertificate *certificate);
const MabeiFingerprint *mabei_certificate_get_fingerprint (const MabeiCertificate *certificate);

/* The fingerprint of a PEM certificate that a peer presented. FALSE with @error, @fingerprint untouched, otherwise. */
gboolean mabei_fingerprint_of_pem (const char *pem, MabeiFingerprint *fingerprint, GError **error);
/* Constant time. */
gboolean mabei_fingerprint_equal (const MabeiFingerprint *a, const MabeiFingerprint *b);
/* "AB:CD:..." in capitals, as in SDP. (transfer full) */
char *mabei_fingerprint_to_text (const MabeiFingerprint *fingerprint);
/* Strict: 32 pairs of hex digits with colons between. FALSE, @fingerprint untouched, otherwise. */
gboolean mabei_fingerprint_from_text (const char *text, MabeiFingerprint *fingerprint);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiCertificate, mabei_certificate_unref)
