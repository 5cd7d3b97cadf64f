/* The codes by which every refusal is known outside (cli.md), and how the errors of the rooms below map to them. One
 * place, so that the command line, the batch and the window say the same thing. Pure.
 */
#pragma once

#include <glib.h>

#define MABEI_DESK_ERROR (mabei_desk_error_quark ())
GQuark mabei_desk_error_quark (void);

typedef enum {
  MABEI_CODE_USAGE,
  MABEI_CODE_BUSY,
  MABEI_CODE_LOCKED,
  MABEI_CODE_WRONG_KEY,
  MABEI_CODE_DAMAGED,
  MABEI_CODE_FORMAT,
  MABEI_CODE_FULL,
  MABEI_CODE_TOO_LARGE,
  MABEI_CODE_NOT_FOUND,
  MABEI_CODE_NOT_ALLOWED,
  MABEI_CODE_NOT_FOR_YOU,
  MABEI_CODE_EXPIRED,
  MABEI_CODE_USED,
  MABEI_CODE_CONFLICT,
  MABEI_CODE_UNVERIFIED,
  MABEI_CODE_NO_PEER,
  MABEI_CODE_UNSUPPORTED,
} MabeiCode;

/* Codes of MABEI_DESK_ERROR are MabeiCode; errors of other domains map to the nearest. */
MabeiCode mabei_code_of (const GError *error);
const char *mabei_code_name (MabeiCode code); /* "no-peer" */
/* 1 refused, 2 usage, 3 does not verify, 5 no peer. */
int mabei_code_exit_status (MabeiCode code);
