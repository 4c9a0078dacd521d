/*
 * How fast the engine is, beside a large matrix product in halves on the same
 * card in the same run.
 *
 * Usage: bench-cuda-gpu MODULE [--probe]
 *
 * With --probe it only says what there is.  The exit status is 77 when there
 * is no GPU.
 */
#include "cuda/engine/plan.h"
#include "cuda/test/runner.h"

#include <stdio.h>
#include <stdlib.h>

#define N_PASSES 10
/* A 1x1 convolution of so many channels over so many cells is a product of
 * square matrices. */
#define MATRIX_SIDE 8192
#define MATRIX_CELLS_H 64
#define MATRIX_CELLS_W 128
#define MAX_PRODUCTS 9

static void
check (AxStatus status, const AxEngineError *error)
{
  if (status == AX_STATUS_OK)
    return;
  fprintf (stderr, "%s\n", error->message);
  exit (1);
}

/* Of the fastest of some passes, copies included; the image is in memory that
 * the engine gave. */
static double
time_passes (const Runner *runner)
{
  const int64_t count = (int64_t)runner->n * runner->h * runner->w * 3;
  AxEngineError error = { "" };
  double best = 1e9;
  uint8_t *rgb = runner->ops->host_alloc (runner->context, (size_t)count);
  float *values = runner_make_values (runner->n_values);
  uint64_t state = 1;
  for (int64_t i = 0; rgb != NULL && i < count; i++)
    rgb[i] = (uint8_t)net_draw (&state);
  for (int i = 0; rgb != NULL && i < N_PASSES; i++)
    {
      const double start = runner_get_seconds ();
      check (runner_forward (runner, rgb, values, &error), &error);
      const double seconds = runner_get_seconds () - start;
      best = seconds < best ? seconds : best;
    }
  runner->ops->host_free (runner->context, rgb);
  free (values);
  return best;
}

static double
time_products (const AxEngineOps *ops, int n_products)
{
  const AxWindow one = { 1, 1, 1, 1, 0 };
  AxEngineError error = { "" };
  Runner runner;
  Net *net = net_new (1);
  int32_t node = net_add_conv (net, AX_NODE_CONV, 0, MATRIX_SIDE, one);
  node = net_add_conv (net, AX_NODE_CONV, node, MATRIX_SIDE, one);
  /* The others have the same matrix. */
  for (int i = 1; i < n_products; i++)
    {
      node = net_add (net, AX_NODE_CONV, node, -1, MATRIX_SIDE);
      net->nodes[node] = net->nodes[node - 1];
      net->nodes[node].inputs[0] = node - 1;
    }
  net_add_output (net, net_add (net, AX_NODE_CHANNEL_MEAN, node, -1, 1));
  check (runner_init (&runner, ops, AX_PRECISION_DEFAULT, 0, net, 1,
                      MATRIX_CELLS_H, MATRIX_CELLS_W, &error),
         &error);
  const double seconds = time_passes (&runner);
  runner_clear (&runner);
  net_free (net);
  return seconds;
}

/* Of one product: what eight more cost. */
static double
measure_matrix_rate (const AxEngineOps *ops)
{
  const double seconds
      = (time_products (ops, MAX_PRODUCTS) - time_products (ops, 1))
        / (MAX_PRODUCTS - 1);
  const double side = MATRIX_SIDE;
  return 2.0 * side * side * side / seconds;
}

/* Two per multiply-add of the convolutions. */
static double
count_flops (const Net *net, int32_t side)
{
  AxEngineError error = { "" };
  AxCudaPlan *plan = NULL;
  const AxGraphView view = net_view (net);
  double flops = 0.0;
  check (ax_cuda_plan_new (&view, 1, side, side, 0, 2, AX_CUDA_MAX_ELEMENTS,
                           &plan, &error),
         &error);
  for (int32_t i = 0; i < plan->n_steps; i++)
    {
      const AxCudaStep *step = &plan->steps[i];
      const AxWindow *w = &plan->nodes[step->node].u.window;
      if (step->kind != AX_CUDA_STEP_CONV)
        continue;
      const AxCudaShape *in = &plan->values[step->in[0]].shape;
      const AxCudaShape *out = &plan->values[step->out].shape;
      flops += 2.0 * w->kernel_h * w->kernel_w * (double)in->c
               * (double)(out->n * out->c * out->h * out->w);
    }
  ax_cuda_plan_free (plan);
  return flops;
}

static void
measure_scannet (const AxEngineOps *ops, int32_t n_cells, int32_t depth,
                 double matrix_rate)
{
  const int32_t side = net_get_scannet_side (n_cells, depth);
  const double advance = 32.0 * n_cells;
  AxEngineError error = { "" };
  Runner runner;
  Net *net = net_new_scannet (1, depth, 1);
  const double start = runner_get_seconds ();
  check (runner_init (&runner, ops, AX_PRECISION_DEFAULT, 0, net, 1, side, side,
                      &error),
         &error);
  const double compile_seconds = runner_get_seconds () - start;
  const double seconds = time_passes (&runner);
  const double rate = count_flops (net, side) / seconds;
  printf ("scannet %4d, alpha %2d: %8.2f ms, %6.1f TFLOP/s, %4.0f %% of the "
          "product, %6.0f Mpx/s; ready in %.2f s\n",
          side, 1 << depth, 1e3 * seconds, 1e-12 * rate,
          100.0 * rate / matrix_rate, 1e-6 * advance * advance / seconds,
          compile_seconds);
  fflush (stdout);
  runner_clear (&runner);
  net_free (net);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    int32_t n_cells, depth;
  } cases[] = { { 83, 1 }, { 83, 0 }, { 83, 2 }, { 83, 3 },
                { 51, 1 }, { 27, 1 }, { 11, 1 }, { 11, 1 } };
  AxEngineReport report = { 0 };
  AxEngineError error = { "" };
  if (argc < 2 || argc > 3)
    return 2;
  const AxEngineOps *ops = runner_load (argv[1]);
  if (ops->probe (&report, &error) != AX_STATUS_OK || !report.usable)
    {
      printf ("skipped: %s\n", report.why);
      return 77;
    }
  printf ("%s, %s\n", report.device, report.version);
  if (argc == 3)
    return 0;
  const double matrix_rate = measure_matrix_rate (ops);
  printf ("product of %d x %d halves: %.1f TFLOP/s\n", MATRIX_SIDE, MATRIX_SIDE,
          1e-12 * matrix_rate);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    measure_scannet (ops, cases[i].n_cells, cases[i].depth, matrix_rate);
  return 0;
}
