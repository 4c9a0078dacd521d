#include "core/nn/engine-cpu.h"

#include "core/base/rng.h"
#include "core/nn/cpu-memory.h"
#include "tests/support/run-graph.h"

#include <string.h>

/*
 * What is the CPU engine's own; that it computes the right thing is tested
 * with all engines in tests/engine.
 */

static const double zeros[3] = { 0.0, 0.0, 0.0 };
static const double ones[3] = { 1.0, 1.0, 1.0 };

/* Two blocks, a 2x2 layer and a 1x1 layer, as in the ScanNet family. */
static AxGraph *
make_graph (void)
{
  const AxWindow window = { 3, 3, 1, 1, 0 }, pool = { 2, 2, 2, 1, 0 };
  AxGraph *graph = ax_graph_new (zeros, ones);
  int node = 0;
  for (int i = 0; i < 4; i++)
    {
      const char *names[] = { "a", "b", "c", "d" };
      node = ax_graph_add_conv (graph, node, names[i], 32 << i / 2, window,
                                TRUE);
      node = ax_graph_add_unary (graph, node, AX_NODE_RELU);
      if (i % 2 == 1)
        node = ax_graph_add_pool (graph, node, AX_NODE_MAX_POOL, pool);
    }
  node = ax_graph_add_conv (graph, node, "e", 96, (AxWindow){ 2, 2, 1, 1, 0 },
                            TRUE);
  node = ax_graph_add_conv (graph, node, "f", 2, (AxWindow){ 1, 1, 1, 1, 0 },
                            TRUE);
  ax_graph_add_output (graph, ax_graph_add_softmax (graph, node, 1.0));
  ax_graph_seal (graph);
  return graph;
}

static AxWeights *
make_weights (const AxGraph *graph)
{
  AxWeights *weights = ax_weights_new ();
  for (guint p = 0; p < ax_graph_get_n_params (graph); p++)
    {
      const AxGraphParam *param = ax_graph_get_param (graph, p);
      AxTensorView *view = ax_weights_add (weights, param->name, AX_DTYPE_F32,
                                           param->rank, param->shape, NULL);
      AxRng rng = ax_rng_init (7, p);
      gint64 count;
      g_assert_true (ax_tensor_view_count (view, &count));
      for (gint64 i = 0; i < count; i++)
        ((float *)view->data)[i] = (float)(0.08 * ax_rng_normal (&rng));
    }
  return weights;
}

static TestTensor
run_with_threads (int n_threads, AxGraph *graph, const AxWeights *weights,
                  const TestTensor *input)
{
  const AxEngineSetup setup = { .n_threads = n_threads };
  g_autoptr (GError) error = NULL;
  g_autoptr (AxEngine) engine = ax_engine_new ("cpu", &setup, &error);
  g_assert_no_error (error);
  g_autoptr (AxPlan) plan
      = ax_plan_new (engine, graph, weights, (int)input->shape[0],
                     (int)input->shape[2], (int)input->shape[3], &error);
  g_assert_no_error (error);
  gint64 shape[4];
  ax_plan_get_output_shape (plan, 0, shape);
  TestTensor output = test_tensor_new (shape[0], shape[1], shape[2], shape[3]);
  AxTensorView in = test_tensor_view (input), out = test_tensor_view (&output);
  g_assert_true (ax_plan_forward (plan, &in, &out, &error));
  g_assert_no_error (error);
  return output;
}

static void
test_threads (void)
{
  g_autoptr (AxGraph) graph = make_graph ();
  g_autoptr (AxWeights) weights = make_weights (graph);
  g_auto (TestTensor) input = test_tensor_new (1, 3, 124, 140);
  AxRng rng = ax_rng_init (7, 100);
  for (gint64 i = 0; i < test_tensor_count (&input); i++)
    input.values[i] = ax_rng_range (&rng, -2.0, 2.0);
  g_auto (TestTensor) one = run_with_threads (1, graph, weights, &input);
  for (int n_threads = 2; n_threads <= 5; n_threads++)
    {
      g_auto (TestTensor) many
          = run_with_threads (n_threads, graph, weights, &input);
      g_assert_cmpmem (
          many.values, (gsize)test_tensor_count (&many) * sizeof (double),
          one.values, (gsize)test_tensor_count (&one) * sizeof (double));
    }
}

/* A budget that the plan does not keep is said in a number. */
static void
test_budget (void)
{
  const AxEngineOps *ops = ax_engine_cpu_get_ops ();
  const AxEngineOptions options = { .n_threads = 1, .memory_bytes = 1 << 20 };
  g_autoptr (AxGraph) graph = make_graph ();
  g_autoptr (AxWeights) weights = make_weights (graph);
  const guint n_params = ax_graph_get_n_params (graph);
  g_autofree AxTensorView *params = g_new (AxTensorView, n_params);
  AxEngineContext *context = NULL;
  AxEnginePlan *plan = NULL;
  AxEngineError error = { "" };
  for (guint p = 0; p < n_params; p++)
    params[p] = *ax_weights_find (weights, ax_graph_get_param (graph, p)->name);
  g_assert_cmpint (ops->create (&options, &context, &error), ==, AX_STATUS_OK);
  g_assert_cmpint (ops->compile (context, ax_graph_get_view (graph), params, 1,
                                 500, 400, &plan, &error),
                   ==, AX_STATUS_MEMORY);
  g_assert_null (plan);
  g_assert_true (
      g_regex_match_simple ("^an input of 1 x 500 x 400 takes [0-9]+ MiB of 1$",
                            error.message, 0, 0));
  ops->destroy (context);
}

/* 100 lives beside 60, 60 beside 40: ping and pong make 160. */
static void
test_arena_chain (void)
{
  AxCpuBlock blocks[] = {
    { .bytes = 100 * 64, .first = 0, .last = 1 },
    { .bytes = 60 * 64, .first = 1, .last = 2 },
    { .bytes = 40 * 64, .first = 2, .last = 3 },
    { .bytes = 30 * 64, .first = 3, .last = 4 },
  };
  g_assert_cmpuint (ax_cpu_plan_arena (blocks, 4), ==, 160 * 64);
}

static void
test_arena_random (void)
{
  enum
  {
    N = 60
  };
  AxCpuBlock blocks[N];
  AxRng rng = ax_rng_init (3, 3);
  for (int i = 0; i < N; i++)
    {
      blocks[i].bytes = ax_rng_below (&rng, 5000);
      blocks[i].first = (int)ax_rng_below (&rng, 20);
      blocks[i].last = blocks[i].first + (int)ax_rng_below (&rng, 8);
    }
  const gsize bytes = ax_cpu_plan_arena (blocks, N);
  for (int i = 0; i < N; i++)
    {
      const AxCpuBlock *a = &blocks[i];
      g_assert_cmpuint (a->offset % 64, ==, 0);
      g_assert_cmpuint (a->offset + a->bytes, <=, bytes);
      for (int j = 0; j < i; j++)
        {
          const AxCpuBlock *b = &blocks[j];
          g_assert_true (a->last < b->first || b->last < a->first
                         || a->offset + a->bytes <= b->offset
                         || b->offset + b->bytes <= a->offset);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine-cpu/threads", test_threads);
  g_test_add_func ("/engine-cpu/budget", test_budget);
  g_test_add_func ("/engine-cpu/arena-chain", test_arena_chain);
  g_test_add_func ("/engine-cpu/arena-random", test_arena_random);
  return g_test_run ();
}
