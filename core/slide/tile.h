#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AxTile:
 *
 * Immutable pixels, premultiplied native-endian BGRA words as Cairo's RGB24
 * and GDK's B8G8R8X8: 0xFFRRGGBB.  Rows are @stride bytes apart.
 *
 * Thread: any; atomically refcounted.
 */
typedef struct
{
  int width, height;
  gsize stride;
  const guint32 *pixels;
} AxTile;

/** (transfer full) @pixels: freed with g_free(). */
AxTile *ax_tile_new_take (int width, int height, guint32 *pixels);
AxTile *ax_tile_ref (AxTile *self);
void ax_tile_unref (AxTile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxTile, ax_tile_unref)

gsize ax_tile_get_bytes (const AxTile *self);

G_END_DECLS
