#pragma once

#include "cuda/engine/device.h"
#include "cuda/engine/plan.h"

/**
 * AxCudaTrainParams:
 *
 * The parameters of a network that learns, with gradients and moments, on the
 * device: floats in the order of ax_cuda_params_pack_filter(), one parameter
 * behind the other; and, where values are halves, what convolutions read of
 * them.  The padding stays zero but in gradients.
 *
 * Thread: the device's.
 */
typedef struct
{
  size_t offset;            /* in floats */
  int32_t n_a, n_taps, n_b; /* without padding */
  int32_t stored_a, stored_b;
  int32_t is_trained;
} AxCudaTrainParam;

typedef struct
{
  AxCudaDevice *device;
  AxCudaTrainParam *params;
  int32_t n_params;
  int32_t n_floats;
  int is_half;
  int is_stale; /* halves are not those of the floats */
  float *states[AX_N_TRAIN_STATES];
  void *halves;
} AxCudaTrainParams;

/** Bytes that they will take on the device. */
size_t ax_cuda_train_params_get_bytes (const AxCudaTrainParams *self);

/** The host's part.  On failure clear it all the same. */
AxStatus
ax_cuda_train_params_init (AxCudaTrainParams *self, AxCudaDevice *device,
                           const AxCudaPlan *plan, const AxTensorView *params,
                           int32_t n_params, int is_half, AxEngineError *error);
/** The device's part, gradients and moments zero. */
AxStatus ax_cuda_train_params_load (AxCudaTrainParams *self,
                                    const AxTensorView *params,
                                    AxEngineError *error);
void ax_cuda_train_params_clear (AxCudaTrainParams *self);

/** Where a parameter's state lies; NULL for number -1. */
float *ax_cuda_train_params_get (const AxCudaTrainParams *self, int32_t param,
                                 AxTrainState state);

/** Its values as convolutions read them; NULL for number -1. */
void *ax_cuda_train_params_get_values (const AxCudaTrainParams *self,
                                       int32_t param);

/** Queues what makes the halves those of now. */
AxStatus ax_cuda_train_params_refresh (AxCudaTrainParams *self,
                                       AxEngineError *error);

/**
 * ax_cuda_train_params_unscale:
 * @overflow: on the device: set where something is not finite
 *
 * Queues the division of all gradients by @scale.
 */
AxStatus ax_cuda_train_params_unscale (AxCudaTrainParams *self, double scale,
                                       int32_t *overflow, AxEngineError *error);

/** As AxEngineOps's functions. */
AxStatus ax_cuda_train_params_update (AxCudaTrainParams *self,
                                      const AxOptimStep *step,
                                      AxEngineError *error);
AxStatus ax_cuda_train_params_pull (const AxCudaTrainParams *self,
                                    int32_t param, int32_t state,
                                    const AxTensorView *out,
                                    AxEngineError *error);
AxStatus ax_cuda_train_params_push (AxCudaTrainParams *self, int32_t param,
                                    int32_t state, const AxTensorView *in,
                                    AxEngineError *error);
