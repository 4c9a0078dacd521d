#include "core/eval/overlap.h"

#include <math.h>

AxOverlap
ax_overlap_count (const guint8 *found, const guint8 *truth, gsize n_cells)
{
  AxOverlap self = { 0 };
  g_return_val_if_fail (found != NULL && truth != NULL, self);
  for (gsize i = 0; i < n_cells; i++)
    {
      self.n_found += found[i] != 0;
      self.n_true += truth[i] != 0;
      self.n_both += found[i] != 0 && truth[i] != 0;
    }
  return self;
}

void
ax_overlap_add (AxOverlap *self, const AxOverlap *other)
{
  g_return_if_fail (self != NULL && other != NULL);
  self->n_found += other->n_found;
  self->n_true += other->n_true;
  self->n_both += other->n_both;
}

static gboolean
get_dice (const AxOverlap *sum, double *dice)
{
  const gint64 total = sum->n_found + sum->n_true;
  *dice = total > 0 ? 2.0 * (double)sum->n_both / (double)total : NAN;
  return total > 0;
}

gboolean
ax_overlap_get_dice (const AxOverlap *slides, guint n_slides, double *dice)
{
  AxOverlap sum = { 0 };
  g_return_val_if_fail (slides != NULL && dice != NULL, FALSE);
  for (guint i = 0; i < n_slides; i++)
    ax_overlap_add (&sum, &slides[i]);
  return get_dice (&sum, dice);
}

static gboolean
measure_resample (const guint *sample, guint n_items, guint resample,
                  double *value, gpointer user_data)
{
  const AxOverlap *slides = user_data;
  AxOverlap sum = { 0 };
  for (guint i = 0; i < n_items; i++)
    ax_overlap_add (&sum, &slides[sample[i]]);
  return get_dice (&sum, value);
}

gboolean
ax_overlap_interval (const AxOverlap *slides, guint n_slides,
                     const AxBootstrap *bootstrap, double interval[2])
{
  g_return_val_if_fail (slides != NULL && bootstrap != NULL, FALSE);
  g_return_val_if_fail (interval != NULL, FALSE);
  return ax_bootstrap_interval (bootstrap, n_slides, measure_resample,
                                (gpointer)slides, interval);
}
