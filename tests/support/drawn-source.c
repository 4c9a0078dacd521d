#include "tests/support/drawn-source.h"

#include "core/base/error.h"

#include <math.h>

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
  const DrawnSource *self = (const DrawnSource *)source;
  if (label == 0 && (int)item == self->broken)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT, "item %u is broken", item);
      return FALSE;
    }
  if (!ax_sample_resize (sample, self->side, self->side, error))
    return FALSE;
  self->draw (label, item, self->side, sample->rgb);
  sample->label = label;
  sample->fraction = NAN;
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
                                   .get_n_items = get_n_items,
                                   .read = read_item,
                                   .free = drawn_source_free };
  self->n_items[0] = n_normal;
  self->n_items[1] = n_tumor;
  self->side = side;
  self->draw = draw;
  self->broken = -1;
  return self;
}
