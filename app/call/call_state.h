/* What a window may know of a call: one immutable, reference-counted picture of the moment, plain data. Any thread. */
#pragma once

#include "app/call/room.h"
#include "app/call/tone.h"
#include "app/call/video_frame.h"

typedef enum {
  MABEI_MEDIA_LINK_STATE_NONE,      /* no link: waiting, out, or oneself */
  MABEI_MEDIA_LINK_STATE_NEW,       /* wanted, the other side not yet reached */
  MABEI_MEDIA_LINK_STATE_OFFERING,  /* descriptions on their way */
  MABEI_MEDIA_LINK_STATE_CONNECTED, /* stands, the certificate not yet compared */
  MABEI_MEDIA_LINK_STATE_VERIFIED,  /* compared, nothing received yet */
  MABEI_MEDIA_LINK_STATE_LIVE,
  MABEI_MEDIA_LINK_STATE_LOST,    /* nothing arrives for three seconds, or cut; it will be built again */
  MABEI_MEDIA_LINK_STATE_REFUSED, /* another certificate than announced: never again with this one */
} MabeiMediaLinkState;

/* "none", "new", "offering" ... Static. */
const char *mabei_media_link_state_to_text (MabeiMediaLinkState state);

typedef struct {
  MabeiRoomPerson person;  /* device, name, place, muted, camera */
  gboolean is_self, hears; /* hears: this person and oneself may hear each other now */
  MabeiMediaLinkState link;
  guint attempts; /* links built to this person so far */
  guint64 frames; /* pictures decoded from this link */
  gboolean has_counter;
  guint32 last_counter;
  guint64 audio_packets, video_packets;
  float level_db;                       /* how loud this person arrives (oneself: the microphone) */
  gboolean speech_ok;                   /* heard, and at least 95 % of the last two seconds came */
  double speech_share;                  /* 0..1 */
  guint tone_hz;                        /* test tone heard now, 0: none */
  float tone_peak_db[MABEI_TONE_COUNT]; /* since the link was built or mabei_call_reset_peaks */
} MabeiCallPerson;

typedef struct {
  MabeiRoomState room;    /* version 0: not in a session */
  guint64 opened_version; /* equal to room.version: everyone has closed and the rooms are open */
  gboolean is_host, link_up;
  gboolean muted, camera; /* one's own switches */
  gboolean has_microphone, has_camera, has_speaker;
  float mixed_tone_db[MABEI_TONE_COUNT]; /* of what goes to one's ear now */
  gboolean asked;                        /* the host asks oneself to go to @asked_place */
  MabeiRoomPlace asked_place;
  guint n_people;
  MabeiCallPerson people[MABEI_ROOM_LIMIT_PEOPLE]; /* in the order of the room */
} MabeiCallState;

MabeiCallState *mabei_call_state_new (void);
MabeiCallState *mabei_call_state_ref (MabeiCallState *state);
void mabei_call_state_unref (MabeiCallState *state); /* NULL is accepted */
/* Borrowed, or NULL. */
const MabeiCallPerson *mabei_call_state_find (const MabeiCallState *state, const char *device);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiCallState, mabei_call_state_unref)
