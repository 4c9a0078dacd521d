#include "core/nn/graph-dense.h"

#include "core/base/rng.h"
#include "core/nn/graph-shape.h"
#include "tests/support/dense.h"
#include "tests/support/expect-error.h"

#include <math.h>

static const double zeros[3] = { 0, 0, 0 };
static const double ones[3] = { 1, 1, 1 };
static const AxWindow window_3x3 = { 3, 3, 1, 1, 0 };
static const AxWindow window_pool = { 2, 2, 2, 1, 0 };

static int
add_block (AxGraph *graph, int node, const char *name, int width)
{
  node = ax_graph_add_conv (graph, node, name, width, window_3x3, TRUE);
  node = ax_graph_add_unary (graph, node, AX_NODE_RELU);
  return ax_graph_add_pool (graph, node, AX_NODE_MAX_POOL, window_pool);
}

static AxGraph *
finish (AxGraph *graph, int node)
{
  node = ax_graph_add_conv (graph, node, "head", 2, (AxWindow){ 2, 2, 1, 1, 0 },
                            TRUE);
  ax_graph_add_output (graph, ax_graph_add_softmax (graph, node, 1.0));
  ax_graph_seal (graph);
  return graph;
}

/* Five blocks of one convolution: field 126, stride 32. */
static AxGraph *
make_deep (void)
{
  static const char *const names[] = { "a", "b", "c", "d", "e" };
  AxGraph *graph = ax_graph_new (zeros, ones);
  int node = 0;
  for (int b = 0; b < 5; b++)
    node = add_block (graph, node, names[b], 2 + b % 2);
  return finish (graph, node);
}

/* Every local operation, with and behind two pools: batch norm, dilated
 * convolution, local attention over a mean of 3x3, crops, joins. */
static AxGraph *
make_local (void)
{
  AxGraph *graph = ax_graph_new (zeros, ones);
  int node = add_block (graph, 0, "a", 4);
  node = ax_graph_add_batch_norm (graph, node, "norm", 1e-5);
  node = ax_graph_add_conv (graph, node, "b", 4, (AxWindow){ 3, 3, 1, 2, 0 },
                            FALSE);
  node = ax_graph_add_dropout (graph, node, 0.5);
  node = ax_graph_add_pool (graph, node, AX_NODE_MAX_POOL, window_pool);
  int mean = ax_graph_add_pool (graph, node, AX_NODE_AVG_POOL, window_3x3);
  int gate = ax_graph_add_unary (graph, mean, AX_NODE_SIGMOID);
  int crop = ax_graph_add_crop (graph, node, 1, 1, 1, 1);
  node = ax_graph_add_binary (graph, crop, gate, AX_NODE_MUL);
  int spatial = ax_graph_add_binary (
      graph, ax_graph_add_unary (graph, node, AX_NODE_CHANNEL_MEAN),
      ax_graph_add_unary (graph, node, AX_NODE_CHANNEL_MAX), AX_NODE_CONCAT);
  spatial = ax_graph_add_conv (graph, spatial, "s", 1,
                               (AxWindow){ 1, 1, 1, 1, 0 }, TRUE);
  node = ax_graph_add_binary (graph, node, spatial, AX_NODE_ADD);
  node = ax_graph_add_pool (graph, node, AX_NODE_MAX_POOL,
                            (AxWindow){ 2, 2, 1, 1, 0 });
  return finish (graph, node);
}

static void
fill_random (AxRng *rng, double *values, gint64 count, double scale)
{
  for (gint64 i = 0; i < count; i++)
    values[i] = scale * ax_rng_normal (rng);
}

static AxWeights *
make_weights (const AxGraph *graph)
{
  AxWeights *weights = ax_weights_new ();
  for (guint p = 0; p < ax_graph_get_n_params (graph); p++)
    {
      const AxGraphParam *param = ax_graph_get_param (graph, p);
      AxTensorView *view = ax_weights_add (weights, param->name, AX_DTYPE_F64,
                                           param->rank, param->shape, NULL);
      AxRng rng = ax_rng_init (7, p);
      double *values = view->data;
      gint64 count;
      g_assert_true (ax_tensor_view_count (view, &count));
      double fan_in = (double)count / (double)param->shape[0];
      fill_random (&rng, values, count, sqrt (2.0 / fan_in));
      if (param->role == AX_PARAM_RUNNING_VAR)
        for (gint64 i = 0; i < count; i++)
          values[i] = 0.5 + fabs (values[i]);
    }
  return weights;
}

typedef struct
{
  const char *name;
  AxGraph *(*make) (void);
  int alpha;
  int m; /* cells beyond the first, of one pass */
} Case;

static const Case cases[] = {
  { "deep-2", make_deep, 2, 2 },   { "deep-4", make_deep, 4, 1 },
  { "deep-8", make_deep, 8, 1 },   { "deep-16", make_deep, 16, 0 },
  { "deep-32", make_deep, 32, 0 }, { "local-2", make_local, 2, 3 },
  { "local-4", make_local, 4, 2 },
};

static void
test_equal (gconstpointer data)
{
  const Case *c = data;
  g_autoptr (AxGraph) graph = c->make ();
  g_autoptr (AxWeights) weights = make_weights (graph);
  AxReceptiveField field;
  g_assert_true (
      ax_graph_get_receptive_field (ax_graph_get_view (graph), &field, NULL));
  gint64 side = field.size + field.stride * c->m
                + (c->alpha - 1) * field.stride / c->alpha;
  g_auto (TestTensor) input = test_tensor_new (1, 3, side, side);
  AxRng rng = ax_rng_init (8, 0);
  fill_random (&rng, input.values, test_tensor_count (&input), 1.0);
  g_auto (TestTensor) naive = run_naive_dense ("ref", graph, weights, &input,
                                               (int)field.stride, c->alpha);
  g_assert_cmpint (naive.shape[2], ==, c->alpha * (c->m + 1));

  for (AxDenseForm form = AX_DENSE_DILATED; form <= AX_DENSE_FRAGMENTS; form++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AxGraph) dense
          = ax_graph_make_dense (graph, c->alpha, form, &error);
      g_assert_no_error (error);
      g_auto (TestTensor) map = run_graph ("ref", dense, weights, &input);
      g_assert_cmpmem (map.shape, sizeof map.shape, naive.shape,
                       sizeof naive.shape);
      g_assert_cmpfloat (
          max_difference (map.values, naive.values, test_tensor_count (&map)),
          <=, 1e-12);
      g_assert_cmpfloat (rolled_difference (&map, &naive), >, 1e-3);

      AxReceptiveField dense_field;
      g_assert_true (ax_graph_get_receptive_field (ax_graph_get_view (dense),
                                                   &dense_field, NULL));
      g_assert_cmpint (dense_field.size, ==, field.size);
      g_assert_cmpint (dense_field.stride, ==, field.stride / c->alpha);
      g_assert_cmpint (dense_field.offset, ==, field.offset);
    }
}

static void
test_params (void)
{
  g_autoptr (AxGraph) graph = make_local ();
  g_autoptr (AxGraph) same
      = ax_graph_make_dense (graph, 1, AX_DENSE_DILATED, NULL);
  g_assert_true (same == graph);
  g_autoptr (AxGraph) dense
      = ax_graph_make_dense (graph, 4, AX_DENSE_FRAGMENTS, NULL);
  g_assert_cmpuint (ax_graph_get_n_params (dense), ==,
                    ax_graph_get_n_params (graph));
  for (guint p = 0; p < ax_graph_get_n_params (graph); p++)
    g_assert_cmpstr (ax_graph_get_param (dense, p)->name, ==,
                     ax_graph_get_param (graph, p)->name);
}

static void
expect_refused (AxGraph *graph, int alpha, const char *regex)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (ax_graph_make_dense (graph, alpha, AX_DENSE_DILATED, &error));
  expect_error (&error, AX_ERROR_UNSUPPORTED, regex);
}

static void
test_alpha_refused (void)
{
  g_autoptr (AxGraph) graph = make_local ();
  expect_refused (graph, 8, "alpha 8 is no power of two.*stride 4");
  expect_refused (graph, 3, "alpha 3 is no power of two");
  expect_refused (graph, 0, "alpha 0 is no power of two");
  expect_refused (graph, -2, "alpha -2 is no power of two");
}

static void
test_graph_refused (void)
{
  static const struct
  {
    AxWindow window;
    const char *regex;
  } windows[] = {
    { { 3, 3, 1, 1, 1 }, "node 1 \\(conv\\)" },
    { { 3, 3, 2, 1, 0 }, "node 1 \\(conv\\)" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (windows); i++)
    {
      g_autoptr (AxGraph) graph = ax_graph_new (zeros, ones);
      int node = ax_graph_add_conv (graph, 0, "a", 3, windows[i].window, TRUE);
      node = add_block (graph, node, "b", 3);
      expect_refused (finish (graph, node), 2, windows[i].regex);
    }
  g_autoptr (AxGraph) pool = ax_graph_new (zeros, ones);
  int node = ax_graph_add_pool (pool, 0, AX_NODE_MAX_POOL,
                                (AxWindow){ 3, 3, 2, 1, 0 });
  expect_refused (finish (pool, node), 2, "node 1 \\(max pool\\)");
  g_autoptr (AxGraph) up = ax_graph_new (zeros, ones);
  node = ax_graph_add_upsample (up, add_block (up, 0, "a", 3), 2);
  expect_refused (finish (up, node), 2, "node 4 \\(upsample\\)");
}

/* Outputs, or inputs of one node, of different stride have no common step. */
static void
test_strides_refused (void)
{
  g_autoptr (AxGraph) graph = ax_graph_new (zeros, ones);
  int node = add_block (graph, 0, "a", 3);
  ax_graph_add_output (graph, node);
  expect_refused (finish (graph, add_block (graph, node, "b", 3)), 2,
                  "the outputs differ in stride");
  g_autoptr (AxGraph) joined = ax_graph_new (zeros, ones);
  node = add_block (joined, 0, "a", 3);
  node = ax_graph_add_binary (joined, node, 0, AX_NODE_CONCAT);
  expect_refused (finish (joined, node), 2, "node 4 \\(concat\\)");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path
          = g_strconcat ("/graph-dense/equal/", cases[i].name, NULL);
      g_test_add_data_func (path, &cases[i], test_equal);
    }
  g_test_add_func ("/graph-dense/params", test_params);
  g_test_add_func ("/graph-dense/refused/alpha", test_alpha_refused);
  g_test_add_func ("/graph-dense/refused/graph", test_graph_refused);
  g_test_add_func ("/graph-dense/refused/strides", test_strides_refused);
  return g_test_run ();
}
