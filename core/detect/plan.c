#include "core/detect/plan.h"

#include "core/base/error.h"

struct _AxScanPlan
{
  gatomicrefcount refs;

  /* immutable */
  AxSlide *slide;
  AxTissue *tissue;
  AxModel *model;
  AxScanOptions options;
  AxDense dense;
  AxProbGeometry geometry;
  AxCellRect region; /* cells to look at */
  GArray *rois;      /* AxRoi */
  char *hash;
  double tissue_mm2;
};

/* Goes up when the same settings come to give another map. */
#define PLAN_VERSION "axilla plan 2"

/*
 * A ROI advances by so many strides unless told otherwise: ScanNet's 1076, 508
 * at 10x.  Larger ones waste less on their rim and more on glass.  Time for
 * all tissue of a slide at 10x, two lymph-node sections, alpha 2, one core
 * with AVX-512: 212 s at 268, 183 at 396, 181 at 508, 180 at 572, 175 at 764,
 * 191 at 940, 206 at 1276.  Of those within a few per cent this is the one
 * that shows first results early and takes 92 MiB.
 */
#define ADVANCE_STRIDES 27

/* A network that throws away a margin reads it again for each ROI. */
#define ADVANCE_FIELDS 3

void
ax_scan_options_init (AxScanOptions *options, const AxModel *model)
{
  int stride, field, advance;

  g_return_if_fail (options != NULL);
  g_return_if_fail (model != NULL);

  stride = ax_model_get_stride (model);
  field = ax_model_get_field (model);
  advance = MAX (ADVANCE_STRIDES * stride, ADVANCE_FIELDS * field);
  *options = (AxScanOptions){
    .alpha = MIN (2, stride),
    .roi_px = field - stride + advance,
    .min_tissue = 0.01,
    .map_bytes = (gsize)1 << 30,
  };
}

/* Level-0 pixels per model pixel, as the readers will have it. */
static gboolean
find_scale (AxScanPlan *self, AxScale mpp, AxScale *scale, GError **error)
{
  AxTileCache *cache = ax_tile_cache_new (self->slide, 0);
  AxRegionReader *reader = ax_region_reader_new (
      cache, mpp, ax_model_get_mpp (self->model), error);
  gboolean found = reader != NULL;

  if (found)
    *scale = ax_region_reader_get_scale (reader);
  g_clear_pointer (&reader, ax_region_reader_free);
  ax_tile_cache_unref (cache);
  return found;
}

/* The smallest rectangle of cells that covers @rect. */
static AxCellRect
cover (AxRect0 rect, AxScale cell)
{
  AxRectL cells = ax_rect0_to_level (rect, 0, cell);

  return (AxCellRect){
    .col = cells.x,
    .row = cells.y,
    .n_cols = cells.width,
    .n_rows = cells.height,
  };
}

static gboolean
set_geometry (AxScanPlan *self, AxScale mpp, GError **error)
{
  AxRect0 extent = ax_slide_get_extent (self->slide);
  AxProbMap *map;
  AxCellRect all;
  AxScale scale;

  if (!find_scale (self, mpp, &scale, error))
    return FALSE;
  self->geometry.mpp = mpp;
  self->geometry.cell.x = scale.x * self->dense.step;
  self->geometry.cell.y = scale.y * self->dense.step;
  all = cover (extent, self->geometry.cell);
  self->geometry.width = all.n_cols;
  self->geometry.height = all.n_rows;

  map = ax_prob_map_new (self->geometry, self->options.map_bytes, error);
  if (map == NULL)
    return FALSE;
  ax_prob_map_unref (map);
  return TRUE;
}

/* The part of the slide to look at; false when there is none. */
static gboolean
set_region (AxScanPlan *self, GError **error)
{
  AxRect0 extent = ax_slide_get_extent (self->slide);
  AxRect0 wanted = self->options.region;
  AxRect0 region = extent;

  if (!ax_rect0_is_empty (wanted))
    region = ax_rect0_intersect (wanted, extent);
  if (ax_rect0_is_empty (region))
    {
      g_set_error (error, AX_ERROR, AX_ERROR_LIMIT,
                   "%s: the region %" G_GINT64_FORMAT ",%" G_GINT64_FORMAT
                   ",%" G_GINT64_FORMAT ",%" G_GINT64_FORMAT
                   " lies outside the slide's %" G_GINT64_FORMAT
                   " x %" G_GINT64_FORMAT " pixels",
                   ax_slide_get_path (self->slide), wanted.x, wanted.y,
                   wanted.width, wanted.height, extent.width, extent.height);
      return FALSE;
    }

  self->region = cover (region, self->geometry.cell);
  self->tissue_mm2 = ax_tissue_get_fraction_in (self->tissue, region)
                     * (double)region.width * (double)region.height
                     * self->geometry.mpp.x * self->geometry.mpp.y * 1e-6;
  return TRUE;
}

/* The part of @cells that is looked at; no rows or columns where none is. */
static AxCellRect
clip_to_region (const AxScanPlan *self, AxCellRect cells)
{
  gint64 right
      = MIN (cells.col + cells.n_cols, self->region.col + self->region.n_cols);
  gint64 bottom
      = MIN (cells.row + cells.n_rows, self->region.row + self->region.n_rows);

  cells.col = MAX (cells.col, self->region.col);
  cells.row = MAX (cells.row, self->region.row);
  cells.n_cols = MAX (right - cells.col, 0);
  cells.n_rows = MAX (bottom - cells.row, 0);
  return cells;
}

static gboolean
has_wanted_cell (const AxScanPlan *self, const AxRoi *roi)
{
  AxCellRect cells = clip_to_region (self, roi->cells);

  if (roi->tissue <= 0 && self->options.min_tissue > 0)
    return FALSE;
  for (gint64 row = cells.row; row < cells.row + cells.n_rows; row++)
    for (gint64 col = cells.col; col < cells.col + cells.n_cols; col++)
      if (ax_scan_plan_wants_cell (self, col, row))
        return TRUE;
  return FALSE;
}

static AxRoi
make_roi (const AxScanPlan *self, gint64 i, gint64 j, gint64 n_columns)
{
  gint64 side = self->dense.cells;
  AxRoi roi = {
    .id = j * n_columns + i,
    .cells = {
      .col = i * side,
      .row = j * side,
      .n_cols = MIN (side, self->geometry.width - i * side),
      .n_rows = MIN (side, self->geometry.height - j * side),
    },
    .x = ax_dense_cell_to_px (&self->dense, i * side),
    .y = ax_dense_cell_to_px (&self->dense, j * side),
  };

  roi.tissue = ax_tissue_get_fraction_in (
      self->tissue, ax_scan_plan_cells_to_rect (self, roi.cells));
  return roi;
}

static gboolean
list_rois (AxScanPlan *self, GError **error)
{
  const AxCellRect *region = &self->region;
  gint64 side = self->dense.cells;
  gint64 n_columns = (self->geometry.width + side - 1) / side;
  gint64 first_i = region->col / side, first_j = region->row / side;
  gint64 last_i = (region->col + region->n_cols - 1) / side;
  gint64 last_j = (region->row + region->n_rows - 1) / side;

  for (gint64 j = first_j; j <= last_j; j++)
    for (gint64 i = first_i; i <= last_i; i++)
      {
        AxRoi roi = make_roi (self, i, j, n_columns);

        if (!has_wanted_cell (self, &roi))
          continue;
        if (self->rois->len == AX_SCAN_MAX_ROIS)
          {
            g_set_error (error, AX_ERROR, AX_ERROR_LIMIT,
                         "%s: ROIs of %d pixels cut the tissue into more than "
                         "%d; take larger ones",
                         ax_slide_get_path (self->slide), self->dense.input_px,
                         AX_SCAN_MAX_ROIS);
            return FALSE;
          }
        g_array_append_val (self->rois, roi);
      }
  return TRUE;
}

static void
hash_ints (GChecksum *checksum, const gint64 *values, guint n_values)
{
  for (guint i = 0; i < n_values; i++)
    {
      guint64 bytes = GUINT64_TO_LE ((guint64)values[i]);

      g_checksum_update (checksum, (const guchar *)&bytes, sizeof bytes);
    }
}

static void
hash_doubles (GChecksum *checksum, const double *values, guint n_values)
{
  for (guint i = 0; i < n_values; i++)
    {
      gint64 bits;

      memcpy (&bits, &values[i], sizeof bits);
      hash_ints (checksum, &bits, 1);
    }
}

static void
set_hash (AxScanPlan *self)
{
  const AxProbGeometry *geometry = &self->geometry;
  const gint64 ints[] = {
    self->dense.field, self->dense.stride,  self->dense.alpha,
    self->dense.cells, self->options.naive, self->options.output,
    geometry->width,   geometry->height,    self->region.col,
    self->region.row,  self->region.n_cols, self->region.n_rows,
  };
  const double doubles[] = {
    geometry->cell.x, geometry->cell.y,         geometry->mpp.x,
    geometry->mpp.y,  self->options.min_tissue,
  };
  GChecksum *checksum = g_checksum_new (G_CHECKSUM_SHA256);

  g_checksum_update (checksum, (const guchar *)PLAN_VERSION, -1);
  hash_ints (checksum, ints, G_N_ELEMENTS (ints));
  hash_doubles (checksum, doubles, G_N_ELEMENTS (doubles));
  g_checksum_update (checksum,
                     (const guchar *)ax_tissue_get_hash (self->tissue), -1);
  self->hash = g_strdup (g_checksum_get_string (checksum));
  g_checksum_free (checksum);
}

static gboolean
check_form (const AxScanPlan *self, GError **error)
{
  if (!self->options.naive || ax_model_has_naive_form (self->model))
    return TRUE;
  g_set_error (error, AX_ERROR, AX_ERROR_UNSUPPORTED,
               "%s: a network of the family %s has no naive form",
               ax_model_get_name (self->model),
               ax_model_get_family (self->model));
  return FALSE;
}

AxScanPlan *
ax_scan_plan_new (AxSlide *slide, AxTissue *tissue, AxModel *model, AxScale mpp,
                  const AxScanOptions *options, GError **error)
{
  g_autoptr (AxScanPlan) self = NULL;
  guint n_tasks;

  g_return_val_if_fail (slide != NULL, NULL);
  g_return_val_if_fail (tissue != NULL, NULL);
  g_return_val_if_fail (model != NULL, NULL);
  g_return_val_if_fail (mpp.x > 0 && mpp.y > 0, NULL);
  g_return_val_if_fail (options != NULL, NULL);
  g_return_val_if_fail (options->min_tissue >= 0, NULL);
  g_return_val_if_fail (options->alpha > 0, NULL);
  ax_model_get_tasks (model, &n_tasks);
  g_return_val_if_fail (options->output < n_tasks, NULL);

  self = g_new0 (AxScanPlan, 1);
  g_atomic_ref_count_init (&self->refs);
  self->slide = ax_slide_ref (slide);
  self->tissue = ax_tissue_ref (tissue);
  self->model = ax_model_ref (model);
  self->options = *options;
  self->rois = g_array_new (FALSE, FALSE, sizeof (AxRoi));

  if (!check_form (self, error)
      || !ax_dense_init (
          &self->dense, ax_model_get_cell_field (model, options->alpha),
          ax_model_get_stride (model), options->alpha, options->roi_px, error)
      || !set_geometry (self, mpp, error) || !set_region (self, error)
      || !list_rois (self, error))
    return NULL;
  set_hash (self);
  return g_steal_pointer (&self);
}

AxScanPlan *
ax_scan_plan_ref (AxScanPlan *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
ax_scan_plan_unref (AxScanPlan *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->refs))
    return;
  ax_slide_unref (self->slide);
  ax_tissue_unref (self->tissue);
  ax_model_unref (self->model);
  g_array_unref (self->rois);
  g_free (self->hash);
  g_free (self);
}

guint
ax_scan_plan_get_n_rois (const AxScanPlan *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->rois->len;
}

const AxRoi *
ax_scan_plan_get_roi (const AxScanPlan *self, guint index)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (index < self->rois->len, NULL);

  return &g_array_index (self->rois, AxRoi, index);
}

gboolean
ax_scan_plan_find_roi (const AxScanPlan *self, guint id, guint *index)
{
  guint first = 0, end;

  g_return_val_if_fail (self != NULL, FALSE);

  /* reading order is the order of ids */
  end = self->rois->len;
  while (first < end)
    {
      guint middle = first + (end - first) / 2;

      if (ax_scan_plan_get_roi (self, middle)->id < id)
        first = middle + 1;
      else
        end = middle;
    }
  if (first == self->rois->len || ax_scan_plan_get_roi (self, first)->id != id)
    return FALSE;
  *index = first;
  return TRUE;
}

const AxDense *
ax_scan_plan_get_dense (const AxScanPlan *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return &self->dense;
}

const AxScanOptions *
ax_scan_plan_get_options (const AxScanPlan *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return &self->options;
}

AxSlide *
ax_scan_plan_get_slide (const AxScanPlan *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->slide;
}

AxModel *
ax_scan_plan_get_model (const AxScanPlan *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->model;
}

AxTissue *
ax_scan_plan_get_tissue (const AxScanPlan *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->tissue;
}

const AxProbGeometry *
ax_scan_plan_get_geometry (const AxScanPlan *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return &self->geometry;
}

gboolean
ax_scan_plan_wants_cell (const AxScanPlan *self, gint64 col, gint64 row)
{
  AxCellRect cell = { .col = col, .row = row, .n_cols = 1, .n_rows = 1 };
  const AxCellRect *region = &self->region;

  if (col < region->col || col >= region->col + region->n_cols
      || row < region->row || row >= region->row + region->n_rows)
    return FALSE;
  return self->options.min_tissue <= 0
         || ax_tissue_get_fraction_in (self->tissue,
                                       ax_scan_plan_cells_to_rect (self, cell))
                >= self->options.min_tissue;
}

AxRect0
ax_scan_plan_cells_to_rect (const AxScanPlan *self, AxCellRect cells)
{
  g_return_val_if_fail (self != NULL, (AxRect0){ 0 });

  return ax_rect0_from_cells (cells.col, cells.row, cells.n_cols, cells.n_rows,
                              self->geometry.cell);
}

const char *
ax_scan_plan_get_hash (const AxScanPlan *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->hash;
}

double
ax_scan_plan_get_tissue_mm2 (const AxScanPlan *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->tissue_mm2;
}
