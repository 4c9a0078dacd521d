#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * Counter-based random numbers: value = f(seed, stream, index).  No state is
 * shared, so sample i is the same whatever thread draws it and in whatever
 * order.  The function is fixed: its values are part of the tests.  It is the
 * first word of Philox2x64-10 with key @seed and counter (@index, @stream)
 * (Salmon et al. 2011).  Thread: any.
 */
guint64 ax_rng_u64 (guint64 seed, guint64 stream, guint64 index);

/** AxRng: a cursor over one stream.  Thread: owner. */
typedef struct
{
  guint64 seed, stream, index;
} AxRng;

AxRng ax_rng_init (guint64 seed, guint64 stream);
guint64 ax_rng_next (AxRng *self);
/** Uniform in [0, 1), 53 bits. */
double ax_rng_uniform (AxRng *self);
/** Uniform in [lo, hi). */
double ax_rng_range (AxRng *self, double lo, double hi);
/** Uniform whole number in [0, n), without bias; n > 0. */
guint64 ax_rng_below (AxRng *self, guint64 n);
/** Standard normal (Box-Muller; two uniforms each). */
double ax_rng_normal (AxRng *self);

G_END_DECLS
