#include "core/detect/dense.h"

#include "core/base/error.h"

static gboolean
is_power_of_two (int value)
{
  return value > 0 && (value & (value - 1)) == 0;
}

gboolean
ax_dense_init (AxDense *self, int field, int stride, int alpha, int roi_px,
               GError **error)
{
  int m, step;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (field > 0 && stride > 0, FALSE);

  if (!is_power_of_two (alpha) || stride % alpha != 0)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_LIMIT,
                   "dense coefficient %d is not a power of two that divides "
                   "the network's stride %d",
                   alpha, stride);
      return FALSE;
    }
  if (roi_px < field || roi_px > AX_DENSE_MAX_ROI_PX)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_LIMIT,
                   "a ROI of %d pixels is not within %d (the network's field) "
                   "and %d",
                   roi_px, field, AX_DENSE_MAX_ROI_PX);
      return FALSE;
    }

  m = (roi_px - field) / stride;
  step = stride / alpha;
  *self = (AxDense){
    .field = field,
    .stride = stride,
    .alpha = alpha,
    .step = step,
    .origin = step / 2 - field / 2,
    .cells = alpha * (m + 1),
    .input_px = field + stride * m + (alpha - 1) * step,
    .tile_cells = m + 1,
    .tile_px = field + stride * m,
  };
  return TRUE;
}

gint64
ax_dense_cell_to_px (const AxDense *self, gint64 cell)
{
  return cell * self->step + self->origin;
}

/* C's division rounds towards zero. */
static gint64
floor_div (gint64 a, gint64 b)
{
  return a / b - (a % b < 0);
}

void
ax_dense_cells_touching (const AxDense *self, gint64 px, gint64 n_px,
                         gint64 *first, gint64 *end)
{
  g_return_if_fail (n_px > 0);

  *first = floor_div (px - self->field - self->origin, self->step) + 1;
  *end = floor_div (px + n_px - 1 - self->origin, self->step) + 1;
}

void
ax_dense_interleave (const AxDense *self, const float *opt, float *dense)
{
  int alpha = self->alpha, n = self->tile_cells;

  for (int p = 0; p < alpha; p++)
    for (int q = 0; q < alpha; q++)
      for (int i = 0; i < n; i++)
        {
          float *row = dense + (gsize)(alpha * i + p) * self->cells + q;

          for (int j = 0; j < n; j++)
            row[alpha * j] = *opt++;
        }
}
