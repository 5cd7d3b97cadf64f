#include "app/call/probe.h"

#include "app/call/json_line.h"
#include "app/call/link.h"
#include "app/call/media.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

#define ATTEMPT_LIMIT_BYTES 64u
#define TICK_MS 200u
#define STATS_EVERY_TICKS 5u

typedef struct {
  const MabeiProbeConfig *config;
  GMainLoop *loop;
  MabeiCertificate *certificate;
  MabeiCapture *capture;
  MabeiPlayout *playout;
  MabeiMediaLink *link;
  char *attempt;
  GByteArray *input;
  MabeiProbeExit result;
  gboolean verified;
  guint ticks;
} Probe;

/* A reader that is gone is no reason to die by a signal; the end of input will tell. */
static void
write_all (int fd, const char *text)
{
  gsize left = strlen (text);
  while (left > 0) {
    gssize written = write (fd, text, left);
    if (written < 0 && errno != EINTR)
      return;
    if (written > 0) {
      text += written;
      left -= (gsize) written;
    }
  }
}

/* Takes @builder, in which the members of an object were begun. */
static void
say (Probe *probe, JsonBuilder *builder)
{
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = json_to_string (root, FALSE);
  g_autofree char *line = g_strconcat (text, "\n", NULL);
  write_all (probe->config->output_fd, line);
  g_object_unref (builder);
}

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static void
add_number (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

static JsonBuilder *
begin (Probe *probe, const char *type)
{
  JsonBuilder *builder = json_builder_new ();
  json_builder_begin_object (builder);
  add_string (builder, "type", type);
  if (probe->attempt)
    add_string (builder, "attempt", probe->attempt);
  return builder;
}

static void
finish (Probe *probe, MabeiProbeExit result, const char *reason)
{
  if (!g_main_loop_is_running (probe->loop))
    return;
  JsonBuilder *builder = begin (probe, "end");
  if (reason)
    add_string (builder, "reason", reason);
  say (probe, builder);
  probe->result = result;
  g_main_loop_quit (probe->loop);
}

static void
on_event (MabeiMediaLink *link G_GNUC_UNUSED, MabeiMediaLinkEvent event, const char *detail, gpointer data)
{
  Probe *probe = data;
  switch (event) {
  case MABEI_MEDIA_LINK_EVENT_CONNECTED:
    say (probe, begin (probe, "connected"));
    break;
  case MABEI_MEDIA_LINK_EVENT_VERIFIED:
    probe->verified = TRUE;
    say (probe, begin (probe, "verified"));
    break;
  case MABEI_MEDIA_LINK_EVENT_REFUSED:
    say (probe, begin (probe, "refused"));
    finish (probe, MABEI_PROBE_UNVERIFIED, detail);
    break;
  case MABEI_MEDIA_LINK_EVENT_FAILED:
    finish (probe, MABEI_PROBE_NO_PEER, detail);
    break;
  default:
    g_assert_not_reached ();
  }
}

static void
on_description (MabeiMediaLink *link G_GNUC_UNUSED, gboolean offer, const char *sdp, gpointer data)
{
  Probe *probe = data;
  JsonBuilder *builder = begin (probe, offer ? "offer" : "answer");
  add_string (builder, "sdp", sdp);
  say (probe, builder);
}

static void
on_candidate (MabeiMediaLink *link G_GNUC_UNUSED, guint media, const char *candidate, gpointer data)
{
  Probe *probe = data;
  JsonBuilder *builder = begin (probe, "ice");
  add_number (builder, "media", media);
  add_string (builder, "candidate", candidate);
  say (probe, builder);
}

static void
on_frame (MabeiVideoFrame *frame G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
}

static void
on_notice (const char *text, gpointer data G_GNUC_UNUSED)
{
  g_printerr ("%s\n", text);
}

static gboolean
make_link (Probe *probe, GError **error)
{
  const MabeiMediaLinkCallbacks callbacks = {
      .event = on_event, .description = on_description, .candidate = on_candidate, .frame = on_frame};
  const MabeiMediaLinkConfig config = {
      .context = g_main_context_default (),
      .capture = probe->capture,
      .playout = probe->playout,
      .certificate = probe->certificate,
      .advertise = probe->config->advertise,
      .peer = probe->config->peer,
      .offerer = probe->config->offer,
      .loopback = probe->config->loopback,
  };
  probe->link = mabei_media_link_new (&config, &callbacks, probe, error);
  if (probe->link)
    mabei_media_link_set_gates (probe->link, TRUE, TRUE, TRUE);
  return probe->link != NULL;
}

/* Attempts that are not the current one are stale: dropped without a word. */
static gboolean
is_current (Probe *probe, const char *attempt)
{
  return probe->attempt && strcmp (probe->attempt, attempt) == 0;
}

static gboolean
take_offer (Probe *probe, const char *attempt, const char *sdp, GError **error)
{
  if (probe->link || probe->config->offer)
    return TRUE;
  probe->attempt = g_strdup (attempt);
  return make_link (probe, error) && mabei_media_link_set_remote (probe->link, TRUE, sdp, error);
}

static gboolean
refuse_line (GError **error, const char *what)
{
  g_set_error (error, MABEI_JSON_LINE_ERROR, MABEI_JSON_LINE_ERROR_FORMAT, "a line with %s", what);
  return FALSE;
}

static gboolean
take_line (Probe *probe, const char *text, gsize length, GError **error)
{
  g_autoptr (JsonNode) line = mabei_json_line_parse (text, length, error);
  if (!line)
    return FALSE;
  const char *type = mabei_json_line_get_string (line, "type");
  const char *attempt = mabei_json_line_get_string (line, "attempt");
  const char *sdp = mabei_json_line_get_string (line, "sdp");
  if (g_strcmp0 (type, "end") == 0) {
    finish (probe, MABEI_PROBE_DONE, NULL);
    return TRUE;
  }
  if (!type || !attempt || !*attempt || strnlen (attempt, ATTEMPT_LIMIT_BYTES + 1) > ATTEMPT_LIMIT_BYTES)
    return refuse_line (error, "no type or no attempt");
  if (strcmp (type, "offer") == 0)
    return sdp ? take_offer (probe, attempt, sdp, error) : refuse_line (error, "no sdp");
  if (strcmp (type, "answer") == 0) {
    if (!sdp)
      return refuse_line (error, "no sdp");
    return !is_current (probe, attempt) || !probe->link || mabei_media_link_set_remote (probe->link, FALSE, sdp, error);
  }
  if (strcmp (type, "ice") == 0) {
    gint64 media = mabei_json_line_get_uint (line, "media", 1);
    const char *candidate = mabei_json_line_get_string (line, "candidate");
    if (media < 0 || !candidate)
      return refuse_line (error, "no candidate");
    return !is_current (probe, attempt) || !probe->link ||
           mabei_media_link_add_candidate (probe->link, (guint) media, candidate) ||
           refuse_line (error, "a bad candidate");
  }
  return strcmp (type, "stats") == 0 || refuse_line (error, "an unknown type");
}

static void
take_input (Probe *probe)
{
  guint8 *end;
  while (probe->input->len > 0 && (end = memchr (probe->input->data, '\n', probe->input->len))) {
    gsize length = (gsize) (end - probe->input->data);
    g_autoptr (GError) error = NULL;
    if (length > 0 && !take_line (probe, (const char *) probe->input->data, length, &error)) {
      g_printerr ("%s\n", error->message);
      finish (probe, MABEI_PROBE_REFUSED_INPUT, error->message);
      return;
    }
    g_byte_array_remove_range (probe->input, 0, (guint) length + 1);
  }
  if (probe->input->len > MABEI_JSON_LINE_LIMIT_BYTES)
    finish (probe, MABEI_PROBE_REFUSED_INPUT, "a line too long");
}

static gboolean
on_input (int fd, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
  Probe *probe = data;
  guint8 chunk[4096];
  gssize got = read (fd, chunk, sizeof chunk);
  if (got < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  if (got <= 0) {
    finish (probe, MABEI_PROBE_DONE, NULL);
    return G_SOURCE_REMOVE;
  }
  g_byte_array_append (probe->input, chunk, (guint) got);
  take_input (probe);
  return G_SOURCE_CONTINUE;
}

static void
say_stats (Probe *probe)
{
  MabeiReceiverStats stats;
  JsonBuilder *builder = begin (probe, "stats");
  mabei_media_link_get_stats (probe->link, &stats);
  json_builder_set_member_name (builder, "verified");
  json_builder_add_boolean_value (builder, probe->verified);
  add_number (builder, "frames", (gint64) stats.frames);
  add_number (builder, "counter", stats.has_counter ? (gint64) stats.last_counter : -1);
  add_number (builder, "audio_packets", (gint64) stats.audio_packets);
  add_number (builder, "video_packets", (gint64) stats.video_packets);
  add_number (builder, "dropped_packets", (gint64) stats.dropped_packets);
  add_number (builder, "audio_samples", (gint64) stats.tones.samples);
  add_number (builder, "tone_hz", mabei_tone_meter_get_tone (&stats.tones));
  json_builder_set_member_name (builder, "level_db");
  json_builder_add_double_value (builder, (double) stats.tones.level_db);
  json_builder_set_member_name (builder, "speech_share");
  json_builder_add_double_value (builder, stats.speech_share);
  say (probe, builder);
}

static gboolean
on_tick (gpointer data)
{
  Probe *probe = data;
  probe->ticks++;
  if (probe->link) {
    mabei_media_link_tick (probe->link);
    if (probe->ticks % STATS_EVERY_TICKS == 0)
      say_stats (probe);
  }
  if (probe->config->seconds > 0 && probe->ticks >= probe->config->seconds * (1000 / TICK_MS))
    finish (probe, probe->verified ? MABEI_PROBE_DONE : MABEI_PROBE_NO_PEER, NULL);
  return G_SOURCE_CONTINUE;
}

static gboolean
start (Probe *probe, GError **error)
{
  if (!mabei_media_init (error) || !(probe->certificate = mabei_certificate_new (error)) ||
      !(probe->playout = mabei_playout_new (FALSE, error)))
    return FALSE;
  probe->capture = mabei_capture_new (&probe->config->capture, g_main_context_default (), NULL, on_notice, NULL);
  JsonBuilder *builder = begin (probe, "hello");
  g_autofree char *fingerprint = mabei_fingerprint_to_text (mabei_certificate_get_fingerprint (probe->certificate));
  add_string (builder, "fingerprint", fingerprint);
  say (probe, builder);
  if (!probe->config->offer)
    return TRUE;
  probe->attempt = g_uuid_string_random ();
  return make_link (probe, error);
}

MabeiProbeExit
mabei_probe_run (const MabeiProbeConfig *config)
{
  Probe probe = {.config = config, .result = MABEI_PROBE_REFUSED_INPUT};
  g_autoptr (GError) error = NULL;
  probe.loop = g_main_loop_new (NULL, FALSE);
  probe.input = g_byte_array_new ();
  g_unix_set_fd_nonblocking (config->input_fd, TRUE, NULL);
  if (start (&probe, &error)) {
    guint input = g_unix_fd_add (config->input_fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_input, &probe);
    guint tick = g_timeout_add (TICK_MS, on_tick, &probe);
    g_main_loop_run (probe.loop);
    g_source_remove (tick);
    if (g_main_context_find_source_by_id (NULL, input))
      g_source_remove (input);
  } else {
    g_printerr ("%s\n", error->message);
  }
  mabei_media_link_free (probe.link);
  mabei_capture_free (probe.capture);
  mabei_playout_free (probe.playout);
  mabei_certificate_unref (probe.certificate);
  g_byte_array_unref (probe.input);
  g_main_loop_unref (probe.loop);
  g_free (probe.attempt);
  return probe.result;
}
