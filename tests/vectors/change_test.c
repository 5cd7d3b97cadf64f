/* The vectors of core/change/FORMAT.md, made from fixed seeds by this program: the file in the tree must be what it
 * makes. --write puts it there anew (and the difference must then be explained in the commit). */
#include <string.h>

#include "core/change/epoch_record.h"
#include "core/crypto/short_code.h"
#include "tests/unit/core/base/seeded_random.h"
#include "tests/vectors/vector_file.h"

#define PATH "tests/vectors/change.json"

static void
add_hex (JsonBuilder *json, const char *name, gconstpointer data, gsize length)
{
  g_autofree char *hex = mabei_hex_encode (data, length);
  json_builder_set_member_name (json, name);
  json_builder_add_string_value (json, hex);
}

static void
add_text (JsonBuilder *json, const char *name, const char *text)
{
  json_builder_set_member_name (json, name);
  json_builder_add_string_value (json, text);
}

static void
add_number (JsonBuilder *json, const char *name, guint64 number)
{
  json_builder_set_member_name (json, name);
  json_builder_add_int_value (json, (gint64) number);
}

static void
add_secret (JsonBuilder *json, const char *name, MabeiSecret *secret)
{
  add_hex (json, name, mabei_secret_data (secret), mabei_secret_length (secret));
}

static void
begin (JsonBuilder *json, const char *name)
{
  json_builder_set_member_name (json, name);
  json_builder_begin_object (json);
}

typedef struct {
  MabeiDeviceKey *clerk, *party;
  MabeiSpaceRef space;
  MabeiSecret *epoch_secret;
  MabeiId epoch_id;
  MabeiChange *genesis, *epoch, *content;
} Story;

static void
add_device (JsonBuilder *json, const char *name, MabeiDeviceKey *key)
{
  const MabeiDevicePublic *public = mabei_device_key_public (key);
  begin (json, name);
  add_secret (json, "seed", mabei_device_key_seed (key));
  add_hex (json, "sign_key", public->sign_key, 32);
  add_hex (json, "box_key", public->box_key, 32);
  add_hex (json, "id", mabei_device_key_id (key)->bytes, MABEI_SHORT_ID_BYTES);
  json_builder_end_object (json);
}

static void
add_change (
    JsonBuilder *json, const char *name, MabeiChange *change, MabeiSecret *key, gconstpointer body, gsize length)
{
  const MabeiHeader *header = mabei_change_header (change);
  gsize size;
  gconstpointer encoded = g_bytes_get_data (mabei_change_encoded (change), &size);
  begin (json, name);
  add_number (json, "kind", header->kind);
  add_number (json, "seq", header->seq);
  add_number (json, "lamport", header->lamport);
  if (key != NULL) {
    add_secret (json, "operation_key", key);
    add_hex (json, "nonce", header->nonce, sizeof header->nonce);
  }
  add_hex (json, "body", body, length);
  add_hex (json, "encoded", encoded, size);
  add_hex (json, "id", mabei_change_id (change)->bytes, MABEI_ID_BYTES);
  json_builder_end_object (json);
}

static MabeiChange *
seal (const MabeiHeader *header, MabeiDeviceKey *author, MabeiSecret *key, gconstpointer body, gsize length)
{
  g_autoptr (GError) error = NULL;
  MabeiChange *change = mabei_change_seal (header, author, key, body, length, &error);
  g_assert_no_error (error);
  g_assert_true (mabei_change_verify (change, mabei_device_key_public (author)->sign_key));
  return change;
}

static void
add_genesis (JsonBuilder *json, Story *story)
{
  MabeiHeader header = {.space = story->space.space, .device = *mabei_device_key_id (story->clerk), .lamport = 1};
  header.kind = MABEI_KIND_GENESIS;
  story->genesis = seal (&header, story->clerk, NULL, "a genesis", 9);
  story->space.case_id = *mabei_change_id (story->genesis);
  add_change (json, "genesis", story->genesis, NULL, "a genesis", 9);
}

static void
add_epoch (JsonBuilder *json, Story *story)
{
  const MabeiDevicePublic both[] = {*mabei_device_key_public (story->clerk), *mabei_device_key_public (story->party)};
  g_autofree MabeiEpochRecord *record =
      mabei_epoch_record_new (&story->space, story->clerk, 1, NULL, 0, both, 2, &story->epoch_secret);
  g_autoptr (GBytes) payload = mabei_epoch_record_encode (record);
  gsize length;
  gconstpointer data = g_bytes_get_data (payload, &length);
  story->epoch_id = record->epoch_id;
  MabeiHeader header = {.case_id = story->space.case_id, .space = story->space.space, .seq = 1, .lamport = 2};
  header.device = *mabei_device_key_id (story->clerk);
  header.prev = *mabei_change_id (story->genesis);
  header.kind = MABEI_KIND_EPOCH;
  story->epoch = seal (&header, story->clerk, NULL, data, length);
  begin (json, "epoch_secret");
  add_secret (json, "secret", story->epoch_secret);
  add_hex (json, "epoch_id", record->epoch_id.bytes, MABEI_ID_BYTES);
  add_hex (json, "ephemeral_key", record->ephemeral_key, 32);
  json_builder_end_object (json);
  add_change (json, "epoch", story->epoch, NULL, data, length);
}

static void
add_content (JsonBuilder *json, Story *story)
{
  g_autoptr (MabeiSecret) key =
      mabei_epoch_operation_key (story->epoch_secret, mabei_device_key_id (story->party), &story->epoch_id);
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_ptr_array_add (operations, mabei_hex_decode ("a200010166e8b083e8a7a3", 100));
  g_autoptr (GBytes) body = mabei_body_encode (1790000000000, operations);
  gsize length;
  gconstpointer data = g_bytes_get_data (body, &length);
  MabeiHeader header = {.case_id = story->space.case_id, .space = story->space.space, .lamport = 3, .n_deps = 1};
  header.device = *mabei_device_key_id (story->party);
  header.deps[0] = *mabei_change_id (story->epoch);
  header.n_control = 1;
  header.control[0] = *mabei_change_id (story->genesis);
  header.epoch_id = story->epoch_id;
  header.kind = MABEI_KIND_CONTENT;
  story->content = seal (&header, story->party, key, data, length);
  add_change (json, "content", story->content, key, data, length);
}

static void
add_merge (JsonBuilder *json, Story *story)
{
  g_autoptr (MabeiSecret) key =
      mabei_epoch_operation_key (story->epoch_secret, mabei_device_key_id (story->clerk), &story->epoch_id);
  g_autoptr (GBytes) body = mabei_body_encode (1790000001000, NULL);
  gsize length;
  gconstpointer data = g_bytes_get_data (body, &length);
  MabeiHeader header = {.case_id = story->space.case_id, .space = story->space.space, .lamport = 4, .n_deps = 1};
  header.device = *mabei_device_key_id (story->clerk);
  header.seq = 2;
  header.prev = *mabei_change_id (story->epoch);
  header.deps[0] = *mabei_change_id (story->content);
  header.epoch_id = story->epoch_id;
  header.kind = MABEI_KIND_MERGE;
  g_autoptr (MabeiChange) merge = seal (&header, story->clerk, key, data, length);
  add_change (json, "merge", merge, key, data, length);
}

static void
add_envelope (JsonBuilder *json, Story *story)
{
  g_autoptr (MabeiMailboxKeys) keys = mabei_mailbox_keys_new (story->epoch_secret, 7);
  g_autoptr (GBytes) sealed = mabei_envelope_seal (story->epoch_secret, 7, mabei_mailbox_keys_id (keys), "carried", 7);
  gsize length;
  gconstpointer data = g_bytes_get_data (sealed, &length);
  begin (json, "envelope");
  add_number (json, "period", 7);
  add_hex (json, "read_key", mabei_mailbox_keys_read_key (keys), 32);
  add_hex (json, "write_key", mabei_mailbox_keys_write_key (keys), 32);
  add_hex (json, "mailbox", mabei_mailbox_keys_id (keys)->bytes, MABEI_SHORT_ID_BYTES);
  add_hex (json, "content", "carried", 7);
  add_hex (json, "sealed", data, length);
  json_builder_end_object (json);
}

static void
add_others (JsonBuilder *json, Story *story)
{
  const MabeiDevicePublic *clerk = mabei_device_key_public (story->clerk);
  const MabeiDevicePublic *party = mabei_device_key_public (story->party);
  guint8 nonces[2][32];
  memset (nonces[0], 0x11, 32);
  memset (nonces[1], 0x22, 32);
  MabeiId commitment, hash;
  char code[7];
  mabei_short_code_commit (nonces[0], party, &commitment);
  mabei_short_code (nonces[0], nonces[1], party, clerk, code);
  begin (json, "short_code");
  add_hex (json, "joiner_nonce", nonces[0], 32);
  add_hex (json, "admitter_nonce", nonces[1], 32);
  add_hex (json, "commitment", commitment.bytes, MABEI_ID_BYTES);
  add_text (json, "code", code);
  json_builder_end_object (json);
  mabei_hash (MABEI_LABEL_STATE, &hash, "ab", (gsize) 2, "c", (gsize) 1, NULL);
  begin (json, "hash");
  add_text (json, "label", MABEI_LABEL_STATE);
  add_text (json, "fields", "ab, c");
  add_hex (json, "hash", hash.bytes, MABEI_ID_BYTES);
  json_builder_end_object (json);
  g_autoptr (GBytes) sealed = mabei_device_seal (story->clerk, party, MABEI_LABEL_WELCOME, "welcome", 7);
  gsize length;
  gconstpointer data = g_bytes_get_data (sealed, &length);
  begin (json, "sealed_message");
  add_text (json, "from", "clerk");
  add_text (json, "to", "party");
  add_text (json, "label", MABEI_LABEL_WELCOME);
  add_hex (json, "content", "welcome", 7);
  add_hex (json, "sealed", data, length);
  json_builder_end_object (json);
}

static char *
make_vectors (void)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  Story story = {0};
  seeded_random_start (8949);
  memset (story.space.space.bytes, 0x5b, MABEI_SHORT_ID_BYTES);
  story.clerk = mabei_device_key_new ();
  story.party = mabei_device_key_new ();
  json_builder_begin_object (json);
  add_text (json, "about", "Vectors of core/change/FORMAT.md. Byte strings in hex. Secrets are of no use anywhere.");
  add_number (json, "suite", MABEI_SUITE);
  add_device (json, "clerk", story.clerk);
  add_device (json, "party", story.party);
  add_hex (json, "space", story.space.space.bytes, MABEI_SHORT_ID_BYTES);
  add_genesis (json, &story);
  add_epoch (json, &story);
  add_content (json, &story);
  add_merge (json, &story);
  add_envelope (json, &story);
  add_others (json, &story);
  json_builder_end_object (json);
  g_autoptr (JsonNode) root = json_builder_get_root (json);
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  json_generator_set_root (generator, root);
  json_generator_set_pretty (generator, TRUE);
  g_autofree char *text = json_generator_to_data (generator, NULL);
  mabei_device_key_free (story.clerk);
  mabei_device_key_free (story.party);
  mabei_secret_unref (story.epoch_secret);
  mabei_change_unref (story.genesis);
  mabei_change_unref (story.epoch);
  mabei_change_unref (story.content);
  return g_strconcat (text, "\n", NULL);
}

static void
test_file_is_what_we_make (void)
{
  g_autofree char *made = make_vectors (), *path = vector_file_path (PATH), *kept = NULL;
  g_autoptr (GError) error = NULL;
  g_file_get_contents (path, &kept, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (made, ==, kept);
}

/* The other way: what the file holds is parsed, checked and opened with the keys that the file names. */
static void
test_file_is_read (void)
{
  g_autoptr (JsonNode) root = vector_file_load (PATH);
  JsonObject *file = json_node_get_object (root);
  const char *names[] = {"genesis", "epoch", "content", "merge"};
  const char *authors[] = {"clerk", "clerk", "party", "clerk"};
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    JsonObject *vector = json_object_get_object_member (file, names[i]);
    g_autoptr (GBytes) encoded = vector_file_bytes (vector, "encoded"), id = vector_file_bytes (vector, "id");
    g_autoptr (GBytes) body = vector_file_bytes (vector, "body");
    g_autoptr (GBytes) sign_key = vector_file_bytes (json_object_get_object_member (file, authors[i]), "sign_key");
    g_autoptr (GError) error = NULL;
    g_autoptr (MabeiChange) change = mabei_change_parse (encoded, &error);
    g_assert_no_error (error);
    g_assert_cmpmem (mabei_change_id (change)->bytes, 32, g_bytes_get_data (id, NULL), g_bytes_get_size (id));
    g_assert_true (mabei_change_verify (change, g_bytes_get_data (sign_key, NULL)));
    g_autoptr (MabeiSecret) key = NULL;
    if (mabei_change_is_sealed (change)) {
      g_autoptr (GBytes) bytes = vector_file_bytes (vector, "operation_key");
      key = mabei_secret_new_copy (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
    }
    g_autoptr (GBytes) opened = mabei_change_open (change, key, &error);
    g_assert_no_error (error);
    g_assert_true (g_bytes_equal (opened, body));
  }
}

int
main (int argc, char **argv)
{
  if (argc == 2 && strcmp (argv[1], "--write") == 0) {
    g_autoptr (GError) error = NULL;
    g_assert_true (mabei_base_init ());
    g_autofree char *made = make_vectors (), *path = vector_file_path (PATH);
    if (!g_file_set_contents (path, made, -1, &error))
      g_error ("%s", error->message);
    return 0;
  }
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_base_init ());
  g_test_add_func ("/change-vectors/made", test_file_is_what_we_make);
  g_test_add_func ("/change-vectors/read", test_file_is_read);
  return g_test_run ();
}
