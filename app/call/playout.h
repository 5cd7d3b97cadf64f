/* What one person hears: the decoded audio of every link, mixed, to the sound device; where there is none, to nowhere
 * at the same pace. A pipeline of its own, so that a link can come and go without a gap in the others.
 * One thread (the call's), but for mabei_playout_push.
 */
#pragma once

#include "app/call/tone.h"

#include <gst/gst.h>

typedef struct _MabeiPlayout MabeiPlayout;
typedef struct _MabeiPlayoutInput MabeiPlayoutInput;

/* @device: try the sound device (else nothing is ever audible). (transfer full), NULL with @error. */
MabeiPlayout *mabei_playout_new (gboolean device, GError **error);
void mabei_playout_free (MabeiPlayout *playout); /* inputs first; NULL is accepted */
/* TRUE when the sound goes to a device. */
gboolean mabei_playout_has_device (const MabeiPlayout *playout);

/* How loud each test tone is in the mix now. */
void mabei_playout_get_tones (MabeiPlayout *playout, float now_db[MABEI_TONE_COUNT]);

/* S16LE, 48 kHz, mono. NULL when the mixer takes no more. */
MabeiPlayoutInput *mabei_playout_add (MabeiPlayout *playout);
/* No push may be running. */
void mabei_playout_remove (MabeiPlayout *playout, MabeiPlayoutInput *input); /* NULL is accepted */
/* Streaming thread; never blocks: what the mixer does not take in time is dropped. */
void mabei_playout_push (MabeiPlayoutInput *input, GstBuffer *buffer);
