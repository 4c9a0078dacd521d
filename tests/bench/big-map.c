#include "tests/bench/big-map.h"

#include "core/base/rng.h"

#include <math.h>

/* Three pieces of tissue. */
static const struct
{
  double x, y, radius_x, radius_y;
} pieces[] = { { 2500, 3200, 1900, 1600 },
               { 6500, 3000, 1500, 1500 },
               { 10500, 3400, 1700, 1500 } };

static float *
cell_at (float *p, int col, int row)
{
  return &p[(gsize)row * BIG_MAP_WIDTH + col];
}

/* Tissue with a low, skewed noise; 0 is glass. */
static float *
make_tissue (AxRng *rng)
{
  float *p = g_new0 (float, (gsize)BIG_MAP_WIDTH *BIG_MAP_HEIGHT);

  for (gsize i = 0; i < G_N_ELEMENTS (pieces); i++)
    for (int row = 0; row < BIG_MAP_HEIGHT; row++)
      {
        double v = (row - pieces[i].y) / pieces[i].radius_y;
        int half = v * v < 1 ? pieces[i].radius_x * sqrt (1 - v * v) : 0;

        for (int col = pieces[i].x - half; col < pieces[i].x + half; col++)
          {
            float u = (float)ax_rng_uniform (rng);

            *cell_at (p, col, row) = 0.02f + 0.25f * u * u * u * u;
          }
      }
  return p;
}

/* A ragged disc: its edge is where chance decides. */
static void
add_focus (float *p, AxRng *rng, double radius)
{
  gsize piece = ax_rng_below (rng, G_N_ELEMENTS (pieces));
  double angle = ax_rng_range (rng, 0, 2 * G_PI);
  double away = 0.95 * sqrt (ax_rng_uniform (rng));
  int x = pieces[piece].x + away * pieces[piece].radius_x * cos (angle);
  int y = pieces[piece].y + away * pieces[piece].radius_y * sin (angle);
  int reach = 2 * radius;

  for (int row = MAX (y - reach, 0); row < MIN (y + reach, BIG_MAP_HEIGHT);
       row++)
    for (int col = MAX (x - reach, 0); col < MIN (x + reach, BIG_MAP_WIDTH);
         col++)
      if (*cell_at (p, col, row) > 0)
        *cell_at (p, col, row)
            += ax_rng_range (rng, 0.6, 1.4)
               / (1 + exp (6 * (hypot (col - x, row - y) / radius - 1)));
}

static void
add_cross (float *p, AxRng *rng)
{
  int x = 1 + ax_rng_below (rng, BIG_MAP_WIDTH - 2);
  int y = 1 + ax_rng_below (rng, BIG_MAP_HEIGHT - 2);

  for (int i = -1; i <= 1; i++)
    *cell_at (p, x + i, y) = *cell_at (p, x, y + i) = 0.9f;
}

AxProbMap *
big_map_new (int n_foci, int n_crosses)
{
  AxProbGeometry geometry
      = { BIG_MAP_WIDTH, BIG_MAP_HEIGHT, { 16, 16 }, { 0.243, 0.243 } };
  AxProbMap *map = ax_prob_map_new (geometry, 0, NULL);
  AxRng rng = ax_rng_init (1, 0);
  g_autofree float *p = make_tissue (&rng);
  g_autofree guint16 *cells
      = g_new (guint16, (gsize)BIG_MAP_WIDTH * BIG_MAP_HEIGHT);

  for (int i = 0; i < n_foci; i++)
    add_focus (p, &rng, i < 6 ? 300 : 2 + 40 * pow (ax_rng_uniform (&rng), 3));
  for (int i = 0; i < n_crosses; i++)
    add_cross (p, &rng);
  for (gsize i = 0; i < (gsize)BIG_MAP_WIDTH * BIG_MAP_HEIGHT; i++)
    cells[i] = p[i] > 0 ? ax_prob_quantize (p[i]) : AX_PROB_NONE;
  ax_prob_map_write (map, (AxCellRect){ 0, 0, BIG_MAP_WIDTH, BIG_MAP_HEIGHT },
                     cells, NULL);
  return map;
}
