/* The words before the noun: where the profile is, how to answer. */
#pragma once

#include <glib.h>

typedef struct {
  char *profile;         /* folder */
  char *passphrase_file; /* or NULL */
  char *case_text;       /* or NULL */
  gboolean json;
  gboolean batch;
  gboolean version;
  gboolean help;
  char **words; /* noun, verb, arguments */
} MabeiOptions;

/* USAGE for anything that is not one of ours, too long, or not UTF-8. (transfer full) */
MabeiOptions *mabei_options_parse (int argc, char **argv, GError **error);
void mabei_options_free (MabeiOptions *options);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiOptions, mabei_options_free)
