/* What a screen may ask for: everything behind the window, as one interface of plain functions. The window knows
 * nothing else: no replica, no socket, no pipeline. app/client implements it on the device; ui/ports/dummy.c implements
 * it from fixtures, so that every screen can be tried and tested alone. One thread: the one that runs GTK. Strings in
 * UTF-8; ids are hex; snapshots are core/view.
 */
#pragma once

#include <gtk/gtk.h>
#include "core/view/view.h"

/* The four words of a command's answer that a screen needs. */
typedef void (*MabeiPortReply) (gpointer user_data, GVariant *reply /* a{sv}, borrowed */, const GError *error);

/* A person in a session, as shown on a tile. */
typedef struct {
  char *device; /* hex */
  char *name;
  char *room; /* "waiting", "joint", "caucus" */
  gboolean is_self;
  gboolean muted;
  gboolean camera;
  gboolean speaking;
  gboolean connected; /* media flows */
  guint frames;       /* decoded from this person */
} MabeiTile;

typedef struct {
  gboolean open;   /* there is a session in this case */
  gboolean joined; /* this device is in it (waiting counts) */
  gboolean is_host;
  gboolean locked;
  char *own_room;            /* "waiting", "joint", "caucus" */
  char *caucus_with;         /* names of the others in the own caucus, "王, 张三"; NULL in the joint room */
  gboolean caucus_elsewhere; /* a private talk goes on without us */
  char *asked_to_room;       /* the host asks this device to move: to be accepted; or NULL */
  gint64 started_ms;
  GPtrArray *tiles; /* MabeiTile */
} MabeiSessionView;

typedef struct {
  gboolean connected; /* to the hub */
  gboolean offline_switch;
  guint unsent;
  guint64 bytes_in, bytes_out;
} MabeiSyncView;

typedef struct {
  char *knock; /* id for "invite admit" */
  char *case_id;
  char *name;
  char *role;
  char *code;     /* six digits, or NULL while it is worked out */
  gboolean alarm; /* two knocks on one link */
  gboolean own;   /* we are the one who knocks: show the code and wait */
} MabeiKnockView;

/* What may have changed since the last look. */
typedef enum {
  MABEI_CHANGED_CASES = 1 << 0, /* list or content of cases */
  MABEI_CHANGED_SESSION = 1 << 1,
  MABEI_CHANGED_SYNC = 1 << 2,
  MABEI_CHANGED_KNOCKS = 1 << 3,
} MabeiChanged;

typedef struct _MabeiPort MabeiPort;
struct _MabeiPort {
  gpointer data;

  /* Runs a command, the same words as mabeictl: {"session", "open", NULL} with the case chosen by @case_id (or NULL).
   * @reply is called once, later. */
  void (*submit) (
      MabeiPort *port, const char *case_id, const char *const *words, MabeiPortReply reply, gpointer user_data);

  /* Snapshots. (transfer full) */
  GPtrArray *(*cases) (MabeiPort *port); /* MabeiViewCase, with unref as free function */
  MabeiSessionView *(*session) (MabeiPort *port, const char *case_id);
  MabeiSyncView *(*sync) (MabeiPort *port);
  GPtrArray *(*knocks) (MabeiPort *port); /* MabeiKnockView */
  char *(*own_name) (MabeiPort *port);

  /* Video: the newest picture of that device's camera ("self" for the own one); NULL when there is none. Shown as it
   * changes. (transfer full) */
  GdkPaintable *(*video) (MabeiPort *port, const char *device);

  /* Documents: text now; edits are applied at once in memory; @patch is called for every edit that did not come from
   * this handle. */
  char *(*text_open) (MabeiPort *port,
                      const char *case_id,
                      const char *document,
                      void (*patch) (guint position, guint removed, const char *inserted, gpointer user_data),
                      gpointer user_data,
                      guint *handle);
  gboolean (*text_edit) (
      MabeiPort *port, guint handle, guint position, guint removed, const char *inserted, GError **error);
  gboolean (*text_undo) (MabeiPort *port, guint handle, GError **error); /* own newest change; comes back as patch */
  void (*text_close) (MabeiPort *port, guint handle);

  /* Set by the window: called when something changed (flags of MabeiChanged). */
  void (*changed) (MabeiPort *port, MabeiChanged what, gpointer user_data);
  gpointer changed_data;
};

void mabei_tile_free (MabeiTile *tile);
void mabei_session_view_free (MabeiSessionView *view);
void mabei_sync_view_free (MabeiSyncView *view);
void mabei_knock_view_free (MabeiKnockView *view);

/* Unlocking comes before there is a port: app/client passes this to the unlock screen. */
typedef struct {
  gpointer data;
  gboolean exists; /* a profile is there: ask the passphrase; else make one: name and passphrase twice */
  /* Asynchronous: @done with NULL error when the profile is open (the window then gets its port). */
  void (*unlock) (gpointer data,
                  const char *name,
                  const char *passphrase,
                  void (*done) (const GError *error, gpointer user_data),
                  gpointer user_data);
} MabeiUnlockPort;
