#pragma once

#include "cuda/engine/slot.h"
#include "cuda/engine/train-params.h"
#include "cuda/engine/train-plan.h"

/**
 * The passes of a training plan: what train-run.h is made of.
 *
 * AxCudaTrainStep: what a step has on the device: @forward, @data and @filter
 * of convolutions, @norm of a BATCH_NORM.
 *
 * Thread: the device's.
 */
typedef struct
{
  AxCudaConv *forward, *data, *filter;
  AxCudaNorm norm;
} AxCudaTrainStep;

typedef struct
{
  AxCudaDevice *device;
  AxCudaTrainPlan *plan;
  AxCudaTrainParams params;
  AxCudaTrainStep *steps;
  AxCudaSlot slot;
  char *arena;
  void *workspace;
  void *filter;        /* a filter's gradient as cuDNN gives it */
  float *partials[2];  /* AX_CUDA_MAX_PARTIALS of each channel */
  float *zeros, *ones; /* one per channel, zeros as values too */
  uint64_t seed;       /* of dropout */
} AxCudaPass;

/** Parts that sums over cells are made in. */
#define AX_CUDA_MAX_PARTIALS 2048

typedef enum
{
  AX_CUDA_PASS_INFER,
  AX_CUDA_PASS_LEARN,
  AX_CUDA_PASS_AGAIN, /* as LEARN, but the running statistics stay */
} AxCudaPassKind;

/** Queues all forward steps; the image is in the slot. */
AxStatus ax_cuda_pass_forward (AxCudaPass *self, AxCudaPassKind kind,
                               AxEngineError *error);

/** Queues all backward steps; the losses' gradients are in their places. */
AxStatus ax_cuda_pass_backward (AxCudaPass *self, AxEngineError *error);

/** Buffers of a step's convolutions: of FORWARD and DATA as they are used in
 * the forward or the backward pass, whichever has them. */
AxCudaConvData ax_cuda_pass_get_forward (const AxCudaPass *self, int32_t step);
AxCudaConvData ax_cuda_pass_get_data (const AxCudaPass *self, int32_t step);
AxCudaConvData ax_cuda_pass_get_filter (const AxCudaPass *self, int32_t step);

/** The gradient of a node's value. */
void *ax_cuda_pass_get_gradient (const AxCudaPass *self, int32_t node);
void *ax_cuda_pass_get_value (const AxCudaPass *self, int32_t node);
