/* state = fold (set of changes): whatever the order of arrival, with duplicates and gaps, every replica comes to the
 * same state, and to what a fold of everything in the one order says.
 */
#include "core/case/case_private.h"
#include "tests/tools/cast.h"

static const char *const words[] = {"甲方", "agreed ", "1000元", "x", "\n", "调解 "};

static MabeiDocument *
pick_document (MabeiActor *actor, MabeiSpace *space, GRand *rand)
{
  g_autoptr (GPtrArray) documents = mabei_space_documents (space);
  if (documents->len == 0 || g_rand_int_range (rand, 0, 12) == 0)
    return mabei_actor_write (actor, space, "a document");
  return g_ptr_array_index (documents, g_rand_int_range (rand, 0, (gint32) documents->len));
}

static void
type_something (MabeiActor *actor, MabeiDocument *document, GRand *rand)
{
  GError *error = NULL;
  gint n = g_rand_int_range (rand, 1, 4);
  for (gint i = 0; i < n; i++) {
    gint32 length = (gint32) mabei_text_length (mabei_document_text (document));
    guint position = (guint) g_rand_int_range (rand, 0, length + 1);
    guint remove = (guint) g_rand_int_range (rand, 0, MIN (4, length - (gint32) position) + 1);
    mabei_document_edit (document, position, remove, words[g_rand_int_range (rand, 0, G_N_ELEMENTS (words))], &error);
    g_assert_no_error (error);
  }
  mabei_actor_seal (actor, document);
}

static void
act (MabeiActor *actor, MabeiSpace *space, GRand *rand)
{
  static const char *const fields[] = {"title", "amount", "place"};
  GError *error = NULL;
  switch (g_rand_int_range (rand, 0, 8)) {
  case 0:
    mabei_actor_post (actor, space, words[g_rand_int_range (rand, 0, G_N_ELEMENTS (words))]);
    break;
  case 1:
  case 2:
    mabei_actor_set (actor, space, fields[g_rand_int_range (rand, 0, 3)],
                     words[g_rand_int_range (rand, 0, G_N_ELEMENTS (words))]);
    break;
  case 3: {
    MabeiDocument *document = pick_document (actor, space, rand);
    if (mabei_document_undo (document, &error))
      mabei_actor_seal (actor, document);
    else
      g_assert_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_NOT_FOUND);
    g_clear_error (&error);
    break;
  }
  case 4:
    if (g_rand_int_range (rand, 0, 4) == 0)
      mabei_actor_rotate (actor, space);
    break;
  default:
    type_something (actor, pick_document (actor, space, rand), rand);
  }
}

/* Everything of one replica, shuffled, some of it twice, into a fresh one that holds the same keys. */
static void
replay (MabeiCast *cast, MabeiActor *from, GRand *rand)
{
  MabeiActor *fresh = mabei_actor_new ("fresh", MABEI_ROLE_PARTY);
  mabei_device_key_free (fresh->key);
  fresh->key = mabei_device_key_new_from_seed (mabei_device_key_seed (from->key));
  fresh->person = from->person;
  mabei_actor_welcome (cast->mediator, fresh);
  g_autoptr (GPtrArray) changes = g_ptr_array_new ();
  GPtrArray *spaces = mabei_case_spaces (fresh->c);
  for (guint i = 0; i < spaces->len; i++) {
    MabeiSpace *space = mabei_case_space (from->c, mabei_space_id (g_ptr_array_index (spaces, i)));
    g_autoptr (GPtrArray) ordered = mabei_graph_ordered (mabei_space_graph (space));
    for (guint k = 0; k < ordered->len; k++) {
      g_ptr_array_add (changes, g_ptr_array_index (ordered, k));
      if (g_rand_int_range (rand, 0, 5) == 0)
        g_ptr_array_add (changes, g_ptr_array_index (ordered, k));
    }
  }
  for (guint i = changes->len; i > 1; i--) {
    guint k = (guint) g_rand_int_range (rand, 0, (gint32) i);
    gpointer other = changes->pdata[k];
    changes->pdata[k] = changes->pdata[i - 1];
    changes->pdata[i - 1] = other;
  }
  for (guint i = 0; i < changes->len; i++)
    mabei_actor_receive (fresh, g_ptr_array_index (changes, i));
  for (guint i = 0; i < spaces->len; i++) {
    MabeiSpace *space = g_ptr_array_index (spaces, i);
    MabeiId own, reference;
    mabei_space_state_hash (space, &own);
    mabei_space_state_hash (mabei_case_space (from->c, mabei_space_id (space)), &reference);
    g_assert_cmpmem (own.bytes, sizeof own.bytes, reference.bytes, sizeof reference.bytes);
  }
  g_autoptr (GArray) audit = mabei_case_audit (fresh->c);
  g_assert_cmpuint (audit->len, ==, 0);
  mabei_actor_free (fresh);
}

static void
test_everybody_agrees (void)
{
  for (guint round = 0; round < 6; round++) {
    g_autoptr (GRand) rand = g_rand_new_with_seed (1000 + round);
    g_autoptr (MabeiCast) cast = mabei_cast_new ();
    for (guint step = 0; step < 120; step++) {
      MabeiActor *actor = g_ptr_array_index (cast->actors, g_rand_int_range (rand, 0, 3));
      MabeiActor *other = g_ptr_array_index (cast->actors, g_rand_int_range (rand, 0, 3));
      if (g_rand_int_range (rand, 0, 4) == 0 && actor != other)
        mabei_actor_send (actor, other);
      else
        act (actor, mabei_actor_space (actor, MABEI_SPACE_JOINT, NULL), rand);
      if (step % 17 == 0)
        act (cast->wang, mabei_actor_space (cast->wang, MABEI_SPACE_CAUCUS, cast->wang), rand);
    }
    mabei_cast_sync (cast);
    mabei_cast_check (cast);
    for (guint i = 0; i < 3; i++)
      replay (cast, i == 0 ? cast->mediator : i == 1 ? cast->wang : cast->li, rand);
  }
}

/* The hash sees what the people see: each kind of content moves it. */
static void
test_state_hash_moves (void)
{
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiSpace *joint = mabei_actor_space (cast->wang, MABEI_SPACE_JOINT, NULL);
  MabeiDocument *document = mabei_actor_write (cast->wang, joint, "minutes");
  MabeiId hashes[5];
  mabei_space_state_hash (joint, &hashes[0]);
  mabei_actor_type (cast->wang, document, 0, 0, "a");
  mabei_space_state_hash (joint, &hashes[1]);
  mabei_actor_post (cast->wang, joint, "a");
  mabei_space_state_hash (joint, &hashes[2]);
  mabei_actor_set (cast->wang, joint, "title", "a");
  mabei_space_state_hash (joint, &hashes[3]);
  mabei_actor_rotate (cast->wang, joint);
  mabei_space_state_hash (joint, &hashes[4]);
  for (guint i = 0; i < 5; i++) {
    for (guint k = 0; k < i; k++)
      g_assert_false (mabei_id_equal (&hashes[i], &hashes[k]));
  }
}

/* What is typed but not sealed is not in the state. */
static void
test_burst_is_outside_the_state (void)
{
  GError *error = NULL;
  g_autoptr (MabeiCast) cast = mabei_cast_new ();
  MabeiSpace *joint = mabei_actor_space (cast->wang, MABEI_SPACE_JOINT, NULL);
  MabeiDocument *document = mabei_actor_write (cast->wang, joint, "minutes");
  mabei_actor_type (cast->wang, document, 0, 0, "abcdef");
  MabeiId before, during;
  mabei_space_state_hash (joint, &before);
  g_assert_true (mabei_document_edit (document, 2, 2, "XYZ", &error));
  mabei_space_state_hash (joint, &during);
  g_assert_true (mabei_id_equal (&before, &during));
  g_assert_true (mabei_case_check (cast->wang->c, &error));
  mabei_actor_seal (cast->wang, document);
  mabei_space_state_hash (joint, &during);
  g_assert_false (mabei_id_equal (&before, &during));
  g_assert_true (mabei_case_check (cast->wang->c, &error));
}

/* --- the check finds what does not follow from the changes --- */

static void
tamper_message (MabeiCase *c, MabeiSpace *space)
{
  (void) c;
  MabeiMessageEntry *entry = g_ptr_array_index (space->messages, 0);
  entry->message.text[0] ^= 1;
}

static void
tamper_text (MabeiCase *c, MabeiSpace *space)
{
  (void) c;
  g_autoptr (GPtrArray) documents = mabei_space_documents (space);
  MabeiText *text = ((MabeiDocument *) g_ptr_array_index (documents, 0))->text;
  g_autoptr (MabeiTextWriter) writer = mabei_text_writer_new (mabei_text_agent (text, (const guint8 *) "x", 1), 0);
  g_assert_true (mabei_text_delete (text, writer, 0, 1, NULL));
}

static void
tamper_field (MabeiCase *c, MabeiSpace *space)
{
  (void) c;
  g_hash_table_remove_all (space->fields);
}

static void
tamper_verdict (MabeiCase *c, MabeiSpace *space)
{
  (void) c;
  MabeiId id = {{1}};
  g_hash_table_insert (space->quarantined, g_memdup2 (&id, sizeof id), (gpointer) "no reason");
}

static void
tamper_epoch (MabeiCase *c, MabeiSpace *space)
{
  (void) c;
  ((MabeiEpochEntry *) g_ptr_array_index (space->epochs, 0))->record->generation++;
}

static void
tamper_member (MabeiCase *c, MabeiSpace *space)
{
  (void) space;
  ((MabeiMember *) g_ptr_array_index (mabei_authority_members (mabei_case_authority (c)), 1))->role = MABEI_ROLE_JUDGE;
}

static void
test_check_finds (void)
{
  static void (*const tamper[]) (MabeiCase *, MabeiSpace *) = {tamper_message, tamper_text,  tamper_field,
                                                               tamper_verdict, tamper_epoch, tamper_member};
  for (guint i = 0; i < G_N_ELEMENTS (tamper); i++) {
    GError *error = NULL;
    g_autoptr (MabeiCast) cast = mabei_cast_new ();
    MabeiSpace *joint = mabei_actor_space (cast->wang, MABEI_SPACE_JOINT, NULL);
    mabei_actor_post (cast->wang, joint, "a");
    mabei_actor_set (cast->wang, joint, "title", "a");
    mabei_actor_type (cast->wang, mabei_actor_write (cast->wang, joint, "minutes"), 0, 0, "abc");
    g_assert_true (mabei_case_check (cast->wang->c, &error));
    tamper[i](cast->wang->c, joint);
    g_assert_false (mabei_case_check (cast->wang->c, &error));
    g_assert_error (error, MABEI_CASE_ERROR, MABEI_CASE_ERROR_CONFLICT);
    g_clear_error (&error);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  g_test_add_func ("/case/converge/everybody-agrees", test_everybody_agrees);
  g_test_add_func ("/case/converge/state-hash-moves", test_state_hash_moves);
  g_test_add_func ("/case/converge/check-finds", test_check_finds);
  g_test_add_func ("/case/converge/burst-is-outside-the-state", test_burst_is_outside_the_state);
  return g_test_run ();
}
