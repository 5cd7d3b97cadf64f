#include "app/call/counter.h"

#include <string.h>

#define COLUMNS 16u
#define ROWS 2u
#define WHITE 235
#define BLACK 16

static guint8
check_of (guint32 counter)
{
  return (guint8) ((counter ^ (counter >> 8) ^ (counter >> 16) ^ 0x5a) & 0xff);
}

guint
mabei_counter_block (guint width, guint height)
{
  guint side = MIN (16u, (width / COLUMNS) & ~1u);
  return side >= 8 && height >= side * ROWS ? side : 0;
}

void
mabei_counter_burn (guint8 *luma, gsize stride, guint width, guint height, guint32 counter)
{
  guint side = mabei_counter_block (width, height);
  guint32 bits = (counter << 8) | check_of (counter);
  for (guint i = 0; side > 0 && i < COLUMNS * ROWS; i++) {
    guint8 shade = (bits >> (31 - i)) & 1 ? WHITE : BLACK;
    guint8 *corner = luma + (i / COLUMNS) * side * stride + (i % COLUMNS) * side;
    for (guint row = 0; row < side; row++)
      memset (corner + row * stride, shade, side);
  }
}

gboolean
mabei_counter_read (const guint8 *bgra, gsize stride, guint width, guint height, guint32 *counter)
{
  guint side = mabei_counter_block (width, height);
  guint32 bits = 0;
  if (side == 0)
    return FALSE;
  for (guint i = 0; i < COLUMNS * ROWS; i++) {
    gsize x = (i % COLUMNS) * side + side / 2, y = (i / COLUMNS) * side + side / 2;
    guint sum = 0;
    for (gsize dy = 0; dy < 4; dy++)
      for (gsize dx = 0; dx < 4; dx++)
        sum += bgra[(y + dy - 2) * stride + (x + dx - 2) * 4 + 1]; /* green is nearest to luma */
    bits = (bits << 1) | (sum / 16 > 125);
  }
  if ((bits & 0xff) != check_of (bits >> 8))
    return FALSE;
  *counter = bits >> 8;
  return TRUE;
}
