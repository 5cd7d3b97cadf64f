/* What tests look for in pictures and sound: the counter and the tones. */
#include "app/call/counter.h"
#include "app/call/tone.h"

#include <math.h>
#include <string.h>

static void
paint (guint8 *bgra, const guint8 *luma, guint width, guint height, int noise)
{
  for (gsize i = 0; i < (gsize) width * height; i++) {
    int shade = luma[i] + (noise ? g_test_rand_int_range (-noise, noise + 1) : 0);
    memset (bgra + 4 * i, CLAMP (shade, 0, 255), 4);
  }
}

static void
test_counter (void)
{
  static const struct {
    guint width, height;
  } sizes[] = {{320, 240}, {640, 360}, {128, 16}, {160, 120}};
  static const guint32 counters[] = {0, 1, 0xabcdef, MABEI_COUNTER_LIMIT};
  for (gsize s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (gsize c = 0; c < G_N_ELEMENTS (counters); c++) {
      guint width = sizes[s].width, height = sizes[s].height;
      g_autofree guint8 *luma = g_malloc0 ((gsize) width * height), *bgra = g_malloc0 ((gsize) 4 * width * height);
      guint32 back = 99;
      mabei_counter_burn (luma, width, width, height, counters[c]);
      paint (bgra, luma, width, height, 40);
      g_assert_true (mabei_counter_read (bgra, 4 * width, width, height, &back));
      g_assert_cmpuint (back, ==, counters[c]);
      /* Another bit in the picture: no counter rather than a wrong one. */
      guint side = mabei_counter_block (width, height);
      for (guint y = 0; y < side; y++)
        for (guint x = 0; x < side; x++)
          luma[y * width + x] = (guint8) (251 - luma[y * width + x]);
      paint (bgra, luma, width, height, 0);
      g_assert_false (mabei_counter_read (bgra, 4 * width, width, height, &back));
      g_assert_cmpuint (back, ==, counters[c]);
    }
  g_assert_cmpuint (mabei_counter_block (127, 240), ==, 0);
  g_assert_cmpuint (mabei_counter_block (320, 31), ==, 0);
  guint32 untouched = 5;
  guint8 small[4] = {0};
  g_assert_false (mabei_counter_read (small, 4, 1, 1, &untouched));
  g_assert_cmpuint (untouched, ==, 5);
}

static void
play (MabeiToneMeter *meter, double frequency_hz, double amplitude, gsize count)
{
  g_autofree gint16 *samples = g_new (gint16, count);
  for (gsize i = 0; i < count; i++)
    samples[i] = (gint16) (amplitude * 32767 * sin (2 * M_PI * frequency_hz * (double) i / MABEI_TONE_RATE_HZ));
  mabei_tone_meter_push (meter, samples, count);
}

static void
test_each_tone (void)
{
  for (guint i = 0; i < MABEI_TONE_COUNT; i++) {
    MabeiToneMeter meter;
    guint tone_hz = MABEI_TONE_FIRST_HZ + i * MABEI_TONE_STEP_HZ;
    mabei_tone_meter_init (&meter);
    play (&meter, tone_hz, 0.25, 4800);
    g_assert_cmpuint (mabei_tone_meter_get_tone (&meter), ==, tone_hz);
    g_assert_cmpint (mabei_tone_index (tone_hz), ==, (int) i);
    for (guint k = 0; k < MABEI_TONE_COUNT; k++) {
      if (k == i) /* a quarter of full scale: -12 dB */
        g_assert_cmpfloat (fabsf (meter.peak_db[k] + 12.04f), <, 0.2f);
      else
        g_assert_cmpfloat (meter.peak_db[k], <, -60.0f);
    }
  }
}

static void
test_faint_and_silent (void)
{
  MabeiToneMeter meter;
  mabei_tone_meter_init (&meter);
  g_assert_cmpuint (mabei_tone_meter_get_tone (&meter), ==, 0);
  play (&meter, 1000, 0, 9600);
  g_assert_cmpuint (mabei_tone_meter_get_tone (&meter), ==, 0);
  g_assert_cmpfloat (meter.level_db, ==, MABEI_TONE_FLOOR_DB);
  play (&meter, 1000, 0.25, 9600);
  play (&meter, 1000, 0.001, 9600); /* -60 dB: too faint to be told, but the peak is remembered */
  g_assert_cmpuint (mabei_tone_meter_get_tone (&meter), ==, 0);
  g_assert_cmpfloat (meter.peak_db[mabei_tone_index (1000)], >, -13.0f);
  mabei_tone_meter_reset_peaks (&meter);
  play (&meter, 1000, 0.001, 9600);
  g_assert_cmpfloat (meter.peak_db[mabei_tone_index (1000)], <, -55.0f);
  g_assert_cmpuint (meter.samples, ==, 4 * 9600);
}

static void
test_unknown_tones (void)
{
  g_assert_cmpint (mabei_tone_index (0), ==, -1);
  g_assert_cmpint (mabei_tone_index (399), ==, -1);
  g_assert_cmpint (mabei_tone_index (450), ==, -1);
  g_assert_cmpint (mabei_tone_index (2700), ==, MABEI_TONE_COUNT - 1);
  g_assert_cmpint (mabei_tone_index (2800), ==, -1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/signal/counter", test_counter);
  g_test_add_func ("/signal/each-tone", test_each_tone);
  g_test_add_func ("/signal/faint-and-silent", test_faint_and_silent);
  g_test_add_func ("/signal/unknown-tones", test_unknown_tones);
  return g_test_run ();
}
