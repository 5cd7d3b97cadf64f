#include "core/view/builder.h"
#include "core/view/places.h"
#include "core/view/summary.h"

#include <string.h>

/* What is needed while one view is made. */
typedef struct {
  MabeiReplica *replica;
  MabeiCase *c;
  MabeiViewCase *view;
  GHashTable *quarantined;     /* set of MabeiId */
  GHashTable *document_places; /* MabeiShortId -> place + 1 */
  GHashTable *control_index;   /* MabeiId of a control change -> place in the order of the fold + 1 */
  guint n_parties;
} Building;

static gint64
to_time (guint64 claimed_ms)
{
  return (gint64) MIN (claimed_ms, (guint64) G_MAXINT64);
}

static char *
name_of (Building *b, const MabeiShortId *device)
{
  const MabeiMember *member = mabei_authority_member (mabei_case_authority (b->c), device);

  return g_strdup (member != NULL ? member->name : "");
}

/* --- people --- */

static gboolean
is_inside (MabeiSpace *space, const MabeiShortId *device)
{
  g_autoptr (GPtrArray) members = mabei_space_members (space);

  for (guint i = 0; i < members->len; i++) {
    if (mabei_short_id_equal (&((const MabeiMember *) g_ptr_array_index (members, i))->device, device))
      return TRUE;
  }
  return FALSE;
}

static void
count_missing (Building *b, MabeiViewPerson *person, const MabeiShortId *device)
{
  GPtrArray *spaces = mabei_case_spaces (b->c);

  for (guint i = 0; i < spaces->len; i++) {
    MabeiSpace *space = g_ptr_array_index (spaces, i);
    guint64 since_ms = 0;

    if (!is_inside (space, device))
      continue;
    person->missing += mabei_replica_peer_missing (b->replica, space, device, &since_ms);
    person->since_ms = MAX (person->since_ms, to_time (since_ms));
  }
}

static void
add_people (Building *b)
{
  GPtrArray *members = mabei_authority_members (mabei_case_authority (b->c));
  const MabeiShortId *self = mabei_device_key_id (mabei_replica_keys (b->replica)->device);

  for (guint i = 0; i < members->len; i++) {
    const MabeiMember *member = g_ptr_array_index (members, i);
    MabeiViewPerson *person = g_new0 (MabeiViewPerson, 1);

    person->device = mabei_short_id_to_hex (&member->device);
    person->person = mabei_short_id_to_hex (&member->person);
    person->name = g_strdup (member->name);
    person->role = g_strdup (mabei_role_name (member->role));
    person->is_self = mabei_short_id_equal (&member->device, self);
    if (!person->is_self)
      count_missing (b, person, &member->device);
    b->n_parties += member->role == MABEI_ROLE_PARTY;
    g_ptr_array_add (b->view->people, person);
  }
}

static void
add_invitations (Building *b)
{
  GPtrArray *invitations = mabei_authority_invitations (mabei_case_authority (b->c));

  for (guint i = 0; i < invitations->len; i++) {
    const MabeiInvitation *invitation = g_ptr_array_index (invitations, i);
    MabeiViewPerson *person;

    if (invitation->used)
      continue;
    person = g_new0 (MabeiViewPerson, 1);
    person->device = g_strdup ("");
    person->person = g_strdup ("");
    person->name = g_strdup (invitation->name);
    person->role = g_strdup (mabei_role_name (invitation->role));
    g_ptr_array_add (b->view->invitations, person);
  }
}

/* --- fields --- */

/* The same on every device: a name for the field of a space. */
static char *
conflict_id (MabeiSpace *space, const char *field)
{
  MabeiId hash;
  const MabeiField fields[] = {
      MABEI_FIELD (mabei_space_id (space)->bytes, MABEI_SHORT_ID_BYTES),
      MABEI_FIELD (field, strlen (field)),
  };

  mabei_hash_fields (MABEI_LABEL_OBJECT, fields, G_N_ELEMENTS (fields), &hash);
  return mabei_hex_encode (hash.bytes, MABEI_SHORT_ID_BYTES);
}

static void
add_conflict (Building *b, MabeiSpace *space, const char *name, GPtrArray *values)
{
  MabeiViewConflict *conflict = mabei_view_conflict_new ();

  conflict->id = conflict_id (space, name);
  conflict->field = g_strdup (name);
  for (guint i = 0; i < values->len; i++) {
    const MabeiFieldValue *from = g_ptr_array_index (values, i);
    MabeiViewValue *value = g_new0 (MabeiViewValue, 1);

    value->id = g_strdup (from->id);
    value->value = g_strdup (from->value);
    value->by = name_of (b, &from->device);
    value->at_ms = to_time (from->claimed_ms);
    g_ptr_array_add (conflict->values, value);
  }
  g_ptr_array_add (b->view->conflicts, conflict);
}

static void
add_fields (Building *b, MabeiSpace *joint)
{
  g_auto (GStrv) names = mabei_space_field_names (joint);

  for (guint i = 0; names[i] != NULL; i++) {
    g_autoptr (GPtrArray) values = mabei_space_field_values (joint, names[i]);
    MabeiViewField *field = g_new0 (MabeiViewField, 1);

    field->name = g_strdup (names[i]);
    if (values->len == 1)
      field->value = g_strdup (((const MabeiFieldValue *) g_ptr_array_index (values, 0))->value);
    else
      add_conflict (b, joint, names[i], values);
    g_ptr_array_add (b->view->fields, field);
  }
}

/* Two titles in conflict are both read. */
static char *
make_title (MabeiSpace *joint)
{
  g_autoptr (GPtrArray) values = mabei_space_field_values (joint, "title");
  GString *title = g_string_new (NULL);

  for (guint i = 0; i < values->len; i++)
    g_string_append_printf (title, "%s%s", i > 0 ? " / " : "",
                            ((const MabeiFieldValue *) g_ptr_array_index (values, i))->value);
  return g_string_free (title, FALSE);
}

/* --- spaces --- */

static const char *
level_name (MabeiLevel level)
{
  static const char *const names[] = {"keep", "convey", "show"};

  return level < G_N_ELEMENTS (names) ? names[level] : names[MABEI_LEVEL_KEEP];
}

static char *
name_of_person (Building *b, const MabeiShortId *person)
{
  GPtrArray *members = mabei_authority_members (mabei_case_authority (b->c));

  for (guint i = 0; i < members->len; i++) {
    const MabeiMember *member = g_ptr_array_index (members, i);
    if (mabei_short_id_equal (&member->person, person))
      return g_strdup (member->name);
  }
  return g_strdup ("");
}

static void
add_space (Building *b, MabeiSpace *space, MabeiPlaces *places)
{
  MabeiViewSpace *view = mabei_view_space_new ();
  gboolean is_caucus = mabei_space_kind (space) == MABEI_SPACE_CAUCUS;
  g_autoptr (GPtrArray) members = mabei_space_members (space);
  g_autoptr (GPtrArray) messages = mabei_space_messages (space);

  view->id = mabei_short_id_to_hex (mabei_space_id (space));
  view->kind = g_strdup (is_caucus ? "caucus" : "joint");
  view->title_person = is_caucus ? name_of_person (b, mabei_space_other (space)) : NULL;
  for (guint i = 0; i < members->len; i++)
    g_ptr_array_add (view->members, g_strdup (((const MabeiMember *) g_ptr_array_index (members, i))->name));
  for (guint i = 0; i < messages->len; i++) {
    const MabeiMessage *from = g_ptr_array_index (messages, i);
    MabeiViewMessage *message = g_new0 (MabeiViewMessage, 1);

    message->by = name_of (b, &from->device);
    message->text = g_strdup (from->text);
    message->level = g_strdup (level_name (from->level));
    message->at_ms = to_time (from->claimed_ms);
    message->place = mabei_places_of (places, &from->change);
    g_ptr_array_add (view->messages, message);
  }
  g_ptr_array_add (b->view->spaces, view);
}

/* The weakest place of what a document is made of, and what is being typed is only here. */
static MabeiPlace
place_of_document (Building *b, MabeiDocument *document)
{
  guint place = GPOINTER_TO_UINT (g_hash_table_lookup (b->document_places, mabei_document_id (document)));

  if (mabei_document_has_burst (document) || place == 0)
    return MABEI_PLACE_HERE;
  return (MabeiPlace) (place - 1);
}

static void
add_documents (Building *b, MabeiSpace *space)
{
  g_autoptr (GPtrArray) documents = mabei_space_documents (space);

  for (guint i = 0; i < documents->len; i++) {
    MabeiDocument *from = g_ptr_array_index (documents, i);
    MabeiViewDocument *document = g_new0 (MabeiViewDocument, 1);

    document->id = mabei_short_id_to_hex (mabei_document_id (from));
    document->kind = g_strdup (mabei_document_kind (from));
    document->title = g_strdup (mabei_document_title (from));
    document->space = mabei_short_id_to_hex (mabei_space_id (space));
    document->length = mabei_text_length (mabei_document_text (from));
    document->place = place_of_document (b, from);
    g_ptr_array_add (b->view->documents, document);
  }
}

/* --- changes: events and places --- */

static void
weaken (Building *b, const MabeiShortId *document, MabeiPlace place)
{
  guint known = GPOINTER_TO_UINT (g_hash_table_lookup (b->document_places, document));

  if (known == 0 || place + 1 < known)
    g_hash_table_insert (b->document_places, g_memdup2 (document, sizeof *document), GUINT_TO_POINTER (place + 1));
}

static void
add_event (
    Building *b, MabeiChange *change, const MabeiSummary *summary, const MabeiSummaryItem *item, MabeiPlace place)
{
  static const char *const kinds[] = {"opened", "invited", "admitted", "document", "message", "field"};
  MabeiViewEvent *event;

  if (item->kind >= G_N_ELEMENTS (kinds))
    return;
  event = g_new0 (MabeiViewEvent, 1);
  event->at_ms = to_time (summary->claimed_ms);
  event->kind = g_strdup (kinds[item->kind]);
  event->by = name_of (b, &mabei_change_header (change)->device);
  event->detail = g_strdup (item->detail != NULL ? item->detail : "");
  event->place = place;
  g_ptr_array_add (b->view->events, event);
}

static void
look_at_change (Building *b, MabeiSpace *space, MabeiChange *change, MabeiPlaces *places)
{
  const MabeiSummary *summary = mabei_summary_of (b->replica, space, change);
  MabeiPlace place = mabei_places_of (places, mabei_change_id (change));

  b->view->place = MIN (b->view->place, place);
  b->view->changed_ms = MAX (b->view->changed_ms, to_time (summary->claimed_ms));
  if (g_hash_table_contains (b->quarantined, mabei_change_id (change)))
    return;
  for (guint i = 0; i < summary->items->len; i++) {
    const MabeiSummaryItem *item = &g_array_index (summary->items, MabeiSummaryItem, i);

    if (item->kind == MABEI_SUMMARY_TEXT || item->kind == MABEI_SUMMARY_DOCUMENT)
      weaken (b, &item->document, place);
    if (mabei_space_kind (space) != MABEI_SPACE_CAUCUS)
      add_event (b, change, summary, item, place);
  }
}

/* How much of the control space the author of a joint change had seen, in the order of its fold. */
static guint
seen_control (Building *b, MabeiChange *change)
{
  const MabeiHeader *header = mabei_change_header (change);
  guint seen = 0;

  for (guint i = 0; i < header->n_control; i++)
    seen = MAX (seen, GPOINTER_TO_UINT (g_hash_table_lookup (b->control_index, &header->control[i])));
  return seen;
}

/* Control and joint changes as one history: each in its own order, a control change before the joint ones that cite it.
 */
static void
look_at_history (Building *b, MabeiSpace *control, MabeiSpace *joint, MabeiPlaces *of_control, MabeiPlaces *of_joint)
{
  g_autoptr (GPtrArray) first = mabei_graph_ordered (mabei_space_graph (control));
  g_autoptr (GPtrArray) second = joint != NULL ? mabei_graph_ordered (mabei_space_graph (joint)) : g_ptr_array_new ();
  guint at = 0;

  for (guint i = 0; i < first->len; i++)
    g_hash_table_insert (b->control_index, (gpointer) mabei_change_id (g_ptr_array_index (first, i)),
                         GUINT_TO_POINTER (i + 1));
  for (guint i = 0; i < second->len; i++) {
    guint seen = seen_control (b, g_ptr_array_index (second, i));
    for (; at < seen; at++)
      look_at_change (b, control, g_ptr_array_index (first, at), of_control);
    look_at_change (b, joint, g_ptr_array_index (second, i), of_joint);
  }
  for (; at < first->len; at++)
    look_at_change (b, control, g_ptr_array_index (first, at), of_control);
}

/* The genesis claims no time: it is as old as what followed it. */
static void
date_the_opening (MabeiViewCase *view)
{
  gint64 earliest = 0;

  for (guint i = 0; i < view->events->len; i++) {
    const MabeiViewEvent *event = g_ptr_array_index (view->events, i);
    if (event->at_ms != 0 && (earliest == 0 || event->at_ms < earliest))
      earliest = event->at_ms;
  }
  for (guint i = 0; i < view->events->len; i++) {
    MabeiViewEvent *event = g_ptr_array_index (view->events, i);
    if (event->at_ms == 0)
      event->at_ms = earliest;
  }
}

/* --- the whole --- */

static const char *
next_step (const Building *b)
{
  const MabeiMember *self = mabei_case_self (b->c);

  if (self == NULL)
    return "wait";
  if (self->role == MABEI_ROLE_MEDIATOR && b->n_parties < 2)
    return b->view->invitations->len > 0 ? "admit" : "invite";
  if (b->view->conflicts->len > 0)
    return "resolve";
  return b->n_parties < 2 ? "wait" : "meet";
}

static void
add_space_contents (Building *b, MabeiSpace *space, MabeiPlaces *places)
{
  add_space (b, space, places);
  add_documents (b, space);
}

static void
build (Building *b)
{
  GPtrArray *spaces = mabei_case_spaces (b->c);
  MabeiSpace *control = mabei_case_space_of_kind (b->c, MABEI_SPACE_CONTROL, NULL);
  MabeiSpace *joint = mabei_case_space_of_kind (b->c, MABEI_SPACE_JOINT, NULL);
  g_autoptr (MabeiPlaces) of_control = mabei_places_new (b->replica, control);
  g_autoptr (MabeiPlaces) of_joint = joint != NULL ? mabei_places_new (b->replica, joint) : NULL;

  look_at_history (b, control, joint, of_control, of_joint);
  date_the_opening (b->view);
  if (joint != NULL) {
    add_fields (b, joint);
    add_space_contents (b, joint, of_joint);
  }
  for (guint i = 0; i < spaces->len; i++) {
    MabeiSpace *space = g_ptr_array_index (spaces, i);
    g_autoptr (GPtrArray) outbox = mabei_replica_outbox (b->replica, space);

    b->view->unsent += outbox->len;
    if (mabei_space_kind (space) == MABEI_SPACE_CAUCUS) {
      g_autoptr (MabeiPlaces) places = mabei_places_new (b->replica, space);
      g_autoptr (GPtrArray) changes = mabei_graph_ordered (mabei_space_graph (space));

      for (guint k = 0; k < changes->len; k++)
        look_at_change (b, space, g_ptr_array_index (changes, k), places);
      add_space_contents (b, space, places);
    }
  }
}

static GHashTable *
find_quarantined (MabeiCase *c)
{
  GHashTable *ids = g_hash_table_new_full (mabei_id_hash, mabei_id_equal, g_free, NULL);
  g_autoptr (GArray) entries = mabei_case_audit (c);

  for (guint i = 0; i < entries->len; i++) {
    const MabeiAuditEntry *entry = &g_array_index (entries, MabeiAuditEntry, i);
    if (strcmp (entry->status, "quarantined") == 0)
      g_hash_table_add (ids, g_memdup2 (&entry->change, sizeof entry->change));
  }
  return ids;
}

MabeiViewCase *
mabei_view_case_build (MabeiReplica *replica, MabeiCase *c)
{
  g_autoptr (GHashTable) quarantined = find_quarantined (c);
  g_autoptr (GHashTable) documents = g_hash_table_new_full (mabei_short_id_hash, mabei_short_id_equal, g_free, NULL);
  g_autoptr (GHashTable) control = g_hash_table_new (mabei_id_hash, mabei_id_equal);
  MabeiSpace *joint = mabei_case_space_of_kind (c, MABEI_SPACE_JOINT, NULL);
  const MabeiMember *self = mabei_case_self (c);
  Building b = {.replica = replica,
                .c = c,
                .view = mabei_view_case_new (),
                .quarantined = quarantined,
                .document_places = documents,
                .control_index = control};

  b.view->id = mabei_id_to_hex (mabei_case_id (c));
  b.view->title = joint != NULL ? make_title (joint) : g_strdup ("");
  b.view->own_role = g_strdup (self != NULL ? mabei_role_name (self->role) : "");
  b.view->place = MABEI_PLACE_ALL;
  add_people (&b);
  add_invitations (&b);
  build (&b);
  b.view->next_step = g_strdup (next_step (&b));
  return b.view;
}
