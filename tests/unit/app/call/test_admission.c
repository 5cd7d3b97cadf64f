/* Host and guests over a carrier in memory, with a clock of the test's own: knocking, admission, moving, closing
 * before opening, and what happens when somebody says nothing.
 */
#include "app/call/guest.h"
#include "app/call/host.h"

#include <string.h>

#define PEOPLE 4

typedef struct {
  const char *device;
  gboolean deaf;         /* nothing reaches this device */
  gboolean voiceless;    /* nothing it says gets out */
  MabeiGuest *guest;     /* NULL: the host */
  guint64 acked_at_gate; /* the version that the gates followed when the last ACK went out */
  guint64 gate_version;
  GString *without;
  struct _Town *town;
} Person;

typedef struct _Town {
  MabeiHost *host;
  gint64 now_ms;
  Person people[PEOPLE];
  GQueue mail; /* of Letter */
} Town;

typedef struct {
  Person *from;
  char to[16];
  GBytes *bytes;
} Letter;

static void
on_send (const char *device, const MabeiSignal *message, gpointer data)
{
  Person *person = data;
  Letter *letter = g_new0 (Letter, 1);
  letter->from = person;
  g_strlcpy (letter->to, device, sizeof letter->to);
  letter->bytes = mabei_signal_encode (message);
  if (message->kind == MABEI_SIGNAL_ACK)
    person->acked_at_gate = person->gate_version;
  g_queue_push_tail (&person->town->mail, letter);
}

static void
on_changed (gpointer data)
{
  Person *person = data;
  if (person->guest)
    person->gate_version = mabei_guest_get_state (person->guest)->version;
}

static void
on_without (const char *device, guint64 version G_GNUC_UNUSED, gpointer data)
{
  g_string_append_printf (((Person *) data)->without, "%s ", device);
}

static void
deliver (Town *town)
{
  for (Letter *letter; (letter = g_queue_pop_head (&town->mail)); g_free (letter)) {
    g_autoptr (GBytes) bytes = letter->bytes;
    g_autoptr (GError) error = NULL;
    g_autoptr (MabeiSignal) message = mabei_signal_parse (bytes, &error);
    g_assert_no_error (error);
    for (guint i = 0; i < PEOPLE; i++) {
      Person *to = &town->people[i];
      if (strcmp (to->device, letter->to) != 0 || to->deaf || letter->from->voiceless)
        continue;
      if (i == 0)
        mabei_host_receive (town->host, letter->from->device, message, town->now_ms, NULL);
      else
        mabei_guest_receive (to->guest, letter->from->device, message, NULL);
    }
  }
}

static void
say (Town *town, guint person, MabeiSignal *message)
{
  on_send ("host", message, &town->people[person]);
  deliver (town);
}

static MabeiFingerprint
print_of (guint person)
{
  MabeiFingerprint fingerprint = {{0}};
  fingerprint.bytes[0] = (guint8) person;
  return fingerprint;
}

static void
knock (Town *town, guint person)
{
  static const guint8 none[MABEI_ROOM_SESSION_BYTES];
  g_autoptr (MabeiSignal) hello = mabei_signal_new (MABEI_SIGNAL_HELLO, none);
  hello->text = g_strdup ("Somebody");
  hello->fingerprint = print_of (person);
  say (town, person, hello);
}

static Town *
town_new (void)
{
  static const char *const devices[PEOPLE] = {"host", "wang", "li", "zhao"};
  static const MabeiHostCallbacks host = {.send = on_send, .changed = on_changed, .without = on_without};
  static const MabeiGuestCallbacks guest = {.send = on_send, .changed = on_changed, .without = on_without};
  Town *town = g_new0 (Town, 1);
  town->now_ms = 1000000;
  g_queue_init (&town->mail);
  for (guint i = 0; i < PEOPLE; i++) {
    MabeiFingerprint fingerprint = print_of (i);
    town->people[i].device = devices[i];
    town->people[i].town = town;
    town->people[i].without = g_string_new (NULL);
    if (i > 0)
      town->people[i].guest = mabei_guest_new (devices[i], "host", &fingerprint, &guest, &town->people[i]);
  }
  town->host = mabei_host_new ("host", "Mediator", &host, &town->people[0]);
  return town;
}

static void
town_free (Town *town)
{
  deliver (town);
  for (guint i = 0; i < PEOPLE; i++) {
    mabei_guest_free (town->people[i].guest);
    g_string_free (town->people[i].without, TRUE);
  }
  mabei_host_free (town->host);
  g_free (town);
}

static MabeiRoomPlace
place_of (const MabeiRoomState *state, const char *device)
{
  const MabeiRoomPerson *person = mabei_room_find (state, device);
  return person ? person->place : MABEI_ROOM_PLACE_OUT;
}

static void
admit_all (Town *town)
{
  for (guint i = 1; i < PEOPLE; i++) {
    knock (town, i);
    g_assert_true (mabei_host_admit (town->host, town->people[i].device, town->now_ms, NULL));
    deliver (town);
  }
}

static void
assert_agreed (Town *town)
{
  const MabeiRoomState *state = mabei_host_get_state (town->host);
  g_assert_cmpuint (mabei_host_get_opened (town->host)->version, ==, state->version);
  for (guint i = 1; i < PEOPLE; i++) {
    g_assert_cmpuint (mabei_guest_get_state (town->people[i].guest)->version, ==, state->version);
    g_assert_cmpuint (mabei_guest_get_opened (town->people[i].guest)->version, ==, state->version);
  }
}

static void
test_knock_and_admit (void)
{
  Town *town = town_new ();
  knock (town, 1);
  g_assert_cmpuint (place_of (mabei_guest_get_state (town->people[1].guest), "wang"), ==, MABEI_ROOM_PLACE_WAITING);
  knock (town, 2);
  /* Those who wait know of nobody but the host. */
  g_assert_null (mabei_room_find (mabei_guest_get_state (town->people[1].guest), "li"));
  g_assert_true (mabei_host_admit (town->host, "wang", town->now_ms, NULL));
  deliver (town);
  g_assert_cmpuint (place_of (mabei_guest_get_opened (town->people[1].guest), "wang"), ==, MABEI_ROOM_PLACE_JOINT);
  g_assert_nonnull (mabei_room_find (mabei_guest_get_state (town->people[1].guest), "li"));
  town_free (town);
}

/* The first answer is lost: knocking again brings it once more, and is no second knock. */
static void
test_lost_answer (void)
{
  Town *town = town_new ();
  town->people[1].deaf = TRUE;
  knock (town, 1);
  guint64 version = mabei_host_get_state (town->host)->version;
  g_assert_cmpuint (mabei_guest_get_state (town->people[1].guest)->version, ==, 0);
  town->people[1].deaf = FALSE;
  knock (town, 1);
  g_assert_cmpuint (mabei_guest_get_state (town->people[1].guest)->version, ==, version);
  g_assert_cmpuint (mabei_host_get_state (town->host)->version, ==, version);
  town_free (town);
}

static void
test_everyone_closes_first (void)
{
  Town *town = town_new ();
  admit_all (town);
  assert_agreed (town);
  g_assert_true (mabei_host_move (town->host, "host", MABEI_ROOM_PLACE_CAUCUS + 1, town->now_ms, NULL));
  guint64 version = mabei_host_get_state (town->host)->version;
  /* Nothing opens before the answers. */
  g_assert_cmpuint (mabei_host_get_opened (town->host)->version, <, version);
  deliver (town);
  assert_agreed (town);
  for (guint i = 1; i < PEOPLE; i++)
    g_assert_cmpuint (town->people[i].acked_at_gate, ==, version); /* gates first, then the word */
  g_assert_cmpstr (town->people[1].without->str, ==, "");
  town_free (town);
}

/* Li says nothing: the room waits two seconds, then opens without her; she finds in when she is back. */
static void
test_silent_one (void)
{
  Town *town = town_new ();
  admit_all (town);
  town->people[2].deaf = TRUE;
  g_assert_true (mabei_host_move (town->host, "host", MABEI_ROOM_PLACE_CAUCUS + 1, town->now_ms, NULL));
  deliver (town);
  guint64 version = mabei_host_get_state (town->host)->version;
  town->now_ms += MABEI_KEEPER_WAIT_MS - 1;
  mabei_host_tick (town->host, town->now_ms);
  g_assert_cmpuint (mabei_host_get_opened (town->host)->version, <, version);
  town->now_ms += 1;
  mabei_host_tick (town->host, town->now_ms);
  deliver (town);
  g_assert_cmpuint (mabei_host_get_opened (town->host)->version, ==, version);
  g_assert_cmpstr (town->people[0].without->str, ==, "li ");
  g_assert_cmpstr (town->people[1].without->str, ==, "li ");
  g_assert_cmpstr (town->people[3].without->str, ==, "li ");

  town->people[2].deaf = FALSE;
  g_autoptr (MabeiSignal) ping = mabei_signal_new (MABEI_SIGNAL_PING, mabei_host_get_state (town->host)->session);
  ping->version = mabei_guest_get_opened (town->people[2].guest)->version;
  say (town, 2, ping);
  assert_agreed (town);
  town_free (town);
}

/* Another change before the first one opened: the newest counts. */
static void
test_change_upon_change (void)
{
  Town *town = town_new ();
  admit_all (town);
  g_assert_true (mabei_host_move (town->host, "host", MABEI_ROOM_PLACE_CAUCUS + 1, town->now_ms, NULL));
  g_assert_true (mabei_host_move (town->host, "host", MABEI_ROOM_PLACE_CAUCUS + 2, town->now_ms, NULL));
  deliver (town);
  assert_agreed (town);
  g_assert_cmpuint (place_of (mabei_host_get_state (town->host), "host"), ==, MABEI_ROOM_PLACE_CAUCUS + 2);
  town_free (town);
}

static void
test_move_is_asked (void)
{
  Town *town = town_new ();
  admit_all (town);
  g_assert_true (mabei_host_move (town->host, "wang", MABEI_ROOM_PLACE_CAUCUS + 1, town->now_ms, NULL));
  deliver (town);
  g_assert_cmpuint (place_of (mabei_host_get_state (town->host), "wang"), ==, MABEI_ROOM_PLACE_JOINT);
  g_assert_cmpuint (mabei_guest_get_asked (town->people[1].guest), ==, MABEI_ROOM_PLACE_CAUCUS + 1);
  mabei_guest_accept (town->people[1].guest, TRUE);
  deliver (town);
  assert_agreed (town);
  g_assert_cmpuint (place_of (mabei_host_get_state (town->host), "wang"), ==, MABEI_ROOM_PLACE_CAUCUS + 1);
  g_assert_cmpuint (mabei_guest_get_asked (town->people[1].guest), ==, MABEI_ROOM_PLACE_OUT);

  /* Back again only when asked back; "no" leaves her there. */
  g_assert_true (mabei_host_return_all (town->host, town->now_ms, NULL));
  deliver (town);
  mabei_guest_accept (town->people[1].guest, FALSE);
  deliver (town);
  g_assert_cmpuint (place_of (mabei_host_get_state (town->host), "wang"), ==, MABEI_ROOM_PLACE_CAUCUS + 1);
  town_free (town);
}

/* The question is lost, then the answer: the host asks again until it hears, and the person says the same again. */
static void
test_lost_question (void)
{
  Town *town = town_new ();
  admit_all (town);
  town->people[1].deaf = TRUE;
  g_assert_true (mabei_host_move (town->host, "wang", MABEI_ROOM_PLACE_CAUCUS + 1, town->now_ms, NULL));
  deliver (town);
  town->people[1].deaf = FALSE;
  g_assert_cmpuint (mabei_guest_get_asked (town->people[1].guest), ==, MABEI_ROOM_PLACE_OUT);
  mabei_host_tick (town->host, town->now_ms + 999);
  deliver (town);
  g_assert_cmpuint (mabei_guest_get_asked (town->people[1].guest), ==, MABEI_ROOM_PLACE_OUT);
  town->now_ms += 1000;
  mabei_host_tick (town->host, town->now_ms);
  deliver (town);
  g_assert_cmpuint (mabei_guest_get_asked (town->people[1].guest), ==, MABEI_ROOM_PLACE_CAUCUS + 1);

  town->people[1].voiceless = TRUE;
  mabei_guest_accept (town->people[1].guest, TRUE);
  deliver (town);
  town->people[1].voiceless = FALSE;
  g_assert_cmpuint (place_of (mabei_host_get_state (town->host), "wang"), ==, MABEI_ROOM_PLACE_JOINT);
  town->now_ms += 1000;
  mabei_host_tick (town->host, town->now_ms);
  deliver (town);
  g_assert_cmpuint (place_of (mabei_host_get_state (town->host), "wang"), ==, MABEI_ROOM_PLACE_CAUCUS + 1);
  g_assert_cmpuint (mabei_guest_get_asked (town->people[1].guest), ==, MABEI_ROOM_PLACE_OUT);
  assert_agreed (town);

  /* Answered: nothing is asked any more. */
  town->now_ms += 5000;
  mabei_host_tick (town->host, town->now_ms);
  g_assert_cmpuint (g_queue_get_length (&town->mail), ==, 0);
  town_free (town);
}

/* Nobody moves by an acceptance that was not asked for, an old one, or another's. */
static void
test_false_acceptance (void)
{
  Town *town = town_new ();
  admit_all (town);
  g_assert_true (mabei_host_move (town->host, "wang", MABEI_ROOM_PLACE_CAUCUS + 1, town->now_ms, NULL));
  g_autoptr (MabeiSignal) accept = mabei_signal_new (MABEI_SIGNAL_ACCEPT, mabei_host_get_state (town->host)->session);
  accept->request = 1;
  accept->yes = TRUE;
  say (town, 2, accept);
  g_assert_cmpuint (place_of (mabei_host_get_state (town->host), "li"), ==, MABEI_ROOM_PLACE_JOINT);
  g_assert_true (mabei_host_move (town->host, "wang", MABEI_ROOM_PLACE_CAUCUS + 2, town->now_ms, NULL));
  say (town, 1, accept); /* the first question was replaced */
  g_assert_cmpuint (place_of (mabei_host_get_state (town->host), "wang"), ==, MABEI_ROOM_PLACE_JOINT);
  town_free (town);
}

/* Wang tells the others what only the host may tell. */
static void
test_usurper (void)
{
  Town *town = town_new ();
  admit_all (town);
  const MabeiRoomState before = *mabei_guest_get_state (town->people[2].guest);
  MabeiFingerprint li = print_of (2);
  g_autoptr (MabeiSignal) state = mabei_signal_new (MABEI_SIGNAL_STATE, before.session);
  state->room = before;
  state->room.version++;
  state->fingerprint = li;
  g_autoptr (MabeiSignal) opening = mabei_signal_new (MABEI_SIGNAL_OPEN, before.session);
  opening->opening.version = before.version + 1;
  g_autoptr (MabeiSignal) move = mabei_signal_new (MABEI_SIGNAL_MOVE, before.session);
  move->request = 77;
  move->place = MABEI_ROOM_PLACE_CAUCUS + 1;
  MabeiSignal *const lies[] = {state, opening, move};
  for (gsize i = 0; i < G_N_ELEMENTS (lies); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_false (mabei_guest_receive (town->people[2].guest, "wang", lies[i], &error));
    g_assert_error (error, MABEI_ROOM_ERROR, MABEI_ROOM_ERROR_NOT_ALLOWED);
    g_clear_error (&error);
    g_assert_false (mabei_host_receive (town->host, "wang", lies[i], town->now_ms, &error));
    g_assert_error (error, MABEI_ROOM_ERROR, MABEI_ROOM_ERROR_NOT_ALLOWED);
  }
  g_assert_cmpmem (&before, sizeof before, mabei_guest_get_state (town->people[2].guest), sizeof before);
  g_assert_cmpuint (mabei_guest_get_asked (town->people[2].guest), ==, MABEI_ROOM_PLACE_OUT);
  town_free (town);
}

/* Strangers change nothing by whatever they say but a knock. */
static void
test_stranger (void)
{
  Town *town = town_new ();
  const MabeiRoomState before = *mabei_host_get_state (town->host);
  static const MabeiSignalKind kinds[] = {MABEI_SIGNAL_PING, MABEI_SIGNAL_ACK, MABEI_SIGNAL_ACCEPT,
                                          MABEI_SIGNAL_SELF, MABEI_SIGNAL_BYE, MABEI_SIGNAL_STATE};
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++) {
    g_autoptr (MabeiSignal) message = mabei_signal_new (kinds[i], before.session);
    message->version = before.version;
    message->room = before;
    mabei_host_receive (town->host, "zhao", message, town->now_ms, NULL);
  }
  g_assert_cmpmem (&before, sizeof before, mabei_host_get_state (town->host), sizeof before);
  town_free (town);
}

/* What the host told to Wang's earlier run of the program does not reach the new one. */
static void
test_old_run (void)
{
  Town *town = town_new ();
  admit_all (town);
  g_autoptr (MabeiSignal) state = mabei_signal_new (MABEI_SIGNAL_STATE, mabei_host_get_state (town->host)->session);
  g_autoptr (GError) error = NULL;
  state->room = *mabei_host_get_state (town->host);
  state->room.version++;
  state->fingerprint = print_of (9);
  g_assert_false (mabei_guest_receive (town->people[1].guest, "host", state, &error));
  g_assert_error (error, MABEI_ROOM_ERROR, MABEI_ROOM_ERROR_STALE);
  town_free (town);
}

static void
test_switches (void)
{
  Town *town = town_new ();
  admit_all (town);
  town->people[1].voiceless = TRUE; /* the first saying is lost */
  mabei_guest_set_self (town->people[1].guest, TRUE, FALSE, town->now_ms);
  deliver (town);
  town->people[1].voiceless = FALSE;
  mabei_guest_tick (town->people[1].guest, town->now_ms + 999);
  deliver (town);
  g_assert_false (mabei_room_find (mabei_host_get_state (town->host), "wang")->muted);
  mabei_guest_tick (town->people[1].guest, town->now_ms + 1000);
  deliver (town);
  g_assert_true (mabei_room_find (mabei_host_get_state (town->host), "wang")->muted);
  g_assert_false (mabei_room_find (mabei_host_get_state (town->host), "wang")->camera);
  assert_agreed (town);
  town_free (town);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/admission/knock-and-admit", test_knock_and_admit);
  g_test_add_func ("/admission/lost-answer", test_lost_answer);
  g_test_add_func ("/admission/everyone-closes-first", test_everyone_closes_first);
  g_test_add_func ("/admission/silent-one", test_silent_one);
  g_test_add_func ("/admission/change-upon-change", test_change_upon_change);
  g_test_add_func ("/admission/move-is-asked", test_move_is_asked);
  g_test_add_func ("/admission/lost-question", test_lost_question);
  g_test_add_func ("/admission/false-acceptance", test_false_acceptance);
  g_test_add_func ("/admission/usurper", test_usurper);
  g_test_add_func ("/admission/stranger", test_stranger);
  g_test_add_func ("/admission/old-run", test_old_run);
  g_test_add_func ("/admission/switches", test_switches);
  return g_test_run ();
}
