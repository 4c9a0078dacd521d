#include "core/base/geometry.h"

#include <math.h>

/* Absorbs the rounding of scales such as 0.5 / 0.2425; see the header. */
#define SNAP_PX 1e-6

/* Keeps sums and differences of two coordinates inside gint64. */
#define COORDINATE_MAX 0x1p61

static gboolean
scale_is_valid (AxScale scale)
{
  return isfinite (scale.x) && isfinite (scale.y) && scale.x > 0 && scale.y > 0;
}

static gint64
floor_px (double value)
{
  return (gint64)floor (
      CLAMP (value + SNAP_PX, -COORDINATE_MAX, COORDINATE_MAX));
}

static gint64
ceil_px (double value)
{
  return (gint64)ceil (
      CLAMP (value - SNAP_PX, -COORDINATE_MAX, COORDINATE_MAX));
}

static AxRect0
rect0_from_edges (gint64 left, gint64 top, gint64 right, gint64 bottom)
{
  return (AxRect0){ left, top, right - left, bottom - top };
}

gboolean
ax_rect0_is_empty (AxRect0 rect)
{
  return rect.width <= 0 || rect.height <= 0;
}

gboolean
ax_rect0_equal (AxRect0 a, AxRect0 b)
{
  return a.x == b.x && a.y == b.y && a.width == b.width && a.height == b.height;
}

gboolean
ax_rect0_contains (AxRect0 rect, AxPoint0 point)
{
  return point.x >= rect.x && point.x < rect.x + rect.width && point.y >= rect.y
         && point.y < rect.y + rect.height;
}

AxRect0
ax_rect0_intersect (AxRect0 a, AxRect0 b)
{
  AxRect0 common = rect0_from_edges (MAX (a.x, b.x), MAX (a.y, b.y),
                                     MIN (a.x + a.width, b.x + b.width),
                                     MIN (a.y + a.height, b.y + b.height));

  if (ax_rect0_is_empty (common))
    common.width = common.height = 0;
  return common;
}

AxRect0
ax_rect0_union (AxRect0 a, AxRect0 b)
{
  if (ax_rect0_is_empty (a))
    return b;
  if (ax_rect0_is_empty (b))
    return a;
  return rect0_from_edges (MIN (a.x, b.x), MIN (a.y, b.y),
                           MAX (a.x + a.width, b.x + b.width),
                           MAX (a.y + a.height, b.y + b.height));
}

AxRectL
ax_rect0_to_level (AxRect0 rect, int level, AxScale scale)
{
  AxRectL covering = { .level = level };

  g_return_val_if_fail (scale_is_valid (scale), covering);

  covering.x = floor_px (rect.x / scale.x);
  covering.y = floor_px (rect.y / scale.y);
  if (ax_rect0_is_empty (rect))
    return covering;
  covering.width = ceil_px ((rect.x + rect.width) / scale.x) - covering.x;
  covering.height = ceil_px ((rect.y + rect.height) / scale.y) - covering.y;
  return covering;
}

AxRect0
ax_rect0_from_level (AxRectL rect, AxScale scale)
{
  return ax_rect0_from_cells (rect.x, rect.y, rect.width, rect.height, scale);
}

AxRect0
ax_rect0_from_cells (gint64 col, gint64 row, gint64 n_cols, gint64 n_rows,
                     AxScale cell)
{
  gint64 left, top;

  g_return_val_if_fail (scale_is_valid (cell), (AxRect0){ 0 });

  left = floor_px (col * cell.x);
  top = floor_px (row * cell.y);
  if (n_cols <= 0 || n_rows <= 0)
    return (AxRect0){ left, top, 0, 0 };
  return rect0_from_edges (left, top, ceil_px ((col + n_cols) * cell.x),
                           ceil_px ((row + n_rows) * cell.y));
}

AxPoint0
ax_point0_from_space (double x, double y, AxScale scale)
{
  return (AxPoint0){ x * scale.x, y * scale.y };
}
