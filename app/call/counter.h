/* A running counter that a program can read back from the picture: 24 bits and 8 check bits as black and white blocks
 * in two rows of sixteen at the upper left, large enough to survive VP8. Test sources burn it in; receivers look for
 * it in every decoded picture. Pure functions over pixels.
 */
#pragma once

#include <glib.h>

#define MABEI_COUNTER_LIMIT 0xffffffu /* the counter starts again after this */

/* The side of one block in pixels, 0 when a picture of this size has no room for the counter. */
guint mabei_counter_block (guint width, guint height);
/* Luma plane of I420. */
void mabei_counter_burn (guint8 *luma, gsize stride, guint width, guint height, guint32 counter);
/* BGRA. FALSE, @counter untouched, when there is none. */
gboolean mabei_counter_read (const guint8 *bgra, gsize stride, guint width, guint height, guint32 *counter);
