#pragma once

#include "core/nn/engine-api.h"

#include <glib.h>

G_BEGIN_DECLS

gsize ax_dtype_get_size (AxDType dtype);
/** "F32" as in safetensors. */
const char *ax_dtype_get_name (AxDType dtype);
gboolean ax_dtype_from_name (const char *name, AxDType *dtype);
gboolean ax_dtype_is_float (AxDType dtype);

/*
 * Tensors are AxTensorView of engine-api.h: C-ordered, contiguous, not owned,
 * aligned for their type.  Thread: any.
 */

/** Number of elements; FALSE on overflow or a negative side. */
gboolean ax_tensor_view_count (const AxTensorView *view, gint64 *count);

/** Of all elements, whose number must not overflow. */
gsize ax_tensor_view_get_bytes (const AxTensorView *view);

/** Values as double, whatever the type (F16 and BF16 widened). */
double ax_tensor_view_get (const AxTensorView *view, gint64 index);
/** Converts all values to float32 / float64 in @out (count elements). */
void ax_tensor_view_to_f32 (const AxTensorView *view, float *out);
void ax_tensor_view_to_f64 (const AxTensorView *view, double *out);

gboolean ax_tensor_view_same_shape (const AxTensorView *view, int rank,
                                    const gint64 *shape);

/** (transfer full): "64x3x3x3", "scalar" without sides. */
char *ax_tensor_view_describe (const AxTensorView *view);
char *ax_shape_describe (int rank, const gint64 *shape);

/** IEEE binary16; to the nearest, ties to even, too large to infinity. */
float ax_half_to_float (guint16 half);
guint16 ax_float_to_half (float value);

G_END_DECLS
