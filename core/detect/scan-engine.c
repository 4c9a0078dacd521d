#include "core/detect/scan-engine.h"

#include "core/base/error.h"
#include "core/nn/plan-outputs.h"

struct _AxScanEngine
{
  AxScanPlan *scan;
  AxEngine *engine;
  AxPlan *plan;
  int side_px;    /* of what one pass reads */
  int side_cells; /* of what one pass gives */
  int n_passes;   /* per axis */
  guint8 *tile;   /* (side_px, side_px, 3), when there are several passes */
  guint output;   /* of the network's outputs, the one that the map shows */
  AxPlanOutputs outputs;
};

static gboolean
compile (AxScanEngine *self, GError **error)
{
  const AxDense *dense = ax_scan_plan_get_dense (self->scan);
  AxModel *model = ax_scan_plan_get_model (self->scan);
  g_autoptr (AxGraph) graph = NULL;

  graph = ax_model_make_dense_graph (model, dense->alpha / self->n_passes,
                                     ax_engine_get_dense_form (self->engine),
                                     error);
  if (graph == NULL)
    return FALSE;
  self->plan = ax_plan_new (self->engine, graph,
                            ax_model_get_inference_weights (model), 1,
                            self->side_px, self->side_px, error);
  return self->plan != NULL;
}

/* The channel of the wanted output that the map shows, of how many. */
static void
find_channel (AxScanEngine *self, guint *channel, guint *n_channels)
{
  AxModel *model = ax_scan_plan_get_model (self->scan);
  guint n_tasks;
  const AxModelTask *tasks = ax_model_get_tasks (model, &n_tasks);
  gboolean classes = tasks[self->output].target != AX_TARGET_FRACTION;

  *channel = classes ? ax_model_get_tumor_class (model) : 0;
  *n_channels = classes ? ax_model_get_n_classes (model) : 1;
}

static gboolean
check_output (AxScanEngine *self, GError **error)
{
  AxModel *model = ax_scan_plan_get_model (self->scan);
  guint channel, n_channels;
  gint64 shape[4];

  find_channel (self, &channel, &n_channels);
  ax_plan_get_output_shape (self->plan, self->output, shape);
  if (shape[0] == 1 && shape[1] == n_channels && shape[2] == self->side_cells
      && shape[3] == self->side_cells)
    return TRUE;
  g_set_error (error, AX_ERROR, AX_ERROR_UNSUPPORTED,
               "%s: the network gives %" G_GINT64_FORMAT " x %" G_GINT64_FORMAT
               " x %" G_GINT64_FORMAT " values for %d pixels, not %u x %d x %d",
               ax_model_get_name (model), shape[1], shape[2], shape[3],
               self->side_px, n_channels, self->side_cells, self->side_cells);
  return FALSE;
}

static gboolean
allocate (AxScanEngine *self, GError **error)
{
  gsize tile_bytes = (gsize)3 * self->side_px * self->side_px;

  if (!ax_plan_outputs_init (&self->outputs, self->plan, error))
    return FALSE;
  if (self->n_passes == 1)
    return TRUE;
  self->tile = g_try_malloc (tile_bytes);
  if (self->tile == NULL)
    g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                 "no memory for a ROI of %d pixels", self->side_px);
  return self->tile != NULL;
}

AxScanEngine *
ax_scan_engine_new (const char *name, AxScanPlan *plan, int n_threads,
                    GError **error)
{
  const AxEngineSetup setup = { .n_threads = n_threads };
  const AxDense *dense;
  g_autoptr (AxScanEngine) self = NULL;
  gboolean naive;

  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (plan != NULL, NULL);

  dense = ax_scan_plan_get_dense (plan);
  naive = ax_scan_plan_get_options (plan)->naive;
  self = g_new0 (AxScanEngine, 1);
  self->scan = ax_scan_plan_ref (plan);
  self->side_px = naive ? dense->tile_px : dense->input_px;
  self->side_cells = naive ? dense->tile_cells : dense->cells;
  self->n_passes = naive ? dense->alpha : 1;
  self->output = ax_scan_plan_get_options (plan)->output;

  self->engine = ax_engine_new (name, &setup, error);
  if (self->engine == NULL || !compile (self, error)
      || !check_output (self, error) || !allocate (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
ax_scan_engine_free (AxScanEngine *self)
{
  if (self == NULL)
    return;
  ax_plan_outputs_clear (&self->outputs);
  g_free (self->tile);
  g_clear_pointer (&self->plan, ax_plan_free);
  g_clear_pointer (&self->engine, ax_engine_free);
  ax_scan_plan_unref (self->scan);
  g_free (self);
}

AxEngine *
ax_scan_engine_get_engine (AxScanEngine *self)
{
  return self->engine;
}

/* Runs the network and copies the channel that is shown to @p. */
static gboolean
run_pass (AxScanEngine *self, const guint8 *rgb, float *p, GError **error)
{
  gsize n_cells = (gsize)self->side_cells * self->side_cells;
  guint channel, n_channels;

  find_channel (self, &channel, &n_channels);
  if (!ax_plan_forward_rgb (self->plan, rgb, self->outputs.values, error))
    return FALSE;
  memcpy (p, self->outputs.values[self->output] + channel * n_cells,
          n_cells * sizeof (float));
  return TRUE;
}

/* Copies the part of a ROI that is shifted by whole steps. */
static void
copy_tile (AxScanEngine *self, const guint8 *rgb, int row, int col)
{
  const AxDense *dense = ax_scan_plan_get_dense (self->scan);
  gsize row_bytes = (gsize)3 * self->side_px;
  gsize rgb_row_bytes = (gsize)3 * dense->input_px;
  const guint8 *from
      = rgb + row * dense->step * rgb_row_bytes + 3 * col * dense->step;

  for (int y = 0; y < self->side_px; y++)
    memcpy (self->tile + y * row_bytes, from + y * rgb_row_bytes, row_bytes);
}

gboolean
ax_scan_engine_run (AxScanEngine *self, const guint8 *rgb, float *p,
                    GError **error)
{
  gsize n_cells = (gsize)self->side_cells * self->side_cells;

  if (self->n_passes == 1)
    return run_pass (self, rgb, p, error);
  for (int row = 0; row < self->n_passes; row++)
    for (int col = 0; col < self->n_passes; col++)
      {
        copy_tile (self, rgb, row, col);
        if (!run_pass (self, self->tile, p, error))
          return FALSE;
        p += n_cells;
      }
  return TRUE;
}
