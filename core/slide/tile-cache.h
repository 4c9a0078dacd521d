#pragma once

#include "core/slide/slide.h"

G_BEGIN_DECLS

/**
 * AxTileCache:
 *
 * Decoded tiles of one slide within a byte budget.  Two threads that ask for
 * the same absent tile decode it once: the second waits for the first.  Tiles
 * of the two coarsest levels stay, where a level takes no more than an eighth
 * of the budget.
 *
 * Thread: any.
 */
typedef struct _AxTileCache AxTileCache;

AxTileCache *ax_tile_cache_new (AxSlide *slide, gsize budget_bytes);
AxTileCache *ax_tile_cache_ref (AxTileCache *self);
void ax_tile_cache_unref (AxTileCache *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxTileCache, ax_tile_cache_unref)

AxSlide *ax_tile_cache_get_slide (AxTileCache *self);

/**
 * (transfer full): the tile, decoded by the caller when absent.  Errors as
 * ax_slide_read_tile(); a failure is remembered, not retried, until
 * ax_tile_cache_forget_failures().
 */
AxTile *ax_tile_cache_read (AxTileCache *self, int level, int col, int row,
                            GError **error);

/** (transfer full) (nullable): the tile if it is here; never decodes. */
AxTile *ax_tile_cache_peek (AxTileCache *self, int level, int col, int row);
void ax_tile_cache_forget_failures (AxTileCache *self);
guint ax_tile_cache_get_n_decoded (AxTileCache *self);
gsize ax_tile_cache_get_bytes (AxTileCache *self);

G_END_DECLS
