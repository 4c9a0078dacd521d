#pragma once

#include "core/nn/train-plan.h"
#include "tests/support/run-graph.h"
#include "tests/support/small-networks.h"

/** What a small network gives, all outputs, by an engine. */
typedef struct
{
  TestTensor outputs[AX_MAX_OUTPUTS];
} SmallRun;

static inline void
small_run_clear (SmallRun *self)
{
  for (int i = 0; i < AX_MAX_OUTPUTS; i++)
    test_tensor_clear (&self->outputs[i]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SmallRun, small_run_clear)

static inline TestTensor
small_make_input (int n, int h, int w)
{
  TestTensor input = test_tensor_new (n, 3, h, w);
  for (gint64 i = 0; i < test_tensor_count (&input); i++)
    input.values[i] = small_input (i);
  return input;
}

static inline SmallRun
small_run (const char *engine_name, AxGraph *graph, const AxWeights *weights,
           const TestTensor *input)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxEngine) engine = ax_engine_new (engine_name, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (AxPlan) plan
      = ax_plan_new (engine, graph, weights, (int)input->shape[0],
                     (int)input->shape[2], (int)input->shape[3], &error);
  g_assert_no_error (error);
  AxTensorView views[AX_MAX_OUTPUTS];
  SmallRun run = { 0 };
  for (int i = 0; i < ax_graph_get_view (graph)->n_outputs; i++)
    {
      gint64 s[4];
      ax_plan_get_output_shape (plan, (guint)i, s);
      run.outputs[i] = test_tensor_new (s[0], s[1], s[2], s[3]);
      views[i] = test_tensor_view (&run.outputs[i]);
    }
  const AxTensorView in = test_tensor_view (input);
  g_assert_true (ax_plan_forward (plan, &in, views, &error));
  g_assert_no_error (error);
  return run;
}

/** Every engine of this machine that can train, and the reference. */
static inline GPtrArray *
small_list_engines (void)
{
  GPtrArray *names = g_ptr_array_new ();
  guint n_engines = 0;
  const AxEngineInfo *engines = ax_engine_list (&n_engines);
  for (guint i = 0; i < n_engines; i++)
    if (engines[i].report.usable)
      g_ptr_array_add (names, (gpointer)engines[i].name);
  return names;
}

/** The length of a parameter's gradient. */
static inline double
small_get_gradient (AxTrainPlan *plan, const AxGraph *graph, const char *name)
{
  guint p = 0;
  while (!g_str_equal (ax_graph_get_param (graph, p)->name, name))
    p++;
  const AxGraphParam *param = ax_graph_get_param (graph, p);
  AxTensorView view = { .dtype = AX_DTYPE_F64, .rank = param->rank };
  gint64 count = 1;
  for (int i = 0; i < param->rank; i++)
    count *= view.shape[i] = param->shape[i];
  g_autofree double *values = g_new (double, (gsize)count);
  view.data = values;
  g_assert_true (ax_train_plan_pull (plan, p, AX_STATE_GRADIENT, &view, NULL));
  double sum = 0.0;
  for (gint64 i = 0; i < count; i++)
    sum += values[i] * values[i];
  return sqrt (sum);
}
