/* Hears which test tones are in an audio stream, and how loud it is. Each person's test source plays a tone of its
 * own, so that what reached whom can be asserted: the stream of an excluded person must not hold a caucus's tone.
 * Goertzel filters on windows of 40 ms (bins of 25 Hz, Hann window: the nearest other tone, 100 Hz away, is damped by
 * more than 60 dB). Pure arithmetic on 48 kHz mono; one thread at a time; the caller locks.
 */
#pragma once

#include <glib.h>

#define MABEI_TONE_RATE_HZ 48000u
#define MABEI_TONE_FIRST_HZ 400u
#define MABEI_TONE_STEP_HZ 100u
#define MABEI_TONE_COUNT 24u          /* 400, 500 ... 2700 Hz */
#define MABEI_TONE_FLOOR_DB (-120.0f) /* what silence is told as */

typedef struct {
  gint16 window[1920];
  guint filled;
  guint64 samples; /* heard since the start */
  float level_db;  /* RMS of the last window, dB below full scale */
  float now_db[MABEI_TONE_COUNT];
  float peak_db[MABEI_TONE_COUNT]; /* loudest window since the last reset */
} MabeiToneMeter;

void mabei_tone_meter_init (MabeiToneMeter *meter);
void mabei_tone_meter_push (MabeiToneMeter *meter, const gint16 *samples, gsize count);
/* Forgets the peaks. */
void mabei_tone_meter_reset_peaks (MabeiToneMeter *meter);
/* The loudest tone of the last window in Hz, 0 when none rises above -50 dB and holds most of the sound. */
guint mabei_tone_meter_get_tone (const MabeiToneMeter *meter);
/* The place of a tone in the arrays, or -1 when it is not one of the set. */
int mabei_tone_index (guint tone_hz);
