#pragma once

#include "cuda/engine/device.h"
#include "cuda/engine/plan.h"

/**
 * AxCudaTrain:
 *
 * A training plan with its memory on the device.  Parameters, gradients and
 * moments are floats; where values are halves, convolutions read halves made
 * of the parameters.  Losses are worked out on the host in double, their
 * gradients multiplied by a scale that keeps small ones from vanishing in
 * halves (Micikevicius et al. 2018): should something overflow, the pass is
 * done again with half of it, so that no step is lost.  After a while without
 * it grows again.
 *
 * The same calls give the same numbers.
 *
 * Thread: the device's.
 */
typedef struct AxCudaTrain AxCudaTrain;

/** Arguments and errors are those of AxEngineOps's functions for training;
 * @budget as of ax_cuda_run_new(). */
AxStatus ax_cuda_train_new (AxCudaDevice *device, int is_half,
                            const AxGraphView *graph,
                            const AxTensorView *params, const AxLoss *losses,
                            int32_t n_losses, int32_t batch, int32_t height,
                            int32_t width, size_t budget, AxCudaTrain **train,
                            AxEngineError *error);
void ax_cuda_train_free (AxCudaTrain *self);

AxStatus ax_cuda_train_forward (AxCudaTrain *self, const AxTensorView *input,
                                const AxTensorView *outputs,
                                AxEngineError *error);
AxStatus ax_cuda_train_learn (AxCudaTrain *self, const AxTensorView *input,
                              const AxTensorView *targets,
                              const float *entry_weights, uint64_t seed,
                              double *values, AxEngineError *error);
AxStatus ax_cuda_train_step (AxCudaTrain *self, const AxOptimStep *step,
                             AxEngineError *error);
AxStatus ax_cuda_train_pull (AxCudaTrain *self, int32_t param, int32_t state,
                             const AxTensorView *out, AxEngineError *error);
AxStatus ax_cuda_train_push (AxCudaTrain *self, int32_t param, int32_t state,
                             const AxTensorView *in, AxEngineError *error);
