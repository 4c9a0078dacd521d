#pragma once

#include "core/nn/train-plan.h"
#include "tests/engine/node-graph.h"
#include "tests/support/run-graph.h"

/**
 * TrainRun: a graph that one engine trains, by one loss on output 0, on random
 * inputs and targets that are the same for every engine.
 */
typedef struct
{
  AxGraph *graph;
  AxEngine *engine;
  AxTrainPlan *plan;
  TestTensor input;
  AxTensorView target;
  gpointer target_data;
} TrainRun;

static inline void
train_run_clear (TrainRun *self)
{
  ax_train_plan_free (self->plan);
  ax_engine_free (self->engine);
  ax_graph_unref (self->graph);
  test_tensor_clear (&self->input);
  g_free (self->target_data);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TrainRun, train_run_clear)

static inline gint64
train_run_count_target (const TrainRun *self)
{
  gint64 count;
  g_assert_true (ax_tensor_view_count (&self->target, &count));
  return count;
}

static inline void
train_run_make_classes (TrainRun *self, const gint64 shape[4])
{
  self->target = (AxTensorView){ .dtype = AX_DTYPE_I32,
                                 .rank = 3,
                                 .shape = { shape[0], shape[2], shape[3] } };
  const gint64 count = train_run_count_target (self);
  gint32 *classes = g_new (gint32, (gsize)count);
  AxRng rng = ax_rng_init (WEIGHTS_SEED, 2001);
  /* Some are left out. */
  for (gint64 i = 0; i < count; i++)
    classes[i] = (gint32)ax_rng_below (&rng, (guint64)shape[1] + 1) - 1;
  classes[0] = 0;
  self->target.data = self->target_data = classes;
}

static inline void
train_run_make_values (TrainRun *self, const gint64 shape[4])
{
  self->target = (AxTensorView){ .dtype = AX_DTYPE_F64, .rank = 4 };
  for (int i = 0; i < 4; i++)
    self->target.shape[i] = shape[i];
  const gint64 count = train_run_count_target (self);
  double *values = g_new (double, (gsize)count);
  AxRng rng = ax_rng_init (WEIGHTS_SEED, 2002);
  for (gint64 i = 0; i < count; i++)
    values[i] = 2.0 * ax_rng_normal (&rng);
  self->target.data = self->target_data = values;
}

/** @graph: sealed. */
static inline TrainRun
train_run_init_in (AxPrecision precision, const char *engine, int n_threads,
                   AxGraph *graph, AxLossKind kind, double weight, int n, int h,
                   int w)
{
  const AxLoss loss = { .kind = (gint32)kind, .output = 0, .weight = weight };
  const AxEngineSetup setup
      = { .n_threads = n_threads, .precision = precision };
  g_autoptr (GError) error = NULL;
  g_autoptr (AxWeights) weights = make_weights (graph);
  TrainRun self = { .graph = ax_graph_ref (graph) };
  self.engine = ax_engine_new (engine, &setup, &error);
  g_assert_no_error (error);
  self.plan = ax_train_plan_new (self.engine, graph, weights, &loss, 1, n, h, w,
                                 &error);
  g_assert_no_error (error);
  self.input = test_tensor_new (n, 3, h, w);
  AxRng rng = ax_rng_init (WEIGHTS_SEED, 2000);
  for (gint64 i = 0; i < test_tensor_count (&self.input); i++)
    self.input.values[i] = ax_rng_normal (&rng);
  gint64 shape[4];
  ax_train_plan_get_output_shape (self.plan, 0, shape);
  if (kind == AX_LOSS_CROSS_ENTROPY)
    train_run_make_classes (&self, shape);
  else
    train_run_make_values (&self, shape);
  return self;
}

static inline TrainRun
train_run_init (const char *engine, int n_threads, AxGraph *graph,
                AxLossKind kind, double weight, int n, int h, int w)
{
  return train_run_init_in (AX_PRECISION_DEFAULT, engine, n_threads, graph,
                            kind, weight, n, h, w);
}

/** One pass, with weights of the entries that differ; returns the loss. */
static inline double
train_run_learn (TrainRun *self, guint64 seed)
{
  g_autoptr (GError) error = NULL;
  const AxTensorView input = test_tensor_view (&self->input);
  g_autofree float *entry_weights = g_new (float, (gsize)self->input.shape[0]);
  double loss = NAN;
  for (gint64 i = 0; i < self->input.shape[0]; i++)
    entry_weights[i] = 0.5f + 0.25f * (float)i;
  g_assert_true (ax_train_plan_learn (self->plan, &input, &self->target,
                                      entry_weights, seed, &loss, &error));
  g_assert_no_error (error);
  return loss;
}

static inline void
train_run_step (TrainRun *self, const AxOptimStep *step)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (ax_train_plan_step (self->plan, step, &error));
  g_assert_no_error (error);
}

/** A parameter's state as doubles, of rank and shape as in the graph. */
static inline AxTensorView
train_run_view_param (const TrainRun *self, guint param, double *values)
{
  const AxGraphParam *known = ax_graph_get_param (self->graph, param);
  AxTensorView view
      = { .data = values, .dtype = AX_DTYPE_F64, .rank = known->rank };
  for (int i = 0; i < known->rank; i++)
    view.shape[i] = known->shape[i];
  return view;
}

static inline gint64
train_run_count_param (const TrainRun *self, guint param)
{
  const AxTensorView view = train_run_view_param (self, param, NULL);
  gint64 count;
  g_assert_true (ax_tensor_view_count (&view, &count));
  return count;
}

/** (transfer full). */
static inline double *
train_run_pull (TrainRun *self, guint param, AxTrainState state)
{
  g_autoptr (GError) error = NULL;
  double *values = g_new (double, (gsize)train_run_count_param (self, param));
  const AxTensorView view = train_run_view_param (self, param, values);
  g_assert_true (ax_train_plan_pull (self->plan, param, state, &view, &error));
  g_assert_no_error (error);
  return values;
}

static inline void
train_run_push (TrainRun *self, guint param, AxTrainState state, double *values)
{
  g_autoptr (GError) error = NULL;
  const AxTensorView view = train_run_view_param (self, param, values);
  g_assert_true (ax_train_plan_push (self->plan, param, state, &view, &error));
  g_assert_no_error (error);
}
