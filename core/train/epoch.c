#include "core/train/epoch.h"

typedef struct
{
  AxSampleSource *source;
  int label;
  guint item;
} Draw;

struct _AxEpoch
{
  int side;
  AxAugment augment;
  guint64 seed;
  GArray *draws;
};

AxEpoch *
ax_epoch_new (int side, const AxAugment *augment, guint64 seed)
{
  g_return_val_if_fail (side > 0 && augment != NULL, NULL);
  AxEpoch *self = g_new0 (AxEpoch, 1);
  self->side = side;
  self->augment = *augment;
  self->seed = seed;
  self->draws = g_array_new (FALSE, FALSE, sizeof (Draw));
  return self;
}

void
ax_epoch_free (AxEpoch *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->draws);
  g_free (self);
}

void
ax_epoch_add (AxEpoch *self, AxSampleSource *source, int label, guint item)
{
  g_return_if_fail (self != NULL && source != NULL);
  const Draw draw = { source, label, item };
  g_array_append_val (self->draws, draw);
}

guint
ax_epoch_get_n_samples (const AxEpoch *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->draws->len;
}

int
ax_epoch_get_side (const AxEpoch *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->side;
}

int
ax_epoch_get_label (const AxEpoch *self, guint index)
{
  g_return_val_if_fail (self != NULL && index < self->draws->len, 0);
  return g_array_index (self->draws, Draw, index).label;
}

static void
widen_mask (const guint8 *narrow, gsize n, gint32 *mask)
{
  for (gsize i = 0; i < n; i++)
    mask[i] = narrow == NULL || narrow[i] == AX_SAMPLE_UNKNOWN ? -1 : narrow[i];
}

gboolean
ax_epoch_read (const AxEpoch *self, guint index, AxSample *scratch,
               AxEpochSample *out, GError **error)
{
  g_return_val_if_fail (self != NULL && index < self->draws->len, FALSE);
  g_return_val_if_fail (scratch != NULL && out != NULL, FALSE);
  const Draw *draw = &g_array_index (self->draws, Draw, index);
  const gsize n_pixels = (gsize)self->side * (gsize)self->side;
  AxRng rng = ax_rng_init (self->seed, index);
  if (!ax_sample_source_read (draw->source, draw->label, draw->item, &rng,
                              scratch, error))
    return FALSE;
  g_autofree guint8 *narrow
      = out->mask != NULL && scratch->has_mask ? g_malloc (n_pixels) : NULL;
  if (!ax_augment_apply (&self->augment, &rng, scratch, self->side, out->rgb,
                         narrow, error))
    return FALSE;
  if (out->mask != NULL)
    widen_mask (narrow, n_pixels, out->mask);
  out->label = scratch->label;
  out->fraction = scratch->fraction;
  return TRUE;
}
