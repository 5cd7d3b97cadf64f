#include "ui/ports/dummy_private.h"

/* Fixture strings are what people wrote, so they are not translated by gettext. */
#define L(english, chinese_text) (dummy->chinese ? (chinese_text) : (english))

enum { MINUTE_MS = 60 * 1000, DAY_MS = 24 * 60 * MINUTE_MS };

static gint64
ago (gint64 ms)
{
  return g_get_real_time () / 1000 - ms;
}

const char *
mabei_dummy_name (const MabeiDummy *dummy, guint person)
{
  switch (person) {
  case 0:
    return L ("Wang", "王");
  case 1:
    return L ("Zhang San", "张三");
  default:
    return L ("Li Si", "李四");
  }
}

static void
add_person (MabeiDummy *dummy, MabeiViewCase *view, guint index, guint missing, gint64 since_ms, gboolean online)
{
  MabeiViewPerson *person = g_new0 (MabeiViewPerson, 1);

  person->device = g_strdup_printf ("d%u", index);
  person->person = g_strdup_printf ("p%u", index);
  person->name = g_strdup (mabei_dummy_name (dummy, index));
  person->role = g_strdup (index == 0 ? "mediator" : "party");
  person->is_self = index == (dummy->party ? 1u : 0u);
  person->missing = missing;
  person->since_ms = since_ms;
  person->online = online;
  g_ptr_array_add (view->people, person);
}

static void
add_event (MabeiViewCase *view, gint64 at_ms, const char *kind, const char *by, const char *detail, MabeiPlace place)
{
  MabeiViewEvent *event = g_new0 (MabeiViewEvent, 1);

  event->at_ms = at_ms;
  event->kind = g_strdup (kind);
  event->by = g_strdup (by);
  event->detail = g_strdup (detail);
  event->place = place;
  g_ptr_array_add (view->events, event);
}

static void
add_field (MabeiViewCase *view, const char *name, const char *value)
{
  MabeiViewField *field = g_new0 (MabeiViewField, 1);

  field->name = g_strdup (name);
  field->value = g_strdup (value);
  g_ptr_array_add (view->fields, field);
}

static void
add_value (MabeiViewConflict *conflict, const char *id, const char *value, const char *by, gint64 at_ms)
{
  MabeiViewValue *v = g_new0 (MabeiViewValue, 1);

  v->id = g_strdup (id);
  v->value = g_strdup (value);
  v->by = g_strdup (by);
  v->at_ms = at_ms;
  g_ptr_array_add (conflict->values, v);
}

MabeiViewMessage *
mabei_dummy_message (const char *by, const char *text, const char *level, gint64 at_ms, MabeiPlace place)
{
  MabeiViewMessage *message = g_new0 (MabeiViewMessage, 1);

  message->by = g_strdup (by);
  message->text = g_strdup (text);
  message->level = g_strdup (level);
  message->at_ms = at_ms;
  message->place = place;
  return message;
}

static MabeiViewSpace *
add_space (MabeiViewCase *view, const char *id, const char *kind, const char *title_person)
{
  MabeiViewSpace *space = mabei_view_space_new ();

  space->id = g_strdup (id);
  space->kind = g_strdup (kind);
  space->title_person = g_strdup (title_person);
  g_ptr_array_add (view->spaces, space);
  return space;
}

static void
add_posts (MabeiDummy *dummy, MabeiViewSpace *space)
{
  g_autofree char *prefix = g_strconcat (space->id, "|", NULL);

  for (guint i = 0; i < dummy->posts->len; i++) {
    const MabeiViewMessage *post = dummy->posts->pdata[i];

    if (g_str_has_prefix (post->level, prefix))
      g_ptr_array_add (space->messages, mabei_dummy_message (post->by, post->text, post->level + strlen (prefix),
                                                             post->at_ms, post->place));
  }
}

static void
add_spaces (MabeiDummy *dummy, MabeiViewCase *view)
{
  const char *wang = mabei_dummy_name (dummy, 0), *zhang = mabei_dummy_name (dummy, 1);
  const char *li = mabei_dummy_name (dummy, 2);
  MabeiViewSpace *joint = add_space (view, "s0", "joint", NULL);
  MabeiViewSpace *caucus = add_space (view, "s1", "caucus", zhang);

  g_ptr_array_add (joint->members, g_strdup (wang));
  g_ptr_array_add (joint->members, g_strdup (zhang));
  g_ptr_array_add (joint->members, g_strdup (li));
  g_ptr_array_add (joint->messages,
                   mabei_dummy_message (
                       wang, L ("Good morning. We meet today at half past two.", "各位好，今天下午两点半在线调解。"),
                       NULL, ago (5 * 60 * MINUTE_MS), MABEI_PLACE_ALL));
  g_ptr_array_add (joint->messages, mabei_dummy_message (li, L ("I will be there.", "好的，我会参加。"), NULL,
                                                         ago (4 * 60 * MINUTE_MS), MABEI_PLACE_SENT));
  add_posts (dummy, joint);
  g_ptr_array_add (caucus->members, g_strdup (wang));
  g_ptr_array_add (caucus->members, g_strdup (zhang));
  g_ptr_array_add (caucus->messages, mabei_dummy_message (zhang,
                                                          L ("I could go down to 400 yuan, if the fence is moved back.",
                                                             "只要把篱笆移回原处，四百元我也能接受。"),
                                                          "keep", ago (90 * MINUTE_MS), MABEI_PLACE_SENT));
  add_posts (dummy, caucus);
  if (!dummy->party) {
    MabeiViewSpace *other = add_space (view, "s2", "caucus", li);

    g_ptr_array_add (other->members, g_strdup (wang));
    g_ptr_array_add (other->members, g_strdup (li));
    add_posts (dummy, other);
  }
}

static void
add_conflict (MabeiDummy *dummy, MabeiViewCase *view)
{
  MabeiViewConflict *conflict = mabei_view_conflict_new ();

  conflict->id = g_strdup ("k1");
  conflict->field = g_strdup ("amount");
  add_value (conflict, "v1", L ("500 yuan", "500 元"), mabei_dummy_name (dummy, 1), ago (3 * 60 * MINUTE_MS));
  add_value (conflict, "v2", L ("600 yuan", "600 元"), mabei_dummy_name (dummy, 2), ago (2 * 60 * MINUTE_MS));
  g_ptr_array_add (view->conflicts, conflict);
}

static void
add_minutes (MabeiDummy *dummy, MabeiViewCase *view)
{
  MabeiViewDocument *document = g_new0 (MabeiViewDocument, 1);

  document->id = g_strdup ("m1");
  document->kind = g_strdup ("minutes");
  document->title = g_strdup (L ("First mediation", "第一次调解"));
  document->space = g_strdup ("s0");
  document->length = mabei_dummy_text_length (dummy->text);
  document->place = dummy->offline || dummy->unsent > 0 ? MABEI_PLACE_HERE : MABEI_PLACE_SENT;
  g_ptr_array_add (view->documents, document);
}

static MabeiViewCase *
make_neighbours (MabeiDummy *dummy)
{
  const char *wang = mabei_dummy_name (dummy, 0), *zhang = mabei_dummy_name (dummy, 1);
  const char *li = mabei_dummy_name (dummy, 2);
  MabeiViewCase *view = mabei_view_case_new ();

  view->id = g_strdup (MABEI_DUMMY_CASE);
  view->title = g_strdup (L ("Zhang San and Li Si: boundary fence", "张三与李四相邻关系纠纷"));
  view->own_role = g_strdup (dummy->party ? "party" : "mediator");
  view->next_step = g_strdup (dummy->knock == 1 || dummy->knock == 2 ? "admit"
                              : dummy->amount == NULL                ? "resolve"
                                                                     : "meet");
  view->unsent = dummy->unsent;
  view->place = dummy->unsent > 0 ? MABEI_PLACE_HERE : MABEI_PLACE_SENT;
  view->changed_ms = ago (12 * MINUTE_MS);
  add_person (dummy, view, 0, 0, ago (MINUTE_MS), TRUE);
  add_person (dummy, view, 1, 0, ago (8 * MINUTE_MS), TRUE);
  add_person (dummy, view, 2, 2 + dummy->unsent, ago (20 * 60 * MINUTE_MS), FALSE);
  add_field (view, "number", L ("(2026) Mediation No. 117", "（2026）诉前调117号"));
  add_field (view, "cause", L ("Neighbour relations", "相邻关系纠纷"));
  add_field (view, "amount", dummy->amount);
  add_event (view, ago (4 * (gint64) DAY_MS), "opened", wang, NULL, MABEI_PLACE_ALL);
  add_event (view, ago (4 * (gint64) DAY_MS - 9 * MINUTE_MS), "invited", wang, zhang, MABEI_PLACE_ALL);
  add_event (view, ago (3 * (gint64) DAY_MS), "admitted", wang, zhang, MABEI_PLACE_ALL);
  add_event (view, ago (2 * (gint64) DAY_MS), "admitted", wang, li, MABEI_PLACE_ALL);
  if (dummy->minutes)
    add_event (view, ago (26 * 60 * MINUTE_MS), "document", wang, L ("First mediation", "第一次调解"), MABEI_PLACE_ALL);
  add_event (view, ago (3 * 60 * MINUTE_MS), "field", zhang, "amount", MABEI_PLACE_SENT);
  add_event (view, ago (2 * 60 * MINUTE_MS), "field", li, "amount", MABEI_PLACE_SENT);
  if (dummy->unsent > 0)
    add_event (view, ago (MINUTE_MS), "message", mabei_dummy_name (dummy, dummy->party ? 1 : 0), NULL,
               MABEI_PLACE_HERE);
  if (dummy->amount == NULL)
    add_conflict (dummy, view);
  if (dummy->minutes)
    add_minutes (dummy, view);
  add_spaces (dummy, view);
  if (dummy->invited) {
    MabeiViewPerson *invitation = g_new0 (MabeiViewPerson, 1);

    invitation->name = g_strdup (L ("Zhao Min", "赵敏"));
    invitation->role = g_strdup ("interpreter");
    g_ptr_array_add (view->invitations, invitation);
  }
  return view;
}

static MabeiViewCase *
make_plain (MabeiDummy *dummy, const char *id, const char *title, const char *step, gint64 age_ms, MabeiPlace place)
{
  MabeiViewCase *view = mabei_view_case_new ();

  view->id = g_strdup (id);
  view->title = g_strdup (title);
  view->own_role = g_strdup ("mediator");
  view->next_step = g_strdup (step);
  view->place = place;
  view->changed_ms = ago (age_ms);
  add_person (dummy, view, 0, 0, ago (MINUTE_MS), TRUE);
  add_event (view, ago (age_ms), "opened", mabei_dummy_name (dummy, 0), NULL, place);
  add_space (view, "s0", "joint", NULL);
  return view;
}

GPtrArray *
mabei_dummy_make_cases (MabeiDummy *dummy)
{
  GPtrArray *cases = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_view_case_unref);

  if (dummy->empty && dummy->titles->len == 0)
    return cases;
  for (guint i = 0; i < dummy->titles->len; i++) {
    g_autofree char *id = g_strdup_printf ("n%u", i);

    g_ptr_array_add (cases, make_plain (dummy, id, dummy->titles->pdata[i], "invite", 0, MABEI_PLACE_HERE));
  }
  if (dummy->empty)
    return cases;
  g_ptr_array_add (cases, make_neighbours (dummy));
  g_ptr_array_add (cases, make_plain (dummy, "c2", L ("Wang Wu and Zhao Liu: wages", "王五与赵六劳务报酬纠纷"), "wait",
                                      (gint64) DAY_MS, MABEI_PLACE_ALL));
  g_ptr_array_add (cases, make_plain (dummy, "c3", L ("Chen's orchard: water", "陈家果园用水纠纷"), "invite",
                                      6 * (gint64) DAY_MS, MABEI_PLACE_HERE));
  for (guint i = 0; i < dummy->extra_cases; i++) {
    g_autofree char *id = g_strdup_printf ("x%u", i);
    g_autofree char *title = g_strdup_printf (L ("Case number %u", "第%u号案件"), i + 1);

    g_ptr_array_add (cases, make_plain (dummy, id, title, "wait", (7 + i) * (gint64) DAY_MS, MABEI_PLACE_ALL));
  }
  return cases;
}
