/* The session descriptions that we exchange: our own with the true fingerprint written in, the other side's checked
 * against the one shape that we offer and answer (one bundle: audio Opus, video VP8, DTLS-SRTP, trickled candidates)
 * before GStreamer sees it. Pure but for GStreamer's SDP parser; any thread.
 */
#pragma once

#include "app/call/certificate.h"

#include <gst/sdp/sdp.h>

#define MABEI_SDP_LIMIT_BYTES 16384u
#define MABEI_CANDIDATE_LIMIT_BYTES 512u
#define MABEI_SDP_AUDIO_TYPE 97
#define MABEI_SDP_VIDEO_TYPE 96
#define MABEI_SDP_MEDIA_COUNT 2u /* audio, video */

/* Parses and checks what the other side sent. (transfer full), NULL with MABEI_MEDIA_ERROR_SDP. */
GstSDPMessage *mabei_sdp_parse (const char *text, GError **error);
/* The text to send: webrtcbin hashes certificate and key together when the PEM is ours, so the fingerprint is put
 * right here. (transfer full) */
char *mabei_sdp_write (const GstSDPMessage *sdp, const MabeiFingerprint *fingerprint);
/* The first fingerprint of a description. FALSE when it has none that we know. */
gboolean mabei_sdp_get_fingerprint (const GstSDPMessage *sdp, MabeiFingerprint *fingerprint);
/* "candidate:..." of RFC 8839 in printable ASCII within the limit, with an address in figures. */
gboolean mabei_sdp_is_candidate (const char *text);
