/* The hub: mailboxes of sealed envelopes, and forwarding of live messages. Sees envelopes, size classes, times, and
 * (until mailboxes open by capability alone) which device keys ask; never a case, a space, a name or a change.
 * Everything is checked by length, quota and sequence before any signature. fsync before acknowledging (group commit).
 * One process, one SQLite file, one connection that writes. Server thread = GMainContext of creation. Limits:
 * connections, connections a device, mailboxes, bytes a mailbox, bytes and live messages a second a device, unsent
 * bytes a slow reader (1 MiB: it reads on from its cursor, nothing is queued in memory).
 */
#pragma once

#include <gio/gio.h>
#include "core/crypto/device_key.h"

#define MABEI_HUB_ERROR (mabei_hub_error_quark ())
GQuark mabei_hub_error_quark (void);
typedef enum {
  MABEI_HUB_ERROR_CONFIG,
  MABEI_HUB_ERROR_BUSY,
  MABEI_HUB_ERROR_DAMAGED,
  MABEI_HUB_ERROR_FULL,
  MABEI_HUB_ERROR_FAILED
} MabeiHubError;

typedef struct {
  const char *listen;   /* "127.0.0.1:0"; any address but loopback is refused without TLS */
  const char *store;    /* file */
  const char *tls_cert; /* or NULL */
  const char *tls_key;
  const guint8 *court_key; /* 32 bytes: whose credentials may make mailboxes; NULL: any authenticated device may (said
                              at start) */
  /* 0 everywhere: the default of sync/hub/config.h */
  guint max_connections;
  guint max_device_connections;
  guint64 max_mailbox_bytes;
  guint64 max_mailboxes;
  guint64 max_device_mailboxes;
  guint handshake_ms; /* to be authenticated */
  guint silence_ms;   /* without any frame */
} MabeiHubConfig;

typedef struct _MabeiHub MabeiHub;

MabeiHub *mabei_hub_start (const MabeiHubConfig *config, GError **error);
void mabei_hub_stop (MabeiHub *hub);
const char *mabei_hub_url (MabeiHub *hub);   /* "ws://127.0.0.1:PORT/" */
const guint8 *mabei_hub_key (MabeiHub *hub); /* 32 bytes, made with the store */
