#include "ui/tile-range.h"

AxScale
ax_tile_range_get_scale (const AxSlide *slide, int level)
{
  const AxSlideLevel *info = ax_slide_get_level (slide, level);

  return (AxScale){ info->scale.x * info->tile_width,
                    info->scale.y * info->tile_height };
}

AxTileRange
ax_tile_range_whole (const AxSlide *slide, int level)
{
  const AxSlideLevel *info = ax_slide_get_level (slide, level);

  return (AxTileRange){
    .level = level,
    .n_cols = (int)((info->width + info->tile_width - 1) / info->tile_width),
    .n_rows = (int)((info->height + info->tile_height - 1) / info->tile_height),
  };
}

/* Narrows [first, first + n) to [0, limit). */
static void
clip_span (gint64 first, gint64 n, int limit, int *clipped, int *n_clipped)
{
  gint64 start = CLAMP (first, 0, limit), end = CLAMP (first + n, 0, limit);

  *clipped = (int)start;
  *n_clipped = (int)(end - start);
}

AxTileRange
ax_tile_range_under (const AxSlide *slide, int level, AxRect0 rect, int margin)
{
  AxRectL tiles
      = ax_rect0_to_level (rect, level, ax_tile_range_get_scale (slide, level));
  AxTileRange whole = ax_tile_range_whole (slide, level);
  AxTileRange range = { .level = level };

  clip_span (tiles.x - margin, tiles.width + 2 * margin, whole.n_cols,
             &range.col, &range.n_cols);
  clip_span (tiles.y - margin, tiles.height + 2 * margin, whole.n_rows,
             &range.row, &range.n_rows);
  return range;
}

gboolean
ax_tile_range_equal (AxTileRange a, AxTileRange b)
{
  return a.level == b.level && a.col == b.col && a.row == b.row
         && a.n_cols == b.n_cols && a.n_rows == b.n_rows;
}

gsize
ax_tile_range_get_bytes (const AxSlide *slide, AxTileRange range)
{
  const AxSlideLevel *info = ax_slide_get_level (slide, range.level);

  return (gsize)range.n_cols * range.n_rows * info->tile_width
         * info->tile_height * sizeof (guint32);
}
