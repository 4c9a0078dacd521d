#include "core/train/sample-source.h"

const char *
ax_sample_source_get_name (const AxSampleSource *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->name;
}

guint
ax_sample_source_get_n_items (const AxSampleSource *self, int label)
{
  g_return_val_if_fail (self != NULL && label >= 0, 0);
  return self->get_n_items (self, label);
}

gboolean
ax_sample_source_read (AxSampleSource *self, int label, guint item, AxRng *rng,
                       AxSample *sample, GError **error)
{
  g_return_val_if_fail (self != NULL && rng != NULL && sample != NULL, FALSE);
  g_return_val_if_fail (item < self->get_n_items (self, label), FALSE);
  return self->read (self, label, item, rng, sample, error);
}

void
ax_sample_source_free (AxSampleSource *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  self->free (self);
}
