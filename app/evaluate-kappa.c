#include "app/evaluate.h"

#include "app/console.h"
#include "core/base/error.h"
#include "core/eval/kappa.h"
#include "core/grade/patient.h"

static const AxPatientStage *
find_stage (const GPtrArray *stages, const char *id)
{
  for (guint i = 0; i < stages->len; i++)
    {
      const AxPatientStage *stage = stages->pdata[i];

      if (g_str_equal (stage->id, id))
        return stage;
    }
  return NULL;
}

/* Whether all patients of @stages are in @others, whose file is @path; with
 * @partial those who are not are noted. */
static gboolean
check_known (const GPtrArray *stages, const GPtrArray *others, const char *path,
             gboolean partial, GError **error)
{
  g_autofree char *name = g_filename_display_name (path);

  for (guint i = 0; i < stages->len; i++)
    {
      const AxPatientStage *stage = stages->pdata[i];

      if (find_stage (others, stage->id) != NULL)
        continue;
      if (partial)
        ax_console_note ("%s: patient '%s' is missing and left out", name,
                         stage->id);
      else
        {
          g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                       "%s: patient '%s' is missing", name, stage->id);
          return FALSE;
        }
    }
  return TRUE;
}

/* (transfer full) */
static AxRating *
read_ratings (const char *truth_path, const char *prediction_path,
              gboolean partial, guint *n_ratings, GError **error)
{
  g_autoptr (GPtrArray) truth = ax_patient_stages_read (truth_path, error);
  g_autoptr (GPtrArray) prediction = NULL;
  g_autofree AxRating *ratings = NULL;
  guint n = 0;

  if (truth == NULL)
    return NULL;
  prediction = ax_patient_stages_read (prediction_path, error);
  if (prediction == NULL
      || !check_known (truth, prediction, prediction_path, partial, error)
      || !check_known (prediction, truth, truth_path, partial, error))
    return NULL;
  ratings = g_new (AxRating, truth->len);
  for (guint i = 0; i < truth->len; i++)
    {
      const AxPatientStage *stage = truth->pdata[i];
      const AxPatientStage *predicted = find_stage (prediction, stage->id);

      if (predicted != NULL)
        ratings[n++] = (AxRating){ stage->stage, predicted->stage };
    }
  if (n > 0)
    {
      *n_ratings = n;
      return g_steal_pointer (&ratings);
    }
  g_set_error (error, AX_ERROR, AX_ERROR_FORMAT, "%s: has no patient of %s",
               prediction_path, truth_path);
  return NULL;
}

static void
print_kappa_json (guint n_ratings, double kappa, const double interval[2],
                  const guint counts[AX_N_STAGES * AX_N_STAGES])
{
  g_autoptr (AxJsonWriter) json = ax_json_writer_new (TRUE);

  ax_json_writer_begin_object (json, NULL);
  ax_json_writer_add_exact (json, "kappa", kappa);
  ax_json_writer_add_doubles (json, "interval", interval, 2, 9);
  ax_json_writer_add_int (json, "n", n_ratings);
  ax_json_writer_begin_array (json, "labels");
  for (int i = 0; i < AX_N_STAGES; i++)
    ax_json_writer_add_string (json, NULL, ax_stage_get_name (i));
  ax_json_writer_end (json);
  ax_json_writer_begin_array (json, "confusion");
  for (int row = 0; row < AX_N_STAGES; row++)
    {
      ax_json_writer_begin_array (json, NULL);
      for (int column = 0; column < AX_N_STAGES; column++)
        ax_json_writer_add_int (json, NULL, counts[row * AX_N_STAGES + column]);
      ax_json_writer_end (json);
    }
  ax_json_writer_end (json);
  ax_console_print_json (json);
}

static void
print_confusion (const guint counts[AX_N_STAGES * AX_N_STAGES])
{
  ax_console_print ("%-10s", "truth");
  for (int i = 0; i < AX_N_STAGES; i++)
    ax_console_print ("%9s", ax_stage_get_name (i));
  ax_console_print ("  (predicted)\n");
  for (int row = 0; row < AX_N_STAGES; row++)
    {
      ax_console_print ("%-10s", ax_stage_get_name (row));
      for (int column = 0; column < AX_N_STAGES; column++)
        ax_console_print ("%9u", counts[row * AX_N_STAGES + column]);
      ax_console_print ("\n");
    }
}

gboolean
ax_evaluate_kappa (const AxCall *call, const AxEvaluation *evaluation,
                   const char *truth, const char *prediction, GError **error)
{
  guint n_ratings = 0, counts[AX_N_STAGES * AX_N_STAGES];
  g_autofree AxRating *ratings = read_ratings (
      truth, prediction, evaluation->partial, &n_ratings, error);
  double kappa, interval[2];

  if (ratings == NULL)
    return FALSE;
  ax_confusion_count (ratings, n_ratings, AX_N_STAGES, counts);
  if (!ax_kappa_quadratic (ratings, n_ratings, AX_N_STAGES, &kappa))
    ax_console_note ("all patients are of one stage: kappa is undefined");
  ax_kappa_interval (ratings, n_ratings, AX_N_STAGES, &evaluation->bootstrap,
                     interval);
  if (call->json)
    print_kappa_json (n_ratings, kappa, interval, counts);
  else
    {
      ax_evaluation_print ("kappa", kappa, interval);
      print_confusion (counts);
    }
  return TRUE;
}
