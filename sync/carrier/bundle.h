/* A bundle: the frames of an exchange in a file, for named people, sealed to their devices (sync.md 1; cli.md
 * "bundle"). Holds only spaces that every named person is in, and the sender's heads. Written as new file + fsync +
 * rename. Everything in it is sealed: existence and size show. Import reads in bounded memory, stops at the first
 * damage with one line, and keeps what was whole before it only if the whole bundle verifies: a damaged bundle changes
 * nothing. Others get NOT_FOR_YOU.
 */
#pragma once

#include "core/store/replica.h"

#define MABEI_BUNDLE_ERROR (mabei_bundle_error_quark ())
GQuark mabei_bundle_error_quark (void);
typedef enum {
  MABEI_BUNDLE_ERROR_FORMAT,
  MABEI_BUNDLE_ERROR_DAMAGED,
  MABEI_BUNDLE_ERROR_NOT_FOR_YOU,
  MABEI_BUNDLE_ERROR_NOT_FOUND,
  MABEI_BUNDLE_ERROR_TOO_LARGE,
  MABEI_BUNDLE_ERROR_FULL,
} MabeiBundleError;

typedef struct {
  guint changes;  /* in the bundle */
  guint new_ones; /* import: not here before */
  guint64 bytes;  /* of the file */
} MabeiBundleResult;

/* @persons: MabeiShortId of members of @c. */
gboolean mabei_bundle_export (MabeiReplica *replica,
                              MabeiCase *c,
                              const MabeiShortId *persons,
                              guint n_persons,
                              const char *path,
                              guint64 now_ms,
                              MabeiBundleResult *result,
                              GError **error);
gboolean mabei_bundle_import (
    MabeiReplica *replica, const char *path, guint64 now_ms, MabeiBundleResult *result, GError **error);
/* What anybody can see of it: format, size, number of recipients' slots. (transfer full) */
char *mabei_bundle_inspect (const char *path, MabeiBundleResult *result, GError **error);
