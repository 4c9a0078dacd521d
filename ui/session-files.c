#include "ui/session-private.h"

#include "ui/exporter.h"

#include <glib/gi18n.h>

/* Reference annotations */

typedef struct
{
  char *path;
  AxAnnotContext context;
} ReadRequest;

static void
read_request_free (gpointer data)
{
  ReadRequest *request = data;

  g_free (request->path);
  g_free (request);
}

static void
read_thread (GTask *task, gpointer source, gpointer data,
             GCancellable *cancellable)
{
  ReadRequest *request = data;
  AxAnnotFormat format;
  GError *error = NULL;
  AxAnnotationSet *set = NULL;

  if (ax_annot_format_guess (request->path, &format, &error))
    set = ax_annot_read (request->path, format, &request->context, &error);
  if (set != NULL)
    g_task_return_pointer (task, set, (GDestroyNotify)ax_annotation_set_unref);
  else
    g_task_return_error (task, error);
}

static void
say_what_was_skipped (AxSession *self, const AxAnnotationSet *set)
{
  const AxSkipped *first;
  g_autofree char *text = NULL;

  if (set->skipped->len == 0)
    return;
  first = set->skipped->pdata[0];
  text = g_strdup_printf (
      g_dngettext (NULL, "%u part of the annotations was left out: %s",
                   "%u parts of the annotations were left out, the first: %s",
                   set->skipped->len),
      set->skipped->len, first->why);
  ax_session_say (self, AX_MESSAGE_WARNING, text);
}

static void
on_annotations_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  AxSession *self;
  g_autoptr (GError) error = NULL;
  AxAnnotationSet *set = g_task_propagate_pointer (G_TASK (result), &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  self = user_data;
  if (set == NULL)
    {
      ax_session_say (self, AX_MESSAGE_ERROR, error->message);
      return;
    }
  g_clear_pointer (&self->annotations, ax_annotation_set_unref);
  self->annotations = set;
  ax_session_emit (self, ANNOTATIONS_CHANGED);
  say_what_was_skipped (self, set);
}

void
ax_session_load_annotations (AxSession *self, const char *path)
{
  g_autoptr (GTask) task = NULL;
  ReadRequest *request;
  AxRect0 bounds;

  g_return_if_fail (AX_IS_SESSION (self));
  g_return_if_fail (self->slide != NULL && path != NULL);
  request = g_new0 (ReadRequest, 1);
  bounds = ax_slide_get_bounds (self->slide);
  request->path = g_strdup (path);
  request->context.mpp_x = self->mpp.x;
  request->context.mpp_y = self->mpp.y;
  request->context.origin = (AxPoint0){ bounds.x, bounds.y };
  task = g_task_new (NULL, self->slide_work, on_annotations_read, self);
  g_task_set_task_data (task, request, read_request_free);
  g_task_run_in_thread (task, read_thread);
}

AxAnnotationSet *
ax_session_get_annotations (AxSession *self)
{
  g_return_val_if_fail (AX_IS_SESSION (self), NULL);
  return self->annotations;
}

const char *
ax_session_get_sidecar (AxSession *self)
{
  g_return_val_if_fail (AX_IS_SESSION (self), NULL);
  return self->sidecar;
}

/* Export */

static void
on_exported (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (AxSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = ax_export_finish (result, &error);

  if (text != NULL)
    ax_session_say (self, AX_MESSAGE_INFO, text);
  else
    ax_session_say (self, AX_MESSAGE_ERROR, error->message);
}

void
ax_session_export (AxSession *self, const char *folder, guint formats,
                   double threshold)
{
  AxScan *scan = ax_session_get_scan (self);
  AxResult result = { 0 };
  AxScanProgress progress;
  AxRect0 bounds;
  const AxScanOptions *options;
  guint n_tasks;

  g_return_if_fail (scan != NULL && self->lesions != NULL);
  ax_scan_get_progress (scan, &progress);
  bounds = ax_slide_get_bounds (self->slide);
  result.slide_path = ax_slide_get_path (self->slide);
  result.extent = ax_slide_get_extent (self->slide);
  result.bounds_origin = (AxPoint0){ bounds.x, bounds.y };
  result.mpp = self->mpp;
  result.model_name = ax_model_get_name (ax_session_get_model (self));
  result.model_hash = ax_model_get_hash (ax_session_get_model (self));
  result.engine = ax_scan_get_engine (scan);
  result.device = ax_scan_get_device (scan);
  options = ax_scan_plan_get_options (ax_scan_get_plan (scan));
  result.shows = ax_model_get_tasks (ax_session_get_model (self),
                                     &n_tasks)[options->output]
                     .name;
  result.alpha = options->alpha;
  result.seconds = progress.seconds;
  result.mpx_per_s = progress.mpx_per_s;
  result.tissue_mm2 = progress.tissue_mm2;
  result.analysed_mm2 = progress.analysed_mm2;
  result.failed_mm2 = progress.failed_mm2;
  result.map = ax_scan_get_map (scan);
  result.lesions = self->lesions;
  ax_export_async (&result, folder, formats, threshold, on_exported,
                   g_object_ref (self));
}
