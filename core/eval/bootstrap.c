#include "core/eval/bootstrap.h"

#include "core/base/rng.h"

#include <math.h>
#include <stdlib.h>

#define ATTEMPTS_MAX 1000

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

void
ax_bootstrap_percentiles (double confidence, double *values, guint n_values,
                          double interval[2])
{
  double tail = (1 - confidence) / 2;

  g_return_if_fail (values != NULL && n_values > 0);

  qsort (values, n_values, sizeof *values, compare_doubles);
  interval[0] = values[(guint)floor (tail * n_values)];
  interval[1]
      = values[MIN ((guint)floor ((1 - tail) * n_values), n_values - 1)];
}

gboolean
ax_bootstrap_interval (const AxBootstrap *self, guint n_items,
                       AxBootstrapFunc statistic, gpointer user_data,
                       double interval[2])
{
  g_autofree double *values = NULL;
  g_autofree guint *sample = NULL;

  g_return_val_if_fail (self != NULL && statistic != NULL, FALSE);
  g_return_val_if_fail (self->n_resamples > 0 && n_items > 0, FALSE);
  g_return_val_if_fail (self->confidence > 0 && self->confidence < 1, FALSE);

  values = g_new (double, self->n_resamples);
  sample = g_new (guint, n_items);
  for (guint resample = 0; resample < self->n_resamples; resample++)
    {
      AxRng rng = ax_rng_init (self->seed, resample);
      gboolean defined = FALSE;

      for (int attempt = 0; attempt < ATTEMPTS_MAX && !defined; attempt++)
        {
          for (guint i = 0; i < n_items; i++)
            sample[i] = ax_rng_below (&rng, n_items);
          defined = statistic (sample, n_items, resample, &values[resample],
                               user_data);
        }
      if (!defined)
        {
          interval[0] = interval[1] = NAN;
          return FALSE;
        }
    }
  ax_bootstrap_percentiles (self->confidence, values, self->n_resamples,
                            interval);
  return TRUE;
}
