/* Is a configuration fit to run: the address (an IP literal or "localhost", and a port), TLS files that can be read and
 * belong together, TLS for every address but loopback, sane limits. Opens no socket and no store. Every error is
 * MABEI_HUB_ERROR_CONFIG with one line for the operator.
 */
#pragma once

#include "sync/hub/hub.h"

#define MABEI_HUB_DEFAULT_CONNECTIONS 1024u
#define MABEI_HUB_DEFAULT_DEVICE_CONNECTIONS 8u
#define MABEI_HUB_DEFAULT_MAILBOX_BYTES (256ull * 1024ull * 1024ull)
#define MABEI_HUB_DEFAULT_MAILBOXES 1000000u
#define MABEI_HUB_DEFAULT_DEVICE_MAILBOXES 100000u
#define MABEI_HUB_DEFAULT_HANDSHAKE_MS 10000u
#define MABEI_HUB_DEFAULT_SILENCE_MS 60000u

typedef struct {
  GSocketAddress *address;
  GTlsCertificate *certificate; /* NULL: plain, loopback only */
  MabeiHubConfig limits;        /* with the defaults filled in; its strings are not to be used */
} MabeiHubSettings;

gboolean mabei_hub_settings_read (const MabeiHubConfig *config, MabeiHubSettings *settings, GError **error);
void mabei_hub_settings_clear (MabeiHubSettings *settings);
