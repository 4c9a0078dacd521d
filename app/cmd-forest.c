#include "app/commands.h"

#include "app/cohort.h"
#include "app/console.h"
#include "app/option.h"
#include "core/base/csv.h"
#include "core/base/output.h"
#include "core/base/parse.h"
#include "core/eval/roc.h"
#include "core/export/forest-file.h"

#include <math.h>

#define TOP_FEATURES 5

static struct
{
  char *output, *label;
  char *trees, *min_leaf, *tried, *seed;
  char *oob;
} options;

static const GOptionEntry entries[] = {
  { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output,
    "train: the forest; predict: a table in the CAMELYON17 layout", "FILE" },
  { "label", 0, 0, G_OPTION_ARG_STRING, &options.label,
    "train: column that says what a slide is", "COLUMN" },
  { "trees", 0, 0, G_OPTION_ARG_STRING, &options.trees,
    "train: number of trees (300)", "N" },
  { "min-leaf", 0, 0, G_OPTION_ARG_STRING, &options.min_leaf,
    "train: slides that a leaf must have (1)", "N" },
  { "tried", 0, 0, G_OPTION_ARG_STRING, &options.tried,
    "train: features looked at for a split (root of their number)", "N" },
  { "seed", 0, 0, G_OPTION_ARG_STRING, &options.seed,
    "train: the same seed gives the same forest (1)", "N" },
  { "oob", 0, 0, G_OPTION_ARG_FILENAME, &options.oob,
    "train: write what trees that have not seen a slide make of it",
    "FILE.csv" },
  { NULL },
};

/* What the trees say that have not seen a slide. */
typedef struct
{
  const double *probabilities; /* (n_rows, n_labels) */
  double auc;                  /* NaN unless there are two labels */
} OutOfBag;

static gboolean
need_output (GError **error)
{
  if (options.output != NULL)
    return TRUE;
  g_set_error_literal (error, AX_USAGE_ERROR, AX_USAGE_ERROR_WRONG,
                       "-o is needed: where to write the forest");
  return FALSE;
}

static gboolean
read_params (AxForestParams *params, GError **error)
{
  int n_trees = params->n_trees, min_leaf = params->min_leaf;
  int n_tried = params->n_tried, seed = params->seed;

  if (!ax_option_int (options.trees, "--trees", 1, AX_FOREST_MAX_TREES,
                      &n_trees, error)
      || !ax_option_int (options.min_leaf, "--min-leaf", 1, G_MAXINT, &min_leaf,
                         error)
      || !ax_option_int (options.tried, "--tried", 1, G_MAXINT, &n_tried, error)
      || !ax_option_int (options.seed, "--seed", 0, G_MAXINT, &seed, error))
    return FALSE;
  *params = (AxForestParams){ n_trees, min_leaf, n_tried, seed };
  return TRUE;
}

/* Table and truth for training; slides with known faults are left out. */
static AxFeatureTable *
read_training (const AxCall *call, GError **error)
{
  AxFeatureQuery query = { .label = options.label };
  g_autoptr (AxSlideLabels) labels = NULL;
  g_autoptr (AxExclusions) exclusions = NULL;
  AxFeatureTable *table = NULL;

  if (!ax_cohort_read_labels (options.label, &labels, error)
      || !ax_cohort_read_exclusions (&exclusions, error))
    return NULL;
  if (options.label == NULL && labels == NULL)
    {
      g_set_error_literal (error, AX_USAGE_ERROR, AX_USAGE_ERROR_WRONG,
                           "--label is needed: the column with the truth");
      return NULL;
    }
  query.labels = labels;
  query.exclusions = exclusions;
  table = ax_feature_table_read ((const char *const *)call->arguments + 1,
                                 call->n_arguments - 1, &query, error);
  if (table != NULL)
    ax_cohort_note_left_out (table->left_out);
  return table;
}

/* Area under the ROC curve of the second label's probability. */
static double
measure_auc (const AxFeatureTable *table, const double *probabilities)
{
  g_autofree AxRocItem *items = g_new (AxRocItem, table->n_rows);
  guint n_items = 0;
  double auc = NAN;

  if (table->n_labels != 2)
    return NAN;
  for (guint row = 0; row < table->n_rows; row++)
    if (isfinite (probabilities[2 * row + 1]))
      items[n_items++]
          = (AxRocItem){ probabilities[2 * row + 1], table->truth[row] == 1 };
  ax_roc_auc (items, n_items, &auc);
  return auc;
}

/* (transfer full): rows name, label, probability of each label; @name_column
 * and @label_column are what the first two are called. */
static GString *
format_rows (const AxFeatureTable *table, char *const *labels,
             const char *name_column, const char *label_column,
             const guint *predictions, const double *probabilities)
{
  guint n_labels = g_strv_length ((GStrv)labels);
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "%s,%s", name_column, label_column);
  for (guint i = 0; i < n_labels; i++)
    {
      g_autofree char *column = g_strconcat ("p_", labels[i], NULL);

      g_string_append_c (text, ',');
      ax_csv_append (text, column);
    }
  g_string_append_c (text, '\n');
  for (guint row = 0; row < table->n_rows; row++)
    {
      ax_csv_append (text, table->names->pdata[row]);
      g_string_append_c (text, ',');
      ax_csv_append (text, labels[predictions[row]]);
      for (guint i = 0; i < n_labels; i++)
        {
          double p = probabilities[(gsize)row * n_labels + i];
          char number[AX_FORMAT_BUFFER];

          g_string_append_printf (
              text, ",%s",
              isfinite (p) ? ax_format_decimal (number, p, 9) : "");
        }
      g_string_append_c (text, '\n');
    }
  return text;
}

static gboolean
write_oob (const AxFeatureTable *table, const OutOfBag *oob, GError **error)
{
  g_autoptr (GString) text = format_rows (table, table->labels, "name", "truth",
                                          table->truth, oob->probabilities);

  return ax_output_write_file (options.oob, text->str, text->len, error);
}

static void
print_trained_json (const AxForest *forest, const AxFeatureTable *table,
                    const OutOfBag *oob)
{
  g_autoptr (AxJsonWriter) json = ax_json_writer_new (TRUE);

  ax_json_writer_begin_object (json, NULL);
  ax_json_writer_add_int (json, "rows", table->n_rows);
  ax_json_writer_begin_array (json, "labels");
  for (guint i = 0; i < forest->n_labels; i++)
    ax_json_writer_add_string (json, NULL, forest->labels[i]);
  ax_json_writer_end (json);
  ax_json_writer_begin_object (json, "oob");
  ax_json_writer_add_exact (json, "error", forest->oob_error);
  ax_json_writer_add_exact (json, "auc", oob->auc);
  ax_json_writer_end (json);
  ax_json_writer_begin_object (json, "importance");
  for (guint i = 0; i < forest->n_features; i++)
    ax_json_writer_add_exact (json, forest->features[i], forest->importance[i]);
  ax_json_writer_end (json);
  ax_console_print_json (json);
}

/* The most important features, each once. */
static void
print_importance (const AxForest *forest)
{
  g_autofree gboolean *shown = g_new0 (gboolean, forest->n_features);

  for (guint n = 0; n < MIN (TOP_FEATURES, forest->n_features); n++)
    {
      char number[AX_FORMAT_BUFFER];
      guint most = 0;

      while (shown[most])
        most++;
      for (guint i = most + 1; i < forest->n_features; i++)
        if (!shown[i] && forest->importance[i] > forest->importance[most])
          most = i;
      shown[most] = TRUE;
      ax_console_print (
          "  %-34s %s %%\n", forest->features[most],
          ax_format_decimal (number, forest->importance[most] * 100, 1));
    }
}

static void
print_trained (const AxForest *forest, const AxFeatureTable *table,
               const OutOfBag *oob)
{
  char number[AX_FORMAT_BUFFER];

  ax_console_print ("%u trees on %u slides, %u features, %u classes\n",
                    forest->params.n_trees, table->n_rows, forest->n_features,
                    forest->n_labels);
  ax_console_print ("out-of-bag error %s %%\n",
                    isfinite (forest->oob_error)
                        ? ax_format_decimal (number, forest->oob_error * 100, 1)
                        : "unknown");
  if (isfinite (oob->auc))
    ax_console_print ("out-of-bag AUC %s\n",
                      ax_format_decimal (number, oob->auc, 4));
  ax_console_print ("most important:\n");
  print_importance (forest);
}

static gboolean
run_train (const AxCall *call, GError **error)
{
  AxForestParams params = AX_FOREST_PARAMS_DEFAULT;
  g_autoptr (AxFeatureTable) table = NULL;
  g_autoptr (AxForest) forest = NULL;
  g_autofree double *probabilities = NULL;
  OutOfBag oob;

  if (!need_output (error) || !read_params (&params, error))
    return FALSE;
  table = read_training (call, error);
  if (table == NULL)
    return FALSE;
  forest = ax_forest_grow (table, &params, &probabilities, error);
  if (forest == NULL)
    return FALSE;
  oob = (OutOfBag){ probabilities, measure_auc (table, probabilities) };
  if (!ax_forest_save (forest, options.output, error)
      || (options.oob != NULL && !write_oob (table, &oob, error)))
    return FALSE;
  if (call->json)
    print_trained_json (forest, table, &oob);
  else
    print_trained (forest, table, &oob);
  return TRUE;
}

static void
print_rows_json (const AxForest *forest, const AxFeatureTable *table,
                 const guint *predictions, const double *probabilities)
{
  g_autoptr (AxJsonWriter) json = ax_json_writer_new (TRUE);

  ax_json_writer_begin_object (json, NULL);
  ax_json_writer_begin_array (json, "rows");
  for (guint row = 0; row < table->n_rows; row++)
    {
      ax_json_writer_begin_object (json, NULL);
      ax_json_writer_add_string (json, "name", table->names->pdata[row]);
      ax_json_writer_add_string (json, "label",
                                 forest->labels[predictions[row]]);
      ax_json_writer_begin_object (json, "probabilities");
      for (guint i = 0; i < forest->n_labels; i++)
        ax_json_writer_add_exact (json, forest->labels[i],
                                  probabilities[row * forest->n_labels + i]);
      ax_json_writer_end (json);
      ax_json_writer_end (json);
    }
  ax_json_writer_end (json);
  ax_console_print_json (json);
}

static gboolean
run_predict (const AxCall *call, GError **error)
{
  g_autoptr (AxForest) forest = ax_forest_load (call->arguments[1], error);
  g_autoptr (AxFeatureTable) table = NULL;
  g_autoptr (GString) text = NULL;
  g_autoptr (AxExclusions) exclusions = NULL;
  g_autofree guint *predictions = NULL;
  g_autofree double *probabilities = NULL;
  AxFeatureQuery query = { 0 };

  if (forest == NULL || !ax_cohort_read_exclusions (&exclusions, error))
    return FALSE;
  query.features = (const char *const *)forest->features;
  query.exclusions = exclusions;
  table = ax_feature_table_read ((const char *const *)call->arguments + 2,
                                 call->n_arguments - 2, &query, error);
  if (table == NULL)
    return FALSE;
  ax_cohort_note_left_out (table->left_out);
  predictions = g_new (guint, table->n_rows);
  probabilities = g_new (double, (gsize)table->n_rows * forest->n_labels);
  for (guint row = 0; row < table->n_rows; row++)
    predictions[row] = ax_forest_predict (
        forest, table->values + (gsize)row * table->n_features,
        probabilities + (gsize)row * forest->n_labels);

  text = format_rows (table, forest->labels, "patient", "stage", predictions,
                      probabilities);
  if (options.output != NULL
      && !ax_output_write_file (options.output, text->str, text->len, error))
    return FALSE;
  if (call->json)
    print_rows_json (forest, table, predictions, probabilities);
  else if (options.output == NULL)
    ax_console_print ("%s", text->str);
  return TRUE;
}

static gboolean
run_forest (AxCall *call, GError **error)
{
  const char *action = call->arguments[0];

  if (g_str_equal (action, "train"))
    return run_train (call, error);
  if (g_str_equal (action, "predict") && call->n_arguments >= 3)
    return run_predict (call, error);
  g_set_error_literal (error, AX_USAGE_ERROR, AX_USAGE_ERROR_WRONG,
                       "expected: forest train FEATURES.csv or forest predict "
                       "FOREST.json FEATURES.csv");
  return FALSE;
}

const AxCommand ax_command_forest = {
  .name = "forest",
  .section = "Grade and evaluate",
  .summary = "train a random forest on features, grade slides with it",
  .usage = "train FEATURES.csv... -o FOREST.json --label COLUMN|--labels "
           "LABELS.csv | predict FOREST.json FEATURES.csv... [-o NODES.csv]",
  .details
  = "`train` takes every column that holds numbers and has a name, other than "
    "the label's, and tells how well trees do on slides they have not seen "
    "(out of bag). What a slide is says a column of the table, --label, or "
    "another table of slides, --labels, as CAMELYON's are; both together name "
    "a column of the other table. `predict` finds columns by their names, so a "
    "table of other "
    "features is refused; its table, patient, stage and a probability for each "
    "class, is what `stage` takes where slides are called "
    "patient_000_node_0.",
  .examples = "forest train features.csv -o forest.json --label class\n"
              "forest train features.csv -o forest.json --labels stages.csv\n"
              "forest predict forest.json new.csv -o nodes.csv",
  .options = (const GOptionEntry *const[]){ entries, ax_labels_options,
                                            ax_exclude_options, NULL },
  .min_arguments = 2,
  .max_arguments = G_MAXUINT,
  .run = run_forest,
};
