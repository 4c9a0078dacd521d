#include "core/detect/scan-rebuild.h"

#include "core/base/error.h"
#include "core/base/ring.h"
#include "core/base/trace.h"

/* As many as the engine has under way, and one to work on. */
#define N_OUTPUTS (AX_MAX_IN_FLIGHT + 1)

struct _AxScanRebuild
{
  /* immutable */
  AxScanPlan *plan;
  AxProbMap *map;
  AxScanStatus *status; /* (unowned) */
  AxScanBlockFunc keep;
  gpointer keep_data;
  AxRing *ring;
  GThread *thread;

  /* the thread only */
  float *interleaved; /* (cells, cells) */
  guint16 *cells;     /* (cells, cells) */
};

static gsize
count_cells (AxScanRebuild *self)
{
  gsize side = ax_scan_plan_get_dense (self->plan)->cells;

  return side * side;
}

static void
output_free (gpointer data)
{
  AxScanOutput *output = data;

  g_free (output->p);
  g_array_unref (output->damaged);
  g_free (output);
}

static gpointer
output_new (gpointer data)
{
  AxScanRebuild *self = data;
  AxScanOutput *output = g_new0 (AxScanOutput, 1);

  output->damaged = g_array_new (FALSE, FALSE, sizeof (AxRect0));
  output->p = g_try_new (float, count_cells (self));
  if (output->p == NULL)
    g_clear_pointer (&output, output_free);
  return output;
}

static const float *
interleave (AxScanRebuild *self, const AxScanOutput *output)
{
  if (!ax_scan_plan_get_options (self->plan)->naive)
    return output->p;
  ax_dense_interleave (ax_scan_plan_get_dense (self->plan), output->p,
                       self->interleaved);
  return self->interleaved;
}

static gboolean
keep_block (AxScanRebuild *self, const AxScanBlock *block, GError **error)
{
  g_autoptr (GError) own = NULL;

  if (self->keep == NULL || self->keep (block, self->keep_data, &own))
    return TRUE;
  if (own == NULL)
    g_set_error (&own, AX_ERROR, AX_ERROR_IO,
                 "ROI %u was not kept, for no stated reason", block->roi);
  g_propagate_error (error, g_steal_pointer (&own));
  return FALSE;
}

static gboolean
rebuild (AxScanRebuild *self, const AxScanOutput *output, GError **error)
{
  const AxRoi *roi = ax_scan_plan_get_roi (self->plan, output->index);
  AxScanBlock block
      = { .roi = roi->id, .rect = roi->cells, .cells = self->cells };
  AxScanArea area = { 0 };

  ax_scan_block_fill (self->plan, roi, interleave (self, output),
                      output->damaged, self->cells);
  ax_scan_block_measure (self->plan, roi, self->cells, &area);
  block.n_failed = area.n_failed;
  if (!ax_prob_map_write (self->map, roi->cells, self->cells, error)
      || !keep_block (self, &block, error))
    return FALSE;
  ax_scan_status_add_block (self->status, roi, &area, FALSE);
  return TRUE;
}

static gpointer
rebuild_thread (gpointer data)
{
  AxScanRebuild *self = data;
  gboolean failed = FALSE;
  AxScanOutput *output;

  while ((output = ax_ring_take_filled (self->ring)) != NULL)
    {
      gint64 start_us = ax_trace_now_us ();
      GError *error = NULL;

      if (!failed && !rebuild (self, output, &error))
        {
          failed = TRUE;
          ax_scan_status_stop (self->status, error);
        }
      ax_ring_put_free (self->ring, output);
      ax_scan_status_add_times (self->status, 0, 0,
                                ax_trace_now_us () - start_us);
    }
  return NULL;
}

AxScanRebuild *
ax_scan_rebuild_new (AxScanPlan *plan, AxProbMap *map, AxScanStatus *status,
                     AxScanBlockFunc keep, gpointer keep_data, GError **error)
{
  AxScanRebuild *self;

  g_return_val_if_fail (plan != NULL, NULL);
  g_return_val_if_fail (map != NULL, NULL);
  g_return_val_if_fail (status != NULL, NULL);

  self = g_new0 (AxScanRebuild, 1);
  self->plan = ax_scan_plan_ref (plan);
  self->map = ax_prob_map_ref (map);
  self->status = status;
  self->keep = keep;
  self->keep_data = keep_data;
  self->interleaved = g_try_new (float, count_cells (self));
  self->cells = g_try_new (guint16, count_cells (self));
  self->ring = ax_ring_new (N_OUTPUTS, output_new, output_free, self);
  if (self->interleaved == NULL || self->cells == NULL || self->ring == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "no memory for ROIs of %d x %d cells",
                   ax_scan_plan_get_dense (plan)->cells,
                   ax_scan_plan_get_dense (plan)->cells);
      ax_scan_rebuild_free (self);
      return NULL;
    }
  self->thread = g_thread_new ("scan-rebuild", rebuild_thread, self);
  return self;
}

void
ax_scan_rebuild_free (AxScanRebuild *self)
{
  if (self == NULL)
    return;
  if (self->thread != NULL)
    {
      ax_ring_close (self->ring, FALSE);
      g_thread_join (self->thread);
    }
  ax_ring_free (self->ring);
  g_free (self->interleaved);
  g_free (self->cells);
  ax_prob_map_unref (self->map);
  ax_scan_plan_unref (self->plan);
  g_free (self);
}

AxScanOutput *
ax_scan_rebuild_take (AxScanRebuild *self)
{
  return ax_ring_take_free (self->ring);
}

void
ax_scan_rebuild_put (AxScanRebuild *self, AxScanOutput *output)
{
  ax_ring_put_filled (self->ring, output);
}

void
ax_scan_rebuild_give_back (AxScanRebuild *self, AxScanOutput *output)
{
  ax_ring_put_free (self->ring, output);
}
