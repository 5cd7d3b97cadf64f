#include "app/desk/code.h"

#include "core/case/case.h"
#include "core/store/key_file.h"
#include "sync/carrier/bundle.h"
#include "sync/invite/link.h"

G_DEFINE_QUARK (mabei - desk - error - quark, mabei_desk_error)

static const char *const names[] = {
    "usage", "busy",      "locked",     "wrong-key",   "damaged",     "format",
    "full",  "too-large", "not-found",  "not-allowed", "not-for-you", "expired",
    "used",  "conflict",  "unverified", "no-peer",     "unsupported",
};

const char *
mabei_code_name (MabeiCode code)
{
  g_assert (code < G_N_ELEMENTS (names));
  return names[code];
}

int
mabei_code_exit_status (MabeiCode code)
{
  if (code == MABEI_CODE_USAGE)
    return 2;
  if (code == MABEI_CODE_UNVERIFIED)
    return 3;
  return code == MABEI_CODE_NO_PEER ? 5 : 1;
}

typedef struct {
  int code;
  MabeiCode as;
} Row;

static MabeiCode
lookup (const Row *rows, gsize n_rows, int code)
{
  for (gsize i = 0; i < n_rows; i++)
    if (rows[i].code == code)
      return rows[i].as;
  return MABEI_CODE_FORMAT;
}

static const Row store_rows[] = {
    {MABEI_STORE_ERROR_BUSY, MABEI_CODE_BUSY},           {MABEI_STORE_ERROR_WRONG_KEY, MABEI_CODE_WRONG_KEY},
    {MABEI_STORE_ERROR_DAMAGED, MABEI_CODE_DAMAGED},     {MABEI_STORE_ERROR_FORMAT, MABEI_CODE_FORMAT},
    {MABEI_STORE_ERROR_FULL, MABEI_CODE_FULL},           {MABEI_STORE_ERROR_READ_ONLY, MABEI_CODE_NOT_ALLOWED},
    {MABEI_STORE_ERROR_NOT_FOUND, MABEI_CODE_NOT_FOUND}, {MABEI_STORE_ERROR_EXISTS, MABEI_CODE_USED},
    {MABEI_STORE_ERROR_FAILED, MABEI_CODE_DAMAGED},
};

static const Row case_rows[] = {
    {MABEI_CASE_ERROR_FORMAT, MABEI_CODE_FORMAT},           {MABEI_CASE_ERROR_NOT_FOUND, MABEI_CODE_NOT_FOUND},
    {MABEI_CASE_ERROR_NOT_ALLOWED, MABEI_CODE_NOT_ALLOWED}, {MABEI_CASE_ERROR_NOT_FOR_YOU, MABEI_CODE_NOT_FOR_YOU},
    {MABEI_CASE_ERROR_TOO_LARGE, MABEI_CODE_TOO_LARGE},     {MABEI_CASE_ERROR_UNVERIFIED, MABEI_CODE_UNVERIFIED},
    {MABEI_CASE_ERROR_CONFLICT, MABEI_CODE_CONFLICT},
};

static const Row change_rows[] = {
    {MABEI_CHANGE_ERROR_FORMAT, MABEI_CODE_FORMAT},
    {MABEI_CHANGE_ERROR_TOO_LARGE, MABEI_CODE_TOO_LARGE},
    {MABEI_CHANGE_ERROR_UNSUPPORTED, MABEI_CODE_UNSUPPORTED},
    {MABEI_CHANGE_ERROR_NOT_OPENED, MABEI_CODE_UNVERIFIED},
};

static const Row authority_rows[] = {
    {MABEI_AUTHORITY_ERROR_FORMAT, MABEI_CODE_FORMAT},
    {MABEI_AUTHORITY_ERROR_UNVERIFIED, MABEI_CODE_UNVERIFIED},
    {MABEI_AUTHORITY_ERROR_NOT_ALLOWED, MABEI_CODE_NOT_ALLOWED},
};

static const Row bundle_rows[] = {
    {MABEI_BUNDLE_ERROR_FORMAT, MABEI_CODE_FORMAT},           {MABEI_BUNDLE_ERROR_DAMAGED, MABEI_CODE_DAMAGED},
    {MABEI_BUNDLE_ERROR_NOT_FOR_YOU, MABEI_CODE_NOT_FOR_YOU}, {MABEI_BUNDLE_ERROR_NOT_FOUND, MABEI_CODE_NOT_FOUND},
    {MABEI_BUNDLE_ERROR_TOO_LARGE, MABEI_CODE_TOO_LARGE},     {MABEI_BUNDLE_ERROR_FULL, MABEI_CODE_FULL},
};

static const Row invite_rows[] = {
    {MABEI_INVITE_ERROR_FORMAT, MABEI_CODE_FORMAT},
    {MABEI_INVITE_ERROR_EXPIRED, MABEI_CODE_EXPIRED},
    {MABEI_INVITE_ERROR_UNVERIFIED, MABEI_CODE_UNVERIFIED},
    {MABEI_INVITE_ERROR_USED, MABEI_CODE_USED},
};

static const Row file_rows[] = {
    {G_FILE_ERROR_NOENT, MABEI_CODE_NOT_FOUND},   {G_FILE_ERROR_NOSPC, MABEI_CODE_FULL},
    {G_FILE_ERROR_ACCES, MABEI_CODE_NOT_ALLOWED}, {G_FILE_ERROR_PERM, MABEI_CODE_NOT_ALLOWED},
    {G_FILE_ERROR_ROFS, MABEI_CODE_NOT_ALLOWED},
};

#define LOOKUP(rows) lookup (rows, G_N_ELEMENTS (rows), error->code)

MabeiCode
mabei_code_of (const GError *error)
{
  if (error->domain == MABEI_DESK_ERROR)
    return (MabeiCode) error->code;
  if (error->domain == MABEI_STORE_ERROR)
    return LOOKUP (store_rows);
  if (error->domain == MABEI_CASE_ERROR)
    return LOOKUP (case_rows);
  if (error->domain == MABEI_CHANGE_ERROR)
    return LOOKUP (change_rows);
  if (error->domain == MABEI_AUTHORITY_ERROR)
    return LOOKUP (authority_rows);
  if (error->domain == MABEI_BUNDLE_ERROR)
    return LOOKUP (bundle_rows);
  if (error->domain == MABEI_INVITE_ERROR)
    return LOOKUP (invite_rows);
  if (error->domain == G_FILE_ERROR)
    return LOOKUP (file_rows);
  return MABEI_CODE_FORMAT;
}
