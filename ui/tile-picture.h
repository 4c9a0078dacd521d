#pragma once

#include "core/slide/tile.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * AxTilePicture: a decoded tile in the two forms that it is painted from,
 * each made when first wanted; neither copies the pixels.
 *
 * Thread: main; refcounted.
 */
typedef struct _AxTilePicture AxTilePicture;

/** @tile: takes a reference. */
AxTilePicture *ax_tile_picture_new (AxTile *tile);
AxTilePicture *ax_tile_picture_ref (AxTilePicture *self);
void ax_tile_picture_unref (AxTilePicture *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxTilePicture, ax_tile_picture_unref)

/** (transfer none). */
GdkTexture *ax_tile_picture_get_texture (AxTilePicture *self);

/**
 * Stretches it over @rect with Cairo, by bilinear interpolation: Cairo's
 * better filter, which GSK takes for textures, is five times slower below
 * three quarters of the size.
 */
void ax_tile_picture_draw (AxTilePicture *self, cairo_t *cr,
                           const graphene_rect_t *rect);

/** Seconds since it was made. */
double ax_tile_picture_get_age_s (const AxTilePicture *self);

G_END_DECLS
