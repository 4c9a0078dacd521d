#pragma once

#include "core/nn/engine.h"
#include "core/nn/tensor.h"

#include <glib.h>

/** A tensor of doubles that owns its values. */
typedef struct
{
  gint64 shape[4];
  double *values;
} TestTensor;

static inline void
test_tensor_clear (TestTensor *self)
{
  g_clear_pointer (&self->values, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TestTensor, test_tensor_clear)

static inline gint64
test_tensor_count (const TestTensor *self)
{
  return self->shape[0] * self->shape[1] * self->shape[2] * self->shape[3];
}

static inline AxTensorView
test_tensor_view (const TestTensor *self)
{
  AxTensorView view
      = { .data = self->values, .dtype = AX_DTYPE_F64, .rank = 4 };
  for (int i = 0; i < 4; i++)
    view.shape[i] = self->shape[i];
  return view;
}

static inline TestTensor
test_tensor_new (gint64 n, gint64 c, gint64 h, gint64 w)
{
  TestTensor self = { { n, c, h, w }, NULL };
  self.values = g_new0 (double, (gsize)test_tensor_count (&self));
  return self;
}

/** (h, w) from (y, x) on, of every channel of the one entry of @from. */
static inline TestTensor
test_tensor_crop (const TestTensor *from, gint64 y, gint64 x, gint64 h,
                  gint64 w)
{
  TestTensor self = test_tensor_new (1, from->shape[1], h, w);
  double *to = self.values;
  for (gint64 c = 0; c < from->shape[1]; c++)
    for (gint64 i = 0; i < h; i++)
      for (gint64 j = 0; j < w; j++)
        *to++ = from->values[(c * from->shape[2] + y + i) * from->shape[3] + x
                             + j];
  return self;
}

/** Output 0 of @graph for normalised values, by the named engine. */
static inline TestTensor
run_graph (const char *engine_name, AxGraph *graph, const AxWeights *weights,
           const TestTensor *input)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxEngine) engine = ax_engine_new (engine_name, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (AxPlan) plan
      = ax_plan_new (engine, graph, weights, (int)input->shape[0],
                     (int)input->shape[2], (int)input->shape[3], &error);
  g_assert_no_error (error);
  gint64 shape[4];
  ax_plan_get_output_shape (plan, 0, shape);
  TestTensor output = test_tensor_new (shape[0], shape[1], shape[2], shape[3]);
  AxTensorView in = test_tensor_view (input);
  AxTensorView out = test_tensor_view (&output);
  g_assert_true (ax_plan_forward (plan, &in, &out, &error));
  g_assert_no_error (error);
  return output;
}

static inline double
max_difference (const double *a, const double *b, gint64 count)
{
  double max = 0.0;
  for (gint64 i = 0; i < count; i++)
    {
      /* NaN differs from everything. */
      double difference = a[i] > b[i] ? a[i] - b[i] : b[i] - a[i];
      max = difference <= max ? max : difference;
    }
  return max;
}
