#pragma once

#include "core/base/geometry.h"
#include "core/slide/slide.h"

G_BEGIN_DECLS

/**
 * AxTissue:
 *
 * Where the tissue is: a mask at a low level with sums over strips of it.
 * Otsu (1979) on HSV saturation and on luminance of the level nearest 8 µm/px;
 * tissue is coloured or dark, but neither padding, pen, cover-slip edge nor
 * the dark background of fluorescence (algorithms.md 2).
 *
 * Thread: any; immutable, refcounted.
 */
typedef struct _AxTissue AxTissue;

/**
 * ax_tissue_detect:
 * @mpp: µm per level-0 pixel; zero when unknown (then sizes in µm^2 are taken
 *   for 0.25 µm/px and the level nearest a downsample of 32 is used)
 *
 * Reads that level tile by tile, averaging on the way where it is finer than
 * 8 µm/px, so that a slide of one level is never held whole.  A tile that
 * cannot be decoded counts as tissue: the scan tries it and reports it.
 *
 * Errors: AX_ERROR_IO, AX_ERROR_MEMORY; a damaged tile is no error.
 */
AxTissue *ax_tissue_detect (AxSlide *slide, AxScale mpp, GError **error);

/** Everything is tissue. */
AxTissue *ax_tissue_new_full (AxSlide *slide);

/**
 * From a mask image (non-zero is tissue) stretched over the slide.
 *
 * Errors: those of ax_image_load().
 */
AxTissue *ax_tissue_load (AxSlide *slide, const char *path, GError **error);

/**
 * From a mask made elsewhere: (height, width), non-zero is tissue, copied; cell
 * (0, 0) lies in the slide's corner and is @scale level-0 pixels large.
 *
 * Errors: AX_ERROR_MEMORY.
 */
AxTissue *ax_tissue_new_mask (AxSlide *slide, const guint8 *mask, int width,
                              int height, AxScale scale, GError **error);

/**
 * From an RGB image standing for a level, @scale level-0 px per pixel: the
 * same rule without a slide.  @rgb: (height, width, 3).
 */
AxTissue *ax_tissue_detect_image (const guint8 *rgb, int width, int height,
                                  AxScale scale, AxScale mpp, GError **error);

AxTissue *ax_tissue_ref (AxTissue *self);
void ax_tissue_unref (AxTissue *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxTissue, ax_tissue_unref)

/** Share of @rect (its part inside the slide) that is tissue, 0..1. */
double ax_tissue_get_fraction_in (const AxTissue *self, AxRect0 rect);
/** Share of the whole slide. */
double ax_tissue_get_fraction (const AxTissue *self);
/** Tissue area in level-0 pixels. */
double ax_tissue_get_area_px (const AxTissue *self);

int ax_tissue_get_level (const AxTissue *self); /* -1: not from a level */
/** Otsu threshold of saturation, 0..255; -1 when not detected. */
int ax_tissue_get_threshold (const AxTissue *self);
guint ax_tissue_get_n_regions (const AxTissue *self);
/** SHA-256 of the mask in hexadecimal: part of a plan's identity. */
const char *ax_tissue_get_hash (const AxTissue *self);

/** The mask: (height, width), 255 tissue, 0 not; one cell is @scale. */
const guint8 *ax_tissue_get_mask (const AxTissue *self, int *width, int *height,
                                  AxScale *scale);

/**
 * (transfer full) (element-type AxContour): outlines of the mask, in corners of
 * its cells; a corner times the mask's scale is a place in level-0 pixels.
 *
 * Errors: AX_ERROR_MEMORY.
 */
GArray *ax_tissue_trace (const AxTissue *self, GError **error);

G_END_DECLS
