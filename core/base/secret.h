/* A secret: a fixed number of bytes in sodium_malloc memory (guarded, locked where allowed, wiped when freed).
 * The only type that holds keys, seeds and passphrases. Reference-counted, never printed, never copied into GLib's
 * containers by value. Locking memory may fail under a small RLIMIT_MEMLOCK: that is not an error. Running out of
 * memory ends the program, as in GLib.
 */
#pragma once

#include <glib.h>

typedef struct _MabeiSecret MabeiSecret;

/* Zeroed, @length > 0. (transfer full) */
MabeiSecret *mabei_secret_new (gsize length);
/* From libsodium's generator. (transfer full) */
MabeiSecret *mabei_secret_new_random (gsize length);
/* Copies @data; the caller wipes its own copy. (transfer full) */
MabeiSecret *mabei_secret_new_copy (gconstpointer data, gsize length);
MabeiSecret *mabei_secret_ref (MabeiSecret *secret);
void mabei_secret_unref (MabeiSecret *secret); /* NULL is accepted */
guint8 *mabei_secret_data (MabeiSecret *secret);
gsize mabei_secret_length (const MabeiSecret *secret);
/* Constant time; unequal lengths are unequal. */
gboolean mabei_secret_equal (const MabeiSecret *a, const MabeiSecret *b);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiSecret, mabei_secret_unref)

/* Once a process, before anything else of core: sodium_init, no core dumps with secrets (PR_SET_DUMPABLE 0, RLIMIT_CORE
 * 0). FALSE when libsodium cannot start. */
gboolean mabei_base_init (void);
