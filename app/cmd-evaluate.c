#include "app/commands.h"

#include "app/cohort.h"
#include "app/console.h"
#include "app/evaluate.h"
#include "app/option.h"
#include "core/base/parse.h"
#include "core/eval/eval-mask.h"

#include <math.h>

#define RESAMPLES_MAX 10000

static struct
{
  char *resamples, *seed;
  char *truth, *mpp, *threshold;
  char *curve, *plot;
  gboolean partial;
} options;

static const GOptionEntry entries[] = {
  { "truth", 0, 0, G_OPTION_ARG_FILENAME, &options.truth,
    "froc, dice: folder with the truth of slides that have tumour", "DIR" },
  { "mpp", 0, 0, G_OPTION_ARG_STRING, &options.mpp,
    "froc, dice: µm per level-0 pixel (0.243)", "M" },
  { "threshold", 0, 0, G_OPTION_ARG_STRING, &options.threshold,
    "dice: probability from which on a cell is tumour (0.5)", "P" },
  { "resamples", 0, 0, G_OPTION_ARG_STRING, &options.resamples,
    "resamples of the 95 % bootstrap interval (1000)", "N" },
  { "seed", 0, 0, G_OPTION_ARG_STRING, &options.seed,
    "seed of the resamples (1)", "N" },
  { "curve", 0, 0, G_OPTION_ARG_FILENAME, &options.curve,
    "froc, roc: write the curve as CSV", "FILE.csv" },
  { "plot", 0, 0, G_OPTION_ARG_FILENAME, &options.plot,
    "froc, roc: draw the curve", "FILE.png" },
  { "partial", 0, 0, G_OPTION_ARG_NONE, &options.partial,
    "kappa: leave out patients that are in one of the files alone", NULL },
  { NULL },
};

void
ax_evaluation_print (const char *name, double value, const double interval[2])
{
  char numbers[3][AX_FORMAT_BUFFER];

  if (!isfinite (value))
    ax_console_print ("%s undefined\n", name);
  else
    ax_console_print ("%s %s (95 %% interval %s to %s)\n", name,
                      ax_format_decimal (numbers[0], value, 4),
                      ax_format_decimal (numbers[1], interval[0], 4),
                      ax_format_decimal (numbers[2], interval[1], 4));
}

void
ax_evaluation_append (GString *text, double value, char separator)
{
  char number[AX_FORMAT_BUFFER];

  if (isfinite (value))
    g_string_append (text, ax_format_decimal (number, value, 9));
  g_string_append_c (text, separator);
}

static gboolean
read_evaluation (AxEvaluation *evaluation, GError **error)
{
  int n_resamples = 1000, seed = 1;

  *evaluation = (AxEvaluation){ .bootstrap = AX_BOOTSTRAP_DEFAULT,
                                .truth = options.truth,
                                .mpp = AX_EVAL_MPP,
                                .threshold = 0.5,
                                .curve = options.curve,
                                .plot = options.plot,
                                .partial = options.partial };
  if (!ax_option_int (options.resamples, "--resamples", 1, RESAMPLES_MAX,
                      &n_resamples, error)
      || !ax_option_int (options.seed, "--seed", 0, G_MAXINT, &seed, error)
      || !ax_option_double (options.mpp, "--mpp", 0.01, 100, &evaluation->mpp,
                            error)
      || !ax_option_double (options.threshold, "--threshold", 0.01, 1,
                            &evaluation->threshold, error))
    return FALSE;
  evaluation->bootstrap.n_resamples = n_resamples;
  evaluation->bootstrap.seed = seed;
  return TRUE;
}

static gboolean
run_evaluate (AxCall *call, GError **error)
{
  char **arguments = call->arguments;
  AxEvaluation evaluation;

  if (!read_evaluation (&evaluation, error))
    return FALSE;
  if (g_str_equal (arguments[0], "froc") && call->n_arguments == 1)
    return ax_evaluate_froc (call, &evaluation, error);
  if (g_str_equal (arguments[0], "roc") && call->n_arguments >= 2)
    return ax_evaluate_roc (call, &evaluation, error);
  if (g_str_equal (arguments[0], "dice") && call->n_arguments >= 2)
    return ax_evaluate_dice (call, &evaluation, arguments + 1,
                             call->n_arguments - 1, error);
  if (g_str_equal (arguments[0], "kappa") && call->n_arguments == 3)
    return ax_evaluate_kappa (call, &evaluation, arguments[1], arguments[2],
                              error);
  g_set_error_literal (error, AX_USAGE_ERROR, AX_USAGE_ERROR_WRONG,
                       "expected: evaluate froc, evaluate dice MAP.tif..., "
                       "evaluate roc SCORES.csv... or evaluate kappa TRUTH.csv "
                       "PREDICTION.csv");
  return FALSE;
}

const AxCommand ax_command_evaluate = {
  .name = "evaluate",
  .section = "Grade and evaluate",
  .summary = "FROC, Dice, ROC or kappa against the truth, with intervals",
  .usage = "froc --truth DIR --detections DIR | dice --truth DIR MAP.tif... | "
           "roc SCORES.csv... [--labels LABELS.csv] | kappa TRUTH.csv "
           "PREDICTION.csv",
  .details
  = "`froc` scores lesions as CAMELYON16 does. Detections are one CSV file a "
    "slide, rows probability, x, y in level-0 pixels, as `detect` writes "
    "them; truth are STEM.xml (outlines) or masks STEM_mask.tif or .png (or "
    "STEM.tif, where there are no outlines), of which 255 is tumour; a slide "
    "without truth has no tumour, or is left out where --labels says that it "
    "has. Lesions less than 75 µm apart are one, ITC (under 200 µm) count "
    "neither way. The score is the mean sensitivity at 1/4, 1/2, 1, 2, 4 and "
    "8 false positives a slide. Two public scorers differ, so name the one "
    "you used: `github` counts false positives on all slides, `challenge` on "
    "those without tumour alone.\n\n"
    "`dice` compares likelihood maps, STEM_likelihood_map.tif as `detect` "
    "writes them, with outlines STEM.xml cell by cell: 2 |found and true| / "
    "(|found| + |true|), of each slide and of all together. A slide without "
    "outlines has no tumour.\n\n"
    "`roc` takes columns truth (0 or 1) and score, or the tables that `forest "
    "predict` writes with the truth in --labels: normal or negative against "
    "all else. `kappa` compares pN stages of patients, rows "
    "patient_000.zip,pN1, with quadratic weights.\n\n"
    "Intervals hold 95 % of the statistics of resampled slides or patients.",
  .examples
  = "evaluate froc --truth masks --detections results --plot froc.png\n"
    "evaluate froc --truth masks --detections results --scorer challenge\n"
    "evaluate dice --truth outlines results/*_likelihood_map.tif\n"
    "evaluate roc nodes.csv --labels reference.csv\n"
    "evaluate kappa stages.csv predicted.csv",
  .options
  = (const GOptionEntry *const[]){ ax_froc_options, entries, ax_labels_options,
                                   ax_exclude_options, NULL },
  .min_arguments = 1,
  .max_arguments = G_MAXUINT,
  .run = run_evaluate,
};
