#include "tests/engine/train-golden.h"
#include "tests/support/expect-error.h"

/*
 * The reference engine's training: gradients against central differences of
 * the loss, then PyTorch's numbers.
 */

#define SHIFT 1e-5
#define CHECKED_VALUES 16 /* of a parameter */
#define SEED 7

/* clang-format off */
static const NodeCase cases[] = {
  { AX_NODE_CONV, 2, 3, 6, 7, 2, { 3, 3, 1, 1, 0 } },
  { AX_NODE_CONV, 2, 3, 6, 7, 3, { 3, 2, 2, 1, 1 } },
  { AX_NODE_CONV, 1, 4, 9, 8, 2, { 3, 3, 2, 2, 2 }, FOLLOWED_BY_RELU },
  { AX_NODE_CONV_TRANSPOSE, 2, 3, 3, 4, 2, { 2, 2, 2, 1, 0 } },
  { AX_NODE_CONV_TRANSPOSE, 1, 3, 4, 3, 3, { 3, 3, 2, 1, 1 } },
  { AX_NODE_CONV_TRANSPOSE, 1, 2, 4, 3, 2, { 2, 3, 1, 2, 0 } },
  { AX_NODE_MAX_POOL, 2, 3, 6, 7, 0, { 2, 2, 2, 1, 0 } },
  { AX_NODE_MAX_POOL, 1, 3, 7, 6, 0, { 3, 3, 2, 1, 1 } },
  { AX_NODE_MAX_POOL, 1, 2, 7, 6, 0, { 2, 2, 1, 2, 0 } },
  { AX_NODE_AVG_POOL, 2, 3, 6, 7, 0, { 2, 2, 2, 1, 0 } },
  { AX_NODE_AVG_POOL, 1, 3, 7, 6, 0, { 3, 3, 2, 1, 1 } },
  { AX_NODE_BATCH_NORM, 2, 3, 4, 3 },
  { AX_NODE_BATCH_NORM, 3, 4, 1, 1, .followers = FOLLOWED_BY_RELU },
  { AX_NODE_BATCH_NORM, 2, 3, 5, 4, .followers = FOLLOWED_BY_RELU_AND_POOL },
  { AX_NODE_RELU, 2, 3, 4, 3 },
  { AX_NODE_RELU, 2, 3, 4, 3, .followers = FOLLOWED_BY_RELU_AND_OTHER },
  { AX_NODE_SIGMOID, 2, 3, 4, 3 },
  { AX_NODE_SOFTMAX, 2, 4, 3, 3 },
  { AX_NODE_DROPOUT, 2, 3, 5, 4 },
  { AX_NODE_CONCAT, 2, 3, 4, 4, .other_channels = 2 },
  { AX_NODE_ADD, 2, 3, 4, 4, .other_channels = 3 },
  { AX_NODE_ADD, 2, 3, 4, 4, .other_channels = 1 },
  { AX_NODE_ADD, 2, 1, 4, 4, .other_channels = 3 },
  { AX_NODE_MUL, 2, 3, 4, 4, .other_channels = 3 },
  { AX_NODE_MUL, 2, 3, 4, 4, .other_channels = 1 },
  { AX_NODE_MUL, 2, 3, 3, 3, .other_channels = 3, .other_side_is_1 = TRUE },
  { AX_NODE_UPSAMPLE, 2, 3, 2, 3, .number = 2 },
  { AX_NODE_CROP, 2, 3, 6, 7 },
  { AX_NODE_CHANNEL_MEAN, 2, 3, 3, 4 },
  { AX_NODE_CHANNEL_MAX, 2, 3, 3, 4 },
};
/* clang-format on */

/* (loss (value + SHIFT) - loss (value - SHIFT)) / (2 SHIFT) */
static double
measure_slope (TrainRun *run, guint param, double *values, gint64 index)
{
  const double value = values[index];
  double losses[2];
  for (int i = 0; i < 2; i++)
    {
      values[index] = i == 0 ? value - SHIFT : value + SHIFT;
      train_run_push (run, param, AX_STATE_VALUE, values);
      losses[i] = train_run_learn (run, SEED);
    }
  values[index] = value;
  train_run_push (run, param, AX_STATE_VALUE, values);
  return (losses[1] - losses[0]) / (2 * SHIFT);
}

static gboolean
is_trained (const TrainRun *run, guint param)
{
  const AxParamRole role = ax_graph_get_param (run->graph, param)->role;
  return role != AX_PARAM_RUNNING_MEAN && role != AX_PARAM_RUNNING_VAR;
}

/* Returns the largest gradient met. */
static double
check_param (TrainRun *run, guint param)
{
  const gint64 count = train_run_count_param (run, param);
  const gint64 step = MAX (1, count / CHECKED_VALUES);
  double largest = 0.0;
  train_run_learn (run, SEED);
  g_autofree double *gradient = train_run_pull (run, param, AX_STATE_GRADIENT);
  g_autofree double *values = train_run_pull (run, param, AX_STATE_VALUE);
  for (gint64 i = 0; i < count; i += step)
    {
      const double slope = measure_slope (run, param, values, i);
      g_assert_cmpfloat_with_epsilon (gradient[i], slope,
                                      1e-9 + 1e-6 * fabs (slope));
      largest = fmax (largest, fabs (slope));
    }
  return largest;
}

/* Some gradient must be there; a bias before a batch norm has none. */
static void
check_gradients (TrainRun *run)
{
  double largest = 0.0;
  for (guint i = 0; i < ax_graph_get_n_params (run->graph); i++)
    if (is_trained (run, i))
      largest = fmax (largest, check_param (run, i));
  g_assert_cmpfloat (largest, >, 1e-3);
}

/* Behind a convolution, whose own gradients are those that the node passes
 * on. */
static void
test_node (gconstpointer data)
{
  const NodeCase *c = data;
  g_autoptr (AxGraph) graph = make_graph ();
  const int input = widen (graph, 0, c->n_in, "wide");
  const int node = add_node (graph, input, c);
  ax_graph_add_output (graph, add_followers (graph, node, c->followers));
  ax_graph_seal (graph);
  g_auto (TrainRun) run = train_run_init ("ref", 0, graph, AX_LOSS_SMOOTH_L1,
                                          1.5, c->n, c->h, c->w);
  check_gradients (&run);
}

static AxGraph *
make_classifier (void)
{
  g_autoptr (AxGraph) graph = make_graph ();
  const int node = widen (graph, 0, 4, "wide");
  ax_graph_add_output (graph, ax_graph_add_softmax (graph, node, 1.5));
  ax_graph_seal (graph);
  return g_steal_pointer (&graph);
}

static void
test_cross_entropy (void)
{
  g_autoptr (AxGraph) graph = make_classifier ();
  g_auto (TrainRun) run
      = train_run_init ("ref", 0, graph, AX_LOSS_CROSS_ENTROPY, 1.5, 3, 4, 3);
  check_gradients (&run);
}

/* Two heads, one of them in the middle: their losses add up, and a value that
 * three nodes read gets the sum of what they ask for. */
static void
test_two_losses (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxGraph) graph = make_graph ();
  const int wide = widen (graph, 0, 3, "wide");
  const int gate = ax_graph_add_unary (graph, wide, AX_NODE_SIGMOID);
  const int product = ax_graph_add_binary (graph, wide, gate, AX_NODE_MUL);
  ax_graph_add_output (graph, ax_graph_add_softmax (graph, product, 1.0));
  ax_graph_add_output (graph, wide);
  ax_graph_seal (graph);
  const AxLoss losses[] = {
    { .kind = AX_LOSS_CROSS_ENTROPY, .output = 0, .weight = 1.0 },
    { .kind = AX_LOSS_SMOOTH_L1, .output = 1, .weight = 0.25 },
  };
  double gradients[3][9], values[3][2];
  for (int i = 0; i < 3; i++)
    {
      /* The first, the second, both. */
      const guint first = i == 1, n_losses = i == 2 ? 2 : 1;
      g_auto (TrainRun) run = train_run_init (
          "ref", 0, graph, AX_LOSS_CROSS_ENTROPY, 1.0, 2, 3, 3);
      g_autoptr (AxWeights) weights = make_weights (graph);
      g_autoptr (AxTrainPlan) plan
          = ax_train_plan_new (run.engine, graph, weights, losses + first,
                               n_losses, 2, 3, 3, &error);
      g_assert_no_error (error);
      const AxTensorView input = test_tensor_view (&run.input);
      const AxTensorView targets[] = { run.target, input };
      g_assert_true (ax_train_plan_learn (plan, &input, targets + first, NULL,
                                          0, values[i], &error));
      g_assert_no_error (error);
      const AxTensorView view = train_run_view_param (&run, 0, gradients[i]);
      g_assert_true (
          ax_train_plan_pull (plan, 0, AX_STATE_GRADIENT, &view, &error));
    }
  g_assert_cmpfloat_with_epsilon (values[2][0], values[0][0], 1e-14);
  g_assert_cmpfloat_with_epsilon (values[2][1], values[1][0], 1e-14);
  for (int i = 0; i < 9; i++)
    g_assert_cmpfloat_with_epsilon (gradients[2][i],
                                    gradients[0][i] + gradients[1][i], 1e-14);
}

/* One weight, one bias: 3 values of 2 and 4, worked out by hand. */
static void
test_running_statistics (void)
{
  g_autoptr (AxGraph) graph = make_graph ();
  ax_graph_add_output (graph, ax_graph_add_batch_norm (graph, 0, "norm", 1e-5));
  ax_graph_seal (graph);
  g_auto (TrainRun) run
      = train_run_init ("ref", 0, graph, AX_LOSS_SMOOTH_L1, 1.0, 4, 1, 1);
  double mean[] = { 10, 10, 10 }, variance[] = { 1, 1, 1 };
  train_run_push (&run, 2, AX_STATE_VALUE, mean);
  train_run_push (&run, 3, AX_STATE_VALUE, variance);
  for (int i = 0; i < 12; i++)
    run.input.values[i] = i / 3 % 2 == 0 ? 2.0 : 4.0;
  train_run_learn (&run, 0);
  g_autofree double *new_mean = train_run_pull (&run, 2, AX_STATE_VALUE);
  g_autofree double *new_variance = train_run_pull (&run, 3, AX_STATE_VALUE);
  for (int c = 0; c < 3; c++)
    {
      /* 0.9 * 10 + 0.1 * 3; four times (+-1)^2 over three */
      g_assert_cmpfloat_with_epsilon (new_mean[c], 9.3, 1e-14);
      g_assert_cmpfloat_with_epsilon (new_variance[c], 0.9 + 0.1 * 4 / 3,
                                      1e-14);
    }
}

/* Another seed drops others, the same one the same. */
static void
test_dropout (void)
{
  g_autoptr (AxGraph) graph = make_graph ();
  const int node = widen (graph, 0, 8, "wide");
  ax_graph_add_output (graph, ax_graph_add_dropout (graph, node, 0.5));
  ax_graph_seal (graph);
  g_auto (TrainRun) run
      = train_run_init ("ref", 0, graph, AX_LOSS_SMOOTH_L1, 1.0, 2, 6, 5);
  const double first = train_run_learn (&run, 1);
  g_assert_cmpfloat (train_run_learn (&run, 2), !=, first);
  g_assert_cmpfloat (train_run_learn (&run, 1), ==, first);
}

typedef struct
{
  const char *name;
  AxOptimStep step;
  double expected[2]; /* after two steps with the same gradient */
} Update;

/* From value 1, gradient 0.5; by torch.optim.SGD and AdamW in float64, Debian's
 * PyTorch 1.13: p = tensor ([1.]), twice p.grad = 0.5 and step (). */
static const Update updates[] = {
  { "plain", { .kind = AX_OPTIM_SGD, .rate = 0.1 }, { 0.95, 0.9 } },
  { "momentum",
    { .kind = AX_OPTIM_SGD, .rate = 0.1, .momentum = 0.9 },
    { 0.95, 0.855 } },
  { "nesterov",
    { .kind = AX_OPTIM_SGD,
      .nesterov = TRUE,
      .rate = 0.1,
      .momentum = 0.9,
      .weight_decay = 0.01 },
    { 0.9031, 0.76507411 } },
  { "adam",
    { .kind = AX_OPTIM_ADAM,
      .rate = 0.1,
      .momentum = 0.9,
      .beta2 = 0.999,
      .epsilon = 1e-8,
      .weight_decay = 0.01 },
    { 0.899000002, 0.7981010039980005 } },
};

static void
test_update (gconstpointer data)
{
  const Update *update = data;
  g_autoptr (AxGraph) graph = make_classifier ();
  g_auto (TrainRun) run
      = train_run_init ("ref", 0, graph, AX_LOSS_CROSS_ENTROPY, 1.0, 1, 1, 1);
  AxOptimStep step = update->step;
  double ones[12], gradient[12];
  for (int i = 0; i < 12; i++)
    {
      ones[i] = 1.0;
      gradient[i] = 0.5;
    }
  train_run_push (&run, 0, AX_STATE_VALUE, ones);
  for (int i = 0; i < 2; i++)
    {
      step.step = i + 1;
      train_run_push (&run, 0, AX_STATE_GRADIENT, gradient);
      train_run_step (&run, &step);
      g_autofree double *values = train_run_pull (&run, 0, AX_STATE_VALUE);
      g_assert_cmpfloat_with_epsilon (values[5], update->expected[i], 1e-12);
    }
}

/* Scales of 0 leave a parameter alone. */
static void
test_scales (void)
{
  static const float rates[] = { 0.0f, 2.0f };
  g_autoptr (AxGraph) graph = make_classifier ();
  g_auto (TrainRun) run
      = train_run_init ("ref", 0, graph, AX_LOSS_CROSS_ENTROPY, 1.0, 1, 1, 1);
  const AxOptimStep step = { .kind = AX_OPTIM_SGD,
                             .step = 1,
                             .rate = 0.1,
                             .rate_scale = rates,
                             .weight_decay = 0.5,
                             .decay_scale = rates };
  double gradient[] = { 1, 1, 1, 1 };
  train_run_push (&run, 1, AX_STATE_GRADIENT, gradient);
  g_autofree double *weight = train_run_pull (&run, 0, AX_STATE_VALUE);
  g_autofree double *bias = train_run_pull (&run, 1, AX_STATE_VALUE);
  train_run_step (&run, &step);
  g_autofree double *new_weight = train_run_pull (&run, 0, AX_STATE_VALUE);
  g_autofree double *new_bias = train_run_pull (&run, 1, AX_STATE_VALUE);
  g_assert_cmpmem (weight, 12 * sizeof *weight, new_weight,
                   12 * sizeof *weight);
  for (int i = 0; i < 4; i++)
    g_assert_cmpfloat_with_epsilon (new_bias[i],
                                    bias[i] - 0.2 * (1.0 + bias[i]), 1e-14);
}

static void
test_golden (void)
{
  golden_check ("ref", AX_PRECISION_DEFAULT, 1e-6);
}

static void
expect_refusal (AxGraph *graph, AxLossKind kind, int batch, int code,
                const char *regex)
{
  const AxLoss loss = { .kind = (gint32)kind, .output = 0, .weight = 1.0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (AxWeights) weights = make_weights (graph);
  g_autoptr (AxEngine) engine = ax_engine_new ("ref", NULL, &error);
  g_assert_no_error (error);
  g_assert_null (ax_train_plan_new (engine, graph, weights, &loss, 1, batch, 1,
                                    1, &error));
  expect_error (&error, code, regex);
}

static void
test_refused (void)
{
  g_autoptr (AxGraph) norm = make_graph ();
  ax_graph_add_output (norm, ax_graph_add_batch_norm (norm, 0, "norm", 1e-5));
  ax_graph_seal (norm);
  expect_refusal (norm, AX_LOSS_SMOOTH_L1, 1, AX_ERROR_UNSUPPORTED,
                  "^engine 'ref': node 1 \\(batch norm\\): .* more than one");
  expect_refusal (norm, AX_LOSS_CROSS_ENTROPY, 2, AX_ERROR_DEVICE,
                  "^engine 'ref': loss 0: .* batch norm, where it needs a so");

  g_autoptr (AxGraph) fragments = make_graph ();
  const int node = ax_graph_add_pool (fragments, 0, AX_NODE_AVG_POOL,
                                      (AxWindow){ 1, 1, 1, 1, 1 });
  ax_graph_add_output (fragments, ax_graph_add_fragment (fragments, node));
  ax_graph_seal (fragments);
  expect_refusal (fragments, AX_LOSS_SMOOTH_L1, 1, AX_ERROR_UNSUPPORTED,
                  "^engine 'ref': node 2 \\(fragment\\): .* cannot be trained");
}

static void
test_bad_class (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxGraph) graph = make_classifier ();
  g_auto (TrainRun) run
      = train_run_init ("ref", 0, graph, AX_LOSS_CROSS_ENTROPY, 1.0, 2, 1, 1);
  const AxTensorView input = test_tensor_view (&run.input);
  double loss = 5.0;
  ((gint32 *)run.target_data)[1] = 4;
  g_assert_false (ax_train_plan_learn (run.plan, &input, &run.target, NULL, 0,
                                       &loss, &error));
  expect_error (&error, AX_ERROR_FORMAT, "^class 4 .* with 4 classes$");
  ((gint32 *)run.target_data)[1] = 3;
  run.input.values[0] = NAN;
  g_assert_false (ax_train_plan_learn (run.plan, &input, &run.target, NULL, 0,
                                       &loss, &error));
  expect_error (&error, AX_ERROR_DEVICE, "^engine 'ref' found a loss of .*nan");
  g_assert_cmpfloat (loss, ==, 5.0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = describe_node_case (&cases[i]);
      g_autofree char *path = g_strconcat ("/train-ref/node/", name, NULL);
      g_test_add_data_func (path, &cases[i], test_node);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (updates); i++)
    {
      g_autofree char *path
          = g_strconcat ("/train-ref/update/", updates[i].name, NULL);
      g_test_add_data_func (path, &updates[i], test_update);
    }
  g_test_add_func ("/train-ref/cross-entropy", test_cross_entropy);
  g_test_add_func ("/train-ref/two-losses", test_two_losses);
  g_test_add_func ("/train-ref/running-statistics", test_running_statistics);
  g_test_add_func ("/train-ref/dropout", test_dropout);
  g_test_add_func ("/train-ref/scales", test_scales);
  g_test_add_func ("/train-ref/golden", test_golden);
  g_test_add_func ("/train-ref/refused", test_refused);
  g_test_add_func ("/train-ref/bad-class", test_bad_class);
  return g_test_run ();
}
