#include "app/desk/desk.h"

#include <string.h>

#include "app/desk/admission.h"
#include "app/desk/desk_line.h"
#include "app/desk/meeting.h"
#include "core/base/limits.h"

struct _MabeiDesk {
  MabeiReplica *replica;
  MabeiDeskListener listener;
  MabeiDeskLine *line;
  MabeiAdmission *admission;
  MabeiMeeting *meeting;
  guint changed; /* flags not told yet */
  GSource *tell_source;
  GSource *tick_source;
  guint64 tick_at_ms;
};

guint64
mabei_desk_now_ms (void)
{
  return (guint64) (g_get_real_time () / 1000);
}

static void
drop_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_source_unref (*source);
  *source = NULL;
}

/* --- telling --- */

static gboolean
on_tell (gpointer user_data)
{
  MabeiDesk *desk = user_data;
  guint what = desk->changed;
  desk->changed = 0;
  drop_source (&desk->tell_source);
  if (desk->listener.changed != NULL)
    desk->listener.changed (desk, what, desk->listener.user_data);
  return G_SOURCE_REMOVE;
}

void
mabei_desk_changed (MabeiDesk *desk, guint what)
{
  desk->changed |= what;
  if (desk->tell_source != NULL)
    return;
  desk->tell_source = g_idle_source_new ();
  g_source_set_callback (desk->tell_source, on_tell, desk, NULL);
  g_source_attach (desk->tell_source, g_main_context_get_thread_default ());
}

void
mabei_desk_event (MabeiDesk *desk, GVariant *event)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (event);
  if (desk->listener.event != NULL)
    desk->listener.event (desk, owned, desk->listener.user_data);
}

static void
on_notice (G_GNUC_UNUSED MabeiCase *c,
           G_GNUC_UNUSED MabeiSpace *space,
           G_GNUC_UNUSED MabeiNotice notice,
           gpointer user_data)
{
  mabei_desk_changed (user_data, MABEI_DESK_CASES);
}

static void
on_patch (MabeiDocument *document, guint position, guint removed, const char *inserted, gpointer user_data)
{
  MabeiDesk *desk = user_data;
  if (desk->listener.patch != NULL)
    desk->listener.patch (desk, document, position, removed, inserted, desk->listener.user_data);
}

/* --- the clock of typing --- */

static gboolean on_tick (gpointer user_data);

static void
tick_at (MabeiDesk *desk, guint64 at_ms)
{
  drop_source (&desk->tick_source);
  desk->tick_at_ms = at_ms;
  if (at_ms == 0)
    return;
  guint64 now_ms = mabei_desk_now_ms ();
  desk->tick_source = g_timeout_source_new (at_ms > now_ms ? (guint) MIN (at_ms - now_ms, 1000) : 0);
  g_source_set_callback (desk->tick_source, on_tick, desk, NULL);
  g_source_attach (desk->tick_source, g_main_context_get_thread_default ());
}

static gboolean
on_tick (gpointer user_data)
{
  MabeiDesk *desk = user_data;
  g_autoptr (GError) error = NULL;
  guint64 next_ms = 0;
  if (!mabei_replica_tick (desk->replica, mabei_desk_now_ms (), &next_ms, &error)) {
    /* Not saved: said at once, and tried again; the burst stays open in memory. */
    GVariantBuilder dict;
    g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add (&dict, "{sv}", "event", g_variant_new ("s", "not-saved"));
    g_variant_builder_add (&dict, "{sv}", "message", g_variant_new ("s", error->message));
    mabei_desk_event (desk, g_variant_builder_end (&dict));
    next_ms = mabei_desk_now_ms () + 1000;
  }
  tick_at (desk, next_ms);
  if (desk->line != NULL)
    mabei_desk_line_wake (desk->line);
  mabei_desk_changed (desk, MABEI_DESK_CASES | MABEI_DESK_SYNC);
  return G_SOURCE_REMOVE;
}

void
mabei_desk_wrote (MabeiDesk *desk)
{
  if (desk->tick_source == NULL)
    tick_at (desk, mabei_desk_now_ms () + MABEI_LIMIT_JOURNAL_MS / 2);
}

/* --- life --- */

MabeiDesk *
mabei_desk_new (MabeiReplica *replica, const MabeiDeskListener *listener)
{
  MabeiDesk *desk = g_new0 (MabeiDesk, 1);
  desk->replica = replica;
  if (listener != NULL)
    desk->listener = *listener;
  MabeiCaseListener cases = {on_notice, on_patch, desk};
  mabei_replica_set_listener (replica, &cases);
  desk->meeting = mabei_meeting_new (desk);
  desk->admission = mabei_admission_new (desk);
  desk->line = mabei_desk_line_new (desk);
  return desk;
}

void
mabei_desk_free (MabeiDesk *desk)
{
  if (desk == NULL)
    return;
  mabei_meeting_free (desk->meeting);
  mabei_desk_line_free (desk->line);
  mabei_admission_free (desk->admission);
  drop_source (&desk->tick_source);
  drop_source (&desk->tell_source);
  mabei_replica_set_listener (desk->replica, NULL);
  mabei_replica_close (desk->replica);
  g_free (desk);
}

MabeiReplica *
mabei_desk_replica (MabeiDesk *desk)
{
  return desk->replica;
}

MabeiDeskLine *
mabei_desk_line (MabeiDesk *desk)
{
  return desk->line;
}

MabeiAdmission *
mabei_desk_admission (MabeiDesk *desk)
{
  return desk->admission;
}

MabeiMeeting *
mabei_desk_meeting (MabeiDesk *desk)
{
  return desk->meeting;
}

const MabeiDeskListener *
mabei_desk_listener (MabeiDesk *desk)
{
  return &desk->listener;
}
