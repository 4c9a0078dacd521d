#include "ui/session-private.h"

#include "ui/slide-opener.h"

#include <glib/gi18n.h>

#define TILE_CACHE_BYTES (64 * 1024 * 1024)
/* While a scan runs the lesions are found anew this often. */
#define EXTRACT_INTERVAL_MS 500

static void
say_error (AxSession *self, const GError *error)
{
  ax_session_say (self, AX_MESSAGE_ERROR, error->message);
}

static void
set_state (AxSession *self, AxSessionState state)
{
  if (self->state == state)
    return;
  self->state = state;
  ax_session_notify (self, PROP_STATE);
}

static gboolean
was_cancelled (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Lesions */

/* The id of the lesion of @lesions at the selected one's hottest cell. */
static guint
follow_selected (AxSession *self, const AxLesionSet *lesions)
{
  const AxLesion *before = ax_session_get_selected (self);
  const AxLesion *after = before != NULL && lesions != NULL
                              ? ax_lesion_set_at (lesions, before->hottest)
                              : NULL;

  return after != NULL ? after->id : 0;
}

static void
set_lesions (AxSession *self, AxLesionSet *lesions)
{
  guint before = self->selected;

  self->selected = follow_selected (self, lesions);
  g_clear_pointer (&self->lesions, ax_lesion_set_unref);
  if (lesions != NULL)
    self->lesions = ax_lesion_set_ref (lesions);
  ax_session_emit (self, LESIONS_CHANGED);
  if (self->selected != before)
    ax_session_notify (self, PROP_SELECTED);
}

void
ax_session_on_extracted (AxLesionSet *lesions, const GError *error,
                         gpointer session)
{
  AxSession *self = session;

  if (lesions == NULL)
    {
      say_error (self, error);
      return;
    }
  if (self->state == AX_SESSION_DONE && !ax_extractor_is_busy (self->extractor))
    self->is_whole = TRUE;
  set_lesions (self, lesions);
}

void
ax_session_extract (AxSession *self)
{
  AxProbMap *map = ax_session_get_map (self);

  g_clear_handle_id (&self->extract_timeout, g_source_remove);
  if (map != NULL)
    ax_extractor_request (self->extractor, map, &self->params,
                          self->state == AX_SESSION_SCANNING);
}

static gboolean
on_extract_timeout (gpointer data)
{
  AxSession *self = data;

  self->extract_timeout = 0;
  ax_session_extract (self);
  return G_SOURCE_REMOVE;
}

/* The scan */

static void
on_scan_dirty (AxScan *scan, AxRect0 *rect, AxSession *self)
{
  ax_session_emit_map_changed (self, rect);
  if (self->extract_timeout == 0)
    self->extract_timeout
        = g_timeout_add (EXTRACT_INTERVAL_MS, on_extract_timeout, self);
}

/* Each fault once; the scan's later ones are appended to another string. */
static void
tell_of_fault (AxSession *self, AxScan *scan)
{
  const char *fault = ax_scan_get_engine_fault (scan);
  g_autofree char *text = NULL;

  if (fault == self->fault_told)
    return;
  self->fault_told = fault;
  text = g_strdup_printf (_ ("%s. The next engine goes on from there."), fault);
  ax_session_say (self, AX_MESSAGE_WARNING, text);
}

static void
on_scan_progress (AxScan *scan, AxSession *self)
{
  tell_of_fault (self, scan);
  ax_session_emit (self, PROGRESS);
}

static AxSessionState
state_of_scan (AxScan *scan)
{
  switch (ax_scan_get_state (scan))
    {
    case AX_SCAN_WAITING:
    case AX_SCAN_RUNNING:
      return AX_SESSION_SCANNING;
    case AX_SCAN_PAUSED:
      return AX_SESSION_PAUSED;
    case AX_SCAN_DONE:
      return AX_SESSION_DONE;
    case AX_SCAN_FAILED:
      return AX_SESSION_FAILED;
    default:
      return AX_SESSION_READY;
    }
}

static void
on_scan_state (AxScan *scan, GParamSpec *pspec, AxSession *self)
{
  AxSessionState state = state_of_scan (scan);

  if (state == AX_SESSION_FAILED)
    say_error (self, ax_scan_get_error (scan));
  else
    tell_of_fault (self, scan);
  set_state (self, state);
  if (state != AX_SESSION_SCANNING)
    ax_session_extract (self);
  ax_session_emit (self, PROGRESS);
}

void
ax_session_on_viewport_changed (AxViewport *viewport, AxSession *self)
{
  AxScan *scan = ax_session_get_scan (self);

  if (scan != NULL)
    ax_scan_set_focus (scan, ax_viewport_get_visible (viewport));
}

static void
drop_detection (AxSession *self)
{
  if (self->preparing != NULL)
    g_cancellable_cancel (self->preparing);
  g_clear_object (&self->preparing);
  g_clear_handle_id (&self->extract_timeout, g_source_remove);
  ax_extractor_reset (self->extractor);
  if (self->detection == NULL)
    return;
  g_signal_handlers_disconnect_by_data (ax_detection_get_scan (self->detection),
                                        self);
  ax_detection_retire (g_steal_pointer (&self->detection));
  self->fault_told = NULL;
  self->is_whole = FALSE;
  set_lesions (self, NULL);
  ax_session_emit (self, DETECTION_CHANGED);
}

static void
adopt_detection (AxSession *self, AxDetection *detection)
{
  AxScan *scan = ax_detection_get_scan (detection);

  self->detection = detection;
  g_signal_connect (scan, "dirty", G_CALLBACK (on_scan_dirty), self);
  g_signal_connect (scan, "progress", G_CALLBACK (on_scan_progress), self);
  g_signal_connect (scan, "notify::state", G_CALLBACK (on_scan_state), self);
  ax_scan_set_focus (scan, ax_viewport_get_visible (self->viewport));
  ax_session_emit (self, DETECTION_CHANGED);
  ax_session_emit (self, PROGRESS);
  ax_session_extract (self);
}

static void
on_self_test (AxSelfTest *test, GParamSpec *pspec, AxSession *self)
{
  g_autofree char *text = NULL;

  if (!ax_self_test_has_failed (test))
    return;
  text = g_strdup_printf (_ ("Do not trust what this model finds here. Its "
                             "self-test %s"),
                          ax_self_test_get_text (test));
  ax_session_say (self, AX_MESSAGE_ERROR, text);
}

AxSelfTest *
ax_session_get_self_test (AxSession *self)
{
  g_return_val_if_fail (AX_IS_SESSION (self), NULL);
  return self->detection != NULL ? ax_self_test_get (
             ax_detection_get_model (self->detection), self->engine_name)
                                 : NULL;
}

/* The self-test asks for the engine first. */
static void
start_scan (AxSession *self)
{
  const char *not_kept = ax_detection_get_not_kept (self->detection);

  if (not_kept != NULL)
    {
      g_autofree char *text
          = g_strdup_printf (_ ("Results will not be kept: %s"), not_kept);

      ax_session_say (self, AX_MESSAGE_WARNING, text);
    }
  g_signal_connect_object (ax_session_get_self_test (self), "notify::text",
                           G_CALLBACK (on_self_test), self, 0);
  ax_scan_start (ax_session_get_scan (self));
}

static void
on_prepared (GObject *source, GAsyncResult *result, gpointer user_data)
{
  AxSession *self;
  g_autoptr (GError) error = NULL;
  AxDetection *detection = ax_detection_prepare_finish (result, &error);

  if (was_cancelled (error))
    return;
  self = user_data;
  g_clear_object (&self->preparing);
  if (detection == NULL)
    {
      set_state (self, AX_SESSION_FAILED);
      say_error (self, error);
      return;
    }
  adopt_detection (self, detection);
  if (self->start_when_ready)
    start_scan (self);
  else if (ax_detection_is_complete (detection))
    ax_scan_start (ax_detection_get_scan (detection));
  self->start_when_ready = FALSE;
}

void
ax_session_prepare (AxSession *self)
{
  AxDetectionSpec spec = { .slide = self->slide,
                           .mpp = self->mpp,
                           .model = self->model_name,
                           .map = self->map_kind,
                           .engine = self->engine_name,
                           .store = self->store };

  drop_detection (self);
  if (self->slide == NULL || self->mpp.x <= 0)
    return;
  self->preparing = g_cancellable_new ();
  ax_detection_prepare (&spec, self->preparing, on_prepared, self);
  set_state (self, AX_SESSION_READY);
}

void
ax_session_detect (AxSession *self)
{
  AxScan *scan = ax_session_get_scan (self);

  g_return_if_fail (AX_IS_SESSION (self));
  if (self->state == AX_SESSION_OPENING)
    self->detect_when_open = TRUE;
  else if (scan != NULL && ax_scan_get_state (scan) == AX_SCAN_IDLE)
    start_scan (self);
  else if (scan != NULL && ax_scan_get_state (scan) == AX_SCAN_PAUSED)
    ax_scan_resume (scan);
  else if (self->state != AX_SESSION_SCANNING && self->state != AX_SESSION_DONE)
    {
      self->start_when_ready = TRUE;
      if (self->preparing == NULL)
        ax_session_prepare (self);
    }
}

void
ax_session_pause (AxSession *self)
{
  g_return_if_fail (AX_IS_SESSION (self));
  if (self->detection != NULL)
    ax_scan_pause (ax_detection_get_scan (self->detection));
}

void
ax_session_cancel (AxSession *self)
{
  g_return_if_fail (AX_IS_SESSION (self));
  self->start_when_ready = FALSE;
  self->detect_when_open = FALSE;
  if (self->detection != NULL)
    ax_scan_cancel (ax_detection_get_scan (self->detection));
}

/* The slide */

static void
stop_opening (AxSession *self)
{
  if (self->opening != NULL)
    g_cancellable_cancel (self->opening);
  g_clear_object (&self->opening);
  g_clear_pointer (&self->opening_path, g_free);
}

void
ax_session_drop_slide (AxSession *self)
{
  stop_opening (self);
  if (self->slide_work != NULL)
    g_cancellable_cancel (self->slide_work);
  g_clear_object (&self->slide_work);
  self->start_when_ready = FALSE;
  drop_detection (self);
  g_clear_pointer (&self->tiles, ax_tile_cache_unref);
  g_clear_pointer (&self->slide, ax_slide_unref);
  g_clear_pointer (&self->annotations, ax_annotation_set_unref);
  g_clear_pointer (&self->sidecar, g_free);
  g_clear_pointer (&self->title, g_free);
  self->mpp = (AxScale){ 0 };
  ax_history_clear (self->history);
  self->nudged_us = 0;
}

static void
tell_of_slide (AxSession *self)
{
  ax_session_notify (self, PROP_TITLE);
  ax_session_emit (self, SLIDE_CHANGED);
  ax_session_notify (self, PROP_MPP_MISSING);
  ax_session_emit (self, ANNOTATIONS_CHANGED);
  ax_session_emit (self, HISTORY_CHANGED);
}

/* What was shown before makes room for the slide that has been opened. */
static void
begin_slide (AxSession *self)
{
  g_autofree char *path = g_strdup (self->opening_path);

  ax_session_drop_slide (self);
  set_state (self, AX_SESSION_OPENING);
  self->title = g_path_get_basename (path);
  self->slide_work = g_cancellable_new ();
}

static void
refuse_slide (AxSession *self)
{
  stop_opening (self);
  if (self->slide == NULL)
    ax_session_close (self);
  else
    ax_session_emit (self, PROGRESS);
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  AxSession *self;
  g_autoptr (GError) error = NULL;
  g_autoptr (AxOpenedSlide) opened = ax_slide_open_finish (result, &error);

  if (was_cancelled (error))
    return;
  self = user_data;
  if (opened == NULL)
    {
      refuse_slide (self);
      say_error (self, error);
      return;
    }
  begin_slide (self);
  self->slide = g_steal_pointer (&opened->slide);
  self->tiles = g_steal_pointer (&opened->tiles);
  self->sidecar = g_steal_pointer (&opened->sidecar);
  self->mpp = opened->mpp;
  ax_viewport_set_slide (self->viewport, ax_slide_get_extent (self->slide),
                         ax_slide_get_bounds (self->slide), self->mpp);
  ax_viewport_fit (self->viewport);
  tell_of_slide (self);
  ax_session_prepare (self);
  set_state (self, AX_SESSION_READY);
  if (self->detect_when_open)
    ax_session_detect (self);
}

void
ax_session_open (AxSession *self, const char *path, gboolean detect)
{
  g_return_if_fail (AX_IS_SESSION (self));
  g_return_if_fail (path != NULL);
  stop_opening (self);
  self->opening = g_cancellable_new ();
  self->opening_path = g_strdup (path);
  self->detect_when_open = detect;
  if (self->slide == NULL)
    {
      g_free (self->title);
      self->title = g_path_get_basename (path);
      set_state (self, AX_SESSION_OPENING);
      tell_of_slide (self);
    }
  else
    ax_session_emit (self, PROGRESS);
  ax_slide_open_async (path, TILE_CACHE_BYTES, self->store, self->opening,
                       on_opened, self);
}

const char *
ax_session_get_opening (AxSession *self)
{
  g_return_val_if_fail (AX_IS_SESSION (self), NULL);
  return self->opening_path;
}

void
ax_session_close (AxSession *self)
{
  g_return_if_fail (AX_IS_SESSION (self));
  ax_session_drop_slide (self);
  set_state (self, AX_SESSION_EMPTY);
  tell_of_slide (self);
}

AxSlide *
ax_session_get_slide (AxSession *self)
{
  g_return_val_if_fail (AX_IS_SESSION (self), NULL);
  return self->slide;
}

AxTileCache *
ax_session_get_tiles (AxSession *self)
{
  g_return_val_if_fail (AX_IS_SESSION (self), NULL);
  return self->tiles;
}

AxViewport *
ax_session_get_viewport (AxSession *self)
{
  g_return_val_if_fail (AX_IS_SESSION (self), NULL);
  return self->viewport;
}

AxSessionState
ax_session_get_state (AxSession *self)
{
  g_return_val_if_fail (AX_IS_SESSION (self), AX_SESSION_EMPTY);
  return self->state;
}

gboolean
ax_session_is_whole (AxSession *self)
{
  g_return_val_if_fail (AX_IS_SESSION (self), FALSE);
  return self->is_whole;
}

gboolean
ax_session_get_mpp (AxSession *self, AxScale *mpp)
{
  g_return_val_if_fail (AX_IS_SESSION (self), FALSE);
  if (self->mpp.x <= 0)
    return FALSE;
  *mpp = self->mpp;
  return TRUE;
}

static void
on_remembered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (AxSession) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!ax_slide_remember_mpp_finish (result, &error))
    say_error (self, error);
}

void
ax_session_set_mpp (AxSession *self, AxScale mpp)
{
  g_return_if_fail (AX_IS_SESSION (self));
  g_return_if_fail (self->slide != NULL && mpp.x > 0 && mpp.y > 0);
  self->mpp = mpp;
  ax_viewport_set_slide (self->viewport, ax_slide_get_extent (self->slide),
                         ax_slide_get_bounds (self->slide), mpp);
  if (self->store != NULL)
    ax_slide_remember_mpp_async (self->slide, mpp, self->store, on_remembered,
                                 g_object_ref (self));
  ax_session_notify (self, PROP_MPP_MISSING);
  ax_session_prepare (self);
}

/* The detection's parts */

AxModel *
ax_session_get_model (AxSession *self)
{
  g_return_val_if_fail (AX_IS_SESSION (self), NULL);
  return self->detection != NULL ? ax_detection_get_model (self->detection)
                                 : NULL;
}

AxMapKind
ax_session_get_map_kind (AxSession *self)
{
  g_return_val_if_fail (AX_IS_SESSION (self), AX_MAP_TUMOR);
  return self->detection != NULL ? ax_detection_get_map_kind (self->detection)
                                 : AX_MAP_TUMOR;
}

AxTissue *
ax_session_get_tissue (AxSession *self)
{
  g_return_val_if_fail (AX_IS_SESSION (self), NULL);
  return self->detection != NULL ? ax_detection_get_tissue (self->detection)
                                 : NULL;
}

AxScan *
ax_session_get_scan (AxSession *self)
{
  g_return_val_if_fail (AX_IS_SESSION (self), NULL);
  return self->detection != NULL ? ax_detection_get_scan (self->detection)
                                 : NULL;
}

AxProbMap *
ax_session_get_map (AxSession *self)
{
  AxScan *scan = ax_session_get_scan (self);

  return scan != NULL ? ax_scan_get_map (scan) : NULL;
}

AxLesionSet *
ax_session_get_lesions (AxSession *self)
{
  g_return_val_if_fail (AX_IS_SESSION (self), NULL);
  return self->lesions;
}
