/* A case as an item of a list: the snapshot of the moment, replaced when the case changes, so that list rows, their
 * selection and the search live on. Main thread.
 */
#pragma once

#include <gio/gio.h>
#include "core/view/view.h"

#define MABEI_TYPE_CASE_ITEM (mabei_case_item_get_type ())
G_DECLARE_FINAL_TYPE (MabeiCaseItem, mabei_case_item, MABEI, CASE_ITEM, GObject)

MabeiViewCase *mabei_case_item_get_view (MabeiCaseItem *item); /* (transfer none) */
/* Title and names of the people, for the search; folded for comparison. */
const char *mabei_case_item_get_search (MabeiCaseItem *item);

/* Makes @store (of MabeiCaseItem) show @cases: known ids keep their item, in the order of @cases. */
void mabei_case_items_show (GListStore *store, const GPtrArray *cases);
/* Position of a case in a list of items; G_MAXUINT: not there. */
guint mabei_case_items_find (GListModel *items, const char *case_id);
