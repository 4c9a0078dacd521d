#pragma once

#include "core/base/geometry.h"
#include "core/slide/tile.h"

G_BEGIN_DECLS

/**
 * AxSlide:
 *
 * An open whole-slide image: levels, micrometres per pixel, bounds, quickhash,
 * associated images, and tiles as the one way to its pixels.
 *
 * µm/px come from OpenSlide, else from the TIFF resolution tags, else they are
 * unknown (0) and never assumed; values outside 0.05..20 mean nothing.
 *
 * OpenSlide's error is sticky: after a damaged tile the handle is closed and
 * opened again, once a tile, so that the rest of the slide stays readable.
 *
 * Tiles of tiled TIFF and SVS are read past OpenSlide by tiff-source, JPEG
 * several times faster; whatever that does not fully understand goes through
 * OpenSlide.  Both give the same grid.
 *
 * Thread: any; immutable after open, concurrent reads.
 */
typedef struct _AxSlide AxSlide;

typedef struct
{
  gint64 width, height; /* pixels of this level */
  AxScale scale; /* level-0 pixels per pixel of this level: what the level was
                    made with, not the ratio of its rounded sides */
  int tile_width, tile_height;
} AxSlideLevel;

/**
 * ax_slide_open:
 *
 * Errors: AX_ERROR_IO (missing, unreadable), AX_ERROR_FORMAT (not a slide),
 * naming the file.
 */
AxSlide *ax_slide_open (const char *path, GError **error);
AxSlide *ax_slide_ref (AxSlide *self);
void ax_slide_unref (AxSlide *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxSlide, ax_slide_unref)

const char *ax_slide_get_path (const AxSlide *self);
const char *ax_slide_get_vendor (const AxSlide *self);

int ax_slide_get_n_levels (const AxSlide *self);
const AxSlideLevel *ax_slide_get_level (const AxSlide *self, int level);

/** Level 0 as a rectangle at the origin. */
AxRect0 ax_slide_get_extent (const AxSlide *self);

/** The scanned part; the whole extent where the format has no bounds. */
AxRect0 ax_slide_get_bounds (const AxSlide *self);

/** µm per level-0 pixel; FALSE when unknown.  */
gboolean ax_slide_get_mpp (const AxSlide *self, AxScale *mpp);
/** Objective power, 0 when unknown. */
double ax_slide_get_objective (const AxSlide *self);

/**
 * Identity of the content: OpenSlide's quickhash-1 where there is one, else
 * SHA-256 over size, first and last MiB, in hexadecimal.
 */
const char *ax_slide_get_hash (const AxSlide *self);

/** Whether level @level is read by tiff-source. */
gboolean ax_slide_has_fast_tiles (const AxSlide *self, int level);

/** (transfer none) (nullable): an OpenSlide property. */
const char *ax_slide_get_property (const AxSlide *self, const char *name);
/** (transfer none): NULL-terminated names. */
const char *const *ax_slide_get_property_names (const AxSlide *self);

/** (transfer none): NULL-terminated names of label, macro, thumbnail. */
const char *const *ax_slide_get_associated_names (const AxSlide *self);
/**
 * (transfer full).  Errors: AX_ERROR_NOT_FOUND, AX_ERROR_LIMIT,
 * AX_ERROR_CORRUPT, AX_ERROR_IO, AX_ERROR_MEMORY.
 */
AxTile *ax_slide_read_associated (AxSlide *self, const char *name,
                                  GError **error);

/** The level with the largest scale that is at most @scale (with 1 % grace). */
int ax_slide_get_best_level (const AxSlide *self, double scale);

/**
 * ax_slide_read_tile:
 *
 * Decodes tile (@col, @row) of the level's tile grid.  Pixels beyond the
 * level's edge are white; edge tiles have full size.  Not cached: see
 * tile-cache.h.
 *
 * Errors: AX_ERROR_CORRUPT when the tile is damaged (the slide stays usable),
 * AX_ERROR_IO when the file has gone, AX_ERROR_MEMORY.
 */
AxTile *ax_slide_read_tile (AxSlide *self, int level, int col, int row,
                            GError **error);

G_END_DECLS
