#pragma once

#include "core/models/scannet.h"
#include "core/nn/safetensors.h"
#include "tests/engine/train-run.h"
#include "tests/support/data.h"

/*
 * golden/train-small.safetensors: a small network, its weights, a batch, and
 * what PyTorch in float64 made of them in ten steps of SGD.
 */

static const AxScannetArch golden_arch = { .n_blocks = 2,
                                           .n_convs = { 1, 2 },
                                           .widths = { 8, 16 },
                                           .n_heads = 1,
                                           .heads = { 32 },
                                           .n_classes = 2,
                                           .batch_norm = TRUE };

/** The family's graph of golden_arch but for the dropout: the golden network
 * has none. */
static inline AxGraph *
golden_make_graph (void)
{
  static const double mean[3] = { 0, 0, 0 }, std[3] = { 1, 1, 1 };
  g_autoptr (AxGraph) family = ax_scannet_build (&golden_arch, mean, std, 1.0);
  const AxGraphView *view = ax_graph_get_view (family);
  AxGraph *graph = ax_graph_new_like (family);
  g_autofree int *places = g_new0 (int, (gsize)view->n_nodes);
  for (guint i = 0; i < ax_graph_get_n_params (family); i++)
    ax_graph_add_param (graph, ax_graph_get_param (family, i));
  for (int i = 1; i < view->n_nodes; i++)
    {
      AxNode node = view->nodes[i];
      node.inputs[0] = places[node.inputs[0]];
      places[i] = node.kind == AX_NODE_DROPOUT
                      ? node.inputs[0]
                      : ax_graph_add_node (graph, &node);
    }
  ax_graph_add_output (graph, places[view->outputs[0]]);
  ax_graph_seal (graph);
  return graph;
}

static inline const AxTensorView *
golden_find (const AxWeights *golden, const char *prefix, const char *name)
{
  g_autofree char *full = g_strconcat (prefix, name, NULL);
  const AxTensorView *view = ax_weights_find (golden, full);
  g_assert_nonnull (view);
  return view;
}

/* The largest difference from the golden tensor, by its largest value. */
static inline double
golden_compare (const AxTensorView *golden, const double *values)
{
  double difference = 0.0, largest = 0.0;
  gint64 count;
  g_assert_true (ax_tensor_view_count (golden, &count));
  for (gint64 i = 0; i < count; i++)
    {
      const double truth = ax_tensor_view_get (golden, i);
      g_assert_true (isfinite (values[i]));
      difference = fmax (difference, fabs (values[i] - truth));
      largest = fmax (largest, fabs (truth));
    }
  return difference / largest;
}

static inline void
golden_check_states (TrainRun *run, const AxWeights *golden, const char *prefix,
                     AxTrainState state, double gate)
{
  for (guint i = 0; i < ax_graph_get_n_params (run->graph); i++)
    {
      const AxGraphParam *param = ax_graph_get_param (run->graph, i);
      const gboolean statistic = param->role == AX_PARAM_RUNNING_MEAN
                                 || param->role == AX_PARAM_RUNNING_VAR;
      if (statistic && state == AX_STATE_GRADIENT)
        continue;
      g_autofree double *values = train_run_pull (run, i, state);
      g_assert_cmpfloat (
          golden_compare (golden_find (golden, prefix, param->name), values),
          <=, gate);
    }
}

/* Puts the golden weights, batch and classes into the run. */
static inline void
golden_load (TrainRun *run, const AxWeights *golden)
{
  for (guint i = 0; i < ax_graph_get_n_params (run->graph); i++)
    {
      const AxGraphParam *param = ax_graph_get_param (run->graph, i);
      const AxTensorView *init = golden_find (golden, "init.", param->name);
      g_autofree double *values
          = g_new (double, (gsize)train_run_count_param (run, i));
      ax_tensor_view_to_f64 (init, values);
      train_run_push (run, i, AX_STATE_VALUE, values);
    }
  ax_tensor_view_to_f64 (golden_find (golden, "", "x"), run->input.values);
  memcpy (run->target_data, golden_find (golden, "", "y")->data,
          (gsize)train_run_count_target (run) * sizeof (gint32));
}

static inline void
golden_check_probabilities (TrainRun *run, const AxWeights *golden, double gate)
{
  g_autoptr (GError) error = NULL;
  const AxTensorView input = test_tensor_view (&run->input);
  g_auto (TestTensor) output = test_tensor_new (run->input.shape[0], 2, 1, 1);
  const AxTensorView view = test_tensor_view (&output);
  g_assert_true (ax_train_plan_forward (run->plan, &input, &view, &error));
  g_assert_no_error (error);
  g_autofree double *tumour = g_new (double, (gsize)output.shape[0]);
  for (gint64 i = 0; i < output.shape[0]; i++)
    tumour[i] = output.values[2 * i + 1];
  g_assert_cmpfloat (
      golden_compare (golden_find (golden, "", "eval_prob"), tumour), <=, gate);
}

/** Does what PyTorch did, and demands its numbers to @gate, relative. */
static inline void
golden_check (const char *engine, AxPrecision precision, double gate)
{
  g_autofree char *path = data_path ("golden/train-small.safetensors");
  g_autoptr (GError) error = NULL;
  if (path == NULL)
    return;
  g_autoptr (AxWeights) golden = ax_safetensors_load (path, &error);
  g_assert_no_error (error);
  g_autoptr (AxGraph) graph = golden_make_graph ();
  const AxTensorView *x = golden_find (golden, "", "x");
  const int n = (int)x->shape[0], side = (int)x->shape[2];
  g_auto (TrainRun) run = train_run_init_in (
      precision, engine, 0, graph, AX_LOSS_CROSS_ENTROPY, 1.0, n, side, side);
  golden_load (&run, golden);

  AxOptim optim = ax_optim_init (AX_OPTIM_SGD, 0.05);
  const AxTensorView input = test_tensor_view (&run.input);
  double losses[10];
  for (int i = 0; i < 10; i++)
    {
      const AxOptimStep step = ax_optim_get_step (&optim, i + 1);
      g_assert_true (ax_train_plan_learn (run.plan, &input, &run.target, NULL,
                                          0, &losses[i], &error));
      g_assert_no_error (error);
      if (i == 0)
        golden_check_states (&run, golden, "grad0.", AX_STATE_GRADIENT, gate);
      train_run_step (&run, &step);
    }
  for (int i = 0; i < 10; i++)
    {
      const double truth
          = ax_tensor_view_get (golden_find (golden, "", "losses"), i);
      g_assert_cmpfloat (fabs (losses[i] - truth), <=, gate * truth);
    }
  golden_check_states (&run, golden, "final.", AX_STATE_VALUE, gate);
  golden_check_probabilities (&run, golden, gate);
}
