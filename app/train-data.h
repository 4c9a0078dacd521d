#pragma once

#include "app/train-recipe.h"
#include "core/train/trainer.h"

G_BEGIN_DECLS

/**
 * AxTrainData: what `train` learns from and is judged on, as its options say.
 */
typedef struct _AxTrainData AxTrainData;

/** --data, --augment, --producers and their like */
extern const GOptionEntry ax_train_data_options[];

/** Errors: AX_USAGE_ERROR; those of the sources. */
AxTrainData *ax_train_data_new (AxModel *model, const AxTrainRecipe *recipe,
                                guint64 seed, gboolean show_progress,
                                GError **error);
void ax_train_data_free (AxTrainData *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxTrainData, ax_train_data_free)

/** (transfer full): what of the options decides on the samples, as
 * AxTrainSpec.samples_as. */
char *ax_train_data_get_settings (void);

AxSampler *ax_train_data_get_sampler (AxTrainData *self);
/** (nullable) */
AxValidation *ax_train_data_get_validation (AxTrainData *self);
guint ax_train_data_get_n_producers (const AxTrainData *self);
/** Of an epoch, where nothing else is asked for: each picture once, and a
 * hundred places of each slide. */
guint ax_train_data_get_n_samples (const AxTrainData *self);
/** What is learnt from, one for each --data. */
guint ax_train_data_get_n_sets (const AxTrainData *self);
AxSampleSource *ax_train_data_get_set (AxTrainData *self, guint index);
/** (transfer full): a folder as a model card names it: by its last two names,
 * since where it lay is nobody's business. */
char *ax_train_data_shorten (const char *folder);
/** (transfer none): one line for the model card. */
const char *ax_train_data_describe (const AxTrainData *self);

G_END_DECLS
