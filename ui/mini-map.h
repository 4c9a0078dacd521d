#pragma once

#include "core/detect/lesion.h"
#include "ui/tile-layer.h"

G_BEGIN_DECLS

/**
 * AxMiniMap:
 *
 * The whole slide in a corner, from its coarsest level, with the lesions'
 * marks and the part on screen.  Click or drag to go there.  Hidden until
 * there is a picture.
 *
 * Thread: main.
 */
#define AX_TYPE_MINI_MAP (ax_mini_map_get_type ())
G_DECLARE_FINAL_TYPE (AxMiniMap, ax_mini_map, AX, MINI_MAP, GtkWidget)

GtkWidget *ax_mini_map_new (AxViewport *viewport, AxTileLayer *tiles);

/**
 * Where it belongs in a view of that size: its top right corner, and no more
 * than a share of the view.  Shows the slide at that size from then on.
 */
void ax_mini_map_fit (AxMiniMap *self, int view_width, int view_height,
                      GdkRectangle *place);

/** @lesions: (nullable). */
void ax_mini_map_set_lesions (AxMiniMap *self, AxLesionSet *lesions);
void ax_mini_map_set_selected (AxMiniMap *self, guint lesion_id);

G_END_DECLS
