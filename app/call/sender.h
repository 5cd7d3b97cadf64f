/* The sending half of one link: what capture encodes passes two gates and is packed for this one remote. The gates are
 * where it is decided who hears whom: closed means that nothing captured leaves this machine for that person. What was
 * captured before a gate opened never passes it, so that words of one room cannot slip into the next. While nothing is
 * sent, an Opus frame of silence goes out now and then: the other side tells "silent" from "gone" by it.
 * One thread (the call's); capture calls in from its streaming threads.
 */
#pragma once

#include "app/call/capture.h"

typedef struct _MabeiSender MabeiSender;

/* Builds both branches into @pipeline and connects them to @webrtc's first two transceivers, gates closed.
 * (transfer full), NULL with @error. */
MabeiSender *mabei_sender_new (GstElement *pipeline, GstElement *webrtc, MabeiCapture *capture, GError **error);
/* Before the pipeline is stopped. NULL is accepted. */
void mabei_sender_free (MabeiSender *sender);

/* When this returns, nothing more passes a closed gate. */
void mabei_sender_set_gates (MabeiSender *sender, gboolean audio, gboolean video);
/* From now on silence may be sent to keep the link warm (the other side is verified). */
void mabei_sender_set_verified (MabeiSender *sender);
/* To be called every few hundred milliseconds. */
void mabei_sender_tick (MabeiSender *sender);
