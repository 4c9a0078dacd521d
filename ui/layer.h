#pragma once

#include "ui/viewport.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * AxLayer:
 *
 * One of the ordered pictures that make the slide view.  Not a widget, so that
 * it can be drawn to a Cairo surface with no display.
 *
 * Layers draw in the view's logical pixels; @device_scale is device pixels per
 * logical one, for edges that must meet on whole device pixels.
 *
 * draw(): draws with Cairo.  A layer may have snapshot() as well, for nodes
 * that a graphics card is better at; it is used where there is one.
 *
 * Signal "changed": wants to be drawn again.
 * Thread: main.
 */
#define AX_TYPE_LAYER (ax_layer_get_type ())
G_DECLARE_DERIVABLE_TYPE (AxLayer, ax_layer, AX, LAYER, GObject)

struct _AxLayerClass
{
  GObjectClass parent_class;

  void (*draw) (AxLayer *self, cairo_t *cr, AxViewport *viewport,
                double device_scale);
  void (*snapshot) (AxLayer *self, GtkSnapshot *snapshot, AxViewport *viewport,
                    double device_scale);
};

/**
 * Draws @layers, the first at the bottom.  Neighbours that draw with Cairo
 * share a node, since each node costs a picture of the whole view.
 */
void ax_layer_snapshot_all (AxLayer *const *layers, guint n_layers,
                            GtkSnapshot *snapshot, AxViewport *viewport,
                            double device_scale);
gboolean ax_layer_get_visible (AxLayer *self);
void ax_layer_set_visible (AxLayer *self, gboolean visible);
/**
 * Whether Cairo draws the nodes on the processor, where scaled textures are
 * slow and pictures painted directly are fast; TRUE until set.
 */
gboolean ax_layer_get_software (AxLayer *self);
void ax_layer_set_software (AxLayer *self, gboolean software);
/** Emits "changed". */
void ax_layer_changed (AxLayer *self);

/**
 * The rectangle between two corners in screen pixels, its edges moved to the
 * nearest ones between device pixels: what meets on the slide meets on screen.
 */
graphene_rect_t ax_layer_snap (AxViewport *viewport, AxPoint0 first,
                               AxPoint0 last, double device_scale);
graphene_rect_t ax_layer_snap_rect (AxViewport *viewport, AxRect0 rect,
                                    double device_scale);

G_END_DECLS
