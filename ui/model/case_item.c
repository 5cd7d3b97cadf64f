#include "ui/model/case_item.h"

struct _MabeiCaseItem {
  GObject parent_instance;
  MabeiViewCase *view;
  char *search;
};

enum { PROP_VIEW = 1, N_PROPS };
static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (MabeiCaseItem, mabei_case_item, G_TYPE_OBJECT)

static void
mabei_case_item_finalize (GObject *object)
{
  MabeiCaseItem *self = MABEI_CASE_ITEM (object);

  g_clear_pointer (&self->view, mabei_view_case_unref);
  g_clear_pointer (&self->search, g_free);
  G_OBJECT_CLASS (mabei_case_item_parent_class)->finalize (object);
}

static void
mabei_case_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_VIEW)
    g_value_set_boxed (value, MABEI_CASE_ITEM (object)->view);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
mabei_case_item_class_init (MabeiCaseItemClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->finalize = mabei_case_item_finalize;
  object_class->get_property = mabei_case_item_get_property;
  properties[PROP_VIEW] =
      g_param_spec_boxed ("view", NULL, NULL, MABEI_TYPE_VIEW_CASE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
mabei_case_item_init (MabeiCaseItem *self)
{
}

static void
case_item_set_view (MabeiCaseItem *self, MabeiViewCase *view)
{
  g_autoptr (GString) words = g_string_new (view->title);

  for (guint i = 0; i < view->people->len; i++) {
    const MabeiViewPerson *person = view->people->pdata[i];

    g_string_append_printf (words, " %s", person->name);
  }
  if (self->view != NULL)
    mabei_view_case_unref (self->view);
  self->view = mabei_view_case_ref (view);
  g_free (self->search);
  self->search = g_utf8_casefold (words->str, -1);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_VIEW]);
}

MabeiViewCase *
mabei_case_item_get_view (MabeiCaseItem *item)
{
  return item->view;
}

const char *
mabei_case_item_get_search (MabeiCaseItem *item)
{
  return item->search;
}

guint
mabei_case_items_find (GListModel *items, const char *case_id)
{
  guint n = g_list_model_get_n_items (items);

  for (guint i = 0; i < n; i++) {
    g_autoptr (MabeiCaseItem) item = g_list_model_get_item (items, i);

    if (g_strcmp0 (item->view->id, case_id) == 0)
      return i;
  }
  return G_MAXUINT;
}

static gboolean
same_order (GListModel *items, const GPtrArray *cases)
{
  if (g_list_model_get_n_items (items) != cases->len)
    return FALSE;
  for (guint i = 0; i < cases->len; i++) {
    g_autoptr (MabeiCaseItem) item = g_list_model_get_item (items, i);

    if (g_strcmp0 (item->view->id, ((MabeiViewCase *) cases->pdata[i])->id) != 0)
      return FALSE;
  }
  return TRUE;
}

void
mabei_case_items_show (GListStore *store, const GPtrArray *cases)
{
  g_autoptr (GHashTable) known = NULL;
  g_autoptr (GPtrArray) wanted = NULL;
  guint n = g_list_model_get_n_items (G_LIST_MODEL (store));

  if (same_order (G_LIST_MODEL (store), cases)) {
    for (guint i = 0; i < n; i++) {
      g_autoptr (MabeiCaseItem) item = g_list_model_get_item (G_LIST_MODEL (store), i);

      if (item->view != cases->pdata[i])
        case_item_set_view (item, cases->pdata[i]);
    }
    return;
  }
  known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  for (guint i = 0; i < n; i++) {
    MabeiCaseItem *item = g_list_model_get_item (G_LIST_MODEL (store), i);

    g_hash_table_insert (known, g_strdup (item->view->id), item);
  }
  wanted = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < cases->len; i++) {
    MabeiViewCase *view = cases->pdata[i];
    MabeiCaseItem *item = g_hash_table_lookup (known, view->id);

    item = item != NULL ? g_object_ref (item) : g_object_new (MABEI_TYPE_CASE_ITEM, NULL);
    case_item_set_view (item, view);
    g_ptr_array_add (wanted, item);
  }
  g_list_store_splice (store, 0, n, wanted->pdata, wanted->len);
}
