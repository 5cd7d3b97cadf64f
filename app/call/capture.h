/* What one person gives into a call: microphone and camera (or the test sources, or a file), encoded once (Opus, VP8)
 * and handed to every output. Audio and video are two pipelines of their own, so that a device that fails takes only
 * itself away; any of them may be missing. Outputs are called in streaming threads and must not block; adding and
 * removing waits for calls in progress. Nothing an output does can stop the encoders or another output.
 * Everything else: one thread (the call's).
 */
#pragma once

#include <gst/gst.h>

typedef enum {
  MABEI_CAPTURE_NONE,
  MABEI_CAPTURE_TEST,   /* pattern with name and counter, tone */
  MABEI_CAPTURE_CAMERA, /* the real devices */
  MABEI_CAPTURE_FILE,
} MabeiCaptureSource;

typedef struct {
  MabeiCaptureSource source;
  const char *file; /* FILE: anything decodebin opens */
  const char *name; /* TEST: written into the picture where pango is installed */
  int pattern;      /* TEST: number of videotestsrc's pattern */
  guint tone_hz;    /* TEST */
  guint width, height, framerate;
  guint audio_bitrate, video_bitrate; /* bit/s */
  gboolean self_view;                 /* deliver one's own picture too */
} MabeiCaptureConfig;

typedef struct _MabeiCapture MabeiCapture;

typedef struct {
  /* One Opus frame of 20 ms or one VP8 picture. Streaming thread; borrowed. */
  void (*encoded) (gboolean video, GstBuffer *buffer, gpointer user_data);
} MabeiCaptureOutput;

/* One's own picture, BGRA. Streaming thread; borrowed. */
typedef void (*MabeiCaptureView) (GstSample *sample, gpointer user_data);
/* A device that is missing or failed, one line. In @context. */
typedef void (*MabeiCaptureNotice) (const char *text, gpointer user_data);

/* Starts at once what can be started. @context: where notices are told. (transfer full) */
MabeiCapture *mabei_capture_new (const MabeiCaptureConfig *config,
                                 GMainContext *context,
                                 MabeiCaptureView view,
                                 MabeiCaptureNotice notice,
                                 gpointer user_data);
void mabei_capture_free (MabeiCapture *capture);

void mabei_capture_add_output (MabeiCapture *capture, const MabeiCaptureOutput *output, gpointer user_data);
void mabei_capture_remove_output (MabeiCapture *capture, gpointer user_data);

gboolean mabei_capture_has_audio (const MabeiCapture *capture);
gboolean mabei_capture_has_video (const MabeiCapture *capture);
/* Muted audio and a camera that is off leave the source no further than the valve before the encoder, and what is
 * still inside the encoder is dropped. */
void mabei_capture_set_audio (MabeiCapture *capture, gboolean on);
void mabei_capture_set_video (MabeiCapture *capture, gboolean on);
/* TEST: another tone from now on; 0 is silence. */
void mabei_capture_set_tone (MabeiCapture *capture, guint tone_hz);
/* Any thread; told to the encoder at most every 300 ms. */
void mabei_capture_request_key_picture (MabeiCapture *capture);
/* How loud one's own microphone is, dB below full scale. Any thread. */
float mabei_capture_get_level (MabeiCapture *capture);
