#include "tests/sim/seams.h"

#include <sodium.h>
#include <string.h>

static guint8 key[crypto_stream_chacha20_KEYBYTES];
static guint64 n_draws;
static guint64 dice;

static const char *
seeded_name (void)
{
  return "seeded";
}

static void
seeded_buf (void *const out, const size_t length)
{
  guint8 nonce[crypto_stream_chacha20_NONCEBYTES];

  n_draws++;
  memcpy (nonce, &n_draws, sizeof nonce);
  crypto_stream_chacha20 (out, length, nonce, key);
}

static uint32_t
seeded_random (void)
{
  uint32_t value;

  seeded_buf (&value, sizeof value);
  return value;
}

static struct randombytes_implementation seeded = {
    .implementation_name = seeded_name,
    .random = seeded_random,
    .buf = seeded_buf,
};

void
seams_init (guint64 seed)
{
  memcpy (key, &seed, sizeof seed);
  dice = seed * 0x9e3779b97f4a7c15u + 1;
  randombytes_set_implementation (&seeded);
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
