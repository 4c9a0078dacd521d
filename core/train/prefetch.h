#pragma once

#include "core/train/epoch.h"

G_BEGIN_DECLS

/**
 * AxPrefetch:
 *
 * Reads an epoch ahead of who learns from it.  Producers fill the rows of a
 * bounded ring of batches, in order of sample and each row by whoever is free,
 * so that what a batch holds does not depend on their number; a full ring
 * blocks them.  The last samples that do not fill a batch are left out, unless
 * asked for.
 *
 * Thread: one consumer.
 */
typedef struct _AxPrefetch AxPrefetch;

/**
 * AxBatch:
 *
 * @rgb: (batch, side, side, 3)
 * @labels, @fractions: (batch)
 * @masks: (nullable): (batch, side, side)
 * @weights: (batch), 0 for a sample that could not be read or that fills up
 *   the last batch, else 1
 * @n_samples: rows that are samples
 */
typedef struct
{
  guint8 *rgb;
  gint32 *labels;
  float *fractions;
  gint32 *masks;
  float *weights;
  guint n_samples;
} AxBatch;

typedef struct
{
  guint batch;       /* samples */
  guint first;       /* batch to begin with */
  guint n_producers; /* threads */
  guint n_slots;     /* batches held at most */
  gboolean masks;
  gboolean partial; /* the last batch too, filled up */
} AxPrefetchSpec;

/**
 * @epoch: must outlive it
 *
 * Errors: AX_ERROR_MEMORY.
 */
AxPrefetch *ax_prefetch_new (const AxEpoch *epoch, const AxPrefetchSpec *spec,
                             GError **error);
/** Accepts NULL; joins the producers. */
void ax_prefetch_free (AxPrefetch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxPrefetch, ax_prefetch_free)

/** (transfer none) (nullable): the next batch, valid until the next call;
 * NULL behind the last. */
const AxBatch *ax_prefetch_next (AxPrefetch *self);

/** Batches that an epoch of @n_samples has. */
guint ax_prefetch_count (guint n_samples, const AxPrefetchSpec *spec);

/** Microseconds the consumer has waited in all. */
gint64 ax_prefetch_get_wait_us (AxPrefetch *self);

/** (transfer full) (nullable): why a sample could not be read, the first
 * such; @n_failed: how many could not. */
GError *ax_prefetch_get_failure (AxPrefetch *self, guint *n_failed);

G_END_DECLS
