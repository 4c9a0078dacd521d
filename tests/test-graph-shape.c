#include "core/nn/graph-shape.h"

#include "tests/support/expect-error.h"

static const double zeros[3] = { 0, 0, 0 };
static const double ones[3] = { 1, 1, 1 };
static const AxWindow window_3x3 = { 3, 3, 1, 1, 0 };
static const AxWindow window_same = { 3, 3, 1, 1, 1 };
static const AxWindow window_pool = { 2, 2, 2, 1, 0 };

static AxReceptiveField
get_field (AxGraph *graph, int output)
{
  g_autoptr (GError) error = NULL;
  AxReceptiveField field;
  ax_graph_add_output (graph, output);
  ax_graph_seal (graph);
  g_assert_true (
      ax_graph_get_receptive_field (ax_graph_get_view (graph), &field, &error));
  g_assert_no_error (error);
  return field;
}

/* Hand-worked: 3, stride 1; 4, 2; 8, 2; dilation 2: 8 + 2*2*2 = 16, 2. */
static void
test_field_windows (void)
{
  g_autoptr (AxGraph) graph = ax_graph_new (zeros, ones);
  int node = ax_graph_add_conv (graph, 0, "a", 4, window_3x3, TRUE);
  node = ax_graph_add_pool (graph, node, AX_NODE_MAX_POOL, window_pool);
  node = ax_graph_add_conv (graph, node, "b", 4, window_3x3, TRUE);
  node = ax_graph_add_conv (graph, node, "c", 4, (AxWindow){ 3, 3, 1, 2, 0 },
                            TRUE);
  AxReceptiveField field = get_field (graph, node);
  g_assert_cmpint (field.size, ==, 16);
  g_assert_cmpint (field.stride, ==, 2);
  g_assert_cmpint (field.offset, ==, 0);
}

/* One level of a U-Net: the deep path reaches from pixel -3 to +4 around the
 * pair of pixels that a pooled cell covers. */
static void
test_field_skip (void)
{
  g_autoptr (AxGraph) graph = ax_graph_new (zeros, ones);
  int skip = ax_graph_add_conv (graph, 0, "a", 4, window_same, TRUE);
  int deep = ax_graph_add_pool (graph, skip, AX_NODE_MAX_POOL, window_pool);
  deep = ax_graph_add_conv (graph, deep, "b", 4, window_same, TRUE);
  deep = ax_graph_add_upsample (graph, deep, 2);
  int joined = ax_graph_add_binary (graph, skip, deep, AX_NODE_CONCAT);
  AxReceptiveField field = get_field (graph, joined);
  /* Pooled cell k covers 2k-1 .. 2k+2; with its neighbours 2k-3 .. 2k+4; the
   * cell of pixel i is i/2 or (i-1)/2, so from i-4 to i+4. */
  g_assert_cmpint (field.stride, ==, 1);
  g_assert_cmpint (field.offset, ==, -4);
  g_assert_cmpint (field.size, ==, 9);
}

/* A transposed 2x2/2 convolution reaches as far as an upsampling by 2. */
static void
test_field_transpose (void)
{
  g_autoptr (AxGraph) graph = ax_graph_new (zeros, ones);
  int node = ax_graph_add_pool (graph, 0, AX_NODE_MAX_POOL, window_pool);
  node = ax_graph_add_conv_transpose (graph, node, "a", 4, window_pool, TRUE);
  AxReceptiveField field = get_field (graph, node);
  g_assert_cmpint (field.stride, ==, 1);
  g_assert_cmpint (field.offset, ==, -1);
  g_assert_cmpint (field.size, ==, 3);
}

static void
test_field_fragments (void)
{
  g_autoptr (AxGraph) graph = ax_graph_new (zeros, ones);
  int node = ax_graph_add_fragment (graph, 0);
  node = ax_graph_add_conv (graph, node, "a", 4, window_3x3, TRUE);
  node = ax_graph_add_defragment (graph, node, 1);
  AxReceptiveField field = get_field (graph, node);
  g_assert_cmpint (field.stride, ==, 1);
  g_assert_cmpint (field.size, ==, 6);
}

static void
test_field_refused (void)
{
  static const struct
  {
    AxWindow window;
    const char *regex;
  } cases[] = {
    { { 2, 3, 1, 1, 0 }, "node 1 \\(conv\\): has no square receptive field" },
    { { 3, 3, 2, 1, 0 }, "node 2 \\(add\\): has no square receptive field" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      AxReceptiveField field;
      g_autoptr (AxGraph) graph = ax_graph_new (zeros, ones);
      int node = ax_graph_add_conv (graph, 0, "a", 3, cases[i].window, TRUE);
      node = ax_graph_add_binary (graph, node, 0, AX_NODE_ADD);
      ax_graph_add_output (graph, node);
      ax_graph_seal (graph);
      g_assert_false (ax_graph_get_receptive_field (ax_graph_get_view (graph),
                                                    &field, &error));
      expect_error (&error, AX_ERROR_FORMAT, cases[i].regex);
    }
}

/* The shape of the only node for an input of (n, 3, h, w). */
static void
check_shape (int (*add) (AxGraph *graph), gint64 n, gint64 h, gint64 w,
             AxShape expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxGraph) graph = ax_graph_new (zeros, ones);
  int node = add (graph);
  ax_graph_add_output (graph, node);
  ax_graph_seal (graph);
  AxShape shapes[8];
  g_assert_true (ax_graph_infer_shapes (ax_graph_get_view (graph), n, h, w,
                                        shapes, &error));
  g_assert_no_error (error);
  g_assert_cmpint (shapes[node].n, ==, expected.n);
  g_assert_cmpint (shapes[node].c, ==, expected.c);
  g_assert_cmpint (shapes[node].h, ==, expected.h);
  g_assert_cmpint (shapes[node].w, ==, expected.w);
}

static void
check_refused (int (*add) (AxGraph *graph), gint64 n, gint64 h, gint64 w,
               const char *regex)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxGraph) graph = ax_graph_new (zeros, ones);
  ax_graph_add_output (graph, add (graph));
  ax_graph_seal (graph);
  AxShape shapes[8];
  g_assert_false (ax_graph_infer_shapes (ax_graph_get_view (graph), n, h, w,
                                         shapes, &error));
  expect_error (&error, AX_ERROR_FORMAT, regex);
}

static int
add_conv (AxGraph *graph)
{
  return ax_graph_add_conv (graph, 0, "a", 7, window_3x3, TRUE);
}

static int
add_strided (AxGraph *graph)
{
  return ax_graph_add_conv (graph, 0, "a", 7, (AxWindow){ 3, 5, 2, 2, 1 },
                            TRUE);
}

static int
add_transpose (AxGraph *graph)
{
  return ax_graph_add_conv_transpose (graph, 0, "a", 7,
                                      (AxWindow){ 3, 3, 2, 1, 1 }, TRUE);
}

static int
add_pool (AxGraph *graph)
{
  return ax_graph_add_pool (graph, 0, AX_NODE_MAX_POOL, window_pool);
}

static int
add_fragment (AxGraph *graph)
{
  return ax_graph_add_fragment (graph, 0);
}

static int
add_defragment (AxGraph *graph)
{
  return ax_graph_add_defragment (graph, 0, 2);
}

static int
add_concat (AxGraph *graph)
{
  int mean = ax_graph_add_unary (graph, 0, AX_NODE_CHANNEL_MEAN);
  return ax_graph_add_binary (graph, 0, mean, AX_NODE_CONCAT);
}

static int
add_disagreeing (AxGraph *graph)
{
  return ax_graph_add_binary (graph, 0, add_conv (graph), AX_NODE_CONCAT);
}

static int
add_unrepeatable (AxGraph *graph)
{
  return ax_graph_add_binary (graph, 0, add_conv (graph), AX_NODE_MUL);
}

static int
add_upsample (AxGraph *graph)
{
  return ax_graph_add_upsample (graph, 0, 3);
}

static int
add_crop (AxGraph *graph)
{
  return ax_graph_add_crop (graph, 0, 1, 2, 3, 4);
}

static void
test_shapes (void)
{
  check_shape (add_conv, 2, 10, 12, (AxShape){ 2, 7, 8, 10 });
  /* torch: (10 + 2 - 2*2 - 1) / 2 + 1, (12 + 2 - 2*4 - 1) / 2 + 1 */
  check_shape (add_strided, 1, 10, 12, (AxShape){ 1, 7, 4, 3 });
  check_shape (add_transpose, 1, 4, 5, (AxShape){ 1, 7, 7, 9 });
  check_shape (add_pool, 1, 5, 6, (AxShape){ 1, 3, 2, 3 });
  check_shape (add_fragment, 2, 5, 7, (AxShape){ 8, 3, 2, 3 });
  check_shape (add_defragment, 16, 2, 3, (AxShape){ 1, 3, 8, 12 });
  check_shape (add_concat, 1, 5, 5, (AxShape){ 1, 4, 5, 5 });
  check_shape (add_upsample, 1, 5, 6, (AxShape){ 1, 3, 15, 18 });
  check_shape (add_crop, 1, 4, 8, (AxShape){ 1, 3, 1, 1 });
}

static void
test_refused (void)
{
  check_refused (add_conv, 1, 2, 9,
                 "node 1 \\(conv\\): the input is too "
                 "small: 1x3x2x9");
  check_refused (add_conv, 0, 9, 9,
                 "node 0 \\(input\\): the input is too "
                 "small: 0x3x9x9");
  check_refused (add_pool, 1, 1, 1, "max pool.*too small");
  check_refused (add_crop, 1, 3, 8, "crop.*too small");
  check_refused (add_fragment, 1, 4, 5,
                 "node 1 \\(fragment\\): a side is "
                 "even: 1x3x4x5");
  check_refused (add_defragment, 8, 2, 2, "defragment.*no multiple.*8x3x2x2");
  check_refused (add_disagreeing, 1, 9, 9,
                 "node 2 \\(concat\\): the inputs disagree: 1x3x9x9 and "
                 "1x7x7x7");
  check_refused (add_unrepeatable, 1, 9, 9,
                 "node 2 \\(mul\\): the inputs "
                 "disagree");
  check_refused (add_upsample, 1, G_MAXINT32, 1, "upsample.*too large");
  check_refused (add_pool, G_MAXINT32, G_MAXINT32, G_MAXINT32,
                 "node 0 \\(input\\): the output is too large");
}

/* 2 * 9 taps * 3 * 7 channels * 8*10 cells; transposed over 4*5 inputs. */
static void
test_flops (void)
{
  static const struct
  {
    int (*add) (AxGraph *graph);
    gint64 h, w;
    double flops;
  } cases[] = {
    { add_conv, 10, 12, 2.0 * 9 * 3 * 7 * 80 },
    { add_transpose, 4, 5, 2.0 * 9 * 3 * 7 * 20 },
    { add_pool, 10, 10, 0.0 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AxGraph) graph = ax_graph_new (zeros, ones);
      ax_graph_add_output (graph, cases[i].add (graph));
      ax_graph_seal (graph);
      const AxGraphView *view = ax_graph_get_view (graph);
      AxShape shapes[8];
      g_assert_true (ax_graph_infer_shapes (view, 1, cases[i].h, cases[i].w,
                                            shapes, NULL));
      g_assert_cmpfloat (ax_graph_count_flops (view, shapes), ==,
                         cases[i].flops);
    }
}

static void
test_describe (void)
{
  g_autoptr (AxGraph) graph = ax_graph_new (zeros, ones);
  int node = add_strided (graph);
  ax_graph_add_output (graph, ax_graph_add_softmax (graph, node, 1.0));
  ax_graph_seal (graph);
  AxShape shapes[8];
  g_assert_true (ax_graph_infer_shapes (ax_graph_get_view (graph), 1, 10, 12,
                                        shapes, NULL));
  g_autofree char *text = ax_graph_describe (graph, shapes);
  g_assert_cmpstr (text, ==,
                   "  0 input -> 1x3x10x12\n"
                   "  1 conv 3x5/2 dilation 2 pad 1 -> 1x7x4x3\n"
                   "  2 softmax -> 1x7x4x3\n");
}

/* Parameters carry names, roles and shapes in the order of the layers. */
static void
test_params (void)
{
  g_autoptr (AxGraph) graph = ax_graph_new (zeros, ones);
  int node = ax_graph_add_conv (graph, 0, "a", 5, window_3x3, FALSE);
  node = ax_graph_add_batch_norm (graph, node, "b", 1e-5);
  node = ax_graph_add_conv_transpose (graph, node, "c", 2, window_pool, TRUE);
  ax_graph_add_output (graph, node);
  ax_graph_seal (graph);
  static const struct
  {
    const char *name;
    AxParamRole role;
    int rank;
    gint64 shape[4];
  } params[] = {
    { "a.weight", AX_PARAM_WEIGHT, 4, { 5, 3, 3, 3 } },
    { "b.weight", AX_PARAM_NORM_WEIGHT, 1, { 5 } },
    { "b.bias", AX_PARAM_NORM_BIAS, 1, { 5 } },
    { "b.running_mean", AX_PARAM_RUNNING_MEAN, 1, { 5 } },
    { "b.running_var", AX_PARAM_RUNNING_VAR, 1, { 5 } },
    { "c.weight", AX_PARAM_WEIGHT, 4, { 5, 2, 2, 2 } },
    { "c.bias", AX_PARAM_BIAS, 1, { 2 } },
  };
  g_assert_cmpuint (ax_graph_get_n_params (graph), ==, G_N_ELEMENTS (params));
  for (guint i = 0; i < G_N_ELEMENTS (params); i++)
    {
      const AxGraphParam *param = ax_graph_get_param (graph, i);
      g_assert_cmpstr (param->name, ==, params[i].name);
      g_assert_cmpint (param->role, ==, params[i].role);
      g_assert_cmpint (param->rank, ==, params[i].rank);
      g_assert_cmpmem (param->shape, sizeof param->shape, params[i].shape,
                       sizeof params[i].shape);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/graph-shape/field/windows", test_field_windows);
  g_test_add_func ("/graph-shape/field/skip", test_field_skip);
  g_test_add_func ("/graph-shape/field/transpose", test_field_transpose);
  g_test_add_func ("/graph-shape/field/fragments", test_field_fragments);
  g_test_add_func ("/graph-shape/field/refused", test_field_refused);
  g_test_add_func ("/graph-shape/shapes", test_shapes);
  g_test_add_func ("/graph-shape/refused", test_refused);
  g_test_add_func ("/graph-shape/flops", test_flops);
  g_test_add_func ("/graph-shape/describe", test_describe);
  g_test_add_func ("/graph-shape/params", test_params);
  return g_test_run ();
}
