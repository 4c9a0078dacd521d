#include "app/bench.h"

#include "core/base/error.h"
#include "core/base/rng.h"
#include "core/detect/dense.h"
#include "core/nn/graph-shape.h"
#include "core/nn/plan-outputs.h"

/* Regions of algorithms.md 1.3 and 7.5.  The reference engine is not made for
   speed and gets one field. */
static const int rois_px[] = { 564, 1076 };

#define DENSE_ALPHA 2

/* A network compiled for one square region, with noise to look at. */
typedef struct
{
  AxPlan *plan;
  guint8 *rgb;
  AxPlanOutputs outputs;
  double flops;
} Region;

static void
region_clear (Region *region)
{
  g_clear_pointer (&region->plan, ax_plan_free);
  g_clear_pointer (&region->rgb, g_free);
  ax_plan_outputs_clear (&region->outputs);
}

static gboolean
region_init (Region *region, AxEngine *engine, AxGraph *graph, AxModel *model,
             int side, GError **error)
{
  const AxGraphView *view = ax_graph_get_view (graph);
  g_autofree AxShape *shapes = g_new (AxShape, view->n_nodes);
  gsize bytes = (gsize)side * side * 3;
  AxRng rng = ax_rng_init (1, 0);

  *region = (Region){ 0 };
  if (!ax_graph_infer_shapes (view, 1, side, side, shapes, error))
    return FALSE;
  region->flops = ax_graph_count_flops (view, shapes);
  region->plan
      = ax_plan_new (engine, graph, ax_model_get_inference_weights (model), 1,
                     side, side, error);
  if (region->plan == NULL)
    return FALSE;
  if (!ax_plan_outputs_init (&region->outputs, region->plan, error))
    {
      region_clear (region);
      return FALSE;
    }
  region->rgb = g_try_malloc (bytes);
  if (region->rgb == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "no memory for a region of %d px", side);
      region_clear (region);
      return FALSE;
    }
  for (gsize i = 0; i < bytes; i++)
    region->rgb[i] = ax_rng_below (&rng, 256);
  return TRUE;
}

static gboolean
run_region (gpointer data, GError **error)
{
  Region *region = data;

  return ax_plan_forward_rgb (region->plan, region->rgb, region->outputs.values,
                              error);
}

/* Seconds of a forward pass, negative with an error. */
static double
time_region (AxEngine *engine, AxGraph *graph, AxModel *model, int side,
             double *flops, GError **error)
{
  Region region;
  double seconds;

  if (!region_init (&region, engine, graph, model, side, error))
    return -1;
  *flops = region.flops;
  seconds = ax_bench_time (run_region, &region, error);
  region_clear (&region);
  return seconds;
}

/* One pass at @alpha over the area that one at 1 advances. */
static double
time_dense (AxEngine *engine, AxModel *model, int alpha, int roi_px,
            AxDense *dense, double *flops, GError **error)
{
  g_autoptr (AxGraph) graph = NULL;

  if (!ax_dense_init (dense, ax_model_get_cell_field (model, alpha),
                      ax_model_get_stride (model), alpha, roi_px, error))
    return -1;
  graph = ax_model_make_dense_graph (model, alpha,
                                     ax_engine_get_dense_form (engine), error);
  if (graph == NULL)
    return -1;
  return time_region (engine, graph, model, dense->input_px, flops, error);
}

static gboolean
bench_forward (AxBench *self, AxEngine *engine, AxModel *model, int roi_px,
               double *seconds, GError **error)
{
  double flops = 0, advance_mm;
  AxDense dense;

  *seconds = time_dense (engine, model, 1, roi_px, &dense, &flops, error);
  if (*seconds < 0)
    return FALSE;
  ax_bench_add_flops (self, flops / *seconds, "%s, %s, forward at %d px",
                      ax_model_get_name (model), ax_engine_get_name (engine),
                      dense.input_px);
  advance_mm = dense.cells * dense.step * ax_model_get_mpp (model) / 1000;
  ax_bench_add (self, advance_mm * advance_mm / *seconds, "mm²/s",
                "%s, %s, tissue at %d px", ax_model_get_name (model),
                ax_engine_get_name (engine), dense.input_px);
  return TRUE;
}

/* Both forms over the area that one pass of @plain_seconds advances. */
static gboolean
bench_dense (AxBench *self, AxEngine *engine, AxModel *model, int roi_px,
             double plain_seconds, GError **error)
{
  AxDense dense;
  double flops = 0;
  double seconds
      = time_dense (engine, model, DENSE_ALPHA, roi_px, &dense, &flops, error);

  if (seconds < 0)
    return FALSE;
  ax_bench_add (self, seconds / plain_seconds, "× α = 1",
                "%s, %s, shared α = %d at %d px", ax_model_get_name (model),
                ax_engine_get_name (engine), DENSE_ALPHA, dense.input_px);
  if (ax_model_has_naive_form (model))
    ax_bench_add (self, DENSE_ALPHA * DENSE_ALPHA * plain_seconds / seconds,
                  "× shared", "%s, %s, naive α = %d at %d px",
                  ax_model_get_name (model), ax_engine_get_name (engine),
                  DENSE_ALPHA, dense.tile_px);
  return TRUE;
}

gboolean
ax_bench_network (AxBench *self, AxModel *model, GError **error)
{
  const AxEngineSetup setup = { .n_threads = self->n_threads };
  g_autoptr (AxEngine) engine = ax_engine_new (self->engine, &setup, error);
  double seconds = 0;

  if (engine == NULL)
    return FALSE;
  if (g_str_equal (ax_engine_get_name (engine), "ref"))
    return bench_forward (self, engine, model, ax_model_get_field (model),
                          &seconds, error);
  for (guint i = 0; i < G_N_ELEMENTS (rois_px); i++)
    if (!bench_forward (self, engine, model, rois_px[i], &seconds, error)
        || !bench_dense (self, engine, model, rois_px[i], seconds, error))
      return FALSE;
  return TRUE;
}
