/* A session of up to six people by audio and video: mesh of DTLS-SRTP links, rooms, admission. This is all of app/call
 * that the rest of the program includes.
 * Threads: a call runs in a thread of its own. Functions here may be called from any thread and return at once;
 * callbacks come in the main context that was thread-default when the call was made; mabei_call_free must be called
 * in that context's thread, and no callback comes after it.
 * The carrier's part: take what `send` gives to that device, sealed, and hand what arrives to mabei_call_receive
 * together with the device that it is proven to come from. Messages may be lost; they may not be reordered for long.
 * Failures: a missing device or a lost person never ends a call; `event` tells them in one line.
 */
#pragma once

#include "app/call/call_state.h"

typedef struct _MabeiCall MabeiCall;

typedef enum {
  MABEI_CALL_SOURCE_NONE,
  MABEI_CALL_SOURCE_TEST,   /* pattern with name and counter, and a tone */
  MABEI_CALL_SOURCE_CAMERA, /* the real devices; any may be missing */
} MabeiCallSource;

typedef struct {
  const char *device; /* one's own; compared as text: the smaller of two makes the offers */
  const char *name;   /* shown to the others */
  const char *host;   /* the device of the mediator who opens the session */
  MabeiCallSource source;
  int pattern;                    /* TEST: number of the picture */
  guint tone_hz;                  /* TEST: 400, 500 ... 2700; 0: silence */
  guint width, height, framerate; /* 0: 320, 240, 15 */
  guint video_bitrate;            /* bit/s; 0: 200 000 */
  gboolean self_view;             /* deliver one's own picture too, under one's own device */
  gboolean speaker;               /* play what is heard */
  gboolean loopback;              /* use 127.0.0.1 only (else: only where there is no other address) */
  const char *turn_server;        /* "turn://user:password@host:port" or NULL */
  const char *advertise;          /* for tests: a false fingerprint to announce instead of the true one */
} MabeiCallConfig;

typedef struct {
  void (*send) (const char *to_device, GBytes *message, gpointer user_data);
  /* The newest picture only: what was not fetched in time is replaced. Keep it with mabei_video_frame_ref. */
  void (*frame) (const char *device, MabeiVideoFrame *frame, gpointer user_data);
  void (*changed) (gpointer user_data);                 /* look at mabei_call_get_state */
  void (*event) (const char *text, gpointer user_data); /* one line for a log or a person */
} MabeiCallCallbacks;

/* Any callback may be NULL but send. (transfer full), NULL with @error when GStreamer lacks a part. */
MabeiCall *
mabei_call_new (const MabeiCallConfig *config, const MabeiCallCallbacks *callbacks, gpointer user_data, GError **error);
/* Leaves without a word when still inside; what mabei_call_leave had to say is sent first. NULL is accepted. */
void mabei_call_free (MabeiCall *call);

void mabei_call_receive (MabeiCall *call, const char *from_device, GBytes *message);

void mabei_call_open (MabeiCall *call);  /* the host: a new session with oneself in the joint room */
void mabei_call_join (MabeiCall *call);  /* anybody else: knocks until the host answers */
void mabei_call_leave (MabeiCall *call); /* the host ends the session for all */

/* The host's. What is refused is told by `event`. */
void mabei_call_admit (MabeiCall *call, const char *device);
void mabei_call_refuse (MabeiCall *call, const char *device); /* one who waits, or one inside */
/* Asks the person; oneself is moved at once. */
void mabei_call_move (MabeiCall *call, const char *device, MabeiRoomPlace place);
/* Goes back to the joint room and asks everyone in a caucus to come. */
void mabei_call_return_all (MabeiCall *call);
void mabei_call_lock (MabeiCall *call, gboolean locked);

/* The answer to being asked to move. */
void mabei_call_accept (MabeiCall *call, gboolean yes);
void mabei_call_set_muted (MabeiCall *call, gboolean muted);
void mabei_call_set_camera (MabeiCall *call, gboolean on);
/* FALSE cuts carrier and media at once without a goodbye, as a pulled cable does; TRUE plugs it in again. */
void mabei_call_set_link_up (MabeiCall *call, gboolean up);

/* For tests and equipment checks. */
void mabei_call_set_tone (MabeiCall *call, guint tone_hz);
void mabei_call_reset_peaks (MabeiCall *call);

/* The latest picture of everything, at most a quarter of a second old. (transfer full) */
MabeiCallState *mabei_call_get_state (MabeiCall *call);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiCall, mabei_call_free)
