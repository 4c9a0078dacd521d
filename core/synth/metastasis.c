#include "core/synth/metastasis.h"

#include "core/base/rng.h"
#include "core/synth/blend.h"
#include "core/synth/noise.h"

#include <math.h>

enum
{
  STREAM_SHAPE = 5,
  STREAM_HABIT = 7,
  STREAM_STRAY,
};

/* Greatest distance between two corners: the outline is small. */
static double
feret (const AxPoint0 *points, guint n_points)
{
  double best = 0.0;

  for (guint i = 0; i < n_points; i++)
    for (guint j = i + 1; j < n_points; j++)
      best = MAX (best,
                  hypot (points[i].x - points[j].x, points[i].y - points[j].y));
  return best;
}

/* A wavy ellipse around the origin, scaled to the wanted diameter. */
static void
shape_lesion (AxSynthLesion *lesion)
{
  double diameter_um = lesion->diameter_um, aspect, turn, scale;
  AxRng rng = ax_rng_init (lesion->seed, STREAM_SHAPE);

  lesion->n_points = diameter_um > 200.0 ? 256 : 64;
  lesion->points = g_new (AxPoint0, lesion->n_points);
  aspect = ax_rng_range (&rng, 1.0, diameter_um > 200.0 ? 1.5 : 2.0);
  turn = ax_rng_range (&rng, 0.0, 2.0 * G_PI);
  for (guint i = 0; i < lesion->n_points; i++)
    {
      double angle = 2.0 * G_PI * i / lesion->n_points;
      double c = cos (angle - turn), s = sin (angle - turn);
      double r = 1.0 / sqrt (c * c + aspect * aspect * s * s);

      r *= 1.0
           + 0.22
                 * ax_noise_fractal (lesion->seed, 2.2 * cos (angle),
                                     2.2 * sin (angle), 4);
      lesion->points[i] = (AxPoint0){ r * cos (angle), r * sin (angle) };
    }
  scale = diameter_um / feret (lesion->points, lesion->n_points);
  for (guint i = 0; i < lesion->n_points; i++)
    {
      lesion->points[i].x *= scale;
      lesion->points[i].y *= scale;
    }
}

/* The tumour of a slide has its habit, from which a few deposits stray.
 * Isolated cells are clusters or lie apart. */
static AxTumorGrowth
choose_growth (guint64 seed, guint64 lesion_seed, double diameter_um)
{
  AxRng slide = ax_rng_init (seed, STREAM_HABIT);
  AxRng lesion = ax_rng_init (lesion_seed, STREAM_STRAY);
  guint64 habit = ax_rng_below (&slide, AX_N_GROWTHS);

  if (ax_rng_uniform (&lesion) < 0.3)
    habit = ax_rng_below (&lesion, AX_N_GROWTHS);
  if (diameter_um < 200.0 && habit != AX_GROWTH_SCATTERED)
    return AX_GROWTH_SHEET;
  return (AxTumorGrowth)habit;
}

void
ax_synth_lesion_init (AxSynthLesion *self, guint64 slide_seed, guint64 seed,
                      double diameter_um)
{
  *self = (AxSynthLesion){ .seed = seed, .diameter_um = diameter_um };
  shape_lesion (self);
  self->growth = choose_growth (slide_seed, seed, diameter_um);
}

void
ax_synth_lesion_clear (AxSynthLesion *self)
{
  g_clear_pointer (&self->points, g_free);
}

void
ax_synth_lesion_move (AxSynthLesion *self, AxPoint0 center)
{
  for (guint i = 0; i < self->n_points; i++)
    {
      self->points[i].x += center.x - self->center.x;
      self->points[i].y += center.y - self->center.y;
    }
  self->center = center;
}

float
ax_synth_lesion_get_depth (const AxSynthLesion *self, double x, double y)
{
  double dx = x - self->center.x, dy = y - self->center.y;
  double distance = hypot (dx, dy), position, rest, radius[2];
  guint i;

  if (distance > self->diameter_um + 60.0)
    return (float)-distance;
  position = atan2 (dy, dx) / (2.0 * G_PI);
  position = (position < 0.0 ? position + 1.0 : position) * self->n_points;
  i = (guint)position;
  rest = position - i;
  for (guint k = 0; k < 2; k++)
    {
      const AxPoint0 *p = &self->points[(i + k) % self->n_points];

      radius[k] = hypot (p->x - self->center.x, p->y - self->center.y);
    }
  return (float)(radius[0] + rest * (radius[1] - radius[0]) - distance);
}

/* Nests of a Worley pattern with septa between; µm to the nearest septum. */
static float
septum_distance (guint64 seed, double x, double y, double pitch_um,
                 float *center_um)
{
  float nearest, second;
  double shift = 0.16 * ax_noise_fractal (seed + 1, x / 40.0, y / 40.0, 2);

  ax_noise_worley (seed, x / pitch_um + shift, y / pitch_um - shift, 0.9,
                   &nearest, &second);
  *center_um = nearest * (float)pitch_um;
  return (second - nearest) * (float)pitch_um / 2;
}

void
ax_synth_lesion_sample (const AxSynthLesion *self, double x, double y,
                        AxTissueSample *sample)
{
  guint64 seed = self->seed;
  float broad = ax_noise_fractal (seed, x / 75.0, y / 75.0, 2);
  float center, septum;

  sample->gland = -100.f;
  sample->mingle = ax_blend_step (-0.1f, 0.3f, broad);
  switch (self->growth)
    {
    case AX_GROWTH_NESTS:
      septum = septum_distance (seed, x, y, 105.0, &center);
      sample->nest = (septum - 8.f - 8.f * broad) / 25.f;
      break;
    case AX_GROWTH_GLANDS:
      septum = septum_distance (seed, x, y, 92.0, &center);
      sample->nest = (septum - 6.f - 4.f * broad) / 25.f;
      sample->gland = 17.f + 12.f * broad - center;
      break;
    case AX_GROWTH_CORDS:
      sample->nest
          = 0.22f - fabsf (ax_noise_fractal (seed + 7, x / 46.0, y / 46.0, 2));
      break;
    case AX_GROWTH_SCATTERED:
      sample->nest
          = 0.10f * broad + ax_noise_fractal (seed + 7, x / 17.0, y / 17.0, 2);
      sample->mingle = 1.f;
      break;
    default:
      sample->nest = 0.40f + broad;
    }
  /* Small deposits are nearly all epithelium. */
  sample->nest += (float)CLAMP ((400.0 - self->diameter_um) / 800.0, 0.0, 0.5)
                  * (self->growth == AX_GROWTH_SCATTERED ? 0.5f : 1.4f);
}
