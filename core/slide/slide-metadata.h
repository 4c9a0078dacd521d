#pragma once

#include "core/base/geometry.h"
#include "core/slide/slide.h"

G_BEGIN_DECLS

/**
 * What a slide's text properties mean.  @properties maps names to values, both
 * strings.  Thread: any.
 */

/** FALSE when absent, not a number, or outside [@min, @max]. */
gboolean ax_slide_metadata_get_number (GHashTable *properties, const char *name,
                                       double min, double max, double *value);

/**
 * µm per level-0 pixel: OpenSlide's, else from the TIFF resolution tags.
 * FALSE when unknown, which an implausible value (a printer's 72 dpi) is too.
 */
gboolean ax_slide_metadata_get_mpp (GHashTable *properties, AxScale *mpp);

/** The scanned part of @extent; all of it when not stated. */
AxRect0 ax_slide_metadata_get_bounds (GHashTable *properties, AxRect0 extent);

/**
 * ax_slide_metadata_get_scale:
 * @downsample: OpenSlide's
 *
 * The scale of @level under @base, level 0.  Levels are made by halving and
 * rounding, so the ratio of the widths is not quite the scale: 96,651 px make
 * 377, of 256 px each.  A power of two, or else a whole number, that gives the
 * level's sides is therefore taken for the scale.
 */
AxScale ax_slide_metadata_get_scale (const AxSlideLevel *base,
                                     const AxSlideLevel *level,
                                     double downsample);

/**
 * (transfer full) (nullable): SHA-256 over the file's size, first and last
 * MiB, in hexadecimal.  Errors: AX_ERROR_IO.
 */
char *ax_slide_metadata_hash_file (const char *path, GError **error);

G_END_DECLS
