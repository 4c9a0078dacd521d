#pragma once

#include "ui/layer.h"

G_BEGIN_DECLS

/**
 * AxScaleBar: the scale bar at the bottom left, 1, 2 or 5 times a power of ten
 * of µm or mm.  Without µm/px there is none.  Thread: main.
 */
#define AX_TYPE_SCALE_BAR (ax_scale_bar_get_type ())
G_DECLARE_FINAL_TYPE (AxScaleBar, ax_scale_bar, AX, SCALE_BAR, AxLayer)

AxScaleBar *ax_scale_bar_new (void);

/**
 * The longest of the steps 1-2-5 that takes at most @max_px pixels of
 * @um_per_px, in µm.  Both are positive.
 */
double ax_scale_bar_choose_um (double um_per_px, double max_px);

/** (transfer full): "500 nm", "20 µm", "2 mm". */
char *ax_scale_bar_format (double length_um);

G_END_DECLS
