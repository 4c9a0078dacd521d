#pragma once

#include "cuda/engine/device.h"
#include "cuda/engine/plan.h"

/**
 * AxCudaSlot:
 *
 * Where a pass takes its image from and leaves its outputs: the device's memory
 * for both, and the copies to and from the host, which run beside the work of
 * other passes.
 *
 * Thread: the device's.
 */
typedef struct
{
  AxCudaDevice *device;
  const AxCudaPlan *plan;
  void *image; /* as it comes */
  size_t image_bytes;
  int is_rgb;
  float *narrowed;                   /* on the host, of an image of F64 */
  float *out_planes[AX_MAX_OUTPUTS]; /* as they go */
  float *out_values[AX_MAX_OUTPUTS]; /* the same on the host */
  AxCudaEvent *is_in, *is_done, *is_out;
} AxCudaSlot;

/** Bytes that it will take, with bytes as the image. */
size_t ax_cuda_slot_get_bytes (const AxCudaPlan *plan);

/** @plan: outlives it.  On failure clear it all the same. */
AxStatus ax_cuda_slot_init (AxCudaSlot *self, AxCudaDevice *device,
                            const AxCudaPlan *plan, AxEngineError *error);
void ax_cuda_slot_clear (AxCudaSlot *self);

/**
 * ax_cuda_slot_put:
 * @moved: out: whether the image has another place from now on
 *
 * Queues the copy of the image, which must stay until ax_cuda_slot_get() or
 * ax_cuda_device_wait() has come back; later work waits for it.
 */
AxStatus ax_cuda_slot_put (AxCudaSlot *self, const AxTensorView *input,
                           int *moved, AxEngineError *error);

/** The kernel that makes node 0's value of the image. */
void ax_cuda_slot_set_image (const AxCudaSlot *self, AxCudaCall *call);

/** Queues what makes planes of the outputs, which lie in @arena. */
AxStatus ax_cuda_slot_queue_outputs (const AxCudaSlot *self, const char *arena,
                                     AxEngineError *error);

/** Queues their copy to the host, after all work that was queued before. */
AxStatus ax_cuda_slot_send (AxCudaSlot *self, AxEngineError *error);

/** Waits for that, and hands the outputs over. */
AxStatus ax_cuda_slot_get (AxCudaSlot *self, const AxTensorView *outputs,
                           AxEngineError *error);
