#include "core/synth/stain.h"

#include "core/base/rng.h"

#include <math.h>

#define STREAM_STAIN 1
#define N_LEVELS 256

struct _AxStainMix
{
  guint8 colors[N_LEVELS * N_LEVELS][3];
};

/* Optical density per unit of each stain, and bare glass. */
typedef struct
{
  double h[3], e[3];
  double h_strength, e_strength;
  double glass[3];
} Look;

#define N_LOOKS 4

/* By Macenko's method (2009) on three CAMELYON17 centres and 1100 patches of
 * PatchCamelyon, in groups. */
static const Look looks[N_LOOKS] = {
  { { 0.52, 0.69, 0.50 }, { 0.30, 0.88, 0.36 }, 1.75, 1.90, { 247, 244, 244 } },
  { { 0.60, 0.75, 0.27 }, { 0.26, 0.92, 0.24 }, 1.65, 2.00, { 226, 224, 231 } },
  { { 0.64, 0.69, 0.33 }, { 0.25, 0.93, 0.28 }, 1.35, 1.70, { 242, 238, 243 } },
  { { 0.53, 0.66, 0.53 }, { 0.34, 0.84, 0.42 }, 1.35, 1.15, { 248, 245, 242 } },
};

static double
between (double a, double b, double t)
{
  return a + t * (b - a);
}

static Look
look_between (const Look *a, const Look *b, double t)
{
  Look look;

  for (int k = 0; k < 3; k++)
    {
      look.h[k] = between (a->h[k], b->h[k], t);
      look.e[k] = between (a->e[k], b->e[k], t);
      look.glass[k] = between (a->glass[k], b->glass[k], t);
    }
  look.h_strength = between (a->h_strength, b->h_strength, t);
  look.e_strength = between (a->e_strength, b->e_strength, t);
  return look;
}

static Look
draw_look (guint64 seed, double variation)
{
  AxRng rng = ax_rng_init (seed, STREAM_STAIN);
  const Look *one = &looks[ax_rng_below (&rng, N_LOOKS)];
  const Look *other = &looks[ax_rng_below (&rng, N_LOOKS)];
  double part = ax_rng_uniform (&rng);
  Look look = look_between (one, other, 0.5 * part * part);

  look = look_between (&looks[0], &look, variation);
  look.h_strength *= exp (0.22 * variation * ax_rng_range (&rng, -1.0, 1.0));
  look.e_strength *= exp (0.35 * variation * ax_rng_range (&rng, -1.0, 1.0));
  for (int k = 0; k < 3; k++)
    {
      look.h[k] *= 1.0 + 0.06 * variation * ax_rng_range (&rng, -1.0, 1.0);
      look.e[k] *= 1.0 + 0.06 * variation * ax_rng_range (&rng, -1.0, 1.0);
      look.glass[k] += 3.0 * variation * ax_rng_range (&rng, -1.0, 1.0);
    }
  return look;
}

AxStainMix *
ax_stain_mix_new (guint64 seed, double variation)
{
  AxStainMix *self = g_new (AxStainMix, 1);
  Look look = draw_look (seed, variation);

  for (int h = 0; h < N_LEVELS; h++)
    for (int e = 0; e < N_LEVELS; e++)
      for (int k = 0; k < 3; k++)
        {
          double density = (look.h_strength * look.h[k] * h
                            + look.e_strength * look.e[k] * e)
                           / AX_STAIN_UNIT;

          /* Some light always strays into the darkest spots. */
          self->colors[h * N_LEVELS + e][k]
              = (guint8)(look.glass[k] * (0.04 + 0.96 * exp (-density)) + 0.5);
        }
  return self;
}

void
ax_stain_mix_free (AxStainMix *self)
{
  g_free (self);
}

const guint8 *
ax_stain_mix_get (const AxStainMix *self, guint8 h, guint8 e)
{
  return self->colors[h * N_LEVELS + e];
}
