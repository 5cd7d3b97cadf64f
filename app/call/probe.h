/* One WebRTC peer driven by JSON lines, for examiners and tests: what `mabei-call-probe` does between its options and
 * its exit code. Lines in: offer, answer, ice, end. Lines out: hello, offer, answer, ice, connected, verified,
 * refused, stats, end. One thread, the default main context.
 */
#pragma once

#include "app/call/capture.h"
#include "app/call/certificate.h"

typedef struct {
  MabeiCaptureConfig capture;
  gboolean offer;                           /* this side begins */
  gboolean loopback;                        /* 127.0.0.1 only */
  const MabeiFingerprint *peer, *advertise; /* NULL: as found, the truth */
  guint seconds;                            /* 0: until told to end */
  int input_fd, output_fd;
} MabeiProbeConfig;

typedef enum {
  MABEI_PROBE_DONE = 0,
  MABEI_PROBE_REFUSED_INPUT = 1,
  MABEI_PROBE_USAGE = 2,
  MABEI_PROBE_UNVERIFIED = 3, /* the other side's certificate is a false one */
  MABEI_PROBE_NO_PEER = 5,
} MabeiProbeExit;

/* Runs to the end and returns the exit code of cli.md. */
MabeiProbeExit mabei_probe_run (const MabeiProbeConfig *config);
