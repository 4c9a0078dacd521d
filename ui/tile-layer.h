#pragma once

#include "core/slide/tile-cache.h"
#include "ui/frames.h"
#include "ui/layer.h"

G_BEGIN_DECLS

/**
 * AxTileLayer:
 *
 * The slide itself.  Takes the level whose pixels are at most as large as the
 * screen's, asks for its cells from the centre outwards, none while the view
 * is flying, and paints for each cell the best tile there is: of this level,
 * or a coarser one beneath.  Once here, tiles of the two coarsest levels stay;
 * the others are held within a budget.
 *
 * Edges fall on whole device pixels, so that neighbours share them at every
 * zoom and scale.  A damaged tile is hatched and not asked for again.  The
 * ground outside the slide is neutral grey, inside it white until a tile
 * comes.
 *
 * Thread: main; decoding happens on the loader's workers.
 */
#define AX_TYPE_TILE_LAYER (ax_tile_layer_get_type ())
G_DECLARE_FINAL_TYPE (AxTileLayer, ax_tile_layer, AX, TILE_LAYER, AxLayer)

/** What of a cell was painted by the last snapshot, for debug views. */
typedef struct
{
  int level, col, row;
  AxRect0 rect;
  gboolean is_drawn, has_failed;
  gboolean is_covered; /* by itself or something coarser */
  double age_s;        /* since it was decoded */
} AxTileState;

AxTileLayer *ax_tile_layer_new (void);

/** @tiles: (nullable): NULL for no slide. */
void ax_tile_layer_set_tiles (AxTileLayer *self, AxTileCache *tiles);

/** Lets damaged tiles be asked for once more. */
void ax_tile_layer_retry (AxTileLayer *self);

/** Of the last snapshot. */
void ax_tile_layer_get_counts (AxTileLayer *self, AxTileCounts *counts);

/** Bytes of the tiles it holds. */
gsize ax_tile_layer_get_bytes (AxTileLayer *self);

/**
 * (transfer full) (element-type AxTileState): the cells of the last snapshot.
 */
GArray *ax_tile_layer_list_cells (AxTileLayer *self);

/**
 * (transfer full) (nullable): the whole slide as one picture, from the
 * coarsest level; NULL until all of it is here.  @scale: level-0 pixels per
 * pixel.  Signal "overview-changed" when that may have changed.
 */
cairo_surface_t *ax_tile_layer_create_overview (AxTileLayer *self,
                                                AxScale *scale);

G_END_DECLS
