#include "core/view/view.h"

static void
person_free (gpointer data)
{
  MabeiViewPerson *person = data;

  g_free (person->device);
  g_free (person->person);
  g_free (person->name);
  g_free (person->role);
  g_free (person);
}

static void
value_free (gpointer data)
{
  MabeiViewValue *value = data;

  g_free (value->id);
  g_free (value->value);
  g_free (value->by);
  g_free (value);
}

static void
conflict_free (gpointer data)
{
  MabeiViewConflict *conflict = data;

  g_free (conflict->id);
  g_free (conflict->field);
  g_clear_pointer (&conflict->values, g_ptr_array_unref);
  g_free (conflict);
}

static void
document_free (gpointer data)
{
  MabeiViewDocument *document = data;

  g_free (document->id);
  g_free (document->kind);
  g_free (document->title);
  g_free (document->space);
  g_free (document);
}

static void
message_free (gpointer data)
{
  MabeiViewMessage *message = data;

  g_free (message->by);
  g_free (message->text);
  g_free (message->level);
  g_free (message);
}

static void
space_free (gpointer data)
{
  MabeiViewSpace *space = data;

  g_free (space->id);
  g_free (space->kind);
  g_free (space->title_person);
  g_clear_pointer (&space->members, g_ptr_array_unref);
  g_clear_pointer (&space->messages, g_ptr_array_unref);
  g_free (space);
}

static void
event_free (gpointer data)
{
  MabeiViewEvent *event = data;

  g_free (event->kind);
  g_free (event->by);
  g_free (event->detail);
  g_free (event);
}

static void
field_free (gpointer data)
{
  MabeiViewField *field = data;

  g_free (field->name);
  g_free (field->value);
  g_free (field);
}

MabeiViewConflict *
mabei_view_conflict_new (void)
{
  MabeiViewConflict *conflict = g_new0 (MabeiViewConflict, 1);

  conflict->values = g_ptr_array_new_with_free_func (value_free);
  return conflict;
}

MabeiViewSpace *
mabei_view_space_new (void)
{
  MabeiViewSpace *space = g_new0 (MabeiViewSpace, 1);

  space->members = g_ptr_array_new_with_free_func (g_free);
  space->messages = g_ptr_array_new_with_free_func (message_free);
  return space;
}

MabeiViewCase *
mabei_view_case_new (void)
{
  MabeiViewCase *view = g_atomic_rc_box_new0 (MabeiViewCase);

  view->people = g_ptr_array_new_with_free_func (person_free);
  view->conflicts = g_ptr_array_new_with_free_func (conflict_free);
  view->documents = g_ptr_array_new_with_free_func (document_free);
  view->spaces = g_ptr_array_new_with_free_func (space_free);
  view->events = g_ptr_array_new_with_free_func (event_free);
  view->fields = g_ptr_array_new_with_free_func (field_free);
  view->invitations = g_ptr_array_new_with_free_func (person_free);
  return view;
}

static void
case_clear (gpointer data)
{
  MabeiViewCase *view = data;

  g_free (view->id);
  g_free (view->title);
  g_free (view->own_role);
  g_free (view->next_step);
  g_ptr_array_unref (view->people);
  g_ptr_array_unref (view->conflicts);
  g_ptr_array_unref (view->documents);
  g_ptr_array_unref (view->spaces);
  g_ptr_array_unref (view->events);
  g_ptr_array_unref (view->fields);
  g_ptr_array_unref (view->invitations);
}

MabeiViewCase *
mabei_view_case_ref (MabeiViewCase *view)
{
  return g_atomic_rc_box_acquire (view);
}

void
mabei_view_case_unref (MabeiViewCase *view)
{
  g_atomic_rc_box_release_full (view, case_clear);
}

/* By hand: the macro of GLib 2.74 is not ISO C. */
GType
mabei_view_case_get_type (void)
{
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_boxed_type_register_static ("MabeiViewCase", (GBoxedCopyFunc) mabei_view_case_ref,
                                                            (GBoxedFreeFunc) mabei_view_case_unref));
  return type;
}
