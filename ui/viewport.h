#pragma once

#include "core/base/geometry.h"

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * AxViewport:
 *
 * What part of a slide is on screen: a centre in level-0 pixels and a zoom in
 * screen pixels per level-0 pixel, over a view of a given size in screen
 * pixels (GTK's logical pixels).  Knows nothing of GTK.
 *
 * The zoom is kept between the one that shows the whole slide in a quarter of
 * the view and 8 screen pixels per level-0 pixel; the centre stays on the
 * slide.
 *
 * Signal "changed": position, zoom or size differ from before.
 * Thread: main.
 */
#define AX_TYPE_VIEWPORT (ax_viewport_get_type ())
G_DECLARE_FINAL_TYPE (AxViewport, ax_viewport, AX, VIEWPORT, GObject)

AxViewport *ax_viewport_new (void);

/** @extent: level-0 pixels of the slide; @bounds: the part to fit; @mpp: µm
 * per level-0 pixel, 0 when unknown. */
void ax_viewport_set_slide (AxViewport *self, AxRect0 extent, AxRect0 bounds,
                            AxScale mpp);
void ax_viewport_set_size (AxViewport *self, double width, double height);
void ax_viewport_get_size (AxViewport *self, double *width, double *height);

AxPoint0 ax_viewport_get_center (AxViewport *self);
double ax_viewport_get_zoom (AxViewport *self);
void ax_viewport_set (AxViewport *self, AxPoint0 center, double zoom);

/** Multiplies the zoom, keeping what is under screen point (x, y) there. */
void ax_viewport_zoom_at (AxViewport *self, double factor, double x, double y);
void ax_viewport_pan (AxViewport *self, double dx, double dy);
void ax_viewport_fit (AxViewport *self);
/** Shows @rect with some margin, no closer than @max_zoom. */
void ax_viewport_show (AxViewport *self, AxRect0 rect, double max_zoom);

/**
 * True magnification: 10 µm per screen pixel is 1x, 0.25 is 40x.  Without
 * µm/px: 0, and setting it takes level 0 for 40x.
 */
double ax_viewport_get_magnification (AxViewport *self);
void ax_viewport_set_magnification (AxViewport *self, double magnification);
double ax_viewport_zoom_of_magnification (AxViewport *self,
                                          double magnification);

void ax_viewport_to_screen (AxViewport *self, AxPoint0 point, double *x,
                            double *y);
AxPoint0 ax_viewport_to_slide (AxViewport *self, double x, double y);
/** The level-0 rectangle on screen, rounded outwards, not clipped. */
AxRect0 ax_viewport_get_visible (AxViewport *self);
/**
 * Whether the view moves too fast to be worth loading for.  Landing counts as
 * a change.
 */
void ax_viewport_set_flying (AxViewport *self, gboolean flying);
gboolean ax_viewport_is_flying (AxViewport *self);
AxScale ax_viewport_get_mpp (AxViewport *self);
AxRect0 ax_viewport_get_extent (AxViewport *self);

G_END_DECLS
