#pragma once

#include "core/slide/tile-cache.h"
#include "ui/tile-picture.h"
#include "ui/tile-range.h"

G_BEGIN_DECLS

/**
 * AxTileShelf:
 *
 * The tiles of a slide that a view has at hand, as pictures: asks the loader
 * for what is to be seen, keeps what comes within a budget, remembers what is
 * damaged.  Once here, tiles of the two coarsest levels stay, unless the file
 * made them too big for that.
 *
 * Thread: main; decoding happens on the loader's workers.
 */
typedef struct _AxTileShelf AxTileShelf;

/** A tile of @level has come, or is damaged; -1: everything is other. */
typedef void (*AxTileShelfFunc) (int level, gpointer user_data);

AxTileShelf *ax_tile_shelf_new (AxTileShelfFunc changed, gpointer user_data);
void ax_tile_shelf_free (AxTileShelf *self);

/** @tiles: (nullable): NULL for no slide. */
void ax_tile_shelf_set_tiles (AxTileShelf *self, AxTileCache *tiles);
/** (nullable) (transfer none). */
AxSlide *ax_tile_shelf_get_slide (const AxTileShelf *self);

/**
 * Asks for the tiles in @visible, from @view's centre outwards, for those that
 * stay, and for a ring around @visible; drops what was asked for before and
 * has not come.  Does nothing when @visible is the same as the last time.
 */
void ax_tile_shelf_request (AxTileShelf *self, AxTileRange visible,
                            AxRect0 view);
/** Lets damaged tiles be asked for once more. */
void ax_tile_shelf_retry (AxTileShelf *self);

/** (transfer full) (nullable): NULL when it is not here. */
AxTilePicture *ax_tile_shelf_get (AxTileShelf *self, int level, int col,
                                  int row);
gboolean ax_tile_shelf_has_failed (AxTileShelf *self, int level, int col,
                                   int row);
guint ax_tile_shelf_get_n_failed (AxTileShelf *self);
/** Whether tiles of @level stay. */
gboolean ax_tile_shelf_keeps (AxTileShelf *self, int level);
gsize ax_tile_shelf_get_bytes (AxTileShelf *self);
/** See ax_tile_layer_create_overview(). */
cairo_surface_t *ax_tile_shelf_create_overview (AxTileShelf *self,
                                                AxScale *scale);

G_END_DECLS
