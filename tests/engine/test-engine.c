#include "core/base/rng.h"
#include "core/models/attention.h"
#include "core/models/model.h"
#include "core/models/scannet.h"
#include "core/models/unet.h"
#include "core/nn/engine.h"
#include "core/nn/graph-dense.h"
#include "core/nn/graph-fold.h"
#include "core/nn/graph-shape.h"
#include "core/nn/safetensors.h"
#include "tests/engine/node-cases.h"
#include "tests/support/data.h"
#include "tests/support/run-graph.h"

#include <math.h>
#include <string.h>

/*
 * One harness for every engine that this machine can use: each kind of node,
 * many shapes, whole networks, against the reference engine.
 *
 * The processor's instructions can be limited: AX_CPU_ISA = avx2 or generic,
 * and DNNL_MAX_CPU_ISA for oneDNN alone; meson runs the harness so as well.
 */

#define SEED 20

typedef struct
{
  const AxEngineInfo *engine;
  AxPrecision precision;
  const void *data;
} Test;

typedef enum
{
  FILL_RANDOM,
  FILL_ZERO,
  FILL_HIGH, /* 250 to 255 */
  N_FILLS,
} Fill;

static gboolean
is_half (const AxEngineInfo *engine)
{
  return g_str_equal (engine->report.precision, "fp16");
}

static double
get_gate (const Test *test)
{
  /* algorithms.md 9 */
  return is_half (test->engine) && test->precision != AX_PRECISION_F32 ? 5e-3
                                                                       : 1e-4;
}

static guint8 *
make_bytes (Fill fill, gsize n)
{
  guint8 *bytes = g_malloc (n);
  AxRng rng = ax_rng_init (SEED, 1000);
  for (gsize i = 0; i < n; i++)
    bytes[i] = fill == FILL_ZERO   ? 0
               : fill == FILL_HIGH ? (guint8)(250 + ax_rng_below (&rng, 6))
                                   : (guint8)ax_rng_below (&rng, 256);
  return bytes;
}

/* What a graph gives, all outputs one behind the other. */
typedef struct
{
  float *values;
  gint64 count;
} Result;

static void
result_clear (Result *self)
{
  g_free (self->values);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Result, result_clear)

static gint64
count_output (const AxPlan *plan, guint index)
{
  gint64 shape[4];
  ax_plan_get_output_shape (plan, index, shape);
  return shape[0] * shape[1] * shape[2] * shape[3];
}

static Result
run_bytes (AxPlan *plan, const AxGraph *graph, const guint8 *rgb)
{
  const guint n_outputs = (guint)ax_graph_get_view (graph)->n_outputs;
  g_autoptr (GError) error = NULL;
  float *outputs[AX_MAX_OUTPUTS];
  Result result = { NULL, 0 };
  for (guint i = 0; i < n_outputs; i++)
    result.count += count_output (plan, i);
  result.values = g_new0 (float, (gsize)result.count);
  gint64 place = 0;
  for (guint i = 0; i < n_outputs; i++)
    {
      outputs[i] = result.values + place;
      place += count_output (plan, i);
    }
  g_assert_true (ax_plan_forward_rgb (plan, rgb, outputs, &error));
  g_assert_no_error (error);
  return result;
}

/* The largest difference, in units of the largest value where that is above
 * one. */
static double
compare (const Result *result, const Result *truth)
{
  double difference = 0.0, largest = 1.0;
  g_assert_cmpint (result->count, ==, truth->count);
  for (gint64 i = 0; i < truth->count; i++)
    {
      const double a = (double)result->values[i];
      const double b = (double)truth->values[i];
      g_assert_true (isfinite (a));
      difference = fmax (difference, fabs (a - b));
      largest = fmax (largest, fabs (b));
    }
  return difference / largest;
}

static AxPlan *
make_plan (AxEngine *engine, AxGraph *graph, const AxWeights *weights, int n,
           int h, int w)
{
  g_autoptr (GError) error = NULL;
  AxPlan *plan = ax_plan_new (engine, graph, weights, n, h, w, &error);
  g_assert_no_error (error);
  return plan;
}

static AxEngine *
make_engine (const char *name, AxPrecision precision)
{
  const AxEngineSetup setup = { .precision = precision };
  g_autoptr (GError) error = NULL;
  AxEngine *engine = ax_engine_new (name, &setup, &error);
  g_assert_no_error (error);
  return engine;
}

/* One plan, run with several inputs, so that nothing of one run may be left
 * for the next. */
static void
check_graph (const Test *test, AxGraph *graph, int n, int h, int w)
{
  g_autoptr (AxWeights) weights = make_weights (graph);
  g_autoptr (AxEngine) engine
      = make_engine (test->engine->name, test->precision);
  g_autoptr (AxEngine) reference = make_engine ("ref", AX_PRECISION_DEFAULT);
  g_autoptr (AxPlan) plan = make_plan (engine, graph, weights, n, h, w);
  g_autoptr (AxPlan) truth_plan
      = make_plan (reference, graph, weights, n, h, w);
  for (Fill fill = 0; fill < N_FILLS; fill++)
    {
      g_autofree guint8 *rgb = make_bytes (fill, (gsize)n * h * w * 3);
      g_auto (Result) result = run_bytes (plan, graph, rgb);
      g_auto (Result) truth = run_bytes (truth_plan, graph, rgb);
      g_assert_cmpfloat (compare (&result, &truth), <=, get_gate (test));
    }
}

static void
test_node (gconstpointer data)
{
  const Test *test = data;
  const NodeCase *c = test->data;
  g_autoptr (AxGraph) graph = make_graph ();
  const int input = c->n_in == 3 ? 0 : widen (graph, 0, c->n_in, "wide");
  const int node = add_node (graph, input, c);
  ax_graph_add_output (graph, add_followers (graph, node, c->followers));
  ax_graph_seal (graph);
  check_graph (test, graph, c->n, c->h, c->w);
}

typedef struct
{
  const char *name;
  AxScannetArch arch;
  int field, stride, max_alpha;
} Network;

static const Network networks[] = { { "three-blocks",
                                      { .n_blocks = 3,
                                        .n_convs = { 2, 2, 2 },
                                        .widths = { 16, 24, 40 },
                                        .n_heads = 2,
                                        .heads = { 48, 20 },
                                        .n_classes = 2 },
                                      44,
                                      8,
                                      8 },
                                    { "norm",
                                      { .n_blocks = 2,
                                        .n_convs = { 1, 2 },
                                        .widths = { 16, 32 },
                                        .n_heads = 1,
                                        .heads = { 16 },
                                        .n_classes = 3,
                                        .batch_norm = TRUE },
                                      18,
                                      4,
                                      4 },
                                    { "vgg-eighth",
                                      { .n_blocks = 5,
                                        .n_convs = { 2, 2, 3, 3, 3 },
                                        .widths = { 8, 16, 32, 64, 64 },
                                        .n_heads = 2,
                                        .heads = { 128, 128 },
                                        .n_classes = 2 },
                                      244,
                                      32,
                                      4 } };

static AxGraph *
build_network (const Network *network)
{
  const double mean[3] = { 0.485, 0.456, 0.406 };
  const double std[3] = { 0.229, 0.224, 0.225 };
  return ax_scannet_build (&network->arch, mean, std, 1.25);
}

/* As trained, batch norm and dropout included, in both forms. */
static void
test_network (gconstpointer data)
{
  const Test *test = data;
  const Network *network = test->data;
  g_autoptr (AxGraph) graph = build_network (network);
  for (int alpha = 1; alpha <= network->max_alpha; alpha *= 2)
    for (AxDenseForm form = AX_DENSE_DILATED; form <= AX_DENSE_FRAGMENTS;
         form++)
      {
        g_autoptr (GError) error = NULL;
        g_autoptr (AxGraph) dense
            = ax_graph_make_dense (graph, alpha, form, &error);
        g_assert_no_error (error);
        const int side = network->field + network->stride
                         + (alpha - 1) * network->stride / alpha;
        check_graph (test, dense, 1, side, side);
      }
}

static void
test_batch (gconstpointer data)
{
  const Test *test = data;
  g_autoptr (AxGraph) graph = build_network (&networks[0]);
  check_graph (test, graph, 3, 52, 60);
}

/* Skips, branches, two outputs, one of them in the middle: what U-Nets and
 * attention are made of. */
static void
test_branches (gconstpointer data)
{
  const Test *test = data;
  const AxWindow same = { 3, 3, 1, 1, 1 }, halve = { 2, 2, 2, 1, 0 };
  g_autoptr (AxGraph) graph = make_graph ();
  int left = ax_graph_add_conv (graph, 0, "a", 20, same, TRUE);
  left = ax_graph_add_unary (graph, left, AX_NODE_RELU);
  int down = ax_graph_add_pool (graph, left, AX_NODE_MAX_POOL, halve);
  down = ax_graph_add_conv (graph, down, "b", 40, same, TRUE);
  down = ax_graph_add_batch_norm (graph, down, "b.norm", 1e-3);
  down = ax_graph_add_unary (graph, down, AX_NODE_RELU);
  down = ax_graph_add_dropout (graph, down, 0.5);
  int up = ax_graph_add_conv_transpose (graph, down, "c", 20, halve, TRUE);
  up = ax_graph_add_binary (graph, left, up, AX_NODE_CONCAT);
  up = ax_graph_add_conv (graph, up, "d", 24, same, FALSE);
  const int mean = ax_graph_add_unary (graph, up, AX_NODE_CHANNEL_MEAN);
  const int max = ax_graph_add_unary (graph, up, AX_NODE_CHANNEL_MAX);
  int gate = ax_graph_add_binary (graph, mean, max, AX_NODE_CONCAT);
  gate = ax_graph_add_conv (graph, gate, "e", 1, (AxWindow){ 7, 7, 1, 1, 3 },
                            FALSE);
  gate = ax_graph_add_unary (graph, gate, AX_NODE_SIGMOID);
  up = ax_graph_add_binary (graph, up, gate, AX_NODE_MUL);
  up = widen (graph, up, 2, "f");
  ax_graph_add_output (graph, ax_graph_add_softmax (graph, up, 1.0));
  ax_graph_add_output (graph, gate);
  ax_graph_seal (graph);
  check_graph (test, graph, 2, 38, 46);
}

/* (transfer full): as detection uses it, batch norm folded. */
static AxGraph *
fold (AxGraph *graph)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxGraph) owned = graph;
  g_autoptr (AxWeights) weights = make_weights (graph);
  g_autoptr (AxWeights) folded = NULL;
  AxGraph *result = ax_graph_fold (graph, weights, &folded, &error);
  g_assert_no_error (error);
  return result;
}

/* The other families, in small. */
static void
test_families (gconstpointer data)
{
  const AxUnetArch unet
      = { .depth = 2, .width = 12, .dropout = 0.5, .n_classes = 2 };
  const AxAttentionArch attention = { .n_blocks = 3,
                                      .n_convs = { 1, 2, 2 },
                                      .widths = { 16, 24, 40 },
                                      .attention = { 0, 1, 1 },
                                      .reduction = 8,
                                      .head = 32,
                                      .n_classes = 2 };
  const double mean[3] = { 0.5, 0.5, 0.5 }, std[3] = { 0.25, 0.25, 0.25 };
  g_autoptr (AxGraph) first = fold (ax_unet_build (&unet, mean, std, 1.0));
  g_autoptr (AxGraph) second
      = fold (ax_attention_build (&attention, mean, std, 1.0));
  check_graph (data, first, 2, 36, 44);
  for (AxDenseForm form = AX_DENSE_DILATED; form <= AX_DENSE_FRAGMENTS; form++)
    {
      AxReceptiveField field;
      g_autoptr (GError) error = NULL;
      g_autoptr (AxGraph) dense = ax_graph_make_dense (second, 4, form, &error);
      g_assert_no_error (error);
      g_assert_true (ax_graph_get_receptive_field (ax_graph_get_view (second),
                                                   &field, &error));
      /* algorithms.md 1.4: field + m stride + (alpha - 1) stride / alpha */
      const int side = (int)(field.size + field.stride + 3 * field.stride / 4);
      check_graph (data, dense, 1, side, side);
    }
}

/* Values given as doubles are the bytes' own, and twice the same input gives
 * twice the same. */
static void
test_values (gconstpointer data)
{
  const Test *test = data;
  g_autoptr (AxGraph) graph = build_network (&networks[0]);
  g_autoptr (AxWeights) weights = make_weights (graph);
  g_auto (TestTensor) input = test_tensor_new (2, 3, 52, 52);
  AxRng rng = ax_rng_init (SEED, 1001);
  for (gint64 i = 0; i < test_tensor_count (&input); i++)
    input.values[i] = ax_rng_range (&rng, -3.0, 3.0);
  g_auto (TestTensor) truth = run_graph ("ref", graph, weights, &input);
  g_auto (TestTensor) first
      = run_graph (test->engine->name, graph, weights, &input);
  g_auto (TestTensor) second
      = run_graph (test->engine->name, graph, weights, &input);
  const gint64 count = test_tensor_count (&truth);
  g_assert_cmpfloat (max_difference (first.values, truth.values, count), <=,
                     get_gate (test));
  g_assert_cmpfloat (max_difference (first.values, second.values, count), ==,
                     0.0);
}

/* Models beside maps that PyTorch computed with them in double, with @m more
 * cells a side than one (../shared/data/README.md). */
typedef struct
{
  const char *name, *stem;
  int m;
} Golden;

static const Golden goldens[]
    = { { "golden-quarter", "golden/scannet-quarter", 1 },
        { "golden-10x", "models/scannet-10x-pytorch", 3 } };

static guint8 *
crop_corner (const AxTensorView *rgb, int side)
{
  const gsize row = (gsize)side * 3;
  guint8 *corner = g_malloc ((gsize)side * row);
  for (int y = 0; y < side; y++)
    memcpy (corner + (gsize)y * row,
            (const guint8 *)rgb->data + y * rgb->shape[1] * 3, row);
  return corner;
}

static void
check_golden (const Test *test, AxModel *model, const AxWeights *io, int m,
              int alpha, AxDenseForm form)
{
  g_autofree char *name = g_strdup_printf ("prob_alpha%d", alpha);
  const AxTensorView *map = ax_weights_find (io, name);
  const int stride = ax_model_get_stride (model);
  const int side
      = ax_model_get_field (model) + m * stride + (alpha - 1) * stride / alpha;
  if (map == NULL)
    return;
  g_autofree guint8 *rgb = crop_corner (ax_weights_find (io, "input_u8"), side);
  g_autoptr (AxGraph) graph = ax_graph_make_dense (
      ax_model_get_inference_graph (model), alpha, form, NULL);
  g_autoptr (AxEngine) engine
      = make_engine (test->engine->name, test->precision);
  g_autoptr (AxPlan) plan = make_plan (
      engine, graph, ax_model_get_inference_weights (model), 1, side, side);
  g_auto (Result) result = run_bytes (plan, graph, rgb);
  const gint64 n_cells = map->shape[0] * map->shape[1];
  const gint64 first = ax_model_get_tumor_class (model) * n_cells;
  g_assert_cmpint (result.count, ==, 2 * n_cells);
  for (gint64 i = 0; i < n_cells; i++)
    g_assert_cmpfloat_with_epsilon ((double)result.values[first + i],
                                    ax_tensor_view_get (map, i),
                                    get_gate (test));
}

static void
test_golden (gconstpointer data)
{
  const Test *test = data;
  const Golden *golden = test->data;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_strconcat (golden->stem, ".safetensors", NULL);
  g_autofree char *io_name
      = g_strconcat (golden->stem, "-io.safetensors", NULL);
  g_autofree char *path = data_path (name);
  g_autofree char *io_path = path != NULL ? data_path (io_name) : NULL;
  if (io_path == NULL)
    return;
  g_autoptr (AxModel) model = ax_model_load (path, &error);
  g_assert_no_error (error);
  g_autoptr (AxWeights) io = ax_safetensors_load (io_path, &error);
  g_assert_no_error (error);
  for (int alpha = 1; alpha <= 8; alpha *= 2)
    for (AxDenseForm form = AX_DENSE_DILATED; form <= AX_DENSE_FRAGMENTS;
         form++)
      check_golden (test, model, io, golden->m, alpha, form);
}

/* All tests, also those that are not run. */
static GPtrArray *tests;

static void
add_test (const AxEngineInfo *engine, AxPrecision precision, const char *group,
          const char *name, const void *data, GTestDataFunc run)
{
  g_autofree char *path = g_strdup_printf (
      "/engine/%s%s/%s/%s", engine->name,
      precision == AX_PRECISION_F32 ? "-fp32" : "", group, name);
  Test *test = g_new (Test, 1);
  *test = (Test){ engine, precision, data };
  g_ptr_array_add (tests, test);
  g_test_add_data_func (path, test, run);
}

static void
add_tests (const AxEngineInfo *engine, AxPrecision precision)
{
  for (guint i = 0; i < G_N_ELEMENTS (node_cases); i++)
    {
      g_autofree char *name = describe_node_case (&node_cases[i]);
      add_test (engine, precision, "node", name, &node_cases[i], test_node);
    }
  for (guint i = 0; i < G_N_ELEMENTS (networks); i++)
    add_test (engine, precision, "network", networks[i].name, &networks[i],
              test_network);
  for (guint i = 0; i < G_N_ELEMENTS (goldens); i++)
    add_test (engine, precision, "network", goldens[i].name, &goldens[i],
              test_golden);
  add_test (engine, precision, "network", "batch", NULL, test_batch);
  add_test (engine, precision, "network", "branches", NULL, test_branches);
  add_test (engine, precision, "network", "families", NULL, test_families);
  if (precision == AX_PRECISION_DEFAULT)
    add_test (engine, precision, "network", "values", NULL, test_values);
}

int
main (int argc, char **argv)
{
  guint n_engines;
  g_test_init (&argc, &argv, NULL);
  tests = g_ptr_array_new_with_free_func (g_free);
  const AxEngineInfo *engines = ax_engine_list (&n_engines);
  for (guint i = 0; i < n_engines; i++)
    if (engines[i].report.usable && !g_str_equal (engines[i].name, "ref"))
      {
        add_tests (&engines[i], AX_PRECISION_DEFAULT);
        if (is_half (&engines[i]))
          add_tests (&engines[i], AX_PRECISION_F32);
      }
  const int status = g_test_run ();
  g_ptr_array_unref (tests);
  return status;
}
