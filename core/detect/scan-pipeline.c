#include "core/detect/scan-pipeline.h"

#include "core/base/error.h"
#include "core/base/thread.h"
#include "core/base/trace.h"
#include "core/detect/roi-queue.h"
#include "core/detect/scan-engine.h"
#include "core/detect/scan-readers.h"
#include "core/detect/scan-rebuild.h"

#define CACHE_BYTES ((gsize)256 << 20)
#define MAX_READERS 8

struct _AxScanPipeline
{
  /* immutable */
  AxScanPlan *plan;
  AxScanStatus *status; /* (unowned) */
  char *engine_name;    /* "auto", ... */
  gboolean gives_way;
  int n_threads;
  int n_readers;
  AxProbMap *map;
  AxTileCache *cache;
  AxRegionReader *region;
  AxRoiQueue *queue;
  AxScanRebuild *rebuild; /* the engine thread's, once started */
  GThread *thread;
};

/* How work with one engine ended. */
typedef enum
{
  OUTCOME_OVER,     /* nothing left to do, or asked to stop */
  OUTCOME_NOT_MADE, /* the engine did not come up */
  OUTCOME_GAVE_UP,  /* the engine failed while working */
} Outcome;

/* A ROI that the engine has, and all of them, the oldest first. */
typedef struct
{
  AxScanSlot *slot;
  AxScanOutput *output;
} Work;

typedef struct
{
  AxScanEngine *engine;
  AxScanReaders *readers;
  Work work[AX_MAX_IN_FLIGHT];
  guint n;
} Flight;

static int
count_readers (int wanted)
{
  if (wanted > 0)
    return wanted;
  return CLAMP ((int)g_get_num_processors () / 2, 1, MAX_READERS);
}

AxScanPipeline *
ax_scan_pipeline_new (AxScanPlan *plan, const AxScanSetup *setup,
                      AxScanStatus *status, GError **error)
{
  const AxProbGeometry *geometry;
  AxScanPipeline *self;
  gsize cache_bytes;

  g_return_val_if_fail (plan != NULL, NULL);
  g_return_val_if_fail (setup != NULL, NULL);
  g_return_val_if_fail (status != NULL, NULL);

  geometry = ax_scan_plan_get_geometry (plan);
  cache_bytes = setup->cache_bytes > 0 ? setup->cache_bytes : CACHE_BYTES;
  self = g_new0 (AxScanPipeline, 1);
  self->plan = ax_scan_plan_ref (plan);
  self->status = status;
  self->engine_name = g_strdup (setup->engine != NULL ? setup->engine : "auto");
  self->gives_way = setup->gives_way;
  self->n_threads = setup->n_threads;
  self->n_readers = count_readers (setup->n_readers);
  self->queue = ax_roi_queue_new (plan);
  self->cache = ax_tile_cache_new (ax_scan_plan_get_slide (plan), cache_bytes);
  self->map = ax_prob_map_new (
      *geometry, ax_scan_plan_get_options (plan)->map_bytes, error);
  if (self->map != NULL)
    self->region = ax_region_reader_new (
        self->cache, geometry->mpp,
        ax_model_get_mpp (ax_scan_plan_get_model (plan)), error);
  if (self->region != NULL)
    self->rebuild = ax_scan_rebuild_new (plan, self->map, status, setup->keep,
                                         setup->keep_data, error);
  if (self->rebuild == NULL)
    g_clear_pointer (&self, ax_scan_pipeline_free);
  return self;
}

void
ax_scan_pipeline_free (AxScanPipeline *self)
{
  if (self == NULL)
    return;
  if (self->thread != NULL)
    g_thread_join (self->thread);
  ax_scan_rebuild_free (self->rebuild);
  ax_roi_queue_free (self->queue);
  g_clear_pointer (&self->region, ax_region_reader_free);
  g_clear_pointer (&self->cache, ax_tile_cache_unref);
  g_clear_pointer (&self->map, ax_prob_map_unref);
  g_free (self->engine_name);
  ax_scan_plan_unref (self->plan);
  g_free (self);
}

static gboolean
take_roi (AxScanPipeline *self, AxScanReaders *readers, AxScanSlot **slot)
{
  gint64 start_us = ax_trace_now_us ();
  GError *error = NULL;

  if (!ax_scan_readers_take (readers, slot, &error))
    ax_scan_status_stop (self->status, error);
  ax_scan_status_add_times (self->status, ax_trace_now_us () - start_us, 0, 0);
  return *slot != NULL;
}

/* Hands a ROI to the engine. */
static gboolean
begin_roi (AxScanPipeline *self, Flight *flight, AxScanSlot *slot,
           GError **error)
{
  Work *work = &flight->work[flight->n++];
  gint64 start_us;
  gboolean begun;

  work->slot = slot;
  work->output = ax_scan_rebuild_take (self->rebuild);
  start_us = ax_trace_now_us ();
  begun = ax_scan_engine_submit (flight->engine, slot->rgb, work->output->p,
                                 error);
  ax_scan_status_add_times (self->status, 0, ax_trace_now_us () - start_us, 0);
  return begun;
}

/* Waits for the first ROI that is under way and hands the output on. */
static gboolean
end_roi (AxScanPipeline *self, Flight *flight, GError **error)
{
  Work work = flight->work[0];
  gint64 start_us = ax_trace_now_us ();
  GArray *damaged;

  if (!ax_scan_engine_wait (flight->engine, error))
    return FALSE;
  ax_scan_status_add_times (self->status, 0, ax_trace_now_us () - start_us, 0);
  flight->n--;
  memmove (&flight->work[0], &flight->work[1], flight->n * sizeof work);

  work.output->index = work.slot->index;
  damaged = work.output->damaged;
  work.output->damaged = work.slot->damaged;
  work.slot->damaged = damaged;
  ax_roi_queue_finish (self->queue, work.slot->index);
  ax_scan_rebuild_put (self->rebuild, work.output);
  ax_scan_readers_give_back (flight->readers, work.slot);
  return TRUE;
}

/* Of an engine that has failed. */
static void
give_back (AxScanPipeline *self, Flight *flight)
{
  for (guint i = 0; i < flight->n; i++)
    {
      ax_scan_rebuild_give_back (self->rebuild, flight->work[i].output);
      ax_scan_readers_give_back (flight->readers, flight->work[i].slot);
    }
}

/* Whether another ROI is wanted before the first one is waited for. */
static gboolean
has_room (AxScanPipeline *self, const Flight *flight)
{
  if (flight->n == 0)
    return TRUE;
  return flight->n < ax_scan_engine_get_max_in_flight (flight->engine)
         && ax_scan_readers_have_one (flight->readers)
         && !ax_scan_status_is_paused (self->status);
}

static Outcome
run_rois (AxScanPipeline *self, AxScanEngine *engine, AxScanReaders *readers,
          GError **error)
{
  Flight flight = { .engine = engine, .readers = readers };
  gboolean goes_on = TRUE, good = TRUE;

  while (good && (goes_on || flight.n > 0))
    {
      AxScanSlot *slot = NULL;

      if (!goes_on || !has_room (self, &flight))
        {
          good = end_roi (self, &flight, error);
          continue;
        }
      goes_on = take_roi (self, readers, &slot);
      if (!goes_on)
        continue;
      goes_on = ax_scan_status_rest (self->status);
      if (goes_on)
        good = begin_roi (self, &flight, slot, error);
      else
        ax_scan_readers_give_back (readers, slot);
    }
  give_back (self, &flight);
  return good ? OUTCOME_OVER : OUTCOME_GAVE_UP;
}

static Outcome
run_with_engine (AxScanPipeline *self, const char *name, GError **error)
{
  g_autoptr (AxScanEngine) engine = NULL;
  AxScanReaders *readers;
  AxEngine *device;
  Outcome outcome;

  engine = ax_scan_engine_new (name, self->plan, self->n_threads, error);
  if (engine == NULL)
    return OUTCOME_NOT_MADE;
  device = ax_scan_engine_get_engine (engine);
  readers = ax_scan_readers_new (self->plan, self->queue, self->region,
                                 self->n_readers, device, error);
  if (readers == NULL)
    return OUTCOME_NOT_MADE;

  ax_scan_status_set_engine (self->status, ax_engine_get_name (device),
                             ax_engine_get_report (device)->device);
  outcome = run_rois (self, engine, readers, error);
  ax_scan_readers_free (readers);
  ax_roi_queue_put_back (self->queue);
  return outcome;
}

/*
 * (element-type utf8): engines to try: the wanted one first, then the usable
 * ones in order of preference.
 */
static GPtrArray *
list_engines (AxScanPipeline *self)
{
  gboolean automatic = g_str_equal (self->engine_name, "auto");
  GPtrArray *names = g_ptr_array_new ();
  guint n_engines = 0;
  const AxEngineInfo *engines = ax_engine_list (&n_engines);

  if (!automatic)
    g_ptr_array_add (names, self->engine_name);
  for (guint i = 0; i < n_engines; i++)
    {
      if (g_str_equal (engines[i].name, self->engine_name))
        continue;
      if (engines[i].report.usable)
        g_ptr_array_add (names, (gpointer)engines[i].name);
      else if (names->len == 0)
        ax_scan_status_add_fallback (self->status, engines[i].report.why);
    }
  return names;
}

/* Whether the next engine may do better. */
static gboolean
may_fall_back (AxScanPipeline *self, Outcome outcome, guint n_tried,
               const GError *error)
{
  if (outcome == OUTCOME_GAVE_UP)
    return g_error_matches (error, AX_ERROR, AX_ERROR_DEVICE)
           || g_error_matches (error, AX_ERROR, AX_ERROR_MEMORY);
  /* an engine that was asked for by name must come up */
  return n_tried > 1 || g_str_equal (self->engine_name, "auto");
}

static void
run_engines (AxScanPipeline *self)
{
  g_autoptr (GPtrArray) names = list_engines (self);
  GError *error = NULL;

  for (guint i = 0; i < names->len; i++)
    {
      const char *name = names->pdata[i];
      Outcome outcome;

      g_clear_error (&error);
      outcome = run_with_engine (self, name, &error);
      if (outcome == OUTCOME_OVER)
        return;
      if (!may_fall_back (self, outcome, i + 1, error))
        break;
      ax_trace (AX_TRACE_SCAN, "falls back: %s", error->message);
      ax_scan_status_add_fault (self->status, error->message);
    }
  if (error == NULL)
    g_set_error (&error, AX_ERROR, AX_ERROR_NO_DEVICE,
                 "no engine is usable: %s",
                 ax_scan_status_get_fallback (self->status));
  ax_scan_status_stop (self->status, error);
}

static gpointer
engine_thread (gpointer data)
{
  AxScanPipeline *self = data;

  if (self->gives_way)
    ax_thread_give_way ();
  if (ax_roi_queue_get_n_left (self->queue) > 0
      && ax_scan_status_begin_work (self->status))
    run_engines (self);
  g_clear_pointer (&self->rebuild, ax_scan_rebuild_free);
  ax_scan_status_finish (self->status);
  return NULL;
}

void
ax_scan_pipeline_start (AxScanPipeline *self)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (self->thread == NULL);

  self->thread = g_thread_new ("scan-engine", engine_thread, self);
}

static gboolean
block_does_not_fit (const AxScanBlock *block, GError **error)
{
  g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
               "the kept block of ROI %u does not fit the scan's plan",
               block->roi);
  return FALSE;
}

gboolean
ax_scan_pipeline_restore (AxScanPipeline *self, const AxScanBlock *block,
                          GError **error)
{
  AxScanArea area = { 0 };
  const AxRoi *roi;
  guint index;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (block != NULL && block->cells != NULL, FALSE);

  if (!ax_scan_plan_find_roi (self->plan, block->roi, &index))
    return block_does_not_fit (block, error);
  roi = ax_scan_plan_get_roi (self->plan, index);
  if (memcmp (&roi->cells, &block->rect, sizeof roi->cells) != 0
      || !ax_scan_block_measure (self->plan, roi, block->cells, &area)
      || area.n_failed != block->n_failed)
    return block_does_not_fit (block, error);

  if (!ax_prob_map_write (self->map, roi->cells, block->cells, error))
    return FALSE;
  if (ax_roi_queue_finish (self->queue, index))
    ax_scan_status_add_block (self->status, roi, &area, TRUE);
  return TRUE;
}

void
ax_scan_pipeline_set_focus (AxScanPipeline *self, AxRect0 visible)
{
  ax_roi_queue_set_focus (self->queue, visible);
}

AxProbMap *
ax_scan_pipeline_get_map (AxScanPipeline *self)
{
  return self->map;
}
