#pragma once

#include "ui/layer.h"

#include <math.h>

/**
 * A layer as painted on @background (0xRRGGBB), at @scale device pixels per
 * logical one, with no display.
 */
static inline cairo_surface_t *
paint_layer (AxLayer *layer, AxViewport *viewport, double scale,
             guint32 background)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  GskRenderNode *node;
  cairo_surface_t *surface;
  cairo_t *cr;
  double width, height;

  ax_viewport_get_size (viewport, &width, &height);
  surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24,
                                        (int)ceil (width * scale),
                                        (int)ceil (height * scale));
  cr = cairo_create (surface);
  cairo_set_source_rgb (cr, (background >> 16 & 0xFF) / 255.0,
                        (background >> 8 & 0xFF) / 255.0,
                        (background & 0xFF) / 255.0);
  cairo_paint (cr);
  cairo_scale (cr, scale, scale);
  ax_layer_snapshot_all (&layer, 1, snapshot, viewport, scale);
  node = gtk_snapshot_free_to_node (snapshot);
  if (node != NULL)
    {
      gsk_render_node_draw (node, cr);
      gsk_render_node_unref (node);
    }
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  return surface;
}

/** 0xRRGGBB of a device pixel. */
static inline guint32
pixel_at (cairo_surface_t *surface, int x, int y)
{
  const guint8 *data = cairo_image_surface_get_data (surface);
  const guint32 *row
      = (const guint32
             *)(gconstpointer)(data
                               + (gsize)y
                                     * cairo_image_surface_get_stride (
                                         surface));

  g_assert_cmpint (x, <, cairo_image_surface_get_width (surface));
  g_assert_cmpint (y, <, cairo_image_surface_get_height (surface));
  return row[x] & 0xFFFFFF;
}

/** Number of pixels that are not @color. */
static inline guint
count_other (cairo_surface_t *surface, guint32 color)
{
  guint n = 0;

  for (int y = 0; y < cairo_image_surface_get_height (surface); y++)
    for (int x = 0; x < cairo_image_surface_get_width (surface); x++)
      n += pixel_at (surface, x, y) != color;
  return n;
}

/** Number of pixels that are @color. */
static inline guint
count_pixels (cairo_surface_t *surface, guint32 color)
{
  return cairo_image_surface_get_width (surface)
             * cairo_image_surface_get_height (surface)
         - count_other (surface, color);
}

/** (transfer full): a view of @size logical pixels a side, its left and top
 * edge on the slide's. */
static inline AxViewport *
viewport_at_origin (AxRect0 extent, double mpp, double size, double zoom)
{
  AxViewport *viewport = ax_viewport_new ();

  ax_viewport_set_size (viewport, size, size);
  ax_viewport_set_slide (viewport, extent, extent, (AxScale){ mpp, mpp });
  ax_viewport_set (viewport, (AxPoint0){ size / zoom / 2, size / zoom / 2 },
                   zoom);
  return viewport;
}
