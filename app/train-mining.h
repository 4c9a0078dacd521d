#pragma once

#include "app/command.h"
#include "app/train-data.h"
#include "core/train/trainer.h"

G_BEGIN_DECLS

/**
 * AxTrainMining: rounds of hard negative mining within a run.  Round r of n
 * comes when r / (n + 1) of the epochs are over; what it finds is learnt from
 * then on, and stands in STEM.mined-I.json beside the weights, I counting the
 * folders of --data.  The files are there from the run's start, empty at first.
 */
typedef struct _AxTrainMining AxTrainMining;

/** --mine, --mine-share, --mine-threshold, --mine-from */
extern const GOptionEntry ax_train_mining_options[];

/**
 * @training: of the run
 * @output: the weights file
 * @resume: what earlier rounds of the run found is read again
 *
 * Adds its sources to the sampler of @data, so that the trainer must have been
 * made before.
 *
 * Errors: AX_USAGE_ERROR; those of ax_hard_negatives_read() and _write().
 */
AxTrainMining *ax_train_mining_new (AxTrainData *data, AxModel *model,
                                    const AxTrainSpec *training,
                                    const char *output, gboolean resume,
                                    GError **error);
void ax_train_mining_free (AxTrainMining *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxTrainMining, ax_train_mining_free)

/** (transfer full): see ax_train_data_get_settings(). */
char *ax_train_mining_get_settings (void);

/** Before an epoch: the rounds that are due, each with a line of what it
 * found.  Errors: those of ax_mine(), AX_ERROR_IO. */
gboolean ax_train_mining_run (AxTrainMining *self, const AxCall *call,
                              AxTrainer *trainer, GCancellable *cancellable,
                              GError **error);

G_END_DECLS
