#pragma once

#include "core/nn/engine-api.h"

#include <glib.h>

G_BEGIN_DECLS

gsize ax_dtype_get_size (AxDType dtype);
/** "F32" as in safetensors. */
const char *ax_dtype_get_name (AxDType dtype);
gboolean ax_dtype_from_name (const char *name, AxDType *dtype);

/** Number of elements; FALSE on overflow or a negative side. */
gboolean ax_tensor_view_count (const AxTensorView *view, gint64 *count);

/** Values as double, whatever the type (F16 and BF16 widened). */
double ax_tensor_view_get (const AxTensorView *view, gint64 index);
/** Converts all values to float32 / float64 in @out (count elements). */
void ax_tensor_view_to_f32 (const AxTensorView *view, float *out);
void ax_tensor_view_to_f64 (const AxTensorView *view, double *out);

/** "64x3x3x3". */
char *ax_tensor_view_describe (const AxTensorView *view);

float ax_half_to_float (guint16 half);
guint16 ax_float_to_half (float value);

G_END_DECLS
