#pragma once

#include "core/nn/train-plan.h"
#include "core/train/trainer.h"

/*
 * What trainer.c (the run) and trainer-checkpoint.c (its file) share.
 */

struct _AxTrainer
{
  AxTrainSpec spec;
  AxModel *start;
  AxSampler *sampler;       /* (unowned) */
  AxValidation *validation; /* (unowned) (nullable) */
  AxEngine *engine;
  AxTrainPlan *plan;
  AxModelTask tasks[AX_MAX_OUTPUTS]; /* those that the samples can teach */
  guint n_tasks;
  float *rate_scale, *decay_scale; /* per parameter */
  guint n_batches;                 /* of an epoch */
  guint n_items;                   /* of the sampler, before any mining */
  AxDType dtype;                   /* in which the engine computes */

  /* the run */
  gint64 n_steps;       /* done */
  guint n_batches_done; /* of the epoch at hand */
  double loss_sum;      /* over them */
  AxWeights *average;   /* (nullable) before the first step */
  AxWeights *best;      /* (nullable) before the first epoch is over */
  guint best_epoch;
  double best_figure;
  GArray *curve; /* of AxTrainRow */
};

/** The parameters' states as the plan holds them, under their names behind
 * @prefix; adds them to @weights. */
gboolean ax_trainer_pull (AxTrainer *self, AxTrainState state,
                          const char *prefix, AxWeights *weights,
                          GError **error);
