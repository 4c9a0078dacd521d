#include "core/models/model.h"

#include "core/nn/safetensors.h"
#include "core/nn/tensor.h"
#include "tests/support/data.h"
#include "tests/support/expect-error.h"

#include <glib/gstdio.h>

#include <math.h>

static AxWeights *
make_weights (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxModel) model = ax_model_new_random ("scannet-10x", 5, &error);
  g_assert_no_error (error);
  return ax_weights_ref (ax_model_get_weights (model));
}

static void
test_random (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxModel) model = ax_model_new_random ("scannet-10x", 5, &error);
  g_assert_no_error (error);
  g_autoptr (AxModel) again = ax_model_new_random ("scannet-10x", 5, &error);
  g_autoptr (AxModel) other = ax_model_new_random ("scannet-10x", 6, &error);
  g_assert_cmpstr (ax_model_get_name (model), ==, "scannet-10x");
  g_assert_cmpstr (ax_model_get_family (model), ==, "scannet");
  g_assert_cmpint (ax_model_get_field (model), ==, 92);
  g_assert_cmpint (ax_model_get_stride (model), ==, 16);
  g_assert_cmpfloat (ax_model_get_mpp (model), ==, 0.972);
  g_assert_cmpfloat (ax_model_get_temperature (model), ==, 1.0);
  g_assert_cmpuint (ax_model_get_n_classes (model), ==, 2);
  g_assert_cmpstr (ax_model_get_class (model, 0), ==, "normal");
  g_assert_cmpuint (ax_model_get_tumor_class (model), ==, 1);
  g_assert_cmpstr (ax_model_get_hash (model), ==, ax_model_get_hash (again));
  g_assert_cmpstr (ax_model_get_hash (model), !=, ax_model_get_hash (other));

  /* He: the variance of the 2x2 layer's 262,144 weights is 2 / 1024. */
  const AxTensorView *view
      = ax_weights_find (ax_model_get_weights (model), "head.0.weight");
  gint64 count;
  g_assert_true (ax_tensor_view_count (view, &count));
  g_assert_cmpint (count, ==, 262144);
  double sum = 0.0;
  for (gint64 i = 0; i < count; i++)
    sum += pow (ax_tensor_view_get (view, i), 2.0);
  g_assert_cmpfloat_with_epsilon (sum / (double)count, 2.0 / 1024, 3e-5);

  g_assert_null (ax_model_new_random ("resnet", 1, &error));
  expect_error (&error, AX_ERROR_NOT_FOUND, "no network 'resnet'");
}

/* Batch norm and dropout stand in the trained graph and not in the other. */
static void
test_graphs (void)
{
  g_autoptr (AxModel) model = ax_model_new_random ("scannet-10x", 5, NULL);
  const AxGraphView *trained = ax_graph_get_view (ax_model_get_graph (model));
  const AxGraphView *inference
      = ax_graph_get_view (ax_model_get_inference_graph (model));
  g_assert_cmpint (trained->n_nodes - inference->n_nodes, ==, 8 + 1);
  g_assert_cmpint (inference->n_params, ==, 2 * (8 + 2));
  for (int i = 0; i < inference->n_params; i++)
    g_assert_nonnull (ax_weights_find (
        ax_model_get_inference_weights (model),
        ax_graph_get_param (ax_model_get_inference_graph (model), (guint)i)
            ->name));
}

/* Weights without some keys of their card. */
static AxWeights *
copy_without (const AxWeights *source, const char *const *left_out)
{
  AxWeights *copy = ax_weights_new ();
  g_autoptr (GPtrArray) keys = ax_weights_get_metadata_keys (source);
  for (guint i = 0; i < keys->len; i++)
    {
      const char *key = g_ptr_array_index (keys, i);
      if (!g_strv_contains (left_out, key))
        ax_weights_set_metadata (copy, key,
                                 ax_weights_get_metadata (source, key));
    }
  for (guint i = 0; i < ax_weights_get_n_tensors (source); i++)
    {
      const char *name = ax_weights_get_name (source, i);
      const AxTensorView *view = ax_weights_find (source, name);
      if (!g_strv_contains (left_out, name))
        ax_weights_add (copy, name, view->dtype, view->rank, view->shape,
                        view->data);
    }
  return copy;
}

static void
test_missing (void)
{
  static const struct
  {
    const char *left_out[10];
    const char *regex;
  } cases[] = {
    { { "mpp" }, "^weights: the model card lacks mpp$" },
    { { "classes", "field", "axilla.family" },
      "^weights: the model card lacks axilla.family, field, classes$" },
    { { "axilla.family", "axilla.arch", "mpp", "field", "stride", "mean", "std",
        "classes", "temperature" },
      "lacks axilla.family, axilla.arch, mpp, field, stride, mean, std, "
      "classes, temperature$" },
    { { "features.3.weight" }, "tensor 'features.3.weight' is missing" },
    { { "features.1.running_var" },
      "tensor 'features.1.running_var' is missing" },
  };
  g_autoptr (AxWeights) weights = make_weights ();
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AxWeights) copy = copy_without (weights, cases[i].left_out);
      g_assert_null (ax_model_new (copy, &error));
      expect_error (&error, AX_ERROR_FORMAT, cases[i].regex);
    }
}

static void
test_wrong_values (void)
{
  static const struct
  {
    const char *key, *value;
    int code;
    const char *regex;
  } cases[] = {
    { "axilla.family", "resnet\n", AX_ERROR_UNSUPPORTED,
      "^weights: axilla.family 'resnet\\\\n' is none of: scannet" },
    { "axilla.arch", "{}", AX_ERROR_FORMAT,
      "^weights: axilla.arch: key 'blocks' is missing" },
    { "axilla.arch",
      "{\"blocks\":[2,2,2,2],\"widths\":[32,64,128,255],\"head\":[256],"
      "\"batch_norm\":true}",
      AX_ERROR_FORMAT,
      "'features.21.weight' is F32 of 256x128x3x3, the network needs "
      "floating point of 255x128x3x3" },
    { "field", "93", AX_ERROR_FORMAT,
      "^weights: the card says field 93 and stride 16, the network has 92 "
      "and 16$" },
    { "stride", "8", AX_ERROR_FORMAT,
      "the card says field 92 and stride 8, the network has 92 and 16" },
    { "field", "92.0", AX_ERROR_FORMAT, "^weights: field: '92.0'" },
    { "mpp", "0", AX_ERROR_FORMAT, "^weights: mpp: '0' is not within 0.01" },
    { "mpp", "1,5", AX_ERROR_FORMAT, "mpp: '1,5' is not a number" },
    { "temperature", "-1", AX_ERROR_FORMAT, "temperature: '-1'" },
    { "mean", "[0.5,0.5]", AX_ERROR_FORMAT,
      "^weights: mean, byte 9: fewer than three numbers" },
    { "mean", "[1,1,1,1]", AX_ERROR_FORMAT, "more than three numbers" },
    { "std", "[0.2,0,0.2]", AX_ERROR_FORMAT, "std, byte 5: .*'0' is not" },
    { "std", "0.2", AX_ERROR_FORMAT, "std, byte 0: expected '\\['" },
    { "classes", "[\"normal\",\"lymph\"]", AX_ERROR_FORMAT,
      "^weights: classes: needs 'tumor' and another" },
    { "classes", "[\"tumor\"]", AX_ERROR_FORMAT, "'tumor' and another" },
    { "classes", "[\"tumor\",\"tumor\"]", AX_ERROR_FORMAT,
      "classes, byte [0-9]+: second 'tumor'" },
    { "classes", "[\"tumor\",1]", AX_ERROR_FORMAT, "classes, byte 9" },
    { "learnt", "tumor", AX_ERROR_FORMAT, "^weights: learnt, byte 0" },
    { "classes", "[\"a\",\"b\",\"tumor\"]", AX_ERROR_FORMAT,
      "'head.1.weight' is F32 of 2x256x1x1" },
  };
  g_autoptr (AxWeights) weights = make_weights ();
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *none[] = { NULL };
      g_autoptr (GError) error = NULL;
      g_autoptr (AxWeights) copy = copy_without (weights, none);
      ax_weights_set_metadata (copy, cases[i].key, cases[i].value);
      g_assert_null (ax_model_new (copy, &error));
      expect_error (&error, cases[i].code, cases[i].regex);
    }
}

/* The tumour class is found by name, the temperature reaches the softmax, the
 * colours the input. */
static void
test_card (void)
{
  const char *none[] = { NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (AxWeights) source = make_weights ();
  g_autoptr (AxWeights) weights = copy_without (source, none);
  ax_weights_set_metadata (weights, "classes", "[\"tumor\", \"normal\"]");
  ax_weights_set_metadata (weights, "temperature", "1.5");
  ax_weights_set_metadata (weights, "mean", "[0.25, 0.5, 0.75]");
  g_autoptr (AxModel) model = ax_model_new (weights, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ax_model_get_tumor_class (model), ==, 0);
  g_assert_cmpfloat (ax_model_get_temperature (model), ==, 1.5);
  const AxGraphView *view
      = ax_graph_get_view (ax_model_get_inference_graph (model));
  g_assert_cmpfloat (view->nodes[view->outputs[0]].u.softmax.temperature, ==,
                     1.5);
  g_assert_cmpfloat (view->nodes[0].u.input.mean[2], ==, 0.75f);
  g_assert_cmpstr (ax_model_get_name (model), ==, "scannet");
}

static void
test_not_finite (void)
{
  const char *none[] = { NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (AxWeights) source = make_weights ();
  g_autoptr (AxWeights) weights = copy_without (source, none);
  ((float *)ax_weights_find (weights, "features.7.weight")->data)[3] = NAN;
  g_autofree char *path = scratch_path ("nan.safetensors");
  g_assert_true (ax_safetensors_save (weights, path, &error));
  g_assert_null (ax_model_load (path, &error));
  expect_error (&error, AX_ERROR_FORMAT,
                "/nan.safetensors: tensor 'features.7.weight' holds NaN at "
                "element 3$");
  g_remove (path);
}

/* By file, and by name through $AX_DATA_PATH. */
static void
test_load (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxWeights) weights = make_weights ();
  g_autofree char *folder = scratch_path ("models");
  g_autofree char *path
      = g_build_filename (folder, "shipped.safetensors", NULL);
  g_autofree char *data = g_path_get_dirname (folder);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  g_assert_true (ax_safetensors_save (weights, path, &error));

  g_autoptr (AxModel) by_file = ax_model_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (ax_model_get_name (by_file), ==, "shipped");
  g_setenv ("AX_DATA_PATH", data, TRUE);
  g_autoptr (AxModel) by_name = ax_model_load ("shipped", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (ax_model_get_hash (by_name), ==,
                   ax_model_get_hash (by_file));

  g_assert_null (ax_model_load ("absent", &error));
  expect_error (&error, AX_ERROR_NOT_FOUND,
                "^no model 'absent': no absent.safetensors in "
                "/.*/models, /.*/share/axilla/models, /.*/data/models$");
  g_assert_null (ax_model_load ("./absent.safetensors", &error));
  expect_error (&error, AX_ERROR_IO, "absent.safetensors.*No such file");
  g_remove (path);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/random", test_random);
  g_test_add_func ("/model/graphs", test_graphs);
  g_test_add_func ("/model/missing", test_missing);
  g_test_add_func ("/model/wrong-values", test_wrong_values);
  g_test_add_func ("/model/card", test_card);
  g_test_add_func ("/model/not-finite", test_not_finite);
  g_test_add_func ("/model/load", test_load);
  return g_test_run ();
}
