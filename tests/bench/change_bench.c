/* bench-change: figures of core/change, one JSON line each: what one sealed burst costs to make, to check and to open;
 * see README.md. */
#include <stdio.h>
#include <time.h>

#include "tests/unit/core/change/change_maker.h"

#define RUNS 7
#define CHANGES 2000

static const char body[] = "sixty-four editing operations packed by core/crdt take about so much";

static double
cpu_us (void)
{
  struct timespec now;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double) now.tv_sec * 1e6 + (double) now.tv_nsec / 1e3;
}

static gint
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;
  return x < y ? -1 : x > y;
}

static void
tell (const char *name, double *values, const char *unit)
{
  qsort (values, RUNS, sizeof *values, compare_doubles);
  printf ("{\"bench\":\"change\",\"case\":\"%s\",\"value\":%.2f,\"unit\":\"%s\",\"peer\":\"mabei\"}\n", name,
          values[RUNS / 2], unit);
}

int
main (void)
{
  ChangeMaker maker;
  double seal[RUNS], check[RUNS], opened[RUNS], bytes[RUNS];
  if (!mabei_base_init ())
    return 1;
  change_maker_init (&maker);
  for (guint run = 0; run < RUNS; run++) {
    g_autoptr (GPtrArray) changes = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_change_unref);
    g_autoptr (GPtrArray) read = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_change_unref);
    double start = cpu_us ();
    for (guint i = 0; i < CHANGES; i++)
      g_ptr_array_add (changes, change_maker_next (&maker, 0, i > 0 ? changes->pdata[i - 1] : NULL, NULL, body));
    seal[run] = (cpu_us () - start) / CHANGES;
    start = cpu_us ();
    for (guint i = 0; i < CHANGES; i++) {
      MabeiChange *change = mabei_change_parse (mabei_change_encoded (changes->pdata[i]), NULL);
      g_assert_true (mabei_change_verify (change, mabei_device_key_public (maker.devices[0])->sign_key));
      g_ptr_array_add (read, change);
    }
    check[run] = (cpu_us () - start) / CHANGES;
    start = cpu_us ();
    for (guint i = 0; i < CHANGES; i++) {
      g_autoptr (GBytes) plain = mabei_change_open (read->pdata[i], maker.operation_keys[0], NULL);
      g_assert_nonnull (plain);
    }
    opened[run] = (cpu_us () - start) / CHANGES;
    bytes[run] = (double) g_bytes_get_size (mabei_change_encoded (changes->pdata[CHANGES - 1]));
  }
  tell ("seal", seal, "us");
  tell ("parse-and-verify", check, "us");
  tell ("open", opened, "us");
  tell ("sealed-burst", bytes, "bytes");
  change_maker_clear (&maker);
  return 0;
}
