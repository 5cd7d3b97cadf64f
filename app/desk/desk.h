/* A person's desk: everything of a running client behind its face. Owns the opened replica, the line to the hub,
 * admission (knocks and doors) and the meeting (the session). mabeictl and the window both stand on it; commands.h is
 * the way in. One thread: the thread-default GMainContext of its creation; call threads reach it only through that
 * context. Nothing here blocks for long but the disk.
 */
#pragma once

#include <gio/gio.h>

#include "app/desk/code.h"
#include "core/store/replica.h"

typedef struct _MabeiDesk MabeiDesk;
typedef struct _MabeiLine MabeiDeskLine;
typedef struct _MabeiAdmission MabeiAdmission;
typedef struct _MabeiMeeting MabeiMeeting;

/* What may have changed; the window's port uses the same numbers. */
typedef enum {
  MABEI_DESK_CASES = 1 << 0,
  MABEI_DESK_SESSION = 1 << 1,
  MABEI_DESK_SYNC = 1 << 2,
  MABEI_DESK_KNOCKS = 1 << 3,
} MabeiDeskChanged;

typedef struct {
  /* Gathered: called from an idle, never from inside a command. */
  void (*changed) (MabeiDesk *desk, guint what, gpointer user_data);
  /* A live event as an a{sv} with "event" (floating). */
  void (*event) (MabeiDesk *desk, GVariant *event, gpointer user_data);
  /* A picture of @device ("self" for the own camera): @bgra holds @height rows of @stride bytes. */
  void (*frame) (
      MabeiDesk *desk, const char *device, guint width, guint height, guint stride, GBytes *bgra, gpointer user_data);
  /* A remote edit of any document, as in MabeiCaseListener. */
  void (*patch) (MabeiDesk *desk,
                 MabeiDocument *document,
                 guint position,
                 guint removed,
                 const char *inserted,
                 gpointer user_data);
  gpointer user_data;
} MabeiDeskListener;

/* @replica: (transfer full). */
MabeiDesk *mabei_desk_new (MabeiReplica *replica, const MabeiDeskListener *listener);
/* Leaves the session, seals what is open, closes the replica. NULL is accepted. */
void mabei_desk_free (MabeiDesk *desk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiDesk, mabei_desk_free)

MabeiReplica *mabei_desk_replica (MabeiDesk *desk);
MabeiDeskLine *mabei_desk_line (MabeiDesk *desk);
MabeiAdmission *mabei_desk_admission (MabeiDesk *desk);
MabeiMeeting *mabei_desk_meeting (MabeiDesk *desk);
guint64 mabei_desk_now_ms (void);

/* For the parts of the desk: say that something changed, or happened. */
void mabei_desk_changed (MabeiDesk *desk, guint what);
void mabei_desk_event (MabeiDesk *desk, GVariant *event);
const MabeiDeskListener *mabei_desk_listener (MabeiDesk *desk);
/* After anything was typed or committed: arms the clock that seals and journals, wakes the line. */
void mabei_desk_wrote (MabeiDesk *desk);

/* --- what people type to name things --- */
/* A case by the beginning of its id; with NULL the only case. */
MabeiCase *mabei_desk_find_case (MabeiDesk *desk, const char *text, GError **error);
/* A member by person id, device id (or the beginning of one) or exact name. */
const MabeiMember *mabei_desk_find_member (MabeiCase *c, const char *text, GError **error);
/* A readable space by the beginning of its id, or by kind: "control", "joint", "caucus" (the only one, or
 * "caucus:NAME"). NULL text: joint. */
MabeiSpace *mabei_desk_find_space (MabeiCase *c, const char *text, GError **error);
MabeiDocument *mabei_desk_find_document (MabeiCase *c, const char *text, GError **error);
