/*
 * The engine on the GPU beside the same engine on the processor: every kind of
 * node, training, whole networks for every alpha, both precisions; two passes
 * at a time; and what no processor can check in time by itself: the full
 * network against a part of its image.
 *
 * Usage: test-cuda-gpu MODULE HOST-MODULE [--nodes]
 *
 * With --nodes the whole networks are left out, for slow tools.
 */
#include "cuda/test/learner.h"
#include "cuda/test/overlap.h"
#include "cuda/test/runner.h"
#include "cuda/test/tap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof (array) / sizeof *(array))
#define N_PASSES 3
#define N_OVERLAPPED 32

static const AxEngineOps *gpu, *host;

static double
get_gate (AxPrecision precision)
{
  return precision == AX_PRECISION_F32 ? 1e-4 : 5e-3;
}

/* The largest difference, in units of the largest value if that is above
 * one; infinity for what is no number. */
static double
compare (const float *values, const float *truth, int64_t count)
{
  double difference = 0.0, largest = 1.0;
  for (int64_t i = 0; i < count; i++)
    {
      const double d = fabs ((double)values[i] - (double)truth[i]);
      difference = isfinite (d) ? fmax (difference, d) : INFINITY;
      largest = fmax (largest, fabs ((double)truth[i]));
    }
  return difference / largest;
}

/* Three passes, the last of which is recorded: other images between, and the
 * same bits for the same image. */
static void
check_net (const char *name, Net *net, AxPrecision precision, int32_t n,
           int32_t h, int32_t w)
{
  const char *const title = precision == AX_PRECISION_F32 ? "fp32" : "fp16";
  AxEngineError error = { "" };
  Runner one, other;
  if (runner_init (&one, gpu, precision, 0, net, n, h, w, &error)
      != AX_STATUS_OK)
    {
      tap_check (0, "%s, %s: %s", name, title, error.message);
      net_free (net);
      return;
    }
  AxStatus status
      = runner_init (&other, host, precision, 0, net, n, h, w, &error);
  float *values[N_PASSES], *truth = runner_make_values (one.n_values);
  double worst = status == AX_STATUS_OK ? 0.0 : INFINITY;
  for (int i = 0; i < N_PASSES; i++)
    values[i] = runner_make_values (one.n_values);
  for (int i = 0; i < N_PASSES && isfinite (worst); i++)
    {
      uint8_t *rgb
          = runner_make_image ((int64_t)n * h * w * 3, (uint64_t)(i % 2));
      if (runner_forward (&one, rgb, values[i], &error) != AX_STATUS_OK
          || runner_forward (&other, rgb, truth, &error) != AX_STATUS_OK)
        worst = INFINITY;
      else
        worst = fmax (worst, compare (values[i], truth, one.n_values));
      free (rgb);
    }
  tap_check (worst <= get_gate (precision), "%s, %s: %.2g %s", name, title,
             worst, error.message);
  tap_check (
      memcmp (values[0], values[2], (size_t)one.n_values * sizeof (float)) == 0,
      "%s, %s: the same twice", name, title);
  for (int i = 0; i < N_PASSES; i++)
    free (values[i]);
  free (truth);
  runner_clear (&one);
  if (status == AX_STATUS_OK)
    runner_clear (&other);
  net_free (net);
}

typedef struct
{
  AxNodeKind kind;
  int32_t n, n_in, side, n_out;
  AxWindow window;
  int32_t number; /* factor, depth; of the second input of two: channels */
} Case;

static const Case cases[] = {
  { AX_NODE_CONV, 1, 3, 29, 64, { 3, 3, 1, 1, 0 }, 0 },
  { AX_NODE_CONV, 3, 17, 25, 33, { 3, 3, 1, 1, 1 }, 0 },
  { AX_NODE_CONV, 1, 32, 30, 24, { 2, 2, 1, 4, 0 }, 0 },
  { AX_NODE_CONV, 1, 20, 31, 2, { 3, 3, 2, 1, 1 }, 0 },
  { AX_NODE_CONV, 2, 8, 21, 24, { 7, 7, 1, 1, 3 }, 0 },
  { AX_NODE_CONV, 1, 64, 34, 128, { 1, 1, 1, 1, 0 }, 0 },
  { AX_NODE_CONV_TRANSPOSE, 1, 16, 9, 8, { 2, 2, 2, 1, 0 }, 0 },
  { AX_NODE_CONV_TRANSPOSE, 3, 20, 9, 17, { 3, 3, 2, 1, 1 }, 0 },
  { AX_NODE_MAX_POOL, 3, 20, 12, 20, { 2, 2, 2, 1, 0 }, 0 },
  { AX_NODE_MAX_POOL, 1, 33, 14, 33, { 2, 2, 1, 4, 0 }, 0 },
  { AX_NODE_MAX_POOL, 1, 8, 13, 8, { 3, 3, 2, 1, 1 }, 0 },
  { AX_NODE_AVG_POOL, 3, 18, 11, 18, { 3, 3, 1, 1, 1 }, 0 },
  { AX_NODE_BATCH_NORM, 3, 37, 7, 37, { 0, 0, 0, 0, 0 }, 0 },
  { AX_NODE_RELU, 3, 33, 6, 33, { 0, 0, 0, 0, 0 }, 0 },
  { AX_NODE_SIGMOID, 3, 21, 6, 21, { 0, 0, 0, 0, 0 }, 0 },
  { AX_NODE_SOFTMAX, 3, 20, 6, 20, { 0, 0, 0, 0, 0 }, 0 },
  { AX_NODE_SOFTMAX, 1, 2, 131, 2, { 0, 0, 0, 0, 0 }, 0 },
  { AX_NODE_CONCAT, 3, 16, 6, 40, { 0, 0, 0, 0, 0 }, 24 },
  { AX_NODE_CONCAT, 1, 11, 6, 48, { 0, 0, 0, 0, 0 }, 37 },
  { AX_NODE_ADD, 3, 20, 7, 20, { 0, 0, 0, 0, 0 }, 20 },
  { AX_NODE_ADD, 1, 1, 7, 20, { 0, 0, 0, 0, 0 }, 20 },
  { AX_NODE_MUL, 3, 33, 7, 33, { 0, 0, 0, 0, 0 }, 1 },
  { AX_NODE_UPSAMPLE, 3, 20, 5, 20, { 0, 0, 0, 0, 0 }, 3 },
  { AX_NODE_CROP, 3, 19, 9, 19, { 0, 0, 0, 0, 0 }, 0 },
  { AX_NODE_CHANNEL_MEAN, 1, 41, 7, 1, { 0, 0, 0, 0, 0 }, 0 },
  { AX_NODE_CHANNEL_MAX, 3, 16, 7, 1, { 0, 0, 0, 0, 0 }, 0 },
  { AX_NODE_FRAGMENT, 3, 20, 9, 20, { 0, 0, 0, 0, 0 }, 0 },
  { AX_NODE_DEFRAGMENT, 3, 17, 15, 17, { 0, 0, 0, 0, 0 }, 2 },
};

/* One node on channels that a convolution makes of the image. */
static Net *
build_case (const Case *c)
{
  const AxWindow one = { 1, 1, 1, 1, 0 };
  Net *net = net_new (11);
  int32_t node
      = c->n_in == 3 ? 0 : net_add_conv (net, AX_NODE_CONV, 0, c->n_in, one);
  int32_t other = -1;
  switch (c->kind)
    {
    case AX_NODE_CONV:
    case AX_NODE_CONV_TRANSPOSE:
      node = net_add_conv (net, c->kind, node, c->n_out, c->window);
      node = net_add_relu (net, node);
      break;
    case AX_NODE_MAX_POOL:
    case AX_NODE_AVG_POOL:
      node = net_add_pool (net, c->kind, node, c->window);
      break;
    case AX_NODE_BATCH_NORM:
      node = net_add_norm (net, node);
      break;
    case AX_NODE_SOFTMAX:
      node = net_add_softmax (net, node);
      break;
    default:
      if (c->kind == AX_NODE_CONCAT || c->kind == AX_NODE_ADD
          || c->kind == AX_NODE_MUL)
        other = net_add_conv (net, AX_NODE_CONV, 0, c->number, one);
      for (int32_t i = 0; c->kind == AX_NODE_DEFRAGMENT && i < c->number; i++)
        node = net_add (net, AX_NODE_FRAGMENT, node, -1, c->n_out);
      node = net_add (net, c->kind, node, other, c->n_out);
      if (c->kind == AX_NODE_UPSAMPLE)
        net->nodes[node].u.upsample.factor = c->number;
      if (c->kind == AX_NODE_DEFRAGMENT)
        net->nodes[node].u.defragment.depth = c->number;
      if (c->kind == AX_NODE_CROP)
        net->nodes[node].u.crop.left = net->nodes[node].u.crop.bottom = 2;
    }
  net_add_output (net, node);
  return net;
}

static void
test_nodes (AxPrecision precision)
{
  char name[64];
  for (size_t i = 0; i < COUNT (cases); i++)
    {
      snprintf (name, sizeof name, "node kind %d, case %zu", (int)cases[i].kind,
                i);
      check_net (name, build_case (&cases[i]), precision, cases[i].n,
                 cases[i].side, cases[i].side);
    }
}

/* The length of a difference beside that of the truth, part by part. */
typedef struct
{
  double difference, truth; /* squared */
} Lengths;

static void
add_lengths (Lengths *self, const double *values, const double *truth,
             int64_t count)
{
  for (int64_t i = 0; i < count; i++)
    {
      self->difference += (values[i] - truth[i]) * (values[i] - truth[i]);
      self->truth += truth[i] * truth[i];
    }
}

static double
get_ratio (const Lengths *self)
{
  return sqrt (self->difference / self->truth);
}

/* Of all parameters together: some have no gradient but rounding, biases before
 * a batch norm. */
static double
compare_gradients (const Learner *one, const Learner *other,
                   AxEngineError *error)
{
  Lengths lengths = { 0.0, 0.0 };
  for (int32_t i = 0; i < one->net->n_params; i++)
    {
      int64_t count = 0;
      double *values = learner_pull_gradient (one, i, &count, error);
      double *truth = learner_pull_gradient (other, i, &count, error);
      if (values != NULL && truth != NULL)
        add_lengths (&lengths, values, truth, count);
      else
        lengths.difference = INFINITY;
      free (values);
      free (truth);
    }
  return get_ratio (&lengths);
}

/* A few steps of every layer that can be trained: first gradients, losses. */
static void
test_training (AxPrecision precision)
{
  const char *const title = precision == AX_PRECISION_F32 ? "fp32" : "fp16";
  const double gate = precision == AX_PRECISION_F32 ? 1e-3 : 5e-3;
  AxEngineError error = { "" };
  Net *net = net_new_branches (3);
  double gradients = INFINITY;
  Lengths losses = { 0.0, 0.0 };
  Learner one, other;
  AxStatus status
      = learner_init (&one, gpu, precision, net, 2, 3, 12, 12, &error);
  if (status != AX_STATUS_OK
      || learner_init (&other, host, AX_PRECISION_F32, net, 2, 3, 12, 12,
                       &error)
             != AX_STATUS_OK)
    {
      tap_check (0, "training, %s: %s", title, error.message);
      if (status == AX_STATUS_OK)
        learner_clear (&one);
      net_free (net);
      return;
    }
  for (int i = 1; i <= N_PASSES && status == AX_STATUS_OK; i++)
    {
      double values[2][2] = { { 0.0 } };
      status = learner_learn (&one, values[0], &error);
      if (status == AX_STATUS_OK)
        status = learner_learn (&other, values[1], &error);
      if (i == 1 && status == AX_STATUS_OK)
        gradients = compare_gradients (&one, &other, &error);
      add_lengths (&losses, values[0], values[1], 2);
      if (status == AX_STATUS_OK)
        status = learner_step (&one, i, &error);
      if (status == AX_STATUS_OK)
        status = learner_step (&other, i, &error);
    }
  tap_check (status == AX_STATUS_OK && gradients <= gate,
             "training, %s: gradients, %.2g %s", title, gradients,
             error.message);
  tap_check (status == AX_STATUS_OK && get_ratio (&losses) <= gate,
             "training, %s: losses of %d steps, %.2g", title, N_PASSES,
             get_ratio (&losses));
  learner_clear (&one);
  learner_clear (&other);
  net_free (net);
}

static void
test_networks (AxPrecision precision)
{
  char name[64];
  for (int32_t depth = 0; depth <= 5; depth++)
    {
      const int32_t side = net_get_scannet_side (2, depth);
      snprintf (name, sizeof name, "scannet, alpha %d", 1 << depth);
      check_net (name, net_new_scannet (16, depth, 7), precision, 1, side,
                 side);
    }
  check_net ("branches", net_new_branches (8), precision, 2, 38, 46);
}

/* Recorded and, from so many pixels on, not. */
static void
test_overlap (int32_t n_cells)
{
  const int32_t side = net_get_scannet_side (n_cells, 1);
  AxEngineError error = { "" };
  Net *net = net_new_scannet (4, 1, 7);
  Runner runner;
  int n_wrong = 0;
  AxStatus status = runner_init (&runner, gpu, AX_PRECISION_DEFAULT, 0, net, 1,
                                 side, side, &error);
  if (status == AX_STATUS_OK)
    {
      status = overlap_run (&runner, N_OVERLAPPED, &n_wrong, &error);
      runner_clear (&runner);
    }
  tap_check (status == AX_STATUS_OK && n_wrong == 0,
             "two passes of %d x %d under way: %d of %d differ %s", side, side,
             n_wrong, N_OVERLAPPED, error.message);
  net_free (net);
}

/* The full network at its full size: cells near the far corner are those of
 * that corner alone, though they stand where indices are largest. */
static void
test_far_corner (void)
{
  enum
  {
    DEPTH = 1,
    CELLS = 83,
    PART = 11
  };
  const int32_t side = net_get_scannet_side (CELLS, DEPTH);
  const int32_t part = net_get_scannet_side (PART, DEPTH);
  const int64_t n_out = CELLS << DEPTH, n_part = PART << DEPTH;
  AxEngineError error = { "" };
  Runner whole, corner;
  double worst = 0.0;
  Net *net = net_new_scannet (1, DEPTH, 9);
  uint8_t *rgb = runner_make_image ((int64_t)side * side * 3, 4);
  uint8_t *rgb_part = runner_make_image ((int64_t)part * part * 3, 4);
  float *map = runner_make_values (2 * n_out * n_out);
  float *map_part = runner_make_values (2 * n_part * n_part);
  for (int32_t y = 0; y < part; y++)
    memcpy (
        rgb_part + (size_t)y * part * 3,
        rgb
            + ((size_t)(side - part + y) * (size_t)side + (size_t)(side - part))
                  * 3,
        (size_t)part * 3);
  AxStatus status = runner_init (&whole, gpu, AX_PRECISION_DEFAULT, 0, net, 1,
                                 side, side, &error);
  if (status == AX_STATUS_OK)
    {
      status = runner_forward (&whole, rgb, map, &error);
      runner_clear (&whole);
    }
  if (status == AX_STATUS_OK)
    status = runner_init (&corner, gpu, AX_PRECISION_DEFAULT, 0, net, 1, part,
                          part, &error);
  if (status == AX_STATUS_OK)
    {
      status = runner_forward (&corner, rgb_part, map_part, &error);
      runner_clear (&corner);
    }
  for (int64_t y = 0; y < 2 * n_part; y++)
    {
      const int64_t c = y / n_part, row = n_out - n_part + y % n_part;
      worst = fmax (worst,
                    compare (map + (c * n_out + row) * n_out + n_out - n_part,
                             map_part + y * n_part, n_part));
    }
  tap_check (status == AX_STATUS_OK && worst <= 5e-3,
             "the far corner of %d x %d: %.2g %s", side, side, worst,
             error.message);
  net_free (net);
  free (rgb);
  free (rgb_part);
  free (map);
  free (map_part);
}

/* Too large for the budget, and for any card; then all is well again. */
static void
test_memory (void)
{
  AxEngineError error = { "" };
  Runner runner;
  Net *net = net_new_scannet (1, 1, 9);
  tap_check (runner_init (&runner, gpu, AX_PRECISION_DEFAULT, 1 << 20, net, 1,
                          580, 580, &error)
                 == AX_STATUS_MEMORY,
             "beyond the budget: %s", error.message);
  tap_check (runner_init (&runner, gpu, AX_PRECISION_DEFAULT, 0, net, 512, 2884,
                          2884, &error)
                 == AX_STATUS_MEMORY,
             "beyond the card: %s", error.message);
  net_free (net);
  check_net ("after that", net_new_branches (8), AX_PRECISION_DEFAULT, 1, 24,
             24);
}

int
main (int argc, char **argv)
{
  AxEngineReport report = { 0 };
  AxEngineError error = { "" };
  if (argc < 3 || argc > 4)
    return 2;
  gpu = runner_load (argv[1]);
  host = runner_load (argv[2]);
  if (gpu->probe (&report, &error) != AX_STATUS_OK || !report.usable)
    return tap_skip_all (report.why);
  printf ("# %s, %s\n", report.device, report.version);
  test_nodes (AX_PRECISION_F32);
  test_nodes (AX_PRECISION_DEFAULT);
  test_training (AX_PRECISION_F32);
  test_training (AX_PRECISION_DEFAULT);
  if (argc == 4)
    return tap_finish ();
  test_networks (AX_PRECISION_F32);
  test_networks (AX_PRECISION_DEFAULT);
  test_overlap (11);
  test_overlap (51);
  test_far_corner ();
  test_memory ();
  return tap_finish ();
}
