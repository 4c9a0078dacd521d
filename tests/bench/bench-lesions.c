/*
 * How long a new threshold takes: lesions of a map of 12,500 x 6,250 cells (a
 * slide of 200,000 x 100,000 pixels at 16 pixels a cell) with 30 % tissue, from
 * the stored map to measured lesions with outlines and ids.  The aim is 50 ms
 * on two cores; CPU time is printed too, since other programs may take their
 * share.
 */

#include "core/base/rng.h"
#include "core/detect/lesion.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define WIDTH 12500
#define HEIGHT 6250
#define N_ROUNDS 15

/* Three pieces of tissue. */
static const struct
{
  double x, y, radius_x, radius_y;
} pieces[] = { { 2500, 3200, 1900, 1600 },
               { 6500, 3000, 1500, 1500 },
               { 10500, 3400, 1700, 1500 } };

typedef struct
{
  const char *name;
  int n_foci;    /* blurred discs of up to 40 cells, six of 300 */
  int n_crosses; /* of five cells, which the opening leaves alone */
  AxLesionParams params;
} Case;

static float *
cell_at (float *p, int col, int row)
{
  return &p[(gsize)row * WIDTH + col];
}

/* Tissue with a low, skewed noise; 0 is glass. */
static float *
make_tissue (AxRng *rng)
{
  float *p = g_new0 (float, (gsize)WIDTH *HEIGHT);

  for (gsize i = 0; i < G_N_ELEMENTS (pieces); i++)
    for (int row = 0; row < HEIGHT; row++)
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

  for (int row = MAX (y - reach, 0); row < MIN (y + reach, HEIGHT); row++)
    for (int col = MAX (x - reach, 0); col < MIN (x + reach, WIDTH); col++)
      if (*cell_at (p, col, row) > 0)
        *cell_at (p, col, row)
            += ax_rng_range (rng, 0.6, 1.4)
               / (1 + exp (6 * (hypot (col - x, row - y) / radius - 1)));
}

static void
add_cross (float *p, AxRng *rng)
{
  int x = 1 + ax_rng_below (rng, WIDTH - 2);
  int y = 1 + ax_rng_below (rng, HEIGHT - 2);

  for (int i = -1; i <= 1; i++)
    *cell_at (p, x + i, y) = *cell_at (p, x, y + i) = 0.9f;
}

static AxProbMap *
make_map (const Case *bench)
{
  AxProbGeometry geometry = { WIDTH, HEIGHT, { 16, 16 }, { 0.243, 0.243 } };
  AxProbMap *map = ax_prob_map_new (geometry, 0, NULL);
  AxRng rng = ax_rng_init (1, 0);
  g_autofree float *p = make_tissue (&rng);
  g_autofree guint16 *cells = g_new (guint16, (gsize)WIDTH * HEIGHT);

  for (int i = 0; i < bench->n_foci; i++)
    add_focus (p, &rng, i < 6 ? 300 : 2 + 40 * pow (ax_rng_uniform (&rng), 3));
  for (int i = 0; i < bench->n_crosses; i++)
    add_cross (p, &rng);
  for (gsize i = 0; i < (gsize)WIDTH * HEIGHT; i++)
    cells[i] = p[i] > 0 ? ax_prob_quantize (p[i]) : AX_PROB_NONE;
  ax_prob_map_write (map, (AxCellRect){ 0, 0, WIDTH, HEIGHT }, cells, NULL);
  return map;
}

static double
cpu_ms (void)
{
  return 1e3 * clock () / CLOCKS_PER_SEC;
}

static int
compare_doubles (const void *a, const void *b)
{
  const double *left = a, *right = b;

  return *left < *right ? -1 : *left > *right;
}

/* The threshold moves by a hundredth each time, as under a slider. */
static void
run_case (const Case *bench)
{
  g_autoptr (AxProbMap) map = make_map (bench);
  g_autoptr (AxLesionSet) previous = NULL;
  double wall[N_ROUNDS], cpu[N_ROUNDS];

  for (int i = 0; i < N_ROUNDS; i++)
    {
      AxLesionParams params = bench->params;
      gint64 start = g_get_monotonic_time ();
      double cpu_start = cpu_ms ();
      g_autoptr (GError) error = NULL;
      AxLesionSet *set;

      params.threshold += 0.01 * (i % 8);
      set = ax_lesion_set_extract (map, &params, previous, &error);
      if (set == NULL)
        g_error ("%s: %s", bench->name, error->message);
      wall[i] = (g_get_monotonic_time () - start) / 1e3;
      cpu[i] = cpu_ms () - cpu_start;
      ax_lesion_set_unref (previous);
      previous = set;
    }
  qsort (wall, N_ROUNDS, sizeof *wall, compare_doubles);
  qsort (cpu, N_ROUNDS, sizeof *cpu, compare_doubles);
  printf ("%-28s %6u lesions  %4.1f %% tissue  median %6.1f ms  best %6.1f ms"
          "  cpu %6.1f ms\n",
          bench->name, ax_lesion_set_get_n_lesions (previous),
          100. * ax_prob_map_count (map, NULL) / ((double)WIDTH * HEIGHT),
          wall[N_ROUNDS / 2], wall[0], cpu[N_ROUNDS / 2]);
}

int
main (void)
{
  static const Case cases[] = {
    { "typical: 400 foci", 400, 0, AX_LESION_PARAMS_DEFAULT },
    { "typical, gaps bridged",
      400,
      0,
      { .threshold = 0.5, .mode = AX_SIZE_MODE_CAMELYON16, .opening = 1 } },
    { "worst: 100,000 tiny ones", 0, 110000, AX_LESION_PARAMS_DEFAULT },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    run_case (&cases[i]);
  return 0;
}
