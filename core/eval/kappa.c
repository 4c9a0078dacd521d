#include "core/eval/kappa.h"

#include <math.h>
#include <string.h>

typedef struct
{
  const AxRating *ratings;
  AxRating *drawn; /* (owned) */
  guint *counts;   /* (owned) (n_classes, n_classes) */
  guint n_classes;
} Resampling;

void
ax_confusion_count (const AxRating *ratings, guint n_ratings, guint n_classes,
                    guint *counts)
{
  g_return_if_fail (ratings != NULL || n_ratings == 0);
  g_return_if_fail (n_classes > 0 && counts != NULL);

  memset (counts, 0, (gsize)n_classes * n_classes * sizeof *counts);
  for (guint i = 0; i < n_ratings; i++)
    {
      g_return_if_fail (ratings[i].truth < n_classes);
      g_return_if_fail (ratings[i].prediction < n_classes);
      counts[ratings[i].truth * n_classes + ratings[i].prediction]++;
    }
}

static gboolean
measure (const AxRating *ratings, guint n_ratings, guint n_classes,
         guint *counts, double *kappa)
{
  double observed = 0, expected = 0;

  ax_confusion_count (ratings, n_ratings, n_classes, counts);
  for (guint row = 0; row < n_classes; row++)
    for (guint column = 0; column < n_classes; column++)
      {
        double weight = ((double)row - column) * ((double)row - column);
        guint64 row_sum = 0, column_sum = 0;

        for (guint i = 0; i < n_classes; i++)
          {
            row_sum += counts[row * n_classes + i];
            column_sum += counts[i * n_classes + column];
          }
        observed += weight * counts[row * n_classes + column];
        expected += weight * row_sum * column_sum / n_ratings;
      }
  if (!(expected > 0))
    return FALSE;
  *kappa = 1 - observed / expected;
  return TRUE;
}

gboolean
ax_kappa_quadratic (const AxRating *ratings, guint n_ratings, guint n_classes,
                    double *kappa)
{
  g_autofree guint *counts = NULL;

  g_return_val_if_fail (n_classes > 0 && kappa != NULL, FALSE);

  *kappa = NAN;
  counts = g_new (guint, n_classes * n_classes);
  return n_ratings > 0
         && measure (ratings, n_ratings, n_classes, counts, kappa);
}

static gboolean
measure_resample (const guint *sample, guint n_items, guint resample,
                  double *value, gpointer user_data)
{
  Resampling *self = user_data;

  for (guint i = 0; i < n_items; i++)
    self->drawn[i] = self->ratings[sample[i]];
  return measure (self->drawn, n_items, self->n_classes, self->counts, value);
}

gboolean
ax_kappa_interval (const AxRating *ratings, guint n_ratings, guint n_classes,
                   const AxBootstrap *bootstrap, double interval[2])
{
  Resampling resampling = { .ratings = ratings, .n_classes = n_classes };
  double kappa = NAN;
  gboolean done;

  g_return_val_if_fail (bootstrap != NULL && interval != NULL, FALSE);

  interval[0] = interval[1] = NAN;
  if (!ax_kappa_quadratic (ratings, n_ratings, n_classes, &kappa))
    return FALSE;
  resampling.drawn = g_new (AxRating, n_ratings);
  resampling.counts = g_new (guint, n_classes * n_classes);
  done = ax_bootstrap_interval (bootstrap, n_ratings, measure_resample,
                                &resampling, interval);
  g_free (resampling.drawn);
  g_free (resampling.counts);
  return done;
}
