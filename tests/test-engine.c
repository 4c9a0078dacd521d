#include "core/nn/engine.h"

#include "tests/support/data.h"
#include "tests/support/expect-error.h"

#include <glib/gstdio.h>

/*
 * The registry and its checks, with engines of tests/fake-engine that do one
 * thing wrong each.
 */

static const AxEngineInfo *
find_info (const char *name)
{
  guint n_engines;
  const AxEngineInfo *infos = ax_engine_list (&n_engines);
  for (guint i = 0; i < n_engines; i++)
    if (strcmp (infos[i].name, name) == 0)
      return &infos[i];
  return NULL;
}

static const struct
{
  const char *name;
  int code;
  const char *regex;
} refused[] = {
  { "fake-abi", AX_ERROR_ABI,
    "built for engine interface 99, this program has 1 "
    "\\(/.*/ax-engine-fake-abi.so\\)$" },
  { "fake-stale", AX_ERROR_ABI,
    "has no symbol ax_engine_ops_v1: built for another version of this "
    "program \\(/.*/ax-engine-fake-stale.so\\)$" },
  { "fake-size", AX_ERROR_FORMAT,
    "its table of operations has 16 bytes, at least [0-9]+ are needed "
    "\\(/.*/ax-engine-fake-size.so\\)$" },
  { "fake-table", AX_ERROR_FORMAT,
    "has no table of operations \\(/.*/ax-engine-fake-table.so\\)$" },
  { "fake-slot", AX_ERROR_UNSUPPORTED,
    "the required operation 'forward' is missing "
    "\\(/.*/ax-engine-fake-slot.so\\)$" },
  { "fake-device", AX_ERROR_NO_DEVICE,
    "engine 'fake-device': no such card in this computer$" },
  { "fake-probe", AX_ERROR_NO_DEVICE,
    "engine 'fake-probe' failed without giving a reason" },
  { "fake-message", AX_ERROR_DEVICE,
    "engine 'fake-message': two lines \\?x+$" },
  { "fake-broken", AX_ERROR_IO,
    "cannot be loaded: .*ax-engine-fake-broken.so" },
  { "fake-needy", AX_ERROR_IO,
    "cannot be loaded: libax-absent.so.9: cannot open shared object file: No "
    "such file or directory \\(/.*/ax-engine-fake-needy.so\\)$" },
};

static void
test_refused (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  g_autoptr (GError) error = NULL;
  const AxEngineInfo *info = find_info (refused[i].name);
  g_assert_nonnull (info);
  g_assert_false (info->report.usable);
  g_assert_cmpint (info->code, ==, refused[i].code);
  g_assert_true (
      g_regex_match_simple (refused[i].regex, info->report.why, 0, 0));
  g_assert_null (ax_engine_new (refused[i].name, NULL, &error));
  expect_error (&error, refused[i].code, refused[i].regex);
}

static void
test_order (void)
{
  guint n_engines;
  const AxEngineInfo *infos = ax_engine_list (&n_engines);
  guint n_refs = 0;
  g_assert_cmpstr (infos[0].name, ==, "cuda");
  g_assert_true (infos[0].report.usable);
  for (guint i = 0; i < n_engines; i++)
    if (strcmp (infos[i].name, "ref") == 0)
      n_refs++;
  /* The module of that name is passed over. */
  g_assert_cmpuint (n_refs, ==, 1);
  const AxEngineInfo *ref = find_info ("ref");
  g_assert_true (ref->report.usable);
  g_assert_cmpstr (ref->report.precision, ==, "fp64");
  g_assert_true (ref < find_info ("fake-good"));
  g_assert_true (ax_engine_list (&n_engines) == infos);
}

static void
test_unknown (void)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (ax_engine_new ("abacus", NULL, &error));
  expect_error (&error, AX_ERROR_NOT_FOUND,
                "^no engine 'abacus': there are auto, cuda, .*ref, .*fake-");
}

/* The fake cuda has no memory: auto goes on to the next. */
static void
test_auto (void)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (ax_engine_new ("cuda", NULL, &error));
  expect_error (&error, AX_ERROR_MEMORY,
                "^engine 'cuda': out of device memory$");
  g_autoptr (AxEngine) engine = ax_engine_new ("auto", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (ax_engine_get_name (engine), !=, "cuda");
  g_assert_true (ax_engine_get_report (engine)->usable);
}

static AxGraph *
make_graph (gboolean softmax)
{
  const double zeros[3] = { 0, 0, 0 }, ones[3] = { 1, 1, 1 };
  AxGraph *graph = ax_graph_new (zeros, ones);
  int node = ax_graph_add_conv (graph, 0, "a", 2, (AxWindow){ 1, 1, 1, 1, 0 },
                                FALSE);
  node = softmax ? ax_graph_add_softmax (graph, node, 1.0)
                 : ax_graph_add_unary (graph, node, AX_NODE_RELU);
  ax_graph_add_output (graph, node);
  ax_graph_seal (graph);
  return graph;
}

static AxWeights *
make_weights (AxDType dtype)
{
  AxWeights *weights = ax_weights_new ();
  ax_weights_add (weights, "a.weight", dtype, 4, (gint64[]){ 2, 3, 1, 1 },
                  NULL);
  return weights;
}

/* Runs a fake on one pixel; @softmax: its values are probabilities. */
static gboolean
run_fake (const char *name, gboolean softmax, float out[2], GError **error)
{
  static const guint8 rgb[3] = { 1, 2, 3 };
  float *outputs[] = { out };
  g_autoptr (AxGraph) graph = make_graph (softmax);
  g_autoptr (AxWeights) weights = make_weights (AX_DTYPE_F32);
  g_autoptr (AxEngine) engine = ax_engine_new (name, NULL, error);
  if (engine == NULL)
    return FALSE;
  g_autoptr (AxPlan) plan
      = ax_plan_new (engine, graph, weights, 1, 1, 1, error);
  return plan != NULL && ax_plan_forward_rgb (plan, rgb, outputs, error);
}

static void
test_lies (void)
{
  static const struct
  {
    const char *name;
    gboolean softmax;
    int code;
    const char *regex;
  } cases[] = {
    { "fake-context", TRUE, AX_ERROR_DEVICE,
      "engine 'fake-context' failed without giving a reason \\(status 0\\)" },
    { "fake-plan", TRUE, AX_ERROR_DEVICE,
      "engine 'fake-plan' failed without giving a reason \\(status 0\\)" },
    { "fake-forward", TRUE, AX_ERROR_DEVICE,
      "engine 'fake-forward' failed without giving a reason \\(status 4\\)" },
    { "fake-nan", TRUE, AX_ERROR_DEVICE,
      "engine 'fake-nan' returned nan at element 0 of output 0, which" },
    { "fake-nan", FALSE, AX_ERROR_DEVICE,
      "engine 'fake-nan' returned nan at element 0 of output 0$" },
    { "fake-range", TRUE, AX_ERROR_DEVICE,
      "engine 'fake-range' returned 1.5 at element 0 of output 0, which "
      "holds probabilities" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      float out[2];
      g_assert_false (run_fake (cases[i].name, cases[i].softmax, out, &error));
      expect_error (&error, cases[i].code, cases[i].regex);
    }
}

static void
test_accepted (void)
{
  static const struct
  {
    const char *name;
    gboolean softmax;
    float value;
  } cases[] = {
    { "fake-good", TRUE, 0.5f },
    { "fake-host-memory", TRUE, 0.5f },
    { "fake-rounding", TRUE, 1.0f },
    { "fake-rounding", FALSE, 1.0f + 0x1p-21f },
    { "fake-range", FALSE, 1.5f },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      float out[2];
      g_assert_true (run_fake (cases[i].name, cases[i].softmax, out, &error));
      g_assert_no_error (error);
      g_assert_cmpfloat (out[0], ==, cases[i].value);
      g_assert_cmpfloat (out[1], ==, cases[i].value);
    }
}

/* The fake marks its own memory; a table that is too short for these
 * operations is not read beyond its end. */
static void
test_host_memory (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxEngine) engine = ax_engine_new ("fake-good", NULL, &error);
  g_assert_no_error (error);
  char *memory = ax_engine_alloc_host (engine, 8);
  g_assert_cmpint (memory[-1], ==, 'h');
  ax_engine_free_host (engine, memory);
  ax_engine_free_host (engine, NULL);
  g_autoptr (AxEngine) old = ax_engine_new ("fake-host-memory", NULL, &error);
  g_assert_no_error (error);
  gpointer plain = ax_engine_alloc_host (old, 8);
  g_assert_nonnull (plain);
  ax_engine_free_host (old, plain);
}

/* What is wrong with the graph or the weights is said before any engine sees
 * them. */
static void
test_plan_refused (void)
{
  static const struct
  {
    AxDType dtype;
    int side;
    const char *regex;
  } cases[] = {
    { AX_DTYPE_I32, 1,
      "^weights: tensor 'a.weight' is I32 of 2x3x1x1, the network needs "
      "floating point of 2x3x1x1$" },
    { AX_DTYPE_F32, 0, "node 0 \\(input\\): the input is too small" },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (AxGraph) graph = make_graph (TRUE);
  g_autoptr (AxEngine) engine = ax_engine_new ("ref", NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AxWeights) weights = make_weights (cases[i].dtype);
      g_assert_null (ax_plan_new (engine, graph, weights, 1, cases[i].side,
                                  cases[i].side, &error));
      expect_error (&error, AX_ERROR_FORMAT, cases[i].regex);
    }
  g_autoptr (AxWeights) empty = ax_weights_new ();
  g_assert_null (ax_plan_new (engine, graph, empty, 1, 1, 1, &error));
  expect_error (&error, AX_ERROR_FORMAT,
                "^weights: tensor 'a.weight' is missing$");
  g_autoptr (AxWeights) shaped = ax_weights_new ();
  ax_weights_add (shaped, "a.weight", AX_DTYPE_F32, 2, (gint64[]){ 2, 3 },
                  NULL);
  g_assert_null (ax_plan_new (engine, graph, shaped, 1, 1, 1, &error));
  expect_error (&error, AX_ERROR_FORMAT,
                "'a.weight' is F32 of 2x3, the network needs floating point "
                "of 2x3x1x1");
}

/* Engines see F32 or F64 whatever the file holds; the shape of the output. */
static void
test_widened (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxGraph) graph = make_graph (TRUE);
  g_autoptr (AxWeights) weights = make_weights (AX_DTYPE_F16);
  const guint16 one = 0x3c00; /* 1.0 */
  guint16 *values = ax_weights_find (weights, "a.weight")->data;
  values[0] = one; /* class 0 sees red, class 1 nothing */
  g_autoptr (AxEngine) engine = ax_engine_new ("ref", NULL, &error);
  g_assert_no_error (error);
  g_autoptr (AxPlan) plan
      = ax_plan_new (engine, graph, weights, 1, 1, 2, &error);
  g_assert_no_error (error);
  gint64 shape[4];
  ax_plan_get_output_shape (plan, 0, shape);
  g_assert_cmpint (shape[1], ==, 2);
  g_assert_cmpint (shape[3], ==, 2);
  static const guint8 rgb[6] = { 0, 9, 9, 255, 9, 9 };
  float out[4];
  float *outputs[] = { out };
  g_assert_true (ax_plan_forward_rgb (plan, rgb, outputs, &error));
  g_assert_no_error (error);
  g_assert_cmpfloat_with_epsilon (out[0], 0.5, 1e-6);
  /* 1 / (1 + exp (-1)) */
  g_assert_cmpfloat_with_epsilon (out[1], 0.7310585786, 1e-6);
}

/* Without modules: cuda is named with where it was looked for, and relative
 * folders are not looked into. */
static void
test_no_module (void)
{
  if (g_test_subprocess ())
    {
      const AxEngineInfo *cuda = find_info ("cuda");
      g_assert_cmpint (cuda->code, ==, AX_ERROR_NOT_FOUND);
      g_assert_true (
          g_regex_match_simple ("^no ax-engine-cuda.so in /.*/axilla/engines$",
                                cuda->report.why, 0, 0));
      g_assert_null (find_info ("fake-good"));
      g_autoptr (AxEngine) engine = ax_engine_new ("auto", NULL, NULL);
      g_assert_nonnull (engine);
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
}

/* A file that is no module, and where all are looked for.  The subprocess
 * stands in their folder and names it "." only. */
static void
set_engine_path (void)
{
  g_autofree char *folder
      = g_test_build_filename (G_TEST_BUILT, "fake-engine", NULL);
  if (g_test_subprocess ())
    {
      g_assert_cmpint (g_chdir (folder), ==, 0);
      g_setenv ("AX_ENGINE_PATH", ".:", TRUE);
      return;
    }
  g_autofree char *broken = scratch_path ("ax-engine-fake-broken.so");
  g_autofree char *scratch = g_path_get_dirname (broken);
  g_autofree char *path = g_strconcat (folder, ":", scratch, NULL);
  g_assert_true (g_file_set_contents (broken, "no module", -1, NULL));
  g_setenv ("AX_ENGINE_PATH", path, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  set_engine_path ();
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autofree char *path
          = g_strconcat ("/engine/refused/", refused[i].name, NULL);
      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_refused);
    }
  g_test_add_func ("/engine/order", test_order);
  g_test_add_func ("/engine/unknown", test_unknown);
  g_test_add_func ("/engine/auto", test_auto);
  g_test_add_func ("/engine/lies", test_lies);
  g_test_add_func ("/engine/accepted", test_accepted);
  g_test_add_func ("/engine/host-memory", test_host_memory);
  g_test_add_func ("/engine/plan/refused", test_plan_refused);
  g_test_add_func ("/engine/plan/widened", test_widened);
  g_test_add_func ("/engine/no-module", test_no_module);
  return g_test_run ();
}
