/* What libFuzzer calls before the first input; the driver of the short runs does the same in its main. */
#include "core/base/secret.h"
#include "tests/unit/core/base/seeded_random.h"

int LLVMFuzzerInitialize (int *argc, char ***argv);

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  (void) argc;
  (void) argv;
  g_assert_true (mabei_base_init ());
  seeded_random_start (1);
  return 0;
}
