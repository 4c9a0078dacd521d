#include "tests/support/drawn-source.h"

#include "core/base/error.h"

#include <string.h>

static guint
get_n_items (const AxSampleSource *source, int label)
{
  const DrawnSource *self = (const DrawnSource *)source;
  return label < 2 ? self->n_items[label] : 0;
}

static gboolean
read_item (AxSampleSource *source, int label, guint item, AxRng *rng,
           AxSample *sample, GError **error)
{
  DrawnSource *self = (DrawnSource *)source;
  g_atomic_int_inc (&self->n_read);
  if (label == 0 && self->broken >= 0 && (int)item >= self->broken
      && (int)item < self->broken + self->n_broken)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT, "item %u is broken", item);
      return FALSE;
    }
  if (!ax_sample_resize (sample, self->side, self->side, error))
    return FALSE;
  self->draw (label, item, self->side, sample->rgb);
  memset (sample->mask, label, (gsize)self->side * (gsize)self->side);
  sample->has_mask = TRUE;
  sample->label = label;
  sample->fraction = label;
  return TRUE;
}

static void
drawn_source_free (AxSampleSource *source)
{
  g_free (source);
}

DrawnSource *
drawn_source_new (guint n_normal, guint n_tumor, int side, DrawnItemFunc draw)
{
  DrawnSource *self = g_new0 (DrawnSource, 1);
  self->source = (AxSampleSource){ .name = g_strdup ("drawn"),
                                   .has_fractions = TRUE,
                                   .has_masks = TRUE,
                                   .get_n_items = get_n_items,
                                   .read = read_item,
                                   .free = drawn_source_free };
  self->n_items[0] = n_normal;
  self->n_items[1] = n_tumor;
  self->side = side;
  self->draw = draw;
  self->broken = -1;
  self->n_broken = 1;
  return self;
}

static void
draw_noise (int label, guint item, int side, guint8 *rgb)
{
  const gsize n = (gsize)side * (gsize)side * 3;
  AxRng rng = ax_rng_init (1000 + (guint64)label, item);
  for (gsize i = 0; i < n; i++)
    rgb[i] = (guint8)(ax_rng_below (&rng, 160) + (label == 0 ? 80 : 20));
}

DrawnSource *
drawn_source_new_noise (guint n_items, guint n_broken, int side)
{
  DrawnSource *self = drawn_source_new (n_items, n_items, side, draw_noise);
  self->broken = 0;
  self->n_broken = (int)n_broken;
  return self;
}
