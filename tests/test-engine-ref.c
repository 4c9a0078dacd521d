#include "core/nn/engine-ref.h"

#include "tests/support/run-graph.h"

/*
 * Every kind of node against numbers from PyTorch 2.15 in float64: input
 * element i is (i*7 % 11 - 5) / 2, element i of the layer's parameter p is
 * ((i*5 + p*3) % 7 - 3) / 4, running variances are 0.5, 1, 1.5; functions are
 * named at each case.
 */

/* What the second input of a node of two is made of. */
typedef enum
{
  OTHER_NONE,
  OTHER_CHANNEL_MEAN,
  OTHER_CHANNEL_MAX,
  OTHER_MEAN_2X2,
} Other;

typedef struct
{
  const char *name;
  gint64 n, h, w; /* of the input, of 3 channels */
  AxNodeKind kind;
  int n_channels;
  AxWindow window;
  gboolean bias;
  Other other;
  gint64 shape[4];
  double values[24];
} Case;

/* clang-format off */
static const Case cases[] = {
  { "conv", 1, 4, 5, AX_NODE_CONV, 2, { 3, 3, 1, 1, 0 }, TRUE, 0,
    /* conv2d (x, w, b) */
    { 1, 2, 2, 3 },
    { 2.75, -0.5, 1.75, 0.25, 3.875, 2, 3.375, -0.25, -8, -1, 2.25, 0 } },
  { "conv-stride", 1, 4, 5, AX_NODE_CONV, 1, { 3, 3, 2, 1, 1 }, FALSE, 0,
    /* conv2d (x, w, stride=2, padding=1) */
    { 1, 1, 2, 3 }, { 0.75, 1.625, -2.25, -5.75, 3.875, 2.25 } },
  { "conv-batch", 2, 3, 3, AX_NODE_CONV, 1, { 3, 3, 2, 1, 1 }, FALSE, 0,
    { 2, 1, 2, 2 }, { -3.75, 4, 2.5, -8, 1.125, 3.75, -3.125, 0.5 } },
  { "conv-oblong", 1, 4, 5, AX_NODE_CONV, 1, { 2, 3, 1, 1, 0 }, TRUE, 0,
    { 1, 1, 3, 3 },
    { 0.625, 0.75, 3.625, -1.5, -1.375, 0.125, -2.25, 0.625, 0.75 } },
  { "conv-dilation", 1, 4, 4, AX_NODE_CONV, 2, { 2, 2, 1, 2, 0 }, TRUE, 0,
    /* conv2d (x, w, b, dilation=2) */
    { 1, 2, 2, 2 },
    { 1.25, 2.625, 2.625, 1.25, -0.875, -0.375, 1.125, -1.125 } },
  { "conv-1x1", 2, 1, 2, AX_NODE_CONV, 4, { 1, 1, 1, 1, 0 }, TRUE, 0,
    { 2, 4, 1, 2 },
    { 1.375, 0.5, 0.125, 0.5, 2.375, -2.125, 1.125, -2.125,
      -2.5, 0.75, -3.125, 0, 1.5, -1.625, 0.875, -2.375 } },
  { "conv-transpose", 1, 2, 2, AX_NODE_CONV_TRANSPOSE, 1, { 2, 2, 2, 1, 0 },
    TRUE, 0,
    /* conv_transpose2d (x, w, b, stride=2) */
    { 1, 1, 4, 4 },
    { 1.25, -1.125, -1.125, 0.125, 0.875, -0.625, -0.375, 1.75,
      2, 0, -3.125, 1.25, -0.25, -1.375, 1.25, -3.125 } },
  { "conv-transpose-pad", 1, 2, 3, AX_NODE_CONV_TRANSPOSE, 1,
    { 3, 3, 2, 1, 1 }, FALSE, 0,
    /* conv_transpose2d (x, w, stride=2, padding=1) */
    { 1, 1, 3, 5 },
    { -1.875, -1.875, 0.25, -1.625, 1, 3.25, -2.25, -1.375, 0.875, 3.625,
      1.75, 0.25, -0.25, -0.875, 0.5 } },
  { "conv-transpose-dilation", 1, 1, 2, AX_NODE_CONV_TRANSPOSE, 2,
    { 2, 2, 1, 2, 0 }, TRUE, 0,
    /* conv_transpose2d (x, w, b, dilation=2) */
    { 1, 2, 3, 4 },
    { 1.375, 0.5, -1.5, 1.25, 0, 0, 0, 0, 0.875, -2.375, 0.625, 1,
      -2.75, 1.25, -1.25, 0.25, -0.5, -0.5, -0.5, -0.5,
      1.125, -3.375, 0.875, 0 } },
  { "max-pool", 1, 5, 5, AX_NODE_MAX_POOL, 0, { 2, 2, 2, 1, 0 }, FALSE, 0,
    /* max_pool2d (x, 2, 2) */
    { 1, 3, 2, 2 }, { 2, 2.5, 0.5, 2, 2.5, 2, 2.5, 1.5, 2, 2.5, 2, 1 } },
  { "max-pool-pad", 1, 2, 3, AX_NODE_MAX_POOL, 0, { 3, 3, 1, 1, 1 }, FALSE,
    0,
    /* max_pool2d (x, 3, 1, padding=1) */
    { 1, 3, 2, 3 },
    { 2.5, 2.5, 1, 2.5, 2.5, 1, 2, 2, 0, 2, 2, 0, 1, 2.5, 2.5, 1, 2.5,
      2.5 } },
  { "max-pool-dilation", 1, 4, 4, AX_NODE_MAX_POOL, 0, { 2, 2, 1, 2, 0 },
    FALSE, 0,
    /* max_pool2d (x, 2, 1, dilation=2) */
    { 1, 3, 2, 2 },
    { -0.5, 2.5, 2.5, 0.5, 0.5, 2.5, 2, 1.5, 1.5, -0.5, 2.5, 2.5 } },
  { "avg-pool", 1, 5, 5, AX_NODE_AVG_POOL, 0, { 2, 2, 2, 1, 0 }, FALSE, 0,
    /* avg_pool2d (x, 2, 2) */
    { 1, 3, 2, 2 },
    { -0.25, -0.125, -1, 0.5, 0.625, -0.625, -0.125, 0, 0.125, 0.25, -0.625,
      -0.5 } },
  { "avg-pool-pad", 1, 2, 3, AX_NODE_AVG_POOL, 0, { 3, 3, 1, 1, 1 }, FALSE,
    0,
    /* avg_pool2d (x, 3, 1, padding=1, count_include_pad=False) */
    { 1, 3, 2, 3 },
    { 0.375, -1.0 / 6, -0.25, 0.375, -1.0 / 6, -0.25, 0.75, -0.25, -1.25,
      0.75, -0.25, -1.25, -0.25, 7.0 / 12, 0.5, -0.25, 7.0 / 12, 0.5 } },
  { "avg-pool-dilation", 1, 4, 4, AX_NODE_AVG_POOL, 0, { 2, 2, 1, 2, 0 },
    FALSE, 0,
    /* unfold (x, 2, dilation=2), mean over the taps */
    { 1, 3, 2, 2 },
    { -1.5, 0.625, 1.5, -0.5, -0.5, 0.25, -0.25, 0.5, 0.5, -1.5, -0.625,
      1.5 } },
  { "batch-norm", 1, 1, 3, AX_NODE_BATCH_NORM, 0, { 0 }, FALSE, 0,
    /* batch_norm (x, mean, var, weight, bias, eps=0.5) */
    { 1, 3, 1, 3 },
    { 2.4375, -0.1875, 1.3125, 0.41855865354369193, -0.39793792738403422,
      -1.2144345083117605, 0.75, 0.75, 0.75 } },
  { "relu", 1, 1, 3, AX_NODE_RELU, 0, { 0 }, FALSE, 0,
    { 1, 3, 1, 3 }, { 0, 1, 0, 2.5, 0.5, 0, 2, 0, 0 } },
  { "sigmoid", 1, 1, 3, AX_NODE_SIGMOID, 0, { 0 }, FALSE, 0,
    { 1, 3, 1, 3 },
    { 0.075858180021243546, 0.7310585786300049, 0.2689414213699951,
      0.92414181997875655, 0.62245933120185459, 0.18242552380635635,
      0.88079707797788231, 0.5, 0.11920292202211755 } },
  { "softmax", 1, 1, 3, AX_NODE_SOFTMAX, 0, { 0 }, FALSE, 0,
    /* softmax (x / 2, 1) */
    { 1, 3, 1, 3 },
    { 0.044110712990196393, 0.41922895160969764, 0.41922895160969764,
      0.53737849460539178, 0.32649583579983665, 0.32649583579983665,
      0.4185107924044118, 0.25427521259046559, 0.25427521259046559 } },
  { "dropout", 1, 1, 3, AX_NODE_DROPOUT, 0, { 0 }, FALSE, 0,
    { 1, 3, 1, 3 }, { -2.5, 1, -1, 2.5, 0.5, -1.5, 2, 0, -2 } },
  { "concat", 2, 1, 2, AX_NODE_CONCAT, 0, { 0 }, FALSE, OTHER_CHANNEL_MEAN,
    /* cat ([x, x.mean (1)], 1) */
    { 2, 4, 1, 2 },
    { -2.5, 1, -1, 2.5, 0.5, -1.5, -1, 2.0 / 3, 2, 0, -2, 1.5, -0.5, -2.5,
      -1.0 / 6, -1.0 / 3 } },
  { "add-channels", 1, 1, 4, AX_NODE_ADD, 0, { 0 }, FALSE,
    OTHER_CHANNEL_MEAN,
    { 1, 3, 1, 4 },
    { -23.0 / 6, 4.0 / 3, -5.0 / 6, 2.5, -5.0 / 6, -7.0 / 6, 13.0 / 6, 0,
      -10.0 / 3, 11.0 / 6, -1.0 / 3, -2.5 } },
  { "mul-channels", 2, 1, 2, AX_NODE_MUL, 0, { 0 }, FALSE,
    OTHER_CHANNEL_MAX,
    { 2, 3, 1, 2 },
    { -1.25, 2.5, -0.5, 6.25, 0.25, -3.75, 4, 0, -4, 2.25, -1, -3.75 } },
  { "mul-sides", 1, 2, 2, AX_NODE_MUL, 0, { 0 }, FALSE, OTHER_MEAN_2X2,
    /* x * avg_pool2d (x, 2) */
    { 1, 3, 2, 2 },
    { 0, 0, 0, 0, 0.125, -0.375, 0.5, 0, 1.75, -1.3125, 0.4375, 2.1875 } },
  { "upsample", 1, 1, 2, AX_NODE_UPSAMPLE, 0, { 0 }, FALSE, 0,
    /* interpolate (x, scale_factor=2) */
    { 1, 3, 2, 4 },
    { -2.5, -2.5, 1, 1, -2.5, -2.5, 1, 1, -1, -1, 2.5, 2.5, -1, -1, 2.5, 2.5,
      0.5, 0.5, -1.5, -1.5, 0.5, 0.5, -1.5, -1.5 } },
  { "crop", 1, 4, 4, AX_NODE_CROP, 0, { 0 }, FALSE, 0,
    /* x[:, :, 1:2, 0:3] */
    { 1, 3, 1, 3 },
    { 0.5, -1.5, 2, 1.5, -0.5, -2.5, 2.5, 0.5, -1.5 } },
  { "channel-mean", 2, 1, 3, AX_NODE_CHANNEL_MEAN, 0, { 0 }, FALSE, 0,
    { 2, 1, 1, 3 }, { 2.0 / 3, 0.5, -1.5, 1, -1, 2.0 / 3 } },
  { "channel-max", 2, 1, 3, AX_NODE_CHANNEL_MAX, 0, { 0 }, FALSE, 0,
    { 2, 1, 1, 3 }, { 2.5, 1, -1, 1.5, -0.5, 2.5 } },
  { "fragment", 2, 3, 3, AX_NODE_FRAGMENT, 0, { 0 }, FALSE, 0,
    /* max_pool2d (x[b:b+1, :, oy:, ox:], 2, 2), stacked */
    { 8, 3, 1, 1 },
    { 2.5, 1.5, 0, 1, 2.5, 1.5, 2.5, 1, 2.5, 0.5, 2.5, 2.5,
      2, 2.5, 1, 2, 0.5, 2.5, 1.5, 2, 0.5, 1.5, 0, 2 } },
};
/* clang-format on */

static int
add_other (AxGraph *graph, Other other)
{
  switch (other)
    {
    case OTHER_CHANNEL_MEAN:
      return ax_graph_add_unary (graph, 0, AX_NODE_CHANNEL_MEAN);
    case OTHER_CHANNEL_MAX:
      return ax_graph_add_unary (graph, 0, AX_NODE_CHANNEL_MAX);
    case OTHER_MEAN_2X2:
      return ax_graph_add_pool (graph, 0, AX_NODE_AVG_POOL,
                                (AxWindow){ 2, 2, 2, 1, 0 });
    case OTHER_NONE:
      break;
    }
  g_return_val_if_reached (0);
}

static int
add_case (AxGraph *graph, const Case *c)
{
  switch (c->kind)
    {
    case AX_NODE_CONV:
      return ax_graph_add_conv (graph, 0, "layer", c->n_channels, c->window,
                                c->bias);
    case AX_NODE_CONV_TRANSPOSE:
      return ax_graph_add_conv_transpose (graph, 0, "layer", c->n_channels,
                                          c->window, c->bias);
    case AX_NODE_MAX_POOL:
    case AX_NODE_AVG_POOL:
      return ax_graph_add_pool (graph, 0, c->kind, c->window);
    case AX_NODE_BATCH_NORM:
      return ax_graph_add_batch_norm (graph, 0, "layer", 0.5);
    case AX_NODE_SOFTMAX:
      return ax_graph_add_softmax (graph, 0, 2.0);
    case AX_NODE_DROPOUT:
      return ax_graph_add_dropout (graph, 0, 0.5);
    case AX_NODE_CONCAT:
    case AX_NODE_ADD:
    case AX_NODE_MUL:
      return ax_graph_add_binary (graph, 0, add_other (graph, c->other),
                                  c->kind);
    case AX_NODE_UPSAMPLE:
      return ax_graph_add_upsample (graph, 0, 2);
    case AX_NODE_CROP:
      return ax_graph_add_crop (graph, 0, 1, 2, 0, 1);
    case AX_NODE_FRAGMENT:
      return ax_graph_add_fragment (graph, 0);
    default:
      return ax_graph_add_unary (graph, 0, c->kind);
    }
}

static double
get_input_value (gint64 i)
{
  return (double)(i * 7 % 11 - 5) / 2.0;
}

static TestTensor
make_input (gint64 n, gint64 h, gint64 w)
{
  TestTensor input = test_tensor_new (n, 3, h, w);
  for (gint64 i = 0; i < test_tensor_count (&input); i++)
    input.values[i] = get_input_value (i);
  return input;
}

static AxGraph *
make_graph (void)
{
  const double mean[3] = { 0.5, 0.25, 0.0 };
  const double std[3] = { 0.5, 0.25, 2.0 };
  return ax_graph_new (mean, std);
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
      gint64 count;
      g_assert_true (ax_tensor_view_count (view, &count));
      for (gint64 i = 0; i < count; i++)
        ((double *)view->data)[i]
            = param->role == AX_PARAM_RUNNING_VAR
                  ? (double)(i + 1) / 2.0
                  : (double)((i * 5 + p * 3) % 7 - 3) / 4.0;
    }
  return weights;
}

static void
test_node (gconstpointer data)
{
  const Case *c = data;
  g_autoptr (AxGraph) graph = make_graph ();
  ax_graph_add_output (graph, add_case (graph, c));
  ax_graph_seal (graph);
  g_autoptr (AxWeights) weights = make_weights (graph);
  g_auto (TestTensor) input = make_input (c->n, c->h, c->w);
  g_auto (TestTensor) output = run_graph ("ref", graph, weights, &input);
  g_assert_cmpmem (output.shape, sizeof output.shape, c->shape,
                   sizeof c->shape);
  for (gint64 i = 0; i < test_tensor_count (&output); i++)
    g_assert_cmpfloat_with_epsilon (output.values[i], c->values[i], 1e-14);
}

/* Fragments, put together, are the pools of stride 1 whose taps stand 1, then
 * 2 apart. */
static void
test_defragment (void)
{
  g_autoptr (AxGraph) fragments = make_graph ();
  g_autoptr (AxGraph) pools = make_graph ();
  int node = ax_graph_add_fragment (fragments, 0);
  node = ax_graph_add_fragment (fragments, node);
  ax_graph_add_output (fragments, ax_graph_add_defragment (fragments, node, 2));
  node = ax_graph_add_pool (pools, 0, AX_NODE_MAX_POOL,
                            (AxWindow){ 2, 2, 1, 1, 0 });
  node = ax_graph_add_pool (pools, node, AX_NODE_MAX_POOL,
                            (AxWindow){ 2, 2, 1, 2, 0 });
  ax_graph_add_output (pools, node);
  ax_graph_seal (fragments);
  ax_graph_seal (pools);
  g_autoptr (AxWeights) weights = ax_weights_new ();
  g_auto (TestTensor) input = make_input (2, 7, 11);
  g_auto (TestTensor) a = run_graph ("ref", fragments, weights, &input);
  g_auto (TestTensor) b = run_graph ("ref", pools, weights, &input);
  g_assert_cmpmem (a.shape, sizeof a.shape, b.shape, sizeof b.shape);
  g_assert_cmpint (a.shape[2], ==, 4);
  g_assert_cmpint (a.shape[3], ==, 8);
  g_assert_cmpfloat (
      max_difference (a.values, b.values, test_tensor_count (&a)), ==, 0.0);
}

/* Bytes are (v/255 - mean) / std, in planes; values pass. */
static void
test_bytes (void)
{
  static const guint8 rgb[] = { 0, 51, 102, 255, 204, 153 };
  g_autoptr (GError) error = NULL;
  g_autoptr (AxGraph) graph = make_graph ();
  ax_graph_add_output (graph, ax_graph_add_crop (graph, 0, 0, 0, 0, 0));
  ax_graph_seal (graph);
  g_autoptr (AxWeights) weights = ax_weights_new ();
  g_autoptr (AxEngine) engine = ax_engine_new ("ref", NULL, &error);
  g_assert_no_error (error);
  g_autoptr (AxPlan) plan
      = ax_plan_new (engine, graph, weights, 1, 1, 2, &error);
  g_assert_no_error (error);
  float out[6];
  float *outputs[] = { out };
  g_assert_true (ax_plan_forward_rgb (plan, rgb, outputs, &error));
  g_assert_no_error (error);
  /* red 0, 255; green 51, 204; blue 102, 153 */
  const double expected[] = { -1, 1, -0.2, 2.2, 0.2, 0.3 };
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpfloat_with_epsilon (out[i], expected[i], 1e-6);
}

/* A node that two read is kept until the second; two outputs. */
static void
test_branches (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxGraph) graph = make_graph ();
  int relu = ax_graph_add_unary (graph, 0, AX_NODE_RELU);
  int sum = ax_graph_add_binary (graph, relu, 0, AX_NODE_ADD);
  int product = ax_graph_add_binary (graph, sum, relu, AX_NODE_MUL);
  ax_graph_add_output (graph, product);
  ax_graph_add_output (graph, relu);
  ax_graph_seal (graph);
  g_autoptr (AxWeights) weights = ax_weights_new ();
  g_autoptr (AxEngine) engine = ax_engine_new ("ref", NULL, &error);
  g_assert_no_error (error);
  g_autoptr (AxPlan) plan
      = ax_plan_new (engine, graph, weights, 1, 2, 2, &error);
  g_assert_no_error (error);
  g_auto (TestTensor) input = make_input (1, 2, 2);
  g_auto (TestTensor) first = test_tensor_new (1, 3, 2, 2);
  g_auto (TestTensor) second = test_tensor_new (1, 3, 2, 2);
  AxTensorView in = test_tensor_view (&input);
  /* Twice, since a plan is used again. */
  for (int round = 0; round < 2; round++)
    {
      AxTensorView views[]
          = { test_tensor_view (&first), test_tensor_view (&second) };
      g_assert_true (ax_plan_forward (plan, &in, views, &error));
      g_assert_no_error (error);
      for (gint64 i = 0; i < 12; i++)
        {
          double x = MAX (input.values[i], 0.0);
          g_assert_cmpfloat (second.values[i], ==, x);
          g_assert_cmpfloat (first.values[i], ==, 2.0 * x * x);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path
          = g_strconcat ("/engine-ref/node/", cases[i].name, NULL);
      g_test_add_data_func (path, &cases[i], test_node);
    }
  g_test_add_func ("/engine-ref/node/defragment", test_defragment);
  g_test_add_func ("/engine-ref/bytes", test_bytes);
  g_test_add_func ("/engine-ref/branches", test_branches);
  return g_test_run ();
}
