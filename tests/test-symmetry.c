#include "core/train/symmetry.h"

#include "core/models/model.h"
#include "tests/support/expect-error.h"
#include "tests/support/small-runs.h"

#define SIDE 92
#define N_POSES 8
#define SAME 1e-5
#define OTHER 1e-4 /* what differs, differs by more */

/* Four channels of 2 x 2 that see a picture, weight i being i * i, by hand: a
 * quarter turn takes the upper left to the lower left, so that tap 0 of channel
 * 0 goes with tap 2 of channel 1, 3 of 2 and 1 of 3: 0, 36, 121 and 169. */
static void
test_average (void)
{
  static const double expected[16]
      = { 81.5, 85.5, 69.5, 73.5, 85.5, 73.5, 81.5, 69.5,
          73.5, 69.5, 85.5, 81.5, 69.5, 81.5, 73.5, 85.5 };
  double values[16];
  const AxTensorView view = { values, AX_DTYPE_F64, 4, { 4, 1, 2, 2 } };
  for (int i = 0; i < 16; i++)
    values[i] = i * i;
  ax_symmetry_average (AX_SYMMETRY_NONE, &view);
  g_assert_cmpfloat (values[15], ==, 225.0);
  ax_symmetry_average (AX_SYMMETRY_P4, &view);
  for (int i = 0; i < 16; i++)
    g_assert_cmpfloat (values[i], ==, expected[i]);
}

/* Of channels that do not turn, only the taps become equal. */
static void
test_copy (void)
{
  float values[9] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
  const AxTensorView window = { values, AX_DTYPE_F32, 4, { 1, 1, 3, 3 } };
  float biases[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
  const AxTensorView bias = { biases, AX_DTYPE_F32, 1, { 16 } };
  ax_symmetry_copy (AX_SYMMETRY_P4M, &window);
  for (int i = 0; i < 9; i++)
    g_assert_cmpfloat (values[i], ==, i == 4 ? 5 : i % 2 == 0 ? 1 : 2);
  ax_symmetry_copy (AX_SYMMETRY_P4M, &bias);
  for (int i = 0; i < 16; i++)
    g_assert_cmpfloat (biases[i], ==, i < 8 ? 1 : 9);
}

/* Pose 0 to 3: quarter turns; 4 to 7: those of the mirror image. */
static TestTensor
pose_picture (const TestTensor *picture, int pose)
{
  TestTensor posed = test_tensor_new (1, 3, SIDE, SIDE);
  for (int c = 0; c < 3; c++)
    for (int y = 0; y < SIDE; y++)
      for (int x = 0; x < SIDE; x++)
        {
          int from_y = y, from_x = x;
          for (int i = 0; i < pose % 4; i++)
            {
              const int old = from_y;
              from_y = from_x;
              from_x = SIDE - 1 - old;
            }
          if (pose >= 4)
            from_x = SIDE - 1 - from_x;
          posed.values[(c * SIDE + y) * SIDE + x]
              = picture->values[(c * SIDE + from_y) * SIDE + from_x];
        }
  return posed;
}

static AxWeights *
make_symmetric (AxModel *model, AxSymmetry symmetry)
{
  AxGraph *graph = ax_model_get_graph (model);
  AxWeights *weights = ax_weights_new ();
  for (guint i = 0; i < ax_graph_get_n_params (graph); i++)
    {
      const char *name = ax_graph_get_param (graph, i)->name;
      const AxTensorView *from
          = ax_weights_find (ax_model_get_weights (model), name);
      const AxTensorView *to = ax_weights_add (
          weights, name, from->dtype, from->rank, from->shape, from->data);
      ax_symmetry_copy (symmetry, to);
    }
  return weights;
}

/* How far the outputs of a picture in some pose are from those of the picture
 * as it is. */
static double
get_distance (AxGraph *graph, const AxWeights *weights,
              const TestTensor *picture, int pose)
{
  g_auto (TestTensor) posed = pose_picture (picture, pose);
  g_auto (SmallRun) a = small_run ("cpu", graph, weights, picture);
  g_auto (SmallRun) b = small_run ("cpu", graph, weights, &posed);
  double distance = 0.0;
  for (int o = 0; o < ax_graph_get_view (graph)->n_outputs; o++)
    for (gint64 i = 0; i < test_tensor_count (&a.outputs[o]); i++)
      distance = MAX (distance,
                      fabs (a.outputs[o].values[i] - b.outputs[o].values[i]));
  return distance;
}

/* A picture's pose does not show in what such a network says of it. */
static void
test_poses (gconstpointer name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxModel) model = ax_model_new_random (name, 5, &error);
  g_assert_no_error (error);
  AxGraph *graph = ax_model_get_graph (model);
  g_auto (TestTensor) picture = small_make_input (1, SIDE, SIDE);
  g_autoptr (AxWeights) none = make_symmetric (model, AX_SYMMETRY_NONE);
  g_autoptr (AxWeights) p4 = make_symmetric (model, AX_SYMMETRY_P4);
  g_autoptr (AxWeights) p4m = make_symmetric (model, AX_SYMMETRY_P4M);
  for (int pose = 1; pose < N_POSES; pose++)
    {
      g_assert_cmpfloat (get_distance (graph, none, &picture, pose), >, OTHER);
      g_assert_cmpfloat (get_distance (graph, p4m, &picture, pose), <, SAME);
      if (pose < 4)
        g_assert_cmpfloat (get_distance (graph, p4, &picture, pose), <, SAME);
      else
        g_assert_cmpfloat (get_distance (graph, p4, &picture, pose), >, OTHER);
    }
}

static void
test_errors (void)
{
  const double zeros[3] = { 0 }, ones[3] = { 1, 1, 1 };
  const AxWindow window
      = { .kernel_h = 1, .kernel_w = 3, .stride = 1, .dilation = 1 };
  g_autoptr (GError) error = NULL;
  g_autoptr (AxGraph) graph = ax_graph_new (zeros, ones);
  AxSymmetry symmetry = AX_SYMMETRY_NONE;
  g_assert_true (ax_symmetry_from_name ("p4m", &symmetry, &error));
  g_assert_cmpint (symmetry, ==, AX_SYMMETRY_P4M);
  g_assert_false (ax_symmetry_from_name ("p8", &symmetry, &error));
  expect_error (&error, AX_ERROR_NOT_FOUND, "no symmetry 'p8'");
  const int node = ax_graph_add_conv (graph, 0, "flat", 4, window, TRUE);
  ax_graph_add_output (graph, node);
  ax_graph_seal (graph);
  g_assert_true (ax_symmetry_check (AX_SYMMETRY_NONE, graph, &error));
  g_assert_false (ax_symmetry_check (AX_SYMMETRY_P4, graph, &error));
  expect_error (&error, AX_ERROR_UNSUPPORTED, "'flat.weight' are not square");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/symmetry/average", test_average);
  g_test_add_func ("/symmetry/copy", test_copy);
  g_test_add_data_func ("/symmetry/poses/scannet-10x", "scannet-10x",
                        test_poses);
  g_test_add_data_func ("/symmetry/poses/attention-10x", "attention-10x",
                        test_poses);
  g_test_add_func ("/symmetry/errors", test_errors);
  return g_test_run ();
}
