#pragma once

#include "cuda/engine/call.h"

/**
 * AxCudaPlan:
 *
 * A graph translated for one size of input, without any call of the device:
 * steps in order, and where in one arena each value between them lies.
 *
 * Fused: a RELU into the CONV, CONV_TRANSPOSE or BATCH_NORM that it alone
 * reads.  DROPOUT has a step in training only.  A CONV_TRANSPOSE is two steps:
 * the gradient of a convolution by its input, which is the same sum, then bias
 * and RELU.
 *
 * Thread: immutable.
 */
typedef enum
{
  AX_CUDA_STEP_CONV,
  AX_CUDA_STEP_CONV_TRANSPOSE, /* without bias and RELU */
  AX_CUDA_STEP_KERNEL,
} AxCudaStepKind;

/**
 * AxCudaStep: @in and @out are numbers of nodes whose values they are, -1
 * where unused; step 0 makes node 0's of the image.  A convolution is done in
 * pieces of @n_entries of the batch, so that none has too many elements.
 */
typedef struct
{
  int32_t kind;   /* AxCudaStepKind */
  int32_t kernel; /* AxCudaKernel, of KERNEL */
  int32_t node;   /* whose window, parameters and so on count */
  int32_t in[2], out;
  int32_t relu;
  int64_t n_entries;
} AxCudaStep;

/** AxCudaValue: of a node; @bytes is 0 where no step makes it. */
typedef struct
{
  AxCudaShape shape;
  size_t offset; /* into the arena */
  size_t bytes;
} AxCudaValue;

typedef struct
{
  AxNode *nodes;
  AxCudaStep *steps;
  AxCudaValue *values; /* per node */
  int32_t *holders;    /* per node: the one whose value it has */
  int32_t n_nodes, n_steps, n_outputs;
  int32_t outputs[AX_MAX_OUTPUTS]; /* nodes whose values they are */
  size_t arena_bytes;
} AxCudaPlan;

/** cuDNN counts elements in 31 bits in many of its kernels. */
#define AX_CUDA_MAX_ELEMENTS ((int64_t)INT32_MAX)

/**
 * ax_cuda_plan_new:
 * @training: values are as large as in detection, but get no places: that is
 *   for ax_cuda_train_plan_new()
 * @element: bytes of one: 2 or 4
 * @max_elements: of one tensor of a convolution; AX_CUDA_MAX_ELEMENTS
 *
 * Errors: those of ax_cuda_shape_infer(); AX_STATUS_MEMORY when one entry of
 * the batch alone has more elements than that, or the host has no memory.
 */
AxStatus ax_cuda_plan_new (const AxGraphView *graph, int32_t batch,
                           int32_t height, int32_t width, int training,
                           size_t element, int64_t max_elements,
                           AxCudaPlan **plan, AxEngineError *error);
void ax_cuda_plan_free (AxCudaPlan *self);

/** The call of a KERNEL step; pointers and parameters are left to the
 * caller. */
AxCudaCall ax_cuda_plan_get_call (const AxCudaPlan *self,
                                  const AxCudaStep *step);
