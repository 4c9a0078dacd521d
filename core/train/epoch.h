#pragma once

#include "core/train/augment.h"
#include "core/train/sample-source.h"

G_BEGIN_DECLS

/**
 * AxEpoch:
 *
 * A list of samples and how each is to be changed: what one pass of training,
 * or of validation, goes through.  Sample i is the same whoever reads it, in
 * whatever order.
 *
 * Thread: owner while it is made, any to read.  The sources must outlive it.
 */
typedef struct _AxEpoch AxEpoch;

/**
 * AxEpochSample: one sample as the network sees it.
 *
 * @rgb: (side, side, 3), the caller's
 * @mask: (nullable): (side, side) classes, the caller's; -1 where not known
 * @label, @fraction: as in AxSample
 */
typedef struct
{
  guint8 *rgb;
  gint32 *mask;
  int label;
  double fraction;
} AxEpochSample;

/**
 * @side: of the pictures that the network gets, in pixels
 * @seed: of places in slides and of changes
 */
AxEpoch *ax_epoch_new (int side, const AxAugment *augment, guint64 seed);
void ax_epoch_free (AxEpoch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxEpoch, ax_epoch_free)

void ax_epoch_add (AxEpoch *self, AxSampleSource *source, int label,
                   guint item);
guint ax_epoch_get_n_samples (const AxEpoch *self);
int ax_epoch_get_side (const AxEpoch *self);
int ax_epoch_get_label (const AxEpoch *self, guint index);

/**
 * ax_epoch_read:
 * @scratch: used again from call to call
 *
 * Errors: those of ax_sample_source_read(); @out's buffers are undefined then.
 */
gboolean ax_epoch_read (const AxEpoch *self, guint index, AxSample *scratch,
                        AxEpochSample *out, GError **error);

G_END_DECLS
