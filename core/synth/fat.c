#include "core/synth/fat.h"

#include "core/synth/noise.h"

#define CELL_UM 72.0

float
ax_fat_get_wall_distance (guint64 seed, double x, double y)
{
  float nearest, second;
  double bend = 0.10 * ax_noise_value (seed + 96, x / 38.0, y / 38.0);

  ax_noise_worley (seed + 97, x / CELL_UM + bend, y / CELL_UM - bend, 0.85,
                   &nearest, &second);
  return (second - nearest) * (float)CELL_UM / 2;
}
