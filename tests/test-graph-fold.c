#include "core/nn/graph-fold.h"

#include "core/base/rng.h"
#include "tests/support/expect-error.h"
#include "tests/support/run-graph.h"

#include <math.h>

static const double zeros[3] = { 0, 0, 0 };
static const double ones[3] = { 1, 1, 1 };
static const AxWindow window_3x3 = { 3, 3, 1, 1, 1 };

static AxWeights *
make_weights (const AxGraph *graph)
{
  AxWeights *weights = ax_weights_new ();
  for (guint p = 0; p < ax_graph_get_n_params (graph); p++)
    {
      const AxGraphParam *param = ax_graph_get_param (graph, p);
      AxTensorView *view = ax_weights_add (weights, param->name, AX_DTYPE_F32,
                                           param->rank, param->shape, NULL);
      AxRng rng = ax_rng_init (3, p);
      gint64 count;
      g_assert_true (ax_tensor_view_count (view, &count));
      for (gint64 i = 0; i < count; i++)
        ((float *)view->data)[i] = param->role == AX_PARAM_RUNNING_VAR
                                       ? (float)ax_rng_range (&rng, 0.25, 4.0)
                                       : (float)ax_rng_range (&rng, -1.0, 1.0);
    }
  return weights;
}

static guint
count_kind (const AxGraph *graph, AxNodeKind kind)
{
  const AxGraphView *view = ax_graph_get_view (graph);
  guint n = 0;
  for (int i = 0; i < view->n_nodes; i++)
    n += view->nodes[i].kind == (int)kind;
  return n;
}

/* Folds @graph and demands the same values of it; returns how many batch
 * norms are left. */
static guint
check_fold (AxGraph *graph)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxWeights) weights = make_weights (graph);
  g_autoptr (AxWeights) folded = NULL;
  g_autoptr (AxGraph) result = ax_graph_fold (graph, weights, &folded, &error);
  g_assert_no_error (error);
  g_auto (TestTensor) input = test_tensor_new (2, 3, 5, 6);
  AxRng rng = ax_rng_init (4, 0);
  for (gint64 i = 0; i < test_tensor_count (&input); i++)
    input.values[i] = ax_rng_normal (&rng);
  g_auto (TestTensor) before = run_graph ("ref", graph, weights, &input);
  g_auto (TestTensor) after = run_graph ("ref", result, folded, &input);
  g_assert_cmpmem (before.shape, sizeof before.shape, after.shape,
                   sizeof after.shape);
  g_assert_cmpfloat (
      max_difference (before.values, after.values, test_tensor_count (&before)),
      <, 1e-5);
  g_assert_cmpuint (count_kind (result, AX_NODE_DROPOUT), ==, 0);
  for (guint p = 0; p < ax_graph_get_n_params (result); p++)
    {
      const char *name = ax_graph_get_param (result, p)->name;
      g_assert_cmpint (ax_weights_find (folded, name)->dtype, ==, AX_DTYPE_F32);
    }
  return count_kind (result, AX_NODE_BATCH_NORM);
}

static void
test_sequence (void)
{
  g_autoptr (AxGraph) graph = ax_graph_new (zeros, ones);
  int node = ax_graph_add_conv (graph, 0, "a", 4, window_3x3, FALSE);
  node = ax_graph_add_batch_norm (graph, node, "a_norm", 1e-5);
  node = ax_graph_add_unary (graph, node, AX_NODE_RELU);
  node = ax_graph_add_dropout (graph, node, 0.5);
  node = ax_graph_add_conv (graph, node, "b", 5, window_3x3, TRUE);
  node = ax_graph_add_batch_norm (graph, node, "b_norm", 0.1);
  node = ax_graph_add_dropout (graph, node, 0.5);
  ax_graph_add_output (graph, node);
  ax_graph_seal (graph);
  g_assert_cmpuint (check_fold (graph), ==, 0);
}

/* Hand-worked: w 3, b 1, mean 2, var 4 - eps, weight 6, bias 5:
 * (3x + 1 - 2) * 6/2 + 5 = 9x + 2. */
static void
test_values (void)
{
  static const struct
  {
    const char *name;
    float value;
  } values[] = {
    { "a.bias", 1 },         { "n.weight", 6 },        { "n.bias", 5 },
    { "n.running_mean", 2 }, { "n.running_var", 3.5 },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (AxGraph) graph = ax_graph_new (zeros, ones);
  int node
      = ax_graph_add_conv (graph, 0, "a", 1, (AxWindow){ 1, 1, 1, 1, 0 }, TRUE);
  ax_graph_add_output (graph, ax_graph_add_batch_norm (graph, node, "n", 0.5));
  ax_graph_seal (graph);
  g_autoptr (AxWeights) weights = ax_weights_new ();
  ax_weights_add (weights, "a.weight", AX_DTYPE_F32, 4,
                  (gint64[]){ 1, 3, 1, 1 }, (float[]){ 3, 0, -3 });
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    ax_weights_add (weights, values[i].name, AX_DTYPE_F32, 1, (gint64[]){ 1 },
                    &values[i].value);
  g_autoptr (AxWeights) folded = NULL;
  g_autoptr (AxGraph) result = ax_graph_fold (graph, weights, &folded, &error);
  g_assert_no_error (error);
  const AxTensorView *weight = ax_weights_find (folded, "a.weight");
  g_assert_cmpfloat (ax_tensor_view_get (weight, 0), ==, 9);
  g_assert_cmpfloat (ax_tensor_view_get (weight, 1), ==, 0);
  g_assert_cmpfloat (ax_tensor_view_get (weight, 2), ==, -9);
  g_assert_cmpfloat (ax_tensor_view_get (ax_weights_find (folded, "a.bias"), 0),
                     ==, 2);
  g_assert_cmpuint (ax_weights_get_n_tensors (folded), ==, 2);
}

/* A batch norm stays where its input is no convolution, or is read by another
 * node or wanted as an output. */
static void
test_kept (void)
{
  g_autoptr (AxGraph) pooled = ax_graph_new (zeros, ones);
  int node = ax_graph_add_pool (pooled, 0, AX_NODE_MAX_POOL, window_3x3);
  node = ax_graph_add_batch_norm (pooled, node, "n", 1e-5);
  ax_graph_add_output (pooled, node);
  ax_graph_seal (pooled);
  g_assert_cmpuint (check_fold (pooled), ==, 1);

  g_autoptr (AxGraph) shared = ax_graph_new (zeros, ones);
  int conv = ax_graph_add_conv (shared, 0, "a", 4, window_3x3, TRUE);
  node = ax_graph_add_batch_norm (shared, conv, "n", 1e-5);
  node = ax_graph_add_binary (shared, conv, node, AX_NODE_CONCAT);
  ax_graph_add_output (shared, node);
  ax_graph_seal (shared);
  g_assert_cmpuint (check_fold (shared), ==, 1);

  g_autoptr (AxGraph) wanted = ax_graph_new (zeros, ones);
  conv = ax_graph_add_conv (wanted, 0, "a", 4, window_3x3, TRUE);
  ax_graph_add_output (wanted,
                       ax_graph_add_batch_norm (wanted, conv, "n", 1e-5));
  ax_graph_add_output (wanted, conv);
  ax_graph_seal (wanted);
  g_autoptr (AxWeights) weights = make_weights (wanted);
  g_autoptr (AxWeights) folded = NULL;
  g_autoptr (AxGraph) result = ax_graph_fold (wanted, weights, &folded, NULL);
  g_assert_cmpuint (count_kind (result, AX_NODE_BATCH_NORM), ==, 1);
  g_assert_cmpint (ax_graph_get_view (result)->n_outputs, ==, 2);
}

static void
test_refused (void)
{
  static const struct
  {
    float variance, weight;
    const char *regex;
  } cases[] = {
    { -0.5f, 1.0f,
      "^weights: tensor 'n.running_var' holds -0.5 at element 1, a variance "
      "is not negative$" },
    { NAN, 1.0f, "'n.running_var' holds -?nan at element 1" },
    { 0.0f, 3e38f, "'a.weight' holds an infinite value at element" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AxGraph) graph = ax_graph_new (zeros, ones);
      int node = ax_graph_add_conv (graph, 0, "a", 2, window_3x3, TRUE);
      ax_graph_add_output (graph,
                           ax_graph_add_batch_norm (graph, node, "n", 1e-5));
      ax_graph_seal (graph);
      g_autoptr (AxWeights) weights = make_weights (graph);
      g_autoptr (AxWeights) folded = NULL;
      ((float *)ax_weights_find (weights, "n.running_var")->data)[1]
          = cases[i].variance;
      ((float *)ax_weights_find (weights, "n.weight")->data)[1]
          = cases[i].weight;
      g_assert_null (ax_graph_fold (graph, weights, &folded, &error));
      expect_error (&error, AX_ERROR_FORMAT, cases[i].regex);
      g_assert_null (folded);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/graph-fold/sequence", test_sequence);
  g_test_add_func ("/graph-fold/values", test_values);
  g_test_add_func ("/graph-fold/kept", test_kept);
  g_test_add_func ("/graph-fold/refused", test_refused);
  return g_test_run ();
}
