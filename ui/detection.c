#include "ui/detection.h"

#include "core/base/error.h"
#include "core/base/thread.h"
#include "ui/errand.h"

/* Beside the tiles on screen: of those that a ROI shares with its neighbours
 * few are wanted twice. */
#define SCAN_CACHE_BYTES ((gsize)32 << 20)

struct _AxDetection
{
  GCancellable *cancellable; /* of the making ready */
  gulong cancelled_handler;
  gboolean is_leaving; /* under lock: nobody wants it any more */

  AxSlide *slide;
  AxScale mpp;
  char *model_name, *engine;
  AxMapKind map;
  AxStore *store;

  AxModel *model;
  AxTissue *tissue;
  AxScanPlan *plan;
  AxStoreRun *run;
  char *not_kept; /* (nullable) */
  AxScan *scan;
};

/* Claims in the store that are let go but not released yet. */
static GMutex lock;
static GCond left;
static guint n_leaving; /* under lock */

static void
leave (AxDetection *self)
{
  g_mutex_lock (&lock);
  if (!self->is_leaving)
    n_leaving++;
  self->is_leaving = TRUE;
  g_cond_broadcast (&left);
  g_mutex_unlock (&lock);
}

static void
have_left (AxDetection *self)
{
  g_mutex_lock (&lock);
  if (self->is_leaving)
    n_leaving--;
  g_cond_broadcast (&left);
  g_mutex_unlock (&lock);
}

/* The same slide opened again meets its own claim until that is released. */
static void
wait_for_leavers (AxDetection *self)
{
  g_mutex_lock (&lock);
  while (n_leaving > 0 && !self->is_leaving)
    g_cond_wait (&left, &lock);
  g_mutex_unlock (&lock);
}

static void
detection_free (gpointer data)
{
  AxDetection *self = data;

  /* The scan's threads write to the run until they are joined. */
  g_clear_object (&self->scan);
  ax_store_run_end (self->run);
  have_left (self);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->plan, ax_scan_plan_unref);
  g_clear_pointer (&self->tissue, ax_tissue_unref);
  g_clear_pointer (&self->model, ax_model_unref);
  g_clear_pointer (&self->slide, ax_slide_unref);
  g_free (self->model_name);
  g_free (self->engine);
  g_free (self->not_kept);
  g_free (self);
}

/* Another run's claim keeps nobody from looking. */
static gboolean
begin_run (AxDetection *self, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (self->store == NULL || !ax_store_check (self->store, NULL))
    return TRUE;
  wait_for_leavers (self);
  self->run = ax_store_run_begin (self->store, self->plan, &local);
  if (g_error_matches (local, AX_ERROR, AX_ERROR_BUSY))
    self->not_kept = g_strdup (local->message);
  else if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return self->run != NULL || self->not_kept != NULL;
}

static gboolean
make_scan (AxDetection *self, GError **error)
{
  AxScanSetup setup = { .engine = self->engine,
                        .gives_way = TRUE,
                        .cache_bytes = SCAN_CACHE_BYTES };

  if (!begin_run (self, error))
    return FALSE;
  if (self->run != NULL)
    {
      setup.keep = ax_store_keep;
      setup.keep_data = self->run;
    }
  self->scan
      = ax_scan_new (self->plan, &setup, g_main_context_default (), error);
  return self->scan != NULL
         && (self->run == NULL
             || ax_store_run_restore (self->run, self->scan, error));
}

/* The index of that output; -1: the network has none such. */
static int
find_output (const AxModel *model, AxMapKind kind)
{
  guint n_tasks = 0;
  const AxModelTask *tasks = ax_model_get_tasks (model, &n_tasks);

  for (guint i = 0; i < n_tasks; i++)
    if ((tasks[i].target == AX_TARGET_FRACTION) == (kind == AX_MAP_FRACTION)
        && ax_model_has_learnt (model, i))
      return (int)i;
  return -1;
}

gboolean
ax_detection_can_map (const AxModel *model, AxMapKind kind)
{
  return find_output (model, kind) >= 0;
}

static gboolean
make_ready (AxDetection *self, GError **error)
{
  AxScanOptions options;
  int output;

  self->model = ax_model_load (self->model_name, error);
  if (self->model == NULL
      || g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return FALSE;
  self->tissue = ax_tissue_detect (self->slide, self->mpp, error);
  if (self->tissue == NULL)
    return FALSE;
  ax_scan_options_init (&options, self->model);
  output = find_output (self->model, self->map);
  if (output < 0)
    self->map = AX_MAP_TUMOR;
  options.output = (guint)MAX (output, 0);
  self->plan = ax_scan_plan_new (self->slide, self->tissue, self->model,
                                 self->mpp, &options, error);
  return self->plan != NULL
         && !g_cancellable_set_error_if_cancelled (self->cancellable, error)
         && make_scan (self, error);
}

static void
on_cancelled (GCancellable *cancellable, AxDetection *self)
{
  leave (self);
}

static gpointer
prepare_thread (gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  ax_thread_give_way ();
  if (make_ready (g_task_get_task_data (task), &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
  return NULL;
}

void
ax_detection_prepare (const AxDetectionSpec *spec, GCancellable *cancellable,
                      GAsyncReadyCallback ready, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, ready, user_data);
  AxDetection *self = g_new0 (AxDetection, 1);

  self->slide = ax_slide_ref (spec->slide);
  self->mpp = spec->mpp;
  self->model_name = g_strdup (spec->model);
  self->map = spec->map;
  self->engine = g_strdup (spec->engine);
  self->store = spec->store;
  self->cancellable = g_object_ref (cancellable);
  self->cancelled_handler = g_cancellable_connect (
      cancellable, G_CALLBACK (on_cancelled), self, NULL);
  g_task_set_task_data (task, self, NULL);
  ax_errand_begin ();
  /* Not one of GLib's: those serve others afterwards. */
  g_thread_unref (g_thread_new ("prepare", prepare_thread, task));
}

static void
on_over (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ax_errand_end ();
}

/* An errand that nobody waits for. */
static void
run_elsewhere (GTaskThreadFunc func, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, on_over, NULL);

  g_task_set_task_data (task, data, NULL);
  g_task_run_in_thread (task, func);
}

static void
release_thread (GTask *task, gpointer source, gpointer data,
                GCancellable *cancellable)
{
  ax_store_run_end (data);
  g_mutex_lock (&lock);
  n_leaving--;
  g_cond_broadcast (&left);
  g_mutex_unlock (&lock);
  g_task_return_boolean (task, TRUE);
}

/* Nothing is left to be kept: who else opens the slide may show the result. */
static void
on_done (AxScan *scan, GParamSpec *pspec, AxDetection *self)
{
  if (ax_scan_get_state (scan) != AX_SCAN_DONE || self->run == NULL)
    return;
  g_mutex_lock (&lock);
  n_leaving++;
  g_mutex_unlock (&lock);
  ax_errand_begin ();
  run_elsewhere (release_thread, g_steal_pointer (&self->run));
}

AxDetection *
ax_detection_prepare_finish (GAsyncResult *result, GError **error)
{
  AxDetection *self = g_task_get_task_data (G_TASK (result));

  ax_errand_end ();
  g_cancellable_disconnect (self->cancellable, self->cancelled_handler);
  if (!g_task_propagate_boolean (G_TASK (result), error))
    {
      ax_detection_retire (self);
      return NULL;
    }
  g_signal_connect (self->scan, "notify::state", G_CALLBACK (on_done), self);
  return self;
}

static void
free_thread (GTask *task, gpointer source, gpointer data,
             GCancellable *cancellable)
{
  detection_free (data);
  g_task_return_boolean (task, TRUE);
}

static gboolean
is_at_rest (AxScan *scan)
{
  switch (ax_scan_get_state (scan))
    {
    case AX_SCAN_IDLE:
    case AX_SCAN_DONE:
    case AX_SCAN_CANCELLED:
    case AX_SCAN_FAILED:
      return TRUE;
    default:
      return FALSE;
    }
}

static void
on_state (AxScan *scan, GParamSpec *pspec, AxDetection *self)
{
  if (!is_at_rest (scan))
    return;
  g_signal_handlers_disconnect_by_func (scan, on_state, self);
  run_elsewhere (free_thread, self);
}

void
ax_detection_retire (AxDetection *self)
{
  ax_errand_begin ();
  leave (self);
  if (self->scan != NULL)
    g_signal_handlers_disconnect_by_func (self->scan, on_done, self);
  if (self->scan == NULL || is_at_rest (self->scan))
    {
      run_elsewhere (free_thread, self);
      return;
    }
  g_signal_connect (self->scan, "notify::state", G_CALLBACK (on_state), self);
  ax_scan_cancel (self->scan);
}

AxScan *
ax_detection_get_scan (AxDetection *self)
{
  return self->scan;
}

AxMapKind
ax_detection_get_map_kind (AxDetection *self)
{
  return self->map;
}

AxModel *
ax_detection_get_model (AxDetection *self)
{
  return self->model;
}

AxTissue *
ax_detection_get_tissue (AxDetection *self)
{
  return self->tissue;
}

const char *
ax_detection_get_not_kept (AxDetection *self)
{
  return self->not_kept;
}

gboolean
ax_detection_is_complete (AxDetection *self)
{
  AxScanProgress progress;

  ax_scan_get_progress (self->scan, &progress);
  return progress.n_rois_restored == progress.n_rois;
}
