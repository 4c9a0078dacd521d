#include "ui/slide-opener.h"

#include "core/export/result.h"
#include "ui/errand.h"

#include <string.h>

typedef struct
{
  char *path;
  gsize cache_bytes;
  AxStore *store;
} Request;

static void
request_free (gpointer data)
{
  Request *request = data;

  g_free (request->path);
  g_free (request);
}

/* What was found agrees with itself: it is no reference. */
static gboolean
is_our_own (const char *path)
{
  g_autoptr (AxAnnotationSet) set
      = ax_annot_read (path, AX_ANNOT_FORMAT_ASAP, NULL, NULL);

  return set != NULL && ax_result_owns_annotations (set);
}

static char *
find_sidecar (const char *path)
{
  const char *dot = strrchr (path, '.');
  g_autofree char *sidecar
      = dot != NULL ? g_strdup_printf ("%.*s.xml", (int)(dot - path), path)
                    : g_strconcat (path, ".xml", NULL);

  return g_file_test (sidecar, G_FILE_TEST_IS_REGULAR) && !is_our_own (sidecar)
             ? g_steal_pointer (&sidecar)
             : NULL;
}

static void
open_thread (GTask *task, gpointer source, gpointer data,
             GCancellable *cancellable)
{
  Request *request = data;
  g_autoptr (AxOpenedSlide) opened = g_new0 (AxOpenedSlide, 1);
  GError *error = NULL;

  opened->slide = ax_slide_open (request->path, &error);
  if (opened->slide == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  opened->tiles = ax_tile_cache_new (opened->slide, request->cache_bytes);
  opened->sidecar = find_sidecar (request->path);
  /* A store that cannot be read is no reason not to show the slide; the
   * detection will say what is wrong with it. */
  if (!ax_slide_get_mpp (opened->slide, &opened->mpp) && request->store != NULL)
    ax_store_get_mpp (request->store, ax_slide_get_hash (opened->slide),
                      &opened->mpp, NULL);
  g_task_return_pointer (task, g_steal_pointer (&opened),
                         (GDestroyNotify)ax_opened_slide_free);
}

void
ax_slide_open_async (const char *path, gsize cache_bytes, AxStore *store,
                     GCancellable *cancellable, GAsyncReadyCallback ready,
                     gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, ready, user_data);
  Request *request = g_new0 (Request, 1);

  request->path = g_strdup (path);
  request->cache_bytes = cache_bytes;
  request->store = store;
  g_task_set_task_data (task, request, request_free);
  ax_errand_begin ();
  g_task_run_in_thread (task, open_thread);
}

AxOpenedSlide *
ax_slide_open_finish (GAsyncResult *result, GError **error)
{
  ax_errand_end ();
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
ax_opened_slide_free (AxOpenedSlide *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->tiles, ax_tile_cache_unref);
  g_clear_pointer (&self->slide, ax_slide_unref);
  g_free (self->sidecar);
  g_free (self);
}

typedef struct
{
  AxSlide *slide;
  AxScale mpp;
  AxStore *store;
} Remember;

static void
remember_free (gpointer data)
{
  Remember *remember = data;

  ax_slide_unref (remember->slide);
  g_free (remember);
}

static void
remember_thread (GTask *task, gpointer source, gpointer data,
                 GCancellable *cancellable)
{
  Remember *remember = data;
  GError *error = NULL;

  if (ax_store_set_mpp (remember->store, ax_slide_get_hash (remember->slide),
                        remember->mpp, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
ax_slide_remember_mpp_async (AxSlide *slide, AxScale mpp, AxStore *store,
                             GAsyncReadyCallback ready, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, ready, user_data);
  Remember *remember = g_new0 (Remember, 1);

  remember->slide = ax_slide_ref (slide);
  remember->mpp = mpp;
  remember->store = store;
  g_task_set_task_data (task, remember, remember_free);
  ax_errand_begin ();
  g_task_run_in_thread (task, remember_thread);
}

gboolean
ax_slide_remember_mpp_finish (GAsyncResult *result, GError **error)
{
  ax_errand_end ();
  return g_task_propagate_boolean (G_TASK (result), error);
}
