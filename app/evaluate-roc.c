#include "app/evaluate.h"

#include "app/cohort.h"
#include "app/console.h"
#include "app/plot.h"
#include "core/base/error.h"
#include "core/base/output.h"
#include "core/base/parse.h"
#include "core/eval/roc.h"
#include "core/grade/feature-table.h"
#include "core/grade/slide-name.h"

/* Truth in a column of its own: 0 or 1. */
static AxRocItem *
pair_columns (const AxFeatureTable *table, const char *path, guint *n_items,
              GError **error)
{
  AxRocItem *items = NULL;

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

/* The column that scores slides; @is_normal: by how normal they are. */
static gboolean
find_score (const AxFeatureTable *table, const char *path, guint *column,
            gboolean *is_normal, GError **error)
{
  static const char *const names[] = { "score", "p_negative", "p_normal" };
  g_autofree char *name = g_filename_display_name (path);

  for (guint n = 0; n < G_N_ELEMENTS (names); n++)
    for (guint i = 0; i < table->n_features; i++)
      if (g_ascii_strcasecmp (table->features[i], names[n]) == 0)
        {
          *column = i;
          *is_normal = n > 0;
          return TRUE;
        }
  g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
               "%s: has no column score, p_negative or p_normal", name);
  return FALSE;
}

/* Slides that have a truth but no score. */
static void
note_unscored (const AxFeatureTable *table, const AxSlideLabels *labels,
               const AxExclusions *exclusions)
{
  g_autoptr (GList) slides = ax_slide_labels_list (labels);
  g_autoptr (GHashTable) scored
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < table->n_rows; i++)
    g_hash_table_add (scored, ax_slide_name_fold (table->names->pdata[i]));
  for (GList *item = slides; item != NULL; item = item->next)
    if (!g_hash_table_contains (scored, item->data)
        && ax_exclusions_find (exclusions, item->data, AX_EXCLUDE_SLIDE)
               == NULL)
      ax_console_note ("%s has a label but no score: left out",
                       (const char *)item->data);
}

/* Truth in a table of its own. */
static AxRocItem *
pair_labels (const AxFeatureTable *table, const char *path,
             const AxSlideLabels *labels, guint *n_items, GError **error)
{
  g_autofree AxRocItem *items = g_new (AxRocItem, table->n_rows);
  guint column = 0, n_tumor = 0;
  gboolean is_normal = FALSE;

  if (!find_score (table, path, &column, &is_normal, error))
    return NULL;
  for (guint i = 0; i < table->n_rows; i++)
    {
      double score = table->values[(gsize)i * table->n_features + column];
      gboolean has_tumor = FALSE;

      if (!ax_slide_labels_find_tumor (labels, table->names->pdata[i],
                                       &has_tumor, error))
        return NULL;
      items[i] = (AxRocItem){ is_normal ? 1 - score : score, has_tumor };
      n_tumor += has_tumor;
    }
  if (n_tumor > 0 && n_tumor < table->n_rows)
    {
      *n_items = table->n_rows;
      return g_steal_pointer (&items);
    }
  g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
               "%s: of %u slides, %u have tumour: nothing to tell apart",
               ax_slide_labels_get_file (labels), table->n_rows, n_tumor);
  return NULL;
}

/* (transfer full): scores with their truth. */
static AxRocItem *
read_items (const AxCall *call, guint *n_items, GError **error)
{
  static const char *const columns[] = { "score", NULL };
  const char *const *paths = (const char *const *)call->arguments + 1;
  AxFeatureQuery query = { 0 };
  g_autoptr (AxSlideLabels) labels = NULL;
  g_autoptr (AxExclusions) exclusions = NULL;
  g_autoptr (AxFeatureTable) table = NULL;

  if (!ax_cohort_read_labels (NULL, &labels, error)
      || !ax_cohort_read_exclusions (&exclusions, error))
    return NULL;
  query.exclusions = exclusions;
  if (labels == NULL)
    {
      query.features = columns;
      query.label = "truth";
    }
  table = ax_feature_table_read (paths, call->n_arguments - 1, &query, error);
  if (table == NULL)
    return NULL;
  ax_cohort_note_left_out (table->left_out);
  if (labels == NULL)
    return pair_columns (table, paths[0], n_items, error);
  note_unscored (table, labels, exclusions);
  return pair_labels (table, paths[0], labels, n_items, error);
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
                 GError **error)
{
  guint n_items = 0;
  g_autofree AxRocItem *items = read_items (call, &n_items, error);
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
