#include "core/detect/scan-engine.h"

#include "core/base/error.h"
#include "core/base/trace.h"
#include "core/nn/plan-outputs.h"

/* A ROI that was submitted. */
typedef struct
{
  const guint8 *rgb;
  float *p;
  gboolean under_way;    /* or still to be done */
  AxPlanOutputs outputs; /* of the network */
} Pass;

struct _AxScanEngine
{
  AxScanPlan *scan;
  AxEngine *engine;
  AxPlan *plan;
  int n_offsets;  /* per axis: shifted passes of a naive plan */
  int n_strides;  /* per axis: of the network's, that one pass gives cells of */
  int side_px;    /* of what one pass reads */
  int side_cells; /* of what one pass gives */
  guint8 *tile;   /* (side_px, side_px, 3), when that is less than a ROI */
  guint output;   /* of the network's outputs, the one that the map shows */
  Pass passes[AX_MAX_IN_FLIGHT];
  guint first, n_submitted; /* of the passes, from the oldest on */
};

/* Cells per side of what a pass gives that has a stride more. */
static int
get_cells_per_stride (const AxScanEngine *self)
{
  return ax_scan_plan_get_dense (self->scan)->alpha / self->n_offsets;
}

static void
set_size (AxScanEngine *self, int n_strides)
{
  const AxDense *dense = ax_scan_plan_get_dense (self->scan);
  int whole_px = self->n_offsets > 1 ? dense->tile_px : dense->input_px;

  self->n_strides = n_strides;
  self->side_px = whole_px - (dense->tile_cells - n_strides) * dense->stride;
  self->side_cells = n_strides * get_cells_per_stride (self);
}

static gboolean
compile (AxScanEngine *self, GError **error)
{
  AxModel *model = ax_scan_plan_get_model (self->scan);
  g_autoptr (AxGraph) graph = NULL;

  graph = ax_model_make_dense_graph (model, get_cells_per_stride (self),
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
find_channel (const AxScanEngine *self, guint *channel, guint *n_channels)
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

  for (guint i = 0; i < ax_plan_get_max_in_flight (self->plan); i++)
    if (!ax_plan_outputs_init (&self->passes[i].outputs, self->plan, error))
      return FALSE;
  if (self->side_px == ax_scan_plan_get_dense (self->scan)->input_px)
    return TRUE;
  self->tile = g_try_malloc (tile_bytes);
  if (self->tile == NULL)
    g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                 "no memory for a ROI of %d pixels", self->side_px);
  return self->tile != NULL;
}

static void
clear (AxScanEngine *self)
{
  g_clear_pointer (&self->plan, ax_plan_free);
  for (guint i = 0; i < AX_MAX_IN_FLIGHT; i++)
    ax_plan_outputs_clear (&self->passes[i].outputs);
  g_clear_pointer (&self->tile, g_free);
}

static gboolean
prepare (AxScanEngine *self, GError **error)
{
  clear (self);
  return compile (self, error) && check_output (self, error)
         && allocate (self, error);
}

/* Does ROIs in parts of half the side from now on, when memory is what lacked;
 * @reason: (transfer full). */
static gboolean
halve (AxScanEngine *self, GError *reason, GError **error)
{
  do
    {
      if (!g_error_matches (reason, AX_ERROR, AX_ERROR_MEMORY)
          || self->n_strides == 1)
        {
          g_propagate_error (error, reason);
          return FALSE;
        }
      set_size (self, (self->n_strides + 1) / 2);
      ax_trace (AX_TRACE_SCAN, "ROIs in parts of %d pixels: %s", self->side_px,
                reason->message);
      g_clear_error (&reason);
    }
  while (!prepare (self, &reason));
  return TRUE;
}

AxScanEngine *
ax_scan_engine_new (const char *name, AxScanPlan *plan, int n_threads,
                    GError **error)
{
  const AxEngineSetup setup = { .n_threads = n_threads };
  const AxDense *dense;
  g_autoptr (AxScanEngine) self = NULL;
  GError *reason = NULL;

  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (plan != NULL, NULL);

  dense = ax_scan_plan_get_dense (plan);
  self = g_new0 (AxScanEngine, 1);
  self->scan = ax_scan_plan_ref (plan);
  self->n_offsets = ax_scan_plan_get_options (plan)->naive ? dense->alpha : 1;
  self->output = ax_scan_plan_get_options (plan)->output;
  set_size (self, dense->tile_cells);

  self->engine = ax_engine_new (name, &setup, error);
  if (self->engine == NULL)
    return NULL;
  if (!prepare (self, &reason) && !halve (self, reason, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
ax_scan_engine_free (AxScanEngine *self)
{
  if (self == NULL)
    return;
  clear (self);
  g_clear_pointer (&self->engine, ax_engine_free);
  ax_scan_plan_unref (self->scan);
  g_free (self);
}

AxEngine *
ax_scan_engine_get_engine (AxScanEngine *self)
{
  return self->engine;
}

/* Copies the channel that is shown to @p, whose rows are @p_cells apart. */
static void
show (const AxScanEngine *self, const AxPlanOutputs *outputs, float *p,
      int p_cells)
{
  gsize side = self->side_cells;
  guint channel, n_channels;
  const float *from;

  find_channel (self, &channel, &n_channels);
  from = outputs->values[self->output] + channel * side * side;
  for (gsize row = 0; row < side; row++)
    memcpy (p + row * p_cells, from + row * side, side * sizeof (float));
}

static gboolean
run_pass (AxScanEngine *self, const guint8 *rgb, float *p, int p_cells,
          GError **error)
{
  AxPlanOutputs *outputs = &self->passes[0].outputs;

  if (!ax_plan_forward_rgb (self->plan, rgb, outputs->values, error))
    return FALSE;
  show (self, outputs, p, p_cells);
  return TRUE;
}

/* What a pass reads of a ROI, from a pixel of it on. */
static const guint8 *
cut_tile (AxScanEngine *self, const guint8 *rgb, int x, int y)
{
  gsize row_bytes = (gsize)3 * self->side_px;
  gsize rgb_row_bytes
      = (gsize)3 * ax_scan_plan_get_dense (self->scan)->input_px;

  if (self->tile == NULL)
    return rgb;
  for (int row = 0; row < self->side_px; row++)
    memcpy (self->tile + row * row_bytes,
            rgb + (y + row) * rgb_row_bytes + 3 * x, row_bytes);
  return self->tile;
}

/* All parts of a ROI, shifted by @x and @y pixels; the last ones of a row or
 * column begin early enough to be as large as the others. */
static gboolean
run_parts (AxScanEngine *self, const guint8 *rgb, int x, int y, float *p,
           GError **error)
{
  const AxDense *dense = ax_scan_plan_get_dense (self->scan);
  int n_cells = get_cells_per_stride (self);
  int p_cells = dense->tile_cells * n_cells;
  int last = dense->tile_cells - self->n_strides;

  for (int i = 0; i < last + self->n_strides; i += self->n_strides)
    for (int j = 0; j < last + self->n_strides; j += self->n_strides)
      {
        int row = MIN (i, last), col = MIN (j, last);
        const guint8 *tile = cut_tile (self, rgb, x + col * dense->stride,
                                       y + row * dense->stride);

        if (!run_pass (self, tile, p + ((gsize)row * p_cells + col) * n_cells,
                       p_cells, error))
          return FALSE;
      }
  return TRUE;
}

static gboolean
run_offsets (AxScanEngine *self, const guint8 *rgb, float *p, GError **error)
{
  const AxDense *dense = ax_scan_plan_get_dense (self->scan);
  gsize side = (gsize)dense->tile_cells * get_cells_per_stride (self);

  for (int row = 0; row < self->n_offsets; row++)
    for (int col = 0; col < self->n_offsets; col++)
      {
        if (!run_parts (self, rgb, col * dense->step, row * dense->step, p,
                        error))
          return FALSE;
        p += side * side;
      }
  return TRUE;
}

/* Ends what is under way without looking at it; it is still to be done. */
static void
stop_all (AxScanEngine *self)
{
  for (guint i = 0; i < AX_MAX_IN_FLIGHT; i++)
    {
      if (self->passes[i].under_way)
        ax_plan_wait (self->plan, NULL);
      self->passes[i].under_way = FALSE;
    }
}

static gboolean
is_whole (const AxScanEngine *self)
{
  return self->n_offsets == 1 && self->tile == NULL;
}

guint
ax_scan_engine_get_max_in_flight (const AxScanEngine *self)
{
  return ax_plan_get_max_in_flight (self->plan);
}

gboolean
ax_scan_engine_submit (AxScanEngine *self, const guint8 *rgb, float *p,
                       GError **error)
{
  GError *reason = NULL;
  Pass *pass;

  g_return_val_if_fail (
      self->n_submitted < ax_scan_engine_get_max_in_flight (self), FALSE);

  pass = &self->passes[(self->first + self->n_submitted)
                       % ax_scan_engine_get_max_in_flight (self)];
  pass->rgb = rgb;
  pass->p = p;
  self->n_submitted++;
  if (!is_whole (self))
    return TRUE;
  pass->under_way
      = ax_plan_submit_rgb (self->plan, rgb, pass->outputs.values, &reason);
  if (pass->under_way)
    return TRUE;
  stop_all (self);
  return halve (self, reason, error);
}

gboolean
ax_scan_engine_wait (AxScanEngine *self, GError **error)
{
  GError *reason = NULL;
  Pass *pass = &self->passes[self->first];
  gboolean done;

  g_return_val_if_fail (self->n_submitted > 0, FALSE);

  self->first = (self->first + 1) % ax_scan_engine_get_max_in_flight (self);
  self->n_submitted--;
  done = pass->under_way && ax_plan_wait (self->plan, &reason);
  pass->under_way = FALSE;
  if (done)
    {
      show (self, &pass->outputs, pass->p, self->side_cells);
      return TRUE;
    }
  stop_all (self);
  if (reason != NULL && !halve (self, g_steal_pointer (&reason), error))
    return FALSE;
  while (!run_offsets (self, pass->rgb, pass->p, &reason))
    if (!halve (self, g_steal_pointer (&reason), error))
      return FALSE;
  return TRUE;
}
