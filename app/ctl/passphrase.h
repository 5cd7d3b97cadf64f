/* Where a passphrase comes from: a file, MABEI_PASSPHRASE_FILE, or a prompt on the terminal without echo. Never an
 * argument. */
#pragma once

#include "core/base/secret.h"

/* @path may be NULL. @twice: asked again on a terminal (a new one). USAGE or file errors. (transfer full) */
MabeiSecret *mabei_passphrase_read (const char *path, gboolean twice, GError **error);
