/*
 * Writes a slide of hospital size in seconds: `make-giant OUT.tif [WIDTH
 * HEIGHT]`, 200,000 x 100,000 pixels at 40x unless told otherwise, 29 % of it
 * tissue.  Some two hundred synthetic tiles are stored once and used all over.
 */
#include "core/base/parse.h"
#include "core/base/rng.h"
#include "core/synth/render.h"
#include "tests/support/slide-writer.h"

#include <string.h>

#define MPP 0.243
#define SEED 20
#define TILE 512
#define BLOCK 4096 /* level-0 px that are tissue, or not, as a whole */
#define N_FINE 192
#define N_COARSE 24
#define FIRST_PLAIN 4 /* from this level on a pixel is a plain colour */
#define SOURCE 12000  /* side of the slide the tiles are taken from, px */

typedef struct
{
  gint64 width, height;
  AxSynthRender *render;
} Giant;

static double
noise (gint64 x, gint64 y)
{
  return (ax_rng_u64 (SEED, (guint64)x, (guint64)y) >> 11) * 0x1p-53;
}

static gboolean
is_inside (double x, double y, double cx, double cy, double rx, double ry)
{
  double dx = (x - cx) / rx, dy = (y - cy) / ry;

  return dx * dx + dy * dy < 1;
}

/* Two nodes; in shares of the slide, 0.29 in all. */
static gboolean
is_tissue (const Giant *giant, gint64 x, gint64 y)
{
  double u = (x / BLOCK + 0.5) * BLOCK / giant->width;
  double v = (y / BLOCK + 0.5) * BLOCK / giant->height;

  return is_inside (u, v, 0.30, 0.45, 0.20, 0.33)
         || is_inside (u, v, 0.74, 0.60, 0.11, 0.24);
}

static guint64
identify (int level, gint64 col, gint64 row, gpointer data)
{
  const Giant *giant = data;
  int n = level == 0 ? N_FINE : N_COARSE;
  guint64 id;

  if (level >= FIRST_PLAIN)
    id = 1 + ((guint64)row << 24 | (guint64)col);
  else if (is_tissue (giant, (col * TILE + TILE / 2) << level,
                      (row * TILE + TILE / 2) << level))
    id = 1 + (guint64)(noise (col, row) * n);
  else
    id = 0;
  return (guint64)level << 56 | id;
}

/* A piece of the source's node, seen at level 0 or 1. */
static void
draw_piece (const Giant *giant, int level, guint64 variant, guint8 *rgb)
{
  int scale = level == 0 ? 1 : 2, side = TILE * scale;
  gint64 x = (gint64)(SOURCE * (0.32 + 0.30 * noise (variant, 7)));
  gint64 y = (gint64)(SOURCE * (0.36 + 0.22 * noise (variant, 8)));
  g_autofree guint8 *fine = g_malloc (3 * (gsize)side * side);

  ax_synth_render_draw (giant->render, x, y, side, side, fine);
  for (int j = 0; j < TILE; j++)
    for (int i = 0; i < TILE; i++)
      memcpy (rgb + 3 * (j * TILE + i),
              fine + 3 * ((gsize)j * scale * side + i * scale), 3);
}

static void
draw (int level, gint64 x, gint64 y, int width, int height, guint8 *rgb,
      gpointer data)
{
  static const guint8 tissue[3] = { 150, 105, 170 },
                      glass[3] = { 243, 242, 244 };
  const Giant *giant = data;
  guint64 id = identify (level, x / TILE, y / TILE, data) & 0xffffff;

  if (level < FIRST_PLAIN && id > 0)
    {
      draw_piece (giant, level, id, rgb);
      return;
    }
  for (int j = 0; j < height; j++)
    for (int i = 0; i < width; i++)
      {
        gint64 at_x = (x + i) << level, at_y = (y + j) << level;
        const guint8 *color
            = id > 0 && is_tissue (giant, at_x, at_y) ? tissue : glass;

        memcpy (rgb + 3 * ((gsize)j * width + i), color, 3);
      }
}

static gboolean
write_giant (Giant *giant, const char *path, GError **error)
{
  const double lesion_um = 500;
  AxSynthLooks looks = { .seed = SEED, .mpp = MPP, .stain_variation = 0.3 };
  g_autoptr (AxAnatomy) anatomy
      = ax_anatomy_new (SEED, SOURCE * MPP, SOURCE * MPP, &lesion_um, 1, error);
  g_autoptr (AxSynthRender) render = NULL;
  AxSlideSpec spec = { .width = giant->width,
                       .height = giant->height,
                       .tile = TILE,
                       .mpp = MPP,
                       .quality = 80,
                       .pixels = draw,
                       .tile_id = identify,
                       .user_data = giant };

  if (anatomy == NULL)
    return FALSE;
  render = ax_synth_render_new (anatomy, SOURCE * MPP, SOURCE * MPP, &looks);
  giant->render = render;
  return ax_slide_spec_write (&spec, path, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  gint64 size[2] = { 200000, 100000 };
  Giant giant = { 0 };

  if (argc != 2 && argc != 4)
    {
      g_printerr ("make-giant OUT.tif [WIDTH HEIGHT]\n");
      return 2;
    }
  for (int i = 2; i < argc && error == NULL; i++)
    ax_parse_int (argv[i], "size", BLOCK, 1 << 20, &size[i - 2], &error);
  giant.width = size[0];
  giant.height = size[1];
  if (error == NULL && write_giant (&giant, argv[1], &error))
    return 0;
  g_printerr ("make-giant: %s\n", error->message);
  return 1;
}
