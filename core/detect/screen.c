#include "core/detect/screen.h"

#include "core/base/error.h"
#include "core/detect/morphology.h"

#include <math.h>

/* Cells of which the first network is not sure. */
static gboolean
add_doubtful (AxBitPlane *plane, AxProbMap *map, guint16 threshold,
              GError **error)
{
  g_autoptr (AxProbSnapshot) snapshot = ax_prob_snapshot_new (map, error);

  if (snapshot == NULL)
    return FALSE;
  for (gint64 row = 0; row < snapshot->n_rows; row++)
    for (gint64 col = 0; col < snapshot->n_cols; col++)
      {
        const AxProbTile *tile = snapshot->tiles[row * snapshot->n_cols + col];

        if (tile != NULL)
          ax_bit_planes_add_tile (&plane, &threshold, 1, tile, col, row);
      }
  return TRUE;
}

/* Calls @func for each cell that the plan wants. */
static void
for_each_wanted (AxScanPlan *plan,
                 void (*func) (gint64 col, gint64 row, gpointer data),
                 gpointer data)
{
  for (guint i = 0; i < ax_scan_plan_get_n_rois (plan); i++)
    {
      AxCellRect cells = ax_scan_plan_get_roi (plan, i)->cells;

      for (gint64 row = cells.row; row < cells.row + cells.n_rows; row++)
        for (gint64 col = cells.col; col < cells.col + cells.n_cols; col++)
          if (ax_scan_plan_wants_cell (plan, col, row))
            func (col, row, data);
    }
}

typedef struct
{
  AxScanPlan *plan;
  AxProbMap *map;
  AxBitPlane *plane;
  guint8 *mask; /* (height, width) of the map */
  double skipped_px;
} Screen;

static void
add_unread (gint64 col, gint64 row, gpointer data)
{
  Screen *self = data;
  AxRun run = { .row = row, .start = col, .end = col + 1 };

  if (ax_prob_map_get (self->map, col, row) == AX_PROB_NONE)
    ax_bit_plane_add_run (self->plane, &run);
}

static gboolean
holds (const AxBitPlane *plane, gint64 col, gint64 row)
{
  AxBitSpan span = plane->spans[row];
  gint64 word = col / 64;

  return word >= span.first && word < span.end
         && (ax_bit_plane_row (plane, row)[word] >> (col % 64) & 1) != 0;
}

static void
keep_or_skip (gint64 col, gint64 row, gpointer data)
{
  Screen *self = data;
  AxRect0 rect;

  if (holds (self->plane, col, row))
    {
      self->mask[row * self->plane->width + col] = 255;
      return;
    }
  rect
      = ax_scan_plan_cells_to_rect (self->plan, (AxCellRect){ col, row, 1, 1 });
  rect = ax_rect0_intersect (
      rect, ax_slide_get_extent (ax_scan_plan_get_slide (self->plan)));
  self->skipped_px
      += ax_tissue_get_fraction_in (ax_scan_plan_get_tissue (self->plan), rect)
         * (double)rect.width * (double)rect.height;
}

AxTissue *
ax_screen_scan (AxScan *scan, double threshold, double *skipped_mm2,
                GError **error)
{
  AxScanPlan *plan;
  const AxProbGeometry *geometry;
  const AxDense *dense;
  g_autoptr (AxBitPlane) plane = NULL;
  g_autofree guint8 *mask = NULL;
  AxTissue *tissue;
  Screen self;

  g_return_val_if_fail (AX_IS_SCAN (scan), NULL);
  g_return_val_if_fail (ax_scan_get_state (scan) == AX_SCAN_DONE, NULL);
  g_return_val_if_fail (threshold > 0, NULL);

  plan = ax_scan_get_plan (scan);
  geometry = ax_scan_plan_get_geometry (plan);
  dense = ax_scan_plan_get_dense (plan);
  plane = ax_bit_plane_new (geometry->width, geometry->height, error);
  if (plane == NULL)
    return NULL;
  mask = g_try_malloc0 ((gsize)geometry->width * geometry->height);
  if (mask == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "no memory for %" G_GINT64_FORMAT " x %" G_GINT64_FORMAT
                   " cells of a cascade",
                   geometry->width, geometry->height);
      return NULL;
    }

  self = (Screen){ plan, ax_scan_get_map (scan), plane, mask, 0 };
  if (!add_doubtful (plane, self.map, ax_prob_threshold (threshold), error))
    return NULL;
  for_each_wanted (plan, add_unread, &self);
  if (!ax_bit_plane_dilate (plane, hypot (dense->field, dense->field) / 2,
                            (AxScale){ dense->step, dense->step }, error))
    return NULL;
  for_each_wanted (plan, keep_or_skip, &self);

  tissue = ax_tissue_new_mask (ax_scan_plan_get_slide (plan), mask,
                               geometry->width, geometry->height,
                               geometry->cell, error);
  if (tissue != NULL && skipped_mm2 != NULL)
    *skipped_mm2 = self.skipped_px * geometry->mpp.x * geometry->mpp.y * 1e-6;
  return tissue;
}
