/* The receiving half of one link: audio and video of one remote, decoded, measured and handed on. Until the other
 * side's certificate was compared, every packet is dropped before it reaches a decoder. Decoded pictures go to the
 * frame function, sound to the playout.
 * One thread (the call's); packets come in on streaming threads. Figures may be read by any thread.
 */
#pragma once

#include "app/call/playout.h"
#include "app/call/tone.h"
#include "app/call/video_frame.h"

typedef struct _MabeiReceiver MabeiReceiver;

typedef struct {
  guint64 frames;       /* pictures decoded and handed on */
  guint32 last_counter; /* the counter in the last picture that had one */
  gboolean has_counter;
  guint64 audio_packets, video_packets; /* that passed verification */
  guint64 dropped_packets;              /* that came before verification */
  gint64 packet_at_us;                  /* monotonic time of the last packet, 0: none yet */
  double speech_share;                  /* of the last two seconds of audio, the share that came: 0..1 */
  MabeiToneMeter tones;
} MabeiReceiverStats;

/* Streaming thread. (transfer none) */
typedef void (*MabeiReceiverFrame) (MabeiVideoFrame *frame, gpointer user_data);

/* Hooks on @webrtc's pads inside @pipeline. (transfer full) */
MabeiReceiver *mabei_receiver_new (
    GstElement *pipeline, GstElement *webrtc, MabeiPlayout *playout, MabeiReceiverFrame frame, gpointer user_data);
/* No new branch and nothing handed on from here; before the pipeline is stopped. */
void mabei_receiver_stop (MabeiReceiver *receiver);
/* After the pipeline was stopped. NULL is accepted. */
void mabei_receiver_free (MabeiReceiver *receiver);

void mabei_receiver_set_verified (MabeiReceiver *receiver);
/* Whether what arrives is heard and shown here; measured it is always. Closed at first. */
void mabei_receiver_set_open (MabeiReceiver *receiver, gboolean open);
void mabei_receiver_get_stats (MabeiReceiver *receiver, MabeiReceiverStats *stats);
void mabei_receiver_reset_peaks (MabeiReceiver *receiver);
