#include "app/evaluate.h"

#include "app/console.h"
#include "app/plot.h"
#include "core/base/error.h"
#include "core/base/output.h"
#include "core/base/parse.h"
#include "core/eval/kappa.h"
#include "core/eval/roc.h"
#include "core/grade/feature-table.h"
#include "core/grade/patient.h"

#include <math.h>
#include <string.h>

/* (transfer full): rows truth, score as items. */
static AxRocItem *
read_items (const char *path, guint *n_items, GError **error)
{
  static const char *const columns[] = { "score", NULL };
  g_autoptr (AxFeatureTable) table
      = ax_feature_table_read (&path, 1, columns, "truth", error);
  AxRocItem *items = NULL;

  if (table == NULL)
    return NULL;
  if (table->n_labels != 2 || !g_str_equal (table->labels[0], "0")
      || !g_str_equal (table->labels[1], "1"))
    {
      g_autofree char *name = g_filename_display_name (path);
      g_autofree char *labels = g_strjoinv (", ", table->labels);

      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                   "%s: truth is 0 or 1, not: %s", name, labels);
      return NULL;
    }
  items = g_new (AxRocItem, table->n_rows);
  for (guint i = 0; i < table->n_rows; i++)
    items[i] = (AxRocItem){ table->values[i], table->truth[i] == 1 };
  *n_items = table->n_rows;
  return items;
}

static gboolean
write_roc_curve (const GArray *curve, const char *path, GError **error)
{
  g_autoptr (GString) text
      = g_string_new ("threshold,false_positive_rate,true_positive_rate\n");

  for (guint i = 0; i < curve->len; i++)
    {
      const AxRocPoint *point = &g_array_index (curve, AxRocPoint, i);

      ax_evaluation_append (text, point->threshold, ',');
      ax_evaluation_append (text, point->false_positive_rate, ',');
      ax_evaluation_append (text, point->true_positive_rate, '\n');
    }
  return ax_output_write_file (path, text->str, text->len, error);
}

static gboolean
write_roc_plot (const GArray *curve, double auc, const char *path,
                GError **error)
{
  char number[AX_FORMAT_BUFFER];
  g_autofree char *title
      = g_strdup_printf ("ROC, area %s", ax_format_decimal (number, auc, 4));
  g_autofree double *x = g_new (double, curve->len);
  g_autofree double *y = g_new (double, curve->len);
  AxPlot plot = { .title = title,
                  .x_label = "1 - specificity",
                  .y_label = "Sensitivity",
                  .x_max = 1,
                  .x_tick = 0.2,
                  .x = x,
                  .y = y,
                  .n_points = curve->len };

  for (guint i = 0; i < curve->len; i++)
    {
      x[i] = g_array_index (curve, AxRocPoint, i).false_positive_rate;
      y[i] = g_array_index (curve, AxRocPoint, i).true_positive_rate;
    }
  return ax_plot_save_png (&plot, path, error);
}

static void
print_roc_json (guint n_items, double auc, const double interval[2])
{
  g_autoptr (AxJsonWriter) json = ax_json_writer_new (TRUE);

  ax_json_writer_begin_object (json, NULL);
  ax_json_writer_add_exact (json, "auc", auc);
  ax_json_writer_add_doubles (json, "interval", interval, 2, 9);
  ax_json_writer_add_int (json, "n", n_items);
  ax_console_print_json (json);
}

gboolean
ax_evaluate_roc (const AxCall *call, const AxEvaluation *evaluation,
                 const char *path, GError **error)
{
  guint n_items = 0;
  g_autofree AxRocItem *items = read_items (path, &n_items, error);
  g_autoptr (GArray) curve = NULL;
  double auc, interval[2];

  if (items == NULL)
    return FALSE;
  ax_roc_auc (items, n_items, &auc);
  ax_roc_interval (items, n_items, &evaluation->bootstrap, interval);
  curve = ax_roc_curve (items, n_items);
  if ((evaluation->curve != NULL
       && !write_roc_curve (curve, evaluation->curve, error))
      || (evaluation->plot != NULL
          && !write_roc_plot (curve, auc, evaluation->plot, error)))
    return FALSE;
  if (call->json)
    print_roc_json (n_items, auc, interval);
  else
    {
      ax_evaluation_print ("AUC", auc, interval);
      ax_console_print ("over %u\n", n_items);
    }
  return TRUE;
}

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

/* The patient of @stages that is not in @others, whose file is @path. */
static gboolean
check_known (const GPtrArray *stages, const GPtrArray *others, const char *path,
             GError **error)
{
  g_autofree char *name = g_filename_display_name (path);

  for (guint i = 0; i < stages->len; i++)
    {
      const AxPatientStage *stage = stages->pdata[i];

      if (find_stage (others, stage->id) == NULL)
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
              guint *n_ratings, GError **error)
{
  g_autoptr (GPtrArray) truth = ax_patient_stages_read (truth_path, error);
  g_autoptr (GPtrArray) prediction = NULL;
  AxRating *ratings = NULL;

  if (truth == NULL)
    return NULL;
  prediction = ax_patient_stages_read (prediction_path, error);
  if (prediction == NULL
      || !check_known (truth, prediction, prediction_path, error)
      || !check_known (prediction, truth, truth_path, error))
    return NULL;
  ratings = g_new (AxRating, truth->len);
  for (guint i = 0; i < truth->len; i++)
    {
      const AxPatientStage *stage = truth->pdata[i];

      ratings[i] = (AxRating){ stage->stage,
                               find_stage (prediction, stage->id)->stage };
    }
  *n_ratings = truth->len;
  return ratings;
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
  g_autofree AxRating *ratings
      = read_ratings (truth, prediction, &n_ratings, error);
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
