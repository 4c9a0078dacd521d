#include "core/nn/weights.h"

#include "tests/support/expect-error.h"

#include <math.h>

static void
test_add (void)
{
  const float values[] = { 1, 2, 3, 4, 5, 6 };
  g_autoptr (AxWeights) weights = ax_weights_new ();
  AxTensorView *b = ax_weights_add (weights, "b", AX_DTYPE_F32, 2,
                                    (gint64[]){ 2, 3 }, values);
  AxTensorView *a = ax_weights_add (weights, "a", AX_DTYPE_I64, 0, NULL, NULL);
  AxTensorView *empty = ax_weights_add (weights, "empty", AX_DTYPE_F32, 1,
                                        (gint64[]){ 0 }, NULL);
  g_assert_cmpuint (ax_weights_get_n_tensors (weights), ==, 3);
  g_assert_true (ax_weights_find (weights, "b") == b);
  g_assert_null (ax_weights_find (weights, "c"));
  g_assert_true (b->data != values);
  g_assert_cmpmem (b->data, ax_tensor_view_get_bytes (b), values,
                   sizeof values);
  g_assert_cmpfloat (ax_tensor_view_get (a, 0), ==, 0.0);
  g_assert_cmpuint (ax_tensor_view_get_bytes (empty), ==, 0);
  g_assert_cmpstr (ax_weights_get_name (weights, 0), ==, "b");
  g_autoptr (GPtrArray) names = ax_weights_get_sorted_names (weights);
  g_assert_cmpuint (names->len, ==, 3);
  g_assert_cmpstr (g_ptr_array_index (names, 0), ==, "a");
  g_assert_null (ax_weights_get_path (weights));
}

static void
test_metadata (void)
{
  g_autoptr (AxWeights) weights = ax_weights_new ();
  ax_weights_set_metadata (weights, "stride", "32");
  ax_weights_set_metadata (weights, "field", "92");
  ax_weights_set_metadata (weights, "field", "244");
  g_assert_cmpstr (ax_weights_get_metadata (weights, "field"), ==, "244");
  ax_weights_set_metadata (weights, "mpp", "0.5");
  ax_weights_set_metadata (weights, "mpp", NULL);
  g_assert_null (ax_weights_get_metadata (weights, "mpp"));
  g_autoptr (GPtrArray) keys = ax_weights_get_metadata_keys (weights);
  g_assert_cmpuint (keys->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index (keys, 0), ==, "field");
  g_assert_cmpstr (g_ptr_array_index (keys, 1), ==, "stride");
}

/* The hash follows values, names and shapes, not the order of adding. */
static void
test_hash_owned (void)
{
  static const char *const orders[][2] = { { "a", "b" }, { "b", "a" } };
  const float values[] = { 1, 2 };
  g_autofree char *first = NULL;
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (AxWeights) weights = ax_weights_new ();
      for (int k = 0; k < 2; k++)
        ax_weights_add (weights, orders[i][k], AX_DTYPE_F32, 1, (gint64[]){ 2 },
                        values);
      if (i == 0)
        first = g_strdup (ax_weights_get_hash (weights));
      g_assert_cmpstr (ax_weights_get_hash (weights), ==, first);
      ((float *)ax_weights_find (weights, "a")->data)[1] = 3;
      g_assert_cmpstr (ax_weights_get_hash (weights), !=, first);
    }
  g_assert_cmpuint (strlen (first), ==, 64);
  g_autoptr (AxWeights) reshaped = ax_weights_new ();
  ax_weights_add (reshaped, "a", AX_DTYPE_F32, 2, (gint64[]){ 2, 1 }, values);
  ax_weights_add (reshaped, "b", AX_DTYPE_F32, 1, (gint64[]){ 2 }, values);
  g_assert_cmpstr (ax_weights_get_hash (reshaped), !=, first);
}

/* printf abc | sha256sum */
static void
test_hash_mapped (void)
{
  g_autoptr (GBytes) block = g_bytes_new_static ("abc", 3);
  g_autoptr (AxWeights) weights = ax_weights_new_mapped (block, "x.bin");
  g_assert_cmpstr (
      ax_weights_get_hash (weights), ==,
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  g_assert_true (ax_weights_get_hash (weights)
                 == ax_weights_get_hash (weights));
  g_assert_cmpstr (ax_weights_get_path (weights), ==, "x.bin");
}

/* Aligned tensors lie in the block, others are copied. */
static void
test_mapped (void)
{
  guint8 *data = g_malloc0 (32);
  const float value = 2.5f;
  memcpy (data + 8, &value, sizeof value);
  memcpy (data + 13, &value, sizeof value);
  g_autoptr (GBytes) block = g_bytes_new_take (data, 32);
  g_autoptr (AxWeights) weights = ax_weights_new_mapped (block, NULL);
  g_assert_true (ax_weights_add_mapped (weights, "in", AX_DTYPE_F32, 1,
                                        (gint64[]){ 1 }, 8));
  g_assert_true (ax_weights_add_mapped (weights, "copy", AX_DTYPE_F32, 1,
                                        (gint64[]){ 1 }, 13));
  g_assert_true (ax_weights_add_mapped (weights, "empty", AX_DTYPE_F32, 1,
                                        (gint64[]){ 0 }, 32));
  const AxTensorView *in = ax_weights_find (weights, "in");
  const AxTensorView *copy = ax_weights_find (weights, "copy");
  g_assert_true (in->data == data + 8);
  g_assert_true (copy->data != data + 13);
  g_assert_cmpfloat (ax_tensor_view_get (in, 0), ==, 2.5);
  g_assert_cmpfloat (ax_tensor_view_get (copy, 0), ==, 2.5);
}

static void
test_finite (void)
{
  static const struct
  {
    double value;
    const char *regex;
  } cases[] = {
    { NAN, "^weights: tensor 'b' holds NaN at element 2$" },
    { INFINITY, "tensor 'b' holds an infinite value at element 2" },
    { -INFINITY, "tensor 'b' holds an infinite value at element 2" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AxWeights) weights = ax_weights_new ();
      ax_weights_add (weights, "a", AX_DTYPE_I32, 1, (gint64[]){ 3 }, NULL);
      AxTensorView *b = ax_weights_add (weights, "b", AX_DTYPE_F64, 1,
                                        (gint64[]){ 3 }, NULL);
      g_assert_true (ax_weights_check_finite (weights, &error));
      g_assert_no_error (error);
      ((double *)b->data)[2] = cases[i].value;
      g_assert_false (ax_weights_check_finite (weights, &error));
      expect_error (&error, AX_ERROR_FORMAT, cases[i].regex);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/weights/add", test_add);
  g_test_add_func ("/weights/metadata", test_metadata);
  g_test_add_func ("/weights/hash/owned", test_hash_owned);
  g_test_add_func ("/weights/hash/mapped", test_hash_mapped);
  g_test_add_func ("/weights/mapped", test_mapped);
  g_test_add_func ("/weights/finite", test_finite);
  return g_test_run ();
}
