#pragma once

#include "core/nn/engine-api.h"

/**
 * AxCudaFacts: what the libraries say about this machine.  Versions are as
 * CUDA (13000: 13.0) and cuDNN (91900: 9.19.0) give them.
 */
typedef enum
{
  AX_CUDA_DEVICES_FOUND,
  AX_CUDA_DEVICES_NONE,
  AX_CUDA_DEVICES_DRIVER, /* is missing or too old */
  AX_CUDA_DEVICES_FAILED,
} AxCudaDevices;

typedef struct
{
  int32_t driver;  /* newest CUDA that the driver runs, 0: no driver */
  int32_t runtime; /* CUDA that this module is built with */
  int64_t cudnn;   /* that is loaded */
  AxCudaDevices devices;
  const char *failure;  /* in the library's words, when FAILED */
  const char *name;     /* of the first device */
  int32_t major, minor; /* its compute capability */
  int64_t memory_bytes; /* free */
} AxCudaFacts;

/** Oldest cuDNN, and compute capability, that this module runs with. */
#define AX_CUDA_MIN_CUDNN 90800
#define AX_CUDA_MIN_MAJOR 8

/**
 * ax_cuda_probe_explain:
 *
 * Fills in whether the device can be used, and what it is; or why not, in one
 * line that says what to do about it.  Thread: any.
 */
void ax_cuda_probe_explain (const AxCudaFacts *facts, AxEngineReport *report);
