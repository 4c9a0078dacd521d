#include "core/train/stain.h"

#include <math.h>

/* Ruifrok & Johnston 2001, table 1 and its text; rows are stains. */
static const double stains[3][3] = {
  { 0.65, 0.70, 0.29 },
  { 0.07, 0.99, 0.11 },
  { 0.27, 0.57, 0.78 },
};

#define MAX_DENSITY 6
#define STEPS_PER_DENSITY 1024
#define N_STEPS (MAX_DENSITY * STEPS_PER_DENSITY + 1)

typedef struct
{
  double vectors[3][3]; /* of unit length */
  double inverse[3][3];
  float levels[N_STEPS]; /* colour of a density */
} StainTables;

static void
invert (const double a[3][3], double inverse[3][3])
{
  double determinant = 0.0;
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++)
      inverse[j][i]
          = a[(i + 1) % 3][(j + 1) % 3] * a[(i + 2) % 3][(j + 2) % 3]
            - a[(i + 1) % 3][(j + 2) % 3] * a[(i + 2) % 3][(j + 1) % 3];
  for (int j = 0; j < 3; j++)
    determinant += a[0][j] * inverse[j][0];
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++)
      inverse[i][j] /= determinant;
}

static gpointer
make_tables (gpointer unused)
{
  StainTables *self = g_new (StainTables, 1);
  for (int i = 0; i < 3; i++)
    {
      const double length
          = sqrt (stains[i][0] * stains[i][0] + stains[i][1] * stains[i][1]
                  + stains[i][2] * stains[i][2]);
      for (int j = 0; j < 3; j++)
        self->vectors[i][j] = stains[i][j] / length;
    }
  invert ((const double (*)[3])self->vectors, self->inverse);
  for (int i = 0; i < N_STEPS; i++)
    self->levels[i]
        = (float)(256.0 * exp (-(double)i / STEPS_PER_DENSITY) - 1.0);
  return self;
}

static const StainTables *
get_tables (void)
{
  static GOnce once = G_ONCE_INIT;
  return g_once (&once, make_tables, NULL);
}

static float
get_density (float level)
{
  return -logf ((level + 1.0f) / 256.0f);
}

AxStainChange
ax_stain_change_init (const double factors[3], const double shifts[3])
{
  const StainTables *tables = get_tables ();
  AxStainChange self = { 0 };
  for (int out = 0; out < 3; out++)
    for (int s = 0; s < 3; s++)
      {
        self.offset[out] += (float)(shifts[s] * tables->vectors[s][out]);
        for (int in = 0; in < 3; in++)
          self.m[out][in] += (float)(tables->inverse[in][s] * factors[s]
                                     * tables->vectors[s][out]);
      }
  return self;
}

void
ax_stain_change_apply (const AxStainChange *self, float *pixels, gsize n_pixels)
{
  g_return_if_fail (self != NULL && pixels != NULL);
  const StainTables *tables = get_tables ();
  for (gsize i = 0; i < n_pixels; i++)
    {
      float *v = pixels + i * 3;
      const float d[3]
          = { get_density (v[0]), get_density (v[1]), get_density (v[2]) };
      for (int c = 0; c < 3; c++)
        {
          const float density = self->offset[c] + self->m[c][0] * d[0]
                                + self->m[c][1] * d[1] + self->m[c][2] * d[2];
          const float step = density * STEPS_PER_DENSITY + 0.5f;
          v[c] = tables->levels[(int)CLAMP (step, 0.0f, N_STEPS - 1.0f)];
        }
    }
}

void
ax_stain_separate (const double rgb[3], double amounts[3])
{
  g_return_if_fail (rgb != NULL && amounts != NULL);
  const StainTables *tables = get_tables ();
  for (int s = 0; s < 3; s++)
    {
      amounts[s] = 0.0;
      for (int c = 0; c < 3; c++)
        amounts[s] += -log ((rgb[c] + 1.0) / 256.0) * tables->inverse[c][s];
    }
}
