/*
 * The translation of graphs: shapes, fusion, fragments, pieces of the batch,
 * and memory.
 */
#include "cuda/engine/plan.h"
#include "cuda/test/net.h"
#include "cuda/test/tap.h"

#include <stdlib.h>
#include <string.h>

static AxCudaPlan *
make_plan (const Net *net, int32_t batch, int32_t height, int32_t width,
           int64_t max_elements)
{
  AxEngineError error = { "" };
  AxCudaPlan *plan = NULL;
  const AxGraphView view = net_view (net);
  const AxStatus status = ax_cuda_plan_new (&view, batch, height, width, 0, 2,
                                            max_elements, &plan, &error);
  tap_check (status == AX_STATUS_OK, "a plan of %d x %d x %d %s", batch, height,
             width, error.message);
  if (plan == NULL)
    exit (1);
  return plan;
}

static const AxCudaStep *
find_step (const AxCudaPlan *plan, int32_t node)
{
  for (int32_t i = 0; i < plan->n_steps; i++)
    if (plan->steps[i].node == node)
      return &plan->steps[i];
  return NULL;
}

/* Whether a value is needed at the time of step @at: written by then, and read
 * then or later. */
static int
is_alive (const AxCudaPlan *plan, int32_t value, int32_t at)
{
  int is_written = 0, is_read = 0;
  for (int32_t i = 0; i < plan->n_steps; i++)
    {
      const AxCudaStep *step = &plan->steps[i];
      is_written |= i <= at && step->out == value;
      is_read |= i >= at
                 && (step->in[0] == value || step->in[1] == value
                     || step->out == value);
    }
  for (int32_t i = 0; i < plan->n_outputs; i++)
    is_read |= plan->outputs[i] == value;
  return is_written && is_read;
}

/* No two values that are needed at one time share a byte. */
static int
check_memory (const AxCudaPlan *plan)
{
  int good = 1;
  for (int32_t at = 0; at < plan->n_steps; at++)
    for (int32_t i = 0; i < plan->n_nodes; i++)
      {
        const AxCudaValue *a = &plan->values[i];
        if (!is_alive (plan, i, at))
          continue;
        good
            = good && a->bytes > 0 && a->offset + a->bytes <= plan->arena_bytes;
        for (int32_t k = 0; k < i; k++)
          {
            const AxCudaValue *b = &plan->values[k];
            good = good
                   && (!is_alive (plan, k, at)
                       || a->offset + a->bytes <= b->offset
                       || b->offset + b->bytes <= a->offset);
          }
      }
  return good;
}

/* Sides and batch of algorithms.md 1.4 ("Map sides, form B"). */
static void
test_scannet (void)
{
  static const struct
  {
    int32_t depth, side, n_head, side_head, side_out;
    double mib; /* of the two largest neighbours in halves */
  } cases[] = {
    { 0, 2868, 1, 83, 83, 2004.0 },   { 1, 2884, 4, 83, 166, 2026.0 },
    { 2, 2892, 16, 83, 332, 2038.0 }, { 3, 2896, 64, 83, 664, 2043.0 },
    { 4, 2898, 256, 83, 1328, 0.0 },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      Net *net = net_new_scannet (1, cases[i].depth, 1);
      tap_check (net_get_scannet_side (83, cases[i].depth) == cases[i].side,
                 "side of 83 cells, depth %d", cases[i].depth);
      AxCudaPlan *plan = make_plan (net, 1, cases[i].side, cases[i].side,
                                    AX_CUDA_MAX_ELEMENTS);
      const AxCudaShape *out = &plan->values[plan->outputs[0]].shape;
      const AxCudaShape *head
          = &plan->values[plan->outputs[0] - (cases[i].depth > 0)].shape;
      tap_check (out->n == 1 && out->c == 2 && out->h == cases[i].side_out
                     && out->w == cases[i].side_out,
                 "output of depth %d", cases[i].depth);
      tap_check (head->n == cases[i].n_head && head->h == cases[i].side_head,
                 "fragments of depth %d", cases[i].depth);
      tap_check (check_memory (plan), "memory of depth %d", cases[i].depth);
      /* Ping and pong of conv1_1 and conv1_2, and little else. */
      const double mib = (double)plan->arena_bytes / (1024.0 * 1024.0);
      if (cases[i].mib > 0.0)
        tap_check (mib > 0.99 * cases[i].mib && mib < 1.01 * cases[i].mib,
                   "%.0f MiB of depth %d", mib, cases[i].depth);
      /* Input, 13 + 3 convolutions, 5 pools, softmax, map. */
      tap_check (plan->n_steps == 23 + (cases[i].depth > 0),
                 "%d steps of depth %d", plan->n_steps, cases[i].depth);
      ax_cuda_plan_free (plan);
      net_free (net);
    }
}

/* Alpha 32 has more elements than cuDNN counts: pieces of the batch. */
static void
test_pieces (void)
{
  Net *net = net_new_scannet (1, 5, 1);
  AxCudaPlan *plan = make_plan (net, 1, 2899, 2899, AX_CUDA_MAX_ELEMENTS);
  int n_split = 0, good = 1;
  for (int32_t i = 0; i < plan->n_steps; i++)
    {
      const AxCudaStep *step = &plan->steps[i];
      const AxCudaShape *s = &plan->values[step->out].shape;
      if (step->kind == AX_CUDA_STEP_KERNEL)
        continue;
      const int64_t count = ax_cuda_shape_count (s) / s->n * step->n_entries;
      good = good && s->n % step->n_entries == 0 && count <= INT32_MAX;
      n_split += step->n_entries < s->n;
      /* conv3_1: 16 x 719 x 719 x 256 still fits; conv4: 64 x 355 x 355 x 512
       * does not. */
      if (s->c == 512 && s->h == 353)
        tap_check (step->n_entries == 32, "conv4_2 in two pieces");
    }
  tap_check (good && n_split > 0, "no piece too large, %d split", n_split);
  tap_check (check_memory (plan), "memory of alpha 32");
  ax_cuda_plan_free (plan);

  AxEngineError error = { "" };
  const AxGraphView view = net_view (net);
  tap_check (
      ax_cuda_plan_new (&view, 1, 276 - 1, 276 - 1, 0, 2, 1000, &plan, &error)
              == AX_STATUS_MEMORY
          && strstr (error.message, "more than 1000 elements") != NULL,
      "one entry too large: %s", error.message);
  net_free (net);
}

static void
test_fusion (void)
{
  Net *net = net_new_branches (2);
  AxCudaPlan *plan = make_plan (net, 2, 38, 46, AX_CUDA_MAX_ELEMENTS);
  const AxCudaStep *conv = find_step (plan, 1);
  tap_check (conv->kind == AX_CUDA_STEP_CONV && conv->relu && conv->out == 2,
             "a RELU is fused into its convolution");
  tap_check (find_step (plan, 2) == NULL, "and has no step");
  const AxCudaStep *norm = find_step (plan, 5);
  tap_check (norm->kernel == AX_CUDA_AFFINE && norm->relu && norm->out == 6,
             "a RELU is fused into its batch norm");
  tap_check (find_step (plan, 7) == NULL && find_step (plan, 8)->in[0] == 6,
             "dropout is passed through");
  const AxCudaStep *up = find_step (plan, 8);
  tap_check (up->kind == AX_CUDA_STEP_CONV_TRANSPOSE && !up->relu
                 && up[1].kernel == AX_CUDA_AFFINE && up[1].in[0] == 8
                 && up[1].out == 8,
             "a transposed convolution gets its bias in place");
  tap_check (check_memory (plan), "memory of branches");
  ax_cuda_plan_free (plan);
  net_free (net);
}

/* A RELU that is not the only reader, or whose input is an output. */
static void
test_no_fusion (void)
{
  const AxWindow window = { 3, 3, 1, 1, 1 };
  for (int as_output = 0; as_output < 2; as_output++)
    {
      Net *net = net_new (3);
      const int32_t conv = net_add_conv (net, AX_NODE_CONV, 0, 16, window);
      const int32_t relu = net_add_relu (net, conv);
      net_add_output (
          net, as_output ? conv : net_add (net, AX_NODE_ADD, conv, relu, 16));
      if (as_output)
        net_add_output (net, relu);
      AxCudaPlan *plan = make_plan (net, 1, 9, 9, AX_CUDA_MAX_ELEMENTS);
      tap_check (!find_step (plan, conv)->relu
                     && find_step (plan, relu)->kernel == AX_CUDA_RELU,
                 "a RELU by itself, %s", as_output ? "output" : "two readers");
      tap_check (check_memory (plan), "memory of it");
      ax_cuda_plan_free (plan);
      net_free (net);
    }
}

static void
test_refused (void)
{
  static const struct
  {
    AxNodeKind kind;
    int32_t side;
    AxStatus status;
    const char *message;
  } cases[] = {
    { AX_NODE_CONV, 2, AX_STATUS_ARGUMENT, "node 1: the input is too small" },
    { AX_NODE_FRAGMENT, 8, AX_STATUS_ARGUMENT,
      "node 1: a side is even: 1 x 3 x 8 x 8" },
    { AX_NODE_DEFRAGMENT, 8, AX_STATUS_ARGUMENT,
      "node 1: the batch is no multiple of the number of fragments: "
      "1 x 3 x 8 x 8" },
    { (AxNodeKind)99, 8, AX_STATUS_UNSUPPORTED, "node 1: unknown kind 99" },
    { AX_NODE_RELU, INT32_MAX, AX_STATUS_MEMORY,
      "node 0: 1 x 3 x 2147483647 x 2147483647 is too large" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      AxEngineError error = { "" };
      AxCudaPlan *plan = NULL;
      Net *net = net_new (4);
      const int32_t node = net_add (net, cases[i].kind, 0, -1, 3);
      if (cases[i].kind == AX_NODE_CONV)
        net->nodes[node].u.window = (AxWindow){ 3, 3, 1, 1, 0 };
      if (cases[i].kind == AX_NODE_DEFRAGMENT)
        net->nodes[node].u.defragment.depth = 1;
      net_add_output (net, node);
      const AxGraphView view = net_view (net);
      const AxStatus status
          = ax_cuda_plan_new (&view, 1, cases[i].side, cases[i].side, 0, 2,
                              AX_CUDA_MAX_ELEMENTS, &plan, &error);
      tap_check (status == cases[i].status && plan == NULL
                     && strcmp (error.message, cases[i].message) == 0,
                 "refused: %s", error.message);
      net_free (net);
    }
}

int
main (void)
{
  test_scannet ();
  test_pieces ();
  test_fusion ();
  test_no_fusion ();
  test_refused ();
  return tap_finish ();
}
