/* The inside of the authority, shared by the .c files of this folder: reading of values that several records hold, and
 * the state that a fold of the control space builds. Not for other folders. Threads: none of its own. Failures: readers
 * return FALSE like those of core/base/cbor.h; mabei_authority_finish makes the one error of a record.
 */
#pragma once

#include "core/authority/authority.h"
#include "core/base/cbor.h"

/* FALSE, with the reader's fault or without one when the value is out of range. */
gboolean mabei_authority_read_role (MabeiCborReader *reader, MabeiRole *role);
gboolean mabei_authority_read_name (MabeiCborReader *reader, char **name); /* 1 to MABEI_LIMIT_NAME_BYTES bytes */
/* Sets @error for the record called @what. Returns FALSE, for the caller to return. */
gboolean mabei_authority_finish (MabeiCborReader *reader, const char *what, GError **error);

/* An invitation with the change that made it: only what is in an ADMIT's past can be used by it. */
typedef struct {
  MabeiInvitation invitation; /* first: arrays of these are read as arrays of MabeiInvitation */
  MabeiId made_by;
} MabeiInvitationEntry;

struct _MabeiAuthority {
  MabeiId genesis;
  MabeiShortId control;
  guint8 court_key[32];
  MabeiMember *opener;
  GPtrArray *members;     /* MabeiMember, in order of admission; the opener first */
  GHashTable *by_device;  /* MabeiShortId in the member -> MabeiMember, not owned */
  GPtrArray *invitations; /* MabeiInvitationEntry */
  GHashTable *admissions; /* MabeiShortId -> GPtrArray of MabeiMember: each ADMIT of a device by who may admit */
  GHashTable *keys;       /* MabeiShortId -> MabeiDevicePublic: of every device that any ADMIT names */
  MabeiShortId joint;     /* zero until named */
};

MabeiMember *mabei_member_copy (const MabeiMember *member);
void mabei_member_free (MabeiMember *member);
