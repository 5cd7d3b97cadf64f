#include "tests/unit/core/base/seeded_random.h"

#include <sodium.h>
#include <string.h>

static guint8 seed_key[crypto_stream_chacha20_KEYBYTES];
static guint64 draws;

static const char *
name (void)
{
  return "seeded";
}

/* Each draw is a stream of its own: what one caller takes does not depend on how another cut his draws. */
static void
fill (void *const buffer, const size_t size)
{
  guint64 nonce = GUINT64_TO_LE (draws++);
  G_STATIC_ASSERT (sizeof nonce == crypto_stream_chacha20_NONCEBYTES);
  crypto_stream_chacha20 (buffer, size, (const guint8 *) &nonce, seed_key);
}

static uint32_t
number (void)
{
  uint32_t value;
  fill (&value, sizeof value);
  return value;
}

static struct randombytes_implementation seeded = {
    .implementation_name = name,
    .random = number,
    .buf = fill,
};

void
seeded_random_start (guint64 seed)
{
  guint64 seed_le = GUINT64_TO_LE (seed);
  memset (seed_key, 0, sizeof seed_key);
  memcpy (seed_key, &seed_le, sizeof seed_le);
  draws = 0;
  randombytes_set_implementation (&seeded);
}
