#include "core/slide/resample.h"

#include "core/base/error.h"

#include <math.h>

/* Less of a pixel than rounding of i * ratio can make up. */
#define MIN_COVERED 1e-6

/* Writes the weights of target @i and says how many and from where on. */
static int
weigh_by_area (gint64 i, double ratio, gint64 *first, float *weights)
{
  double from = i * ratio, to = (i + 1) * ratio;
  gint64 end = (gint64)ceil (to - MIN_COVERED);
  int n = 0;

  *first = (gint64)floor (from + MIN_COVERED);
  for (gint64 x = *first; x < end; x++)
    {
      double left = MAX (from, (double)x), right = MIN (to, (double)(x + 1));

      weights[n++] = (float)((right - left) / ratio);
    }
  return n;
}

static int
weigh_by_distance (gint64 i, double ratio, gint64 *first, float *weights)
{
  double center = (i + 0.5) * ratio - 0.5;
  double left = floor (center);

  *first = (gint64)left;
  weights[1] = (float)(center - left);
  weights[0] = 1 - weights[1];
  return 2;
}

AxTaps *
ax_taps_new (gint64 start, int n, double ratio, GError **error)
{
  g_autoptr (AxTaps) self = NULL;
  gsize n_most = (gsize)ceil (ratio) + 2;

  g_return_val_if_fail (n > 0 && ratio > 0, NULL);

  self = g_new0 (AxTaps, 1);
  self->start = start;
  self->n = n;
  self->first = g_try_new (gint64, n);
  self->offset = g_try_new (guint, n + 1);
  self->weights = g_try_malloc_n (n, n_most * sizeof *self->weights);
  if (self->first == NULL || self->offset == NULL || self->weights == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "no memory to resample %d pixels", n);
      return NULL;
    }

  self->offset[0] = 0;
  for (int i = 0; i < n; i++)
    {
      float *weights = self->weights + self->offset[i];
      int n_taps
          = ratio < 1
                ? weigh_by_distance (start + i, ratio, &self->first[i], weights)
                : weigh_by_area (start + i, ratio, &self->first[i], weights);

      self->offset[i + 1] = self->offset[i] + n_taps;
    }
  return g_steal_pointer (&self);
}

void
ax_taps_free (AxTaps *self)
{
  if (self == NULL)
    return;
  g_free (self->first);
  g_free (self->offset);
  g_free (self->weights);
  g_free (self);
}

gint64
ax_taps_get_first (const AxTaps *self, int i)
{
  return self->first[i];
}

gint64
ax_taps_get_end (const AxTaps *self, int i)
{
  return self->first[i] + (self->offset[i + 1] - self->offset[i]);
}

/* How many targets end at or before source pixel @first. */
static int
count_before (const AxTaps *self, gint64 first)
{
  int from = 0, to = self->n;

  while (from < to)
    {
      int middle = from + (to - from) / 2;

      if (ax_taps_get_end (self, middle) <= first)
        from = middle + 1;
      else
        to = middle;
    }
  return from;
}

void
ax_taps_find (const AxTaps *self, gint64 first, gint64 end, int *from, int *to)
{
  g_return_if_fail (self != NULL && from != NULL && to != NULL);

  *from = count_before (self, first);
  *to = *from;
  while (*to < self->n && ax_taps_get_first (self, *to) < end)
    (*to)++;
}
