#pragma once

#include "core/models/model.h"
#include "core/nn/optim.h"
#include "core/train/sampler.h"
#include "core/train/symmetry.h"
#include "core/train/validation.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * AxTrainSpec: how a run trains.
 *
 * @engine, @n_threads: see ax_engine_new()
 * @batch: samples of a step
 * @n_epochs, @n_samples: of the run, and samples of an epoch, rounded down to
 *   whole batches
 * @optim: its schedule's n_steps, where 0, becomes that of the run
 * @head_rate: what the learning rate of the layers named "head." is
 *   multiplied by
 * @average: decay d of the moving average of the weights, a = d a + (1 - d) w
 *   each step; at step t d is at most (1 + t) / (10 + t).  The average is what
 *   is judged and kept; 0 keeps the weights themselves
 * @patience: epochs without a better figure after which the run ends; 0: none
 * @keep_last: the last epoch's weights are kept, not those of the best one;
 *   for runs that learn what the validation does not show.  Patience has
 *   nothing to go by then
 * @symmetry: that the weights are given at the start, and given back after each
 *   step
 * @n_producers: threads that read samples
 * @samples_as: (nullable): settings "name=value name=value" that the samples
 *   come from; a run goes on with the same ones only
 *
 * Data only.
 */
typedef struct
{
  const char *engine;
  int n_threads;
  guint batch, n_epochs, n_samples;
  AxOptim optim;
  double head_rate;
  double average;
  guint patience;
  gboolean keep_last;
  AxSymmetry symmetry;
  guint n_producers;
  const char *samples_as;
} AxTrainSpec;

/** AxTrainRow: an epoch, from 1, as the learning curve tells it. */
typedef struct
{
  guint epoch;
  double loss; /* mean over the epoch's steps */
  double valid_loss, valid_auc, valid_accuracy, valid_ece; /* NaN: none */
  double rate;          /* of the last step */
  double samples_per_s; /* while learning */
  double consumer_wait; /* share of that time spent waiting */
  guint n_failed;       /* samples that could not be read */
} AxTrainRow;

/** What is going on within an epoch. */
typedef struct
{
  guint epoch, batch, n_batches; /* from 1; batch 0: judging */
  double loss;                   /* of the last step */
  double samples_per_s;
} AxTrainProgress;

/**
 * AxTrainer:
 *
 * A training run: learns, averages, judges, and holds everything that the next
 * step depends on, so that a run that was saved and loaded goes on to the same
 * losses, bit by bit, on the same engine with as many threads.
 *
 * Thread: one, which becomes the engine's.
 */
typedef struct _AxTrainer AxTrainer;

/**
 * @start: network, card and first weights
 * @sampler, @validation: (validation nullable): must outlive it; the sampler
 *   may be given further sources between epochs
 *
 * Errors: AX_ERROR_LIMIT (a setting), AX_ERROR_UNSUPPORTED, those of
 * ax_engine_new() and ax_train_plan_new().
 */
AxTrainer *ax_trainer_new (const AxTrainSpec *spec, AxModel *start,
                           AxSampler *sampler, AxValidation *validation,
                           GError **error);
void ax_trainer_free (AxTrainer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxTrainer, ax_trainer_free)

AxEngine *ax_trainer_get_engine (AxTrainer *self);

/**
 * ax_trainer_run_epoch:
 * @on_progress: (nullable): after each step
 *
 * Goes on to the end of the epoch at hand, which a loaded run may have begun,
 * and adds a row to the curve.
 *
 * Errors: AX_ERROR_CANCELLED, with the run as it was after the last whole
 * step; AX_ERROR_DEVICE naming the step whose loss was no number; AX_ERROR_IO
 * or AX_ERROR_FORMAT when more than a hundredth of the epoch's samples, and
 * more than ten, could not be read.  After any but the first the run is not
 * gone on with.
 */
gboolean ax_trainer_run_epoch (AxTrainer *self, GCancellable *cancellable,
                               void (*on_progress) (const AxTrainProgress *,
                                                    gpointer user_data),
                               gpointer user_data, GError **error);

/** All epochs done, or none better for as long as the patience lasts. */
gboolean ax_trainer_is_done (const AxTrainer *self);
/** Epochs that are over. */
guint ax_trainer_get_n_epochs (const AxTrainer *self);
/** (transfer none) (element-type AxTrainRow): valid until the next epoch. */
const GArray *ax_trainer_get_curve (const AxTrainer *self);
/** The epoch, from 1, whose weights are kept, the best or the last; 0 before
 * the first is over. */
guint ax_trainer_get_best_epoch (const AxTrainer *self);

/**
 * (transfer full): the model of now, of the averaged weights, or of the epoch
 * with the highest validation AUC (the last one where there is no validation
 * or with @keep_last).
 */
AxModel *ax_trainer_get_model (AxTrainer *self, GError **error);
AxModel *ax_trainer_get_best_model (AxTrainer *self, GError **error);

/**
 * ax_trainer_save:
 *
 * Writes all of the run as safetensors, complete or not at all.
 * Errors: those of ax_safetensors_save(), AX_ERROR_DEVICE; AX_ERROR_FORMAT
 * naming the step when a weight is no finite number any more.
 */
gboolean ax_trainer_save (AxTrainer *self, const char *path, GError **error);

/**
 * ax_trainer_load:
 *
 * Goes on from what ax_trainer_save() wrote.  Errors: AX_ERROR_FORMAT, naming
 * what differs, for another network or other settings; those of
 * ax_safetensors_load().  The run is not gone on with after an error.
 */
gboolean ax_trainer_load (AxTrainer *self, const char *path, GError **error);

G_END_DECLS
