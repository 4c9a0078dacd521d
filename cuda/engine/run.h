#pragma once

#include "cuda/engine/device.h"
#include "cuda/engine/plan.h"

/**
 * AxCudaRun:
 *
 * A plan with its memory on the device, its parameters and its convolutions
 * made ready.
 *
 * Small inputs, where queueing takes longer than computing, are recorded as a
 * graph of the device after their first pass.
 *
 * Thread: the device's.
 */
typedef struct AxCudaRun AxCudaRun;

/**
 * ax_cuda_run_new:
 * @plan: (transfer full): also on failure
 * @budget: bytes of the device that may be used; 0: what is free
 *
 * Errors: AX_STATUS_MEMORY, with a word on what is needed and what there is;
 * those of ax_cuda_conv_new().
 */
AxStatus ax_cuda_run_new (AxCudaDevice *device, AxCudaPlan *plan, int is_half,
                          const AxTensorView *params, size_t budget,
                          AxCudaRun **run, AxEngineError *error);
void ax_cuda_run_free (AxCudaRun *self);

/** As AxEngineOps's functions. */
AxStatus ax_cuda_run_submit (AxCudaRun *self, const AxTensorView *input,
                             const AxTensorView *outputs, AxEngineError *error);
AxStatus ax_cuda_run_wait (AxCudaRun *self, AxEngineError *error);
AxStatus ax_cuda_run_forward (AxCudaRun *self, const AxTensorView *input,
                              const AxTensorView *outputs,
                              AxEngineError *error);
