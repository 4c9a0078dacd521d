#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * Spaces.  Level-0 pixels are the one internal frame: origin at the top left
 * of the slide's level-0 image, pixel (0,0) covers [0,1) x [0,1).  Rectangles
 * of other levels are another type, so that mixing them does not compile, and
 * this file is the only place that converts between spaces.
 *
 * Conversions round outwards to whole pixels; an edge within a millionth of a
 * pixel of a whole one counts as whole, which absorbs the rounding of scales
 * such as 0.5 / 0.2425.  Scales are finite and positive.  Coordinates are
 * meant to stay within +-2^53; results beyond +-2^61 are clamped there.
 * Thread: any.
 */

/** AxPoint0: a position in level-0 pixels. */
typedef struct
{
  double x, y;
} AxPoint0;

/** AxRect0: a rectangle in whole level-0 pixels; empty if a side is <= 0. */
typedef struct
{
  gint64 x, y, width, height;
} AxRect0;

/** AxRectL: a rectangle in whole pixels of pyramid level @level. */
typedef struct
{
  int level;
  gint64 x, y, width, height;
} AxRectL;

/**
 * AxScale: level-0 pixels per unit of another space (level, model pixel, map
 * cell), per axis.  1 maps the space onto level 0.
 */
typedef struct
{
  double x, y;
} AxScale;

gboolean ax_rect0_is_empty (AxRect0 rect);

/** Same position and same size, of empty ones too. */
gboolean ax_rect0_equal (AxRect0 a, AxRect0 b);

/** Left and top edges belong to @rect, right and bottom ones do not. */
gboolean ax_rect0_contains (AxRect0 rect, AxPoint0 point);

/** The common part; width and height are 0 where there is none. */
AxRect0 ax_rect0_intersect (AxRect0 a, AxRect0 b);

/** The smallest rectangle holding both; an empty one adds nothing. */
AxRect0 ax_rect0_union (AxRect0 a, AxRect0 b);

/**
 * ax_rect0_to_level:
 *
 * The smallest whole-pixel rectangle of level @level that covers @rect, where
 * one level pixel is @scale level-0 pixels.  An empty one stays empty.
 */
AxRectL ax_rect0_to_level (AxRect0 rect, int level, AxScale scale);

/** The smallest whole level-0 rectangle that covers @rect. */
AxRect0 ax_rect0_from_level (AxRectL rect, AxScale scale);

/**
 * ax_rect0_from_cells:
 *
 * Level-0 rectangle of cells [col, col+n_cols) x [row, row+n_rows), rounded
 * outwards, where one cell is @cell level-0 pixels.
 */
AxRect0 ax_rect0_from_cells (gint64 col, gint64 row, gint64 n_cols,
                             gint64 n_rows, AxScale cell);

/** Level-0 position of the point (x, y) of a space of scale @scale. */
AxPoint0 ax_point0_from_space (double x, double y, AxScale scale);

G_END_DECLS
