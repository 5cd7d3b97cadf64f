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

typedef struct _MabeiLink MabeiMediaLink;

typedef enum {
  MABEI_MEDIA_LINK_EVENT_CONNECTED, /* ICE and DTLS stand, certificate not yet compared */
  MABEI_MEDIA_LINK_EVENT_VERIFIED,  /* the certificate is the one announced */
  MABEI_MEDIA_LINK_EVENT_REFUSED,   /* it is another one: the link is dead */
  MABEI_MEDIA_LINK_EVENT_FAILED,    /* could not be built or connected */
} MabeiMediaLinkEvent;

typedef struct {
  void (*event) (MabeiMediaLink *link, MabeiMediaLinkEvent event, const char *detail, gpointer user_data);
  void (*description) (MabeiMediaLink *link, gboolean offer, const char *sdp, gpointer user_data);
  void (*candidate) (MabeiMediaLink *link, guint media, const char *candidate, gpointer user_data);
  MabeiReceiverFrame frame; /* streaming thread */
} MabeiMediaLinkCallbacks;

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
} MabeiMediaLinkConfig;

/* (transfer full), NULL with @error. An offerer's description follows by callback. */
MabeiMediaLink *mabei_media_link_new (const MabeiMediaLinkConfig *config,
                                      const MabeiMediaLinkCallbacks *callbacks,
                                      gpointer user_data,
                                      GError **error);
/* Closes without a word to the other side: no packet leaves after this returns. No callback comes any more.
 * NULL is accepted. */
void mabei_media_link_free (MabeiMediaLink *link);

/* The other side's description; the answer to an offer follows by callback. FALSE with MABEI_MEDIA_ERROR_SDP. */
gboolean mabei_media_link_set_remote (MabeiMediaLink *link, gboolean offer, const char *sdp, GError **error);
/* FALSE when it is not a candidate, or the hundredth. */
gboolean mabei_media_link_add_candidate (MabeiMediaLink *link, guint media, const char *candidate);
/* @hears: whether this remote is heard and seen here at all; @audio, @video: what it may have of us. Without effect
 * before verification, remembered till then. */
void mabei_media_link_set_gates (MabeiMediaLink *link, gboolean hears, gboolean audio, gboolean video);
/* A few times a second. */
void mabei_media_link_tick (MabeiMediaLink *link);
gboolean mabei_media_link_is_verified (const MabeiMediaLink *link);
void mabei_media_link_get_stats (MabeiMediaLink *link, MabeiReceiverStats *stats);
void mabei_media_link_reset_peaks (MabeiMediaLink *link);
