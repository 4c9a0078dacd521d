#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AxBootstrap: how to draw resamples.  Resample r takes its items from random
 * stream r of @seed (core/base/rng.h), one ax_rng_below() an item, so that the
 * interval is the same on every machine.
 */
typedef struct
{
  guint n_resamples;
  guint64 seed;
  double confidence; /* within (0, 1) */
} AxBootstrap;

#define AX_BOOTSTRAP_DEFAULT                                                   \
  {                                                                            \
    .n_resamples = 1000, .seed = 1, .confidence = 0.95                         \
  }

/**
 * Gives the statistic of the items @sample[0] .. @sample[n_items - 1], of
 * which some come several times.  FALSE when it is not defined there (a class
 * is absent): another resample is drawn.
 */
typedef gboolean (*AxBootstrapFunc) (const guint *sample, guint n_items,
                                     guint resample, double *value,
                                     gpointer user_data);

/**
 * ax_bootstrap_interval:
 * @interval: out: the percentile interval, see ax_bootstrap_percentiles();
 *   NaN where no resample was defined, which ends the attempts after 1,000
 *
 * Returns: whether there is an interval.  Errors: none.  Thread: any.
 */
gboolean ax_bootstrap_interval (const AxBootstrap *self, guint n_items,
                                AxBootstrapFunc statistic, gpointer user_data,
                                double interval[2]);

/**
 * ax_bootstrap_percentiles:
 * @values: (n_values), sorted by this call
 *
 * The sorted values at floor (p n) and floor ((1 - p) n), p being half of what
 * the confidence leaves: the rule of the challenge's script.
 */
void ax_bootstrap_percentiles (double confidence, double *values,
                               guint n_values, double interval[2]);

G_END_DECLS
