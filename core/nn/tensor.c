#include "core/nn/tensor.h"

#include <string.h>

static const struct
{
  const char *name;
  gsize size;
} dtypes[] = {
  [AX_DTYPE_U8] = { "U8", 1 },     [AX_DTYPE_I32] = { "I32", 4 },
  [AX_DTYPE_I64] = { "I64", 8 },   [AX_DTYPE_F16] = { "F16", 2 },
  [AX_DTYPE_BF16] = { "BF16", 2 }, [AX_DTYPE_F32] = { "F32", 4 },
  [AX_DTYPE_F64] = { "F64", 8 },
};

gsize
ax_dtype_get_size (AxDType dtype)
{
  g_return_val_if_fail (dtype < G_N_ELEMENTS (dtypes), 0);
  return dtypes[dtype].size;
}

const char *
ax_dtype_get_name (AxDType dtype)
{
  g_return_val_if_fail (dtype < G_N_ELEMENTS (dtypes), NULL);
  return dtypes[dtype].name;
}

gboolean
ax_dtype_from_name (const char *name, AxDType *dtype)
{
  g_return_val_if_fail (name != NULL && dtype != NULL, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (dtypes); i++)
    if (strcmp (name, dtypes[i].name) == 0)
      {
        *dtype = i;
        return TRUE;
      }
  return FALSE;
}

gboolean
ax_dtype_is_float (AxDType dtype)
{
  return dtype == AX_DTYPE_F16 || dtype == AX_DTYPE_BF16
         || dtype == AX_DTYPE_F32 || dtype == AX_DTYPE_F64;
}

gboolean
ax_tensor_view_count (const AxTensorView *view, gint64 *count)
{
  g_return_val_if_fail (view != NULL && count != NULL, FALSE);
  g_return_val_if_fail (view->rank >= 0 && view->rank <= AX_MAX_RANK, FALSE);
  gint64 n = 1;
  for (int i = 0; i < view->rank; i++)
    if (view->shape[i] < 0 || __builtin_mul_overflow (n, view->shape[i], &n))
      return FALSE;
  *count = n;
  return TRUE;
}

gsize
ax_tensor_view_get_bytes (const AxTensorView *view)
{
  gint64 count;
  g_return_val_if_fail (ax_tensor_view_count (view, &count), 0);
  return (gsize)count * ax_dtype_get_size (view->dtype);
}

static float
bfloat_to_float (guint16 bits)
{
  guint32 word = (guint32)bits << 16;
  float value;
  memcpy (&value, &word, sizeof value);
  return value;
}

double
ax_tensor_view_get (const AxTensorView *view, gint64 index)
{
  g_return_val_if_fail (view != NULL && index >= 0, 0.0);
  switch ((AxDType)view->dtype)
    {
    case AX_DTYPE_U8:
      return ((const guint8 *)view->data)[index];
    case AX_DTYPE_I32:
      return ((const gint32 *)view->data)[index];
    case AX_DTYPE_I64:
      return (double)((const gint64 *)view->data)[index];
    case AX_DTYPE_F16:
      return ax_half_to_float (((const guint16 *)view->data)[index]);
    case AX_DTYPE_BF16:
      return bfloat_to_float (((const guint16 *)view->data)[index]);
    case AX_DTYPE_F32:
      return ((const float *)view->data)[index];
    case AX_DTYPE_F64:
      return ((const double *)view->data)[index];
    }
  g_return_val_if_reached (0.0);
}

void
ax_tensor_view_to_f32 (const AxTensorView *view, float *out)
{
  gint64 count;
  g_return_if_fail (ax_tensor_view_count (view, &count));
  if (view->dtype == AX_DTYPE_F32 && count > 0)
    memcpy (out, view->data, (gsize)count * sizeof *out);
  else
    for (gint64 i = 0; i < count; i++)
      out[i] = (float)ax_tensor_view_get (view, i);
}

void
ax_tensor_view_to_f64 (const AxTensorView *view, double *out)
{
  gint64 count;
  g_return_if_fail (ax_tensor_view_count (view, &count));
  for (gint64 i = 0; i < count; i++)
    out[i] = ax_tensor_view_get (view, i);
}

gboolean
ax_tensor_view_same_shape (const AxTensorView *view, int rank,
                           const gint64 *shape)
{
  g_return_val_if_fail (view != NULL, FALSE);
  if (view->rank != rank)
    return FALSE;
  for (int i = 0; i < rank; i++)
    if (view->shape[i] != shape[i])
      return FALSE;
  return TRUE;
}

char *
ax_shape_describe (int rank, const gint64 *shape)
{
  if (rank == 0)
    return g_strdup ("scalar");
  g_autoptr (GString) text = g_string_new (NULL);
  for (int i = 0; i < rank; i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? "x" : "",
                            shape[i]);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
ax_tensor_view_describe (const AxTensorView *view)
{
  g_return_val_if_fail (view != NULL, NULL);
  return ax_shape_describe (view->rank, view->shape);
}

float
ax_half_to_float (guint16 half)
{
  guint32 sign = (guint32)(half & 0x8000) << 16;
  guint32 exponent = (half >> 10) & 0x1f;
  guint32 mantissa = half & 0x3ff;
  guint32 word;
  if (exponent == 0)
    {
      /* Zero and subnormals: the mantissa counts units of 2^-24. */
      float value = (float)mantissa * 0x1p-24f;
      return sign ? -value : value;
    }
  if (exponent == 0x1f)
    word = sign | 0x7f800000 | mantissa << 13;
  else
    word = sign | (exponent + 127 - 15) << 23 | mantissa << 13;
  float value;
  memcpy (&value, &word, sizeof value);
  return value;
}

guint16
ax_float_to_half (float value)
{
  guint32 word;
  memcpy (&word, &value, sizeof word);
  guint16 sign = (word >> 16) & 0x8000;
  guint32 magnitude = word & 0x7fffffff;
  if (magnitude > 0x7f800000)
    return sign | 0x7e00;
  if (magnitude >= 0x477ff000) /* 65520 and more round to infinity */
    return sign | 0x7c00;
  if (magnitude < 0x38800000) /* below 2^-14: subnormal or zero */
    {
      float scaled;
      memcpy (&scaled, &magnitude, sizeof scaled);
      /* Adding 2^23 rounds to a whole number, ties to even. */
      volatile float whole = scaled * 0x1p24f + 0x1p23f;
      return sign | (guint16)(whole - 0x1p23f);
    }
  guint32 odd = (magnitude >> 13) & 1;
  return sign | (guint16)((magnitude - 0x38000000 + 0xfff + odd) >> 13);
}
