#include "app/call/tone.h"

#include <math.h>

#define WINDOW (G_N_ELEMENTS (((MabeiToneMeter *) NULL)->window))
#define AUDIBLE_DB (-50.0f)
#define FULL_SCALE 32768.0

static float
to_db (double power)
{
  return power > 1e-12 ? (float) (10.0 * log10 (power)) : MABEI_TONE_FLOOR_DB;
}

/* Power of one frequency relative to a full-scale sine (0 dB). */
static double
goertzel (const double *windowed, double frequency_hz)
{
  double step = 2.0 * M_PI * frequency_hz / MABEI_TONE_RATE_HZ, c = 2.0 * cos (step), one = 0, two = 0;
  for (gsize i = 0; i < WINDOW; i++) {
    double next = windowed[i] + c * one - two;
    two = one;
    one = next;
  }
  double amplitude = (one * one + two * two - c * one * two) * 16.0 / ((double) WINDOW * WINDOW);
  return amplitude;
}

static void
measure (MabeiToneMeter *meter)
{
  static double hann[WINDOW];
  static gsize ready;
  if (g_once_init_enter (&ready)) {
    for (gsize i = 0; i < WINDOW; i++)
      hann[i] = 0.5 - 0.5 * cos (2.0 * M_PI * (double) i / (double) WINDOW);
    g_once_init_leave (&ready, 1);
  }
  double windowed[WINDOW], sum = 0;
  for (gsize i = 0; i < WINDOW; i++) {
    double sample = meter->window[i] / FULL_SCALE;
    sum += sample * sample;
    windowed[i] = sample * hann[i];
  }
  meter->level_db = to_db (sum / (double) WINDOW);
  for (guint i = 0; i < MABEI_TONE_COUNT; i++) {
    meter->now_db[i] =
        sum > 0 ? to_db (goertzel (windowed, MABEI_TONE_FIRST_HZ + i * MABEI_TONE_STEP_HZ)) : MABEI_TONE_FLOOR_DB;
    meter->peak_db[i] = MAX (meter->peak_db[i], meter->now_db[i]);
  }
}

void
mabei_tone_meter_init (MabeiToneMeter *meter)
{
  meter->filled = 0;
  meter->samples = 0;
  meter->level_db = MABEI_TONE_FLOOR_DB;
  for (guint i = 0; i < MABEI_TONE_COUNT; i++)
    meter->now_db[i] = meter->peak_db[i] = MABEI_TONE_FLOOR_DB;
}

void
mabei_tone_meter_reset_peaks (MabeiToneMeter *meter)
{
  for (guint i = 0; i < MABEI_TONE_COUNT; i++)
    meter->peak_db[i] = MABEI_TONE_FLOOR_DB;
}

void
mabei_tone_meter_push (MabeiToneMeter *meter, const gint16 *samples, gsize count)
{
  meter->samples += count;
  for (gsize i = 0; i < count; i++) {
    meter->window[meter->filled++] = samples[i];
    if (meter->filled == WINDOW) {
      measure (meter);
      meter->filled = 0;
    }
  }
}

guint
mabei_tone_meter_get_tone (const MabeiToneMeter *meter)
{
  guint best = 0;
  for (guint i = 1; i < MABEI_TONE_COUNT; i++)
    if (meter->now_db[i] > meter->now_db[best])
      best = i;
  /* A pure sine has a level 3 dB under its amplitude; 9 dB leaves room for the codec. */
  if (meter->now_db[best] < AUDIBLE_DB || meter->now_db[best] < meter->level_db - 6.0f)
    return 0;
  return MABEI_TONE_FIRST_HZ + best * MABEI_TONE_STEP_HZ;
}

int
mabei_tone_index (guint tone_hz)
{
  if (tone_hz < MABEI_TONE_FIRST_HZ || (tone_hz - MABEI_TONE_FIRST_HZ) % MABEI_TONE_STEP_HZ != 0)
    return -1;
  guint index = (tone_hz - MABEI_TONE_FIRST_HZ) / MABEI_TONE_STEP_HZ;
  return index < MABEI_TONE_COUNT ? (int) index : -1;
}
