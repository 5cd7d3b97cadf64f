#include "ui/cases/cases_page.h"
#include <glib/gi18n-lib.h>
#include "ui/cases/case_row.h"
#include "ui/model/case_item.h"
#include "ui/model/name.h"
#include "ui/model/words.h"

struct _MabeiCasesPage {
  GtkWidget parent_instance;
  GtkWidget *box;
  AdwHeaderBar *header;
  GtkMenuButton *menu_button;
  GtkSearchEntry *search;
  GtkStack *stack;
  GtkListView *list;
  GListStore *items;
  GtkFilterListModel *found;
  GtkCustomFilter *filter;
  GtkSingleSelection *selection;
  char *wanted; /* folded search text */
};

enum { CHOSEN, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MabeiCasesPage, mabei_cases_page, GTK_TYPE_WIDGET)

static gboolean
item_is_wanted (gpointer item, gpointer data)
{
  MabeiCasesPage *self = data;

  return self->wanted == NULL || *self->wanted == '\0' ||
         strstr (mabei_case_item_get_search (item), self->wanted) != NULL;
}

static void
show_state (MabeiCasesPage *self)
{
  const char *page = "list";

  if (g_list_model_get_n_items (G_LIST_MODEL (self->items)) == 0)
    page = "empty";
  else if (g_list_model_get_n_items (G_LIST_MODEL (self->found)) == 0)
    page = "nothing";
  gtk_widget_set_visible (GTK_WIDGET (self->search), g_strcmp0 (page, "empty") != 0);
  gtk_stack_set_visible_child_name (self->stack, page);
}

static void
on_search_changed (MabeiCasesPage *self)
{
  g_free (self->wanted);
  self->wanted = g_utf8_casefold (gtk_editable_get_text (GTK_EDITABLE (self->search)), -1);
  gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_DIFFERENT);
  show_state (self);
}

static void
on_activate (MabeiCasesPage *self, guint position)
{
  g_autoptr (MabeiCaseItem) item = g_list_model_get_item (G_LIST_MODEL (self->selection), position);

  if (item != NULL)
    g_signal_emit (self, signals[CHOSEN], 0, mabei_case_item_get_view (item)->id);
}

static void
row_show (GtkListItem *list_item)
{
  MabeiCaseItem *item = gtk_list_item_get_item (list_item);
  GtkWidget *row = gtk_list_item_get_child (list_item);
  MabeiViewCase *view = mabei_case_item_get_view (item);
  g_autofree char *name = NULL;

  mabei_case_row_show (MABEI_CASE_ROW (row), view);
  name = g_strdup_printf ("%s. %s. %s", view->title, mabei_words_step (view->next_step).heading,
                          mabei_words_place (view->place));
  mabei_name_list_item (row, name);
}

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *list_item)
{
  gtk_list_item_set_child (list_item, mabei_case_row_new ());
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *list_item)
{
  MabeiCaseItem *item = gtk_list_item_get_item (list_item);
  gulong handler = g_signal_connect_swapped (item, "notify::view", G_CALLBACK (row_show), list_item);

  g_object_set_data (G_OBJECT (list_item), "mabei-handler", GSIZE_TO_POINTER (handler));
  row_show (list_item);
}

static void
on_unbind (GtkSignalListItemFactory *factory, GtkListItem *list_item)
{
  gulong handler = GPOINTER_TO_SIZE (g_object_steal_data (G_OBJECT (list_item), "mabei-handler"));

  g_signal_handler_disconnect (gtk_list_item_get_item (list_item), handler);
}

static void
mabei_cases_page_dispose (GObject *object)
{
  MabeiCasesPage *self = MABEI_CASES_PAGE (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->selection);
  g_clear_object (&self->items);
  g_clear_pointer (&self->wanted, g_free);
  G_OBJECT_CLASS (mabei_cases_page_parent_class)->dispose (object);
}

static void
mabei_cases_page_class_init (MabeiCasesPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = mabei_cases_page_dispose;
  signals[CHOSEN] = g_signal_new ("chosen", MABEI_TYPE_CASES_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                  1, G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/mabei/ui/cases/cases_page.ui");
  gtk_widget_class_bind_template_child (widget_class, MabeiCasesPage, box);
  gtk_widget_class_bind_template_child (widget_class, MabeiCasesPage, header);
  gtk_widget_class_bind_template_child (widget_class, MabeiCasesPage, menu_button);
  gtk_widget_class_bind_template_child (widget_class, MabeiCasesPage, search);
  gtk_widget_class_bind_template_child (widget_class, MabeiCasesPage, stack);
  gtk_widget_class_bind_template_child (widget_class, MabeiCasesPage, list);
}

static void
mabei_cases_page_init (MabeiCasesPage *self)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  self->items = g_list_store_new (MABEI_TYPE_CASE_ITEM);
  self->filter = gtk_custom_filter_new (item_is_wanted, self, NULL);
  self->found = gtk_filter_list_model_new (g_object_ref (G_LIST_MODEL (self->items)), GTK_FILTER (self->filter));
  self->selection = gtk_single_selection_new (G_LIST_MODEL (self->found));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), NULL);
  g_signal_connect (factory, "unbind", G_CALLBACK (on_unbind), NULL);
  gtk_list_view_set_factory (self->list, factory);
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (self->selection));
  g_signal_connect_swapped (self->list, "activate", G_CALLBACK (on_activate), self);
  g_signal_connect_swapped (self->search, "search-changed", G_CALLBACK (on_search_changed), self);
  mabei_name_set (GTK_WIDGET (self->menu_button), _ ("Main menu"));
  mabei_name_set (gtk_widget_get_first_child (GTK_WIDGET (self->menu_button)), _ ("Main menu"));
  mabei_name_set (GTK_WIDGET (self->search), _ ("Find a case or a person"));
  show_state (self);
}

GtkWidget *
mabei_cases_page_new (void)
{
  return g_object_new (MABEI_TYPE_CASES_PAGE, NULL);
}

void
mabei_cases_page_show (MabeiCasesPage *page, const GPtrArray *cases)
{
  mabei_case_items_show (page->items, cases);
  show_state (page);
}

void
mabei_cases_page_select (MabeiCasesPage *page, const char *case_id)
{
  guint position = case_id != NULL ? mabei_case_items_find (G_LIST_MODEL (page->selection), case_id) : G_MAXUINT;

  gtk_single_selection_set_selected (page->selection, position == G_MAXUINT ? GTK_INVALID_LIST_POSITION : position);
}

void
mabei_cases_page_set_alone (MabeiCasesPage *page, gboolean alone)
{
  /* Three window buttons do not fit into 360 px. */
  adw_header_bar_set_show_end_title_buttons (page->header, alone);
  adw_header_bar_set_decoration_layout (page->header, alone ? ":close" : NULL);
  if (alone)
    gtk_widget_add_css_class (GTK_WIDGET (page), "alone");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (page), "alone");
}

void
mabei_cases_page_search (MabeiCasesPage *page)
{
  gtk_widget_grab_focus (GTK_WIDGET (page->search));
}
