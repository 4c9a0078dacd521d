#include "core/eval/roc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct
{
  const AxRocItem *items;
  AxRocItem *drawn; /* (owned) */
} Resampling;

static int
compare_falling (const void *a, const void *b)
{
  double x = ((const AxRocItem *)a)->score, y = ((const AxRocItem *)b)->score;

  return (x < y) - (x > y);
}

/* Sorts the items. */
static gboolean
measure_auc (AxRocItem *items, guint n_items, double *auc)
{
  guint64 n_positive = 0, n_negative = 0, twice_area = 0;

  qsort (items, n_items, sizeof *items, compare_falling);
  for (guint i = 0; i < n_items;)
    {
      guint64 positive = 0, negative = 0;
      double score = items[i].score;

      for (; i < n_items && items[i].score == score; i++)
        if (items[i].is_positive)
          positive++;
        else
          negative++;
      twice_area += negative * (2 * n_positive + positive);
      n_positive += positive;
      n_negative += negative;
    }
  if (n_positive == 0 || n_negative == 0)
    return FALSE;
  *auc = (double)twice_area / 2 / ((double)n_positive * n_negative);
  return TRUE;
}

/* (transfer full) */
static AxRocItem *
copy_items (const AxRocItem *items, guint n_items)
{
  return g_memdup2 (items, n_items * sizeof *items);
}

gboolean
ax_roc_auc (const AxRocItem *items, guint n_items, double *auc)
{
  g_autofree AxRocItem *sorted = NULL;

  g_return_val_if_fail (auc != NULL, FALSE);
  g_return_val_if_fail (items != NULL || n_items == 0, FALSE);

  *auc = NAN;
  sorted = copy_items (items, n_items);
  return n_items > 0 && measure_auc (sorted, n_items, auc);
}

static gboolean
measure_resample (const guint *sample, guint n_items, guint resample,
                  double *value, gpointer user_data)
{
  Resampling *self = user_data;

  for (guint i = 0; i < n_items; i++)
    self->drawn[i] = self->items[sample[i]];
  return measure_auc (self->drawn, n_items, value);
}

gboolean
ax_roc_interval (const AxRocItem *items, guint n_items,
                 const AxBootstrap *bootstrap, double interval[2])
{
  Resampling resampling = { .items = items };
  double auc = NAN;
  gboolean done;

  g_return_val_if_fail (bootstrap != NULL && interval != NULL, FALSE);

  interval[0] = interval[1] = NAN;
  if (!ax_roc_auc (items, n_items, &auc))
    return FALSE;
  resampling.drawn = g_new (AxRocItem, n_items);
  done = ax_bootstrap_interval (bootstrap, n_items, measure_resample,
                                &resampling, interval);
  g_free (resampling.drawn);
  return done;
}

GArray *
ax_roc_curve (const AxRocItem *items, guint n_items)
{
  GArray *curve = g_array_new (FALSE, FALSE, sizeof (AxRocPoint));
  g_autofree AxRocItem *sorted = copy_items (items, n_items);
  guint n_positive = 0, n_true = 0, n_false = 0;

  g_return_val_if_fail (items != NULL || n_items == 0, curve);

  for (guint i = 0; i < n_items; i++)
    n_positive += items[i].is_positive != FALSE;
  if (n_items > 0)
    qsort (sorted, n_items, sizeof *sorted, compare_falling);
  for (guint i = 0; i <= n_items; i++)
    {
      double threshold = i == 0 ? INFINITY : sorted[i - 1].score;

      if (i > 0)
        {
          n_true += sorted[i - 1].is_positive != FALSE;
          n_false += sorted[i - 1].is_positive == FALSE;
        }
      if (i == 0 || i == n_items || sorted[i].score != threshold)
        {
          AxRocPoint point
              = { threshold, (double)n_false / (n_items - n_positive),
                  (double)n_true / n_positive };

          g_array_append_val (curve, point);
        }
    }
  return curve;
}
