/* Replaces libsodium's generator by a stream from a seed (ChaCha20 of crypto_stream), so that keys, nonces and hence
 * sealed bytes are the same in every run. For tests and simulations only. One stream a process; not thread-safe. Call
 * before mabei_base_init or after it; each call starts the stream again.
 */
#pragma once

#include <glib.h>

void seeded_random_start (guint64 seed);
