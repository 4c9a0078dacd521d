#include "core/train/prefetch.h"

#include "core/base/error.h"

#include <string.h>

typedef struct
{
  AxBatch batch;
  guint number; /* of the batch that it holds or is being given */
  guint n_rows_left;
} Slot;

struct _AxPrefetch
{
  /* immutable */
  const AxEpoch *epoch;
  AxPrefetchSpec spec;
  guint n_batches;
  GThread **threads;

  GMutex lock;
  GCond filled; /* a batch is whole */
  GCond freed;  /* a slot may be filled again */
  /* under lock */
  Slot *slots;
  guint64 next_row; /* of the whole epoch: who takes it fills it */
  guint n_taken;    /* batches that the consumer is done with */
  gboolean closed;
  GError *failure;
  guint n_failed;

  /* consumer only */
  guint n_next;
  gint64 wait_us;
};

guint
ax_prefetch_count (guint n_samples, const AxPrefetchSpec *spec)
{
  g_return_val_if_fail (spec != NULL && spec->batch > 0, 0);
  return spec->partial ? (n_samples + spec->batch - 1) / spec->batch
                       : n_samples / spec->batch;
}

static void
note_failure (AxPrefetch *self, GError *error)
{
  g_mutex_lock (&self->lock);
  self->n_failed++;
  if (self->failure == NULL)
    self->failure = g_steal_pointer (&error);
  g_mutex_unlock (&self->lock);
  g_clear_error (&error);
}

/* A sample that cannot be read is black and weighs nothing. */
static void
fill_row (AxPrefetch *self, AxBatch *batch, guint64 index, guint row,
          AxSample *scratch)
{
  const int side = ax_epoch_get_side (self->epoch);
  const gsize n_pixels = (gsize)side * (gsize)side;
  AxEpochSample sample
      = { .rgb = batch->rgb + row * n_pixels * 3,
          .mask = batch->masks ? batch->masks + row * n_pixels : NULL };
  GError *error = NULL;
  const gboolean exists = index < ax_epoch_get_n_samples (self->epoch);
  const gboolean read
      = exists
        && ax_epoch_read (self->epoch, (guint)index, scratch, &sample, &error);
  if (!read)
    {
      memset (sample.rgb, 0, n_pixels * 3);
      if (sample.mask != NULL)
        memset (sample.mask, 0xff, n_pixels * sizeof *sample.mask);
      sample.label = 0;
      sample.fraction = 0.0;
    }
  batch->labels[row] = sample.label;
  batch->fractions[row] = (float)sample.fraction;
  batch->weights[row] = read ? 1.0f : 0.0f;
  if (error != NULL)
    note_failure (self, error);
}

/* FALSE once there is nothing left to fill. */
static gboolean
take_row (AxPrefetch *self, guint64 *row, Slot **slot)
{
  const guint64 end = (guint64)self->n_batches * self->spec.batch;
  g_mutex_lock (&self->lock);
  const guint64 mine = self->next_row;
  if (mine < end)
    self->next_row++;
  const guint number = (guint)(mine / self->spec.batch);
  while (mine < end && !self->closed
         && number >= self->n_taken + self->spec.n_slots)
    g_cond_wait (&self->freed, &self->lock);
  const gboolean open = mine < end && !self->closed;
  if (open)
    {
      *slot = &self->slots[number % self->spec.n_slots];
      if ((*slot)->number != number)
        {
          (*slot)->number = number;
          (*slot)->n_rows_left = self->spec.batch;
        }
    }
  g_mutex_unlock (&self->lock);
  *row = mine;
  return open;
}

static gpointer
producer_thread (gpointer data)
{
  AxPrefetch *self = data;
  g_auto (AxSample) scratch = { 0 };
  guint64 row;
  Slot *slot = NULL;
  while (take_row (self, &row, &slot))
    {
      fill_row (self, &slot->batch, row, (guint)(row % self->spec.batch),
                &scratch);
      g_mutex_lock (&self->lock);
      if (--slot->n_rows_left == 0)
        g_cond_signal (&self->filled);
      g_mutex_unlock (&self->lock);
    }
  return NULL;
}

static gboolean
slot_init (Slot *self, const AxPrefetchSpec *spec, int side)
{
  const gsize n_pixels = (gsize)side * (gsize)side * spec->batch;
  self->number = G_MAXUINT;
  self->batch.rgb = g_try_malloc (n_pixels * 3);
  self->batch.labels = g_try_new0 (gint32, spec->batch);
  self->batch.fractions = g_try_new0 (float, spec->batch);
  self->batch.weights = g_try_new0 (float, spec->batch);
  if (spec->masks)
    self->batch.masks = g_try_new (gint32, n_pixels);
  return self->batch.rgb != NULL && self->batch.labels != NULL
         && self->batch.fractions != NULL && self->batch.weights != NULL
         && (!spec->masks || self->batch.masks != NULL);
}

static void
slot_clear (Slot *self)
{
  g_free (self->batch.rgb);
  g_free (self->batch.labels);
  g_free (self->batch.fractions);
  g_free (self->batch.weights);
  g_free (self->batch.masks);
}

AxPrefetch *
ax_prefetch_new (const AxEpoch *epoch, const AxPrefetchSpec *spec,
                 GError **error)
{
  g_return_val_if_fail (epoch != NULL && spec != NULL, NULL);
  g_return_val_if_fail (spec->batch > 0 && spec->n_slots > 0, NULL);
  g_return_val_if_fail (spec->n_producers > 0, NULL);
  AxPrefetch *self = g_new0 (AxPrefetch, 1);
  g_mutex_init (&self->lock);
  g_cond_init (&self->filled);
  g_cond_init (&self->freed);
  self->epoch = epoch;
  self->spec = *spec;
  self->n_batches = ax_prefetch_count (ax_epoch_get_n_samples (epoch), spec);
  self->next_row = (guint64)spec->first * spec->batch;
  self->n_taken = self->n_next = spec->first;
  self->slots = g_new0 (Slot, spec->n_slots);
  self->threads = g_new0 (GThread *, spec->n_producers);
  gboolean made = TRUE;
  for (guint i = 0; i < spec->n_slots; i++)
    made &= slot_init (&self->slots[i], spec, ax_epoch_get_side (epoch));
  if (!made)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "no memory for %u batches of %u pictures of %d px",
                   spec->n_slots, spec->batch, ax_epoch_get_side (epoch));
      ax_prefetch_free (self);
      return NULL;
    }
  for (guint i = 0; i < spec->n_producers; i++)
    self->threads[i] = g_thread_new ("ax-producer", producer_thread, self);
  return self;
}

void
ax_prefetch_free (AxPrefetch *self)
{
  if (self == NULL)
    return;
  g_mutex_lock (&self->lock);
  self->closed = TRUE;
  g_cond_broadcast (&self->freed);
  g_mutex_unlock (&self->lock);
  for (guint i = 0; i < self->spec.n_producers; i++)
    if (self->threads[i] != NULL)
      g_thread_join (self->threads[i]);
  for (guint i = 0; i < self->spec.n_slots; i++)
    slot_clear (&self->slots[i]);
  g_free (self->slots);
  g_free (self->threads);
  g_clear_error (&self->failure);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->filled);
  g_cond_clear (&self->freed);
  g_free (self);
}

const AxBatch *
ax_prefetch_next (AxPrefetch *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  const gint64 start_us = g_get_monotonic_time ();
  g_mutex_lock (&self->lock);
  self->n_taken = self->n_next;
  g_cond_broadcast (&self->freed);
  const guint number = self->n_next;
  Slot *slot = &self->slots[number % self->spec.n_slots];
  while (number < self->n_batches
         && (slot->number != number || slot->n_rows_left > 0))
    g_cond_wait (&self->filled, &self->lock);
  g_mutex_unlock (&self->lock);
  self->wait_us += g_get_monotonic_time () - start_us;
  if (number >= self->n_batches)
    return NULL;
  self->n_next++;
  slot->batch.n_samples
      = MIN (self->spec.batch,
             ax_epoch_get_n_samples (self->epoch) - number * self->spec.batch);
  return &slot->batch;
}

gint64
ax_prefetch_get_wait_us (AxPrefetch *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->wait_us;
}

GError *
ax_prefetch_get_failure (AxPrefetch *self, guint *n_failed)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_mutex_lock (&self->lock);
  GError *failure = self->failure ? g_error_copy (self->failure) : NULL;
  if (n_failed != NULL)
    *n_failed = self->n_failed;
  g_mutex_unlock (&self->lock);
  return failure;
}
