#pragma once

#include "core/train/epoch.h"

G_BEGIN_DECLS

/**
 * AxSampler:
 *
 * What sample i of epoch e is.  Classes come in fixed shares, each class from
 * its sources in theirs, and the items of a source in rounds, every one once a
 * round, in an order drawn anew for each round.  All follows from seed, epoch
 * and i alone.
 *
 * Thread: owner.  The sources must outlive it.
 */
typedef struct _AxSampler AxSampler;

/**
 * @n_classes: at least one
 * @class_shares: (n_classes): relative
 * @side: see ax_epoch_new()
 */
AxSampler *ax_sampler_new (int n_classes, const double *class_shares, int side,
                           const AxAugment *augment, guint64 seed);
void ax_sampler_free (AxSampler *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxSampler, ax_sampler_free)

/** @share: relative to that of the other sources of a class. */
void ax_sampler_add (AxSampler *self, AxSampleSource *source, double share);

/** Items of all sources. */
guint ax_sampler_get_n_items (const AxSampler *self);
guint64 ax_sampler_get_seed (const AxSampler *self);
int ax_sampler_get_side (const AxSampler *self);
/** Whether every source knows fractions, or masks. */
gboolean ax_sampler_has_fractions (const AxSampler *self);
gboolean ax_sampler_has_masks (const AxSampler *self);

/**
 * (transfer full): the epoch's @n_samples.
 *
 * Errors: AX_ERROR_NOT_FOUND naming a class without items.
 */
AxEpoch *ax_sampler_plan (const AxSampler *self, guint epoch, guint n_samples,
                          GError **error);

G_END_DECLS
