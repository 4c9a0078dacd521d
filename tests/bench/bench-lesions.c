/*
 * How long a new threshold takes: lesions of a map of 12,500 x 6,250 cells (a
 * slide of 200,000 x 100,000 pixels at 16 pixels a cell) with 30 % tissue, from
 * the stored map to measured lesions with outlines and ids.  The aim is 50 ms
 * on two cores; CPU time is printed too, since other programs may take their
 * share.
 */

#include "core/detect/lesion.h"
#include "tests/bench/big-map.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define N_ROUNDS 15

typedef struct
{
  const char *name;
  int n_foci, n_crosses;
  AxLesionParams params;
} Case;

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
  g_autoptr (AxProbMap) map = big_map_new (bench->n_foci, bench->n_crosses);
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
          100. * ax_prob_map_count (map, NULL)
              / ((double)BIG_MAP_WIDTH * BIG_MAP_HEIGHT),
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
