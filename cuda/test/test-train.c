/*
 * Training on loops in place of a GPU: what is refused, out of memory at every
 * place, and gradients too large for halves.  That the numbers are right is
 * shown beside the reference engine (tests/engine/test-train.c).
 */
#include "cuda/engine/train-run.h"
#include "cuda/test/device-host.h"
#include "cuda/test/net.h"
#include "cuda/test/tap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define N 3
#define SIDE 12
#define N_IMAGE (N * SIDE * SIDE * 3)
#define N_PLANE (N * SIDE * SIDE)

/* Of net_new_branches(): a loss on the classes, one on the gate. */
typedef struct
{
  AxCudaDevice *device;
  AxCudaTrain *train;
  Net *net;
} Fixture;

static AxStatus
init (Fixture *self, Net *net, int is_half, double weight, size_t budget,
      AxEngineError *error)
{
  const AxLoss losses[] = { { AX_LOSS_CROSS_ENTROPY, 0, weight },
                            { AX_LOSS_SMOOTH_L1, 1, weight } };
  *self = (Fixture){ .net = net };
  const AxGraphView view = net_view (net);
  AxStatus status = ax_cuda_device_new (is_half, &self->device, error);
  return status == AX_STATUS_OK
             ? ax_cuda_train_new (self->device, is_half, &view, net->params,
                                  losses, net->n_outputs, N, SIDE, SIDE, budget,
                                  &self->train, error)
             : status;
}

static void
clear (Fixture *self)
{
  ax_cuda_train_free (self->train);
  ax_cuda_device_free (self->device);
  net_free (self->net);
}

static AxStatus
learn (Fixture *self, double values[2], AxEngineError *error)
{
  static uint8_t rgb[N_IMAGE];
  static int32_t classes[N_PLANE];
  static float shares[N_PLANE];
  const AxTensorView input = {
    .data = rgb, .dtype = AX_DTYPE_U8, .rank = 4, .shape = { N, SIDE, SIDE, 3 }
  };
  const AxTensorView targets[] = {
    { .data = classes,
      .dtype = AX_DTYPE_I32,
      .rank = 3,
      .shape = { N, SIDE, SIDE } },
    { .data = shares,
      .dtype = AX_DTYPE_F32,
      .rank = 4,
      .shape = { N, 1, SIDE, SIDE } },
  };
  uint64_t seed = 5;
  for (int i = 0; i < N_IMAGE; i++)
    rgb[i] = (uint8_t)net_draw (&seed);
  for (int i = 0; i < N_PLANE; i++)
    classes[i] = (int32_t)(net_draw (&seed) % 2);
  return ax_cuda_train_learn (self->train, &input, targets, NULL, 1, values,
                              error);
}

/* Length of a parameter's state; its first values in @values. */
static double
pull (Fixture *self, int32_t param, AxTrainState state, double *values,
      AxEngineError *error)
{
  AxTensorView view = self->net->params[param];
  int64_t count = 1;
  double length = 0.0;
  for (int32_t i = 0; i < view.rank; i++)
    count *= view.shape[i];
  view.dtype = AX_DTYPE_F64;
  view.data = values;
  if (ax_cuda_train_pull (self->train, param, state, &view, error)
      != AX_STATUS_OK)
    return NAN;
  for (int64_t i = 0; i < count; i++)
    length += values[i] * values[i];
  return sqrt (length);
}

/* The device runs out at the first allocation, the second, and so on. */
static void
test_memory (void)
{
  AxEngineError error = { "" };
  AxStatus status = AX_STATUS_MEMORY;
  Fixture fixture;
  double values[2];
  int n_allocs = 0, good = 1;
  for (; status == AX_STATUS_MEMORY && n_allocs < 100; n_allocs++)
    {
      ax_cuda_host_n_allocs = n_allocs;
      status = init (&fixture, net_new_branches (3), 1, 1.0, 0, &error);
      good = good
             && (status == AX_STATUS_OK
                 || (fixture.train == NULL && error.message[0] != '\0'));
      if (status == AX_STATUS_OK)
        status = learn (&fixture, values, &error);
      clear (&fixture);
    }
  ax_cuda_host_n_allocs = -1;
  tap_check (status == AX_STATUS_OK && good && n_allocs > 10,
             "out of memory at each of %d places", n_allocs - 1);
  status = init (&fixture, net_new_branches (3), 1, 1.0, 1000, &error);
  clear (&fixture);
  tap_check (
      status == AX_STATUS_MEMORY
          && strncmp (error.message, "training on 3 x 12 x 12 takes ", 30) == 0,
      "beyond the budget: %s", error.message);
}

/* With this weight the scaled gradients do not fit into halves: passes are
 * repeated with a smaller scale, and leave the same behind as in floats, the
 * running statistics of the one batch norm included. */
static void
test_overflow (void)
{
  static double gradients[2][1000], statistics[2][1000];
  double values[2][2], lengths[2];
  AxEngineError error = { "" };
  AxStatus status = AX_STATUS_OK;
  for (int is_half = 0; is_half < 2 && status == AX_STATUS_OK; is_half++)
    {
      Fixture fixture;
      status = init (&fixture, net_new_branches (3), is_half, 1e4, 0, &error);
      if (status == AX_STATUS_OK)
        status = learn (&fixture, values[is_half], &error);
      if (status == AX_STATUS_OK)
        lengths[is_half]
            = pull (&fixture, 0, AX_STATE_GRADIENT, gradients[is_half], &error);
      if (status == AX_STATUS_OK)
        pull (&fixture, 6, AX_STATE_VALUE, statistics[is_half], &error);
      clear (&fixture);
    }
  tap_check (status == AX_STATUS_OK, "gradients beyond halves %s",
             error.message);
  tap_check (fabs (values[1][0] / values[0][0] - 1.0) < 0.01
                 && fabs (values[1][1] / values[0][1] - 1.0) < 0.01,
             "the losses are those of floats");
  tap_check (fabs (lengths[1] / lengths[0] - 1.0) < 0.05,
             "so are the gradients: %g, %g", lengths[1], lengths[0]);
  tap_check (fabs (statistics[1][0] - statistics[0][0]) < 1e-3,
             "so are the statistics: %g, %g", statistics[1][0],
             statistics[0][0]);
}

static void
check_refused (const char *name, Net *net, AxStatus expected, const char *why)
{
  AxEngineError error = { "" };
  Fixture fixture;
  const AxStatus status = init (&fixture, net, 1, 1.0, 0, &error);
  clear (&fixture);
  tap_check (status == expected && strstr (error.message, why) != NULL,
             "%s: %s", name, error.message);
}

static void
test_refusals (void)
{
  const AxWindow window = { 2, 2, 1, 1, 0 };
  Net *net = net_new (1);
  net_add_output (net, net_add_conv (net, AX_NODE_CONV, 0, 2, window));
  check_refused ("no softmax", net, AX_STATUS_ARGUMENT,
                 "loss 0: a cross entropy needs a softmax");
  net = net_new (1);
  net_add (net, AX_NODE_FRAGMENT,
           net_add_conv (net, AX_NODE_CONV, 0, 2, window), -1, 2);
  net_add_output (net, net_add_softmax (net, 2));
  check_refused ("a fragment", net, AX_STATUS_UNSUPPORTED,
                 "node 2: it is made for detection");
  net = net_new (1);
  net_add_conv (net, AX_NODE_CONV, 0, 3, window);
  net_add_conv (net, AX_NODE_CONV, 1, 3, window);
  net->nodes[2].params[0] = net->nodes[1].params[0];
  net_add_output (net, net_add_softmax (net, 2));
  check_refused ("a shared parameter", net, AX_STATUS_UNSUPPORTED,
                 "node 2: it shares a parameter");
}

int
main (void)
{
  test_memory ();
  test_overflow ();
  test_refusals ();
  return tap_finish ();
}
