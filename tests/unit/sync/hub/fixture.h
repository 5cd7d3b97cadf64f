/* A hub in this process and raw clients of it (libsoup's WebSocket: not the hub's own framing), so that a test reads
 * like the protocol. Everything waits in the main context and fails the test after FIXTURE_PATIENCE_S.
 */
#pragma once

#include "sync/hub/hub.h"
#include "sync/peer/proof.h"

#define FIXTURE_PATIENCE_S 20

typedef struct {
  char *folder; /* its own, removed with everything in it */
  char *store;
  MabeiHubConfig config;
  MabeiHub *hub;
} Fixture;

void fixture_init (int *argc, char ***argv); /* first in main */
Fixture *fixture_new (void);                 /* config is set, the hub not yet started */
void fixture_start (Fixture *fixture);
void fixture_stop (Fixture *fixture);
void fixture_free (Fixture *fixture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Fixture, fixture_free)
void fixture_remove_folder (const char *folder);
guint16 fixture_port (Fixture *fixture);
char *fixture_get (Fixture *fixture, const char *path, guint *status); /* HTTP GET */
guint64 fixture_metric (Fixture *fixture, const char *name);

/* Runs the main context until *@flag, or fails. */
void fixture_wait_until (gboolean (*condition) (gpointer), gpointer data);
void fixture_wait_ms (guint ms);

typedef struct _Client Client;
Client *client_connect (const char *url);                                           /* the WebSocket stands */
Client *client_ready (const char *url, MabeiDeviceKey *device, GBytes *credential); /* and READY has come */
void client_free (Client *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Client, client_free)
const guint8 *client_salt (Client *client);        /* the hub's, after its HELLO */
const guint8 *client_hub_key (Client *client);     /* after its HELLO */
const MabeiShortId *client_epoch (Client *client); /* after READY */
void client_send (Client *client, const MabeiFrame *frame);
void client_send_bytes (Client *client, gconstpointer data, gsize length);
void client_hello (Client *client);
MabeiFrame *client_next (Client *client);                        /* the next frame, or fails */
MabeiFrame *client_expect (Client *client, MabeiFrameType type); /* the next frame, which is one of these */
void client_expect_refusal (Client *client, guint64 tag, MabeiRefuse code);
void client_expect_ack (Client *client, guint64 tag, guint64 position);
void client_expect_closed (Client *client);
/* Everything sent before was handled, and its answers came earlier than this: PING and PONG. */
void client_expect_nothing (Client *client);
gboolean client_is_closed (Client *client);
guint client_waiting (Client *client); /* frames that came and were not taken */

/* Frames of a mailbox. */
void client_create (Client *client, guint64 tag, MabeiMailboxKeys *keys);
void client_open (Client *client, guint64 tag, MabeiMailboxKeys *keys, guint64 cursor);
void client_record (Client *client, guint64 tag, MabeiMailboxKeys *keys, GBytes *envelope);
void client_live (Client *client, MabeiMailboxKeys *keys, const char *text);
/* Some bytes of the size class that @length needs; different for each @number. */
GBytes *envelope_make (gsize length, guint64 number);
MabeiMailboxKeys *mailbox_make (guint64 number);
