#include "core/grade/slide-features.h"

#include "core/base/error.h"
#include "core/detect/components.h"
#include "core/detect/morphology.h"
#include "core/eval/ellipse.h"
#include "core/grade/hull.h"

#include <string.h>

#define N_CELL_VALUES 65536
#define N_RATIOS 5
#define RIM_UM 37.5

/* What planes are cut at; 0.5 twice, since one of them is dilated. */
enum
{
  PLANE_30,
  PLANE_50,
  PLANE_50_GROWN,
  PLANE_70,
  PLANE_90,
  N_PLANES,
};

static const double plane_thresholds[N_PLANES] = { 0.3, 0.5, 0.5, 0.7, 0.9 };
static const int size_planes[] = { PLANE_30, PLANE_50, PLANE_70, PLANE_90 };
static const double ratio_thresholds[N_RATIOS] = { 0.5, 0.6, 0.7, 0.8, 0.9 };

static const char *const names[AX_N_FEATURES + 1] = {
  "longest_axis_mm_30",
  "largest_area_mm2_30",
  "total_area_mm2_30",
  "regions_30",
  "negative_density_30",
  "longest_axis_mm_50",
  "largest_area_mm2_50",
  "total_area_mm2_50",
  "regions_50",
  "negative_density_50",
  "longest_axis_mm_70",
  "largest_area_mm2_70",
  "total_area_mm2_70",
  "regions_70",
  "negative_density_70",
  "longest_axis_mm_90",
  "largest_area_mm2_90",
  "total_area_mm2_90",
  "regions_90",
  "negative_density_90",
  "camelyon16_axis_mm",
  "ratio_cancer_tissue50",
  "ratio_cancer_tissue60",
  "ratio_cancer_tissue70",
  "ratio_cancer_tissue80",
  "ratio_cancer_tissue90",
  "ratio_sum_tissue50",
  "ratio_sum_tissue60",
  "ratio_sum_tissue70",
  "ratio_sum_tissue80",
  "ratio_sum_tissue90",
  "largest_area",
  "eccentricity_largest",
  "extend_largest",
  "area_bbox_largest",
  "major_axis_length_largest",
  "maxprob_largest",
  "minprob_largest",
  "aveprob_largest",
  "aspect_ratio_bbox_largest",
  "solidity_largest",
  "second_largest_area",
  "eccentricity_second_largest",
  "extend_second_largest",
  "area_bbox_second_largest",
  "major_axis_length_second_largest",
  "maxprob_second_largest",
  "minprob_second_largest",
  "aveprob_second_largest",
  "aspect_ratio_bbox_second_largest",
  "solidity_second_largest",
  NULL,
};

typedef struct
{
  AxProbSnapshot *snapshot; /* (owned) */
  AxScale cell_um;
  AxBitPlane *planes[N_PLANES]; /* (owned) */
  double *next;                 /* where the next value goes */
} Measuring;

/* Largest and second largest component; -1 for none. */
typedef struct
{
  int first, second;
  gint64 n_cells; /* of all */
} Largest;

const char *const *
ax_features_get_names (void)
{
  return names;
}

static void
put (Measuring *self, double value)
{
  *self->next++ = value;
}

static double
cell_um2 (const Measuring *self)
{
  return self->cell_um.x * self->cell_um.y;
}

static gint64
count_cells (const AxComponents *components, guint component)
{
  gint64 n_cells = 0;

  for (gsize i = components->offsets[component];
       i < components->offsets[component + 1]; i++)
    n_cells += components->grouped[i].end - components->grouped[i].start;
  return n_cells;
}

static Largest
find_largest (const AxComponents *components)
{
  Largest largest = { -1, -1, 0 };
  gint64 first = 0, second = 0;

  for (guint i = 0; i < components->n_components; i++)
    {
      gint64 n_cells = count_cells (components, i);

      largest.n_cells += n_cells;
      if (n_cells > first)
        {
          second = first;
          largest.second = largest.first;
          first = n_cells;
          largest.first = i;
        }
      else if (n_cells > second)
        {
          second = n_cells;
          largest.second = i;
        }
    }
  return largest;
}

static const AxRun *
component_runs (const AxComponents *components, guint component, gsize *n_runs)
{
  *n_runs = components->offsets[component + 1] - components->offsets[component];
  return components->grouped + components->offsets[component];
}

/* The five features of one threshold. */
static void
put_sizes (Measuring *self, const AxComponents *components,
           const Largest *largest)
{
  AxScale cell_mm = { self->cell_um.x / 1000, self->cell_um.y / 1000 };
  double cell_mm2 = cell_mm.x * cell_mm.y, density = 0, axis = 0, area = 0;

  if (largest->first >= 0)
    {
      gsize n_runs;
      const AxRun *runs = component_runs (components, largest->first, &n_runs);
      g_autoptr (AxHull) hull = ax_hull_new (runs, n_runs);
      gint64 n_tumor
          = ax_hull_count (hull, components->runs, components->n_runs);

      axis = ax_components_measure (components, largest->first, cell_mm).length;
      area = count_cells (components, largest->first) * cell_mm2;
      density = 1 - (double)n_tumor / hull->n_cells;
    }
  put (self, axis);
  put (self, area);
  put (self, largest->n_cells * cell_mm2);
  put (self, components->n_components);
  put (self, density);
}

/* Largest, smallest and mean p of runs. */
static void
measure_probability (const Measuring *self, const AxRun *runs, gsize n_runs,
                     double out[3])
{
  guint16 max = 0, min = G_MAXUINT16;
  gint64 n_cells = 0;
  double sum = 0;

  for (gsize i = 0; i < n_runs; i++)
    for (gint32 col = runs[i].start; col < runs[i].end;)
      {
        gint64 tile_col = col / AX_PROB_TILE;
        gint64 tile_row = runs[i].row / AX_PROB_TILE;
        const AxProbTile *tile
            = self->snapshot
                  ->tiles[tile_row * self->snapshot->n_cols + tile_col];
        const guint16 *cells
            = tile->cells + runs[i].row % AX_PROB_TILE * AX_PROB_TILE;
        gint32 end = MIN (runs[i].end, (tile_col + 1) * AX_PROB_TILE);

        for (; col < end; col++)
          {
            guint16 cell = cells[col % AX_PROB_TILE];

            max = MAX (max, cell);
            min = MIN (min, cell);
            sum += ax_prob_value (cell);
            n_cells++;
          }
      }
  out[0] = ax_prob_value (max);
  out[1] = ax_prob_value (min);
  out[2] = sum / n_cells;
}

/* The ten features of a region. */
static void
put_region (Measuring *self, const AxComponents *components, int component)
{
  static const double unit_um2 = AX_FEATURE_CELL_UM * AX_FEATURE_CELL_UM;
  gsize n_runs;
  const AxRun *runs = NULL;
  g_autoptr (AxHull) hull = NULL;
  AxEllipse ellipse;
  gint32 left = G_MAXINT32, right = 0, n_rows;
  double n_box, probability[3];

  if (component < 0)
    {
      for (int i = 0; i < 10; i++)
        put (self, 0);
      return;
    }
  runs = component_runs (components, component, &n_runs);
  for (gsize i = 0; i < n_runs; i++)
    {
      left = MIN (left, runs[i].start);
      right = MAX (right, runs[i].end);
    }
  n_rows = runs[n_runs - 1].row - runs[0].row + 1;
  n_box = (double)n_rows * (right - left);
  hull = ax_hull_new (runs, n_runs);
  ellipse = ax_ellipse_measure (runs, n_runs, self->cell_um);
  measure_probability (self, runs, n_runs, probability);

  put (self, ellipse.n_cells * cell_um2 (self) / unit_um2);
  put (self, ellipse.eccentricity);
  put (self, ellipse.n_cells / n_box);
  put (self, n_box * cell_um2 (self) / unit_um2);
  put (self, ellipse.major_axis / AX_FEATURE_CELL_UM);
  put (self, probability[0]);
  put (self, probability[1]);
  put (self, probability[2]);
  put (self, n_rows * self->cell_um.y / ((right - left) * self->cell_um.x));
  put (self, (double)ellipse.n_cells / hull->n_cells);
}

static gboolean
put_camelyon16_axis (Measuring *self, GError **error)
{
  AxBitPlane *plane = self->planes[PLANE_50_GROWN];
  g_autoptr (AxComponents) components = NULL;
  Largest largest;
  double axis_um = 0;

  if (!ax_bit_plane_dilate (plane, RIM_UM, self->cell_um, error)
      || !ax_bit_plane_fill_holes (plane, error))
    return FALSE;
  components = ax_components_new (plane, 0, 0, self->cell_um, error);
  if (components == NULL)
    return FALSE;
  largest = find_largest (components);
  if (largest.first >= 0)
    {
      gsize n_runs;
      const AxRun *runs = component_runs (components, largest.first, &n_runs);

      axis_um = ax_ellipse_measure (runs, n_runs, self->cell_um).major_axis
                - 2 * RIM_UM;
    }
  put (self, MAX (axis_um, 0) / 1000);
  return TRUE;
}

/* How many cells there are of each value. */
static void
count_values (const AxProbSnapshot *snapshot, gint64 counts[N_CELL_VALUES])
{
  memset (counts, 0, N_CELL_VALUES * sizeof *counts);
  for (gint64 i = 0; i < snapshot->n_rows * snapshot->n_cols; i++)
    if (snapshot->tiles[i] != NULL)
      for (gsize c = 0; c < G_N_ELEMENTS (snapshot->tiles[i]->cells); c++)
        counts[snapshot->tiles[i]->cells[c]]++;
}

static void
put_ratios (Measuring *self, double tissue_mm2)
{
  g_autofree gint64 *counts = g_new (gint64, N_CELL_VALUES);
  gint64 n_above[N_RATIOS] = { 0 }, n_analysed = 0;
  double sums[N_RATIOS] = { 0 }, n_tissue;

  count_values (self->snapshot, counts);
  for (int cell = 1; cell < N_CELL_VALUES; cell++)
    {
      double p = ax_prob_value (cell);

      n_analysed += counts[cell];
      for (int i = 0; i < N_RATIOS; i++)
        if (cell >= ax_prob_threshold (ratio_thresholds[i]))
          {
            n_above[i] += counts[cell];
            sums[i] += counts[cell] * MAX (p - ratio_thresholds[i], 0);
          }
    }
  n_tissue = tissue_mm2 > 0 ? tissue_mm2 * 1e6 / cell_um2 (self)
                            : MAX (n_analysed, 1);
  for (int i = 0; i < N_RATIOS; i++)
    put (self, n_above[i] / n_tissue);
  for (int i = 0; i < N_RATIOS; i++)
    put (self, sums[i] / n_tissue);
}

static gboolean
cut_planes (Measuring *self, const AxProbGeometry *geometry, GError **error)
{
  const AxProbSnapshot *snapshot = self->snapshot;
  guint16 thresholds[N_PLANES];

  for (int i = 0; i < N_PLANES; i++)
    {
      thresholds[i] = ax_prob_threshold (plane_thresholds[i]);
      self->planes[i]
          = ax_bit_plane_new (geometry->width, geometry->height, error);
      if (self->planes[i] == NULL)
        return FALSE;
    }
  for (gint64 row = 0; row < snapshot->n_rows; row++)
    for (gint64 col = 0; col < snapshot->n_cols; col++)
      {
        const AxProbTile *tile = snapshot->tiles[row * snapshot->n_cols + col];

        if (tile != NULL)
          ax_bit_planes_add_tile (self->planes, thresholds, N_PLANES, tile, col,
                                  row);
      }
  return TRUE;
}

static gboolean
measure_planes (Measuring *self, double tissue_mm2, GError **error)
{
  g_autoptr (AxComponents) regions = NULL; /* at 0.7 */
  Largest largest_regions = { -1, -1, 0 };

  for (guint i = 0; i < G_N_ELEMENTS (size_planes); i++)
    {
      g_autoptr (AxComponents) components = ax_components_new (
          self->planes[size_planes[i]], 0, 0, self->cell_um, error);
      Largest largest;

      if (components == NULL)
        return FALSE;
      largest = find_largest (components);
      put_sizes (self, components, &largest);
      if (size_planes[i] == PLANE_70)
        {
          regions = g_steal_pointer (&components);
          largest_regions = largest;
        }
    }
  if (!put_camelyon16_axis (self, error))
    return FALSE;
  put_ratios (self, tissue_mm2);
  put_region (self, regions, largest_regions.first);
  put_region (self, regions, largest_regions.second);
  return TRUE;
}

gboolean
ax_features_measure (AxProbMap *map, double tissue_mm2,
                     double values[AX_N_FEATURES], GError **error)
{
  const AxProbGeometry *geometry = NULL;
  double measured[AX_N_FEATURES];
  Measuring measuring = { .next = measured };
  gboolean done;

  g_return_val_if_fail (map != NULL && values != NULL, FALSE);
  g_return_val_if_fail (tissue_mm2 >= 0, FALSE);

  geometry = ax_prob_map_get_geometry (map);
  measuring.cell_um = (AxScale){ geometry->cell.x * geometry->mpp.x,
                                 geometry->cell.y * geometry->mpp.y };
  if (!(measuring.cell_um.x > 0 && measuring.cell_um.y > 0))
    {
      g_set_error_literal (error, AX_ERROR, AX_ERROR_FORMAT,
                           "features need the slide's µm/px, which is unknown");
      return FALSE;
    }
  measuring.snapshot = ax_prob_snapshot_new (map, error);
  done = measuring.snapshot != NULL && cut_planes (&measuring, geometry, error)
         && measure_planes (&measuring, tissue_mm2, error);
  if (done)
    {
      g_assert (measuring.next == measured + AX_N_FEATURES);
      memcpy (values, measured, sizeof measured);
    }
  for (int i = 0; i < N_PLANES; i++)
    ax_bit_plane_free (measuring.planes[i]);
  ax_prob_snapshot_free (measuring.snapshot);
  return done;
}
