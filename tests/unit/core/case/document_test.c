/* Documents: typing shown at once and sealed later, what fits into one change, undo, and what others see of it. */
#include <string.h>

#include "core/base/limits.h"
#include "core/case/case_private.h"
#include "tests/tools/cast.h"

static MabeiSpace *
joint_of (MabeiActor *actor)
{
  return mabei_actor_space (actor, MABEI_SPACE_JOINT, NULL);
}

static void
expect_text (MabeiActor *actor, MabeiDocument *document, const char *text)
{
  g_autofree char *found = mabei_actor_text (actor, mabei_document_id (document));
  g_assert_cmpstr (found, ==, text);
}

static MabeiDocument *
same_document (MabeiActor *actor, MabeiDocument *document)
{
  MabeiDocument *same = mabei_case_document (actor->c, mabei_document_id (document));
  g_assert_nonnull (same);
  return same;
}

static void
expect_edit (MabeiDocument *document, guint position, guint remove, const char *insert)
{
  GError *error = NULL;
  mabei_document_edit (document, position, remove, insert, &error);
  g_assert_no_error (error);
}

static void
expect_no_edit (MabeiDocument *document, guint position, guint remove, const char *insert, MabeiCaseError code)
{
  GError *error = NULL;
  g_autofree char *before = mabei_text_read (mabei_document_text (document), NULL);
  g_assert_false (mabei_document_edit (document, position, remove, insert, &error));
  g_assert_error (error, MABEI_CASE_ERROR, (gint) code);
  g_clear_error (&error);
  g_autofree char *after = mabei_text_read (mabei_document_text (document), NULL);
  g_assert_cmpstr (before, ==, after);
}

static void
test_two_people_write (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiDocument *wang = mabei_actor_write (cast->wang, joint_of (cast->wang), "minutes of the first session");
  g_assert_cmpstr (mabei_document_kind (wang), ==, "minutes");
  g_assert_cmpstr (mabei_document_title (wang), ==, "minutes of the first session");
  g_assert_true (mabei_document_space (wang) == joint_of (cast->wang));
  mabei_actor_type (cast->wang, wang, 0, 0, "双方同意。");
  mabei_cast_sync (cast);
  MabeiDocument *li = same_document (cast->li, wang);
  mabei_actor_type (cast->wang, wang, 2, 2, "愿意");
  mabei_actor_type (cast->li, li, 4, 1, "付款");
  mabei_cast_sync (cast);
  expect_text (cast->wang, wang, "双方愿意付款");
  expect_text (cast->li, li, "双方愿意付款");
  expect_text (cast->mediator, wang, "双方愿意付款");
  mabei_cast_check (cast);
}

static void
test_order_of_documents (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  mabei_actor_write (cast->wang, joint_of (cast->wang), "first");
  mabei_actor_write (cast->wang, joint_of (cast->wang), "second");
  GError *error = NULL;
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_ptr_array_add (operations, mabei_operation_document ("statement", "third", &error));
  g_ptr_array_add (operations, mabei_operation_document ("statement", "fourth", &error));
  mabei_change_unref (
      mabei_actor_commit (cast->wang, joint_of (cast->wang), MABEI_KIND_CONTENT, g_steal_pointer (&operations)));
  mabei_cast_sync (cast);
  g_autoptr (GPtrArray) documents = mabei_space_documents (joint_of (cast->li));
  static const char *const titles[] = {"first", "second", "third", "fourth"};
  g_assert_cmpuint (documents->len, ==, 4);
  for (guint i = 0; i < 4; i++)
    g_assert_cmpstr (mabei_document_title (g_ptr_array_index (documents, i)), ==, titles[i]);
}

/* --- bursts --- */

static void
test_burst (void)
{
  GError *error = NULL;
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiDocument *document = mabei_actor_write (cast->wang, joint_of (cast->wang), "minutes");
  g_assert_null (mabei_document_take_burst (document));
  expect_edit (document, 0, 0, "");
  g_assert_false (mabei_document_has_burst (document));
  expect_edit (document, 0, 0, "ab");
  expect_edit (document, 2, 0, "cd");
  expect_edit (document, 1, 2, NULL);
  g_assert_true (mabei_document_has_burst (document));
  expect_text (cast->wang, document, "ad");
  g_autoptr (GBytes) taken = mabei_document_take_burst (document);
  g_autoptr (GBytes) again = mabei_document_take_burst (document);
  g_assert_true (g_bytes_equal (taken, again));
  expect_no_edit (document, 0, 0, "x", MABEI_CASE_ERROR_CONFLICT);
  g_assert_false (mabei_document_undo (document, &error));
  g_assert_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_true (mabei_document_has_burst (document));
  mabei_actor_seal (cast->wang, document);
  expect_text (cast->wang, document, "ad");
  mabei_cast_sync (cast);
  expect_text (cast->li, document, "ad");
  mabei_cast_check (cast);
}

static void
test_bad_edits (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiDocument *document = mabei_actor_write (cast->wang, joint_of (cast->wang), "minutes");
  mabei_actor_type (cast->wang, document, 0, 0, "abc");
  expect_no_edit (document, 4, 0, "x", MABEI_CASE_ERROR_FORMAT);
  expect_no_edit (document, 2, 2, "x", MABEI_CASE_ERROR_FORMAT);
  expect_no_edit (document, 1, G_MAXUINT, "x", MABEI_CASE_ERROR_FORMAT);
  expect_no_edit (document, 0, 0, "\xff", MABEI_CASE_ERROR_FORMAT);
  g_assert_false (mabei_document_has_burst (document));
  expect_edit (document, 3, 0, "x");
  expect_edit (document, 2, 2, "");
  expect_text (cast->wang, document, "ab");
}

static void
test_burst_limits (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiDocument *document = mabei_actor_write (cast->wang, joint_of (cast->wang), "minutes");
  for (guint i = 0; i < MABEI_LIMIT_OPERATIONS; i++)
    expect_edit (document, 0, 0, "x");
  expect_no_edit (document, 0, 0, "x", MABEI_CASE_ERROR_TOO_LARGE);
  g_assert_cmpuint (mabei_document_removable (document, 0, 1), ==, 0);
  mabei_actor_seal (cast->wang, document);

  g_autofree char *most = g_strnfill (MABEI_LIMIT_INSERT_BYTES, 'a');
  g_autofree char *more = g_strnfill (MABEI_LIMIT_INSERT_BYTES + 1, 'a');
  expect_no_edit (document, 0, 0, more, MABEI_CASE_ERROR_TOO_LARGE);
  expect_edit (document, 0, 0, most);
  expect_no_edit (document, 0, 0, "x", MABEI_CASE_ERROR_TOO_LARGE);
  expect_edit (document, 0, MABEI_LIMIT_INSERT_BYTES, "");
  expect_no_edit (document, 0, 1, "", MABEI_CASE_ERROR_TOO_LARGE);
  mabei_actor_seal (cast->wang, document);
  mabei_actor_type (cast->wang, document, 0, 0, most);
  mabei_actor_type (cast->wang, document, 0, 0, "b");
  g_assert_cmpuint (mabei_document_removable (document, 0, MABEI_LIMIT_INSERT_BYTES + 1), ==, MABEI_LIMIT_INSERT_BYTES);
  mabei_cast_sync (cast);
  mabei_cast_check (cast);
}

static void
test_document_limit (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiDocument *document = mabei_actor_write (cast->wang, joint_of (cast->wang), "minutes");
  g_autofree char *piece = g_strnfill (MABEI_LIMIT_INSERT_BYTES, 'a');
  guint length = 0;
  while (length + MABEI_LIMIT_INSERT_BYTES <= MABEI_LIMIT_DOCUMENT_CHARACTERS) {
    mabei_actor_type (cast->wang, document, length, 0, piece);
    length += MABEI_LIMIT_INSERT_BYTES;
  }
  piece[MABEI_LIMIT_DOCUMENT_CHARACTERS - length] = '\0';
  mabei_actor_type (cast->wang, document, length, 0, piece);
  g_assert_cmpuint (mabei_text_length (mabei_document_text (document)), ==, MABEI_LIMIT_DOCUMENT_CHARACTERS);
  expect_no_edit (document, 0, 0, "x", MABEI_CASE_ERROR_TOO_LARGE);
  expect_edit (document, 0, 1, "x");
}

/* A text of a thousand bursts, interleaved by two people, is removed in as few changes as fit, and comes back. */
static void
test_removal_of_many_bursts (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiDocument *document = mabei_actor_write (cast->wang, joint_of (cast->wang), "minutes");
  mabei_cast_sync (cast);
  MabeiDocument *li = same_document (cast->li, document);
  for (guint i = 0; i < 500; i++) {
    mabei_actor_type (cast->wang, document, i / 2, 0, "王");
    mabei_actor_type (cast->li, li, 0, 0, "李");
  }
  mabei_cast_sync (cast);
  guint length = mabei_text_length (mabei_document_text (document)), n_changes = 0;
  g_assert_cmpuint (length, ==, 1000);
  expect_no_edit (document, 0, length, "", MABEI_CASE_ERROR_TOO_LARGE);
  while (length > 0) {
    guint n = mabei_document_removable (document, 0, length);
    g_assert_cmpuint (n, >, 0);
    if (n < length)
      expect_no_edit (document, 0, n + 1, "", MABEI_CASE_ERROR_TOO_LARGE);
    mabei_actor_type (cast->wang, document, 0, n, "");
    length -= n;
    n_changes++;
  }
  g_assert_cmpuint (n_changes, <=, 4);
  g_assert_cmpuint (mabei_document_removable (document, 0, 1), ==, 0);
  g_assert_cmpuint (mabei_document_removable (document, 1, 1), ==, 0);
  mabei_cast_sync (cast);
  expect_text (cast->li, document, "");
  mabei_cast_check (cast);
}

/* A burst that cannot be sealed is taken back, and the screen is told. */
static guint n_patched;

static void
on_patch (MabeiDocument *document, guint position, guint removed, const char *inserted, gpointer user_data)
{
  g_assert_cmpuint (position, ==, 3);
  g_assert_cmpuint (removed, ==, 3);
  g_assert_cmpstr (inserted, ==, "");
  g_assert_true (document == user_data);
  n_patched++;
}

static void
test_drop_burst (void)
{
  for (guint taken = 0; taken < 2; taken++) {
    g_autoptr (MabeiCast) cast = mabei_cast_new ();
    MabeiDocument *document = mabei_actor_write (cast->wang, joint_of (cast->wang), "minutes");
    mabei_actor_type (cast->wang, document, 0, 0, "abcdef");
    const MabeiCaseListener listener = {NULL, on_patch, document};
    mabei_case_set_listener (cast->wang->c, &listener);
    expect_edit (document, 3, 0, "XYZ");
    if (taken)
      g_bytes_unref (mabei_document_take_burst (document));
    n_patched = 0;
    mabei_document_drop_burst (document);
    g_assert_cmpuint (n_patched, ==, 1);
    expect_text (cast->wang, document, "abcdef");
    g_assert_false (mabei_document_has_burst (document));
    mabei_case_set_listener (cast->wang->c, NULL);
    mabei_actor_type (cast->wang, document, 6, 0, "g");
    mabei_cast_sync (cast);
    mabei_cast_check (cast);
    expect_text (cast->li, document, "abcdefg");
  }
}

/* While somebody types, what an admission makes readable waits; it comes in when the burst is sealed. */
static void
test_typing_holds_back_others (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiActor *zhao = mabei_cast_add (cast, "Zhao", MABEI_ROLE_PARTY);
  MabeiDocument *document = mabei_actor_write (cast->wang, joint_of (cast->wang), "minutes");
  mabei_actor_type (cast->wang, document, 0, 0, "abc");
  mabei_cast_admit (cast, zhao);
  mabei_actor_send (cast->wang, zhao);
  mabei_actor_type (zhao, same_document (zhao, document), 3, 0, "-zhao");
  GPtrArray *spaces = mabei_case_spaces (zhao->c);
  for (guint i = 1; i < spaces->len; i++) {
    MabeiSpace *space = g_ptr_array_index (spaces, i);
    g_autoptr (GPtrArray) changes = mabei_graph_ordered (mabei_space_graph (space));
    for (guint k = 0; k < changes->len && mabei_space_kind (space) == MABEI_SPACE_JOINT; k++)
      mabei_actor_receive (cast->wang, g_ptr_array_index (changes, k));
  }
  expect_text (cast->wang, document, "abc");
  expect_edit (document, 0, 0, "wang-");
  g_autoptr (GPtrArray) control =
      mabei_graph_ordered (mabei_space_graph (mabei_actor_space (zhao, MABEI_SPACE_CONTROL, NULL)));
  for (guint i = 0; i < control->len; i++)
    mabei_actor_receive (cast->wang, g_ptr_array_index (control, i));
  expect_text (cast->wang, document, "wang-abc");
  mabei_actor_seal (cast->wang, document);
  expect_text (cast->wang, document, "wang-abc-zhao");
  mabei_cast_sync (cast);
  mabei_cast_check (cast);
}

/* --- undo --- */

static void
undo (MabeiActor *actor, MabeiDocument *document)
{
  GError *error = NULL;
  mabei_document_undo (document, &error);
  g_assert_no_error (error);
  g_assert_true (mabei_document_has_burst (document));
  expect_no_edit (document, 0, 0, "x", MABEI_CASE_ERROR_TOO_LARGE);
  mabei_actor_seal (actor, document);
}

static void
test_undo (void)
{
  GError *error = NULL;
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiDocument *document = mabei_actor_write (cast->wang, joint_of (cast->wang), "minutes");
  mabei_actor_type (cast->wang, document, 0, 0, "one two");
  mabei_cast_sync (cast);
  MabeiDocument *li = same_document (cast->li, document);
  mabei_actor_type (cast->li, li, 7, 0, " li");
  mabei_actor_type (cast->wang, document, 0, 3, "ONE");
  mabei_cast_sync (cast);
  expect_text (cast->wang, document, "ONE two li");
  undo (cast->wang, document);
  expect_text (cast->wang, document, "one two li");
  mabei_actor_type (cast->wang, document, 0, 0, "> ");
  undo (cast->wang, document);
  expect_text (cast->wang, document, "one two li");
  undo (cast->wang, document);
  mabei_cast_sync (cast);
  /* What Li wrote stays; so does "one": what an undo put back is new text, not the change that wrote it first. */
  expect_text (cast->li, document, "one li");
  g_assert_false (mabei_document_undo (document, &error));
  g_assert_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  mabei_cast_check (cast);
}

/* Which changes are undone is in the changes: after a fold made anew undo goes on where it was. */
static void
test_undo_after_restart (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiDocument *document = mabei_actor_write (cast->wang, joint_of (cast->wang), "minutes");
  mabei_actor_type (cast->wang, document, 0, 0, "a");
  mabei_actor_type (cast->wang, document, 1, 0, "b");
  mabei_actor_type (cast->wang, document, 2, 0, "c");
  undo (cast->wang, document);
  MabeiActor *restarted = mabei_cast_add (cast, "Wang", MABEI_ROLE_PARTY);
  mabei_device_key_free (restarted->key);
  restarted->key = mabei_device_key_new_from_seed (mabei_device_key_seed (cast->wang->key));
  restarted->person = cast->wang->person;
  mabei_actor_welcome (cast->mediator, restarted);
  mabei_actor_send (cast->wang, restarted);
  MabeiDocument *same = same_document (restarted, document);
  undo (restarted, same);
  expect_text (restarted, same, "a");
  undo (restarted, same);
  expect_text (restarted, same, "");
  mabei_cast_sync (cast);
  mabei_cast_check (cast);
}

/* What others removed meanwhile leaves nothing to undo there: the one before is undone instead. */
static void
test_undo_skips_what_is_gone (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiDocument *document = mabei_actor_write (cast->wang, joint_of (cast->wang), "minutes");
  mabei_actor_type (cast->wang, document, 0, 0, "a");
  mabei_actor_type (cast->wang, document, 1, 0, "b");
  mabei_cast_sync (cast);
  mabei_actor_type (cast->li, same_document (cast->li, document), 1, 1, "");
  mabei_cast_sync (cast);
  undo (cast->wang, document);
  expect_text (cast->wang, document, "");
  mabei_cast_sync (cast);
  mabei_cast_check (cast);
}

/* A device runs twice, from a copied disk, and both write: everything is kept and all agree; what is written after that
 * cites by id, since a number of the chain names two changes now (soundness rule 4). */
static void
test_forked_chain (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiDocument *document = mabei_actor_write (cast->wang, joint_of (cast->wang), "minutes");
  mabei_actor_type (cast->wang, document, 0, 0, "--");
  MabeiActor *copy = mabei_cast_add (cast, "Wang", MABEI_ROLE_PARTY);
  mabei_device_key_free (copy->key);
  copy->key = mabei_device_key_new_from_seed (mabei_device_key_seed (cast->wang->key));
  copy->person = cast->wang->person;
  mabei_actor_welcome (cast->mediator, copy);
  mabei_actor_send (cast->wang, copy);
  MabeiDocument *same = same_document (copy, document);
  mabei_actor_type (cast->wang, document, 0, 0, "one");
  mabei_actor_type (cast->wang, document, 3, 1, "");
  mabei_actor_type (copy, same, 2, 0, "two");
  mabei_actor_set (copy, joint_of (copy), "title", "two");
  mabei_cast_sync (cast);
  expect_text (cast->li, document, "one-two");
  g_assert_true (mabei_graph_is_forked (mabei_space_graph (joint_of (cast->li)), mabei_device_key_id (copy->key)));
  mabei_actor_type (cast->wang, document, 0, 7, "both");
  mabei_actor_set (cast->wang, joint_of (cast->wang), "title", "both");
  mabei_cast_sync (cast);
  expect_text (cast->li, document, "both");
  g_autofree char *title = mabei_space_field (joint_of (cast->li), "title");
  g_assert_cmpstr (title, ==, "both");
  undo (cast->wang, document);
  mabei_cast_sync (cast);
  expect_text (cast->li, document, "one-two");
  mabei_cast_check (cast);
  g_autoptr (GArray) audit = mabei_case_audit (cast->li->c);
  g_assert_cmpuint (audit->len, ==, 0);
}

/* --- rights --- */

static void
test_observer_reads (void)
{
  GError *error = NULL;
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiActor *guest = mabei_cast_add (cast, "a guest", MABEI_ROLE_OBSERVER);
  mabei_cast_admit (cast, guest);
  MabeiDocument *document = mabei_actor_write (cast->wang, joint_of (cast->wang), "minutes");
  mabei_actor_type (cast->wang, document, 0, 0, "read me");
  mabei_cast_sync (cast);
  MabeiDocument *seen = same_document (guest, document);
  expect_text (guest, seen, "read me");
  expect_no_edit (seen, 0, 0, "x", MABEI_CASE_ERROR_NOT_ALLOWED);
  g_assert_false (mabei_document_undo (seen, &error));
  g_assert_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_NOT_ALLOWED);
  g_clear_error (&error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  g_test_add_func ("/case/document/two-people-write", test_two_people_write);
  g_test_add_func ("/case/document/order-of-documents", test_order_of_documents);
  g_test_add_func ("/case/document/burst", test_burst);
  g_test_add_func ("/case/document/bad-edits", test_bad_edits);
  g_test_add_func ("/case/document/burst-limits", test_burst_limits);
  g_test_add_func ("/case/document/document-limit", test_document_limit);
  g_test_add_func ("/case/document/removal-of-many-bursts", test_removal_of_many_bursts);
  g_test_add_func ("/case/document/drop-burst", test_drop_burst);
  g_test_add_func ("/case/document/typing-holds-back-others", test_typing_holds_back_others);
  g_test_add_func ("/case/document/undo", test_undo);
  g_test_add_func ("/case/document/undo-after-restart", test_undo_after_restart);
  g_test_add_func ("/case/document/undo-skips-what-is-gone", test_undo_skips_what_is_gone);
  g_test_add_func ("/case/document/forked-chain", test_forked_chain);
  g_test_add_func ("/case/document/observer-reads", test_observer_reads);
  return g_test_run ();
}
