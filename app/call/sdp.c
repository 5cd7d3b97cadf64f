#include "app/call/sdp.h"

#include "app/call/media.h"

#include <string.h>

#define LINE_LIMIT_BYTES 1024u
#define LINES_LIMIT 400u

static gboolean
fail (GError **error, const char *why)
{
  g_set_error (error, MABEI_MEDIA_ERROR, MABEI_MEDIA_ERROR_SDP, "session description refused: %s", why);
  return FALSE;
}

/* The parser of GStreamer is kept from anything that is not plain lines of printable text. */
static gboolean
check_text (const char *text, GError **error)
{
  gsize length = text ? strnlen (text, MABEI_SDP_LIMIT_BYTES + 1) : 0, line = 0, lines = 0;
  if (length == 0 || length > MABEI_SDP_LIMIT_BYTES)
    return fail (error, "size");
  for (gsize i = 0; i < length; i++) {
    guchar c = (guchar) text[i];
    if (c == '\n') {
      line = 0;
      if (++lines > LINES_LIMIT)
        return fail (error, "lines");
    } else if ((c < 0x20 && c != '\r') || c > 0x7e) {
      return fail (error, "characters");
    } else if (line == 1 && c != '=') {
      return fail (error, "line");
    } else if (++line > LINE_LIMIT_BYTES) {
      return fail (error, "line length");
    }
  }
  return g_str_has_prefix (text, "v=0") || fail (error, "version");
}

/* One of the attributes, of the media or else of the whole session. */
static const char *
attribute (const GstSDPMessage *sdp, const GstSDPMedia *media, const char *name)
{
  const char *value = gst_sdp_media_get_attribute_val (media, name);
  return value ? value : gst_sdp_message_get_attribute_val (sdp, name);
}

/* rtpmap lines are what webrtcbin matches codecs by. */
static gboolean
has_codec (const GstSDPMedia *media, int type, const char *codec)
{
  g_autofree char *wanted = g_strdup_printf ("%d %s", type, codec);
  for (guint i = 0; i < gst_sdp_media_attributes_len (media); i++) {
    const GstSDPAttribute *at = gst_sdp_media_get_attribute (media, i);
    if (g_strcmp0 (at->key, "rtpmap") == 0 && at->value &&
        g_ascii_strncasecmp (at->value, wanted, strlen (wanted)) == 0)
      return TRUE;
  }
  return FALSE;
}

static gboolean
check_media (const GstSDPMessage *sdp, guint index, GError **error)
{
  static const struct {
    const char *media, *codec;
    int type;
  } shape[MABEI_SDP_MEDIA_COUNT] = {
      {"audio", "OPUS/48000", MABEI_SDP_AUDIO_TYPE},
      {"video", "VP8/90000", MABEI_SDP_VIDEO_TYPE},
  };
  const GstSDPMedia *media = gst_sdp_message_get_media (sdp, index);
  if (g_strcmp0 (gst_sdp_media_get_media (media), shape[index].media) != 0)
    return fail (error, "order of media");
  if (g_strcmp0 (gst_sdp_media_get_proto (media), "UDP/TLS/RTP/SAVPF") != 0)
    return fail (error, "transport");
  if (gst_sdp_media_formats_len (media) < 1 || gst_sdp_media_formats_len (media) > 16)
    return fail (error, "formats");
  if (!has_codec (media, shape[index].type, shape[index].codec))
    return fail (error, "codec");
  static const char *const required[] = {"ice-ufrag", "ice-pwd", "fingerprint", "setup", "mid"};
  for (gsize i = 0; i < G_N_ELEMENTS (required); i++) {
    const char *value = attribute (sdp, media, required[i]);
    if (!value || !*value || strlen (value) > 256)
      return fail (error, required[i]);
  }
  const char *setup = attribute (sdp, media, "setup");
  if (strcmp (setup, "actpass") != 0 && strcmp (setup, "active") != 0 && strcmp (setup, "passive") != 0)
    return fail (error, "setup");
  return TRUE;
}

GstSDPMessage *
mabei_sdp_parse (const char *text, GError **error)
{
  if (!check_text (text, error))
    return NULL;
  GstSDPMessage *sdp = NULL;
  if (gst_sdp_message_new_from_text (text, &sdp) != GST_SDP_OK) {
    fail (error, "form");
    return NULL;
  }
  gboolean good = gst_sdp_message_medias_len (sdp) == MABEI_SDP_MEDIA_COUNT || fail (error, "count of media");
  for (guint i = 0; good && i < MABEI_SDP_MEDIA_COUNT; i++)
    good = check_media (sdp, i, error);
  MabeiFingerprint unused;
  if (good && !mabei_sdp_get_fingerprint (sdp, &unused))
    good = fail (error, "fingerprint");
  if (!good)
    g_clear_pointer (&sdp, gst_sdp_message_free);
  return sdp;
}

static void
replace_fingerprint (GstSDPMedia *media, const char *value)
{
  for (guint i = 0; i < gst_sdp_media_attributes_len (media); i++) {
    GstSDPAttribute attribute;
    if (g_strcmp0 (gst_sdp_media_get_attribute (media, i)->key, "fingerprint") != 0)
      continue;
    gst_sdp_attribute_set (&attribute, "fingerprint", value);
    gst_sdp_media_replace_attribute (media, i, &attribute);
  }
}

char *
mabei_sdp_write (const GstSDPMessage *sdp, const MabeiFingerprint *fingerprint)
{
  g_autofree char *text = mabei_fingerprint_to_text (fingerprint);
  g_autofree char *value = g_strconcat ("sha-256 ", text, NULL);
  GstSDPMessage *copy = NULL;
  gst_sdp_message_copy (sdp, &copy);
  for (guint i = 0; i < gst_sdp_message_medias_len (copy); i++)
    replace_fingerprint ((GstSDPMedia *) gst_sdp_message_get_media (copy, i), value);
  char *written = gst_sdp_message_as_text (copy);
  gst_sdp_message_free (copy);
  return written;
}

gboolean
mabei_sdp_get_fingerprint (const GstSDPMessage *sdp, MabeiFingerprint *fingerprint)
{
  for (guint i = 0; i < gst_sdp_message_medias_len (sdp); i++) {
    const char *value = attribute (sdp, gst_sdp_message_get_media (sdp, i), "fingerprint");
    if (value && g_ascii_strncasecmp (value, "sha-256 ", 8) == 0 &&
        mabei_fingerprint_from_text (value + 8, fingerprint))
      return TRUE;
  }
  return FALSE;
}

static gboolean
is_number (const char *text, guint64 least, guint64 most)
{
  guint64 value = 0;
  return g_ascii_string_to_unsigned (text, 10, least, most, &value, NULL);
}

/* RFC 8839 5.1, as far as libnice's own checks would otherwise be the only ones. */
gboolean
mabei_sdp_is_candidate (const char *text)
{
  static const char *const types[] = {"host", "srflx", "prflx", "relay", NULL};
  if (!text || !g_str_has_prefix (text, "candidate:") ||
      strnlen (text, MABEI_CANDIDATE_LIMIT_BYTES + 1) > MABEI_CANDIDATE_LIMIT_BYTES)
    return FALSE;
  for (const char *c = text; *c; c++)
    if (*c < 0x20 || *c > 0x7e)
      return FALSE;
  g_auto (GStrv) part = g_strsplit (text + strlen ("candidate:"), " ", -1);
  return g_strv_length (part) >= 8 && *part[0] && is_number (part[1], 1, 2) &&
         (g_ascii_strcasecmp (part[2], "udp") == 0 || g_ascii_strcasecmp (part[2], "tcp") == 0) &&
         is_number (part[3], 0, G_MAXUINT32) && g_hostname_is_ip_address (part[4]) && is_number (part[5], 0, 65535) &&
         strcmp (part[6], "typ") == 0 && g_strv_contains (types, part[7]);
}
