#include "core/base/rng.h"

#include <math.h>

typedef unsigned __int128 Uint128;

/* Philox2x64-10 of Salmon et al., "Parallel random numbers: as easy as 1, 2,
   3", SC 2011, with the constants of its Random123 library.  The seed is the
   key, (index, stream) the counter, the first word the result. */
#define N_ROUNDS 10
#define MULTIPLIER 0xD2B74407B1CE6E93u
#define WEYL 0x9E3779B97F4A7C15u

guint64
ax_rng_u64 (guint64 seed, guint64 stream, guint64 index)
{
  guint64 key = seed, left = index, right = stream;

  for (int round = 0; round < N_ROUNDS; round++)
    {
      Uint128 product = (Uint128)MULTIPLIER * left;

      left = (guint64)(product >> 64) ^ key ^ right;
      right = (guint64)product;
      key += WEYL;
    }
  return left;
}

AxRng
ax_rng_init (guint64 seed, guint64 stream)
{
  return (AxRng){ .seed = seed, .stream = stream };
}

guint64
ax_rng_next (AxRng *self)
{
  return ax_rng_u64 (self->seed, self->stream, self->index++);
}

double
ax_rng_uniform (AxRng *self)
{
  return (ax_rng_next (self) >> 11) * 0x1p-53;
}

double
ax_rng_range (AxRng *self, double lo, double hi)
{
  double value;

  g_return_val_if_fail (lo <= hi, lo);

  value = lo + (hi - lo) * ax_rng_uniform (self);
  /* The sum may round up to the excluded end. */
  return value < hi ? value : nextafter (hi, lo);
}

/* Multiply and reject: Lemire, "Fast random integer generation in an
   interval", ACM TOMACS 29 (2019), algorithm 5. */
guint64
ax_rng_below (AxRng *self, guint64 n)
{
  Uint128 product;
  guint64 n_biased;

  g_return_val_if_fail (n > 0, 0);

  n_biased = -n % n;
  do
    product = (Uint128)ax_rng_next (self) * n;
  while ((guint64)product < n_biased);
  return product >> 64;
}

double
ax_rng_normal (AxRng *self)
{
  double radius = sqrt (-2 * log (1 - ax_rng_uniform (self)));

  return radius * cos (2 * G_PI * ax_rng_uniform (self));
}
