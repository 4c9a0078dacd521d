#include "cuda/engine/slot.h"

#include "cuda/engine/fail.h"

#include <stdlib.h>
#include <string.h>

static const AxCudaValue *
get_output (const AxCudaPlan *plan, int32_t index)
{
  return &plan->values[plan->outputs[index]];
}

static size_t
get_output_bytes (const AxCudaPlan *plan, int32_t index)
{
  return (size_t)ax_cuda_shape_count_plain (&get_output (plan, index)->shape)
         * sizeof (float);
}

size_t
ax_cuda_slot_get_bytes (const AxCudaPlan *plan)
{
  size_t bytes = (size_t)ax_cuda_shape_count_plain (&plan->values[0].shape);
  for (int32_t i = 0; i < plan->n_outputs; i++)
    bytes += get_output_bytes (plan, i);
  return bytes;
}

static AxStatus
allocate_output (AxCudaSlot *self, int32_t index, AxEngineError *error)
{
  const size_t bytes = get_output_bytes (self->plan, index);
  void *planes = NULL;
  AxStatus status = ax_cuda_device_alloc (self->device, bytes, &planes, error);
  self->out_planes[index] = planes;
  if (status != AX_STATUS_OK)
    return status;
  self->out_values[index] = ax_cuda_device_alloc_host (self->device, bytes);
  return self->out_values[index] != NULL ? AX_STATUS_OK
                                         : ax_cuda_fail_memory (error, bytes);
}

AxStatus
ax_cuda_slot_init (AxCudaSlot *self, AxCudaDevice *device,
                   const AxCudaPlan *plan, AxEngineError *error)
{
  AxCudaEvent **const events[]
      = { &self->is_in, &self->is_done, &self->is_out };
  *self = (AxCudaSlot){ .device = device, .plan = plan };
  self->image_bytes
      = (size_t)ax_cuda_shape_count_plain (&plan->values[0].shape);
  AxStatus status
      = ax_cuda_device_alloc (device, self->image_bytes, &self->image, error);
  for (int i = 0; i < 3 && status == AX_STATUS_OK; i++)
    status = ax_cuda_event_new (device, events[i], error);
  for (int32_t i = 0; i < plan->n_outputs && status == AX_STATUS_OK; i++)
    status = allocate_output (self, i, error);
  return status;
}

void
ax_cuda_slot_clear (AxCudaSlot *self)
{
  for (int i = 0; i < AX_MAX_OUTPUTS; i++)
    {
      ax_cuda_device_release (self->device, self->out_planes[i]);
      ax_cuda_device_release_host (self->device, self->out_values[i]);
    }
  ax_cuda_event_free (self->is_in);
  ax_cuda_event_free (self->is_done);
  ax_cuda_event_free (self->is_out);
  ax_cuda_device_release (self->device, self->image);
  free (self->narrowed);
}

/* Values of F64 as floats in new memory on the host, NULL when there is none;
 * others as they are. */
static const void *
narrow (AxCudaSlot *self, const AxTensorView *view, int64_t count)
{
  free (self->narrowed);
  self->narrowed = NULL;
  if (view->dtype != AX_DTYPE_F64)
    return view->data;
  self->narrowed = malloc ((size_t)count * sizeof *self->narrowed);
  for (int64_t i = 0; self->narrowed != NULL && i < count; i++)
    self->narrowed[i] = (float)((const double *)view->data)[i];
  return self->narrowed;
}

/* Room for values, which take four times that of bytes. */
static AxStatus
reserve_image (AxCudaSlot *self, size_t bytes, int *moved, AxEngineError *error)
{
  *moved = 0;
  if (bytes <= self->image_bytes)
    return AX_STATUS_OK;
  void *image = NULL;
  AxStatus status = ax_cuda_device_alloc (self->device, bytes, &image, error);
  if (status != AX_STATUS_OK)
    return status;
  ax_cuda_device_release (self->device, self->image);
  self->image = image;
  self->image_bytes = bytes;
  *moved = 1;
  return AX_STATUS_OK;
}

AxStatus
ax_cuda_slot_put (AxCudaSlot *self, const AxTensorView *input, int *moved,
                  AxEngineError *error)
{
  const int64_t count
      = ax_cuda_shape_count_plain (&self->plan->values[0].shape);
  self->is_rgb = input->dtype == AX_DTYPE_U8;
  const size_t bytes = (size_t)count * (self->is_rgb ? 1 : sizeof (float));
  const void *data = narrow (self, input, count);
  AxStatus status = data != NULL ? reserve_image (self, bytes, moved, error)
                                 : ax_cuda_fail_memory (error, bytes);
  if (status == AX_STATUS_OK)
    status = ax_cuda_device_copy_in (self->device, self->image, data, bytes,
                                     error);
  return status == AX_STATUS_OK
             ? ax_cuda_event_order (self->is_in, self->device, AX_CUDA_QUEUE_IN,
                                    AX_CUDA_QUEUE_WORK, error)
             : status;
}

void
ax_cuda_slot_set_image (const AxCudaSlot *self, AxCudaCall *call)
{
  call->a_data = self->image;
  call->kernel = self->is_rgb ? AX_CUDA_INPUT_RGB : AX_CUDA_INPUT_PLANES;
}

AxStatus
ax_cuda_slot_queue_outputs (const AxCudaSlot *self, const char *arena,
                            AxEngineError *error)
{
  AxStatus status = AX_STATUS_OK;
  for (int32_t i = 0; i < self->plan->n_outputs && status == AX_STATUS_OK; i++)
    {
      const AxCudaValue *value = get_output (self->plan, i);
      const AxCudaCall call = { .kernel = AX_CUDA_OUTPUT,
                                .a = value->shape,
                                .a_data = arena + value->offset,
                                .out_data = self->out_planes[i] };
      status = ax_cuda_device_launch (self->device, &call, error);
    }
  return status;
}

AxStatus
ax_cuda_slot_send (AxCudaSlot *self, AxEngineError *error)
{
  AxStatus status
      = ax_cuda_event_order (self->is_done, self->device, AX_CUDA_QUEUE_WORK,
                             AX_CUDA_QUEUE_OUT, error);
  for (int32_t i = 0; i < self->plan->n_outputs && status == AX_STATUS_OK; i++)
    status = ax_cuda_device_copy_out (self->device, self->out_values[i],
                                      self->out_planes[i],
                                      get_output_bytes (self->plan, i), error);
  return status == AX_STATUS_OK ? ax_cuda_event_mark (
             self->is_out, self->device, AX_CUDA_QUEUE_OUT, error)
                                : status;
}

static void
hand_over (const AxCudaSlot *self, int32_t index, const AxTensorView *view)
{
  const size_t bytes = get_output_bytes (self->plan, index);
  const float *values = self->out_values[index];
  if (view->dtype != AX_DTYPE_F64)
    memcpy (view->data, values, bytes);
  else
    for (size_t i = 0; i < bytes / sizeof *values; i++)
      ((double *)view->data)[i] = (double)values[i];
}

AxStatus
ax_cuda_slot_get (AxCudaSlot *self, const AxTensorView *outputs,
                  AxEngineError *error)
{
  AxStatus status = ax_cuda_event_wait (self->is_out, error);
  for (int32_t i = 0; i < self->plan->n_outputs && status == AX_STATUS_OK; i++)
    hand_over (self, i, &outputs[i]);
  return status;
}
