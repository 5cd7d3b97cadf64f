/* mabei-call-probe: one WebRTC peer on standard input and output. See probe.h. */
#include "app/call/probe.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static gboolean
read_fingerprint (const char *text, const char *option, MabeiFingerprint *fingerprint)
{
  if (mabei_fingerprint_from_text (text, fingerprint))
    return TRUE;
  g_printerr ("%s: not a SHA-256 fingerprint (32 pairs of hex digits with colons)\n", option);
  return FALSE;
}

int
main (int argc, char **argv)
{
  g_autofree char *source = NULL, *peer = NULL, *advertise = NULL;
  gboolean offer = FALSE, loopback = FALSE;
  int seconds = 0, tone_hz = 1000, pattern = 0;
  const GOptionEntry entries[] = {
      {"source", 0, 0, G_OPTION_ARG_FILENAME, &source, "test (default), none, camera, or a media file", "test|FILE"},
      {"peer-fingerprint", 0, 0, G_OPTION_ARG_STRING, &peer,
       "what the other side's certificate must be (default: what its description says)", "F"},
      {"advertise-fingerprint", 0, 0, G_OPTION_ARG_STRING, &advertise, "tell another fingerprint than the true one",
       "F"},
      {"offer", 0, 0, G_OPTION_ARG_NONE, &offer, "begin with an offer (default: wait for one)", NULL},
      {"loopback", 0, 0, G_OPTION_ARG_NONE, &loopback, "use 127.0.0.1 only", NULL},
      {"tone", 0, 0, G_OPTION_ARG_INT, &tone_hz, "tone of the test source in Hz", "HZ"},
      {"pattern", 0, 0, G_OPTION_ARG_INT, &pattern, "pattern of the test source", "N"},
      {"seconds", 0, 0, G_OPTION_ARG_INT, &seconds, "end after this time (default: when told)", "N"},
      G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (GOptionContext) context = g_option_context_new ("- one WebRTC peer");
  g_option_context_set_summary (
      context, "Reads and writes JSON lines {\"type\":\"offer|answer|ice|stats|end\",\"attempt\",...}.\n"
               "Exit: 0 done, 1 bad input, 2 usage, 3 the other side's certificate is a false one, 5 no peer.");
  g_option_context_add_main_entries (context, entries, NULL);
  MabeiFingerprint peer_fingerprint, advertised;
  if (!g_option_context_parse (context, &argc, &argv, &error)) {
    g_printerr ("%s\n", error->message);
    return MABEI_PROBE_USAGE;
  }
  if (argc > 1 || seconds < 0 || tone_hz < 0 || tone_hz > 20000 || pattern < 0 || pattern > 25) {
    g_printerr ("see --help\n");
    return MABEI_PROBE_USAGE;
  }
  if ((peer && !read_fingerprint (peer, "--peer-fingerprint", &peer_fingerprint)) ||
      (advertise && !read_fingerprint (advertise, "--advertise-fingerprint", &advertised)))
    return MABEI_PROBE_USAGE;
  MabeiCaptureSource kind = MABEI_CAPTURE_FILE;
  if (!source || g_str_equal (source, "test"))
    kind = MABEI_CAPTURE_TEST;
  else if (g_str_equal (source, "none"))
    kind = MABEI_CAPTURE_NONE;
  else if (g_str_equal (source, "camera"))
    kind = MABEI_CAPTURE_CAMERA;
  signal (SIGPIPE, SIG_IGN);
  const MabeiProbeConfig config = {
      .capture = {.source = kind,
                  .file = source,
                  .name = "probe",
                  .pattern = pattern,
                  .tone_hz = (guint) tone_hz,
                  .width = 320,
                  .height = 240,
                  .framerate = 15,
                  .audio_bitrate = 24000,
                  .video_bitrate = 200000},
      .offer = offer,
      .loopback = loopback,
      .peer = peer ? &peer_fingerprint : NULL,
      .advertise = advertise ? &advertised : NULL,
      .seconds = (guint) seconds,
      .input_fd = STDIN_FILENO,
      .output_fd = STDOUT_FILENO,
  };
  return mabei_probe_run (&config);
}
