#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** µm from the nearest wall between fat cells; the walls bend.  Thread: any. */
float ax_fat_get_wall_distance (guint64 seed, double x_um, double y_um);

/** Distances beyond this are not told apart in AxFatWalls. */
#define AX_FAT_FAR_UM 5.f

/**
 * AxFatWalls: those distances, up to AX_FAT_FAR_UM, for a rectangle of pixels,
 * interpolated between points a micrometre or so apart.
 *
 * Thread: owner.
 */
typedef struct
{
  gint64 x, y; /* first pixel */
  int n_cols, n_rows;
  float *distances;
} AxFatWalls;

void ax_fat_walls_init (AxFatWalls *self, guint64 seed, double mpp, gint64 x,
                        gint64 y, int width, int height);
void ax_fat_walls_clear (AxFatWalls *self);
float ax_fat_walls_get (const AxFatWalls *self, gint64 x, gint64 y);

G_END_DECLS
