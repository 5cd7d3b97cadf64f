#include "tests/sim/seams.h"

#include <sodium.h>

#include "tests/unit/core/base/seeded_random.h"

static guint64 dice;

void
seams_init (guint64 seed)
{
  seeded_random_start (seed);
  dice = seed * 0x9e3779b97f4a7c15u + 1;
}

/* xorshift64* (Vigna 2016). */
guint
seams_roll (guint sides)
{
  dice ^= dice >> 12;
  dice ^= dice << 25;
  dice ^= dice >> 27;
  return (guint) ((dice * 0x2545f4914f6cdd1du) >> 33) % sides;
}

gboolean
seams_chance (guint percent)
{
  return seams_roll (100) < percent;
}

int
crypto_pwhash (unsigned char *const out,
               unsigned long long length,
               const char *const passphrase,
               unsigned long long passphrase_length,
               const unsigned char *const salt,
               unsigned long long opslimit,
               size_t memlimit,
               int algorithm)
{
  (void) opslimit;
  (void) memlimit;
  (void) algorithm;
  return crypto_generichash (out, length, (const unsigned char *) passphrase, passphrase_length, salt,
                             crypto_pwhash_SALTBYTES);
}
