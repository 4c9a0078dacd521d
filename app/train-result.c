#include "app/train-result.h"

#include "app/console.h"
#include "app/plot.h"
#include "app/train-card.h"
#include "core/base/output.h"
#include "core/base/parse.h"
#include "core/eval/calibration.h"
#include "core/eval/roc.h"
#include "core/nn/safetensors.h"
#include "core/train/finish.h"

#include <math.h>
#include <string.h>

#define WEIGHTS_SUFFIX ".safetensors"
#define N_BINS 10
#define DIGITS 6

char *
ax_train_result_get_stem (const char *output)
{
  char *stem = g_strdup (output);
  if (g_str_has_suffix (stem, WEIGHTS_SUFFIX))
    stem[strlen (stem) - strlen (WEIGHTS_SUFFIX)] = '\0';
  return stem;
}

static char *
get_path_beside (const char *output, const char *suffix)
{
  g_autofree char *stem = ax_train_result_get_stem (output);
  return g_strconcat (stem, suffix, NULL);
}

static void
note_names (const char *what, const GPtrArray *names)
{
  g_autoptr (GString) list = g_string_new (NULL);
  if (names->len == 0)
    return;
  for (guint i = 0; i < names->len; i++)
    g_string_append_printf (list, "%s%s", i > 0 ? " " : "",
                            (const char *)g_ptr_array_index (names, i));
  ax_console_note ("%s: %s", what, list->str);
}

void
ax_train_result_report_taken (const AxWeightsTaken *taken, const char *path)
{
  g_autofree char *shown = g_filename_display_name (path);
  ax_console_note ("%s: %u tensors taken", shown, taken->taken->len);
  note_names ("of another shape there, begun at random", taken->reshaped);
  note_names ("not there, begun at random", taken->missing);
  note_names ("there, but not of this network", taken->unused);
}

static void
print_json_row (const AxTrainRow *row)
{
  g_autoptr (AxJsonWriter) json = ax_json_writer_new (FALSE);
  ax_json_writer_begin_object (json, NULL);
  ax_json_writer_add_int (json, "epoch", row->epoch);
  ax_json_writer_add_double (json, "loss", row->loss, DIGITS);
  ax_json_writer_add_double (json, "valid_loss", row->valid_loss, DIGITS);
  ax_json_writer_add_double (json, "valid_auc", row->valid_auc, DIGITS);
  ax_json_writer_add_double (json, "valid_accuracy", row->valid_accuracy,
                             DIGITS);
  ax_json_writer_add_double (json, "valid_ece", row->valid_ece, DIGITS);
  ax_json_writer_add_double (json, "lr", row->rate, 8);
  ax_json_writer_add_double (json, "samples_per_s", row->samples_per_s, 1);
  ax_json_writer_add_double (json, "consumer_wait", row->consumer_wait, 4);
  ax_json_writer_add_int (json, "failed_samples", row->n_failed);
  ax_console_print_json (json);
}

/* (transfer full) */
static char *
describe_judgement (const AxTrainRow *row)
{
  if (isnan (row->valid_loss))
    return g_strdup ("judged on nothing");
  return g_strdup_printf ("valid: AUC %.4f  accuracy %.4f  loss %.4f  ECE %.3f",
                          row->valid_auc, row->valid_accuracy, row->valid_loss,
                          row->valid_ece);
}

void
ax_train_result_print_row (const AxCall *call, const AxTrainer *trainer)
{
  const GArray *curve = ax_trainer_get_curve (trainer);
  const AxTrainRow *row = &g_array_index (curve, AxTrainRow, curve->len - 1);
  g_autofree char *judgement = describe_judgement (row);
  if (row->n_failed > 0)
    ax_console_note ("epoch %u: %u samples could not be read and were left "
                     "out",
                     row->epoch, row->n_failed);
  if (call->json)
    print_json_row (row);
  else
    ax_console_print (
        "epoch %3u  loss %.4f  %s  %.0f samples/s, %.1f %% waiting\n",
        row->epoch, row->loss, judgement, row->samples_per_s,
        100.0 * row->consumer_wait);
  ax_console_flush (NULL);
}

static gboolean
save_curve_csv (const GArray *curve, const char *output, GError **error)
{
  g_autofree char *path = get_path_beside (output, ".curve.csv");
  g_autoptr (GString) text
      = g_string_new ("epoch,loss,valid_loss,valid_auc,valid_accuracy,"
                      "valid_ece,lr,samples_per_s,consumer_wait\n");
  for (guint i = 0; i < curve->len; i++)
    {
      const AxTrainRow *row = &g_array_index (curve, AxTrainRow, i);
      const double values[]
          = { row->loss,           row->valid_loss,   row->valid_auc,
              row->valid_accuracy, row->valid_ece,    row->rate,
              row->samples_per_s,  row->consumer_wait };
      g_string_append_printf (text, "%u", row->epoch);
      for (guint v = 0; v < G_N_ELEMENTS (values); v++)
        {
          char number[AX_FORMAT_BUFFER];
          g_string_append_c (text, ',');
          if (isfinite (values[v]))
            g_string_append (text, ax_format_decimal (number, values[v], 8));
        }
      g_string_append_c (text, '\n');
    }
  return ax_output_write_file (path, text->str, text->len, error);
}

/* Of the axis: so that the curve fills it and the ticks are round. */
static double
choose_floor (double least)
{
  static const double floors[] = { 0.9, 0.75, 0.5 };
  for (guint i = 0; i < G_N_ELEMENTS (floors); i++)
    if (least >= floors[i])
      return floors[i];
  return 0.0;
}

static gboolean
save_curve_png (const GArray *curve, const char *output, GError **error)
{
  g_autofree char *path = get_path_beside (output, ".curve.png");
  g_autofree double *epochs = g_new (double, MAX (curve->len, 1));
  g_autofree double *aucs = g_new (double, MAX (curve->len, 1));
  for (guint i = 0; i < curve->len; i++)
    {
      const AxTrainRow *row = &g_array_index (curve, AxTrainRow, i);
      epochs[i] = row->epoch;
      aucs[i] = row->valid_auc;
    }
  const double x_max = MAX (curve->len, 1);
  double least = 1.0;
  for (guint i = 0; i < curve->len; i++)
    least = fmin (least, aucs[i]);
  const AxPlot plot = { .title = "AUC on validation data",
                        .x_label = "epoch",
                        .y_label = "AUC",
                        .x_max = x_max,
                        .x_tick = fmax (1.0, ceil (x_max / 10.0)),
                        .y_min = choose_floor (least),
                        .marks = TRUE,
                        .x = epochs,
                        .y = aucs,
                        .n_points = curve->len };
  return ax_plot_save_png (&plot, path, error);
}

gboolean
ax_train_result_save_curve (const AxTrainer *trainer, const char *output,
                            GError **error)
{
  const GArray *curve = ax_trainer_get_curve (trainer);
  return save_curve_csv (curve, output, error)
         && save_curve_png (curve, output, error);
}

static gboolean
save_reliability (const AxValidationResult *result, const char *output,
                  GError **error)
{
  g_autofree char *path = get_path_beside (output, ".reliability.png");
  g_autofree char *title = g_strdup_printf (
      "Reliability on validation data: ECE %.3f", result->ece);
  const guint n = result->n_samples;
  g_autofree double *tumor = g_new (double, n);
  g_autofree gboolean *is_tumor = g_new (gboolean, n);
  AxReliabilityBin bins[N_BINS];
  double x[N_BINS], y[N_BINS];
  for (guint i = 0; i < n; i++)
    {
      tumor[i] = result->probabilities[(gsize)i * result->n_classes
                                       + result->tumor_class];
      is_tumor[i] = (guint)result->labels[i] == result->tumor_class;
    }
  ax_calibration_get_bins (tumor, is_tumor, n, bins, N_BINS);
  for (guint b = 0; b < N_BINS; b++)
    {
      x[b] = bins[b].mean_probability;
      y[b] = (double)bins[b].n_positive / bins[b].n_items;
    }
  const AxPlot plot = { .title = title,
                        .x_label = "probability given",
                        .y_label = "share that is tumour",
                        .x_max = 1.0,
                        .x_tick = 0.2,
                        .x = x,
                        .y = y,
                        .other_y = x,
                        .n_points = N_BINS,
                        .marks = TRUE };
  return ax_plot_save_png (&plot, path, error);
}

static void
print_outcome (const AxCall *call, const AxTrainer *trainer,
               const AxWeights *weights, const AxValidationResult *result,
               const char *output)
{
  g_autofree char *shown = g_filename_display_name (output);
  const guint epoch = ax_trainer_get_best_epoch (trainer);
  const char *temperature = ax_weights_get_metadata (weights, "temperature");
  if (call->json)
    return;
  if (result->n_samples > 0)
    ax_console_print ("%s: weights of epoch %u, AUC %.4f, accuracy %.4f, "
                      "ECE %.3f at temperature %s\n",
                      shown, epoch, result->auc, result->accuracy, result->ece,
                      temperature);
  else
    ax_console_print ("%s: weights of epoch %u, judged on nothing\n", shown,
                      epoch);
}

/* (transfer full): the card's line. */
static char *
describe_training (const AxTrainer *trainer, const AxTrainData *data,
                   const AxTrainOutput *output)
{
  if (output->trained_on != NULL)
    return g_strdup (output->trained_on);
  g_autofree char *began = output->began_as != NULL
                               ? ax_train_data_shorten (output->began_as)
                               : NULL;
  return g_strdup_printf ("%s, %u epochs%s%s", ax_train_data_describe (data),
                          ax_trainer_get_best_epoch (trainer),
                          began != NULL ? ", begun as " : "",
                          began != NULL ? began : "");
}

gboolean
ax_train_result_write (const AxCall *call, AxTrainer *trainer,
                       AxTrainData *data, const AxTrainOutput *output,
                       GCancellable *cancellable, GError **error)
{
  AxValidation *validation = ax_train_data_get_validation (data);
  g_autoptr (AxModel) best = ax_trainer_get_best_model (trainer, error);
  g_auto (AxValidationResult) result = { 0 };
  if (best == NULL)
    return FALSE;
  g_autoptr (AxWeights) weights
      = ax_train_finish (best, ax_trainer_get_engine (trainer), validation,
                         output->half, cancellable, &result, error);
  if (weights == NULL)
    return FALSE;
  g_autofree char *trained_on = describe_training (trainer, data, output);
  g_autofree char *validated_on
      = validation != NULL
            ? ax_train_data_shorten (ax_validation_get_name (validation))
            : NULL;
  ax_train_card_fill (weights, trained_on, validated_on, &result,
                      output->license);
  if (!ax_safetensors_save (weights, output->path, error)
      || (result.n_samples > 0
          && !save_reliability (&result, output->path, error)))
    return FALSE;
  print_outcome (call, trainer, weights, &result, output->path);
  return TRUE;
}
