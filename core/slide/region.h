#pragma once

#include "core/slide/tile-cache.h"

G_BEGIN_DECLS

/**
 * AxRegionReader:
 *
 * The scan's side of a slide: rectangles of the slide resampled to the model's
 * µm/px ("model pixels"), packed RGB8, white outside the slide.
 *
 * Model pixel (i, j) covers level-0 [i*f, (i+1)*f) x [j*f, (j+1)*f) with
 * f = model µm/px over slide µm/px, per axis (algorithms.md 1.6), and its
 * colour is the area-weighted mean of the pixels it covers on the best level,
 * the one with the largest scale that is at most f (bilinear where the model is
 * finer than level 0).  It depends on (i, j) alone, bit by bit, so rectangles
 * read apart meet without a seam.  Where f is within 2 % of a level's own
 * scale, f is set to it and pixels are copied unchanged.
 *
 * Thread: immutable; concurrent reads.
 */
typedef struct _AxRegionReader AxRegionReader;

/**
 * @slide_mpp: µm per level-0 pixel, known or given by the user
 * @model_mpp: µm per model pixel
 *
 * Errors: AX_ERROR_LIMIT when the two are absurdly apart (f outside 1/8..256).
 */
AxRegionReader *ax_region_reader_new (AxTileCache *cache, AxScale slide_mpp,
                                      double model_mpp, GError **error);
void ax_region_reader_free (AxRegionReader *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxRegionReader, ax_region_reader_free)

/** f: level-0 pixels per model pixel. */
AxScale ax_region_reader_get_scale (const AxRegionReader *self);
/** The slide's size in model pixels, rounded up. */
void ax_region_reader_get_size (const AxRegionReader *self, gint64 *width,
                                gint64 *height);
int ax_region_reader_get_level (const AxRegionReader *self);

/**
 * ax_region_reader_read:
 * @x, @y: first model pixel, may be negative or beyond the slide
 * @rgb: out, (height, width, 3); undefined after a failure
 * @damaged: (element-type AxRect0) (nullable): gets the rectangles, in model
 *   pixels of the slide, that a damaged tile left white within this one; one
 *   that is in it already is not added again
 *
 * Besides the cache it holds one row of tiles at most 8192 level pixels wide.
 *
 * Errors: AX_ERROR_IO when the file has gone, AX_ERROR_MEMORY; a damaged tile
 * is no error.
 */
gboolean ax_region_reader_read (AxRegionReader *self, gint64 x, gint64 y,
                                int width, int height, guint8 *rgb,
                                GArray *damaged, GError **error);

G_END_DECLS
