#include "tests/sim/world.h"

#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>

#include "tests/sim/seams.h"

static const char *const names[WORLD_PEOPLE] = {"王调解", "张三", "李四", "赵六", "钱七"};
static const MabeiRole roles[WORLD_PEOPLE] = {MABEI_ROLE_MEDIATOR, MABEI_ROLE_PARTY, MABEI_ROLE_PARTY,
                                              MABEI_ROLE_INTERPRETER, MABEI_ROLE_OBSERVER};

World *
world_new (guint64 seed)
{
  static const gint64 years[] = {0, 0, -6, 0, 11};
  World *world = g_new0 (World, 1);
  g_autoptr (GError) error = NULL;
  MabeiCase *c;

  world->seed = seed;
  world->now_ms = 1790000000000;
  world->hub = model_hub_new ();
  world->wires = g_ptr_array_new ();
  world->promises = g_array_new (FALSE, FALSE, sizeof (Promise));
  world->outsiders = g_hash_table_new_full (mabei_short_id_hash, mabei_short_id_equal, g_free, NULL);
  world->trace = g_checksum_new (G_CHECKSUM_SHA256);
  world->folder = support_folder_new ();
  for (guint i = 0; i < WORLD_PEOPLE; i++) {
    world->actors[i].person = i == 0 ? mediator_new (names[i]) : person_new (names[i]);
    world->actors[i].clock_ms = years[i] * 365 * 24 * 3600 * 1000;
  }
  c = mabei_replica_case_new (world_replica (world, 0), "马背上的官司", world_clock (world, 0), &error);
  g_assert_no_error (error);
  world->id = *mabei_case_id (c);
  world->actors[0].is_in = TRUE;
  return world;
}

void
world_free (World *world)
{
  while (world->wires->len > 0)
    world_cut (world, world->wires->pdata[0]);
  for (guint i = 0; i < WORLD_PEOPLE; i++)
    person_free (world->actors[i].person);
  model_hub_free (world->hub);
  g_ptr_array_unref (world->wires);
  g_array_unref (world->promises);
  g_hash_table_unref (world->outsiders);
  g_checksum_free (world->trace);
  support_folder_remove (world->folder);
  g_free (world);
}

guint64
world_clock (World *world, guint actor)
{
  return world->now_ms + (guint64) world->actors[actor].clock_ms;
}

MabeiReplica *
world_replica (World *world, guint actor)
{
  return world->actors[actor].person->replica;
}

MabeiCase *
world_case (World *world, guint actor)
{
  return mabei_replica_case (world_replica (world, actor), &world->id);
}

/* The mailboxes of a caucus, and who alone may ever see one of their frames. */
static void
note_caucus (World *world, guint party)
{
  MabeiSpace *caucus = mabei_case_space_of_kind (world_case (world, 0), MABEI_SPACE_CAUCUS,
                                                 &mabei_replica_keys (world_replica (world, party))->person);
  g_autoptr (GArray) ids = NULL;
  g_autoptr (GPtrArray) secrets = NULL;

  CHECK (caucus != NULL);
  mabei_space_epochs (caucus, &ids, &secrets);
  CHECK (secrets->len > 0);
  for (guint i = 0; i < secrets->len; i++) {
    g_autoptr (MabeiMailboxKeys) keys = mabei_mailbox_keys_new (secrets->pdata[i], 0);

    g_hash_table_insert (world->outsiders, g_memdup2 (mabei_mailbox_keys_id (keys), sizeof (MabeiShortId)),
                         GUINT_TO_POINTER (party + 1));
  }
}

void
world_admit (World *world, guint actor)
{
  Actor *it = &world->actors[actor];

  if (it->is_in)
    return;
  admit (world->actors[0].person, &world->id, it->person, roles[actor]);
  it->is_in = TRUE;
  if (roles[actor] == MABEI_ROLE_PARTY)
    note_caucus (world, actor);
  world_wake (world, 0);
  world_wake (world, actor);
}

void
world_rotate (World *world, MabeiSpace *space)
{
  g_autoptr (GPtrArray) members = mabei_space_members (space);
  g_autoptr (MabeiSecret) secret = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (MabeiChange) epoch = NULL;

  mabei_replica_flush (world_replica (world, 0), world_clock (world, 0), &error);
  g_assert_no_error (error);
  epoch = mabei_case_author_epoch (world_case (world, 0), space, members, &secret, &error);
  g_assert_no_error (error);
  mabei_replica_receive (world_replica (world, 0), space, mabei_change_encoded (epoch), MABEI_SOURCE_OWN,
                         world_clock (world, 0), &error);
  g_assert_no_error (error);
  world_promise (world, 0, space, mabei_change_id (epoch));
  for (guint i = 0; i < WORLD_PEOPLE; i++)
    if (world->actors[i].is_in && roles[i] == MABEI_ROLE_PARTY)
      note_caucus (world, i);
  world_wake (world, 0);
}

static void
copy_folder (const char *from, const char *to)
{
  g_autoptr (GDir) dir = g_dir_open (from, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  g_assert_cmpint (g_mkdir (to, 0700), ==, 0);
  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *source = g_build_filename (from, name, NULL);
    g_autofree char *target = g_build_filename (to, name, NULL);
    g_autoptr (GBytes) bytes = support_file_read (source);

    if (g_str_has_suffix (name, "-shm"))
      continue; /* memory that a killed process shared with nobody */
    support_file_write (target, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
    g_assert_cmpint (g_chmod (target, 0600), ==, 0);
  }
}

void
world_crash (World *world, guint actor)
{
  Person *person = world->actors[actor].person;
  char *root = support_folder_new ();
  char *folder = g_build_filename (root, "profile", NULL);

  world_cut_all (world, actor);
  copy_folder (person->folder, folder); /* as the disk is at this moment */
  person_close (person);                /* what it still writes goes to a folder that nobody will read */
  support_folder_remove (person->root);
  g_free (person->folder);
  person->root = root;
  person->folder = folder;
  person_open (person);
  world->n_crashes++;
}

void
world_promise (World *world, guint author, MabeiSpace *space, const MabeiId *change)
{
  Promise promise = {author, *mabei_space_id (space), *change};

  g_array_append_val (world->promises, promise);
}

/* --- what must hold --- */

static gboolean
has_member (MabeiSpace *space, const MabeiShortId *device)
{
  g_autoptr (GPtrArray) members = mabei_space_members (space);

  for (guint i = 0; i < members->len; i++)
    if (mabei_short_id_equal (&((MabeiMember *) members->pdata[i])->device, device))
      return TRUE;
  return FALSE;
}

/* In effect or waiting for something: stored. */
static gboolean
has_change (World *world, guint actor, MabeiSpace *space, const MabeiId *id)
{
  g_autoptr (GArray) audit = NULL;

  if (mabei_graph_lookup (mabei_space_graph (space), id) != NULL)
    return TRUE;
  audit = mabei_case_audit (world_case (world, actor));
  for (guint i = 0; i < audit->len; i++)
    if (mabei_id_equal (&g_array_index (audit, MabeiAuditEntry, i).change, id))
      return TRUE;
  return FALSE;
}

static void
check_belief (World *world, guint a, guint b, MabeiSpace *space)
{
  const MabeiShortId *device = mabei_device_key_id (mabei_replica_keys (world_replica (world, b))->device);
  MabeiSpace *other = mabei_case_space (world_case (world, b), mabei_space_id (space));
  g_autoptr (GArray) heads = NULL;

  if (!has_member (space, device))
    return;
  heads = mabei_replica_peer_heads (world_replica (world, a), space, device);
  for (guint i = 0; i < heads->len; i++)
    CHECK (other != NULL && has_change (world, b, other, &g_array_index (heads, MabeiId, i)));
}

void
world_check_beliefs (World *world)
{
  for (guint a = 0; a < WORLD_PEOPLE; a++)
    for (guint b = 0; b < WORLD_PEOPLE; b++) {
      GPtrArray *spaces;

      if (a == b || world_case (world, a) == NULL || world_case (world, b) == NULL)
        continue;
      spaces = mabei_case_spaces (world_case (world, a));
      for (guint i = 0; i < spaces->len; i++)
        check_belief (world, a, b, spaces->pdata[i]);
    }
}

static void
check_promises (World *world)
{
  for (guint i = 0; i < world->promises->len; i++) {
    Promise *promise = &g_array_index (world->promises, Promise, i);

    for (guint k = 0; k < WORLD_PEOPLE; k++) {
      MabeiSpace *space = mabei_case_space (world_case (world, k), &promise->space);

      CHECK (space != NULL || k != promise->author);
      CHECK (space == NULL || mabei_graph_has_complete (mabei_space_graph (space), &promise->change));
    }
  }
}

void
world_check_end (World *world)
{
  g_autoptr (GError) error = NULL;

  for (guint a = 0; a < WORLD_PEOPLE; a++) {
    GPtrArray *spaces = mabei_case_spaces (world_case (world, a));

    /* control, joint; the mediator both caucuses, a party its own */
    CHECK (spaces->len == (a == 0 ? 4 : roles[a] == MABEI_ROLE_PARTY ? 3 : 2));
    for (guint i = 0; i < spaces->len; i++) {
      MabeiSpace *mine = mabei_case_space (world_case (world, 0), mabei_space_id (spaces->pdata[i]));
      g_autoptr (GPtrArray) outbox = mabei_replica_outbox (world_replica (world, a), spaces->pdata[i]);
      MabeiId one, two;

      mabei_space_state_hash (spaces->pdata[i], &one);
      mabei_space_state_hash (mine, &two);
      CHECK (mabei_id_equal (&one, &two));
      CHECK (mabei_graph_n_waiting (mabei_space_graph (spaces->pdata[i])) == 0);
      CHECK (outbox->len == 0);
      g_checksum_update (world->trace, one.bytes, sizeof one.bytes);
    }
    mabei_replica_check (world_replica (world, a), &error);
    g_assert_no_error (error);
  }
  check_promises (world);
  world_check_beliefs (world);
}
