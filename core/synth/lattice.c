#include "core/synth/lattice.h"

#include <math.h>

#define STEP AX_LATTICE_STEP
/* Pixels between which a slope is measured. */
#define SLOPE_REACH 4

static gint64
floor_to_step (gint64 v)
{
  return v - ((v % STEP) + STEP) % STEP;
}

void
ax_lattice_init (AxLattice *self, gint64 x, gint64 y, int width, int height)
{
  self->x = floor_to_step (x);
  self->y = floor_to_step (y);
  self->n_cols = (int)((x + width - self->x) / STEP) + 2;
  self->n_rows = (int)((y + height - self->y) / STEP) + 2;
  self->samples = g_new (AxTissueSample, (gsize)self->n_cols * self->n_rows);
  self->grounds = g_new (AxGround, (gsize)self->n_cols * self->n_rows);
}

void
ax_lattice_clear (AxLattice *self)
{
  g_clear_pointer (&self->samples, g_free);
  g_clear_pointer (&self->grounds, g_free);
}

gboolean
ax_lattice_contains (const AxLattice *self, double x, double y)
{
  return x >= self->x + SLOPE_REACH && y >= self->y + SLOPE_REACH
         && x < self->x + (self->n_cols - 1) * STEP - SLOPE_REACH - 1
         && y < self->y + (self->n_rows - 1) * STEP - SLOPE_REACH - 1;
}

static void
blend_fields (const float *a, const float *b, float t, gsize n, float *out)
{
  for (gsize i = 0; i < n; i++)
    out[i] = a[i] + t * (b[i] - a[i]);
}

void
ax_lattice_get (const AxLattice *self, double x, double y,
                AxTissueSample *sample)
{
  gsize n = sizeof (AxTissueSample) / sizeof (float);
  double fx = (x - self->x) / STEP, fy = (y - self->y) / STEP;
  int c = (int)fx, r = (int)fy;
  const AxTissueSample *top = &self->samples[r * self->n_cols + c];
  const AxTissueSample *bottom = top + self->n_cols;
  AxTissueSample above, below;

  blend_fields ((const float *)top, (const float *)(top + 1), (float)(fx - c),
                n, (float *)&above);
  blend_fields ((const float *)bottom, (const float *)(bottom + 1),
                (float)(fx - c), n, (float *)&below);
  blend_fields ((const float *)&above, (const float *)&below, (float)(fy - r),
                n, (float *)sample);
}

double
ax_lattice_get_direction (const AxLattice *self, double x, double y)
{
  AxTissueSample right, left, down, up;
  double angle;

  ax_lattice_get (self, x + SLOPE_REACH, y, &right);
  ax_lattice_get (self, x - SLOPE_REACH, y, &left);
  ax_lattice_get (self, x, y + SLOPE_REACH, &down);
  ax_lattice_get (self, x, y - SLOPE_REACH, &up);
  if (right.wall > -4.f)
    angle = atan2 (down.wall - up.wall, right.wall - left.wall);
  else
    angle = atan2 (down.fiber - up.fiber, right.fiber - left.fiber);
  angle += G_PI / 2;
  return angle - G_PI * floor (angle / G_PI);
}

void
ax_lattice_get_row (const AxLattice *self, gint64 y, AxGround *row)
{
  gsize n = self->n_cols * sizeof (AxGround) / sizeof (float);
  int r = (int)((y - self->y) / STEP);
  const AxGround *top = &self->grounds[(gsize)r * self->n_cols];

  blend_fields ((const float *)top, (const float *)(top + self->n_cols),
                (float)((y - self->y) % STEP) / STEP, n, (float *)row);
}
