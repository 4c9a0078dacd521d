#include "core/synth/noise.h"

#include <math.h>

static inline guint64
mix (guint64 v)
{
  v ^= v >> 33;
  v *= 0xff51afd7ed558ccdull;
  v ^= v >> 33;
  v *= 0xc4ceb9fe1a85ec53ull;
  return v ^ (v >> 33);
}

float
ax_noise_hash (guint64 seed, gint64 x, gint64 y)
{
  guint64 h = mix (seed + (guint64)x * 0x9e3779b97f4a7c15ull
                   + (guint64)y * 0xd1b54a32d192ed03ull);

  return (float)(h >> 40) * 0x1p-24f;
}

static inline float
smooth (float t)
{
  return t * t * (3.f - 2.f * t);
}

static inline float
blend (float a, float b, float t)
{
  return a + (b - a) * t;
}

float
ax_noise_value (guint64 seed, double x, double y)
{
  double fx = floor (x), fy = floor (y);
  gint64 ix = (gint64)fx, iy = (gint64)fy;
  float tx = smooth ((float)(x - fx)), ty = smooth ((float)(y - fy));
  float top = blend (ax_noise_hash (seed, ix, iy),
                     ax_noise_hash (seed, ix + 1, iy), tx);
  float bottom = blend (ax_noise_hash (seed, ix, iy + 1),
                        ax_noise_hash (seed, ix + 1, iy + 1), tx);

  return 2.f * blend (top, bottom, ty) - 1.f;
}

float
ax_noise_fractal (guint64 seed, double x, double y, int n_octaves)
{
  float sum = 0.f, weight = 1.f, total = 0.f;

  for (int i = 0; i < n_octaves; i++)
    {
      sum += weight * ax_noise_value (seed + (guint64)i, x, y);
      total += weight;
      weight *= 0.5f;
      x = 2.0 * x + 17.3;
      y = 2.0 * y - 9.1;
    }
  return sum / total * 1.4f;
}

void
ax_noise_worley (guint64 seed, double x, double y, double jitter,
                 float *nearest, float *second)
{
  gint64 ix = (gint64)floor (x), iy = (gint64)floor (y);
  double best = G_MAXDOUBLE, next = G_MAXDOUBLE;

  for (gint64 cy = iy - 1; cy <= iy + 1; cy++)
    for (gint64 cx = ix - 1; cx <= ix + 1; cx++)
      {
        double px = cx + 0.5 + jitter * (ax_noise_hash (seed, cx, cy) - 0.5);
        double py
            = cy + 0.5 + jitter * (ax_noise_hash (seed + 1, cx, cy) - 0.5);
        double d = (px - x) * (px - x) + (py - y) * (py - y);

        if (d < best)
          {
            next = best;
            best = d;
          }
        else if (d < next)
          next = d;
      }
  *nearest = (float)sqrt (best);
  *second = (float)sqrt (next);
}

/* Value noise on a lattice that closes on itself after @period cells. */
static float
periodic_value (guint64 seed, double x, double y, int period)
{
  int ix = (int)floor (x), iy = (int)floor (y);
  int jx = (ix + 1) % period, jy = (iy + 1) % period;
  float tx = smooth ((float)(x - ix)), ty = smooth ((float)(y - iy));
  float top = blend (ax_noise_hash (seed, ix % period, iy % period),
                     ax_noise_hash (seed, jx, iy % period), tx);
  float bottom = blend (ax_noise_hash (seed, ix % period, jy),
                        ax_noise_hash (seed, jx, jy), tx);

  return 2.f * blend (top, bottom, ty) - 1.f;
}

AxNoiseTexture *
ax_noise_texture_new (guint64 seed, int width, int n_octaves)
{
  AxNoiseTexture *self = g_new (AxNoiseTexture, 1);

  for (int y = 0; y < AX_NOISE_TEXTURE; y++)
    for (int x = 0; x < AX_NOISE_TEXTURE; x++)
      {
        float sum = 0.f, weight = 1.f, total = 0.f;

        for (int i = 0, w = width; i < n_octaves && w >= 1; i++, w /= 2)
          {
            sum += weight
                   * periodic_value (seed + (guint64)i, (double)x / w,
                                     (double)y / w, AX_NOISE_TEXTURE / w);
            total += weight;
            weight *= 0.6f;
          }
        self->values[y][x]
            = (guint8)CLAMP (128.f + 150.f * sum / total, 0.f, 255.f);
      }
  return self;
}
