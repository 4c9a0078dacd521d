#pragma once

#include "core/slide/slide.h"

G_BEGIN_DECLS

/**
 * AxTissuePicture:
 *
 * A slide made small enough to look for tissue: the level nearest 8 µm/px,
 * read tile by tile and averaged over squares of pixels where that level is
 * finer.  Only the picture is held, never a level.
 *
 * @scale: level-0 pixels per pixel of the picture
 * @rgb: (height, width, 3)
 * @damaged: (height, width), non-zero where a tile could not be decoded
 *
 * Thread: owner.
 */
typedef struct
{
  int width, height;
  AxScale scale;
  int level;
  guint8 *rgb;     /* (owned) */
  guint8 *damaged; /* (owned) */
} AxTissuePicture;

/** More cells than this are never made: the picture gets coarser instead. */
#define AX_TISSUE_MAX_CELLS (G_GINT64_CONSTANT (1) << 26)

/**
 * ax_tissue_picture_new:
 * @mpp: µm per level-0 pixel, zero when unknown: a downsample of 32 is aimed at
 *
 * What lies outside the slide's bounds is white.
 *
 * Errors: AX_ERROR_IO, AX_ERROR_MEMORY; a damaged tile is no error.
 */
AxTissuePicture *ax_tissue_picture_new (AxSlide *slide, AxScale mpp,
                                        GError **error);
void ax_tissue_picture_free (AxTissuePicture *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxTissuePicture, ax_tissue_picture_free)

G_END_DECLS
