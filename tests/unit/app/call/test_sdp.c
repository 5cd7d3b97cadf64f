/* Which session descriptions and candidates of the other side are let through to GStreamer. */
#include "app/call/media.h"
#include "app/call/sdp.h"

#include <string.h>

#define PRINT "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF"
#define COMMON                                                                                                         \
  "a=setup:actpass\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdef01234567\r\na=rtcp-mux\r\na=sendrecv\r\n"          \
  "a=fingerprint:sha-256 " PRINT "\r\n"
#define HEAD "v=0\r\no=- 1 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE audio0 video1\r\n"
#define AUDIO                                                                                                          \
  "m=audio 9 UDP/TLS/RTP/SAVPF 97\r\nc=IN IP4 0.0.0.0\r\na=mid:audio0\r\na=rtpmap:97 OPUS/48000/2\r\n" COMMON
#define VIDEO "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:video1\r\na=rtpmap:96 VP8/90000\r\n" COMMON

static void
assert_refused (const char *text)
{
  g_autoptr (GError) error = NULL;
  GstSDPMessage *sdp = mabei_sdp_parse (text, &error);
  g_assert_null (sdp);
  g_assert_error (error, MABEI_MEDIA_ERROR, MABEI_MEDIA_ERROR_SDP);
}

static void
test_ours (void)
{
  g_autoptr (GError) error = NULL;
  GstSDPMessage *sdp = mabei_sdp_parse (HEAD AUDIO VIDEO, &error);
  g_assert_no_error (error);
  MabeiFingerprint fingerprint;
  g_assert_true (mabei_sdp_get_fingerprint (sdp, &fingerprint));
  g_autofree char *text = mabei_fingerprint_to_text (&fingerprint);
  g_assert_cmpstr (text, ==, PRINT);

  /* Written with another fingerprint: in every media, and nowhere the old one. */
  memset (fingerprint.bytes, 0x5a, sizeof fingerprint.bytes);
  g_autofree char *written = mabei_sdp_write (sdp, &fingerprint);
  g_assert_null (strstr (written, PRINT));
  const char *first = strstr (written, "sha-256 5A:5A");
  g_assert_nonnull (first);
  g_assert_nonnull (strstr (first + 1, "sha-256 5A:5A"));
  gst_sdp_message_free (sdp);
  sdp = mabei_sdp_parse (written, &error);
  g_assert_no_error (error);
  gst_sdp_message_free (sdp);
}

static char *
without (const char *part)
{
  g_auto (GStrv) pieces = g_strsplit (HEAD AUDIO VIDEO, part, -1);
  g_assert_cmpuint (g_strv_length (pieces), >, 1);
  return g_strjoinv ("", pieces);
}

static void
test_missing_parts (void)
{
  static const char *const needed[] = {
      "a=setup:actpass\r\n", "a=ice-ufrag:abcd\r\n",      "a=ice-pwd:0123456789abcdef01234567\r\n",
      "a=mid:video1\r\n",    "a=rtpmap:96 VP8/90000\r\n", "a=fingerprint:sha-256 " PRINT "\r\n",
  };
  for (gsize i = 0; i < G_N_ELEMENTS (needed); i++) {
    g_autofree char *text = without (needed[i]);
    assert_refused (text);
  }
}

static void
test_other_shapes (void)
{
  assert_refused (NULL);
  assert_refused ("");
  assert_refused ("hello");
  assert_refused (HEAD);
  assert_refused (HEAD AUDIO);
  assert_refused (HEAD VIDEO AUDIO);
  assert_refused (HEAD AUDIO VIDEO VIDEO);
  assert_refused (HEAD AUDIO VIDEO "a=\x01\r\n");
  assert_refused (HEAD AUDIO VIDEO "a=\xc3\xa4\r\n");
  assert_refused (HEAD AUDIO VIDEO "nonsense\r\n");
  g_autofree char *long_line = g_strnfill (1025, 'x');
  g_autofree char *with_long_line = g_strconcat (HEAD AUDIO VIDEO "a=", long_line, "\r\n", NULL);
  assert_refused (with_long_line);
  g_autoptr (GString) many = g_string_new (HEAD AUDIO VIDEO);
  for (guint i = 0; i < 401; i++)
    g_string_append (many, "a=x\r\n");
  assert_refused (many->str);
  g_autofree char *filler = g_strnfill (MABEI_SDP_LIMIT_BYTES, '\n');
  g_autofree char *large = g_strconcat (HEAD AUDIO VIDEO, filler, NULL);
  assert_refused (large);
  g_auto (GStrv) plain = g_strsplit (HEAD AUDIO VIDEO, "UDP/TLS/RTP/SAVPF", -1);
  g_autofree char *unencrypted = g_strjoinv ("RTP/AVP", plain);
  assert_refused (unencrypted);
  g_auto (GStrv) sha = g_strsplit (HEAD AUDIO VIDEO, "sha-256", -1);
  g_autofree char *weak = g_strjoinv ("sha-1", sha);
  assert_refused (weak);
}

static void
test_candidates (void)
{
  static const char *const good[] = {
      "candidate:1 1 UDP 2015363327 192.0.2.1 40000 typ host",
      "candidate:2 2 udp 1 2001:db8::1 65535 typ srflx raddr 192.0.2.1 rport 9",
      "candidate:3 1 TCP 4294967295 192.0.2.1 9 typ host tcptype active",
      "candidate:4 1 UDP 0 192.0.2.1 0 typ relay",
  };
  static const char *const bad[] = {
      NULL,
      "",
      "candidate:",
      "a=candidate:1 1 UDP 1 192.0.2.1 40000 typ host",
      "candidate:1 1 UDP 1 192.0.2.1 40000 typ host\r\na=evil",
      "candidate: 1 UDP 1 192.0.2.1 40000 typ host",
      "candidate:1 0 UDP 1 192.0.2.1 40000 typ host",
      "candidate:1 3 UDP 1 192.0.2.1 40000 typ host",
      "candidate:1 host UDP 1 192.0.2.1 40000 typ host",
      "candidate:1 1 SCTP 1 192.0.2.1 40000 typ host",
      "candidate:1 1 UDP -1 192.0.2.1 40000 typ host",
      "candidate:1 1 UDP 4294967296 192.0.2.1 40000 typ host",
      "candidate:1 1 UDP 1 example.org 40000 typ host",
      "candidate:1 1 UDP 1 192.0.2.1 65536 typ host",
      "candidate:1 1 UDP 1 192.0.2.1 40000 type host",
      "candidate:1 1 UDP 1 192.0.2.1 40000 typ guest",
      "candidate:1 1 UDP 1 192.0.2.1 40000 typ",
  };
  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (mabei_sdp_is_candidate (good[i]));
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (mabei_sdp_is_candidate (bad[i]));
  for (gsize over = 0; over < 2; over++) {
    const char *rest = " 1 UDP 1 192.0.2.1 40000 typ host";
    g_autofree char *foundation =
        g_strnfill (MABEI_CANDIDATE_LIMIT_BYTES - strlen ("candidate:") - strlen (rest) + over, '1');
    g_autofree char *text = g_strconcat ("candidate:", foundation, rest, NULL);
    g_assert_cmpint (mabei_sdp_is_candidate (text), ==, over == 0);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (mabei_media_init (NULL));
  g_test_add_func ("/sdp/ours", test_ours);
  g_test_add_func ("/sdp/missing-parts", test_missing_parts);
  g_test_add_func ("/sdp/other-shapes", test_other_shapes);
  g_test_add_func ("/sdp/candidates", test_candidates);
  return g_test_run ();
}
