#include "tests/support/drawn-samples.h"

#include "core/base/error.h"

#include <string.h>

typedef struct
{
  AxSampleSource parent;
  guint n_items, n_bad;
  int side;
  int n_read; /* atomic */
} DrawnSamples;

static guint
get_n_items (const AxSampleSource *source, int label)
{
  return label < 2 ? ((const DrawnSamples *)source)->n_items : 0;
}

static gboolean
read_item (AxSampleSource *source, int label, guint item, AxRng *unused,
           AxSample *sample, GError **error)
{
  DrawnSamples *self = (DrawnSamples *)source;
  const gsize n_pixels = (gsize)self->side * (gsize)self->side;
  AxRng rng = ax_rng_init (1000 + (guint64)label, item);

  g_atomic_int_inc (&self->n_read);
  if (label == 0 && item < self->n_bad)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT, "item %u is bad", item);
      return FALSE;
    }
  if (!ax_sample_resize (sample, self->side, self->side, error))
    return FALSE;
  for (gsize i = 0; i < n_pixels * 3; i++)
    sample->rgb[i]
        = (guint8)(ax_rng_below (&rng, 160) + (label == 0 ? 80 : 20));
  memset (sample->mask, label, n_pixels);
  sample->has_mask = TRUE;
  sample->label = label;
  sample->fraction = label;
  return TRUE;
}

static void
drawn_samples_free (AxSampleSource *source)
{
  g_free (source);
}

AxSampleSource *
drawn_samples_new (guint n_items, guint n_bad, int side)
{
  DrawnSamples *self = g_new0 (DrawnSamples, 1);

  self->parent = (AxSampleSource){ .name = g_strdup ("drawn"),
                                   .has_fractions = TRUE,
                                   .has_masks = TRUE,
                                   .get_n_items = get_n_items,
                                   .read = read_item,
                                   .free = drawn_samples_free };
  self->n_items = n_items;
  self->n_bad = n_bad;
  self->side = side;
  return &self->parent;
}

guint
drawn_samples_get_n_read (AxSampleSource *source)
{
  return (guint)g_atomic_int_get (&((DrawnSamples *)source)->n_read);
}
