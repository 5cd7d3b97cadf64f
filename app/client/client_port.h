/* The window's port on a desk: what ui/ports/port.h promises, by app/desk. GTK's thread. Owns the desk. */
#pragma once

#include "app/desk/desk.h"
#include "ui/ports/port.h"

typedef struct _MabeiClientPort MabeiClientPort;

/* @replica: (transfer full). @event: live events of the desk (for a story); may be NULL. */
MabeiClientPort *
mabei_client_port_new (MabeiReplica *replica, void (*event) (GVariant *event, gpointer user_data), gpointer user_data);
void mabei_client_port_free (MabeiClientPort *client);
MabeiPort *mabei_client_port_port (MabeiClientPort *client);
MabeiDesk *mabei_client_port_desk (MabeiClientPort *client);
