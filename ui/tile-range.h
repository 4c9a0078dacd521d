#pragma once

#include "core/slide/slide.h"

G_BEGIN_DECLS

/** AxTileRange: a rectangle of one level's tiles.  Thread: any. */
typedef struct
{
  int level;
  int col, row, n_cols, n_rows;
} AxTileRange;

/** All tiles of a level. */
AxTileRange ax_tile_range_whole (const AxSlide *slide, int level);

/** The tiles under @rect and @margin more on each side, as far as there are. */
AxTileRange ax_tile_range_under (const AxSlide *slide, int level, AxRect0 rect,
                                 int margin);

gboolean ax_tile_range_equal (AxTileRange a, AxTileRange b);

/** Decoded, all of them. */
gsize ax_tile_range_get_bytes (const AxSlide *slide, AxTileRange range);

/** Level-0 pixels per tile of a level. */
AxScale ax_tile_range_get_scale (const AxSlide *slide, int level);

G_END_DECLS
