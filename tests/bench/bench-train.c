/*
 * Times training steps of a random member of the ScanNet family.
 *
 *   bench-train BATCH [N_THREADS [ENGINE]]
 *
 * The network is scannet-10x, on its own field; N_THREADS 0 is all, ENGINE
 * "cpu" unless said otherwise.
 *
 * Makes the plan and prints "ready SIDE"; then, for each line read, does one
 * step (forward, backward, update) and prints the seconds that it took and the
 * loss: so can a script take turns between this and others.
 */
#include "core/base/parse.h"
#include "core/models/model.h"
#include "core/nn/graph-shape.h"
#include "core/nn/train-plan.h"

#include <stdio.h>
#include <time.h>

#define SEED 1

typedef struct
{
  gint64 batch, n_threads;
  const char *engine;
} Options;

static gboolean
parse_options (int argc, char **argv, Options *options, GError **error)
{
  *options = (Options){ .engine = argc > 3 ? argv[3] : "cpu" };
  return ax_parse_int (argc > 1 ? argv[1] : "64", "BATCH", 1, 4096,
                       &options->batch, error)
         && ax_parse_int (argc > 2 ? argv[2] : "0", "N_THREADS", 0, 1024,
                          &options->n_threads, error);
}

static double
get_seconds (void)
{
  struct timespec now;
  clock_gettime (CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static gboolean
time_steps (AxTrainPlan *plan, gint64 batch, gint64 side, GError **error)
{
  const gsize n_bytes = (gsize)(batch * side * side) * 3;
  g_autofree guint8 *rgb = g_malloc (n_bytes);
  g_autofree gint32 *classes = g_new (gint32, (gsize)batch);
  for (gsize i = 0; i < n_bytes; i++)
    rgb[i] = (guint8)(i * 2654435761u >> 24);
  for (gint64 i = 0; i < batch; i++)
    classes[i] = (gint32)(i % 2);
  const AxTensorView input = { .data = rgb,
                               .dtype = AX_DTYPE_U8,
                               .rank = 4,
                               .shape = { batch, side, side, 3 } };
  const AxTensorView target = {
    .data = classes, .dtype = AX_DTYPE_I32, .rank = 3, .shape = { batch, 1, 1 }
  };
  const AxOptim optim = ax_optim_init (AX_OPTIM_SGD, 0.01);
  char line[16];
  for (gint64 i = 1; fgets (line, sizeof line, stdin) != NULL; i++)
    {
      const AxOptimStep step = ax_optim_get_step (&optim, i);
      double loss;
      const double start = get_seconds ();
      if (!ax_train_plan_learn (plan, &input, &target, NULL, (guint64)i, &loss,
                                error)
          || !ax_train_plan_step (plan, &step, error))
        return FALSE;
      printf ("%.6f %.6f\n", get_seconds () - start, loss);
      fflush (stdout);
    }
  return TRUE;
}

static gboolean
run (const Options *options, GError **error)
{
  const AxEngineSetup setup = { .n_threads = (int)options->n_threads };
  const AxLoss loss
      = { .kind = AX_LOSS_CROSS_ENTROPY, .output = 0, .weight = 1.0 };
  AxReceptiveField field;
  g_autoptr (AxModel) model = ax_model_new_random ("scannet-10x", SEED, error);
  g_autoptr (AxEngine) engine
      = model != NULL ? ax_engine_new (options->engine, &setup, error) : NULL;
  if (engine == NULL)
    return FALSE;
  AxGraph *graph = ax_model_get_graph (model);
  if (!ax_graph_get_receptive_field (ax_graph_get_view (graph), &field, error))
    return FALSE;
  g_autoptr (AxTrainPlan) plan = ax_train_plan_new (
      engine, graph, ax_model_get_weights (model), &loss, 1,
      (int)options->batch, (int)field.size, (int)field.size, error);
  if (plan == NULL)
    return FALSE;
  printf ("ready %" G_GINT64_FORMAT "\n", field.size);
  fflush (stdout);
  return time_steps (plan, options->batch, field.size, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  Options options;
  if (parse_options (argc, argv, &options, &error) && run (&options, &error))
    return 0;
  fprintf (stderr, "bench-train: %s\n", error->message);
  return 1;
}
