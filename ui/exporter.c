#include "ui/exporter.h"

#include "ui/errand.h"

#include <glib/gi18n.h>

typedef struct
{
  AxResult result;
  char *texts[5]; /* the strings of @result */
  char *folder;
  AxExportFlags flags;
  double threshold;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  ax_prob_map_unref (job->result.map);
  ax_lesion_set_unref (job->result.lesions);
  for (gsize i = 0; i < G_N_ELEMENTS (job->texts); i++)
    g_free (job->texts[i]);
  g_free (job->folder);
  g_free (job);
}

static const char *
keep_text (Job *job, int index, const char *text)
{
  return job->texts[index] = g_strdup (text);
}

static Job *
job_new (const AxResult *result)
{
  Job *job = g_new0 (Job, 1);

  job->result = *result;
  job->result.slide_path = keep_text (job, 0, result->slide_path);
  job->result.model_name = keep_text (job, 1, result->model_name);
  job->result.model_hash = keep_text (job, 2, result->model_hash);
  job->result.engine = keep_text (job, 3, result->engine);
  job->result.device = keep_text (job, 4, result->device);
  ax_prob_map_ref (job->result.map);
  ax_lesion_set_ref (job->result.lesions);
  return job;
}

static char *
say_what_was_done (Job *job, GPtrArray *written, GPtrArray *lost)
{
  GString *text = g_string_new (NULL);

  g_string_printf (
      text,
      g_dngettext (NULL,
                   "%u lesion written to %s: ", "%u lesions written to %s: ",
                   ax_lesion_set_get_n_lesions (job->result.lesions)),
      ax_lesion_set_get_n_lesions (job->result.lesions), job->folder);
  for (guint i = 0; i < written->len; i++)
    {
      g_autofree char *name = g_path_get_basename (written->pdata[i]);

      g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", name);
    }
  for (guint i = 0; i < lost->len; i++)
    g_string_append_printf (text, ". %s", ((AxSkipped *)lost->pdata[i])->why);
  return g_string_free (text, FALSE);
}

static gboolean
extract_again (Job *job, GError **error)
{
  AxLesionParams params = *ax_lesion_set_get_params (job->result.lesions);
  AxLesionSet *lesions;

  if (params.threshold == job->threshold)
    return TRUE;
  params.threshold = job->threshold;
  lesions = ax_lesion_set_extract (job->result.map, &params,
                                   job->result.lesions, error);
  if (lesions == NULL)
    return FALSE;
  ax_lesion_set_unref (job->result.lesions);
  job->result.lesions = lesions;
  return TRUE;
}

static void
export_thread (GTask *task, gpointer source, gpointer data,
               GCancellable *cancellable)
{
  Job *job = data;
  g_autoptr (GPtrArray) written = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) lost = ax_skipped_list_new ();
  GError *error = NULL;

  if (ax_result_check_targets (job->result.slide_path, job->folder, job->flags,
                               &error)
      && extract_again (job, &error)
      && ax_result_write (&job->result, job->folder, job->flags, written, lost,
                          &error))
    g_task_return_pointer (task, say_what_was_done (job, written, lost),
                           g_free);
  else
    g_task_return_error (task, error);
}

void
ax_export_async (const AxResult *result, const char *folder,
                 AxExportFlags flags, double threshold,
                 GAsyncReadyCallback ready, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, ready, user_data);
  Job *job = job_new (result);

  job->folder = g_strdup (folder);
  job->flags = flags;
  job->threshold = threshold;
  g_task_set_task_data (task, job, job_free);
  ax_errand_begin ();
  g_task_run_in_thread (task, export_thread);
}

char *
ax_export_finish (GAsyncResult *result, GError **error)
{
  ax_errand_end ();
  return g_task_propagate_pointer (G_TASK (result), error);
}
