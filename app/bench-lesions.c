#include "app/bench.h"

#include "core/detect/lesion.h"

#include <math.h>

/* A slide of 200,000 x 100,000 pixels at a step of 16 (algorithms.md 3). */
#define MAP_WIDTH 12500
#define MAP_HEIGHT 6250
#define MPP 0.243
#define STEP 16

/* Three lobes of tissue, 30 % of the map in all, full of hills and valleys. */
static guint16
draw_cell (gint64 col, gint64 row)
{
  double lobe = fmod (col, MAP_WIDTH / 3.0) - MAP_WIDTH / 6.0;
  double height = row - MAP_HEIGHT / 2.0;
  double hill;

  if (lobe * lobe + height * height / 2 > 1580.0 * 1580.0)
    return AX_PROB_NONE;
  hill = sin (col / 37.0) * sin (row / 53.0) * sin ((col + row) / 211.0);
  return ax_prob_quantize (hill * hill);
}

static AxProbMap *
draw_map (GError **error)
{
  const AxProbGeometry geometry = { .width = MAP_WIDTH,
                                    .height = MAP_HEIGHT,
                                    .cell = { STEP, STEP },
                                    .mpp = { MPP, MPP } };
  g_autoptr (AxProbMap) map = ax_prob_map_new (geometry, 0, error);
  g_autofree guint16 *rows = g_new (guint16, MAP_WIDTH * AX_PROB_TILE);

  if (map == NULL)
    return NULL;
  for (gint64 top = 0; top < MAP_HEIGHT; top += AX_PROB_TILE)
    {
      const AxCellRect rect = { 0, top, MAP_WIDTH, AX_PROB_TILE };

      for (gint64 i = 0; i < MAP_WIDTH * AX_PROB_TILE; i++)
        rows[i] = draw_cell (i % MAP_WIDTH, top + i / MAP_WIDTH);
      if (!ax_prob_map_write (map, rect, rows, error))
        return NULL;
    }
  return g_steal_pointer (&map);
}

/* The map, and what the last extraction found. */
typedef struct
{
  AxProbMap *map;
  guint n_lesions;
} Extraction;

static gboolean
extract (gpointer data, GError **error)
{
  const AxLesionParams params = AX_LESION_PARAMS_DEFAULT;
  Extraction *extraction = data;
  g_autoptr (AxLesionSet) lesions
      = ax_lesion_set_extract (extraction->map, &params, NULL, error);

  if (lesions == NULL)
    return FALSE;
  extraction->n_lesions = ax_lesion_set_get_n_lesions (lesions);
  return TRUE;
}

gboolean
ax_bench_lesions (AxBench *self, GError **error)
{
  g_autoptr (AxProbMap) map = draw_map (error);
  Extraction extraction = { .map = map };
  double seconds;

  if (map == NULL)
    return FALSE;
  seconds = ax_bench_time (extract, &extraction, error);
  if (seconds < 0)
    return FALSE;
  ax_bench_add (self, seconds * 1e3, "ms", "%u lesions of a map of %d × %d",
                extraction.n_lesions, MAP_WIDTH, MAP_HEIGHT);
  return TRUE;
}
