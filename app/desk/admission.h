/* Knocks and doors of a desk: our own knocks on other people's invitations, and the doors of the invitations that we
 * made. Kept in the replica, so that a restart loses nothing; the messages travel through the line. A code is to be
 * compared by people; nothing is admitted by itself.
 */
#pragma once

#include "app/desk/desk.h"

typedef struct {
  char *id;          /* names the knock on both sides, 16 hex digits */
  char *case_id;     /* hex; NULL while an own knock is not admitted */
  char *name;        /* of the joiner */
  MabeiRole role;    /* as invited; meaningless for an own knock */
  char *code;        /* six digits, or NULL while it is worked out */
  const char *state; /* "sent", "code", "admitted", "refused" */
  gboolean alarm;    /* several knocks on one link */
  gboolean own;
} MabeiKnockInfo;

void mabei_knock_info_free (MabeiKnockInfo *info);
/* Whether @text names the knock @id: the whole, or its beginning of four digits or more. */
gboolean mabei_knock_id_fits (const char *id, const char *text);

MabeiAdmission *mabei_admission_new (MabeiDesk *desk);
void mabei_admission_free (MabeiAdmission *admission);
/* The line has a hub now: watch what we wait for. */
void mabei_admission_line_opened (MabeiAdmission *admission);
/* The hub's mailboxes are read: post what is not there yet. */
void mabei_admission_line_read (MabeiAdmission *admission);
/* A record of a rendezvous. */
void mabei_admission_receive (MabeiAdmission *admission, const MabeiShortId *mailbox, GBytes *data);

/* A new invitation and its link (a secret). NO_PEER when no hub is known. (transfer full) */
char *mabei_admission_invite (
    MabeiAdmission *admission, MabeiCase *c, MabeiRole role, const char *name, guint64 expires_ms, GError **error);
/* Knocks; @id as in MabeiKnockInfo. The same link again is the same knock. (transfer full) */
char *mabei_admission_knock (MabeiAdmission *admission, const char *link, GError **error);
/* Everything open and lately decided. (transfer full) MabeiKnockInfo */
GPtrArray *mabei_admission_list (MabeiAdmission *admission);
/* A person compared the codes: admit. CONFLICT while several knocked on the link and @id does not say which, NOT_FOUND,
 * NOT_ALLOWED. */
gboolean mabei_admission_admit (MabeiAdmission *admission, const char *id, GError **error);
gboolean mabei_admission_refuse (MabeiAdmission *admission, const char *id, GError **error);
