#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** µm from the nearest wall between fat cells; the walls bend.  Thread: any. */
float ax_fat_get_wall_distance (guint64 seed, double x_um, double y_um);

G_END_DECLS
