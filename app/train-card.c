#include "app/train-card.h"

#include "core/base/parse.h"
#include "core/eval/roc.h"
#include "core/export/json-writer.h"

#include <math.h>

#define DIGITS 4

/* What is said of these weights alone, not of those they began as. */
static const char *const judgements[]
    = { "validated_on", "operating_points", "cascade" };

static const double thresholds[] = { 0.1, 0.3, 0.5, 0.7, 0.9 };

/* Without the line's end. */
static char *
finish_text (AxJsonWriter *json)
{
  return g_strchomp (ax_json_writer_finish (json));
}

static gboolean
get_accuracy (const guint *sample, guint n_items, guint resample, double *value,
              gpointer user_data)
{
  guint n_right = 0;
  for (guint i = 0; i < n_items; i++)
    n_right += ax_validation_result_is_right (user_data, sample[i]) ? 1 : 0;
  *value = (double)n_right / n_items;
  return TRUE;
}

static AxRocItem *
make_items (const AxValidationResult *result)
{
  AxRocItem *items = g_new (AxRocItem, MAX (result->n_samples, 1));
  for (guint i = 0; i < result->n_samples; i++)
    {
      items[i].score = result->probabilities[(gsize)i * result->n_classes
                                             + result->tumor_class];
      items[i].is_positive = (guint)result->labels[i] == result->tumor_class;
    }
  return items;
}

static char *
describe_validation (const char *data, const AxValidationResult *result)
{
  const AxBootstrap bootstrap = AX_BOOTSTRAP_DEFAULT;
  g_autofree AxRocItem *items = make_items (result);
  g_autoptr (AxJsonWriter) json = ax_json_writer_new (FALSE);
  double interval[2];
  ax_json_writer_begin_object (json, NULL);
  ax_json_writer_begin_object (json, data);
  ax_json_writer_add_int (json, "pictures", result->n_samples);
  ax_json_writer_add_double (json, "auc", result->auc, DIGITS);
  ax_roc_interval (items, result->n_samples, &bootstrap, interval);
  ax_json_writer_add_doubles (json, "auc_interval", interval, 2, DIGITS);
  ax_json_writer_add_double (json, "accuracy", result->accuracy, DIGITS);
  ax_bootstrap_interval (&bootstrap, result->n_samples, get_accuracy,
                         (gpointer)result, interval);
  ax_json_writer_add_doubles (json, "accuracy_interval", interval, 2, DIGITS);
  ax_json_writer_add_double (json, "ece", result->ece, DIGITS);
  ax_json_writer_add_double (json, "loss", result->loss, DIGITS);
  ax_json_writer_end (json);
  ax_json_writer_end (json);
  return finish_text (json);
}

static void
count_positives (const AxRocItem *items, guint n_items, double threshold,
                 guint counts[2][2])
{
  for (guint i = 0; i < n_items; i++)
    counts[items[i].is_positive != FALSE][items[i].score >= threshold]++;
}

static char *
describe_points (const AxValidationResult *result)
{
  g_autofree AxRocItem *items = make_items (result);
  g_autoptr (AxJsonWriter) json = ax_json_writer_new (FALSE);
  ax_json_writer_begin_object (json, NULL);
  for (guint t = 0; t < G_N_ELEMENTS (thresholds); t++)
    {
      char name[AX_FORMAT_BUFFER];
      guint counts[2][2] = { { 0 } };
      count_positives (items, result->n_samples, thresholds[t], counts);
      ax_json_writer_begin_object (json,
                                   ax_format_decimal (name, thresholds[t], 2));
      ax_json_writer_add_double (
          json, "sensitivity",
          counts[1][1] / (double)(counts[1][0] + counts[1][1]), DIGITS);
      ax_json_writer_add_double (
          json, "specificity",
          counts[0][0] / (double)(counts[0][0] + counts[0][1]), DIGITS);
      ax_json_writer_end (json);
    }
  ax_json_writer_end (json);
  return finish_text (json);
}

void
ax_train_card_fill (AxWeights *weights, const char *trained_on,
                    const char *validated_on, const AxValidationResult *result,
                    const char *license)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *created = g_date_time_format (now, "%Y-%m-%d");
  ax_weights_set_metadata (weights, "trained_on", trained_on);
  ax_weights_set_metadata (weights, "created", created);
  ax_weights_set_metadata (weights, "axilla.version", AX_VERSION);
  ax_weights_set_metadata (weights, "intended_use",
                           "research only; not for diagnosis");
  if (license != NULL)
    ax_weights_set_metadata (weights, "license", license);
  for (guint i = 0; i < G_N_ELEMENTS (judgements); i++)
    ax_weights_set_metadata (weights, judgements[i], NULL);
  if (result->n_samples == 0 || isnan (result->auc))
    return;
  g_autofree char *figures = describe_validation (validated_on, result);
  g_autofree char *points = describe_points (result);
  ax_weights_set_metadata (weights, "validated_on", figures);
  ax_weights_set_metadata (weights, "operating_points", points);
}
