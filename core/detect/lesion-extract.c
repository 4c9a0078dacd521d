#include "core/base/contour-tracer.h"
#include "core/base/error.h"
#include "core/detect/components.h"
#include "core/detect/lesion-private.h"

#include <math.h>
#include <stdlib.h>

#define INTERVAL 0.15
#define BRIDGE_UM 37.5 /* on each side of a gap of 75 µm */
#define OPENING_MAX 64

/* Work is shared out between the caller and one more thread. */
#define N_PARTS 2

/* The threshold itself between the two that give the interval, which are left
 * out where µm/px is unknown. */
enum
{
  BELOW,
  AT,
  ABOVE,
  N_THRESHOLDS,
};

/* What one threshold leaves. */
typedef struct
{
  AxBitPlane *plane;
  AxComponents *components;
  AxFeret *ferets; /* of the components */
} Segmentation;

/* Sums over the cells of a component; sums of twice the cell centres. */
typedef struct
{
  gint64 n_cells, sum, twice_x, twice_y;
  gint32 left, top, right, bottom;
  gint32 hottest_col, hottest_row;
  guint16 max;
} CellSums;

typedef struct
{
  AxLesionParams params;
  AxProbGeometry geometry;
  AxProbSnapshot *snapshot;
  AxScale unit;  /* of lengths: µm a cell, or level-0 pixels if unknown */
  double bridge; /* in that unit; 0: none */
  gboolean has_interval;
  guint16 thresholds[N_THRESHOLDS];
  const AxLesionSet *previous;

  /* each written by one part of a step and read by the next step */
  Segmentation found[N_THRESHOLDS];
  guint *components_of; /* the component of each lesion */
  AxLesionSet *set;
  GError *errors[N_PARTS];

  gint next_to_trace; /* atomic */
} Extraction;

typedef gboolean (*PartFunc) (Extraction *self, int part, GError **error);

typedef struct
{
  Extraction *extraction;
  PartFunc run;
} OtherPart;

static gpointer
other_part_thread (gpointer data)
{
  const OtherPart *other = data;

  other->run (other->extraction, 1, &other->extraction->errors[1]);
  return NULL;
}

/* Runs part 0 here and part 1 beside it. */
static gboolean
run_parts (Extraction *self, PartFunc run, GError **error)
{
  OtherPart other = { self, run };
  GThread *thread
      = g_thread_try_new ("lesions", other_part_thread, &other, NULL);

  run (self, 0, &self->errors[0]);
  if (thread != NULL)
    g_thread_join (thread);
  else
    other_part_thread (&other);

  for (int part = 0; part < N_PARTS; part++)
    if (self->errors[part] != NULL)
      {
        g_propagate_error (error, g_steal_pointer (&self->errors[part]));
        g_clear_error (&self->errors[N_PARTS - 1]);
        return FALSE;
      }
  return TRUE;
}

/* First step: every other row of tiles. */
static gboolean
threshold_part (Extraction *self, int part, GError **error)
{
  const AxProbSnapshot *snapshot = self->snapshot;
  int first = self->has_interval ? BELOW : AT;
  guint n_planes = self->has_interval ? N_THRESHOLDS : 1;
  AxBitPlane *planes[N_THRESHOLDS];

  for (int i = 0; i < N_THRESHOLDS; i++)
    planes[i] = self->found[i].plane;
  for (gint64 row = part; row < snapshot->n_rows; row += N_PARTS)
    for (gint64 col = 0; col < snapshot->n_cols; col++)
      {
        const AxProbTile *tile = snapshot->tiles[row * snapshot->n_cols + col];

        if (tile != NULL)
          ax_bit_planes_add_tile (planes + first, self->thresholds + first,
                                  n_planes, tile, col, row);
      }
  return TRUE;
}

static gboolean
segment (Extraction *self, int threshold, GError **error)
{
  Segmentation *found = &self->found[threshold];
  guint n_components;

  found->components = ax_components_new (found->plane, self->params.opening,
                                         self->bridge, self->unit, error);
  if (found->components == NULL)
    return FALSE;
  n_components = found->components->n_components;
  found->ferets = g_try_new (AxFeret, MAX (n_components, 1));
  if (found->ferets == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "no memory to measure %u components", n_components);
      return FALSE;
    }
  for (guint i = 0; i < n_components; i++)
    found->ferets[i] = ax_components_measure (found->components, i, self->unit);
  return TRUE;
}

static void
sum_run (const AxProbSnapshot *snapshot, const AxRun *run, CellSums *sums)
{
  gint64 length = run->end - run->start;

  for (gint32 col = run->start; col < run->end;)
    {
      gint32 end = MIN (run->end, (col / AX_PROB_TILE + 1) * AX_PROB_TILE);
      const AxProbTile *tile
          = snapshot->tiles[run->row / AX_PROB_TILE * snapshot->n_cols
                            + col / AX_PROB_TILE];
      const guint16 *cells = tile->cells
                             + run->row % AX_PROB_TILE * AX_PROB_TILE
                             + col % AX_PROB_TILE;
      guint32 sum = 0;
      guint16 max = 0;

      for (gint32 i = 0; i < end - col; i++)
        {
          sum += cells[i];
          max = MAX (max, cells[i]);
        }
      sums->sum += sum;
      if (max > sums->max)
        {
          sums->max = max;
          sums->hottest_row = run->row;
          sums->hottest_col = col;
          while (cells[sums->hottest_col - col] != max)
            sums->hottest_col++;
        }
      col = end;
    }

  if (sums->n_cells == 0)
    {
      sums->left = run->start;
      sums->top = run->row;
    }
  sums->n_cells += length;
  sums->twice_x += length * (run->start + run->end);
  sums->twice_y += length * (2 * run->row + 1);
  sums->left = MIN (sums->left, run->start);
  sums->right = MAX (sums->right, run->end);
  sums->bottom = run->row + 1;
}

static void
fill_lesion (const Extraction *self, const CellSums *sums, const AxFeret *feret,
             AxLesion *lesion)
{
  AxScale cell = self->geometry.cell;
  AxScale mpp = self->geometry.mpp;

  lesion->score = ax_prob_value (sums->max);
  lesion->mean = ((double)sums->sum / sums->n_cells - 1) / (G_MAXUINT16 - 1);
  for (int i = 0; i < 2; i++)
    lesion->caliper[i]
        = ax_point0_from_space (feret->ends[i].x, feret->ends[i].y, cell);
  lesion->diameter_px = hypot (lesion->caliper[1].x - lesion->caliper[0].x,
                               lesion->caliper[1].y - lesion->caliper[0].y);
  if (mpp.x > 0 && mpp.y > 0)
    {
      lesion->diameter_um = feret->length;
      lesion->area_um2 = sums->n_cells * cell.x * mpp.x * cell.y * mpp.y;
    }
  lesion->size_class = ax_size_class_from_um (lesion->diameter_um);
  lesion->n_cells = sums->n_cells;
  lesion->centroid
      = ax_point0_from_space (sums->twice_x / (2. * sums->n_cells),
                              sums->twice_y / (2. * sums->n_cells), cell);
  lesion->hottest = ax_point0_from_space (sums->hottest_col + 0.5,
                                          sums->hottest_row + 0.5, cell);
  lesion->bbox
      = ax_rect0_from_cells (sums->left, sums->top, sums->right - sums->left,
                             sums->bottom - sums->top, cell);
}

typedef struct
{
  double length;
  gint64 n_cells;
  guint component;
} Rank;

/* Largest first; of equal ones the first in raster order. */
static int
compare_ranks (const void *a, const void *b)
{
  const Rank *left = a, *right = b;

  if (left->length != right->length)
    return left->length > right->length ? -1 : 1;
  if (left->n_cells != right->n_cells)
    return left->n_cells > right->n_cells ? -1 : 1;
  return left->component < right->component ? -1 : 1;
}

static gboolean
make_lesions (Extraction *self, GError **error)
{
  AxLesionSet *set = self->set;
  Segmentation *found = &self->found[AT];
  AxComponents *components = found->components;
  guint n_lesions = components->n_components;
  g_autofree CellSums *sums = g_try_new0 (CellSums, MAX (n_lesions, 1));
  g_autofree Rank *ranks = g_try_new (Rank, MAX (n_lesions, 1));
  g_autofree guint *lesion_of = g_try_new (guint, MAX (n_lesions, 1));

  set->lesions = g_try_new0 (AxLesion, MAX (n_lesions, 1));
  self->components_of = g_try_new (guint, MAX (n_lesions, 1));
  if (sums == NULL || ranks == NULL || lesion_of == NULL || set->lesions == NULL
      || self->components_of == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY, "no memory for %u lesions",
                   n_lesions);
      return FALSE;
    }

  set->n_lesions = n_lesions;
  set->n_runs = components->n_runs;
  set->runs = g_steal_pointer (&components->runs);
  for (gsize i = 0; i < set->n_runs; i++)
    sum_run (self->snapshot, &set->runs[i], &sums[set->runs[i].label]);
  for (guint i = 0; i < n_lesions; i++)
    {
      ranks[i] = (Rank){ found->ferets[i].length, sums[i].n_cells, i };
      set->n_dropped -= sums[i].n_cells;
    }
  qsort (ranks, n_lesions, sizeof *ranks, compare_ranks);
  for (guint i = 0; i < n_lesions; i++)
    {
      guint component = ranks[i].component;

      fill_lesion (self, &sums[component], &found->ferets[component],
                   &set->lesions[i]);
      self->components_of[i] = component;
      lesion_of[component] = i;
    }
  for (gsize i = 0; i < set->n_runs; i++)
    set->runs[i].label = lesion_of[set->runs[i].label];
  return TRUE;
}

/* Second step: the threshold itself here, those of the interval there. */
static gboolean
segment_part (Extraction *self, int part, GError **error)
{
  if (part == 0)
    {
      self->set->n_dropped = ax_bit_plane_count (self->found[AT].plane);
      return segment (self, AT, error) && make_lesions (self, error);
    }
  return !self->has_interval
         || (segment (self, BELOW, error) && segment (self, ABOVE, error));
}

/* The lesion's diameter at the higher threshold is that of the largest of the
 * components into which it falls there. */
static void
find_lower_ends (Extraction *self)
{
  AxLesionSet *set = self->set;
  const AxComponents *above = self->found[ABOVE].components;

  for (guint i = 0; i < above->n_components; i++)
    {
      const AxRun *first = &above->grouped[above->offsets[i]];
      const AxRun *holder
          = ax_runs_find (set->runs, set->n_runs, first->start, first->row);
      double *end = &set->lesions[holder->label].interval_um[0];

      *end = MAX (*end, self->found[ABOVE].ferets[i].length);
    }
}

/* At the lower threshold one component holds all of the lesion.  The lower
 * ends are there already. */
static void
find_upper_ends (Extraction *self)
{
  AxLesionSet *set = self->set;
  const AxComponents *at = self->found[AT].components;
  const AxComponents *below = self->found[BELOW].components;

  for (guint i = 0; i < set->n_lesions; i++)
    {
      const AxRun *first = &at->grouped[at->offsets[self->components_of[i]]];
      const AxRun *holder
          = ax_runs_find (below->runs, below->n_runs, first->start, first->row);

      set->lesions[i].interval_um[1]
          = self->found[BELOW].ferets[holder->label].length;
      ax_lesion_find_borderline (&set->lesions[i]);
    }
}

static void
on_clear_ring (gpointer data)
{
  AxLesionRing *ring = data;

  g_free (ring->points);
}

typedef struct
{
  GArray *rings;
  AxScale cell;
} RingCollector;

static void
on_contour (const AxCorner *corners, guint n_corners, gboolean is_hole,
            gpointer user_data)
{
  RingCollector *collector = user_data;
  AxLesionRing ring = { .points = g_new (AxPoint0, n_corners),
                        .n_points = n_corners,
                        .is_hole = is_hole };

  for (guint i = 0; i < n_corners; i++)
    ring.points[i]
        = ax_point0_from_space (corners[i].x, corners[i].y, collector->cell);
  g_array_append_val (collector->rings, ring);
}

static gboolean
trace_lesion (const Extraction *self, guint index, AxContourTracer *tracer,
              GError **error)
{
  const AxComponents *components = self->found[AT].components;
  gsize first = components->offsets[self->components_of[index]];
  gsize end = components->offsets[self->components_of[index] + 1];
  RingCollector collector = { .cell = self->geometry.cell };

  collector.rings = g_array_new (FALSE, FALSE, sizeof (AxLesionRing));
  g_array_set_clear_func (collector.rings, on_clear_ring);
  self->set->lesions[index].contours = collector.rings;
  return ax_contour_tracer_trace (tracer, components->grouped + first,
                                  end - first, on_contour, &collector, error);
}

/* Third step: outlines in both parts, as they get to it. */
static gboolean
finish_part (Extraction *self, int part, GError **error)
{
  guint n_lesions = self->set->n_lesions;
  g_autoptr (AxContourTracer) tracer = ax_contour_tracer_new ();

  if (part == 0)
    {
      ax_lesion_set_track (self->set, self->previous);
      if (self->has_interval)
        {
          find_lower_ends (self);
          find_upper_ends (self);
        }
    }
  for (guint i; (i = g_atomic_int_add (&self->next_to_trace, 1)) < n_lesions;)
    if (!trace_lesion (self, i, tracer, error))
      return FALSE;
  return TRUE;
}

static gboolean
prepare (Extraction *self, AxProbMap *map, GError **error)
{
  AxScale cell = self->geometry.cell, mpp = self->geometry.mpp;
  double threshold = self->params.threshold;

  self->unit = cell;
  self->thresholds[AT] = ax_prob_threshold (threshold);
  if (mpp.x > 0 && mpp.y > 0)
    {
      self->unit = (AxScale){ cell.x * mpp.x, cell.y * mpp.y };
      self->has_interval = TRUE;
      self->thresholds[BELOW] = ax_prob_threshold (threshold - INTERVAL);
      self->thresholds[ABOVE] = ax_prob_threshold (threshold + INTERVAL);
      if (self->params.mode == AX_SIZE_MODE_CAMELYON16)
        self->bridge = BRIDGE_UM;
    }

  self->snapshot = ax_prob_snapshot_new (map, error);
  if (self->snapshot == NULL)
    return FALSE;
  for (int i = 0; i < N_THRESHOLDS; i++)
    {
      if (i != AT && !self->has_interval)
        continue;
      self->found[i].plane = ax_bit_plane_new (self->geometry.width,
                                               self->geometry.height, error);
      if (self->found[i].plane == NULL)
        return FALSE;
    }
  return TRUE;
}

static void
extraction_clear (Extraction *self)
{
  for (int i = 0; i < N_THRESHOLDS; i++)
    {
      ax_bit_plane_free (self->found[i].plane);
      ax_components_free (self->found[i].components);
      g_free (self->found[i].ferets);
    }
  ax_prob_snapshot_free (self->snapshot);
  g_free (self->components_of);
}

static gboolean
check_params (const AxLesionParams *params, GError **error)
{
  if (!(params->threshold > 0 && params->threshold <= 1))
    {
      g_set_error (error, AX_ERROR, AX_ERROR_LIMIT,
                   "threshold %g is outside of 0 (excluded) to 1",
                   params->threshold);
      return FALSE;
    }
  if (params->opening < 0 || params->opening > OPENING_MAX)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_LIMIT,
                   "opening by %d cells is outside of 0 to %d", params->opening,
                   OPENING_MAX);
      return FALSE;
    }
  return TRUE;
}

AxLesionSet *
ax_lesion_set_extract (AxProbMap *map, const AxLesionParams *params,
                       const AxLesionSet *previous, GError **error)
{
  g_autoptr (AxLesionSet) set = NULL;
  Extraction extraction = { .previous = previous };
  gboolean done;

  g_return_val_if_fail (map != NULL, NULL);
  g_return_val_if_fail (params != NULL, NULL);

  if (!check_params (params, error))
    return NULL;
  set = g_new0 (AxLesionSet, 1);
  g_atomic_ref_count_init (&set->n_refs);
  set->params = extraction.params = *params;
  set->geometry = extraction.geometry = *ax_prob_map_get_geometry (map);
  extraction.set = set;

  done = prepare (&extraction, map, error)
         && run_parts (&extraction, threshold_part, error)
         && run_parts (&extraction, segment_part, error)
         && run_parts (&extraction, finish_part, error);
  extraction_clear (&extraction);
  return done ? g_steal_pointer (&set) : NULL;
}
