#include "core/synth/anatomy.h"

#include "core/base/error.h"
#include "core/base/rng.h"
#include "core/synth/blend.h"
#include "core/synth/noise.h"

#include <math.h>

#define N_LOBES 7
#define MAX_FOLLICLES 160
#define MAX_VESSELS 48
#define FAT_REACH_UM 1100.0
#define CAPSULE_UM 45.f
#define SUBCAPSULAR_SINUS_UM 40.f
#define MANTLE_UM 65.f
#define LESION_GAP_UM 120.f

typedef struct
{
  double x, y, radius;
} Disc;

struct _AxAnatomy
{
  guint64 seed;
  double width, height;
  double scale;            /* µm over which lobes melt together */
  double fiber_x, fiber_y; /* how collagen lies inside the node */
  float sinus_width;       /* 1 is usual */
  float histiocytes;       /* share of the sinuses they fill */
  Disc lobes[N_LOBES];
  Disc follicles[MAX_FOLLICLES];
  guint n_follicles;
  Disc vessels[MAX_VESSELS];
  guint n_vessels;
  GArray *lesions; /* of AxSynthLesion */
};

enum
{
  STREAM_LOBES = 1,
  STREAM_FOLLICLES,
  STREAM_VESSELS,
  STREAM_LESIONS,
  STREAM_HABIT = 6,
};

/* Discs along a bent axis melt into one bean (smooth maximum). */
static float
node_depth (const AxAnatomy *self, double x, double y)
{
  double best = -G_MAXDOUBLE, sum = 0.0;
  double d[N_LOBES];

  for (int i = 0; i < N_LOBES; i++)
    {
      d[i] = self->lobes[i].radius
             - hypot (x - self->lobes[i].x, y - self->lobes[i].y);
      best = MAX (best, d[i]);
    }
  for (int i = 0; i < N_LOBES; i++)
    sum += exp ((d[i] - best) / self->scale);
  best += self->scale * (log (sum) - 0.7);
  return (float)(best
                 + 0.35 * self->scale
                       * ax_noise_fractal (self->seed + 11, x / 900.0,
                                           y / 900.0, 3));
}

static void
place_lobes (AxAnatomy *self)
{
  AxRng rng = ax_rng_init (self->seed, STREAM_LOBES);
  gboolean wide = self->width >= self->height;
  double length = 0.66 * MAX (self->width, self->height);
  double radius = MIN (0.31 * MIN (self->width, self->height), 0.30 * length);
  double bend = ax_rng_range (&rng, -0.14, 0.14);

  self->scale = 0.30 * radius;
  for (int i = 0; i < N_LOBES; i++)
    {
      double t = (double)i / (N_LOBES - 1) - 0.5;
      double along = t * (length - 1.2 * radius);
      double across = bend * length * (0.25 - t * t) * 2.0;
      double taper = 1.0 - 1.1 * t * t;
      double r = radius * taper * ax_rng_range (&rng, 0.78, 1.0);

      across += radius * ax_rng_range (&rng, -0.08, 0.08);
      self->lobes[i].radius = r;
      self->lobes[i].x = self->width / 2 + (wide ? along : across);
      self->lobes[i].y = self->height / 2 + (wide ? across : along);
    }
}

static gboolean
is_clear (const Disc *discs, guint n_discs, double x, double y, double radius)
{
  for (guint i = 0; i < n_discs; i++)
    if (hypot (discs[i].x - x, discs[i].y - y) < discs[i].radius + radius)
      return FALSE;
  return TRUE;
}

/* What differs from node to node. */
static void
settle_habit (AxAnatomy *self)
{
  AxRng rng = ax_rng_init (self->seed, STREAM_HABIT);
  double angle = ax_rng_range (&rng, 0.0, G_PI);

  self->fiber_x = cos (angle);
  self->fiber_y = sin (angle);
  self->sinus_width = (float)ax_rng_range (&rng, 0.6, 1.8);
  self->histiocytes = (float)ax_rng_uniform (&rng);
}

static gboolean
is_clear_of_lesions (const AxAnatomy *self, double x, double y, double radius)
{
  for (guint i = 0; i < self->lesions->len; i++)
    if (ax_synth_lesion_get_depth (
            &g_array_index (self->lesions, AxSynthLesion, i), x, y)
        > -radius)
      return FALSE;
  return TRUE;
}

/* Follicles sit in the cortex, a few hundred µm under the capsule. */
static void
place_follicles (AxAnatomy *self)
{
  AxRng rng = ax_rng_init (self->seed, STREAM_FOLLICLES);
  guint wanted
      = (guint)MIN (MAX_FOLLICLES, self->width * self->height / 0.45e6);

  for (guint i = 0; i < 40 * wanted && self->n_follicles < wanted; i++)
    {
      double x = ax_rng_uniform (&rng) * self->width;
      double y = ax_rng_uniform (&rng) * self->height;
      double radius = ax_rng_range (&rng, 90.0, 260.0);
      float depth = node_depth (self, x, y);

      if (depth > 130.0 + radius && depth < 480.0 + radius
          && is_clear (self->follicles, self->n_follicles, x, y, radius + 70.0)
          && is_clear_of_lesions (self, x, y, 1.2 * radius + 70.0))
        self->follicles[self->n_follicles++] = (Disc){ x, y, radius };
    }
}

static void
place_vessels (AxAnatomy *self)
{
  AxRng rng = ax_rng_init (self->seed, STREAM_VESSELS);
  guint wanted
      = (guint)MIN (MAX_VESSELS, 3.0 + self->width * self->height / 1.5e6);

  for (guint i = 0; i < 40 * wanted && self->n_vessels < wanted; i++)
    {
      double x = ax_rng_uniform (&rng) * self->width;
      double y = ax_rng_uniform (&rng) * self->height;
      double radius = 16.0 + 60.0 * pow (ax_rng_uniform (&rng), 3.0);
      float depth = node_depth (self, x, y);

      if ((depth > 150.f || (depth < -60.f && depth > -500.f))
          && is_clear (self->follicles, self->n_follicles, x, y, radius + 20.0)
          && is_clear (self->vessels, self->n_vessels, x, y, radius + 40.0))
        self->vessels[self->n_vessels++] = (Disc){ x, y, radius };
    }
}

/* TRUE when a corner of @a comes near to the inside of @b. */
static gboolean
lesion_nears (const AxSynthLesion *a, const AxSynthLesion *b)
{
  for (guint i = 0; i < a->n_points; i += 4)
    if (ax_synth_lesion_get_depth (b, a->points[i].x, a->points[i].y)
        > -LESION_GAP_UM)
      return TRUE;
  return FALSE;
}

static gboolean
lesion_fits (const AxAnatomy *self, const AxSynthLesion *lesion)
{
  for (guint i = 0; i < lesion->n_points; i += 4)
    if (node_depth (self, lesion->points[i].x, lesion->points[i].y)
        < CAPSULE_UM)
      return FALSE;
  for (guint i = 0; i < self->lesions->len; i++)
    {
      const AxSynthLesion *other
          = &g_array_index (self->lesions, AxSynthLesion, i);

      if (lesion_nears (lesion, other) || lesion_nears (other, lesion))
        return FALSE;
    }
  return TRUE;
}

/* Most deposits lie where the lymph arrives: the shallowest of a few places
 * that fit is taken. */
static gboolean
place_lesion (AxAnatomy *self, guint index, double diameter_um, GError **error)
{
  AxSynthLesion lesion;
  AxRng rng = ax_rng_init (self->seed, STREAM_LESIONS + 100 * index);
  AxPoint0 best = { 0 };
  float least = G_MAXFLOAT;
  guint n_found = 0;

  ax_synth_lesion_init (&lesion, self->seed, self->seed + 1000 * (index + 1),
                        diameter_um);
  for (int i = 0; i < 4000 && n_found < 6; i++)
    {
      AxPoint0 at = { ax_rng_uniform (&rng) * self->width,
                      ax_rng_uniform (&rng) * self->height };
      float depth = node_depth (self, at.x, at.y);

      if (depth < 0.3 * diameter_um)
        continue;
      ax_synth_lesion_move (&lesion, at);
      if (!lesion_fits (self, &lesion))
        continue;
      n_found++;
      if (depth < least)
        {
          least = depth;
          best = at;
        }
    }
  if (n_found == 0)
    {
      ax_synth_lesion_clear (&lesion);
      g_set_error (error, AX_ERROR, AX_ERROR_LIMIT,
                   "no room for a metastasis of %.0f µm in a slide of "
                   "%.0f x %.0f µm: make the slide larger or ask for less",
                   diameter_um, self->width, self->height);
      return FALSE;
    }
  ax_synth_lesion_move (&lesion, best);
  g_array_append_val (self->lesions, lesion);
  return TRUE;
}

AxAnatomy *
ax_anatomy_new (guint64 seed, double width_um, double height_um,
                const double *diameters_um, guint n_diameters, GError **error)
{
  g_autoptr (AxAnatomy) self = g_new0 (AxAnatomy, 1);

  self->seed = seed;
  self->width = width_um;
  self->height = height_um;
  self->lesions = g_array_new (FALSE, FALSE, sizeof (AxSynthLesion));
  g_array_set_clear_func (self->lesions, (GDestroyNotify)ax_synth_lesion_clear);
  place_lobes (self);
  settle_habit (self);
  for (guint i = 0; i < n_diameters; i++)
    if (!place_lesion (self, i, diameters_um[i], error))
      return NULL;
  place_follicles (self);
  place_vessels (self);
  return g_steal_pointer (&self);
}

void
ax_anatomy_free (AxAnatomy *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->lesions);
  g_free (self);
}

guint
ax_anatomy_get_n_lesions (const AxAnatomy *self)
{
  return self->lesions->len;
}

const AxSynthLesion *
ax_anatomy_get_lesion (const AxAnatomy *self, guint index)
{
  g_return_val_if_fail (index < self->lesions->len, NULL);
  return &g_array_index (self->lesions, AxSynthLesion, index);
}

static void
sample_lesions (const AxAnatomy *self, double x, double y,
                AxTissueSample *sample)
{
  sample->lesion = -1000.f;
  sample->nest = sample->mingle = 0.f;
  sample->gland = -100.f;
  for (guint i = 0; i < self->lesions->len; i++)
    {
      const AxSynthLesion *lesion
          = &g_array_index (self->lesions, AxSynthLesion, i);
      float inside = ax_synth_lesion_get_depth (lesion, x, y);

      if (inside <= sample->lesion)
        continue;
      sample->lesion = inside;
      if (inside > -60.f)
        ax_synth_lesion_sample (lesion, x, y, sample);
    }
}

static gboolean
disc_nears (const Disc *disc, double x, double y, double reach)
{
  return fabs (disc->x - x) < disc->radius + reach
         && fabs (disc->y - y) < disc->radius + reach;
}

static void
sample_discs (const AxAnatomy *self, double x, double y, AxTissueSample *sample)
{
  double wobble
      = 14.0 * ax_noise_fractal (self->seed + 41, x / 90.0, y / 90.0, 2);

  sample->follicle = sample->mantle = 0.f;
  for (guint i = 0; i < self->n_follicles; i++)
    {
      const Disc *disc = &self->follicles[i];
      float inside;

      if (!disc_nears (disc, x, y, MANTLE_UM + 20.0))
        continue;
      inside
          = (float)(disc->radius - hypot (disc->x - x, disc->y - y) + wobble);
      sample->follicle
          = MAX (sample->follicle, ax_blend_step (-6.f, 10.f, inside));
      sample->mantle
          = MAX (sample->mantle, ax_blend_step (-MANTLE_UM, -30.f, inside)
                                     * ax_blend_step (8.f, -6.f, inside));
    }
  sample->wall = sample->lumen = -1000.f;
  for (guint i = 0; i < self->n_vessels; i++)
    {
      const Disc *disc = &self->vessels[i];
      float inside;

      if (!disc_nears (disc, x, y, 60.0))
        continue;
      inside = (float)(disc->radius - hypot (disc->x - x, 1.6 * (disc->y - y))
                       + (0.2 + 0.005 * disc->radius) * wobble);
      sample->wall = MAX (sample->wall, inside);
      sample->lumen
          = MAX (sample->lumen, inside - (float)(4.0 + 0.22 * disc->radius));
    }
}

/* Strands of collagen with small vessels that run through the cortex. */
static float
sample_strands (const AxAnatomy *self, double x, double y, float depth)
{
  double along = (self->fiber_x * x + self->fiber_y * y) / 150.0;
  double across = (self->fiber_y * x - self->fiber_x * y) / 45.0;
  float where = ax_noise_value (self->seed + 93, x / 120.0, y / 120.0);
  float ridge;

  if (depth <= 40.f || where <= -0.1f)
    return 0.f;
  ridge = fabsf (ax_noise_fractal (self->seed + 91, across, along, 3));
  return ax_blend_step (40.f, 90.f, depth) * ax_blend_step (-0.1f, 0.4f, where)
         * ax_blend_step (0.10f, 0.04f, ridge);
}

/* µm inside the collagen that runs through the fat. */
static float
sample_septa (const AxAnatomy *self, double x, double y)
{
  const double size = 420.0;
  float ridge
      = fabsf (ax_noise_fractal (self->seed + 87, x / size, y / size, 4));
  float width
      = 0.05f + 0.05f * ax_noise_value (self->seed + 88, x / 700.0, y / 700.0);

  return CLAMP ((width - ridge) * (float)size / 2.f, -100.f, 100.f);
}

void
ax_anatomy_sample (const AxAnatomy *self, double x, double y,
                   AxTissueSample *sample)
{
  guint64 seed = self->seed;
  float depth = node_depth (self, x, y), medulla, ridge, width;
  float broad = ax_noise_fractal (seed + 51, x / 420.0, y / 420.0, 2);
  float warp = ax_noise_fractal (seed + 61, x / 60.0, y / 60.0, 3);

  sample->depth = depth;
  sample->fiber = 14.f * warp;
  if (depth < CAPSULE_UM + SUBCAPSULAR_SINUS_UM)
    sample->fiber += depth;
  else
    sample->fiber
        += (float)(self->fiber_x * x + self->fiber_y * y) + 60.f * broad;
  sample->stain
      = 1.f + 0.12f * ax_noise_fractal (seed + 71, x / 900.0, y / 900.0, 3);
  sample->tear = ax_blend_step (
      0.012f, 0.004f,
      fabsf (ax_noise_fractal (seed + 73, x / 2400.0, y / 2400.0, 6) - 0.5f)
          + 0.006f * warp);
  sample_discs (self, x, y, sample);
  sample_lesions (self, x, y, sample);

  medulla = ax_blend_step (500.f, 900.f, depth + 220.f * broad);
  ridge = medulla > 0.f
              ? fabsf (ax_noise_fractal (seed + 81, x / 130.0, y / 130.0, 3))
              : 1.f;
  width = self->sinus_width;
  sample->sinus
      = MAX (ax_blend_step (CAPSULE_UM, CAPSULE_UM + 8.f, depth)
                 * ax_blend_step (
                     CAPSULE_UM + width * (SUBCAPSULAR_SINUS_UM + 14.f * warp),
                     CAPSULE_UM + width * SUBCAPSULAR_SINUS_UM * 0.6f, depth),
             medulla * ax_blend_step (0.20f * width, 0.09f * width, ridge));
  sample->stroma
      = MAX (ax_blend_step (-14.f, 0.f, depth)
                 * ax_blend_step (CAPSULE_UM + 6.f, CAPSULE_UM - 6.f, depth),
             MAX (medulla * ax_blend_step (0.05f, 0.015f, ridge),
                  sample_strands (self, x, y, depth)));
  sample->stroma
      = MAX (sample->stroma, ax_blend_step (-3.f, 1.f, sample->wall));
  sample->cord = 0.86f + 0.14f * broad - 0.22f * medulla;
  sample->fat = ax_blend_step (0.f, -40.f, depth)
                * ax_blend_step ((float)-FAT_REACH_UM, -250.f,
                                 depth + 520.f * broad - 350.f);
  sample->septum = MAX (sample->wall, -100.f);
  if (sample->fat > 0.f)
    sample->septum = MAX (sample->septum, sample_septa (self, x, y)
                                              + 100.f * (sample->fat - 1.f));
  sample->foam = depth > 0.f
                     ? self->histiocytes
                     : ax_blend_step (
                         0.35f, 0.6f,
                         ax_noise_fractal (seed + 85, x / 500.0, y / 500.0, 2));
}

gboolean
ax_anatomy_touches (const AxAnatomy *self, double x, double y, double width,
                    double height)
{
  double half = hypot (width, height) / 2;

  return node_depth (self, x + width / 2, y + height / 2)
         > -FAT_REACH_UM - half - 0.35 * self->scale - 500.0;
}
