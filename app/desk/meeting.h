/* The desk's meeting: the session of one case at a time, by app/call, with its signalling through the line. The host
 * announces the session to every member's device; others join, wait, and are admitted. Without the call room (built
 * without GStreamer) every intent is UNSUPPORTED.
 */
#pragma once

#include "app/desk/desk.h"

MabeiMeeting *mabei_meeting_new (MabeiDesk *desk);
void mabei_meeting_free (MabeiMeeting *meeting);

/* A call message from a member's device of @c. */
void mabei_meeting_receive (MabeiMeeting *meeting, MabeiCase *c, const MabeiShortId *from, GBytes *data);
void mabei_meeting_line_changed (MabeiMeeting *meeting, gboolean ready);
/* The "offline" switch: media is cut without a goodbye. */
void mabei_meeting_set_link_up (MabeiMeeting *meeting, gboolean up);

/* @source: "test", "camera" or "none". */
gboolean mabei_meeting_open (MabeiMeeting *meeting, MabeiCase *c, const char *source, GError **error);
gboolean mabei_meeting_join (MabeiMeeting *meeting, MabeiCase *c, const char *source, GError **error);
gboolean mabei_meeting_leave (MabeiMeeting *meeting, GError **error);
gboolean mabei_meeting_admit (MabeiMeeting *meeting, const MabeiShortId *device, GError **error);
/* @room: "joint" or "caucus". */
gboolean mabei_meeting_move (MabeiMeeting *meeting, const MabeiShortId *device, const char *room, GError **error);
gboolean mabei_meeting_accept (MabeiMeeting *meeting, GError **error);
gboolean mabei_meeting_lock (MabeiMeeting *meeting, gboolean locked, GError **error);
gboolean mabei_meeting_mute (MabeiMeeting *meeting, gboolean muted, GError **error);
gboolean mabei_meeting_camera (MabeiMeeting *meeting, gboolean on, GError **error);
/* The tone that this test source plays, Hz: so that a test can tell what was said where. */
gboolean mabei_meeting_set_tone (MabeiMeeting *meeting, guint hz, GError **error);

/* One person of the session as this device knows it. */
typedef struct {
  MabeiShortId device;
  char *name;
  char *room; /* "waiting", "joint", "caucus", "out" */
  gboolean is_self;
  gboolean muted;
  gboolean camera;
  gboolean connected; /* media flows and the fingerprint was verified */
  gboolean speaking;
  gboolean speech_ok;
  guint frames;  /* decoded from that person */
  guint counter; /* last running number read in the picture */
  guint tone_hz; /* strongest known tone in what was heard lately, 0 = none */
} MabeiMeetingPerson;

typedef struct {
  gboolean open; /* a session of the case is announced or held */
  gboolean joined;
  gboolean is_host;
  gboolean locked;
  gboolean caucus_elsewhere;
  guint64 version; /* of the room state */
  gint64 started_ms;
  char *own_room;
  char *asked_to_room; /* NULL unless the host asks */
  char *caucus_with;   /* names, or NULL */
  GPtrArray *people;   /* MabeiMeetingPerson */
} MabeiMeetingState;

/* Of the session of @c. (transfer full) */
MabeiMeetingState *mabei_meeting_state (MabeiMeeting *meeting, MabeiCase *c);
void mabei_meeting_state_free (MabeiMeetingState *state);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiMeetingState, mabei_meeting_state_free)
