#include "core/models/attention.h"

#include "core/models/model.h"
#include "core/models/scannet.h"
#include "core/nn/graph-shape.h"
#include "tests/support/expect-error.h"
#include "tests/support/small-runs.h"

/*
 * PyTorch's numbers are those of tests/golden/networks.py.
 */

/* Of a single-precision engine. */
#define GATE 1e-5

#define FIELD SMALL_ATTENTION_FIELD
#define STRIDE SMALL_ATTENTION_STRIDE

static void
test_golden (void)
{
  static const double tumor[] = { 0.5443551819, 0.5419545506, 0.5411863082,
                                  0.5463122925, 0.5348794886, 0.5510114826 };
  static const double fraction[] = { 0.3570212168, 0.3566809318, 0.3593232318,
                                     0.3562362492, 0.3580054996, 0.3523129045 };
  g_autoptr (AxGraph) graph = small_attention_build ();
  g_autoptr (AxWeights) weights = small_weights_new (graph);
  g_auto (TestTensor) input = small_make_input (1, 26, 22);
  g_autoptr (GPtrArray) engines = small_list_engines ();
  for (guint e = 0; e < engines->len; e++)
    {
      g_auto (SmallRun) run
          = small_run (engines->pdata[e], graph, weights, &input);
      g_assert_cmpint (run.outputs[0].shape[2], ==, 3);
      g_assert_cmpint (run.outputs[0].shape[3], ==, 2);
      for (int i = 0; i < 6; i++)
        {
          g_assert_cmpfloat_with_epsilon (run.outputs[0].values[6 + i],
                                          tumor[i], GATE);
          g_assert_cmpfloat_with_epsilon (run.outputs[1].values[i], fraction[i],
                                          GATE);
        }
    }
}

/* Both losses at once. */
static void
test_golden_training (void)
{
  static const struct
  {
    const char *name;
    double length;
  } gradients[] = { { "block2.conv1.weight", 1.3549232685 },
                    { "block2.squeeze.weight", 0.1537570460 },
                    { "block2.excite.bias", 0.1662615974 },
                    { "block2.spatial.weight", 0.0619855636 },
                    { "head.fraction.weight", 0.0329365484 } };
  const AxLoss losses[]
      = { { .kind = AX_LOSS_CROSS_ENTROPY, .output = 0, .weight = 1.0 },
          { .kind = AX_LOSS_SMOOTH_L1, .output = 1, .weight = 1.0 } };
  gint32 classes[] = { 0, 1, 1, 0 };
  float fractions[] = { 0.0f, 0.5f, 1.0f, 0.1f };
  const AxTensorView targets[] = {
    { .data = classes, .dtype = AX_DTYPE_I32, .rank = 3, .shape = { 4, 1, 1 } },
    { .data = fractions,
      .dtype = AX_DTYPE_F32,
      .rank = 4,
      .shape = { 4, 1, 1, 1 } }
  };
  g_autoptr (AxGraph) family = small_attention_build ();
  g_autoptr (AxGraph) graph = small_drop_dropout (family);
  g_autoptr (AxWeights) weights = small_weights_new (graph);
  g_auto (TestTensor) input = small_make_input (4, FIELD, FIELD);
  const AxTensorView in = test_tensor_view (&input);
  g_autoptr (GPtrArray) engines = small_list_engines ();
  for (guint e = 0; e < engines->len; e++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AxEngine) engine
          = ax_engine_new (engines->pdata[e], NULL, &error);
      double values[2] = { NAN, NAN };
      if (!ax_engine_can_train (engine))
        continue;
      g_autoptr (AxTrainPlan) plan = ax_train_plan_new (
          engine, graph, weights, losses, 2, 4, FIELD, FIELD, &error);
      g_assert_no_error (error);
      g_assert_true (
          ax_train_plan_learn (plan, &in, targets, NULL, 1, values, &error));
      g_assert_cmpfloat_with_epsilon (values[0], 0.7508186414, GATE);
      g_assert_cmpfloat_with_epsilon (values[1], 0.0854233733, GATE);
      for (guint i = 0; i < G_N_ELEMENTS (gradients); i++)
        g_assert_cmpfloat_with_epsilon (
            small_get_gradient (plan, graph, gradients[i].name),
            gradients[i].length, 1e-4);
    }
}

/* A cell of the dense map is what its own field gives by itself, in both
 * heads, for every alpha and in both forms. */
static void
check_patches (AxGraph *graph, const AxWeights *weights, int alpha,
               AxDenseForm form)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxGraph) dense = ax_graph_make_dense (graph, alpha, form, &error);
  g_assert_no_error (error);
  const int step = STRIDE / alpha;
  const int side = FIELD + 2 * STRIDE + (alpha - 1) * step;
  const int n_cells = 3 * alpha;
  g_auto (TestTensor) input = small_make_input (1, side, side);
  g_auto (SmallRun) map = small_run ("ref", dense, weights, &input);
  g_assert_cmpint (map.outputs[0].shape[2], ==, n_cells);
  g_assert_cmpint (map.outputs[1].shape[3], ==, n_cells);
  for (int row = 0; row < n_cells; row++)
    for (int col = 0; col < n_cells; col++)
      {
        const gint64 cell = row * n_cells + col;
        g_auto (TestTensor) patch
            = test_tensor_crop (&input, row * step, col * step, FIELD, FIELD);
        g_auto (SmallRun) alone = small_run ("ref", graph, weights, &patch);
        g_assert_cmpfloat_with_epsilon (
            alone.outputs[0].values[1],
            map.outputs[0].values[n_cells * n_cells + cell], 1e-12);
        g_assert_cmpfloat_with_epsilon (alone.outputs[1].values[0],
                                        map.outputs[1].values[cell], 1e-12);
      }
}

static void
test_dense (void)
{
  g_autoptr (AxGraph) graph = small_attention_build ();
  g_autoptr (AxWeights) weights = small_weights_new (graph);
  for (int alpha = 1; alpha <= STRIDE; alpha *= 2)
    for (AxDenseForm form = AX_DENSE_DILATED; form <= AX_DENSE_FRAGMENTS;
         form++)
      check_patches (graph, weights, alpha, form);
}

static double
count_field_flops (AxGraph *graph)
{
  const AxGraphView *view = ax_graph_get_view (graph);
  g_autofree AxShape *shapes = g_new (AxShape, (gsize)view->n_nodes);
  g_assert_true (ax_graph_infer_shapes (view, 1, 92, 92, shapes, NULL));
  return ax_graph_count_flops (view, shapes);
}

/* As the ScanNet of the same blocks, at no more than 2 % of its cost. */
static void
test_model (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxModel) model = ax_model_new_random ("attention-10x", 3, &error);
  g_assert_no_error (error);
  g_autoptr (AxModel) coarse = ax_model_new_random ("attention-5x", 3, &error);
  g_assert_no_error (error);
  g_autoptr (AxModel) scannet = ax_model_new_random ("scannet-10x", 3, &error);
  guint n_tasks = 0;
  const AxModelTask *tasks = ax_model_get_tasks (model, &n_tasks);
  g_assert_cmpuint (n_tasks, ==, 2);
  g_assert_cmpstr (tasks[1].name, ==, "fraction");
  g_assert_cmpint (tasks[0].target, ==, AX_TARGET_CLASS);
  g_assert_cmpint (tasks[1].target, ==, AX_TARGET_FRACTION);
  g_assert_cmpint (tasks[1].loss.kind, ==, AX_LOSS_SMOOTH_L1);
  g_assert_cmpint (tasks[1].loss.output, ==, 1);
  g_assert_cmpint (ax_model_get_field (model), ==, 92);
  g_assert_cmpint (ax_model_get_stride (model), ==, 16);
  g_assert_cmpint (ax_model_get_cell_field (model, 4), ==, 92);
  g_assert_true (ax_model_has_naive_form (model));
  g_assert_cmpfloat (ax_model_get_mpp (coarse), ==, 1.944);

  const double flops = count_field_flops (ax_model_get_graph (model));
  const double other = count_field_flops (ax_model_get_graph (scannet));
  g_assert_cmpfloat (flops, >, other);
  g_assert_cmpfloat (flops, <, 1.02 * other);
}

static void
test_arch (void)
{
  g_autoptr (GError) error = NULL;
  AxAttentionArch arch;
  const AxAttentionArch *known = ax_attention_arch_find ("attention-10x");
  g_autofree char *json = ax_attention_arch_to_json (known);
  g_assert_cmpstr (json, ==,
                   "{\"blocks\":[2,2,2,2],\"widths\":[32,64,128,256],"
                   "\"attention\":[0,0,1,1],\"reduction\":8,\"head\":256}");
  g_assert_true (ax_attention_arch_parse (json, &arch, &error));
  g_assert_no_error (error);
  g_assert_cmpmem (&arch, sizeof arch, known, sizeof arch);
  g_assert_null (ax_attention_arch_find ("scannet"));
}

/* As torchvision numbers a VGG with batch norm of two convolutions a block. */
static void
test_scannet_names (void)
{
  static const char *const names[][2] = {
    { "block1.conv1.weight", "features.0.weight" },
    { "block1.norm1.running_var", "features.1.running_var" },
    { "block1.conv2.weight", "features.3.weight" },
    { "block2.conv1.weight", "features.7.weight" },
    { "block4.norm2.bias", "features.25.bias" },
    { "head.hidden.weight", "head.0.weight" },
    { "head.tumor.bias", "head.1.bias" },
    { "head.fraction.bias", NULL },
    { "block3.squeeze.weight", NULL },
    { "block5.conv1.weight", NULL },
  };
  const AxAttentionArch *arch = ax_attention_arch_find ("attention-10x");
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *name = ax_attention_get_scannet_name (arch, names[i][0]);
      g_assert_cmpstr (name, ==, names[i][1]);
    }
}

static void
test_arch_refused (void)
{
  static const struct
  {
    const char *json, *regex;
  } cases[] = {
    { "", "axilla.arch, byte 0: ends where '{'" },
    { "{}", "axilla.arch: key 'blocks' is missing" },
    { "{\"blocks\":[1],\"widths\":[4]}", "key 'attention' is missing" },
    { "{\"blocks\":[1],\"widths\":[4],\"attention\":[1]}",
      "key 'reduction' is missing" },
    { "{\"blocks\":[1],\"widths\":[4],\"attention\":[1],\"reduction\":2}",
      "key 'head' is missing" },
    { "{\"blocks\":[1],\"widths\":[4,4],\"attention\":[1],\"reduction\":2,"
      "\"head\":3}",
      "1 'blocks' but 2 'widths' and 1 'attention'" },
    { "{\"blocks\":[0]}", "'blocks' holds 0" },
    { "{\"attention\":[2]}", "2.*not within" },
    { "{\"reduction\":0}", "'reduction' is 0" },
    { "{\"head\":99999}", "99999.*not within" },
    { "{\"head\":4,\"head\":4}", "second key 'head'" },
    { "{\"depth\":4}", "unknown or second key 'depth'" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      AxAttentionArch arch = { .n_blocks = 99 };
      g_assert_false (ax_attention_arch_parse (cases[i].json, &arch, &error));
      expect_error (&error, AX_ERROR_FORMAT, cases[i].regex);
      g_assert_cmpint (arch.n_blocks, ==, 99);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/attention/golden", test_golden);
  g_test_add_func ("/attention/golden/training", test_golden_training);
  g_test_add_func ("/attention/dense", test_dense);
  g_test_add_func ("/attention/model", test_model);
  g_test_add_func ("/attention/arch", test_arch);
  g_test_add_func ("/attention/scannet-names", test_scannet_names);
  g_test_add_func ("/attention/arch/refused", test_arch_refused);
  return g_test_run ();
}
