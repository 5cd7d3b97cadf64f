/* Read models for screens: plain snapshots of what a case looks like to its person, made anew after a notice. The only
 * part of core that ui includes. Boxed, reference-counted, immutable, owned by whoever holds a reference. No state
 * hashes, no keys, no changes.
 */
#pragma once

#include <glib-object.h>

/* Where an item is: the weakest state of what it is made of (product.md 18, ui.md 4b). */
typedef enum {
  MABEI_PLACE_HERE, /* on this device only */
  MABEI_PLACE_SENT, /* the hub has it */
  MABEI_PLACE_ALL,  /* every member's device has it */
} MabeiPlace;

typedef struct {
  char *device; /* hex */
  char *person; /* hex */
  char *name;
  char *role; /* "mediator", "party", ... */
  gboolean is_self;
  guint missing;   /* changes this device has not confirmed */
  gint64 since_ms; /* when it last told what it has; 0 = never */
  gboolean online; /* presence heard lately (filled by whoever knows) */
} MabeiViewPerson;

typedef struct {
  char *id;
  char *field;
  GPtrArray *values; /* MabeiViewValue */
} MabeiViewConflict;

typedef struct {
  char *id;
  char *value;
  char *by; /* a name */
  gint64 at_ms;
} MabeiViewValue;

typedef struct {
  char *id;   /* hex */
  char *kind; /* "minutes", ... */
  char *title;
  char *space;  /* hex */
  guint length; /* characters */
  MabeiPlace place;
} MabeiViewDocument;

typedef struct {
  char *by;
  char *text;
  char *level; /* "keep", "convey", "show" */
  gint64 at_ms;
  MabeiPlace place;
} MabeiViewMessage;

typedef struct {
  char *id;            /* hex */
  char *kind;          /* "control", "joint", "caucus" */
  char *title_person;  /* caucus: the party's name */
  GPtrArray *members;  /* char *: names */
  GPtrArray *messages; /* MabeiViewMessage */
} MabeiViewSpace;

typedef struct {
  gint64 at_ms;
  char *kind; /* "opened", "invited", "admitted", "document", "message", "field": the screen translates */
  char *by;
  char *detail; /* a name, a title */
  MabeiPlace place;
} MabeiViewEvent;

typedef struct {
  char *name;
  char *value; /* NULL while in conflict */
} MabeiViewField;

typedef struct {
  char *id; /* hex */
  char *title;
  char *own_role;
  char *next_step; /* "invite", "admit", "resolve", "meet", "wait": the screen translates */
  guint unsent;    /* changes without the hub's receipt */
  MabeiPlace place;
  gint64 changed_ms;
  GPtrArray *people;      /* MabeiViewPerson */
  GPtrArray *conflicts;   /* MabeiViewConflict */
  GPtrArray *documents;   /* MabeiViewDocument */
  GPtrArray *spaces;      /* MabeiViewSpace: joint first, then caucuses */
  GPtrArray *events;      /* MabeiViewEvent, oldest first */
  GPtrArray *fields;      /* MabeiViewField */
  GPtrArray *invitations; /* MabeiViewPerson: open invitations (name, role) */
} MabeiViewCase;

#define MABEI_TYPE_VIEW_CASE (mabei_view_case_get_type ())
GType mabei_view_case_get_type (void);
MabeiViewCase *mabei_view_case_ref (MabeiViewCase *view);
void mabei_view_case_unref (MabeiViewCase *view);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiViewCase, mabei_view_case_unref)
/* An empty one, arrays ready: for fixtures and builders. (transfer full) */
MabeiViewCase *mabei_view_case_new (void);
/* Parts with arrays, those ready; to be put into the arrays above, which own and free what is in them. (transfer full)
 */
MabeiViewConflict *mabei_view_conflict_new (void);
MabeiViewSpace *mabei_view_space_new (void);
