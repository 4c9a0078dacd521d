#pragma once

#include "core/detect/lesion.h"
#include "ui/layer.h"

G_BEGIN_DECLS

/**
 * AxLesionLayer:
 *
 * The lesions: outline in the class's colour and a mark of the class's shape,
 * which has the same size at every zoom, so that the smallest lesion is seen
 * on the whole slide.  The selected lesion is drawn last, heavier, with its
 * caliper: the line that was measured, and the size in words.
 *
 * Thread: main.
 */
#define AX_TYPE_LESION_LAYER (ax_lesion_layer_get_type ())
G_DECLARE_FINAL_TYPE (AxLesionLayer, ax_lesion_layer, AX, LESION_LAYER, AxLayer)

/** Radius of a mark, logical pixels. */
#define AX_LESION_MARK_RADIUS 6.0

AxLesionLayer *ax_lesion_layer_new (void);

/** @lesions: (nullable). */
void ax_lesion_layer_set_lesions (AxLesionLayer *self, AxLesionSet *lesions);

/** @id: of the selected lesion, 0 for none. */
void ax_lesion_layer_set_selected (AxLesionLayer *self, guint id);

/**
 * (nullable): the lesion at a screen position: the one whose mark or area is
 * there, a mark before an area.
 */
const AxLesion *ax_lesion_layer_pick (AxLesionLayer *self, AxViewport *viewport,
                                      double x, double y);

G_END_DECLS
