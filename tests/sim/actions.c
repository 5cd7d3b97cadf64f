#include "tests/sim/actions.h"

#include "sync/carrier/bundle.h"
#include "sync/peer/presence.h"
#include "tests/sim/seams.h"

static guint
somebody_in (World *world)
{
  guint actor;

  do
    actor = seams_roll (WORLD_PEOPLE);
  while (!world->actors[actor].is_in);
  return actor;
}

static MabeiSpace *
some_space (World *world, guint actor)
{
  GPtrArray *spaces = mabei_case_spaces (world_case (world, actor));

  return spaces->pdata[seams_roll (spaces->len)];
}

/* Refusals by the rules are no fault: an observer does not write, a newcomer waits until he is known. */
static void
commit (World *world, guint actor, MabeiSpace *space, GBytes *operation)
{
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (MabeiChange) change = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (operation);
  g_ptr_array_add (operations, operation);
  if (mabei_replica_commit (world_replica (world, actor), space, MABEI_KIND_CONTENT, operations,
                            world_clock (world, actor), &change, &error)) {
    world_promise (world, actor, space, mabei_change_id (change));
    world_wake (world, actor);
    return;
  }
  CHECK (error->domain == MABEI_CASE_ERROR);
}

static void
write_something (World *world, guint actor, MabeiSpace *space)
{
  g_autofree char *text = g_strdup_printf ("%u says thing %u", actor, seams_roll (1000));

  if (seams_chance (50))
    commit (world, actor, space, mabei_operation_post (text, MABEI_LEVEL_KEEP, NULL));
  else if (seams_chance (70))
    commit (world, actor, space,
            mabei_space_operation_field (space, seams_chance (50) ? "title" : "amount", text, NULL));
  else
    commit (world, actor, space, mabei_operation_document ("minutes", text, NULL));
}

/* Typing is not promised before it is sealed; what it may not do is hurt. */
static void
type_something (World *world, guint actor, MabeiSpace *space)
{
  g_autoptr (GPtrArray) documents = mabei_space_documents (space);
  g_autoptr (GError) error = NULL;
  MabeiDocument *document;
  guint length, position, remove;

  if (documents->len == 0)
    return;
  document = documents->pdata[seams_roll (documents->len)];
  length = mabei_text_length (mabei_document_text (document));
  position = seams_roll (length + 1);
  remove = seams_chance (30) ? seams_roll (MIN (length - position, 5) + 1) : 0;
  if (seams_chance (10))
    mabei_replica_undo (world_replica (world, actor), document, world_clock (world, actor), &error);
  else
    mabei_replica_edit (world_replica (world, actor), document, position, remove, seams_chance (80) ? "马背" : "",
                        world_clock (world, actor), &error);
  CHECK (error == NULL || error->domain == MABEI_CASE_ERROR);
}

static void
tick (World *world, guint actor)
{
  g_autoptr (GError) error = NULL;
  guint64 next_ms;

  mabei_replica_tick (world_replica (world, actor), world_clock (world, actor), &next_ms, &error);
  g_assert_no_error (error);
  world_wake (world, actor);
}

static void
act (World *world)
{
  guint actor = somebody_in (world);
  MabeiSpace *space = some_space (world, actor);

  if (mabei_space_kind (space) == MABEI_SPACE_CONTROL)
    tick (world, actor);
  else if (seams_chance (60))
    type_something (world, actor, space);
  else
    write_something (world, actor, space);
}

static void
presence (World *world)
{
  guint actor = somebody_in (world);
  MabeiSpace *space = some_space (world, actor);
  Actor *it = &world->actors[actor];
  g_autoptr (GBytes) message = mabei_live_presence (it->person->replica, space, it->n_live++, seams_chance (10));
  gsize length;
  gconstpointer data = g_bytes_get_data (message, &length);

  for (guint i = 0; i < world->wires->len; i++) {
    Wire *wire = world->wires->pdata[i];

    if (wire->a == actor && wire->at_b == NULL)
      mabei_exchange_send_live (wire->at_a, space, data, length);
  }
}

static gboolean
has_hub_wire (World *world, guint actor)
{
  for (guint i = 0; i < world->wires->len; i++) {
    Wire *wire = world->wires->pdata[i];

    if (wire->a == actor && wire->at_b == NULL)
      return TRUE;
  }
  return FALSE;
}

static void
connect_or_cut (World *world)
{
  guint actor = seams_roll (WORLD_PEOPLE), other = seams_roll (WORLD_PEOPLE);
  Actor *it = &world->actors[actor];

  if (seams_chance (5)) {
    it->is_cut_off = !it->is_cut_off;
    if (it->is_cut_off)
      world_cut_all (world, actor);
    return;
  }
  if (world->wires->len > 0 && seams_chance (30)) {
    world_cut (world, world->wires->pdata[seams_roll (world->wires->len)]);
    return;
  }
  if (it->is_cut_off || world->wires->len >= WORLD_WIRES)
    return;
  if (!has_hub_wire (world, actor) && seams_chance (70))
    world_connect_hub (world, actor);
  else if (actor != other && !world->actors[other].is_cut_off && it->is_in && world->actors[other].is_in)
    world_connect (world, actor, other);
}

/* Made by one, for one or two others; spoiled on the way sometimes; read by somebody, now or never. */
static void
bundle (World *world)
{
  guint from = somebody_in (world), to = somebody_in (world), reader = somebody_in (world);
  MabeiShortId persons[2] = {mabei_replica_keys (world_replica (world, to))->person,
                             mabei_replica_keys (world_replica (world, reader))->person};
  g_autofree char *name = g_strdup_printf ("%u.mabei", seams_roll (3));
  g_autofree char *path = g_build_filename (world->folder, name, NULL);
  g_autoptr (GError) error = NULL, import_error = NULL;
  MabeiBundleResult result;

  /* Who is not known in the case yet is nobody to send to. */
  if (!mabei_bundle_export (world_replica (world, from), world_case (world, from), persons, seams_chance (50) ? 1 : 2,
                            path, world_clock (world, from), &result, &error)) {
    g_assert_error (error, MABEI_BUNDLE_ERROR, MABEI_BUNDLE_ERROR_NOT_FOUND);
    return;
  }
  if (seams_chance (20))
    support_file_flip (path, seams_roll ((guint) result.bytes), 0x40);
  reader = seams_chance (70) ? to : reader;
  if (mabei_bundle_import (world_replica (world, reader), path, world_clock (world, reader), &result, &import_error)) {
    world->n_imports += result.new_ones > 0;
    world_wake (world, reader);
  } else {
    CHECK (import_error->domain == MABEI_BUNDLE_ERROR);
  }
}

static void
trouble_at_the_hub (World *world)
{
  static const MabeiRefuse codes[] = {MABEI_REFUSE_FULL, MABEI_REFUSE_BUSY};

  if (seams_chance (70)) {
    model_hub_refuse (world->hub, 1 + seams_roll (5), codes[seams_roll (2)]);
    return;
  }
  /* It stops; when it is back its disk is empty, or holds everything twice and in another order. */
  while (world->wires->len > 0)
    world_cut (world, world->wires->pdata[0]);
  if (seams_chance (50))
    model_hub_forget (world->hub);
  else
    model_hub_scramble (world->hub, seams_roll);
}

static void
move (World *world)
{
  guint n = 1 + seams_roll (40);

  for (guint i = 0; i < n && world->wires->len > 0; i++)
    world_move (world, world->wires->pdata[seams_roll (world->wires->len)]);
}

void
actions_step (World *world)
{
  guint dice = seams_roll (1000);

  world->now_ms += seams_roll (400);
  if (dice < 300)
    act (world);
  else if (dice < 850)
    move (world);
  else if (dice < 940)
    connect_or_cut (world);
  else if (dice < 955)
    presence (world);
  else if (dice < 970)
    world_crash (world, seams_roll (WORLD_PEOPLE));
  else if (dice < 982)
    bundle (world);
  else if (dice < 986)
    world_rotate (world, some_space (world, 0));
  else if (dice < 990)
    world_admit (world, seams_roll (WORLD_PEOPLE));
  else if (dice < 994)
    trouble_at_the_hub (world);
  else
    world_check_beliefs (world);
}
