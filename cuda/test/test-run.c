/*
 * Plans that run, on loops in place of a GPU: in pieces of the batch, recorded,
 * with values instead of bytes, and out of memory at every place.
 */
#include "cuda/engine/run.h"
#include "cuda/test/device-host.h"
#include "cuda/test/net.h"
#include "cuda/test/tap.h"

#include <stdlib.h>
#include <string.h>

#define N 4
#define SIDE 24
#define N_IMAGE (N * SIDE * SIDE * 3)
/* Softmax of two and the gate. */
#define N_VALUES (N * SIDE * SIDE * 3)

typedef struct
{
  AxCudaDevice *device;
  AxCudaRun *run;
  Net *net;
} Fixture;

static AxStatus
init (Fixture *self, int is_half, int64_t max_elements, size_t budget,
      AxEngineError *error)
{
  AxCudaPlan *plan = NULL;
  *self = (Fixture){ .net = net_new_branches (3) };
  const AxGraphView view = net_view (self->net);
  AxStatus status = ax_cuda_device_new (is_half, &self->device, error);
  if (status == AX_STATUS_OK)
    status = ax_cuda_plan_new (&view, N, SIDE, SIDE, 0, is_half ? 2 : 4,
                               max_elements, &plan, error);
  if (status == AX_STATUS_OK)
    status = ax_cuda_run_new (self->device, plan, is_half, self->net->params,
                              budget, &self->run, error);
  return status;
}

static void
clear (Fixture *self)
{
  ax_cuda_run_free (self->run);
  ax_cuda_device_free (self->device);
  net_free (self->net);
}

static void
view_values (float *values, AxTensorView views[2])
{
  views[0] = (AxTensorView){ .data = values,
                             .dtype = AX_DTYPE_F32,
                             .rank = 4,
                             .shape = { N, 2, SIDE, SIDE } };
  views[1] = (AxTensorView){ .data = values + N * 2 * SIDE * SIDE,
                             .dtype = AX_DTYPE_F32,
                             .rank = 4,
                             .shape = { N, 1, SIDE, SIDE } };
}

static AxStatus
forward (Fixture *self, const AxTensorView *input, float *values,
         AxEngineError *error)
{
  AxTensorView views[2];
  view_values (values, views);
  return ax_cuda_run_forward (self->run, input, views, error);
}

static AxStatus
submit (Fixture *self, const AxTensorView *input, float *values,
        AxEngineError *error)
{
  AxTensorView views[2];
  view_values (values, views);
  return ax_cuda_run_submit (self->run, input, views, error);
}

static AxTensorView
view_bytes (uint8_t *rgb)
{
  return (AxTensorView){
    .data = rgb, .dtype = AX_DTYPE_U8, .rank = 4, .shape = { N, SIDE, SIDE, 3 }
  };
}

static void
draw_bytes (uint8_t *rgb, uint64_t seed)
{
  for (int i = 0; i < N_IMAGE; i++)
    rgb[i] = (uint8_t)net_draw (&seed);
}

/* One convolution for all entries of the batch or one each: the same bits. */
static void
test_pieces (void)
{
  static uint8_t rgb[N_IMAGE];
  static float whole[N_VALUES], pieces[N_VALUES];
  const AxTensorView input = view_bytes (rgb);
  AxEngineError error = { "" };
  Fixture fixture;
  draw_bytes (rgb, 1);
  AxStatus status = init (&fixture, 1, AX_CUDA_MAX_ELEMENTS, 0, &error);
  if (status == AX_STATUS_OK)
    status = forward (&fixture, &input, whole, &error);
  clear (&fixture);
  if (status == AX_STATUS_OK)
    status = init (&fixture, 1, SIDE * SIDE * 40, 0, &error);
  if (status == AX_STATUS_OK)
    status = forward (&fixture, &input, pieces, &error);
  clear (&fixture);
  tap_check (status == AX_STATUS_OK
                 && memcmp (whole, pieces, sizeof whole) == 0,
             "in pieces of the batch %s", error.message);
}

/* Bytes singly, recorded and again; values between, which take more room and
 * move the image. */
static void
test_recorded (void)
{
  static uint8_t rgb[2][N_IMAGE];
  static double planes[N_IMAGE];
  static float values[5][N_VALUES];
  AxEngineError error = { "" };
  Fixture fixture;
  AxStatus status = init (&fixture, 0, AX_CUDA_MAX_ELEMENTS, 0, &error);
  const float *mean = fixture.net->nodes[0].u.input.mean;
  const float *std = fixture.net->nodes[0].u.input.std;
  draw_bytes (rgb[0], 1);
  draw_bytes (rgb[1], 2);
  for (int n = 0; n < N; n++)
    for (int c = 0; c < 3; c++)
      for (int i = 0; i < SIDE * SIDE; i++)
        planes[(n * 3 + c) * SIDE * SIDE + i]
            = (double)(((float)rgb[0][(n * SIDE * SIDE + i) * 3 + c] / 255.0f
                        - mean[c])
                       / std[c]);
  const AxTensorView inputs[] = {
    view_bytes (rgb[0]),
    view_bytes (rgb[1]),
    view_bytes (rgb[0]),
    { .data = planes,
      .dtype = AX_DTYPE_F64,
      .rank = 4,
      .shape = { N, 3, SIDE, SIDE } },
    view_bytes (rgb[0]),
  };
  for (int i = 0; i < 5 && status == AX_STATUS_OK; i++)
    status = forward (&fixture, &inputs[i], values[i], &error);
  clear (&fixture);
  tap_check (status == AX_STATUS_OK, "five passes %s", error.message);
  tap_check (memcmp (values[0], values[1], sizeof values[0]) != 0,
             "other bytes give other values");
  for (int i = 2; i < 5; i++)
    tap_check (memcmp (values[0], values[i], sizeof values[0]) == 0,
               "pass %d is as the first", i);
}

/* Two passes under way give what they give singly; a third is refused, as are
 * forward() meanwhile and a wait for nothing. */
static void
test_in_flight (void)
{
  static uint8_t rgb[2][N_IMAGE];
  static float single[2][N_VALUES], both[2][N_VALUES];
  AxEngineError error = { "" };
  Fixture fixture;
  int good = 1;
  AxStatus status = init (&fixture, 1, AX_CUDA_MAX_ELEMENTS, 0, &error);
  for (int i = 0; i < 2; i++)
    draw_bytes (rgb[i], (uint64_t)i + 1);
  const AxTensorView inputs[] = { view_bytes (rgb[0]), view_bytes (rgb[1]) };
  for (int i = 0; i < 2 && status == AX_STATUS_OK; i++)
    status = forward (&fixture, &inputs[i], single[i], &error);
  for (int round = 0; round < 2 && status == AX_STATUS_OK; round++)
    {
      memset (both, 0, sizeof both);
      for (int i = 0; i < 2 && status == AX_STATUS_OK; i++)
        status = submit (&fixture, &inputs[i], both[i], &error);
      good = good
             && submit (&fixture, &inputs[0], both[0], &error)
                    == AX_STATUS_ARGUMENT
             && forward (&fixture, &inputs[0], both[0], &error)
                    == AX_STATUS_ARGUMENT
             && both[0][0] == 0.0f;
      for (int i = 0; i < 2 && status == AX_STATUS_OK; i++)
        status = ax_cuda_run_wait (fixture.run, &error);
      good = good && memcmp (single, both, sizeof both) == 0;
    }
  tap_check (status == AX_STATUS_OK && good, "two passes under way");
  tap_check (ax_cuda_run_wait (fixture.run, &error) == AX_STATUS_ARGUMENT,
             "nothing to wait for: %s", error.message);
  clear (&fixture);
}

/* The device runs out at the first allocation, the second, and so on. */
static void
test_memory (void)
{
  AxEngineError error = { "" };
  AxStatus status = AX_STATUS_MEMORY;
  Fixture fixture;
  int n_allocs = 0, good = 1;
  for (; status == AX_STATUS_MEMORY && n_allocs < 100; n_allocs++)
    {
      ax_cuda_host_n_allocs = n_allocs;
      status = init (&fixture, 1, AX_CUDA_MAX_ELEMENTS, 0, &error);
      good = good
             && (status == AX_STATUS_OK
                 || (fixture.run == NULL && error.message[0] != '\0'));
      clear (&fixture);
    }
  ax_cuda_host_n_allocs = -1;
  tap_check (status == AX_STATUS_OK && good && n_allocs > 10,
             "out of memory at each of %d places", n_allocs - 1);
  status = init (&fixture, 1, AX_CUDA_MAX_ELEMENTS, 1000, &error);
  clear (&fixture);
  tap_check (
      status == AX_STATUS_MEMORY
          && strncmp (error.message, "an input of 4 x 24 x 24 takes ", 30) == 0,
      "beyond the budget: %s", error.message);
}

int
main (void)
{
  test_pieces ();
  test_recorded ();
  test_in_flight ();
  test_memory ();
  return tap_finish ();
}
