#include "core/models/scannet.h"

#include "core/nn/graph-dense.h"
#include "core/nn/graph-shape.h"
#include "tests/support/expect-error.h"

/*
 * The tables of algorithms.md 1.2 to 1.4, which were worked out by hand.
 */

static const double mean[3] = { 0.485, 0.456, 0.406 };
static const double std[3] = { 0.229, 0.224, 0.225 };

#define MAX_NODES 64

static AxGraph *
make_graph (const char *name)
{
  return ax_scannet_build (ax_scannet_arch_find (name), mean, std, 1.0);
}

static void
infer (const AxGraph *graph, gint64 side, AxShape shapes[MAX_NODES])
{
  g_autoptr (GError) error = NULL;
  const AxGraphView *view = ax_graph_get_view (graph);
  g_assert_cmpint (view->n_nodes, <=, MAX_NODES);
  g_assert_true (ax_graph_infer_shapes (view, 1, side, side, shapes, &error));
  g_assert_no_error (error);
}

/* The sides of all convolutions and pools. */
static void
check_sides (const AxGraph *graph, const AxShape *shapes, const int *sides,
             guint n_sides)
{
  const AxGraphView *view = ax_graph_get_view (graph);
  guint n = 0;
  for (int i = 0; i < view->n_nodes; i++)
    if (view->nodes[i].kind == AX_NODE_CONV
        || view->nodes[i].kind == AX_NODE_MAX_POOL
        || view->nodes[i].kind == AX_NODE_FRAGMENT)
      {
        g_assert_cmpuint (n, <, n_sides);
        g_assert_cmpint (shapes[i].h, ==, sides[n]);
        g_assert_cmpint (shapes[i].w, ==, sides[n]);
        n++;
      }
  g_assert_cmpuint (n, ==, n_sides);
}

#define N_LAYERS 21 /* 13 convolutions, 5 pools, 3 of the head */

static void
test_sides (void)
{
  static const int sides[][N_LAYERS + 1] = {
    { 244, 242, 240, 120, 118, 116, 58, 56, 54, 52, 26,
      24,  22,  20,  10,  8,   6,   4,  2,  1,  1,  1 },
    { 1076, 1074, 1072, 536, 534, 532, 266, 264, 262, 260, 130,
      128,  126,  124,  62,  60,  58,  56,  28,  27,  27,  27 },
    { 1844, 1842, 1840, 920, 918, 916, 458, 456, 454, 452, 226,
      224,  222,  220,  110, 108, 106, 104, 52,  51,  51,  51 },
    { 2868, 2866, 2864, 1432, 1430, 1428, 714, 712, 710, 708, 354,
      352,  350,  348,  174,  172,  170,  168, 84,  83,  83,  83 },
  };
  g_autoptr (AxGraph) graph = make_graph ("scannet");
  for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
    {
      AxShape shapes[MAX_NODES];
      infer (graph, sides[i][0], shapes);
      check_sides (graph, shapes, sides[i] + 1, N_LAYERS);
    }
}

/* Form B: the batch at each pool and at the output, and all sides. */
static void
test_sides_fragments (void)
{
  static const struct
  {
    int alpha, side;
    int batches[5];
    int sides[N_LAYERS];
  } cases[] = {
    { 2, 2884, { 1, 1, 1, 1, 4 }, { 2882, 2880, 1440, 1438, 1436, 718, 716,
                                    714,  712,  356,  354,  352,  350, 175,
                                    173,  171,  169,  84,   83,   83,  83 } },
    { 4, 2892, { 1, 1, 1, 4, 16 }, { 2890, 2888, 1444, 1442, 1440, 720, 718,
                                     716,  714,  357,  355,  353,  351, 175,
                                     173,  171,  169,  84,   83,   83,  83 } },
    { 8, 2896, { 1, 1, 4, 16, 64 }, { 2894, 2892, 1446, 1444, 1442, 721, 719,
                                      717,  715,  357,  355,  353,  351, 175,
                                      173,  171,  169,  84,   83,   83,  83 } },
    { 16,
      2898,
      { 1, 4, 16, 64, 256 },
      { 2896, 2894, 1447, 1445, 1443, 721, 719, 717, 715, 357, 355,
        353,  351,  175,  173,  171,  169, 84,  83,  83,  83 } },
    { 32, 2899, { 4, 16, 64, 256, 1024 }, { 2897, 2895, 1447, 1445, 1443, 721,
                                            719,  717,  715,  357,  355,  353,
                                            351,  175,  173,  171,  169,  84,
                                            83,   83,   83 } },
  };
  g_autoptr (AxGraph) graph = make_graph ("scannet");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AxGraph) dense = ax_graph_make_dense (
          graph, cases[i].alpha, AX_DENSE_FRAGMENTS, NULL);
      const AxGraphView *view = ax_graph_get_view (dense);
      AxShape shapes[MAX_NODES];
      infer (dense, cases[i].side, shapes);
      check_sides (dense, shapes, cases[i].sides, N_LAYERS);
      guint n_pools = 0;
      for (int k = 0; k < view->n_nodes; k++)
        if (view->nodes[k].kind == AX_NODE_MAX_POOL
            || view->nodes[k].kind == AX_NODE_FRAGMENT)
          g_assert_cmpint (shapes[k].n, ==, cases[i].batches[n_pools++]);
      g_assert_cmpint (shapes[view->outputs[0]].n, ==, 1);
      g_assert_cmpint (shapes[view->outputs[0]].h, ==, 83 * cases[i].alpha);
    }
}

/* Form A: dilation of blocks 2 to 5 and of fc6, tap spacing of the undone
 * pools, and all sides. */
static void
test_sides_dilated (void)
{
  static const struct
  {
    int alpha, side;
    int dilations[5];
    int spacings[5]; /* 0 where the pool is kept */
    int sides[N_LAYERS];
  } cases[] = {
    { 2,
      2884,
      { 1, 1, 1, 1, 2 },
      { 0, 0, 0, 0, 1 },
      { 2882, 2880, 1440, 1438, 1436, 718, 716, 714, 712, 356, 354,
        352,  350,  175,  173,  171,  169, 168, 166, 166, 166 } },
    { 4,
      2892,
      { 1, 1, 1, 2, 4 },
      { 0, 0, 0, 1, 2 },
      { 2890, 2888, 1444, 1442, 1440, 720, 718, 716, 714, 357, 355,
        353,  351,  350,  346,  342,  338, 336, 332, 332, 332 } },
    { 8,
      2896,
      { 1, 1, 2, 4, 8 },
      { 0, 0, 1, 2, 4 },
      { 2894, 2892, 1446, 1444, 1442, 721, 719, 717, 715, 714, 710,
        706,  702,  700,  692,  684,  676, 672, 664, 664, 664 } },
    { 16,
      2898,
      { 1, 2, 4, 8, 16 },
      { 0, 1, 2, 4, 8 },
      { 2896, 2894, 1447, 1445, 1443, 1442, 1438, 1434, 1430, 1428, 1420,
        1412, 1404, 1400, 1384, 1368, 1352, 1344, 1328, 1328, 1328 } },
    { 32,
      2899,
      { 2, 4, 8, 16, 32 },
      { 1, 2, 4, 8, 16 },
      { 2897, 2895, 2894, 2890, 2886, 2884, 2876, 2868, 2860, 2856, 2840,
        2824, 2808, 2800, 2768, 2736, 2704, 2688, 2656, 2656, 2656 } },
  };
  g_autoptr (AxGraph) graph = make_graph ("scannet");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AxGraph) dense
          = ax_graph_make_dense (graph, cases[i].alpha, AX_DENSE_DILATED, NULL);
      const AxGraphView *view = ax_graph_get_view (dense);
      AxShape shapes[MAX_NODES];
      infer (dense, cases[i].side, shapes);
      check_sides (dense, shapes, cases[i].sides, N_LAYERS);
      int block = 0;
      for (int k = 0; k < view->n_nodes; k++)
        {
          const AxWindow *w = &view->nodes[k].u.window;
          if (view->nodes[k].kind == AX_NODE_CONV && w->kernel_h > 1)
            g_assert_cmpint (w->dilation, ==,
                             block == 0 ? 1 : cases[i].dilations[block - 1]);
          if (view->nodes[k].kind != AX_NODE_MAX_POOL)
            continue;
          int spacing = cases[i].spacings[block++];
          g_assert_cmpint (w->stride, ==, spacing == 0 ? 2 : 1);
          g_assert_cmpint (w->dilation, ==, MAX (spacing, 1));
        }
      g_assert_cmpint (block, ==, 5);
    }
}

/* TFLOP of algorithms.md 1.3 and 1.4, to the digits given there. */
static void
test_flops (void)
{
  static const struct
  {
    int alpha, side;
    double tera, tolerance;
  } cases[] = {
    { 1, 244, 0.02503, 5e-6 }, { 1, 1076, 0.6544, 5e-5 },
    { 1, 1844, 1.9946, 5e-5 }, { 1, 2868, 4.9153, 5e-5 },
    { 2, 2884, 5.101, 5e-4 },  { 4, 2892, 6.889, 5e-4 },
    { 8, 2896, 18.35, 5e-3 },  { 16, 2898, 68.69, 5e-3 },
    { 32, 2899, 272.8, 5e-2 },
  };
  g_autoptr (AxGraph) graph = make_graph ("scannet");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AxGraph) dense = ax_graph_make_dense (
          graph, cases[i].alpha, AX_DENSE_FRAGMENTS, NULL);
      AxShape shapes[MAX_NODES];
      infer (dense, cases[i].side, shapes);
      double flops = ax_graph_count_flops (ax_graph_get_view (dense), shapes);
      g_assert_cmpfloat_with_epsilon (flops / 1e12, cases[i].tera,
                                      cases[i].tolerance);
    }
}

static gint64
count_params (const AxGraph *graph)
{
  gint64 total = 0;
  for (guint p = 0; p < ax_graph_get_n_params (graph); p++)
    {
      const AxGraphParam *param = ax_graph_get_param (graph, p);
      gint64 count = 1;
      for (int i = 0; i < param->rank; i++)
        count *= param->shape[i];
      total += count;
    }
  return total;
}

static void
test_params (void)
{
  /* torchvision's numbering of VGG-16. */
  static const char *const vgg[]
      = { "features.0",  "features.2",  "features.5",  "features.7",
          "features.10", "features.12", "features.14", "features.17",
          "features.19", "features.21", "features.24", "features.26",
          "features.28", "head.0",      "head.1",      "head.2" };
  g_autoptr (AxGraph) graph = make_graph ("scannet");
  g_assert_cmpint (count_params (graph), ==, 17864514);
  g_assert_cmpuint (ax_graph_get_n_params (graph), ==, 2 * G_N_ELEMENTS (vgg));
  for (guint i = 0; i < G_N_ELEMENTS (vgg); i++)
    {
      g_autofree char *weight = g_strconcat (vgg[i], ".weight", NULL);
      g_autofree char *bias = g_strconcat (vgg[i], ".bias", NULL);
      g_assert_cmpstr (ax_graph_get_param (graph, 2 * i)->name, ==, weight);
      g_assert_cmpstr (ax_graph_get_param (graph, 2 * i + 1)->name, ==, bias);
    }
}

/* Where batch norm follows, a convolution has no bias and two numbers count:
 * 24*27 + 4*24 and so on; the names are those of vgg_bn. */
static void
test_params_batch_norm (void)
{
  static const char *const names[]
      = { "features.0.weight",      "features.1.weight",
          "features.1.bias",        "features.1.running_mean",
          "features.1.running_var", "features.3.weight" };
  g_autoptr (AxGraph) graph = make_graph ("scannet-10x");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_cmpstr (ax_graph_get_param (graph, i)->name, ==, names[i]);
  gint64 convs = 9
                 * (3 * 32 + 32 * 32 + 32 * 64 + 64 * 64 + 64 * 128 + 128 * 128
                    + 128 * 256 + 256 * 256);
  gint64 norms = 4 * 2 * (32 + 64 + 128 + 256);
  gint64 head = 256 * 256 * 4 + 256 + 256 * 2 + 2;
  g_assert_cmpint (count_params (graph), ==, convs + norms + head);
}

static void
test_field (void)
{
  static const struct
  {
    const char *name;
    int size, stride;
  } cases[] = { { "scannet", 244, 32 }, { "scannet-10x", 92, 16 } };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AxGraph) graph = make_graph (cases[i].name);
      AxReceptiveField field;
      g_assert_true (ax_graph_get_receptive_field (ax_graph_get_view (graph),
                                                   &field, NULL));
      g_assert_cmpint (field.size, ==, cases[i].size);
      g_assert_cmpint (field.stride, ==, cases[i].stride);
      g_assert_cmpint (field.offset, ==, 0);
    }
  g_assert_null (ax_scannet_arch_find ("scannet-5x"));
}

static void
test_arch (void)
{
  g_autoptr (GError) error = NULL;
  AxScannetArch arch;
  g_assert_true (ax_scannet_arch_parse (
      "{\"head\": [256], \"batch_norm\": true,\n"
      " \"widths\": [24, 48, 96, 192], \"blocks\": [2, 2, 2, 1]}",
      &arch, &error));
  g_assert_no_error (error);
  g_assert_cmpint (arch.n_blocks, ==, 4);
  g_assert_cmpint (arch.n_convs[3], ==, 1);
  g_assert_cmpint (arch.widths[2], ==, 96);
  g_assert_cmpint (arch.n_heads, ==, 1);
  g_assert_cmpint (arch.heads[0], ==, 256);
  g_assert_true (arch.batch_norm);
  g_autofree char *json = ax_scannet_arch_to_json (&arch);
  g_assert_cmpstr (json, ==,
                   "{\"blocks\":[2,2,2,1],\"widths\":[24,48,96,192],"
                   "\"head\":[256],\"batch_norm\":true}");
}

static void
test_arch_refused (void)
{
  static const struct
  {
    const char *json, *regex;
  } cases[] = {
    { "", "axilla.arch, byte 0: ends where '{'" },
    { "[]", "byte 0: expected '{'" },
    { "{}", "axilla.arch: key 'blocks' is missing" },
    { "{\"blocks\":[1],\"widths\":[1],\"head\":[1]}",
      "key 'batch_norm' is missing" },
    { "{\"blocks\":[1,2],\"widths\":[1],\"head\":[1],\"batch_norm\":false}",
      "2 'blocks' but 1 'widths'" },
    { "{\"blocks\":[]}", "'blocks' is empty" },
    { "{\"blocks\":[0]}", "'blocks' holds 0" },
    { "{\"blocks\":[1.5]}", "'1.5' is not a whole number" },
    { "{\"blocks\":[-1]}", "'-1' is not a whole number" },
    { "{\"blocks\":[17]}", "17.*not within" },
    { "{\"blocks\":[1,1,1,1,1,1,1,1,1]}", "'blocks' has more than 8" },
    { "{\"widths\":[99999999999999999999]}", "99999999.*not within" },
    { "{\"blocks\":[1],\"blocks\":[1]}", "second key 'blocks'" },
    { "{\"depth\":[1]}", "unknown or second key 'depth'" },
    { "{\"batch_norm\":1}", "expected true or false" },
    { "{\"blocks\":[1]", "ends where ','" },
    { "{\"blocks\":[1]} x", "text after the end" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      AxScannetArch arch = { .n_blocks = 99 };
      g_assert_false (ax_scannet_arch_parse (cases[i].json, &arch, &error));
      expect_error (&error, AX_ERROR_FORMAT, cases[i].regex);
      g_assert_cmpint (arch.n_blocks, ==, 99);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scannet/sides", test_sides);
  g_test_add_func ("/scannet/sides/fragments", test_sides_fragments);
  g_test_add_func ("/scannet/sides/dilated", test_sides_dilated);
  g_test_add_func ("/scannet/flops", test_flops);
  g_test_add_func ("/scannet/params", test_params);
  g_test_add_func ("/scannet/params/batch-norm", test_params_batch_norm);
  g_test_add_func ("/scannet/field", test_field);
  g_test_add_func ("/scannet/arch", test_arch);
  g_test_add_func ("/scannet/arch/refused", test_arch_refused);
  return g_test_run ();
}
