#include "tests/engine/node-cases.h"
#include "tests/engine/train-golden.h"

/*
 * One harness for every engine that can train on this machine: gradients,
 * running statistics and updates of each kind of node and of whole networks,
 * against the reference engine's; then PyTorch's numbers.
 */

#define GATE 1e-3
/* Behind a pool: of two values that are next to equal, rounding may choose the
 * other, and its whole gradient goes elsewhere. */
#define GATE_POOL 5e-3
/* In halves, where before a batch norm what is left of a sum that cancels is
 * mostly rounding. */
#define GATE_HALF 0.1
#define SEED 7

typedef struct
{
  const AxEngineInfo *engine;
  AxPrecision precision;
  const void *data;
} Test;

static gboolean
is_half (const AxEngineInfo *engine)
{
  return g_str_equal (engine->report.precision, "fp16");
}

static double
get_gate (const Test *test, double gate)
{
  return is_half (test->engine) && test->precision == AX_PRECISION_DEFAULT
             ? GATE_HALF
             : gate;
}

/* The length of the difference by that of the truth, or by @least if that is
 * longer. */
static double
compare (const double *values, const double *truth, gint64 count, double least)
{
  double difference = 0.0, length = 0.0;
  for (gint64 i = 0; i < count; i++)
    {
      g_assert_true (isfinite (values[i]));
      difference += (values[i] - truth[i]) * (values[i] - truth[i]);
      length += truth[i] * truth[i];
    }
  return difference == 0.0 ? 0.0
                           : sqrt (difference) / fmax (sqrt (length), least);
}

static double
get_length (const double *values, gint64 count)
{
  double length = 0.0;
  for (gint64 i = 0; i < count; i++)
    length += values[i] * values[i];
  return sqrt (length);
}

/* What is next to nothing by the longest of all parameters' counts as nothing:
 * the gradient of a bias before a batch norm is. */
static void
check_states (TrainRun *run, TrainRun *reference, AxTrainState state,
              double gate)
{
  const guint n_params = ax_graph_get_n_params (run->graph);
  double longest = 0.0;
  for (guint i = 0; i < n_params; i++)
    {
      g_autofree double *truth = train_run_pull (reference, i, state);
      longest
          = fmax (longest, get_length (truth, train_run_count_param (run, i)));
    }
  for (guint i = 0; i < n_params; i++)
    {
      g_autofree double *values = train_run_pull (run, i, state);
      g_autofree double *truth = train_run_pull (reference, i, state);
      g_assert_cmpfloat (compare (values, truth, train_run_count_param (run, i),
                                  0.01 * longest),
                         <=, gate);
    }
}

static void
check_outputs (TrainRun *run, TrainRun *reference, double gate)
{
  TrainRun *both[] = { run, reference };
  TestTensor outputs[2][AX_MAX_OUTPUTS];
  const int n_outputs = ax_graph_get_view (run->graph)->n_outputs;
  for (int k = 0; k < 2; k++)
    {
      g_autoptr (GError) error = NULL;
      const AxTensorView input = test_tensor_view (&both[k]->input);
      AxTensorView views[AX_MAX_OUTPUTS];
      for (int i = 0; i < n_outputs; i++)
        {
          gint64 s[4];
          ax_train_plan_get_output_shape (both[k]->plan, (guint)i, s);
          outputs[k][i] = test_tensor_new (s[0], s[1], s[2], s[3]);
          views[i] = test_tensor_view (&outputs[k][i]);
        }
      g_assert_true (
          ax_train_plan_forward (both[k]->plan, &input, views, &error));
      g_assert_no_error (error);
    }
  for (int i = 0; i < n_outputs; i++)
    {
      g_assert_cmpfloat (compare (outputs[0][i].values, outputs[1][i].values,
                                  test_tensor_count (&outputs[0][i]), 1e-3),
                         <=, gate);
      test_tensor_clear (&outputs[0][i]);
      test_tensor_clear (&outputs[1][i]);
    }
}

/* Two passes with an update between them, so that nothing of one pass may be
 * left for the next; then as for detection. */
static void
check_graph (const Test *test, AxGraph *graph, AxLossKind kind, int n, int h,
             int w, double gate)
{
  const AxOptimStep step = { .kind = AX_OPTIM_SGD,
                             .step = 1,
                             .rate = 1e-3,
                             .momentum = 0.9,
                             .weight_decay = 1e-2 };
  g_auto (TrainRun) run = train_run_init_in (
      test->precision, test->engine->name, 0, graph, kind, 1.5, n, h, w);
  g_auto (TrainRun) reference
      = train_run_init ("ref", 0, graph, kind, 1.5, n, h, w);
  for (int i = 0; i < 2; i++)
    {
      const double loss = train_run_learn (&run, SEED);
      const double truth = train_run_learn (&reference, SEED);
      g_assert_cmpfloat (fabs (loss - truth), <=,
                         get_gate (test, GATE) * fabs (truth));
      check_states (&run, &reference, AX_STATE_GRADIENT, get_gate (test, gate));
      train_run_step (&run, &step);
      train_run_step (&reference, &step);
      check_states (&run, &reference, AX_STATE_VALUE, get_gate (test, gate));
    }
  check_outputs (&run, &reference, get_gate (test, GATE));
}

static void
test_node (gconstpointer data)
{
  const Test *test = data;
  const NodeCase *c = test->data;
  g_autoptr (AxGraph) graph = make_graph ();
  const int input = widen (graph, 0, c->n_in, "wide");
  const int node = add_node (graph, input, c);
  ax_graph_add_output (graph, add_followers (graph, node, c->followers));
  ax_graph_seal (graph);
  check_graph (test, graph, AX_LOSS_SMOOTH_L1, c->n, c->h, c->w,
               c->followers == FOLLOWED_BY_RELU_AND_POOL
                       || c->followers == FOLLOWED_BY_OUTPUT_RELU
                   ? GATE_POOL
                   : GATE);
}

typedef struct
{
  const char *name;
  AxScannetArch arch;
  int n, side;
} Network;

static const Network networks[] = { { "plain",
                                      { .n_blocks = 3,
                                        .n_convs = { 2, 2, 2 },
                                        .widths = { 16, 24, 40 },
                                        .n_heads = 2,
                                        .heads = { 48, 20 },
                                        .n_classes = 2 },
                                      3,
                                      44 },
                                    { "norm",
                                      { .n_blocks = 2,
                                        .n_convs = { 1, 2 },
                                        .widths = { 16, 32 },
                                        .n_heads = 1,
                                        .heads = { 16 },
                                        .n_classes = 3,
                                        .batch_norm = TRUE },
                                      5,
                                      22 } };

/* Dropout included. */
static void
test_network (gconstpointer data)
{
  static const double mean[3] = { 0, 0, 0 }, std[3] = { 1, 1, 1 };
  const Test *test = data;
  const Network *network = test->data;
  g_autoptr (AxGraph) graph
      = ax_scannet_build (&network->arch, mean, std, 1.25);
  check_graph (test, graph, AX_LOSS_CROSS_ENTROPY, network->n, network->side,
               network->side, GATE);
}

/* Skips and branches: values that several read, convolutions among them. */
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
  const int other = ax_graph_add_conv (graph, left, "l", 20, same, FALSE);
  up = ax_graph_add_binary (graph, up, other, AX_NODE_ADD);
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
  check_graph (test, graph, AX_LOSS_CROSS_ENTROPY, 2, 22, 26, GATE);
}

/* The same seeds give the same bytes, on a plan that was made anew. */
static void
test_repeatable (gconstpointer data)
{
  static const double mean[3] = { 0, 0, 0 }, std[3] = { 1, 1, 1 };
  const Test *test = data;
  g_autoptr (AxGraph) graph
      = ax_scannet_build (&networks[1].arch, mean, std, 1.0);
  const AxOptim optim = ax_optim_init (AX_OPTIM_ADAM, 1e-3);
  double losses[2][3];
  for (int k = 0; k < 2; k++)
    {
      g_auto (TrainRun) run
          = train_run_init_in (test->precision, test->engine->name, 2, graph,
                               AX_LOSS_CROSS_ENTROPY, 1.0, 6, 22, 22);
      for (int i = 0; i < 3; i++)
        {
          const AxOptimStep step = ax_optim_get_step (&optim, i + 1);
          losses[k][i] = train_run_learn (&run, SEED + (guint64)i);
          train_run_step (&run, &step);
        }
    }
  g_assert_cmpmem (losses[0], sizeof losses[0], losses[1], sizeof losses[1]);
}

static void
test_golden (gconstpointer data)
{
  const Test *test = data;
  golden_check (test->engine->name, test->precision, get_gate (test, GATE));
}

static void
add_test (const AxEngineInfo *engine, AxPrecision precision, const char *group,
          const char *name, const void *data, GTestDataFunc function)
{
  Test *test = g_new (Test, 1);
  g_autofree char *path = g_strdup_printf (
      "/train/%s%s/%s/%s", engine->name,
      precision == AX_PRECISION_F32 ? "-fp32" : "", group, name);
  *test = (Test){ engine, precision, data };
  g_test_add_data_func_full (path, test, function, g_free);
}

static gboolean
is_trainable (AxNodeKind kind)
{
  return kind != AX_NODE_FRAGMENT && kind != AX_NODE_DEFRAGMENT;
}

static void
add_tests (const AxEngineInfo *engine, AxPrecision precision)
{
  for (gsize i = 0; i < G_N_ELEMENTS (node_cases); i++)
    {
      g_autofree char *name = describe_node_case (&node_cases[i]);
      if (is_trainable (node_cases[i].kind))
        add_test (engine, precision, "node", name, &node_cases[i], test_node);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (networks); i++)
    add_test (engine, precision, "network", networks[i].name, &networks[i],
              test_network);
  add_test (engine, precision, "network", "branches", NULL, test_branches);
  add_test (engine, precision, "network", "repeatable", NULL, test_repeatable);
  add_test (engine, precision, "network", "golden", NULL, test_golden);
}

static gboolean
can_train (const AxEngineInfo *info)
{
  g_autoptr (AxEngine) engine = ax_engine_new (info->name, NULL, NULL);
  return engine != NULL && ax_engine_can_train (engine)
         && !g_str_equal (info->name, "ref");
}

int
main (int argc, char **argv)
{
  guint n_engines;
  g_test_init (&argc, &argv, NULL);
  const AxEngineInfo *engines = ax_engine_list (&n_engines);
  for (guint i = 0; i < n_engines; i++)
    if (can_train (&engines[i]))
      {
        add_tests (&engines[i], AX_PRECISION_DEFAULT);
        if (is_half (&engines[i]))
          add_tests (&engines[i], AX_PRECISION_F32);
      }
  return g_test_run ();
}
