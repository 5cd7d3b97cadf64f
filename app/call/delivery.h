/* From the threads of a call to the main context of its owner: messages to send in order, pictures with one pending
 * place a device (a slow window sees fewer, not older ones), events, and "changed" once for many.
 * The owner closes it in its own thread; after that nothing is delivered.
 */
#pragma once

#include "app/call/call.h"

typedef struct _MabeiDelivery MabeiDelivery;

/* (transfer full) */
MabeiDelivery *mabei_delivery_new (GMainContext *context, const MabeiCallCallbacks *callbacks, gpointer user_data);
/* Owner's thread. Sends what still waits to be sent, drops everything else, and the owner's reference. */
void mabei_delivery_close (MabeiDelivery *delivery);

/* Any thread, until closed. */
void mabei_delivery_send (MabeiDelivery *delivery, const char *to_device, GBytes *message);
void mabei_delivery_frame (MabeiDelivery *delivery, const char *device, MabeiVideoFrame *frame);
void mabei_delivery_event (MabeiDelivery *delivery, const char *text);
void mabei_delivery_changed (MabeiDelivery *delivery);
