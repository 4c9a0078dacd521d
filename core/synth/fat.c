#include "core/synth/fat.h"

#include "core/synth/noise.h"

#define CELL_UM 72.0
/* Pixels between the points of AxFatWalls; a power of two. */
#define STEP 4
/* µm that the distance changes at most along one µm, the bends included. */
#define STEEPEST 2.f

float
ax_fat_get_wall_distance (guint64 seed, double x, double y)
{
  float nearest, second;
  double bend = 0.10 * ax_noise_value (seed + 96, x / 38.0, y / 38.0);

  ax_noise_worley (seed + 97, x / CELL_UM + bend, y / CELL_UM - bend, 0.85,
                   &nearest, &second);
  return (second - nearest) * (float)CELL_UM / 2;
}

void
ax_fat_walls_init (AxFatWalls *self, guint64 seed, double mpp, gint64 x,
                   gint64 y, int width, int height)
{
  float fall = STEEPEST * STEP * (float)mpp;
  float *out;

  self->x = x & ~(gint64)(STEP - 1);
  self->y = y & ~(gint64)(STEP - 1);
  self->n_cols = (int)((x + width - self->x) / STEP) + 2;
  self->n_rows = (int)((y + height - self->y) / STEP) + 2;
  self->distances = g_new (float, (gsize)self->n_cols * self->n_rows);
  out = self->distances;
  for (int r = 0; r < self->n_rows; r++)
    {
      float least = 0.f; /* the distance is no less */

      for (int c = 0; c < self->n_cols; c++, least -= fall)
        {
          if (least < AX_FAT_FAR_UM)
            least = ax_fat_get_wall_distance (
                seed, (double)(self->x + c * STEP) * mpp,
                (double)(self->y + r * STEP) * mpp);
          *out++ = MIN (least, AX_FAT_FAR_UM);
        }
    }
}

void
ax_fat_walls_clear (AxFatWalls *self)
{
  g_clear_pointer (&self->distances, g_free);
}

float
ax_fat_walls_get (const AxFatWalls *self, gint64 x, gint64 y)
{
  gint64 i = x - self->x, j = y - self->y;
  const float *top = self->distances + j / STEP * self->n_cols + i / STEP;
  const float *bottom = top + self->n_cols;
  float tx = (float)(i % STEP) / STEP, ty = (float)(j % STEP) / STEP;
  float above = top[0] + tx * (top[1] - top[0]);
  float below = bottom[0] + tx * (bottom[1] - bottom[0]);

  return above + ty * (below - above);
}
