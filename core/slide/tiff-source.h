#pragma once

#include "core/slide/slide.h"

G_BEGIN_DECLS

/**
 * AxTiffSource:
 *
 * The tiled levels of a TIFF, past OpenSlide.  Places and sizes of the tiles
 * are read once; a tile is then one pread() and one decode.
 *
 * JPEG tiles of 8-bit RGB or YCbCr go through libjpeg-turbo, whose colour
 * conversion follows the TIFF's own tag as libtiff and OpenSlide have it, not
 * the tile's markers.  Other codings that libtiff turns into RGB go through
 * libtiff, which also decides about JPEG tiles that contradict their tag.
 * (OpenSlide 3.4.1 over libtiff 4.5 draws those levels wrongly where a tile is
 * larger than the level.)
 *
 * A level is left to OpenSlide when no or more than one directory has its
 * size, or its coding is not libtiff's (JPEG 2000).  Only the vendors whose
 * levels are plain tile grids are taken: aperio, generic-tiff, philips.
 *
 * Thread: any; concurrent reads, each with a decoder of its own.
 */
typedef struct _AxTiffSource AxTiffSource;

/**
 * ax_tiff_source_new:
 * @levels: the levels OpenSlide found
 *
 * Returns: (nullable): NULL when no level can be read this way.
 */
AxTiffSource *ax_tiff_source_new (const char *path, const char *vendor,
                                  const AxSlideLevel *levels, int n_levels);
void ax_tiff_source_free (AxTiffSource *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxTiffSource, ax_tiff_source_free)

/** FALSE when OpenSlide has to read the level; sizes may be NULL. */
gboolean ax_tiff_source_has_level (const AxTiffSource *self, int level,
                                   int *tile_width, int *tile_height);

/** FALSE for a sparse tile, one that the file leaves out. */
gboolean ax_tiff_source_has_tile (const AxTiffSource *self, int level, int col,
                                  int row);

/**
 * ax_tiff_source_read_tile:
 * @pixels: out, (tile_height, tile_width) packed 0xFFRRGGBB; the part beyond
 *   the level's edge is whatever the file holds
 *
 * The tile must be there.  Errors: AX_ERROR_CORRUPT, AX_ERROR_IO,
 * AX_ERROR_MEMORY.
 */
gboolean ax_tiff_source_read_tile (AxTiffSource *self, int level, int col,
                                   int row, guint32 *pixels, GError **error);

G_END_DECLS
