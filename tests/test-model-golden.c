#include "core/models/model.h"

#include "core/nn/graph-dense.h"
#include "core/nn/safetensors.h"
#include "tests/support/data.h"
#include "tests/support/dense.h"

/*
 * The reference engine against the dense maps that PyTorch computed with the
 * same weights (../shared/data/README.md).  Naive passes for all alpha only
 * with -m slow: 85 of them.
 */

#define MAX_ALPHA 8

typedef struct
{
  AxModel *model;
  AxWeights *io;
} Golden;

static void
golden_clear (Golden *self)
{
  ax_model_unref (self->model);
  ax_weights_unref (self->io);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Golden, golden_clear)

/* FALSE when the files are absent; the test is then skipped. */
static gboolean
load (Golden *golden, const char *stem)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *model_name = g_strconcat (stem, ".safetensors", NULL);
  g_autofree char *io_name = g_strconcat (stem, "-io.safetensors", NULL);
  g_autofree char *model_path = data_path (model_name);
  g_autofree char *io_path = model_path ? data_path (io_name) : NULL;
  if (io_path == NULL)
    return FALSE;
  golden->model = ax_model_load (model_path, &error);
  g_assert_no_error (error);
  golden->io = ax_safetensors_load (io_path, &error);
  g_assert_no_error (error);
  return TRUE;
}

/* The corner of the picture, as the network's first node normalises it. */
static TestTensor
read_input (const Golden *golden, gint64 side)
{
  const AxTensorView *view = ax_weights_find (golden->io, "input_u8");
  const AxNode *input
      = &ax_graph_get_view (ax_model_get_inference_graph (golden->model))
             ->nodes[0];
  TestTensor tensor = test_tensor_new (1, 3, side, side);
  double *to = tensor.values;
  for (int c = 0; c < 3; c++)
    for (gint64 y = 0; y < side; y++)
      for (gint64 x = 0; x < side; x++)
        *to++ = (ax_tensor_view_get (view, (y * view->shape[1] + x) * 3 + c)
                     / 255.0
                 - (double)input->u.input.mean[c])
                / (double)input->u.input.std[c];
  return tensor;
}

/* The map of the tumour class. */
static TestTensor
get_tumor (const Golden *golden, const TestTensor *map)
{
  TestTensor tumor = test_tensor_new (1, 1, map->shape[2], map->shape[3]);
  gint64 plane = map->shape[2] * map->shape[3];
  gint64 start = ax_model_get_tumor_class (golden->model) * plane;
  for (gint64 i = 0; i < plane; i++)
    tumor.values[i] = map->values[start + i];
  return tumor;
}

static void
check_map (const Golden *golden, const TestTensor *map, int alpha,
           double tolerance)
{
  g_autofree char *name = g_strdup_printf ("prob_alpha%d", alpha);
  const AxTensorView *view = ax_weights_find (golden->io, name);
  g_auto (TestTensor) tumor = get_tumor (golden, map);
  g_auto (TestTensor) expected
      = test_tensor_new (1, 1, view->shape[0], view->shape[1]);
  ax_tensor_view_to_f64 (view, expected.values);
  g_assert_cmpmem (tumor.shape, sizeof tumor.shape, expected.shape,
                   sizeof expected.shape);
  g_assert_cmpfloat (max_difference (tumor.values, expected.values,
                                     test_tensor_count (&tumor)),
                     <=, tolerance);
  g_assert_cmpfloat (rolled_difference (&tumor, &expected), >, 100 * tolerance);
}

/* Both forms for every alpha that the file holds, and the paper's passes up
 * to @max_naive. */
static void
check_maps (const Golden *golden, int m, int max_naive, double tolerance)
{
  AxGraph *graph = ax_model_get_inference_graph (golden->model);
  AxWeights *weights = ax_model_get_inference_weights (golden->model);
  int stride = ax_model_get_stride (golden->model);
  for (int alpha = 1; alpha <= MAX_ALPHA; alpha *= 2)
    {
      g_autofree char *name = g_strdup_printf ("prob_alpha%d", alpha);
      if (ax_weights_find (golden->io, name) == NULL)
        continue;
      g_auto (TestTensor) input
          = read_input (golden, ax_model_get_field (golden->model) + m * stride
                                    + (alpha - 1) * stride / alpha);
      for (AxDenseForm form = AX_DENSE_DILATED; form <= AX_DENSE_FRAGMENTS;
           form++)
        {
          g_autoptr (AxGraph) dense
              = ax_graph_make_dense (graph, alpha, form, NULL);
          g_auto (TestTensor) map = run_graph ("ref", dense, weights, &input);
          check_map (golden, &map, alpha, tolerance);
        }
      if (alpha > max_naive)
        continue;
      g_auto (TestTensor) naive
          = run_naive_dense ("ref", graph, weights, &input, stride, alpha);
      check_map (golden, &naive, alpha, tolerance);
    }
}

static void
test_quarter (void)
{
  g_auto (Golden) golden = { NULL, NULL };
  if (!load (&golden, "golden/scannet-quarter"))
    return;
  g_assert_cmpint (ax_model_get_field (golden.model), ==, 244);
  g_assert_cmpint (ax_model_get_stride (golden.model), ==, 32);
  check_maps (&golden, 1, g_test_slow () ? MAX_ALPHA : 2, 1e-6);
}

static void
test_10x (void)
{
  g_auto (Golden) golden = { NULL, NULL };
  if (!load (&golden, "models/scannet-10x-pytorch"))
    return;
  g_assert_cmpint (ax_model_get_field (golden.model), ==, 92);
  g_assert_cmpint (ax_model_get_stride (golden.model), ==, 16);
  check_maps (&golden, 3, 2, 1e-4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model-golden/quarter", test_quarter);
  g_test_add_func ("/model-golden/10x", test_10x);
  return g_test_run ();
}
