#include "core/nn/tensor.h"

#include <math.h>

static void
test_half_values (void)
{
  static const struct
  {
    guint16 half;
    float value;
  } cases[] = {
    { 0x0000, 0.0f },
    { 0x3c00, 1.0f },
    { 0xc000, -2.0f },
    { 0x3555, 0.333251953125f },
    { 0x7bff, 65504.0f },
    { 0x0400, 0x1p-14f },
    { 0x03ff, 1023 * 0x1p-24f },
    { 0x0001, 0x1p-24f },
    { 0x8001, -0x1p-24f },
    { 0x7c00, INFINITY },
    { 0xfc00, -INFINITY },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_assert_cmpfloat (ax_half_to_float (cases[i].half), ==, cases[i].value);
      g_assert_cmphex (ax_float_to_half (cases[i].value), ==, cases[i].half);
    }
  g_assert_true (signbit (ax_half_to_float (0x8000)));
  g_assert_true (isnan (ax_half_to_float (0x7e00)));
  g_assert_true (isnan (ax_half_to_float (ax_float_to_half (NAN))));
}

/* Every half but NaN survives the way there and back. */
static void
test_half_round_trip (void)
{
  for (guint half = 0; half <= G_MAXUINT16; half++)
    if (!isnan (ax_half_to_float ((guint16)half)))
      g_assert_cmphex (ax_float_to_half (ax_half_to_float ((guint16)half)), ==,
                       half);
}

/* To the nearest, a tie to the even mantissa. */
static void
test_half_rounding (void)
{
  static const struct
  {
    float value;
    guint16 half;
  } cases[] = {
    { 1.0f + 0x1p-11f, 0x3c00 },
    { 1.0f + 3 * 0x1p-11f, 0x3c02 },
    { 1.0f + 0x1p-11f + 0x1p-20f, 0x3c01 },
    { 65519.0f, 0x7bff },
    { 65520.0f, 0x7c00 },
    { -65520.0f, 0xfc00 },
    { 1e30f, 0x7c00 },
    { 0x1p-25f, 0x0000 },
    { 0x1.8p-25f, 0x0001 },
    { 3 * 0x1p-25f, 0x0002 },
    { 0x1p-14f - 0x1p-26f, 0x0400 },
    { 1e-30f, 0x0000 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmphex (ax_float_to_half (cases[i].value), ==, cases[i].half);
}

static void
test_count (void)
{
  gint64 count = -1;
  AxTensorView view = { .rank = 3, .shape = { 4, 5, 6 } };
  g_assert_true (ax_tensor_view_count (&view, &count));
  g_assert_cmpint (count, ==, 120);
  view.rank = 0;
  g_assert_true (ax_tensor_view_count (&view, &count));
  g_assert_cmpint (count, ==, 1);
  AxTensorView empty = { .rank = 2, .shape = { 0, G_MAXINT64 } };
  g_assert_true (ax_tensor_view_count (&empty, &count));
  g_assert_cmpint (count, ==, 0);
  AxTensorView huge = { .rank = 2, .shape = { G_MAXINT64, 2 } };
  g_assert_false (ax_tensor_view_count (&huge, &count));
  AxTensorView negative = { .rank = 1, .shape = { -1 } };
  g_assert_false (ax_tensor_view_count (&negative, &count));
  g_assert_cmpint (count, ==, 0);
}

static void
test_values (void)
{
  static const guint8 u8[] = { 0, 255 };
  static const gint32 i32[] = { -7, G_MAXINT32 };
  static const gint64 i64[] = { -7, 1 << 20 };
  static const guint16 f16[] = { 0x3c00, 0xc000 };
  static const guint16 bf16[] = { 0x3f80, 0xc0a0 };
  static const float f32[] = { 0.5f, -1.5f };
  static const double f64[] = { 0.1, -1e300 };
  static const struct
  {
    AxDType dtype;
    const void *data;
    double values[2];
    const char *name;
    gsize size;
    gboolean is_float;
  } cases[] = {
    { AX_DTYPE_U8, u8, { 0, 255 }, "U8", 1, FALSE },
    { AX_DTYPE_I32, i32, { -7, G_MAXINT32 }, "I32", 4, FALSE },
    { AX_DTYPE_I64, i64, { -7, 1 << 20 }, "I64", 8, FALSE },
    { AX_DTYPE_F16, f16, { 1, -2 }, "F16", 2, TRUE },
    { AX_DTYPE_BF16, bf16, { 1, -5 }, "BF16", 2, TRUE },
    { AX_DTYPE_F32, f32, { 0.5, -1.5 }, "F32", 4, TRUE },
    { AX_DTYPE_F64, f64, { 0.1, -1e300 }, "F64", 8, TRUE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      AxTensorView view = { .data = (gpointer)cases[i].data,
                            .dtype = cases[i].dtype,
                            .rank = 1,
                            .shape = { 2 } };
      double f64_out[2];
      float f32_out[2];
      AxDType dtype;
      ax_tensor_view_to_f64 (&view, f64_out);
      ax_tensor_view_to_f32 (&view, f32_out);
      for (int k = 0; k < 2; k++)
        {
          g_assert_cmpfloat (ax_tensor_view_get (&view, k), ==,
                             cases[i].values[k]);
          g_assert_cmpfloat (f64_out[k], ==, cases[i].values[k]);
          g_assert_cmpfloat (f32_out[k], ==, (float)cases[i].values[k]);
        }
      g_assert_cmpstr (ax_dtype_get_name (cases[i].dtype), ==, cases[i].name);
      g_assert_true (ax_dtype_from_name (cases[i].name, &dtype));
      g_assert_cmpint (dtype, ==, cases[i].dtype);
      g_assert_cmpuint (ax_dtype_get_size (dtype), ==, cases[i].size);
      g_assert_cmpint (ax_dtype_is_float (dtype), ==, cases[i].is_float);
      g_assert_cmpuint (ax_tensor_view_get_bytes (&view), ==,
                        2 * cases[i].size);
    }
  AxDType untouched = AX_DTYPE_I64;
  g_assert_false (ax_dtype_from_name ("F8_E4M3", &untouched));
  g_assert_cmpint (untouched, ==, AX_DTYPE_I64);
}

static void
test_describe (void)
{
  AxTensorView view = { .rank = 4, .shape = { 64, 3, 3, 2 } };
  g_autofree char *text = ax_tensor_view_describe (&view);
  g_assert_cmpstr (text, ==, "64x3x3x2");
  view.rank = 0;
  g_autofree char *scalar = ax_tensor_view_describe (&view);
  g_assert_cmpstr (scalar, ==, "scalar");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tensor/half/values", test_half_values);
  g_test_add_func ("/tensor/half/round-trip", test_half_round_trip);
  g_test_add_func ("/tensor/half/rounding", test_half_rounding);
  g_test_add_func ("/tensor/count", test_count);
  g_test_add_func ("/tensor/values", test_values);
  g_test_add_func ("/tensor/describe", test_describe);
  return g_test_run ();
}
