#pragma once

#include "cuda/engine/plan.h"

/**
 * AxCudaTrainPlan:
 *
 * A plan for training, without any call of the device: beside the forward
 * steps, whose backward passes are done from the last to the first, which
 * gradients there are, and where.  A value is kept from its step to that
 * step's backward pass, its gradient from that of its last reader, all in one
 * arena.
 *
 * Thread: immutable.
 */
typedef struct
{
  AxCudaPlan *plan; /* with places of its values */
  AxLoss *losses;
  int32_t *loss_nodes;  /* per loss: whose value it is worked out from */
  double *temperatures; /* per loss: of a CROSS_ENTROPY's softmax */
  int32_t n_losses;
  int32_t *wanted;   /* per node: whether there is a gradient */
  size_t *gradients; /* per node: offset into the arena */
  int32_t (
      *accumulate)[2]; /* per step and input: the gradient has been begun */
  size_t extra;        /* offset: for a gradient by cuDNN that is to be added */
  size_t arena_bytes;
} AxCudaTrainPlan;

/**
 * ax_cuda_train_plan_new:
 *
 * Errors: those of ax_cuda_plan_new() and ax_cuda_loss_check();
 * AX_STATUS_MEMORY when a convolution's tensor has too many elements for one
 * piece.
 */
AxStatus ax_cuda_train_plan_new (const AxGraphView *graph, const AxLoss *losses,
                                 int32_t n_losses, int32_t batch,
                                 int32_t height, int32_t width, size_t element,
                                 AxCudaTrainPlan **plan, AxEngineError *error);
void ax_cuda_train_plan_free (AxCudaTrainPlan *self);

/** Whether input @k of a step has a gradient to be made. */
int ax_cuda_train_plan_wants (const AxCudaTrainPlan *self,
                              const AxCudaStep *step, int k);
