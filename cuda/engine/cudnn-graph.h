#pragma once

#include "cuda/engine/device.h"

#include <cudnn.h>

/** Numbers of the tensors of a graph that are in memory. */
enum
{
  AX_CUDNN_UID_IN = 1,
  AX_CUDNN_UID_FILTER,
  AX_CUDNN_UID_BIAS,
  AX_CUDNN_UID_OUT,
};

#define AX_CUDNN_MAX_DESCRIPTORS 16

/**
 * AxCudnnGraph: a convolution, its bias and its RELU, or a gradient of one, as
 * cuDNN's operations.
 * @status is the first failure, @what had failed.  It must outlive the plans
 * made of it.
 */
typedef struct
{
  cudnnStatus_t status;
  const char *what;
  cudnnBackendDescriptor_t graph;
  cudnnBackendDescriptor_t owned[AX_CUDNN_MAX_DESCRIPTORS];
  int n_owned;
} AxCudnnGraph;

/** @self: zeroed. */
void ax_cudnn_graph_init (AxCudnnGraph *self, const AxCudaConvSpec *spec);
void ax_cudnn_graph_clear (AxCudnnGraph *self);
