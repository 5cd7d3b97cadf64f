/* The seams of a simulation: randomness from a seed (libsodium's generator replaced) and a key derivation that costs
 * nothing (crypto_pwhash defined in the program, so that a profile opens in a millisecond). For this program only.
 */
#pragma once

#include <glib.h>

/* Before anything of libsodium is used in this process. */
void seams_init (guint64 seed);
/* The simulation's own dice: apart from libsodium's, so that a look at the dice changes no key. */
guint seams_roll (guint sides);
gboolean seams_chance (guint percent);
