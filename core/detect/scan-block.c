#include "core/detect/scan-block.h"

static void
blank_damaged (const AxScanPlan *plan, const AxRoi *roi, AxRect0 damaged,
               guint16 *cells)
{
  const AxDense *dense = ax_scan_plan_get_dense (plan);
  AxCellRect rect = roi->cells;
  gint64 first_col, end_col, first_row, end_row;

  ax_dense_cells_touching (dense, damaged.x, damaged.width, &first_col,
                           &end_col);
  ax_dense_cells_touching (dense, damaged.y, damaged.height, &first_row,
                           &end_row);
  first_col = MAX (first_col, rect.col);
  first_row = MAX (first_row, rect.row);
  end_col = MIN (end_col, rect.col + rect.n_cols);
  end_row = MIN (end_row, rect.row + rect.n_rows);

  for (gint64 row = first_row; row < end_row; row++)
    for (gint64 col = first_col; col < end_col; col++)
      cells[(row - rect.row) * rect.n_cols + col - rect.col] = AX_PROB_NONE;
}

void
ax_scan_block_fill (const AxScanPlan *plan, const AxRoi *roi, const float *p,
                    const GArray *damaged, guint16 *cells)
{
  int side = ax_scan_plan_get_dense (plan)->cells;
  AxCellRect rect = roi->cells;

  for (gint64 i = 0; i < rect.n_rows; i++)
    for (gint64 j = 0; j < rect.n_cols; j++)
      cells[i * rect.n_cols + j]
          = ax_scan_plan_wants_cell (plan, rect.col + j, rect.row + i)
                ? ax_prob_quantize (p[i * side + j])
                : AX_PROB_NONE;

  for (guint i = 0; i < damaged->len; i++)
    blank_damaged (plan, roi, g_array_index (damaged, AxRect0, i), cells);
}

/* Level-0 pixels of @n cells from @cell on, before @limit. */
static double
clip_px (gint64 cell, gint64 n, double pitch, gint64 limit)
{
  double end = (cell + n) * pitch;

  return MIN (end, limit) - cell * pitch;
}

static double
cells_to_px (const AxScanPlan *plan, AxCellRect cells)
{
  AxRect0 extent = ax_slide_get_extent (ax_scan_plan_get_slide (plan));
  AxScale cell = ax_scan_plan_get_geometry (plan)->cell;

  return clip_px (cells.col, cells.n_cols, cell.x, extent.width)
         * clip_px (cells.row, cells.n_rows, cell.y, extent.height);
}

gboolean
ax_scan_block_measure (const AxScanPlan *plan, const AxRoi *roi,
                       const guint16 *cells, AxScanArea *area)
{
  AxScale mpp = ax_scan_plan_get_geometry (plan)->mpp;
  double px_to_mm2 = mpp.x * mpp.y * 1e-6;
  AxCellRect rect = roi->cells;
  AxScanArea sum = { 0 };

  for (gint64 i = 0; i < rect.n_rows; i++)
    for (gint64 j = 0; j < rect.n_cols; j++)
      {
        AxCellRect cell = { rect.col + j, rect.row + i, 1, 1 };
        gboolean filled = cells[i * rect.n_cols + j] != AX_PROB_NONE;
        gboolean wanted = ax_scan_plan_wants_cell (plan, cell.col, cell.row);
        double mm2 = cells_to_px (plan, cell) * px_to_mm2;

        if (filled && !wanted)
          return FALSE;
        if (filled)
          sum.analysed_mm2 += mm2;
        else if (wanted)
          {
            sum.failed_mm2 += mm2;
            sum.n_failed++;
          }
      }
  *area = sum;
  return TRUE;
}

double
ax_scan_block_get_px (const AxScanPlan *plan, const AxRoi *roi)
{
  return cells_to_px (plan, roi->cells);
}
