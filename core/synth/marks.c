#include "core/synth/marks.h"

#include "core/base/geometry.h"
#include "core/base/rng.h"
#include "core/synth/blend.h"
#include "core/synth/noise.h"

#include <math.h>
#include <string.h>

#define PEN_WIDTH_UM 330.0
#define NO_PEN (-1000.f)
#define N_PEN_POINTS 4

enum
{
  STREAM_PEN = 2,
  STREAM_FOCUS,
};

struct _AxMarks
{
  guint64 seed;
  AxMarksSpec spec;
  guint8 pen_color[3];
  AxPoint0 pen[N_PEN_POINTS]; /* a stroke, µm */
  float sharpening;           /* of the scanner */
  float missed;               /* noise above this is out of focus */
};

/* A stroke beside the tissue, as somebody marked the glass. */
static void
draw_pen (AxMarks *self, double width, double height)
{
  static const guint8 inks[][3]
      = { { 20, 40, 190 }, { 10, 120, 50 }, { 25, 25, 30 } };
  AxRng rng = ax_rng_init (self->seed, STREAM_PEN);

  memcpy (self->pen_color, inks[ax_rng_below (&rng, G_N_ELEMENTS (inks))], 3);
  for (int i = 0; i < N_PEN_POINTS; i++)
    {
      double t = (double)i / (N_PEN_POINTS - 1);

      self->pen[i].x = width * (0.05 + 0.35 * t);
      self->pen[i].y
          = height * (0.06 + 0.05 * ax_rng_uniform (&rng) + 0.04 * t);
    }
}

AxMarks *
ax_marks_new (guint64 seed, double width_um, double height_um,
              const AxMarksSpec *spec)
{
  AxMarks *self = g_new0 (AxMarks, 1);
  AxRng rng = ax_rng_init (seed, STREAM_FOCUS);

  self->seed = seed;
  self->spec = *spec;
  self->sharpening = (float)ax_rng_range (&rng, 0.3, 1.2);
  self->missed = (float)ax_rng_range (&rng, 0.55, 1.1);
  draw_pen (self, width_um, height_um);
  return self;
}

void
ax_marks_free (AxMarks *self)
{
  g_free (self);
}

float
ax_marks_get_fold (const AxMarks *self, double x, double y)
{
  float ridge;

  if (!self->spec.folds)
    return 0.f;
  ridge = fabsf (ax_noise_fractal (self->seed + 95, x / 3600.0, y / 3600.0, 2)
                 + 0.35f);
  return ax_blend_unit ((0.012f - ridge) / 0.004f);
}

static double
segment_distance (AxPoint0 a, AxPoint0 b, double x, double y)
{
  double dx = b.x - a.x, dy = b.y - a.y;
  double t = ((x - a.x) * dx + (y - a.y) * dy) / (dx * dx + dy * dy + 1e-9);

  t = CLAMP (t, 0.0, 1.0);
  return hypot (a.x + t * dx - x, a.y + t * dy - y);
}

float
ax_marks_get_pen (const AxMarks *self, double x, double y)
{
  double nearest = G_MAXDOUBLE, uneven;

  if (!self->spec.pen)
    return NO_PEN;
  for (int i = 0; i + 1 < N_PEN_POINTS; i++)
    nearest = MIN (nearest,
                   segment_distance (self->pen[i], self->pen[i + 1], x, y));
  uneven = 12.0 * ax_noise_fractal (self->seed + 91, x / 40.0, y / 40.0, 2);
  return MAX ((float)(PEN_WIDTH_UM / 2 - nearest + uneven), NO_PEN);
}

float
ax_marks_get_focus (const AxMarks *self, double x, double y)
{
  float miss;

  if (!self->spec.defocus)
    return self->sharpening;
  miss = ax_noise_fractal (self->seed + 99, x / 1100.0, y / 1100.0, 2)
         - self->missed;
  return self->sharpening
         - ax_blend_unit (miss * 4.f) * (1.f + self->sharpening);
}

void
ax_marks_ink (const AxMarks *self, float depth, guint8 *rgb)
{
  float ink = 0.82f * ax_blend_unit (depth / 25.f);

  for (int k = 0; k < 3; k++)
    rgb[k] = (guint8)(rgb[k] * (1.f - ink + ink * self->pen_color[k] / 255.f));
}
