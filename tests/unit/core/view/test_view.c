/* What the screens are told: names, steps, events, and where each thing is, from the eyes of each person. */
#include "core/view/builder.h"
#include "tests/unit/core/store/people.h"

#include <string.h>
#include <time.h>

typedef struct {
  Person *mediator;
  Person *zhang;
  Person *li;
  MabeiId id;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;

  f->mediator = mediator_new ("Ma Bei");
  f->zhang = person_new ("Zhang San");
  f->li = person_new ("Li Si");
  f->id = *mabei_case_id (mabei_replica_case_new (f->mediator->replica, "A channel", now (), &error));
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  person_free (f->mediator);
  person_free (f->zhang);
  person_free (f->li);
}

static void
admit_both (Fixture *f)
{
  admit (f->mediator, &f->id, f->zhang, MABEI_ROLE_PARTY);
  admit (f->mediator, &f->id, f->li, MABEI_ROLE_PARTY);

  sync_both (f->mediator, f->zhang, &f->id);
  sync_both (f->mediator, f->li, &f->id);
}

static MabeiViewCase *
view_of (Fixture *f, Person *person)
{
  return mabei_view_case_build (person->replica, the_case (person, &f->id));
}

static void
set_field (Person *person, MabeiSpace *space, const char *name, const char *value)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  g_ptr_array_add (operations, mabei_space_operation_field (space, name, value, &error));
  g_assert_no_error (error);
  mabei_replica_commit (person->replica, space, MABEI_KIND_CONTENT, operations, now (), NULL, &error);
  g_assert_no_error (error);
}

/* The hub has all that stands in the outbox. */
static void
give_receipts (Person *person, const MabeiId *id)
{
  GPtrArray *spaces = mabei_case_spaces (the_case (person, id));

  for (guint i = 0; i < spaces->len; i++) {
    MabeiSpace *space = g_ptr_array_index (spaces, i);
    g_autoptr (GPtrArray) outbox = mabei_replica_outbox (person->replica, space);

    for (guint k = 0; k < outbox->len; k++)
      g_assert_true (
          mabei_replica_set_receipt (person->replica, space, mabei_change_id (g_ptr_array_index (outbox, k)), NULL));
  }
}

/* @of tells @person that it has all that it has. */
static void
tell_heads (Person *person, Person *of, const MabeiId *id)
{
  GPtrArray *spaces = mabei_case_spaces (the_case (of, id));

  for (guint i = 0; i < spaces->len; i++) {
    MabeiSpace *space = g_ptr_array_index (spaces, i);
    g_autoptr (GArray) heads = mabei_graph_heads (mabei_space_graph (space));

    g_assert_true (mabei_replica_set_peer_heads (person->replica,
                                                 mabei_case_space (the_case (person, id), mabei_space_id (space)),
                                                 mabei_device_key_id (mabei_replica_keys (of->replica)->device),
                                                 (const MabeiId *) (gpointer) heads->data, heads->len, now (), NULL));
  }
}

static char *
event_words (MabeiViewCase *view)
{
  GString *words = g_string_new (NULL);

  for (guint i = 0; i < view->events->len; i++) {
    const MabeiViewEvent *event = g_ptr_array_index (view->events, i);
    g_assert_cmpint (event->at_ms, >, 0);
    g_string_append_printf (words, "%s(%s,%s) ", event->kind, event->by, event->detail);
  }
  return g_string_free (words, FALSE);
}

static void
test_new_case (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (MabeiViewCase) view = view_of (f, f->mediator);
  g_autofree char *id = mabei_id_to_hex (&f->id);
  g_autofree char *events = event_words (view);
  const MabeiViewPerson *self = g_ptr_array_index (view->people, 0);
  const MabeiViewField *title = g_ptr_array_index (view->fields, 0);

  g_assert_cmpstr (view->id, ==, id);
  g_assert_cmpstr (view->title, ==, "A channel");
  g_assert_cmpstr (view->own_role, ==, "mediator");
  g_assert_cmpstr (view->next_step, ==, "invite");
  g_assert_cmpuint (view->unsent, ==, 5);
  g_assert_cmpint (view->place, ==, MABEI_PLACE_HERE);
  g_assert_cmpuint (view->people->len, ==, 1);
  g_assert_true (self->is_self);
  g_assert_cmpstr (self->name, ==, "Ma Bei");
  g_assert_cmpuint (view->fields->len, ==, 1);
  g_assert_cmpstr (title->value, ==, "A channel");
  g_assert_cmpuint (view->spaces->len, ==, 1);
  g_assert_cmpstr (events, ==, "opened(Ma Bei,) field(Ma Bei,title) ");
}

/* Alone in the case: with the hub at most, however many receipts there are. */
static void
test_receipts (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (MabeiViewCase) view = NULL;

  give_receipts (f->mediator, &f->id);
  view = view_of (f, f->mediator);
  g_assert_cmpuint (view->unsent, ==, 0);
  g_assert_cmpint (view->place, ==, MABEI_PLACE_SENT);
}

static void
test_steps (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MabeiViewCase) view = NULL;

  mabei_secret_unref (mabei_replica_invite (f->mediator->replica, the_case (f->mediator, &f->id), MABEI_ROLE_PARTY,
                                            "Zhang San", 0, now (), &error));
  g_assert_no_error (error);
  view = view_of (f, f->mediator);
  g_assert_cmpstr (view->next_step, ==, "admit");
  g_assert_cmpuint (view->invitations->len, ==, 1);
  g_assert_cmpstr (((MabeiViewPerson *) g_ptr_array_index (view->invitations, 0))->name, ==, "Zhang San");
  g_assert_cmpstr (((MabeiViewPerson *) g_ptr_array_index (view->invitations, 0))->role, ==, "party");
  {
    admit (f->mediator, &f->id, f->zhang, MABEI_ROLE_PARTY);
    g_autoptr (MabeiViewCase) before = view_of (f, f->zhang);
    g_autoptr (MabeiViewCase) after = NULL;

    g_assert_cmpstr (before->next_step, ==, "wait");
    g_assert_cmpstr (before->own_role, ==, "");
    g_assert_cmpstr (before->title, ==, "");
    sync_both (f->mediator, f->zhang, &f->id);
    after = view_of (f, f->zhang);
    g_assert_cmpstr (after->next_step, ==, "wait");
    g_assert_cmpstr (after->own_role, ==, "party");
    g_assert_cmpstr (after->title, ==, "A channel");
  }
  {
    admit (f->mediator, &f->id, f->li, MABEI_ROLE_PARTY);
    g_autoptr (MabeiViewCase) whole = view_of (f, f->mediator);
    g_assert_cmpstr (whole->next_step, ==, "meet");
  }
}

static void
test_conflict (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (MabeiViewCase) of_zhang = NULL;
  g_autoptr (MabeiViewCase) of_li = NULL;
  g_autoptr (MabeiViewCase) resolved = NULL;
  const MabeiViewConflict *conflict;
  const MabeiViewField *amount;

  admit_both (f);
  set_field (f->zhang, the_space (f->zhang, &f->id, MABEI_SPACE_JOINT), "amount", "8000");
  set_field (f->li, the_space (f->li, &f->id, MABEI_SPACE_JOINT), "amount", "6000");
  sync_both (f->mediator, f->zhang, &f->id);
  sync_both (f->mediator, f->li, &f->id);
  sync_both (f->mediator, f->zhang, &f->id);
  of_zhang = view_of (f, f->zhang);
  of_li = view_of (f, f->li);
  g_assert_cmpstr (of_zhang->next_step, ==, "resolve");
  g_assert_cmpuint (of_zhang->conflicts->len, ==, 1);
  conflict = g_ptr_array_index (of_zhang->conflicts, 0);
  g_assert_cmpstr (conflict->field, ==, "amount");
  g_assert_cmpuint (conflict->values->len, ==, 2);
  for (guint i = 0; i < 2; i++) {
    const MabeiViewValue *value = g_ptr_array_index (conflict->values, i);
    g_assert_cmpstr (value->by, ==, strcmp (value->value, "8000") == 0 ? "Zhang San" : "Li Si");
    g_assert_cmpint (value->at_ms, >, 0);
  }
  g_assert_cmpstr (((MabeiViewConflict *) g_ptr_array_index (of_li->conflicts, 0))->id, ==, conflict->id);
  amount = g_ptr_array_index (of_zhang->fields, 0);
  g_assert_cmpstr (amount->name, ==, "amount");
  g_assert_null (amount->value);
  set_field (f->mediator, the_space (f->mediator, &f->id, MABEI_SPACE_JOINT), "amount", "7000");
  resolved = view_of (f, f->mediator);
  g_assert_cmpuint (resolved->conflicts->len, ==, 0);
  g_assert_cmpstr (resolved->next_step, ==, "meet");
  g_assert_cmpstr (((MabeiViewField *) g_ptr_array_index (resolved->fields, 0))->value, ==, "7000");
}

static const MabeiViewMessage *
last_message (MabeiViewCase *view, guint space)
{
  const MabeiViewSpace *one = g_ptr_array_index (view->spaces, space);

  return g_ptr_array_index (one->messages, one->messages->len - 1);
}

/* A message goes from this device to the hub to everybody; it is with everybody when the last one has it. */
static void
test_places (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  MabeiSpace *joint = the_space (f->mediator, &f->id, MABEI_SPACE_JOINT);
  g_autoptr (MabeiViewCase) here = NULL;
  g_autoptr (MabeiViewCase) sent = NULL;
  g_autoptr (MabeiViewCase) one = NULL;
  g_autoptr (MabeiViewCase) all = NULL;
  const MabeiViewPerson *zhang, *li;

  admit_both (f);
  give_receipts (f->mediator, &f->id);
  tell_heads (f->mediator, f->zhang, &f->id);
  tell_heads (f->mediator, f->li, &f->id);
  post (f->mediator, joint, "We meet on Friday.");
  here = view_of (f, f->mediator);
  g_assert_cmpint (last_message (here, 0)->place, ==, MABEI_PLACE_HERE);
  g_assert_cmpint (here->place, ==, MABEI_PLACE_HERE);
  g_assert_cmpuint (here->unsent, ==, 1);
  zhang = g_ptr_array_index (here->people, 1);
  g_assert_cmpuint (zhang->missing, ==, 1);
  g_assert_cmpint (zhang->since_ms, >, 0);

  give_receipts (f->mediator, &f->id);
  sent = view_of (f, f->mediator);
  g_assert_cmpint (last_message (sent, 0)->place, ==, MABEI_PLACE_SENT);
  sync_both (f->mediator, f->zhang, &f->id);
  sync_both (f->mediator, f->li, &f->id);
  tell_heads (f->mediator, f->zhang, &f->id);
  one = view_of (f, f->mediator);
  g_assert_cmpint (last_message (one, 0)->place, ==, MABEI_PLACE_SENT);
  zhang = g_ptr_array_index (one->people, 1);
  li = g_ptr_array_index (one->people, 2);
  g_assert_cmpuint (zhang->missing, ==, 0);
  g_assert_cmpuint (li->missing, ==, 1);
  tell_heads (f->mediator, f->li, &f->id);
  all = view_of (f, f->mediator);
  g_assert_cmpint (last_message (all, 0)->place, ==, MABEI_PLACE_ALL);
  g_assert_cmpint (all->place, ==, MABEI_PLACE_ALL);
}

static void
test_documents (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (MabeiViewCase) sent = NULL;
  g_autoptr (MabeiViewCase) typing = NULL;
  g_autoptr (MabeiViewCase) sealed = NULL;
  g_autofree char *events = NULL;
  const MabeiViewDocument *document;
  MabeiDocument *minutes = write_document (f->mediator, the_space (f->mediator, &f->id, MABEI_SPACE_JOINT), "Friday");

  give_receipts (f->mediator, &f->id);
  sent = view_of (f, f->mediator);
  document = g_ptr_array_index (sent->documents, 0);
  g_assert_cmpstr (document->title, ==, "Friday");
  g_assert_cmpstr (document->kind, ==, "minutes");
  g_assert_cmpuint (document->length, ==, 0);
  g_assert_cmpint (document->place, ==, MABEI_PLACE_SENT);
  type_text (f->mediator, minutes, 0, "调解");
  typing = view_of (f, f->mediator);
  document = g_ptr_array_index (typing->documents, 0);
  g_assert_cmpuint (document->length, ==, 2);
  g_assert_cmpint (document->place, ==, MABEI_PLACE_HERE);
  mabei_replica_flush (f->mediator->replica, now (), NULL);
  sealed = view_of (f, f->mediator);
  document = g_ptr_array_index (sealed->documents, 0);
  g_assert_cmpint (document->place, ==, MABEI_PLACE_HERE); /* made long ago, changed just now */
  events = event_words (sealed);
  g_assert_cmpstr (events, ==, "opened(Ma Bei,) field(Ma Bei,title) document(Ma Bei,Friday) ");
}

/* Of a caucus its own people see everything, the other side nothing, and the list of events says nothing of it. */
static void
test_caucus (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (MabeiViewCase) of_mediator = NULL;
  g_autoptr (MabeiViewCase) of_zhang = NULL;
  g_autoptr (MabeiViewCase) of_li = NULL;
  g_autofree char *events = NULL;
  const MabeiViewSpace *caucus;

  admit_both (f);
  post (f->mediator, the_space (f->mediator, &f->id, MABEI_SPACE_JOINT), "To all.");
  post (f->mediator, the_caucus (f->mediator, &f->id, f->zhang), "Between us.");
  sync_both (f->mediator, f->zhang, &f->id);
  sync_both (f->mediator, f->li, &f->id);
  of_mediator = view_of (f, f->mediator);
  of_zhang = view_of (f, f->zhang);
  of_li = view_of (f, f->li);
  g_assert_cmpuint (of_mediator->spaces->len, ==, 3);
  g_assert_cmpuint (of_zhang->spaces->len, ==, 2);
  g_assert_cmpuint (of_li->spaces->len, ==, 2);
  caucus = g_ptr_array_index (of_mediator->spaces, 1);
  g_assert_cmpstr (caucus->kind, ==, "caucus");
  g_assert_cmpstr (caucus->title_person, ==, "Zhang San");
  g_assert_cmpuint (caucus->members->len, ==, 2);
  g_assert_cmpstr (last_message (of_zhang, 1)->text, ==, "Between us.");
  g_assert_cmpstr (last_message (of_zhang, 1)->level, ==, "keep");
  g_assert_cmpstr (((MabeiViewSpace *) g_ptr_array_index (of_li->spaces, 1))->title_person, ==, "Li Si");
  g_assert_cmpuint (((MabeiViewSpace *) g_ptr_array_index (of_li->spaces, 1))->messages->len, ==, 0);
  events = event_words (of_mediator);
  g_assert_cmpstr (events, ==,
                   "opened(Ma Bei,) field(Ma Bei,title) invited(Ma Bei,Zhang San) admitted(Ma Bei,Zhang San) "
                   "invited(Ma Bei,Li Si) admitted(Ma Bei,Li Si) message(Ma Bei,To all.) ");
}

/* A snapshot stays as it was when the case goes on, and outlives the replica. */
static void
test_snapshot (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (MabeiViewCase) view = view_of (f, f->mediator);
  GValue value = G_VALUE_INIT;

  g_value_init (&value, MABEI_TYPE_VIEW_CASE);
  g_value_set_boxed (&value, view);
  post (f->mediator, the_space (f->mediator, &f->id, MABEI_SPACE_JOINT), "later");
  person_reopen (f->mediator);
  g_assert_true (g_value_get_boxed (&value) == view);
  g_assert_cmpuint (((MabeiViewSpace *) g_ptr_array_index (view->spaces, 0))->messages->len, ==, 0);
  g_value_unset (&value);
  g_assert_cmpstr (view->title, ==, "A channel");
}

/* A clock far in the future is a claim, shown as the latest time there is. */
static void
test_claimed_time (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (MabeiViewCase) view = NULL;

  g_ptr_array_add (operations, mabei_operation_post ("from afar", MABEI_LEVEL_SHOW, NULL));
  mabei_replica_commit (f->mediator->replica, the_space (f->mediator, &f->id, MABEI_SPACE_JOINT), MABEI_KIND_CONTENT,
                        operations, G_MAXINT64, NULL, &error);
  g_assert_no_error (error);
  view = view_of (f, f->mediator);
  g_assert_cmpint (view->changed_ms, ==, G_MAXINT64);
  g_assert_cmpint (last_message (view, 0)->at_ms, ==, G_MAXINT64);
  g_assert_cmpstr (last_message (view, 0)->level, ==, "show");
}

/* What a view costs the first time and after one more change (no time is asserted). */
static void
test_large_case (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
  MabeiSpace *joint = the_space (f->mediator, &f->id, MABEI_SPACE_JOINT);
  guint n = g_test_slow () ? 10000 : 200;
  double figures[2];

  admit_both (f);
  for (guint i = 0; i < n; i++)
    post (f->mediator, joint, "a message of some forty letters or so");
  person_reopen (f->mediator);
  joint = the_space (f->mediator, &f->id, MABEI_SPACE_JOINT);
  for (guint i = 0; i < 2; i++) {
    clock_t start = clock ();
    g_autoptr (MabeiViewCase) view = view_of (f, f->mediator);

    figures[i] = (double) (clock () - start) * 1000.0 / CLOCKS_PER_SEC;
    g_assert_cmpuint (((MabeiViewSpace *) g_ptr_array_index (view->spaces, 0))->messages->len, ==, n + i);
    post (f->mediator, joint, "one more");
  }
  g_test_message ("view of %u messages: %.1f ms of the processor, then %.1f ms", n, figures[0], figures[1]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
#define ADD(name, function) g_test_add ("/view/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("new-case", test_new_case);
  ADD ("receipts", test_receipts);
  ADD ("steps", test_steps);
  ADD ("conflict", test_conflict);
  ADD ("places", test_places);
  ADD ("documents", test_documents);
  ADD ("caucus", test_caucus);
  ADD ("snapshot", test_snapshot);
  ADD ("claimed-time", test_claimed_time);
  ADD ("large-case", test_large_case);
  return g_test_run ();
}
