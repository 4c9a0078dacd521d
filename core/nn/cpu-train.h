#pragma once

#include "core/nn/cpu-step.h"

G_BEGIN_DECLS

/**
 * AxCpuTrain:
 *
 * A graph made ready for training with one size of batch.  Parameters, their
 * gradients and moments are kept in plain order and given to each convolution
 * in its own before a pass.  Batch norm, ReLU and halving pool that follow one
 * another are one step (cpu-norm.h).  All values of a forward pass stay in one
 * arena until the backward pass has done with them; gradients share it, each
 * from its first writer to its reader.  What it takes is traced with
 * AX_DEBUG=engine, and so is the time of each step.
 *
 * The same numbers come out for the same number of threads.
 *
 * Thread: the engine's.
 */
typedef struct _AxCpuTrain AxCpuTrain;

/** Arguments and errors are those of AxEngineOps's functions for training. */
AxStatus ax_cpu_train_new (const AxCpuMachine *machine,
                           const AxGraphView *graph, const AxTensorView *params,
                           const AxLoss *losses, int n_losses, int batch,
                           int height, int width, AxCpuTrain **self,
                           AxEngineError *error);
void ax_cpu_train_free (AxCpuTrain *self);

AxStatus ax_cpu_train_forward (AxCpuTrain *self, const AxTensorView *input,
                               const AxTensorView *outputs,
                               AxEngineError *error);
AxStatus ax_cpu_train_learn (AxCpuTrain *self, const AxTensorView *input,
                             const AxTensorView *targets,
                             const float *entry_weights, guint64 seed,
                             double *values, AxEngineError *error);
void ax_cpu_train_update (AxCpuTrain *self, const AxOptimStep *step);
void ax_cpu_train_pull (const AxCpuTrain *self, int param, AxTrainState state,
                        const AxTensorView *out);
void ax_cpu_train_push (AxCpuTrain *self, int param, AxTrainState state,
                        const AxTensorView *in);

G_END_DECLS
