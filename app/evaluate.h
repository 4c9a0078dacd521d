#pragma once

#include "app/command.h"
#include "core/eval/bootstrap.h"

G_BEGIN_DECLS

/**
 * What the parts of `evaluate` share.
 *
 * @truth: (nullable): folder of outlines or masks; @mpp: µm per level-0 pixel
 * @threshold: of dice
 * @curve: (nullable): CSV file for the curve; @plot: (nullable): PNG
 * @partial: of kappa: leave out patients that are in one file alone
 */
typedef struct
{
  AxBootstrap bootstrap;
  const char *truth;
  double mpp, threshold;
  const char *curve, *plot;
  gboolean partial;
} AxEvaluation;

/** Text is printed as "name 0.1234 (0.1000-0.2000)"; NaN as "undefined". */
void ax_evaluation_print (const char *name, double value,
                          const double interval[2]);

/** Appends a field of a table, empty where not finite, and @separator. */
void ax_evaluation_append (GString *text, double value, char separator);

/** --detections, --scorer, --step */
extern const GOptionEntry ax_froc_options[];

gboolean ax_evaluate_froc (const AxCall *call, const AxEvaluation *evaluation,
                           GError **error);
/** Takes tables with truth (0, 1) and score, or scores and --labels. */
gboolean ax_evaluate_roc (const AxCall *call, const AxEvaluation *evaluation,
                          GError **error);
/** @maps: (n_maps): likelihood maps */
gboolean ax_evaluate_dice (const AxCall *call, const AxEvaluation *evaluation,
                           char *const *maps, guint n_maps, GError **error);
/** @truth, @prediction: files in CAMELYON17's layout, rows of patients. */
gboolean ax_evaluate_kappa (const AxCall *call, const AxEvaluation *evaluation,
                            const char *truth, const char *prediction,
                            GError **error);

G_END_DECLS
