#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * Seeded lattice noise: values are a function of position and seed alone, so
 * that tiles drawn apart agree.  Thread: any.
 */

/** Uniform in [0, 1) at a lattice point. */
float ax_noise_hash (guint64 seed, gint64 x, gint64 y);

/** Smooth noise in about [-1, 1], features one unit wide. */
float ax_noise_value (guint64 seed, double x, double y);

/** @n_octaves of it, each half as wide and half as strong; about [-1, 1]. */
float ax_noise_fractal (guint64 seed, double x, double y, int n_octaves);

/**
 * ax_noise_worley:
 * @jitter: 0..1, how far feature points leave the lattice's cell centres
 *
 * Distances from (x, y) to the nearest and second nearest of one point per
 * unit cell (Worley 1996): bubbles and the walls between them.
 */
void ax_noise_worley (guint64 seed, double x, double y, double jitter,
                      float *nearest, float *second);

/**
 * AxNoiseTexture: a square of fine grain that repeats, for looks only.
 * Values 0..255 around 128.
 */
#define AX_NOISE_TEXTURE 512

typedef struct
{
  guint8 values[AX_NOISE_TEXTURE][AX_NOISE_TEXTURE];
} AxNoiseTexture;

/** (transfer full): features @width pixels wide (a divisor of the side). */
AxNoiseTexture *ax_noise_texture_new (guint64 seed, int width, int n_octaves);

static inline guint8
ax_noise_texture_get (const AxNoiseTexture *self, gint64 x, gint64 y)
{
  return self->values[y & (AX_NOISE_TEXTURE - 1)][x & (AX_NOISE_TEXTURE - 1)];
}

G_END_DECLS
