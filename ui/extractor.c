#include "ui/extractor.h"

typedef struct
{
  AxProbMap *map;
  AxLesionParams params;
  gboolean keep_ids;
  AxLesionSet *previous; /* (nullable) */
} Request;

struct _AxExtractor
{
  AxExtractorFunc done;
  gpointer user_data;
  GCancellable *cancellable; /* of the running task; NULL when none runs */
  Request *next;             /* (nullable) waits for it to end */
  AxLesionSet *last;         /* (nullable) */
};

static void start (AxExtractor *self, Request *request);

static Request *
request_new (AxProbMap *map, const AxLesionParams *params, gboolean keep_ids)
{
  Request *request = g_new0 (Request, 1);

  request->map = ax_prob_map_ref (map);
  request->params = *params;
  request->keep_ids = keep_ids;
  return request;
}

static void
request_free (gpointer data)
{
  Request *request = data;

  ax_prob_map_unref (request->map);
  g_clear_pointer (&request->previous, ax_lesion_set_unref);
  g_free (request);
}

static void
extract_thread (GTask *task, gpointer source, gpointer data,
                GCancellable *cancellable)
{
  Request *request = data;
  GError *error = NULL;
  AxLesionSet *lesions = ax_lesion_set_extract (request->map, &request->params,
                                                request->previous, &error);

  if (lesions != NULL)
    g_task_return_pointer (task, lesions, (GDestroyNotify)ax_lesion_set_unref);
  else
    g_task_return_error (task, error);
}

static void
on_extracted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  AxExtractor *self;
  g_autoptr (GError) error = NULL;
  g_autoptr (AxLesionSet) lesions
      = g_task_propagate_pointer (G_TASK (result), &error);

  /* A cancelled task belongs to an extractor that has moved on or is gone. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  self = user_data;
  g_clear_object (&self->cancellable);
  if (lesions != NULL)
    {
      g_clear_pointer (&self->last, ax_lesion_set_unref);
      self->last = ax_lesion_set_ref (lesions);
    }
  if (self->next != NULL)
    start (self, g_steal_pointer (&self->next));
  self->done (lesions, error, self->user_data);
}

static void
start (AxExtractor *self, Request *request)
{
  g_autoptr (GTask) task = NULL;

  if (request->keep_ids && self->last != NULL)
    request->previous = ax_lesion_set_ref (self->last);
  self->cancellable = g_cancellable_new ();
  task = g_task_new (NULL, self->cancellable, on_extracted, self);
  g_task_set_task_data (task, request, request_free);
  g_task_run_in_thread (task, extract_thread);
}

AxExtractor *
ax_extractor_new (AxExtractorFunc done, gpointer user_data)
{
  AxExtractor *self = g_new0 (AxExtractor, 1);

  self->done = done;
  self->user_data = user_data;
  return self;
}

void
ax_extractor_free (AxExtractor *self)
{
  if (self == NULL)
    return;
  ax_extractor_reset (self);
  g_free (self);
}

void
ax_extractor_request (AxExtractor *self, AxProbMap *map,
                      const AxLesionParams *params, gboolean keep_ids)
{
  Request *request = request_new (map, params, keep_ids);

  if (self->cancellable == NULL)
    {
      start (self, request);
      return;
    }
  g_clear_pointer (&self->next, request_free);
  self->next = request;
}

void
ax_extractor_reset (AxExtractor *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->next, request_free);
  g_clear_pointer (&self->last, ax_lesion_set_unref);
}

gboolean
ax_extractor_is_busy (const AxExtractor *self)
{
  return self->cancellable != NULL;
}
