/* The media connection to one remote device: one webrtcbin in a pipeline of its own, a sender, a receiver. It lives
 * through one attempt only: what is lost is closed and built anew under a new attempt id, never restarted (webrtcbin
 * cannot). The other side's certificate is compared with the fingerprint that came sealed, by us: webrtcbin 1.22 does
 * not. Before that nothing is decoded and nothing captured is sent; when it differs, never.
 * One thread: that of the GMainContext given; callbacks come there too (but frames: streaming thread). webrtcbin's own
 * threads never touch a link, they post to that context.
 */
#pragma once

#include "app/call/capture.h"
#include "app/call/certificate.h"
#include "app/call/receiver.h"

typedef struct _MabeiLink MabeiLink;

typedef enum {
  MABEI_LINK_EVENT_CONNECTED, /* ICE and DTLS stand, certificate not yet compared */
  MABEI_LINK_EVENT_VERIFIED,  /* the certificate is the one announced */
  MABEI_LINK_EVENT_REFUSED,   /* it is another one: the link is dead */
  MABEI_LINK_EVENT_FAILED,    /* could not be built or connected */
} MabeiLinkEvent;

typedef struct {
  void (*event) (MabeiLink *link, MabeiLinkEvent event, const char *detail, gpointer user_data);
  void (*description) (MabeiLink *link, gboolean offer, const char *sdp, gpointer user_data);
  void (*candidate) (MabeiLink *link, guint media, const char *candidate, gpointer user_data);
  MabeiReceiverFrame frame; /* streaming thread */
} MabeiLinkCallbacks;

typedef struct {
  GMainContext *context;
  MabeiCapture *capture;             /* outlives the link */
  MabeiPlayout *playout;             /* outlives the link; NULL: sound goes nowhere */
  MabeiCertificate *certificate;     /* ours; the link takes a reference */
  const MabeiFingerprint *advertise; /* what we say ours is; NULL: the truth (anything else is for tests) */
  const MabeiFingerprint *peer;      /* what theirs must be; NULL: what their description says */
  gboolean offerer;
  gboolean loopback;       /* only 127.0.0.1 */
  const char *turn_server; /* "turn://user:password@host:port" or NULL */
} MabeiLinkConfig;

/* (transfer full), NULL with @error. An offerer's description follows by callback. */
MabeiLink *
mabei_link_new (const MabeiLinkConfig *config, const MabeiLinkCallbacks *callbacks, gpointer user_data, GError **error);
/* Closes without a word to the other side: no packet leaves after this returns. No callback comes any more.
 * NULL is accepted. */
void mabei_link_free (MabeiLink *link);

/* The other side's description; the answer to an offer follows by callback. FALSE with MABEI_MEDIA_ERROR_SDP. */
gboolean mabei_link_set_remote (MabeiLink *link, gboolean offer, const char *sdp, GError **error);
/* FALSE when it is not a candidate, or the hundredth. */
gboolean mabei_link_add_candidate (MabeiLink *link, guint media, const char *candidate);
/* What this remote may hear and see of us. Without effect before verification, remembered till then. */
void mabei_link_set_gates (MabeiLink *link, gboolean audio, gboolean video);
/* A few times a second. */
void mabei_link_tick (MabeiLink *link);
gboolean mabei_link_is_verified (const MabeiLink *link);
void mabei_link_get_stats (MabeiLink *link, MabeiReceiverStats *stats);
void mabei_link_reset_peaks (MabeiLink *link);
