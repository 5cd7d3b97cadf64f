/* The rooms as a fact: who may change what, who hears whom, what is refused. */
#include "app/call/room.h"

#include <string.h>

static const guint8 session[MABEI_ROOM_SESSION_BYTES] = {7};

/* A mediator with Wang and Li in the joint room and Zhao waiting. */
static MabeiRoomState
gathered (void)
{
  MabeiRoomState state;
  mabei_room_open (&state, session, "host", "Mediator");
  g_assert_true (mabei_room_knock (&state, "wang", "Wang", NULL));
  g_assert_true (mabei_room_knock (&state, "li", "Li", NULL));
  g_assert_true (mabei_room_knock (&state, "zhao", "Zhao", NULL));
  g_assert_true (mabei_room_admit (&state, "host", "wang", NULL));
  g_assert_true (mabei_room_admit (&state, "host", "li", NULL));
  g_assert_true (mabei_room_check (&state, NULL));
  return state;
}

/* Refused with that code, and nothing changed. */
#define refused(call, state, before, wanted)                                                                           \
  do {                                                                                                                 \
    g_autoptr (GError) refused_error = NULL;                                                                           \
    GError **error = &refused_error;                                                                                   \
    g_assert_false (call);                                                                                             \
    g_assert_error (refused_error, MABEI_ROOM_ERROR, wanted);                                                          \
    g_assert_cmpmem (&state, sizeof state, &before, sizeof before);                                                    \
  } while (0)

static void
test_hearing (void)
{
  MabeiRoomState state = gathered ();
  g_assert_true (mabei_room_hears (&state, "wang", "li"));
  g_assert_true (mabei_room_hears (&state, "host", "li"));
  g_assert_false (mabei_room_hears (&state, "host", "zhao")); /* waits */
  g_assert_false (mabei_room_hears (&state, "wang", "wang"));
  g_assert_false (mabei_room_hears (&state, "wang", "nobody"));

  MabeiRoomState caucus = state;
  g_assert_true (mabei_room_move (&caucus, "host", "wang", MABEI_ROOM_PLACE_CAUCUS + 1, NULL));
  g_assert_true (mabei_room_move (&caucus, "host", "host", MABEI_ROOM_PLACE_CAUCUS + 1, NULL));
  g_assert_true (mabei_room_hears (&caucus, "host", "wang"));
  g_assert_false (mabei_room_hears (&caucus, "host", "li"));
  g_assert_false (mabei_room_hears (&caucus, "li", "wang"));
  g_assert_true (mabei_room_hearing_differs (&state, &caucus));
  g_assert_true (mabei_room_hearing_differs (&caucus, &state));

  /* Two caucuses do not hear each other. */
  g_assert_true (mabei_room_move (&caucus, "host", "li", MABEI_ROOM_PLACE_CAUCUS + 2, NULL));
  g_assert_false (mabei_room_hears (&caucus, "wang", "li"));

  MabeiRoomState muted = state;
  g_assert_true (mabei_room_set_self (&muted, "wang", TRUE, TRUE, NULL));
  g_assert_false (mabei_room_hearing_differs (&state, &muted));
  g_assert_true (mabei_room_end (&muted, "host", NULL));
  g_assert_false (mabei_room_hears (&muted, "wang", "li"));
}

static void
test_only_the_host (void)
{
  MabeiRoomState state = gathered (), before = state;
  refused (mabei_room_admit (&state, "wang", "zhao", error), state, before, MABEI_ROOM_ERROR_NOT_ALLOWED);
  refused (mabei_room_refuse (&state, "wang", "li", error), state, before, MABEI_ROOM_ERROR_NOT_ALLOWED);
  refused (mabei_room_move (&state, "wang", "wang", MABEI_ROOM_PLACE_CAUCUS + 1, error), state, before,
           MABEI_ROOM_ERROR_NOT_ALLOWED);
  refused (mabei_room_lock (&state, "zhao", TRUE, error), state, before, MABEI_ROOM_ERROR_NOT_ALLOWED);
  refused (mabei_room_end (&state, "stranger", error), state, before, MABEI_ROOM_ERROR_NOT_ALLOWED);
}

static void
test_unknown_people (void)
{
  MabeiRoomState state = gathered (), before = state;
  refused (mabei_room_admit (&state, "host", "nobody", error), state, before, MABEI_ROOM_ERROR_NOT_FOUND);
  refused (mabei_room_admit (&state, "host", "wang", error), state, before, MABEI_ROOM_ERROR_NOT_FOUND);
  refused (mabei_room_move (&state, "host", "zhao", MABEI_ROOM_PLACE_JOINT, error), state, before,
           MABEI_ROOM_ERROR_NOT_FOUND);
  refused (mabei_room_refuse (&state, "host", "host", error), state, before, MABEI_ROOM_ERROR_NOT_FOUND);
  refused (mabei_room_leave (&state, "nobody", error), state, before, MABEI_ROOM_ERROR_NOT_FOUND);
  refused (mabei_room_leave (&state, "host", error), state, before, MABEI_ROOM_ERROR_NOT_ALLOWED);
  refused (mabei_room_set_self (&state, "nobody", TRUE, TRUE, error), state, before, MABEI_ROOM_ERROR_NOT_FOUND);
  refused (mabei_room_move (&state, "host", "wang", MABEI_ROOM_PLACE_WAITING, error), state, before,
           MABEI_ROOM_ERROR_FORMAT);
  refused (mabei_room_move (&state, "host", "wang", MABEI_ROOM_PLACE_LAST + 1, error), state, before,
           MABEI_ROOM_ERROR_FORMAT);
  g_assert_true (mabei_room_move (&state, "host", "wang", MABEI_ROOM_PLACE_LAST, NULL));
}

static void
test_each_change_is_a_version (void)
{
  MabeiRoomState state = gathered ();
  guint64 version = state.version;
  g_assert_true (mabei_room_set_self (&state, "wang", TRUE, TRUE, NULL));
  g_assert_cmpuint (state.version, ==, version + 1);
  g_assert_true (mabei_room_set_self (&state, "wang", TRUE, TRUE, NULL)); /* says nothing new */
  g_assert_cmpuint (state.version, ==, version + 1);
  g_assert_true (mabei_room_leave (&state, "wang", NULL));
  g_assert_cmpuint (state.version, ==, version + 2);
  g_assert_cmpuint (mabei_room_find (&state, "wang")->place, ==, MABEI_ROOM_PLACE_OUT);
}

static void
test_locked_and_ended (void)
{
  MabeiRoomState state = gathered ();
  g_assert_true (mabei_room_lock (&state, "host", TRUE, NULL));
  MabeiRoomState before = state;
  refused (mabei_room_knock (&state, "chen", "Chen", error), state, before, MABEI_ROOM_ERROR_LOCKED);
  g_assert_true (mabei_room_lock (&state, "host", FALSE, NULL));
  g_assert_true (mabei_room_knock (&state, "chen", "Chen", NULL));
  g_assert_true (mabei_room_end (&state, "host", NULL));
  before = state;
  refused (mabei_room_knock (&state, "sun", "Sun", error), state, before, MABEI_ROOM_ERROR_ENDED);
  refused (mabei_room_admit (&state, "host", "zhao", error), state, before, MABEI_ROOM_ERROR_ENDED);
  g_assert_true (mabei_room_check (&state, NULL));
}

/* Six inside, twelve in the list; who has left makes room. */
static void
test_limits (void)
{
  MabeiRoomState state, before;
  mabei_room_open (&state, session, "host", "Mediator");
  for (guint i = 1; i < MABEI_ROOM_LIMIT_PEOPLE; i++) {
    g_autofree char *device = g_strdup_printf ("p%u", i);
    g_assert_true (mabei_room_knock (&state, device, "Somebody", NULL));
    if (i < MABEI_ROOM_LIMIT_ADMITTED)
      g_assert_true (mabei_room_admit (&state, "host", device, NULL));
  }
  g_assert_true (mabei_room_check (&state, NULL));
  before = state;
  refused (mabei_room_admit (&state, "host", "p6", error), state, before, MABEI_ROOM_ERROR_FULL);
  refused (mabei_room_knock (&state, "p12", "One more", error), state, before, MABEI_ROOM_ERROR_FULL);
  g_assert_true (mabei_room_leave (&state, "p1", NULL));
  g_assert_true (mabei_room_admit (&state, "host", "p6", NULL));
  g_assert_true (mabei_room_knock (&state, "p12", "One more", NULL));
  g_assert_null (mabei_room_find (&state, "p1"));
  g_assert_true (mabei_room_check (&state, NULL));
}

static void
test_names (void)
{
  char longest[MABEI_ROOM_LIMIT_NAME_BYTES + 2];
  memset (longest, 'n', sizeof longest);
  longest[MABEI_ROOM_LIMIT_NAME_BYTES + 1] = '\0';
  g_assert_false (mabei_room_is_name (longest));
  longest[MABEI_ROOM_LIMIT_NAME_BYTES] = '\0';
  g_assert_true (mabei_room_is_name (longest));
  g_assert_true (mabei_room_is_name ("王芳"));
  g_assert_false (mabei_room_is_name (""));
  g_assert_false (mabei_room_is_name (NULL));
  g_assert_false (mabei_room_is_name ("two\nlines"));
  g_assert_false (mabei_room_is_name ("\xff\xfe"));
  g_assert_false (mabei_room_is_name ("a\u202Eb")); /* would be read from the right */

  char device[MABEI_ROOM_LIMIT_DEVICE_BYTES + 2];
  memset (device, 'd', sizeof device);
  device[MABEI_ROOM_LIMIT_DEVICE_BYTES + 1] = '\0';
  g_assert_false (mabei_room_is_device (device));
  device[MABEI_ROOM_LIMIT_DEVICE_BYTES] = '\0';
  g_assert_true (mabei_room_is_device (device));
  g_assert_false (mabei_room_is_device ("a b"));
  g_assert_false (mabei_room_is_device ("王"));
  g_assert_false (mabei_room_is_device (""));
}

static void
test_places (void)
{
  for (MabeiRoomPlace place = 0; place <= MABEI_ROOM_PLACE_LAST; place++) {
    MabeiRoomPlace back = 99;
    g_autofree char *text = mabei_room_place_to_text (place);
    g_assert_true (mabei_room_place_from_text (text, &back));
    g_assert_cmpuint (back, ==, place);
  }
  MabeiRoomPlace place = 42;
  static const char *const wrong[] = {"", "caucus", "caucus-0", "caucus-7", "caucus-1 ", "Joint", "caucus--1"};
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_false (mabei_room_place_from_text (wrong[i], &place));
  g_assert_false (mabei_room_place_from_text (NULL, &place));
  g_assert_cmpuint (place, ==, 42);
}

/* What a member takes from others. */
static void
test_taking (void)
{
  MabeiRoomState state = gathered (), next = state, before = state;
  g_assert_true (mabei_room_move (&next, "host", "wang", MABEI_ROOM_PLACE_CAUCUS + 1, NULL));
  refused (mabei_room_take (&state, "wang", &next, error), state, before, MABEI_ROOM_ERROR_NOT_ALLOWED);
  refused (mabei_room_take (&state, "host", &before, error), state, before, MABEI_ROOM_ERROR_STALE);

  /* Wang makes herself the host. */
  MabeiRoomState coup = next;
  g_strlcpy (coup.host, "wang", sizeof coup.host);
  refused (mabei_room_take (&state, "wang", &coup, error), state, before, MABEI_ROOM_ERROR_NOT_ALLOWED);
  refused (mabei_room_take (&state, "host", &coup, error), state, before, MABEI_ROOM_ERROR_NOT_ALLOWED);

  MabeiRoomState other = next;
  other.session[0] ^= 1;
  refused (mabei_room_take (&state, "host", &other, error), state, before, MABEI_ROOM_ERROR_STALE);

  g_assert_true (mabei_room_take (&state, "host", &next, NULL));
  g_assert_cmpmem (&state, sizeof state, &next, sizeof next);
  refused (mabei_room_take (&state, "host", &before, error), state, next, MABEI_ROOM_ERROR_STALE);

  /* Nothing comes after the end. */
  MabeiRoomState ended = state;
  g_assert_true (mabei_room_end (&ended, "host", NULL));
  g_assert_true (mabei_room_take (&state, "host", &ended, NULL));
  before = state;
  next.version = state.version + 1;
  refused (mabei_room_take (&state, "host", &next, error), state, before, MABEI_ROOM_ERROR_ENDED);
}

static void
test_states_that_cannot_be (void)
{
  const MabeiRoomState good = gathered ();
  MabeiRoomState state = good;
  g_assert_true (mabei_room_check (&state, NULL));
  state.n_people = 0;
  g_assert_false (mabei_room_check (&state, NULL));
  state.n_people = MABEI_ROOM_LIMIT_PEOPLE + 1;
  g_assert_false (mabei_room_check (&state, NULL));
  state = good;
  state.version = 0;
  g_assert_false (mabei_room_check (&state, NULL));
  state.version = MABEI_ROOM_LIMIT_VERSION;
  g_assert_true (mabei_room_check (&state, NULL));
  state.version++;
  g_assert_false (mabei_room_check (&state, NULL));
  state = good;
  state.people[2] = state.people[1]; /* one person twice */
  g_assert_false (mabei_room_check (&state, NULL));
  state = good;
  state.people[1].place = MABEI_ROOM_PLACE_LAST + 1;
  g_assert_false (mabei_room_check (&state, NULL));
  state = good;
  state.people[0].place = MABEI_ROOM_PLACE_OUT; /* the host */
  g_assert_false (mabei_room_check (&state, NULL));
  state = good;
  g_strlcpy (state.host, "nobody", sizeof state.host);
  g_assert_false (mabei_room_check (&state, NULL));
  state = good;
  for (guint i = state.n_people; i < 7; i++) {
    state.people[i] = good.people[1];
    g_snprintf (state.people[i].device, sizeof state.people[i].device, "extra%u", i);
  }
  state.people[3].place = MABEI_ROOM_PLACE_JOINT;
  state.n_people = 6;
  g_assert_true (mabei_room_check (&state, NULL));
  state.n_people = 7; /* the seventh inside */
  g_assert_false (mabei_room_check (&state, NULL));
}

static void
test_views (void)
{
  MabeiRoomState state = gathered (), view;
  mabei_room_view (&state, "wang", &view);
  g_assert_cmpmem (&view, sizeof view, &state, sizeof state);
  mabei_room_view (&state, "zhao", &view);
  g_assert_true (mabei_room_check (&view, NULL));
  g_assert_cmpuint (view.n_people, ==, 2);
  g_assert_nonnull (mabei_room_find (&view, "host"));
  g_assert_nonnull (mabei_room_find (&view, "zhao"));
  g_assert_cmpuint (view.version, ==, state.version);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/room/hearing", test_hearing);
  g_test_add_func ("/room/only-the-host", test_only_the_host);
  g_test_add_func ("/room/unknown-people", test_unknown_people);
  g_test_add_func ("/room/each-change-is-a-version", test_each_change_is_a_version);
  g_test_add_func ("/room/locked-and-ended", test_locked_and_ended);
  g_test_add_func ("/room/limits", test_limits);
  g_test_add_func ("/room/names", test_names);
  g_test_add_func ("/room/places", test_places);
  g_test_add_func ("/room/taking", test_taking);
  g_test_add_func ("/room/states-that-cannot-be", test_states_that_cannot_be);
  g_test_add_func ("/room/views", test_views);
  return g_test_run ();
}
