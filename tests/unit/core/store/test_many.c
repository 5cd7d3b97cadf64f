/* Many cases and many changes: whole after a restart, and figures of what they cost (no time is asserted; -m slow makes
 * the numbers real ones). */
#include "tests/unit/core/store/people.h"

#include <sys/resource.h>

/* Of the processor, not of the clock on the wall: other programs run beside the tests. */
static gint64
processor_us (void)
{
  struct rusage usage;

  g_assert_cmpint (getrusage (RUSAGE_SELF, &usage), ==, 0);
  return (gint64) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * G_USEC_PER_SEC + usage.ru_utime.tv_usec +
         usage.ru_stime.tv_usec;
}

static double
milliseconds (gint64 since_us)
{
  return (double) (processor_us () - since_us) / 1000.0;
}

static void
test_cases (void)
{
  g_autoptr (Person) mediator = mediator_new ("Ma Bei");
  guint n = g_test_slow () ? 500 : 20;
  gint64 start = processor_us ();

  for (guint i = 0; i < n; i++) {
    g_autofree char *title = g_strdup_printf ("Case %u", i);
    g_autoptr (GError) error = NULL;
    MabeiCase *c = mabei_replica_case_new (mediator->replica, title, now (), &error);

    g_assert_no_error (error);
    for (guint k = 0; k < 15; k++)
      post (mediator, mabei_case_space_of_kind (c, MABEI_SPACE_JOINT, NULL), "a message of some forty letters or so");
  }
  g_test_message ("%u cases of 20 changes made in %.0f ms", n, milliseconds (start));
  person_close (mediator);
  start = processor_us ();
  person_open (mediator);
  g_test_message ("%u cases opened in %.0f ms", n, milliseconds (start));
  g_assert_cmpuint (mabei_replica_cases (mediator->replica)->len, ==, n);
  for (guint i = 0; i < n; i++) {
    g_autofree char *expected = g_strdup_printf ("Case %u", i);
    MabeiCase *c = g_ptr_array_index (mabei_replica_cases (mediator->replica), i);
    g_autofree char *title = mabei_space_field (mabei_case_space_of_kind (c, MABEI_SPACE_JOINT, NULL), "title");

    g_assert_cmpstr (title, ==, expected);
  }
}

static void
test_bundle (void)
{
  g_autoptr (Person) mediator = mediator_new ("Ma Bei");
  g_autoptr (Person) zhang = person_new ("Zhang San");
  g_autoptr (GPtrArray) bundle = g_ptr_array_new ();
  g_autoptr (GPtrArray) outbox = NULL;
  g_autoptr (GError) error = NULL;
  guint n = g_test_slow () ? 10000 : 300;
  guint n_new, n_refused;
  MabeiId id = *mabei_case_id (mabei_replica_case_new (mediator->replica, "A channel", now (), &error));
  MabeiSpace *joint = the_space (mediator, &id, MABEI_SPACE_JOINT);
  gint64 start;

  admit (mediator, &id, zhang, MABEI_ROLE_PARTY);
  sync_both (mediator, zhang, &id);
  start = processor_us ();
  for (guint i = 0; i < n; i++)
    post (mediator, joint, "a message of some forty letters or so");
  g_test_message ("%u changes committed one by one in %.0f ms", n, milliseconds (start));
  outbox = mabei_replica_outbox (mediator->replica, joint);
  for (guint i = 0; i < outbox->len; i++)
    g_ptr_array_add (bundle, mabei_change_encoded (g_ptr_array_index (outbox, i)));
  start = processor_us ();
  g_assert_true (mabei_replica_receive_many (zhang->replica, the_space (zhang, &id, MABEI_SPACE_JOINT), bundle,
                                             MABEI_SOURCE_PEER, now (), &n_new, &n_refused, &error));
  g_test_message ("%u changes received from a bundle in %.0f ms", n_new, milliseconds (start));
  g_assert_cmpuint (n_new, ==, n);
  g_assert_cmpuint (n_refused, ==, 0);
  assert_same (mediator, zhang, &id);
  start = processor_us ();
  for (guint i = 0; i < outbox->len; i++)
    g_assert_true (
        mabei_replica_set_receipt (mediator->replica, joint, mabei_change_id (g_ptr_array_index (outbox, i)), &error));
  g_test_message ("%u receipts kept in %.0f ms", outbox->len, milliseconds (start));
  g_clear_pointer (&outbox, g_ptr_array_unref);
  g_ptr_array_set_size (bundle, 0);
  person_close (zhang);
  start = processor_us ();
  person_open (zhang);
  g_test_message ("a case of %u changes opened in %.0f ms", n, milliseconds (start));
  assert_same (mediator, zhang, &id);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  g_test_add_func ("/store/many/cases", test_cases);
  g_test_add_func ("/store/many/bundle", test_bundle);
  return g_test_run ();
}
