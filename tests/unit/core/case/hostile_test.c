/* A member who signs and seals as he should and writes what he likes: whatever it is, it is kept, listed with a reason
 * and has no effect, on every replica, and honest work goes on.
 */
#include <sodium.h>
#include <string.h>

#include "core/base/cbor.h"
#include "core/base/limits.h"
#include "core/case/case_private.h"
#include "tests/tools/cast.h"

static MabeiSpace *
joint_of (MabeiActor *actor)
{
  return mabei_actor_space (actor, MABEI_SPACE_JOINT, NULL);
}

/* Wang's change reaches everybody; nobody's fields, documents or messages are touched by it. */
static void
expect_quarantined (MabeiCast *cast, MabeiChange *change, const char *reason)
{
  MabeiActor *all[] = {cast->wang, cast->li, cast->mediator};
  g_autoptr (GPtrArray) messages = mabei_space_messages (joint_of (cast->li));
  for (guint i = 0; i < G_N_ELEMENTS (all); i++) {
    MabeiSpace *joint = joint_of (all[i]);
    g_assert_cmpint (mabei_actor_receive (all[i], change), ==, MABEI_RECEIVED_QUARANTINED);
    g_assert_cmpstr (mabei_actor_reason (all[i], change), ==, reason);
    g_autoptr (GPtrArray) after = mabei_space_messages (joint);
    g_assert_cmpuint (after->len, ==, messages->len);
    g_auto (GStrv) names = mabei_space_field_names (joint);
    g_assert_cmpuint (g_strv_length (names), ==, 0);
  }
  mabei_cast_check (cast);
}

static void
expect_operation (MabeiCast *cast, GBytes *operation, const char *reason)
{
  g_autoptr (MabeiChange) change =
      mabei_actor_forge_one (cast->wang, joint_of (cast->wang), MABEI_KIND_CONTENT, operation);
  expect_quarantined (cast, change, reason);
}

static GBytes *
post (const char *text)
{
  return mabei_operation_post (text, MABEI_LEVEL_KEEP, NULL);
}

static GBytes *
text_operation (
    const MabeiShortId *document, const MabeiReference *references, guint n, gconstpointer blob, gsize length)
{
  g_autoptr (GArray) array = g_array_new (FALSE, FALSE, sizeof (MabeiReference));
  if (n > 0)
    g_array_append_vals (array, references, n);
  return mabei_operation_encode_text (document, array, blob, length, NULL);
}

static GBytes *
field_operation (const MabeiReference *saw, guint n)
{
  g_autoptr (GArray) array = g_array_new (FALSE, FALSE, sizeof (MabeiReference));
  if (n > 0)
    g_array_append_vals (array, saw, n);
  return mabei_operation_encode_field ("title", "mine", array);
}

/* Insert of one character at the beginning of an empty text (core/crdt). */
static const guint8 insert_a[] = {1 << 4, 'a'};

/* --- what is not an operation --- */

static void
test_garbage_operations (void)
{
  static const struct {
    guint8 bytes[24];
    gsize length;
  } bad[] = {
      {{0x80}, 1},                                                            /* [] */
      {{0x00}, 1},                                                            /* 0 */
      {{0x81, 0x04}, 2},                                                      /* [4]: of the future */
      {{0x83, 0x03, 0x60, 0x00}, 4},                                          /* an empty message */
      {{0x83, 0x03, 0x61, 'a', 0x03}, 5},                                     /* a level that is none */
      {{0x82, 0x03, 0x61, 'a'}, 4},                                           /* a message without level */
      {{0x84, 0x00, 0x60, 0x61, 'v', 0x80}, 6},                               /* a field without name */
      {{0x83, 0x01, 0x60, 0x61, 't'}, 5},                                     /* a document without kind */
      {{0x84, 0x02, 0x41, 0x00, 0x80, 0x40}, 6},                              /* a document's id of one byte */
      {{0x84, 0x00, 0x61, 'n', 0x61, 'v', 0x81, 0x00}, 8},                    /* saw a number */
      {{0x84, 0x00, 0x61, 'n', 0x61, 'v', 0x81, 0x82, 0x00, 0x18, 0x40}, 11}, /* the 65th operation */
      {{0xa0}, 1},                                                            /* {} */
      {{0xf6}, 1},                                                            /* null */
  };
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    expect_operation (cast, g_bytes_new (bad[i].bytes, bad[i].length), "an operation is not understood");
}

static void
test_garbage_bodies (void)
{
  static const char *const bodies[] = {"", "x", "\xa0", "\xa2\x01\x80", "\x80"};
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiHeader header;
  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++) {
    mabei_actor_header (cast->wang, joint_of (cast->wang), MABEI_KIND_CONTENT, &header);
    g_autoptr (MabeiChange) change =
        mabei_actor_forge_body (cast->wang, joint_of (cast->wang), &header, bodies[i], strlen (bodies[i]));
    expect_quarantined (cast, change, "its body is not in the canonical form");
  }
  mabei_actor_header (cast->wang, joint_of (cast->wang), MABEI_KIND_CONTENT, &header);
  g_autoptr (MabeiSecret) other = mabei_secret_new_random (32);
  g_autoptr (MabeiChange) change = mabei_change_seal (&header, cast->wang->key, other, "x", 1, NULL);
  expect_quarantined (cast, change, "it is not sealed with the key that it names");
}

/* Random items in random numbers: nothing crashes, everybody agrees, and the list of those without effect is full. */
static void
test_random_bodies (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (99);
  MabeiDocument *document = mabei_actor_write (cast->wang, joint_of (cast->wang), "minutes");
  mabei_actor_type (cast->wang, document, 0, 0, "some text to cite");
  mabei_cast_sync (cast);
  for (guint round = 0; round < 400; round++) {
    guint8 blob[24];
    MabeiHeader header;
    gsize length = (gsize) g_rand_int_range (rand, 0, sizeof blob);
    for (gsize i = 0; i < length; i++)
      blob[i] = (guint8) (g_rand_boolean (rand) ? g_rand_int_range (rand, 0, 256) : g_rand_int_range (rand, 0, 40));
    mabei_actor_header (cast->wang, joint_of (cast->wang), MABEI_KIND_CONTENT, &header);
    const MabeiReference references[] = {{.is_seq = TRUE, .seq = g_rand_int_range (rand, 0, 4)}, {.id = header.prev}};
    g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
    g_ptr_array_add (operations, text_operation (mabei_document_id (document), references,
                                                 (guint) g_rand_int_range (rand, 0, 3), blob, length));
    if (g_rand_boolean (rand))
      g_ptr_array_add (operations, field_operation (references, 2));
    g_autoptr (MabeiChange) change = mabei_actor_forge (cast->wang, joint_of (cast->wang), &header, operations);
    MabeiReceived received = mabei_actor_receive (cast->wang, change);
    g_assert_cmpint (mabei_actor_receive (cast->li, change), ==, (gint) received);
  }
  mabei_cast_sync (cast);
  mabei_cast_check (cast);
  mabei_actor_type (cast->li, mabei_case_document (cast->li->c, mabei_document_id (document)), 0, 0, "still fine");
  mabei_cast_sync (cast);
  mabei_cast_check (cast);
}

/* --- limits of operations, both sides --- */

static void
test_operation_limits (void)
{
  GError *error = NULL;
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  g_autofree char *most = g_strnfill (MABEI_LIMIT_MESSAGE_BYTES, 'm');
  g_autofree char *more = g_strnfill (MABEI_LIMIT_MESSAGE_BYTES + 1, 'm');
  g_autofree char *title = g_strnfill (MABEI_LIMIT_VALUE_BYTES, 't');
  g_autofree char *long_title = g_strnfill (MABEI_LIMIT_VALUE_BYTES + 1, 't');
  mabei_actor_post (cast->wang, joint_of (cast->wang), most);
  mabei_actor_write (cast->wang, joint_of (cast->wang), title);
  g_assert_null (mabei_operation_post (more, MABEI_LEVEL_KEEP, &error));
  g_assert_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_TOO_LARGE);
  g_clear_error (&error);
  g_assert_null (mabei_operation_post ("", MABEI_LEVEL_KEEP, NULL));
  g_assert_null (mabei_operation_post ("x", (MabeiLevel) 3, NULL));
  g_assert_null (mabei_operation_document ("minutes", long_title, NULL));
  g_assert_null (mabei_operation_document ("", "t", NULL));
  mabei_cast_sync (cast);

  g_autoptr (GByteArray) out = g_byte_array_new ();
  mabei_cbor_write_array (out, 3);
  mabei_cbor_write_uint (out, MABEI_OPERATION_POST);
  mabei_cbor_write_text (out, more);
  mabei_cbor_write_uint (out, 0);
  expect_operation (cast, g_bytes_new (out->data, out->len), "an operation is not understood");

  MabeiReference references[MABEI_LIMIT_REFERENCES + 1] = {{0}};
  for (guint i = 0; i <= MABEI_LIMIT_REFERENCES; i++)
    references[i] = (MabeiReference){.is_seq = TRUE, .seq = 0};
  expect_operation (cast, field_operation (references, MABEI_LIMIT_REFERENCES + 1), "an operation is not understood");
  g_autoptr (MabeiChange) change = mabei_actor_forge_one (cast->wang, joint_of (cast->wang), MABEI_KIND_CONTENT,
                                                          field_operation (references, MABEI_LIMIT_REFERENCES));
  g_assert_cmpint (mabei_actor_receive (cast->li, change), ==, MABEI_RECEIVED_NEW);
}

static void
test_operations_in_a_change (void)
{
  GError *error = NULL;
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  for (guint i = 0; i < MABEI_LIMIT_OPERATIONS; i++)
    g_ptr_array_add (operations, post ("one of many"));
  mabei_change_unref (
      mabei_actor_commit (cast->wang, joint_of (cast->wang), MABEI_KIND_CONTENT, g_ptr_array_ref (operations)));
  g_ptr_array_add (operations, post ("one too many"));
  g_assert_null (mabei_case_author (cast->wang->c, joint_of (cast->wang), MABEI_KIND_CONTENT, operations, 1, &error));
  g_assert_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_TOO_LARGE);
  g_clear_error (&error);
  g_ptr_array_set_size (operations, 0);
  g_assert_null (mabei_case_author (cast->wang->c, joint_of (cast->wang), MABEI_KIND_CONTENT, operations, 1, &error));
  g_assert_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_FORMAT);
  g_clear_error (&error);
  mabei_cast_sync (cast);
  MabeiHeader header;
  mabei_actor_header (cast->wang, joint_of (cast->wang), MABEI_KIND_CONTENT, &header);
  g_autoptr (MabeiChange) empty = mabei_actor_forge (cast->wang, joint_of (cast->wang), &header, operations);
  expect_quarantined (cast, empty, "a content change without operations");
  g_ptr_array_add (operations, post ("in a merge"));
  mabei_actor_header (cast->wang, joint_of (cast->wang), MABEI_KIND_MERGE, &header);
  g_autoptr (MabeiChange) merge = mabei_actor_forge (cast->wang, joint_of (cast->wang), &header, operations);
  expect_quarantined (cast, merge, "a merge with operations");
}

static void
test_documents_of_a_case (void)
{
  GError *error = NULL;
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiSpace *joint = joint_of (cast->wang);
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  for (guint i = 0; i < MABEI_LIMIT_OPERATIONS; i++)
    g_ptr_array_add (operations, mabei_operation_document ("statement", "", NULL));
  for (guint i = 0; i < MABEI_LIMIT_DOCUMENTS / MABEI_LIMIT_OPERATIONS; i++)
    mabei_change_unref (mabei_actor_commit (cast->wang, joint, MABEI_KIND_CONTENT, g_ptr_array_ref (operations)));
  g_ptr_array_set_size (operations, 1);
  g_assert_null (mabei_case_author (cast->wang->c, joint, MABEI_KIND_CONTENT, operations, 1, &error));
  g_assert_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_TOO_LARGE);
  g_clear_error (&error);
}

/* --- what it cites --- */

static void
test_cites_the_future (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiHeader header;
  mabei_actor_header (cast->wang, joint_of (cast->wang), MABEI_KIND_CONTENT, &header);
  /* Li's change is here, but Wang does not cite it: it is not in his past. */
  g_autoptr (MabeiChange) later = mabei_actor_do (cast->li, joint_of (cast->li), post ("from Li"));
  mabei_cast_sync (cast);
  const char *reason = "it cites a change that is not in its past";
  const MabeiReference references[] = {{.id = *mabei_change_id (later)},
                                       {.is_seq = TRUE, .seq = header.seq},
                                       {.is_seq = TRUE, .seq = header.seq + 1},
                                       {.is_seq = TRUE, .seq = MABEI_LIMIT_SEQUENCE},
                                       {.id = {{7}}}};
  for (guint i = 0; i < G_N_ELEMENTS (references); i++) {
    g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
    g_ptr_array_add (operations, field_operation (&references[i], 1));
    g_autoptr (MabeiChange) change = mabei_actor_forge (cast->wang, joint_of (cast->wang), &header, operations);
    expect_quarantined (cast, change, reason);
  }
}

static void
test_unknown_document (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  const char *reason = "it writes in a document that is not in its past";
  const MabeiShortId nothing = {{1, 2, 3}};
  MabeiHeader header;
  expect_operation (cast, text_operation (&nothing, NULL, 0, insert_a, sizeof insert_a), reason);
  /* A document that exists, but not in the past of the change; and one of another space. */
  mabei_actor_header (cast->wang, joint_of (cast->wang), MABEI_KIND_CONTENT, &header);
  MabeiDocument *later = mabei_actor_write (cast->li, joint_of (cast->li), "minutes");
  MabeiDocument *private_one =
      mabei_actor_write (cast->wang, mabei_actor_space (cast->wang, MABEI_SPACE_CAUCUS, cast->wang), "a note");
  mabei_cast_sync (cast);
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_ptr_array_add (operations, text_operation (mabei_document_id (later), NULL, 0, insert_a, sizeof insert_a));
  g_autoptr (MabeiChange) change = mabei_actor_forge (cast->wang, joint_of (cast->wang), &header, operations);
  expect_quarantined (cast, change, reason);
  expect_operation (cast, text_operation (mabei_document_id (private_one), NULL, 0, insert_a, sizeof insert_a), reason);
}

static void
test_corrupt_text (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiDocument *document = mabei_actor_write (cast->wang, joint_of (cast->wang), "minutes");
  const MabeiShortId *id = mabei_document_id (document);
  mabei_cast_sync (cast);
  const char *reason = "its text does not fit what is in its past";
  static const guint8 cut[] = {2 << 4, 'a'}, missing[] = {1 << 1 | 1, 1, 0}, bad_utf8[] = {1 << 4, 0xff},
                      no_table[] = {1 << 1 | 1, 2, 0};
  const MabeiReference first = {.is_seq = TRUE, .seq = 0};
  expect_operation (cast, text_operation (id, NULL, 0, cut, sizeof cut), reason);
  expect_operation (cast, text_operation (id, &first, 1, missing, sizeof missing), reason);
  expect_operation (cast, text_operation (id, NULL, 0, bad_utf8, sizeof bad_utf8), reason);
  expect_operation (cast, text_operation (id, &first, 1, no_table, sizeof no_table), reason);
  g_autofree char *text = mabei_actor_text (cast->li, id);
  g_assert_cmpstr (text, ==, "");
}

/* All or nothing: a good text, message and field beside a bad text have no effect. */
static void
test_bad_text_beside_good (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiSpace *joint = joint_of (cast->wang);
  MabeiDocument *one = mabei_actor_write (cast->wang, joint, "one");
  MabeiDocument *two = mabei_actor_write (cast->wang, joint, "two");
  mabei_cast_sync (cast);
  static const guint8 cut[] = {2 << 4, 'a'};
  MabeiHeader header;
  const MabeiShortId *second[] = {mabei_document_id (two), mabei_document_id (one)};
  const char *reasons[] = {"its text does not fit what is in its past", "it writes twice in one document"};
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
    g_ptr_array_add (operations, post ("good"));
    g_ptr_array_add (operations, text_operation (mabei_document_id (one), NULL, 0, insert_a, sizeof insert_a));
    g_ptr_array_add (operations, text_operation (second[i], NULL, 0, cut, sizeof cut));
    mabei_actor_header (cast->wang, joint, MABEI_KIND_CONTENT, &header);
    g_autoptr (MabeiChange) change = mabei_actor_forge (cast->wang, joint, &header, operations);
    expect_quarantined (cast, change, reasons[i]);
  }
  g_autofree char *text = mabei_actor_text (cast->li, mabei_document_id (one));
  g_assert_cmpstr (text, ==, "");
  mabei_actor_type (cast->li, mabei_case_document (cast->li->c, mabei_document_id (one)), 0, 0, "fine");
  mabei_cast_sync (cast);
  mabei_cast_check (cast);
}

/* Honest text that was typed beside the places of a change without effect stays in effect. */
static void
test_text_beside_quarantined (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiActor *guest = mabei_cast_add (cast, "a guest", MABEI_ROLE_OBSERVER);
  mabei_cast_admit (cast, guest);
  mabei_cast_sync (cast);
  MabeiDocument *document = mabei_actor_write (cast->li, joint_of (cast->li), "minutes");
  mabei_actor_type (cast->li, document, 0, 0, "b");
  mabei_cast_sync (cast);
  MabeiHeader header;
  mabei_actor_header (guest, joint_of (guest), MABEI_KIND_CONTENT, &header);
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  static const guint8 insert_x[] = {1 << 4, 'X'};
  g_ptr_array_add (operations, text_operation (mabei_document_id (document), NULL, 0, insert_x, sizeof insert_x));
  g_autoptr (MabeiChange) change = mabei_actor_forge (guest, joint_of (guest), &header, operations);
  g_assert_cmpint (mabei_actor_receive (cast->li, change), ==, MABEI_RECEIVED_QUARANTINED);
  mabei_actor_type (cast->li, document, 0, 0, "a");
  mabei_actor_type (cast->li, document, 2, 0, "c");
  mabei_actor_receive (guest, change);
  mabei_cast_sync (cast);
  g_autofree char *text = mabei_actor_text (cast->wang, mabei_document_id (document));
  g_assert_cmpstr (text, ==, "abc");
  g_autoptr (GArray) audit = mabei_case_audit (cast->wang->c);
  g_assert_cmpuint (audit->len, ==, 1);
  mabei_cast_check (cast);
}

/* This device's own burst in a change without effect: the text is what it was. */
static void
test_own_burst_without_effect (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiDocument *document = mabei_actor_write (cast->wang, joint_of (cast->wang), "minutes");
  mabei_actor_type (cast->wang, document, 0, 0, "abc");
  g_assert_true (mabei_document_edit (document, 3, 0, "d", NULL));
  MabeiHeader header;
  mabei_actor_header (cast->wang, joint_of (cast->wang), MABEI_KIND_CONTENT, &header);
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_ptr_array_add (operations, mabei_document_take_burst (document));
  g_ptr_array_add (operations, g_bytes_new_static ("\x80", 1));
  g_autoptr (MabeiChange) change = mabei_actor_forge (cast->wang, joint_of (cast->wang), &header, operations);
  g_assert_cmpint (mabei_actor_receive (cast->wang, change), ==, MABEI_RECEIVED_QUARANTINED);
  g_assert_true (mabei_document_has_burst (document)); /* it cannot be told that this was its change */
  mabei_document_drop_burst (document);
  g_autofree char *text = mabei_actor_text (cast->wang, mabei_document_id (document));
  g_assert_cmpstr (text, ==, "abc");
  g_assert_true (mabei_document_edit (document, 3, 0, "e", NULL));
  g_ptr_array_set_size (operations, 0);
  g_ptr_array_add (operations, mabei_document_take_burst (document));
  mabei_actor_header (cast->wang, joint_of (cast->wang), MABEI_KIND_CONTENT, &header);
  header.n_control = 0;
  g_autoptr (MabeiChange) other = mabei_actor_forge (cast->wang, joint_of (cast->wang), &header, operations);
  g_assert_cmpint (mabei_actor_receive (cast->wang, other), ==, MABEI_RECEIVED_QUARANTINED);
  g_assert_false (mabei_document_has_burst (document));
  g_autofree char *after = mabei_actor_text (cast->wang, mabei_document_id (document));
  g_assert_cmpstr (after, ==, "abc");
  mabei_cast_sync (cast);
  mabei_cast_check (cast);
}

/* --- where and when --- */

static void
test_wrong_place (void)
{
  GError *error = NULL;
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiSpace *control = mabei_actor_space (cast->wang, MABEI_SPACE_CONTROL, NULL);
  g_autoptr (MabeiChange) content = mabei_actor_forge_one (cast->wang, control, MABEI_KIND_CONTENT, post ("hello"));
  expect_quarantined (cast, content, "its kind does not belong in this space");
  static const guint8 key[32] = {1};
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_ptr_array_add (operations, post ("hello"));
  g_assert_null (mabei_case_author (cast->wang->c, control, MABEI_KIND_CONTENT, operations, 1, &error));
  g_assert_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_NOT_ALLOWED);
  g_clear_error (&error);
  MabeiHeader header;
  mabei_actor_header (cast->mediator, joint_of (cast->mediator), MABEI_KIND_CONTROL, &header);
  header.n_control = 0; /* the form of a CONTROL change asks for it */
  g_ptr_array_set_size (operations, 0);
  g_ptr_array_add (operations, mabei_cast_invite_operation (key, MABEI_ROLE_PARTY, "x"));
  g_autoptr (MabeiChange) invite = mabei_actor_forge (cast->mediator, joint_of (cast->mediator), &header, operations);
  expect_quarantined (cast, invite, "its author is not a member by the control heads that it cites");
  mabei_actor_header (cast->wang, control, MABEI_KIND_MERGE, &header);
  header.n_control = 1;
  header.control[0] = header.prev;
  g_ptr_array_set_size (operations, 0);
  g_autoptr (MabeiChange) cites = mabei_actor_forge (cast->wang, control, &header, operations);
  expect_quarantined (cast, cites, "a change of the control space that cites control heads");
}

/* Control heads: none; those before its author's admission; older than what its parents knew. */
static void
test_control_heads (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiHeader header;
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_ptr_array_add (operations, post ("hello"));
  mabei_actor_header (cast->wang, joint_of (cast->wang), MABEI_KIND_CONTENT, &header);
  MabeiId newest = header.control[0];
  header.n_control = 0;
  g_autoptr (MabeiChange) none = mabei_actor_forge (cast->wang, joint_of (cast->wang), &header, operations);
  expect_quarantined (cast, none, "its author is not a member by the control heads that it cites");
  mabei_actor_header (cast->wang, joint_of (cast->wang), MABEI_KIND_CONTENT, &header);
  header.control[0] = *mabei_case_id (cast->wang->c);
  g_autoptr (MabeiChange) early = mabei_actor_forge (cast->wang, joint_of (cast->wang), &header, operations);
  expect_quarantined (cast, early, "its author is not a member by the control heads that it cites");
  mabei_actor_merge (cast->wang, mabei_actor_space (cast->wang, MABEI_SPACE_CONTROL, NULL));
  mabei_actor_merge (cast->wang, joint_of (cast->wang));
  mabei_cast_sync (cast);
  mabei_actor_header (cast->wang, joint_of (cast->wang), MABEI_KIND_CONTENT, &header);
  header.control[0] = newest;
  g_autoptr (MabeiChange) older = mabei_actor_forge (cast->wang, joint_of (cast->wang), &header, operations);
  expect_quarantined (cast, older, "it cites older control heads than its parents");
}

/* Somebody who was never admitted, with a key from the mediator's own hands. */
static void
test_stranger (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiActor *stranger = mabei_cast_add (cast, "a stranger", MABEI_ROLE_PARTY);
  mabei_actor_welcome (cast->mediator, stranger);
  mabei_actor_send (cast->mediator, stranger);
  GError *error = NULL;
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_ptr_array_add (operations, post ("let me in"));
  g_assert_null (mabei_case_self (stranger->c));
  g_assert_null (mabei_case_author (stranger->c, joint_of (stranger), MABEI_KIND_CONTENT, operations, 1, &error));
  g_assert_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_NOT_ALLOWED);
  g_clear_error (&error);
  MabeiHeader header;
  mabei_actor_header (stranger, joint_of (stranger), MABEI_KIND_CONTENT, &header);
  g_autoptr (MabeiChange) change = mabei_actor_forge (stranger, joint_of (stranger), &header, operations);
  g_assert_cmpint (mabei_actor_receive (cast->li, change), ==, MABEI_RECEIVED_WAITING);
  g_assert_cmpstr (mabei_actor_reason (cast->li, change), ==, "its author is not known here");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  g_test_add_func ("/case/hostile/garbage-operations", test_garbage_operations);
  g_test_add_func ("/case/hostile/garbage-bodies", test_garbage_bodies);
  g_test_add_func ("/case/hostile/random-bodies", test_random_bodies);
  g_test_add_func ("/case/hostile/operation-limits", test_operation_limits);
  g_test_add_func ("/case/hostile/operations-in-a-change", test_operations_in_a_change);
  g_test_add_func ("/case/hostile/documents-of-a-case", test_documents_of_a_case);
  g_test_add_func ("/case/hostile/cites-the-future", test_cites_the_future);
  g_test_add_func ("/case/hostile/unknown-document", test_unknown_document);
  g_test_add_func ("/case/hostile/corrupt-text", test_corrupt_text);
  g_test_add_func ("/case/hostile/bad-text-beside-good", test_bad_text_beside_good);
  g_test_add_func ("/case/hostile/text-beside-quarantined", test_text_beside_quarantined);
  g_test_add_func ("/case/hostile/own-burst-without-effect", test_own_burst_without_effect);
  g_test_add_func ("/case/hostile/wrong-place", test_wrong_place);
  g_test_add_func ("/case/hostile/control-heads", test_control_heads);
  g_test_add_func ("/case/hostile/stranger", test_stranger);
  return g_test_run ();
}
