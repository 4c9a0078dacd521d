#include "core/slide/tile.h"

AxTile *
ax_tile_new_take (int width, int height, guint32 *pixels)
{
  AxTile *self;

  g_return_val_if_fail (width > 0 && height > 0, NULL);
  g_return_val_if_fail (pixels != NULL, NULL);

  self = g_atomic_rc_box_new0 (AxTile);
  self->width = width;
  self->height = height;
  self->stride = (gsize)width * sizeof *pixels;
  self->pixels = pixels;
  return self;
}

AxTile *
ax_tile_ref (AxTile *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

static void
tile_clear (gpointer data)
{
  AxTile *self = data;

  g_free ((gpointer)self->pixels);
}

void
ax_tile_unref (AxTile *self)
{
  if (self != NULL)
    g_atomic_rc_box_release_full (self, tile_clear);
}

gsize
ax_tile_get_bytes (const AxTile *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->stride * self->height;
}
