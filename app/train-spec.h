#pragma once

#include "app/train-recipe.h"
#include "core/train/trainer.h"

G_BEGIN_DECLS

/** --epochs, --batch, --lr and what else says how `train` learns. */
extern const GOptionEntry ax_train_spec_options[];

/**
 * ax_train_spec_read:
 * @spec: out: engine, optimiser, epochs, batch, average, patience, symmetry
 * @has_init: the run begins with another network's weights
 *
 * Errors: AX_USAGE_ERROR.
 */
gboolean ax_train_spec_read (AxTrainSpec *spec, const AxTrainRecipe *recipe,
                             gboolean has_init, GError **error);

/**
 * Once the data is known: the samples of an epoch, @n_samples where nothing
 * else is asked for, and what of the schedule follows from them.  Errors:
 * AX_USAGE_ERROR.
 */
gboolean ax_train_spec_read_samples (AxTrainSpec *spec,
                                     const AxTrainRecipe *recipe,
                                     guint n_samples, GError **error);

G_END_DECLS
