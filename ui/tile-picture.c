#include "ui/tile-picture.h"

#include "core/base/trace.h"

struct _AxTilePicture
{
  AxTile *tile;
  GdkTexture *texture;
  cairo_surface_t *surface;
  gint64 made_us;
};

static void
tile_picture_clear (gpointer data)
{
  AxTilePicture *self = data;

  g_clear_object (&self->texture);
  g_clear_pointer (&self->surface, cairo_surface_destroy);
  ax_tile_unref (self->tile);
}

AxTilePicture *
ax_tile_picture_new (AxTile *tile)
{
  AxTilePicture *self = g_rc_box_new0 (AxTilePicture);

  self->tile = ax_tile_ref (tile);
  self->made_us = ax_trace_now_us ();
  return self;
}

AxTilePicture *
ax_tile_picture_ref (AxTilePicture *self)
{
  return g_rc_box_acquire (self);
}

void
ax_tile_picture_unref (AxTilePicture *self)
{
  g_rc_box_release_full (self, tile_picture_clear);
}

GdkTexture *
ax_tile_picture_get_texture (AxTilePicture *self)
{
  AxTile *tile = self->tile;
  g_autoptr (GBytes) bytes = NULL;

  if (self->texture != NULL)
    return self->texture;
  bytes = g_bytes_new_with_free_func (tile->pixels, tile->stride * tile->height,
                                      (GDestroyNotify)ax_tile_unref,
                                      ax_tile_ref (tile));
  self->texture = gdk_memory_texture_new (
      tile->width, tile->height, GDK_MEMORY_DEFAULT, bytes, tile->stride);
  return self->texture;
}

static cairo_surface_t *
get_surface (AxTilePicture *self)
{
  static const cairo_user_data_key_t key;
  AxTile *tile = self->tile;

  if (self->surface != NULL)
    return self->surface;
  self->surface = cairo_image_surface_create_for_data (
      (guchar *)tile->pixels, CAIRO_FORMAT_RGB24, tile->width, tile->height,
      (int)tile->stride);
  cairo_surface_set_user_data (self->surface, &key, ax_tile_ref (tile),
                               (cairo_destroy_func_t)ax_tile_unref);
  return self->surface;
}

void
ax_tile_picture_draw (AxTilePicture *self, cairo_t *cr,
                      const graphene_rect_t *rect)
{
  cairo_pattern_t *pattern
      = cairo_pattern_create_for_surface (get_surface (self));
  cairo_matrix_t matrix;

  cairo_matrix_init_scale (&matrix, self->tile->width / rect->size.width,
                           self->tile->height / rect->size.height);
  cairo_matrix_translate (&matrix, -rect->origin.x, -rect->origin.y);
  cairo_pattern_set_matrix (pattern, &matrix);
  cairo_pattern_set_filter (pattern, CAIRO_FILTER_BILINEAR);
  cairo_pattern_set_extend (pattern, CAIRO_EXTEND_PAD);
  cairo_set_source (cr, pattern);
  cairo_set_antialias (cr, CAIRO_ANTIALIAS_NONE);
  cairo_rectangle (cr, rect->origin.x, rect->origin.y, rect->size.width,
                   rect->size.height);
  cairo_fill (cr);
  cairo_pattern_destroy (pattern);
}

double
ax_tile_picture_get_age_s (const AxTilePicture *self)
{
  return (ax_trace_now_us () - self->made_us) / 1e6;
}
