#pragma once

#include "tests/support/slide-writer.h"

G_BEGIN_DECLS

/**
 * AxTileCoder: turns pixels into what a slide of the spec stores of a tile.
 * The spec must outlive it.  Thread: owner.
 */
typedef struct _AxTileCoder AxTileCoder;

AxTileCoder *ax_tile_coder_new (const AxSlideSpec *spec, int tile);
void ax_tile_coder_free (AxTileCoder *self);

/** (transfer full): the bytes of a tile.  @rgb: (tile, tile, 3). */
GByteArray *ax_tile_coder_encode (AxTileCoder *self, const guint8 *rgb);

/** The tables that the tiles share, where the spec says so; valid after the
    first tile. */
const GByteArray *ax_tile_coder_get_tables (const AxTileCoder *self);

G_END_DECLS
