/* Stands in for core/view/view.c until that file is in the tree; meson takes it only then. */
#include "core/view/view.h"

GType
mabei_view_case_get_type (void)
{
  static GType type;

  if (type == 0)
    type = g_boxed_type_register_static ("MabeiViewCase", (GBoxedCopyFunc) mabei_view_case_ref,
                                         (GBoxedFreeFunc) mabei_view_case_unref);
  return type;
}

MabeiViewCase *
mabei_view_case_ref (MabeiViewCase *view)
{
  return g_atomic_rc_box_acquire (view);
}

void
mabei_view_case_unref (MabeiViewCase *view)
{
  g_atomic_rc_box_release (view);
}

MabeiViewCase *
mabei_view_case_new (void)
{
  MabeiViewCase *view = g_atomic_rc_box_new0 (MabeiViewCase);

  view->people = g_ptr_array_new ();
  view->conflicts = g_ptr_array_new ();
  view->documents = g_ptr_array_new ();
  view->spaces = g_ptr_array_new ();
  view->events = g_ptr_array_new ();
  view->fields = g_ptr_array_new ();
  view->invitations = g_ptr_array_new ();
  return view;
}
