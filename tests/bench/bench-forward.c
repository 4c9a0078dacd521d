/*
 * Times forward passes of a random member of the ScanNet family.
 *
 *   bench-forward MODEL SIDE ALPHA [ENGINE [N_THREADS [FORM]]]
 *
 * MODEL is scannet or scannet-10x, SIDE that of an ROI for which the model
 * and ALPHA give a whole map, ENGINE "cpu" unless said otherwise, N_THREADS 0
 * for all, FORM a (dilated, the default) or b (fragments).
 *
 * Makes the plan and prints "ready FLOPS SECONDS", the cost of a pass and the
 * time of making; then, for each line read, runs once and prints the seconds
 * it took, on the clock and on all processors: so can a script take turns
 * between this and others.
 */
#include "core/base/parse.h"
#include "core/models/model.h"
#include "core/nn/engine.h"
#include "core/nn/graph-shape.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define SEED 1

typedef struct
{
  const char *model, *engine;
  gint64 side, alpha, n_threads;
  AxDenseForm form;
} Options;

static gboolean
parse_options (int argc, char **argv, Options *options, GError **error)
{
  *options = (Options){ .model = argc > 1 ? argv[1] : "scannet",
                        .engine = argc > 4 ? argv[4] : "cpu",
                        .form = argc > 6 && strcmp (argv[6], "b") == 0
                                    ? AX_DENSE_FRAGMENTS
                                    : AX_DENSE_DILATED };
  return ax_parse_int (argc > 2 ? argv[2] : "564", "SIDE", 1, 1 << 15,
                       &options->side, error)
         && ax_parse_int (argc > 3 ? argv[3] : "1", "ALPHA", 1, 64,
                          &options->alpha, error)
         && ax_parse_int (argc > 5 ? argv[5] : "0", "N_THREADS", 0, 1024,
                          &options->n_threads, error);
}

static double
get_seconds (clockid_t clock)
{
  struct timespec now;
  clock_gettime (clock, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static gboolean
time_runs (AxPlan *plan, gint64 side, GError **error)
{
  const gsize n_bytes = (gsize)(side * side) * 3;
  char line[16];
  gint64 shape[4];
  ax_plan_get_output_shape (plan, 0, shape);
  g_autofree guint8 *rgb = g_malloc (n_bytes);
  g_autofree float *map
      = g_new (float, (gsize)(shape[0] * shape[1] * shape[2] * shape[3]));
  for (gsize i = 0; i < n_bytes; i++)
    rgb[i] = (guint8)(i * 2654435761u >> 24);
  while (fgets (line, sizeof line, stdin) != NULL)
    {
      const double start = get_seconds (CLOCK_MONOTONIC);
      const double start_cpu = get_seconds (CLOCK_PROCESS_CPUTIME_ID);
      if (!ax_plan_forward_rgb (plan, rgb, &map, error))
        return FALSE;
      printf ("%.6f %.6f\n", get_seconds (CLOCK_MONOTONIC) - start,
              get_seconds (CLOCK_PROCESS_CPUTIME_ID) - start_cpu);
      fflush (stdout);
    }
  return TRUE;
}

static gboolean
run (const Options *options, GError **error)
{
  const AxEngineSetup setup = { .n_threads = (int)options->n_threads };
  const int side = (int)options->side;
  g_autoptr (AxModel) model = ax_model_new_random (options->model, SEED, error);
  g_autoptr (AxEngine) engine
      = model != NULL ? ax_engine_new (options->engine, &setup, error) : NULL;
  g_autoptr (AxGraph) graph
      = engine != NULL
            ? ax_graph_make_dense (ax_model_get_inference_graph (model),
                                   (int)options->alpha, options->form, error)
            : NULL;
  if (graph == NULL)
    return FALSE;
  const AxGraphView *view = ax_graph_get_view (graph);
  g_autofree AxShape *shapes = g_new (AxShape, (gsize)view->n_nodes);
  if (!ax_graph_infer_shapes (view, 1, side, side, shapes, error))
    return FALSE;
  const double start = get_seconds (CLOCK_MONOTONIC);
  g_autoptr (AxPlan) plan
      = ax_plan_new (engine, graph, ax_model_get_inference_weights (model), 1,
                     side, side, error);
  if (plan == NULL)
    return FALSE;
  printf ("ready %.0f %.3f\n", ax_graph_count_flops (view, shapes),
          get_seconds (CLOCK_MONOTONIC) - start);
  fflush (stdout);
  return time_runs (plan, options->side, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  Options options;
  if (parse_options (argc, argv, &options, &error) && run (&options, &error))
    return 0;
  fprintf (stderr, "bench-forward: %s\n", error->message);
  return 1;
}
