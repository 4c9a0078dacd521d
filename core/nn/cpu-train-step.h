#pragma once

#include "core/nn/cpu-norm.h"
#include "core/nn/cpu-train-conv.h"

G_BEGIN_DECLS

/**
 * AxCpuTrainChain: nodes that are done in one go: batch norm, ReLU and halving
 * pool where they follow one another, -1 for what is not there; all are -1
 * for any other node, which is on its own.
 */
typedef struct
{
  int norm, relu, pool;
  int last;
} AxCpuTrainChain;

AxCpuTrainChain ax_cpu_train_find_chain (const AxGraphView *graph, int first);

/** Whether a node's gradients of its inputs are put where others add theirs. */
gboolean ax_cpu_train_overwrites (const AxNode *node);

/**
 * AxCpuTrainStep:
 *
 * One thing that a training plan does, forward and backward.
 *
 * @op: node, values of the inputs and of the output
 * @params, @d_params: of the node, NULL where unused
 *
 * Thread: the engine's.
 */
typedef struct
{
  int first, last; /* nodes */
  AxCpuOp op;
  float *params[4], *d_params[2];
  AxCpuTrainConv *conv;
  AxCpuNorm *norm;
} AxCpuTrainStep;

/** @self: with nodes, parameters, and the op's node, shapes and lanes filled
 * in.  On failure clear it all the same. */
AxStatus ax_cpu_train_step_init (AxCpuTrainStep *self,
                                 const AxCpuMachine *machine,
                                 const AxGraphView *graph,
                                 gboolean wants_d_input, AxEngineError *error);
void ax_cpu_train_step_clear (AxCpuTrainStep *self);

gsize ax_cpu_train_step_get_scratch_bytes (const AxCpuTrainStep *self);

/** Gives the parameters of now to what keeps them in another order. */
AxStatus ax_cpu_train_step_set_weights (AxCpuTrainStep *self,
                                        AxEngineError *error);

/** As for detection. */
AxStatus ax_cpu_train_step_infer (AxCpuTrainStep *self,
                                  const AxCpuMachine *machine, gpointer scratch,
                                  AxEngineError *error);
AxStatus ax_cpu_train_step_learn (AxCpuTrainStep *self,
                                  const AxCpuMachine *machine, guint64 seed,
                                  gpointer scratch, AxEngineError *error);

/** @d_in: NULL where not wanted; overwritten or added to, see above. */
AxStatus ax_cpu_train_step_backward (AxCpuTrainStep *self,
                                     const AxCpuMachine *machine, guint64 seed,
                                     const float *d_out, float *const d_in[2],
                                     gpointer scratch, AxEngineError *error);

G_END_DECLS
