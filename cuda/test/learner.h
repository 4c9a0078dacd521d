#pragma once

#include "cuda/test/net.h"

/**
 * Learner: a net that one engine module trains on one made-up batch, for the
 * programs that need a GPU: the classes of output 0 and, with two losses, the
 * shares of output 1, drawn by chance.  They end the program when memory runs
 * out.
 */
typedef struct
{
  const AxEngineOps *ops;
  AxEngineContext *context;
  AxEnginePlan *plan;
  const Net *net;
  int32_t n, side, target_side;
  uint8_t *rgb;
  int32_t *classes;
  float *shares;
} Learner;

/** @target_side: of the outputs.  On failure @error says why and there is
 * nothing to clear. */
AxStatus learner_init (Learner *self, const AxEngineOps *ops,
                       AxPrecision precision, const Net *net, int32_t n_losses,
                       int32_t n, int32_t side, int32_t target_side,
                       AxEngineError *error);
void learner_clear (Learner *self);

/** One pass forward and backward; @values: one per loss. */
AxStatus learner_learn (const Learner *self, double *values,
                        AxEngineError *error);
/** @step: from 1. */
AxStatus learner_step (const Learner *self, int64_t step, AxEngineError *error);
/** (transfer full): a parameter's gradient, @count numbers; NULL on failure. */
double *learner_pull_gradient (const Learner *self, int32_t param,
                               int64_t *count, AxEngineError *error);
