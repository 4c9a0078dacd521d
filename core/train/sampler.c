#include "core/train/sampler.h"

#include "core/base/error.h"

/* Streams of chance within an epoch. */
enum
{
  STREAM_LABELS,
  STREAM_SOURCES,
  STREAM_ORDERS,
};

typedef struct
{
  AxSampleSource *source;
  double share;
} Part;

struct _AxSampler
{
  int n_classes;
  double *class_shares;
  int side;
  AxAugment augment;
  guint64 seed;
  GArray *parts;
};

/* The items of one class of one part, in the order in which they come. */
typedef struct
{
  guint *order;
  guint n_items, n_used;
  AxRng rng;
} Round;

AxSampler *
ax_sampler_new (int n_classes, const double *class_shares, int side,
                const AxAugment *augment, guint64 seed)
{
  g_return_val_if_fail (n_classes > 0 && class_shares != NULL, NULL);
  g_return_val_if_fail (side > 0 && augment != NULL, NULL);
  AxSampler *self = g_new0 (AxSampler, 1);
  self->n_classes = n_classes;
  self->class_shares
      = g_memdup2 (class_shares, (gsize)n_classes * sizeof *class_shares);
  self->side = side;
  self->augment = *augment;
  self->seed = seed;
  self->parts = g_array_new (FALSE, FALSE, sizeof (Part));
  return self;
}

void
ax_sampler_free (AxSampler *self)
{
  if (self == NULL)
    return;
  g_free (self->class_shares);
  g_array_unref (self->parts);
  g_free (self);
}

void
ax_sampler_add (AxSampler *self, AxSampleSource *source, double share)
{
  g_return_if_fail (self != NULL && source != NULL && share > 0.0);
  const Part part = { source, share };
  g_array_append_val (self->parts, part);
}

guint
ax_sampler_get_n_items (const AxSampler *self)
{
  g_return_val_if_fail (self != NULL, 0);
  guint n = 0;
  for (guint p = 0; p < self->parts->len; p++)
    for (int label = 0; label < self->n_classes; label++)
      n += ax_sample_source_get_n_items (
          g_array_index (self->parts, Part, p).source, label);
  return n;
}

guint64
ax_sampler_get_seed (const AxSampler *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->seed;
}

int
ax_sampler_get_side (const AxSampler *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->side;
}

gboolean
ax_sampler_has_fractions (const AxSampler *self)
{
  g_return_val_if_fail (self != NULL, FALSE);
  for (guint p = 0; p < self->parts->len; p++)
    if (!g_array_index (self->parts, Part, p).source->has_fractions)
      return FALSE;
  return self->parts->len > 0;
}

gboolean
ax_sampler_has_masks (const AxSampler *self)
{
  g_return_val_if_fail (self != NULL, FALSE);
  for (guint p = 0; p < self->parts->len; p++)
    if (!g_array_index (self->parts, Part, p).source->has_masks)
      return FALSE;
  return self->parts->len > 0;
}

static void
shuffle (guint *values, guint n, AxRng *rng)
{
  for (guint i = n; i > 1; i--)
    {
      const guint other = (guint)ax_rng_below (rng, i);
      const guint value = values[i - 1];
      values[i - 1] = values[other];
      values[other] = value;
    }
}

/* As many of each class as its share asks for, shuffled. */
static guint *
draw_labels (const AxSampler *self, guint64 seed, guint n_samples)
{
  guint *labels = g_new (guint, n_samples);
  AxRng rng = ax_rng_init (seed, STREAM_LABELS);
  double sum = 0.0, before = 0.0;
  guint n = 0;
  for (int label = 0; label < self->n_classes; label++)
    sum += self->class_shares[label];
  for (int label = 0; label < self->n_classes; label++)
    {
      before += self->class_shares[label];
      const guint end = (guint)(n_samples * before / sum + 0.5);
      while (n < MIN (end, n_samples))
        labels[n++] = (guint)label;
    }
  while (n < n_samples)
    labels[n++] = (guint)self->n_classes - 1;
  shuffle (labels, n_samples, &rng);
  return labels;
}

static guint
round_next (Round *self)
{
  if (self->order == NULL)
    {
      self->order = g_new (guint, self->n_items);
      for (guint i = 0; i < self->n_items; i++)
        self->order[i] = i;
    }
  if (self->n_used % self->n_items == 0)
    shuffle (self->order, self->n_items, &self->rng);
  return self->order[self->n_used++ % self->n_items];
}

static guint
draw_part (const AxSampler *self, const Round *rounds, AxRng *rng)
{
  double sum = 0.0;
  guint last = 0;
  for (guint p = 0; p < self->parts->len; p++)
    if (rounds[p].n_items > 0)
      sum += g_array_index (self->parts, Part, p).share;
  double left = ax_rng_range (rng, 0.0, sum);
  for (guint p = 0; p < self->parts->len; p++)
    if (rounds[p].n_items > 0)
      {
        last = p;
        left -= g_array_index (self->parts, Part, p).share;
        if (left < 0.0)
          break;
      }
  return last;
}

/* One for each class and part. */
static Round *
make_rounds (const AxSampler *self, guint64 seed, GError **error)
{
  const guint n_parts = self->parts->len;
  g_autofree Round *rounds
      = g_new0 (Round, (gsize)self->n_classes * MAX (n_parts, 1));
  for (int label = 0; label < self->n_classes; label++)
    {
      guint n_items = 0;
      for (guint p = 0; p < n_parts; p++)
        {
          const guint r = (guint)label * n_parts + p;
          const Part *part = &g_array_index (self->parts, Part, p);
          rounds[r].n_items
              = ax_sample_source_get_n_items (part->source, label);
          rounds[r].rng = ax_rng_init (seed, STREAM_ORDERS + r);
          n_items += rounds[r].n_items;
        }
      if (n_items == 0 && self->class_shares[label] > 0.0)
        {
          g_set_error (error, AX_ERROR, AX_ERROR_NOT_FOUND,
                       "no training samples of class %d", label);
          return NULL;
        }
    }
  return g_steal_pointer (&rounds);
}

AxEpoch *
ax_sampler_plan (const AxSampler *self, guint epoch, guint n_samples,
                 GError **error)
{
  g_return_val_if_fail (self != NULL, NULL);
  const guint n_parts = self->parts->len;
  const guint64 seed = ax_rng_u64 (self->seed, epoch, 0);
  g_autofree Round *rounds = make_rounds (self, seed, error);
  if (rounds == NULL)
    return NULL;
  g_autofree guint *labels = draw_labels (self, seed, n_samples);
  AxRng rng = ax_rng_init (seed, STREAM_SOURCES);
  AxEpoch *plan = ax_epoch_new (self->side, &self->augment,
                                ax_rng_u64 (self->seed, epoch, 1));
  for (guint i = 0; i < n_samples; i++)
    {
      Round *of_class = rounds + labels[i] * n_parts;
      const guint p = draw_part (self, of_class, &rng);
      ax_epoch_add (plan, g_array_index (self->parts, Part, p).source,
                    (int)labels[i], round_next (&of_class[p]));
    }
  for (guint r = 0; r < (guint)self->n_classes * n_parts; r++)
    g_free (rounds[r].order);
  return plan;
}
