#include "app/evaluate.h"

#include "app/cohort.h"
#include "app/console.h"
#include "app/option.h"
#include "app/plot.h"
#include "app/truth.h"
#include "core/base/error.h"
#include "core/base/output.h"
#include "core/base/parse.h"
#include "core/eval/detections.h"
#include "core/eval/froc.h"

#include <string.h>

#define DETECTIONS_ENDING ".csv"

static struct
{
  char *detections;
  char *scorer, *step;
} options;

const GOptionEntry ax_froc_options[] = {
  { "detections", 0, 0, G_OPTION_ARG_FILENAME, &options.detections,
    "froc: folder with a CSV file for each slide", "DIR" },
  { "scorer", 0, 0, G_OPTION_ARG_STRING, &options.scorer,
    "froc: github or challenge (github)", "NAME" },
  { "step", 0, 0, G_OPTION_ARG_STRING, &options.step,
    "froc: level-0 pixels per pixel of the evaluation mask (32)", "PX" },
  { NULL },
};

typedef struct
{
  AxFrocScorer scorer;
  int step;
  const char *truth;
  double mpp;
  AxExclusions *exclusions; /* (owned) (nullable) */
  AxSlideLabels *labels;    /* (owned) (nullable) */
} Settings;

static void
settings_clear (Settings *self)
{
  ax_exclusions_free (self->exclusions);
  ax_slide_labels_free (self->labels);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Settings, settings_clear)

static gboolean
read_settings (Settings *settings, const AxEvaluation *evaluation,
               GError **error)
{
  *settings = (Settings){ AX_FROC_GITHUB, AX_EVAL_STEP, evaluation->truth,
                          evaluation->mpp };
  if (settings->truth == NULL || options.detections == NULL)
    {
      g_set_error_literal (error, AX_USAGE_ERROR, AX_USAGE_ERROR_WRONG,
                           "froc needs --truth DIR and --detections DIR");
      return FALSE;
    }
  if (options.scorer != NULL
      && !ax_froc_scorer_from_name (options.scorer, &settings->scorer))
    {
      g_set_error (error, AX_USAGE_ERROR, AX_USAGE_ERROR_WRONG,
                   "--scorer: '%s' is not one of github, challenge",
                   options.scorer);
      return FALSE;
    }
  if (!ax_option_int (options.step, "--step", 1, 1024, &settings->step, error))
    return FALSE;
  if (settings->step * settings->mpp <= 75)
    return ax_cohort_read_exclusions (&settings->exclusions, error)
           && ax_cohort_read_labels (NULL, &settings->labels, error);
  g_set_error_literal (error, AX_USAGE_ERROR, AX_USAGE_ERROR_WRONG,
                       "a mask pixel of --step times --mpp is more than 75 µm");
  return FALSE;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* (transfer full) (element-type utf8): slides with a detections file. */
static GPtrArray *
list_slides (const char *folder, GError **error)
{
  g_autoptr (GPtrArray) stems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) local = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &local);
  const char *name = NULL;

  if (dir == NULL)
    {
      g_set_error_literal (error, AX_ERROR, AX_ERROR_IO, local->message);
      return NULL;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, DETECTIONS_ENDING))
      g_ptr_array_add (
          stems, g_strndup (name, strlen (name) - strlen (DETECTIONS_ENDING)));
  g_ptr_array_sort (stems, compare_names);
  if (stems->len > 0)
    return g_steal_pointer (&stems);
  g_set_error (error, AX_ERROR, AX_ERROR_NOT_FOUND,
               "%s: has no files *" DETECTIONS_ENDING, folder);
  return NULL;
}

/* Two names that differ in their case alone would be one slide's truth. */
static gboolean
check_distinct (const GPtrArray *stems, GError **error)
{
  g_autoptr (GHashTable) seen
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < stems->len; i++)
    if (!g_hash_table_add (seen, g_ascii_strdown (stems->pdata[i], -1)))
      {
        g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                     "%s: slide '%s' comes a second time", options.detections,
                     (const char *)stems->pdata[i]);
        return FALSE;
      }
  return TRUE;
}

static void
note_negative (const char *path, const GArray *detections)
{
  for (guint i = 0; i < detections->len; i++)
    {
      const AxDetection *detection
          = &g_array_index (detections, AxDetection, i);

      if (detection->x < 0 || detection->y < 0)
        ax_console_note ("%s:%u: a negative place counts from the mask's far "
                         "edge, as in the public script",
                         path, detection->line);
    }
}

/* Whether a slide is not scored, which is then said. */
static gboolean
leave_out (const Settings *settings, const char *stem)
{
  if (ax_cohort_leaves_out (settings->exclusions, stem, AX_EXCLUDE_LESIONS))
    return TRUE;
  if (!ax_froc_scorer_skips (settings->scorer, stem))
    return FALSE;
  ax_console_note ("%s is left out, as by the challenge", stem);
  return TRUE;
}

/* Tumour without outlines would turn hits into false positives. */
static gboolean
check_outlined (const Settings *settings, const AxTruth *truth,
                const char *stem, gboolean *outlined, GError **error)
{
  gboolean has_tumor = FALSE;

  *outlined = TRUE;
  if (settings->labels == NULL || ax_truth_has (truth, stem))
    return TRUE;
  if (!ax_slide_labels_find_tumor (settings->labels, stem, &has_tumor, error))
    return FALSE;
  if (has_tumor)
    ax_console_note ("%s is left out: has tumour, but no truth", stem);
  *outlined = !has_tumor;
  return TRUE;
}

static AxFrocSlide *
judge_slide (const Settings *settings, AxTruth *truth, const char *stem,
             GError **error)
{
  g_autofree char *file = g_strconcat (stem, DETECTIONS_ENDING, NULL);
  g_autofree char *path = g_build_filename (options.detections, file, NULL);
  g_autofree char *name = g_filename_display_name (path);
  g_autoptr (GArray) detections = ax_detections_read (path, error);
  g_autoptr (AxEvalMask) mask = NULL;
  AxFrocSlide *slide = NULL;

  if (detections == NULL
      || !ax_truth_load (truth, stem, settings->step, settings->mpp, &mask,
                         error))
    return NULL;
  if (mask != NULL && !mask->is_open)
    note_negative (name, detections);
  slide = ax_froc_slide_new (settings->scorer,
                             (const AxDetection *)detections->data,
                             detections->len, mask, settings->step, error);
  if (slide == NULL)
    g_prefix_error (error, "%s:", name);
  return slide;
}

static void
slide_free (gpointer data)
{
  ax_froc_slide_free (data);
}

static AxFroc *
score_slides (const Settings *settings, GError **error)
{
  g_autoptr (GPtrArray) stems = list_slides (options.detections, error);
  g_autoptr (GPtrArray) slides = g_ptr_array_new_with_free_func (slide_free);
  g_autoptr (AxTruth) truth = NULL;
  g_autoptr (GList) unused = NULL;

  if (stems == NULL || !check_distinct (stems, error))
    return NULL;
  truth = ax_truth_open (settings->truth, error);
  if (truth == NULL)
    return NULL;
  for (guint i = 0; i < stems->len; i++)
    {
      AxFrocSlide *slide = NULL;
      gboolean outlined = TRUE;

      if (leave_out (settings, stems->pdata[i]))
        continue;
      if (!check_outlined (settings, truth, stems->pdata[i], &outlined, error))
        return NULL;
      if (!outlined)
        continue;
      slide = judge_slide (settings, truth, stems->pdata[i], error);
      if (slide == NULL)
        return NULL;
      g_ptr_array_add (slides, slide);
    }
  unused = ax_truth_list_unused (truth);
  for (GList *item = unused; item != NULL; item = item->next)
    if (!ax_froc_scorer_skips (settings->scorer, item->data)
        && ax_exclusions_find (settings->exclusions, item->data,
                               AX_EXCLUDE_LESIONS)
               == NULL)
      ax_console_note ("%s has truth but no detections file: not scored",
                       (const char *)item->data);
  return ax_froc_new (settings->scorer,
                      (const AxFrocSlide *const *)slides->pdata, slides->len,
                      error);
}

static gboolean
write_curve (const AxFrocCurve *curve, const char *path, GError **error)
{
  g_autoptr (GString) text
      = g_string_new ("threshold,false_positives,sensitivity\n");

  for (guint i = 0; i < curve->n_points; i++)
    {
      ax_evaluation_append (text, curve->thresholds[i], ',');
      ax_evaluation_append (text, curve->false_positives[i], ',');
      ax_evaluation_append (text, curve->sensitivity[i], '\n');
    }
  return ax_output_write_file (path, text->str, text->len, error);
}

static gboolean
write_plot (const AxFroc *froc, const AxFrocBand *band, const char *path,
            GError **error)
{
  char number[AX_FORMAT_BUFFER];
  g_autofree char *title = g_strdup_printf (
      "FROC (%s scorer), score %s", ax_froc_scorer_get_name (froc->scorer),
      froc->n_lesions > 0 ? ax_format_decimal (number, froc->score, 4)
                          : "undefined");
  AxPlot plot = { .title = title,
                  .x_label = "False positives per slide",
                  .y_label = "Sensitivity",
                  .x_max = 8,
                  .x_tick = 1,
                  .x = froc->curve.false_positives,
                  .y = froc->curve.sensitivity,
                  .n_points = froc->curve.n_points };

  if (band != NULL)
    {
      plot.band_x = band->false_positives;
      plot.band_low = band->low;
      plot.band_high = band->high;
      plot.n_band_points = band->n_points;
    }
  return ax_plot_save_png (&plot, path, error);
}

static void
print_json (const AxFroc *froc, const double interval[2])
{
  g_autoptr (AxJsonWriter) json = ax_json_writer_new (TRUE);

  ax_json_writer_begin_object (json, NULL);
  ax_json_writer_add_string (json, "scorer",
                             ax_froc_scorer_get_name (froc->scorer));
  ax_json_writer_add_exact (json, "score", froc->score);
  ax_json_writer_add_doubles (json, "interval", interval, 2, 9);
  ax_json_writer_add_doubles (json, "rates", ax_froc_rates, AX_FROC_N_RATES, 2);
  ax_json_writer_begin_array (json, "sensitivity");
  for (int i = 0; i < AX_FROC_N_RATES; i++)
    ax_json_writer_add_exact (json, NULL, froc->sensitivity[i]);
  ax_json_writer_end (json);
  ax_json_writer_add_int (json, "slides", froc->n_slides);
  ax_json_writer_add_int (json, "counted_slides", froc->n_counted);
  ax_json_writer_add_int (json, "lesions", froc->n_lesions);
  ax_json_writer_add_int (json, "itc", froc->n_itc);
  ax_json_writer_begin_array (json, "curve");
  for (guint i = 0; i < froc->curve.n_points; i++)
    {
      ax_json_writer_begin_array (json, NULL);
      ax_json_writer_add_exact (json, NULL, froc->curve.false_positives[i]);
      ax_json_writer_add_exact (json, NULL, froc->curve.sensitivity[i]);
      ax_json_writer_end (json);
    }
  ax_json_writer_end (json);
  ax_console_print_json (json);
}

static void
print_text (const AxFroc *froc, const double interval[2])
{
  ax_console_print ("%s scorer: %u slides, %u of them count false positives; "
                    "%u lesions, %u ITC left out\n",
                    ax_froc_scorer_get_name (froc->scorer), froc->n_slides,
                    froc->n_counted, froc->n_lesions, froc->n_itc);
  ax_evaluation_print ("score", froc->score, interval);
  for (int i = 0; i < AX_FROC_N_RATES && froc->n_lesions > 0; i++)
    {
      char numbers[2][AX_FORMAT_BUFFER];

      ax_console_print ("  sensitivity %s at %s false positives a slide\n",
                        ax_format_decimal (numbers[0], froc->sensitivity[i], 4),
                        ax_format_decimal (numbers[1], ax_froc_rates[i], 2));
    }
}

gboolean
ax_evaluate_froc (const AxCall *call, const AxEvaluation *evaluation,
                  GError **error)
{
  g_autoptr (AxFroc) froc = NULL;
  g_autoptr (AxFrocBand) band = NULL;
  g_auto (Settings) settings = { 0 };
  double interval[2];

  if (!read_settings (&settings, evaluation, error))
    return FALSE;
  froc = score_slides (&settings, error);
  if (froc == NULL)
    return FALSE;
  if (froc->n_lesions == 0)
    ax_console_note ("no lesions to be found: sensitivity is undefined");
  ax_froc_bootstrap (froc, &evaluation->bootstrap, interval,
                     evaluation->plot != NULL ? &band : NULL);
  if ((evaluation->curve != NULL
       && !write_curve (&froc->curve, evaluation->curve, error))
      || (evaluation->plot != NULL
          && !write_plot (froc, band, evaluation->plot, error)))
    return FALSE;
  if (call->json)
    print_json (froc, interval);
  else
    print_text (froc, interval);
  return TRUE;
}
