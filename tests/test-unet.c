#include "core/models/unet.h"

#include "core/models/model.h"
#include "core/nn/graph-cells.h"
#include "core/nn/graph-shape.h"
#include "tests/support/expect-error.h"
#include "tests/support/small-runs.h"

/*
 * PyTorch's numbers are those of tests/golden/networks.py.
 */

/* Of a single-precision engine. */
#define GATE 2e-5

static void
test_golden (void)
{
  static const struct
  {
    int y, x;
    double p;
  } pixels[] = { { 0, 0, 0.3898252973 },
                 { 7, 11, 0.3696957111 },
                 { 15, 23, 0.4059901566 },
                 { 3, 20, 0.0000000800 } };
  g_autoptr (AxGraph) graph = small_unet_build ();
  g_autoptr (AxWeights) weights = small_weights_new (graph);
  g_auto (TestTensor) input = small_make_input (1, 16, 24);
  g_autoptr (GPtrArray) engines = small_list_engines ();
  for (guint e = 0; e < engines->len; e++)
    {
      g_auto (SmallRun) run
          = small_run (engines->pdata[e], graph, weights, &input);
      const double *tumor = run.outputs[0].values + 16 * 24;
      double sum = 0.0;
      for (int i = 0; i < 16 * 24; i++)
        sum += tumor[i];
      for (guint i = 0; i < G_N_ELEMENTS (pixels); i++)
        g_assert_cmpfloat_with_epsilon (tumor[pixels[i].y * 24 + pixels[i].x],
                                        pixels[i].p, GATE);
      g_assert_cmpfloat_with_epsilon (sum, 49.9237498659, 16 * 24 * GATE);
    }
}

static void
test_golden_training (void)
{
  static const struct
  {
    const char *name;
    double length;
  } gradients[] = { { "down1.conv1.weight", 0.4865178489 },
                    { "bottom.norm2.weight", 0.0482512849 },
                    { "up2.transpose.weight", 0.5340083707 },
                    { "head.bias", 0.3829472185 } };
  const AxLoss loss = { .kind = AX_LOSS_CROSS_ENTROPY, .weight = 1.0 };
  g_autoptr (AxGraph) graph = small_unet_build ();
  g_autoptr (AxWeights) weights = small_weights_new (graph);
  g_auto (TestTensor) input = small_make_input (2, 16, 24);
  const AxTensorView in = test_tensor_view (&input);
  gint32 classes[2 * 16 * 24];
  const AxTensorView target = {
    .data = classes, .dtype = AX_DTYPE_I32, .rank = 3, .shape = { 2, 16, 24 }
  };
  for (int i = 0; i < 2 * 16 * 24; i++)
    classes[i] = (i / 24 % 16 / 4 + i % 24 / 6) % 2;
  g_autoptr (GPtrArray) engines = small_list_engines ();
  for (guint e = 0; e < engines->len; e++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AxEngine) engine
          = ax_engine_new (engines->pdata[e], NULL, &error);
      double value = NAN;
      if (!ax_engine_can_train (engine))
        continue;
      g_autoptr (AxTrainPlan) plan = ax_train_plan_new (
          engine, graph, weights, &loss, 1, 2, 16, 24, &error);
      g_assert_no_error (error);
      g_assert_true (
          ax_train_plan_learn (plan, &in, &target, NULL, 1, &value, &error));
      g_assert_cmpfloat_with_epsilon (value, 0.9646330245, GATE);
      for (guint i = 0; i < G_N_ELEMENTS (gradients); i++)
        g_assert_cmpfloat_with_epsilon (
            small_get_gradient (plan, graph, gradients[i].name),
            gradients[i].length, 1e-4);
    }
}

/* Two levels of 3x3 convolutions: on the way down 2 + 2 * 2 pixels each side,
 * 2 * 4 at the bottom, 2 * 2 + 2 on the way up; the pools and the transposed
 * convolutions look up to 3 further, before or behind. */
static void
test_cells (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxGraph) graph = small_unet_build ();
  AxCells cells;
  g_assert_true (ax_cells_measure (ax_graph_get_view (graph), &cells, &error));
  g_assert_no_error (error);
  g_assert_cmpint (cells.period, ==, 4);
  g_assert_cmpint (cells.margin, ==, 24);

  g_autoptr (AxGraph) averaged = ax_graph_make_cells (graph, 2, &error);
  g_assert_no_error (error);
  g_autofree AxShape *shapes
      = g_new (AxShape, (gsize)ax_graph_get_view (averaged)->n_nodes);
  g_assert_true (ax_graph_infer_shapes (ax_graph_get_view (averaged), 1, 60, 64,
                                        shapes, &error));
  const AxShape *out = &shapes[ax_graph_get_view (averaged)->outputs[0]];
  g_assert_cmpint (out->h, ==, 6);
  g_assert_cmpint (out->w, ==, 8);
}

/* A pixel's value comes from pixels within the margin, and from one that is
 * nearly that far away. */
static void
test_margin (void)
{
  g_autoptr (AxGraph) graph = small_unet_build ();
  g_autoptr (AxWeights) weights = small_weights_new (graph);
  g_auto (TestTensor) input = small_make_input (1, 64, 64);
  g_auto (SmallRun) before = small_run ("ref", graph, weights, &input);
  int reach = 0;
  for (int c = 0; c < 3; c++)
    input.values[c * 64 * 64 + 32 * 64 + 32] += 100.0;
  g_auto (SmallRun) after = small_run ("ref", graph, weights, &input);
  for (int y = 0; y < 64; y++)
    for (int x = 0; x < 64; x++)
      if (before.outputs[0].values[y * 64 + x]
          != after.outputs[0].values[y * 64 + x])
        reach = MAX (reach, MAX (ABS (y - 32), ABS (x - 32)));
  g_assert_cmpint (reach, <=, 24);
  g_assert_cmpint (reach, >=, 16);
}

static void
copy_window (const TestTensor *from, const TestTensor *to, int top, int left)
{
  for (gint64 c = 0; c < 3; c++)
    for (gint64 y = 0; y < to->shape[2]; y++)
      for (gint64 x = 0; x < to->shape[3]; x++)
        to->values[(c * to->shape[2] + y) * to->shape[3] + x]
            = from->values[(c * from->shape[2] + top + y) * from->shape[3]
                           + left + x];
}

/* Cut a multiple of the period apart, two inputs give the same cells, bit for
 * bit; cut otherwise they do not, so that the test could fail. */
static void
test_no_seams (void)
{
  const int period = 4, step = 2;
  g_autoptr (AxGraph) pixels = small_unet_build ();
  g_autoptr (AxGraph) graph = ax_graph_make_cells (pixels, step, NULL);
  g_autoptr (AxWeights) weights = small_weights_new (pixels);
  g_auto (TestTensor) whole = small_make_input (1, 96, 96);
  g_auto (TestTensor) part = test_tensor_new (1, 3, 60, 64);
  g_auto (SmallRun) map = small_run ("ref", graph, weights, &whole);
  const gint64 width = map.outputs[0].shape[3];
  for (int shift = 1; shift <= 2 * period; shift++)
    {
      copy_window (&whole, &part, 3 * period, 2 * shift);
      g_auto (SmallRun) cut = small_run ("ref", graph, weights, &part);
      gboolean same = TRUE;
      for (int y = 0; y < 6; y++)
        for (int x = 0; x < 8; x++)
          same = same
                 && cut.outputs[0].values[y * 8 + x]
                        == map.outputs[0].values[(y + 3 * period / step) * width
                                                 + x + 2 * shift / step];
      g_assert_cmpint (same, ==, 2 * shift % period == 0);
    }
}

/* Cells are the averages of their pixels. */
static void
test_averages (void)
{
  g_autoptr (AxGraph) pixels = small_unet_build ();
  g_autoptr (AxGraph) cells = ax_graph_make_cells (pixels, 4, NULL);
  g_autoptr (AxWeights) weights = small_weights_new (pixels);
  g_auto (TestTensor) input = small_make_input (1, 56, 56);
  g_auto (SmallRun) fine = small_run ("ref", pixels, weights, &input);
  g_auto (SmallRun) coarse = small_run ("ref", cells, weights, &input);
  for (int row = 0; row < 2; row++)
    for (int col = 0; col < 2; col++)
      {
        double sum = 0.0;
        for (int i = 0; i < 16; i++)
          sum += fine.outputs[0].values[56 * 56 + (24 + 4 * row + i / 4) * 56
                                        + 24 + 4 * col + i % 4];
        g_assert_cmpfloat_with_epsilon (
            coarse.outputs[0].values[4 + 2 * row + col], sum / 16, 1e-12);
      }
}

static void
test_not_pixels (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxGraph) graph = small_attention_build ();
  g_assert_null (ax_graph_make_cells (graph, 2, &error));
  expect_error (&error, AX_ERROR_UNSUPPORTED,
                "^the network does not give a value for each pixel$");
}

static void
test_model (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxModel) model = ax_model_new_random ("unet-16", 3, &error);
  g_assert_no_error (error);
  guint n_tasks = 0;
  const AxModelTask *tasks = ax_model_get_tasks (model, &n_tasks);
  g_assert_cmpuint (n_tasks, ==, 1);
  g_assert_cmpstr (tasks[0].name, ==, "tumor");
  g_assert_cmpint (tasks[0].target, ==, AX_TARGET_MASK);
  g_assert_cmpint (tasks[0].loss.kind, ==, AX_LOSS_CROSS_ENTROPY);
  g_assert_cmpstr (ax_model_get_family (model), ==, "unet");
  g_assert_cmpfloat (ax_model_get_mpp (model), ==, 0.486);
  g_assert_cmpint (ax_model_get_stride (model), ==, 16);
  g_assert_cmpint (ax_model_get_field (model), ==, 240);
  g_assert_cmpint (ax_model_get_cell_field (model, 1), ==, 240);
  g_assert_cmpint (ax_model_get_cell_field (model, 16), ==, 225);
  g_assert_false (ax_model_has_naive_form (model));

  g_assert_null (
      ax_model_make_dense_graph (model, 32, AX_DENSE_DILATED, &error));
  expect_error (&error, AX_ERROR_UNSUPPORTED,
                "^alpha 32 does not divide the period 16$");
}

/* One field gives one cell. */
static void
test_field (void)
{
  g_autoptr (AxModel) model = ax_model_new_random ("unet-16", 3, NULL);
  AxGraph *graph = ax_model_get_inference_graph (model);
  const AxGraphView *view = ax_graph_get_view (graph);
  g_autofree AxShape *shapes = g_new (AxShape, (gsize)view->n_nodes);
  g_assert_true (ax_graph_infer_shapes (view, 1, 240, 240, shapes, NULL));
  g_assert_cmpint (shapes[view->outputs[0]].h, ==, 1);
  g_assert_cmpint (shapes[view->outputs[0]].w, ==, 1);
}

static void
test_arch (void)
{
  g_autoptr (GError) error = NULL;
  AxUnetArch arch;
  g_autofree char *json = ax_unet_arch_to_json (ax_unet_arch_find ("unet"));
  g_assert_cmpstr (json, ==, "{\"depth\":4,\"width\":32,\"dropout\":0.5}");
  g_assert_true (ax_unet_arch_parse (json, &arch, &error));
  g_assert_no_error (error);
  g_assert_cmpmem (&arch, sizeof arch, ax_unet_arch_find ("unet"), sizeof arch);
  g_assert_null (ax_unet_arch_find ("scannet"));
}

static void
test_arch_refused (void)
{
  static const struct
  {
    const char *json, *regex;
  } cases[] = {
    { "", "axilla.arch, byte 0: ends where '{'" },
    { "{}", "axilla.arch: key 'depth' is missing" },
    { "{\"depth\":4}", "key 'width' is missing" },
    { "{\"depth\":4,\"width\":8}", "key 'dropout' is missing" },
    { "{\"depth\":0}", "'depth' is 0" },
    { "{\"depth\":7}", "7.*not within" },
    { "{\"width\":257}", "257.*not within" },
    { "{\"dropout\":1}", "1.*not within" },
    { "{\"dropout\":-0.1}", "not within" },
    { "{\"dropout\":0,\"dropout\":0}", "second key 'dropout'" },
    { "{\"blocks\":[2]}", "unknown or second key 'blocks'" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      AxUnetArch arch = { .depth = 99 };
      g_assert_false (ax_unet_arch_parse (cases[i].json, &arch, &error));
      expect_error (&error, AX_ERROR_FORMAT, cases[i].regex);
      g_assert_cmpint (arch.depth, ==, 99);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/unet/golden", test_golden);
  g_test_add_func ("/unet/golden/training", test_golden_training);
  g_test_add_func ("/unet/cells", test_cells);
  g_test_add_func ("/unet/margin", test_margin);
  g_test_add_func ("/unet/no-seams", test_no_seams);
  g_test_add_func ("/unet/averages", test_averages);
  g_test_add_func ("/unet/not-pixels", test_not_pixels);
  g_test_add_func ("/unet/model", test_model);
  g_test_add_func ("/unet/field", test_field);
  g_test_add_func ("/unet/arch", test_arch);
  g_test_add_func ("/unet/arch/refused", test_arch_refused);
  return g_test_run ();
}
