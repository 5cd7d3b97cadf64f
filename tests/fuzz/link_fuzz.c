/* A link from anybody: refused, or it is the one text of its value. */
#include <string.h>

#include "core/base/limits.h"
#include "sync/invite/link.h"
#include "tests/fuzz/fuzz.h"

void
fuzz_seeds (GPtrArray *seeds)
{
  static const char *const urls[] = {"ws://127.0.0.1:7000/", "wss://hub.fayuan.example/mabei", "ws://[::1]:9"};

  for (guint i = 0; i < G_N_ELEMENTS (urls); i++) {
    MabeiLink link = {.hub_url = (char *) urls[i], .expires_ms = 1790000000000 * i};
    g_autoptr (MabeiSecret) seed = mabei_secret_new (MABEI_LINK_SEED_BYTES);
    g_autofree char *text = NULL;

    link.seed = seed;
    text = mabei_link_format (&link);
    g_ptr_array_add (seeds, g_bytes_new (text, strlen (text)));
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t length)
{
  g_autofree char *text = g_strndup ((const char *) data, length);
  g_autoptr (GError) error = NULL;
  g_autoptr (MabeiLink) link = mabei_link_parse (text, &error);
  g_autofree char *again = NULL, *lower = NULL;

  if (link == NULL) {
    g_assert_error (error, MABEI_INVITE_ERROR, MABEI_INVITE_ERROR_FORMAT);
    return 0;
  }
  again = mabei_link_format (link);
  lower = g_strstrip (g_ascii_strdown (text, -1));
  g_assert_cmpstr (again, ==, lower);
  g_assert_cmpuint (strlen (again), <=, MABEI_LIMIT_LINK_BYTES);
  return 0;
}
