/*
 * Writes a small slide: `make-slide KIND OUT.tif [WIDTH HEIGHT]`.
 *
 *   tissue   an island of stained tissue, dotted with nuclei, on bare glass,
 *            with one nest without gaps in it
 *   no-mpp   the same, without µm/px
 *   damaged  the same, with a tile in the middle of levels 0 and 1 that is no
 *            JPEG
 *   glass    bare glass
 *   giant    the island in a slide of any size, of a few tiles over and over
 */
#include "core/base/parse.h"
#include "core/base/rng.h"
#include "tests/support/slide-writer.h"

#include <math.h>

#define MPP 0.486
#define SEED 20
#define TILE 256
#define CELL 14 /* px between nuclei */

static const guint8 glass[3] = { 243, 242, 244 };
static const guint8 stroma[3] = { 226, 160, 198 };
static const guint8 nucleus[3] = { 92, 58, 140 };

static double
noise (gint64 x, gint64 y, guint64 stream)
{
  return (ax_rng_u64 (SEED + stream, (guint64)x, (guint64)y) >> 11) * 0x1p-53;
}

/* Below 1 inside an ellipse with a wavy edge. */
static double
reach (double x, double y, double radius_x, double radius_y)
{
  double angle = atan2 (y, x);

  return hypot (x / radius_x, y / radius_y)
         * (1 + 0.08 * sin (5 * angle) + 0.04 * sin (11 * angle + 1));
}

/* Share of a pixel that is nucleus: one blob near each point of a lattice. */
static double
cover_nucleus (gint64 x, gint64 y)
{
  double best = 0;

  for (gint64 row = y / CELL - 1; row <= y / CELL + 1; row++)
    for (gint64 col = x / CELL - 1; col <= x / CELL + 1; col++)
      {
        double cx = (col + 0.2 + 0.6 * noise (col, row, 1)) * CELL;
        double cy = (row + 0.2 + 0.6 * noise (col, row, 2)) * CELL;
        double radius = CELL * (0.28 + 0.14 * noise (col, row, 3));
        double edge = radius + 0.5 - hypot (x + 0.5 - cx, y + 0.5 - cy);

        best = fmax (best, fmin (edge, 1));
      }
  return best;
}

static void
draw_pixel (gint64 x, gint64 y, const gint64 *size, guint8 *rgb)
{
  double dx = x - size[0] / 2.0, dy = y - size[1] / 2.0;
  double tissue = reach (dx, dy, size[0] * 0.38, size[1] * 0.38);
  double nest = reach (dx - size[0] * 0.12, dy, size[0] * 0.13, size[1] * 0.15);
  double share = 0;

  if (tissue < 1)
    share = nest < 1 ? 1 : cover_nucleus (x, y);
  for (int channel = 0; channel < 3; channel++)
    {
      double ground = tissue < 1 ? stroma[channel] : glass[channel];
      double color = ground + share * (nucleus[channel] - ground);

      rgb[channel] = CLAMP (color + 6 * noise (x, y, 4) - 3, 0, 255);
    }
}

static void
draw_tissue (int level, gint64 x, gint64 y, int width, int height, guint8 *rgb,
             gpointer size)
{
  for (int row = 0; row < height; row++)
    for (int col = 0; col < width; col++)
      draw_pixel (x + col, y + row, size, rgb + ((gsize)row * width + col) * 3);
}

static void
draw_glass (int level, gint64 x, gint64 y, int width, int height, guint8 *rgb,
            gpointer size)
{
  for (gsize i = 0; i < (gsize)width * height * 3; i++)
    rgb[i] = glass[i % 3];
}

/* Giant slides: 16 kinds of tissue tile, and one of glass. */

static guint64
get_giant_tile (int level, gint64 col, gint64 row, gpointer size)
{
  const gint64 *sides = size;
  double pitch = (double)TILE * (1 << level);
  double dx = (col + 0.5) * pitch - sides[0] / 2.0;
  double dy = (row + 0.5) * pitch - sides[1] / 2.0;
  guint64 kind = reach (dx, dy, sides[0] * 0.38, sides[1] * 0.38) < 1
                     ? 1 + (col & 3) + 4 * (row & 3)
                     : 0;

  return (guint64)level * 32 + kind;
}

static void
draw_giant (int level, gint64 x, gint64 y, int width, int height, guint8 *rgb,
            gpointer size)
{
  gint64 col = x / TILE, row = y / TILE;

  if (get_giant_tile (level, col, row, size) % 32 == 0)
    {
      draw_glass (level, x, y, width, height, rgb, size);
      return;
    }
  /* Left of the island's middle: tissue, and no nest. */
  for (int i = 0; i < width * height; i++)
    {
      const gint64 side[2] = { 1 << 20, 1 << 20 };
      gint64 px = ((col & 3) * TILE + i % width) << level;
      gint64 py = ((row & 3) * TILE + i / width) << level;

      draw_pixel (px + side[0] / 4, py + side[1] / 2, side, rgb + 3 * (gsize)i);
    }
}

static gboolean
write_slide (const char *kind, const char *path, gint64 size[2], GError **error)
{
  const AxSlideDamage damages[] = {
    { AX_SLIDE_DAMAGE_GARBAGE, 0, size[0] / 2 / TILE, size[1] / 2 / TILE },
    { AX_SLIDE_DAMAGE_GARBAGE, 1, size[0] / 4 / TILE, size[1] / 4 / TILE },
  };
  AxSlideSpec spec = { .width = size[0],
                       .height = size[1],
                       .tile = TILE,
                       .mpp = MPP,
                       .pixels = draw_tissue,
                       .user_data = size };

  if (g_str_equal (kind, "no-mpp"))
    spec.mpp = 0;
  else if (g_str_equal (kind, "damaged"))
    {
      spec.damages = damages;
      spec.n_damages = G_N_ELEMENTS (damages);
    }
  else if (g_str_equal (kind, "glass"))
    spec.pixels = draw_glass;
  else if (g_str_equal (kind, "giant"))
    {
      spec.big = TRUE;
      spec.pixels = draw_giant;
      spec.tile_id = get_giant_tile;
    }
  else
    g_assert (g_str_equal (kind, "tissue"));
  return ax_slide_spec_write (&spec, path, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  gint64 size[2] = { 3072, 2048 };

  if (argc != 3 && argc != 5)
    {
      g_printerr ("make-slide KIND OUT.tif [WIDTH HEIGHT]\n");
      return 2;
    }
  for (int i = 3; i < argc; i++)
    if (!ax_parse_int (argv[i], "size", 1, 1 << 20, &size[i - 3], &error))
      break;
  if (error == NULL && write_slide (argv[1], argv[2], size, &error))
    return 0;
  g_printerr ("make-slide: %s\n", error->message);
  return 1;
}
