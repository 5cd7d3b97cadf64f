#include "core/case/case.h"

#include "core/base/limits.h"
#include "core/case/case_private.h"

G_DEFINE_QUARK (mabei - case -error - quark, mabei_case_error)

void
mabei_patch_clear (gpointer patch)
{
  g_free (((MabeiPatch *) patch)->inserted);
}

MabeiCase *
mabei_case_new (MabeiChange *genesis, MabeiDeviceKey *device, GError **error)
{
  static const MabeiShortId nobody;
  MabeiAuthority *authority = mabei_authority_new (genesis, error);
  if (authority == NULL)
    return NULL;
  MabeiCase *c = g_new0 (MabeiCase, 1);
  c->id = *mabei_change_id (genesis);
  c->device = device;
  c->genesis = mabei_change_ref (genesis);
  c->authority = authority;
  c->spaces = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_space_free);
  c->patches = g_array_new (FALSE, FALSE, sizeof (MabeiPatch));
  g_array_set_clear_func (c->patches, mabei_patch_clear);
  c->control = mabei_space_new (c, &mabei_change_header (genesis)->space, MABEI_SPACE_CONTROL, &nobody);
  g_ptr_array_add (c->spaces, c->control);
  mabei_graph_add (c->control->graph, genesis);
  mabei_case_settle (c);
  return c;
}

void
mabei_case_free (MabeiCase *c)
{
  if (c == NULL)
    return;
  g_ptr_array_unref (c->spaces);
  g_array_unref (c->patches);
  mabei_authority_free (c->authority);
  mabei_change_unref (c->genesis);
  g_free (c);
}

void
mabei_case_set_listener (MabeiCase *c, const MabeiCaseListener *listener)
{
  static const MabeiCaseListener nobody;
  c->listener = listener != NULL ? *listener : nobody;
}

const MabeiId *
mabei_case_id (MabeiCase *c)
{
  return &c->id;
}

MabeiAuthority *
mabei_case_authority (MabeiCase *c)
{
  return c->authority;
}

const MabeiMember *
mabei_case_self (MabeiCase *c)
{
  return mabei_authority_member (c->authority, mabei_device_key_id (c->device));
}

MabeiSpace *
mabei_case_add_space (MabeiCase *c, const MabeiShortId *id, MabeiSpaceKind kind, const MabeiShortId *other)
{
  static const MabeiShortId nobody;
  MabeiSpace *space = mabei_case_space (c, id);
  if (space != NULL)
    return space->kind == kind ? space : NULL;
  if (kind == MABEI_SPACE_CONTROL || c->spaces->len >= MABEI_LIMIT_SPACES)
    return NULL;
  space = mabei_space_new (c, id, kind, other != NULL ? other : &nobody);
  g_ptr_array_add (c->spaces, space);
  mabei_space_tell (space, MABEI_NOTICE_SPACES);
  mabei_case_settle (c);
  return space;
}

MabeiSpace *
mabei_case_space (MabeiCase *c, const MabeiShortId *id)
{
  for (guint i = 0; i < c->spaces->len; i++) {
    MabeiSpace *space = g_ptr_array_index (c->spaces, i);
    if (mabei_short_id_equal (&space->id, id))
      return space;
  }
  return NULL;
}

GPtrArray *
mabei_case_spaces (MabeiCase *c)
{
  return c->spaces;
}

MabeiSpace *
mabei_case_space_of_kind (MabeiCase *c, MabeiSpaceKind kind, const MabeiShortId *person)
{
  for (guint i = 0; i < c->spaces->len; i++) {
    MabeiSpace *space = g_ptr_array_index (c->spaces, i);
    if (space->kind != kind)
      continue;
    if (kind != MABEI_SPACE_CAUCUS || (person != NULL && mabei_short_id_equal (&space->other, person)))
      return space;
  }
  return NULL;
}

MabeiDocument *
mabei_case_document (MabeiCase *c, const MabeiShortId *id)
{
  for (guint i = 0; i < c->spaces->len; i++) {
    MabeiSpace *space = g_ptr_array_index (c->spaces, i);
    MabeiDocument *document = g_hash_table_lookup (space->documents, id);
    if (document != NULL && document->is_present)
      return document;
  }
  return NULL;
}
