#pragma once

#include "core/eval/bootstrap.h"

G_BEGIN_DECLS

/**
 * AxRocItem: one slide or patch.
 *
 * @score: any real; higher speaks for the class
 */
typedef struct
{
  double score;
  gboolean is_positive;
} AxRocItem;

/** What is called positive at a score of @threshold or more. */
typedef struct
{
  double threshold;
  double false_positive_rate, true_positive_rate;
} AxRocPoint;

/**
 * ax_roc_auc:
 *
 * Area under the ROC curve: how often a positive item scores higher than a
 * negative one, ties counting half (Mann-Whitney).
 *
 * Returns: FALSE, and @auc NaN, where a class is absent.
 */
gboolean ax_roc_auc (const AxRocItem *items, guint n_items, double *auc);

/**
 * ax_roc_interval:
 *
 * Percentile interval over resampled items; resamples that lack a class are
 * drawn anew.  Returns: FALSE, and NaN, where a class is absent.
 */
gboolean ax_roc_interval (const AxRocItem *items, guint n_items,
                          const AxBootstrap *bootstrap, double interval[2]);

/**
 * ax_roc_curve:
 *
 * (transfer full) (element-type AxRocPoint): (0, 0) at an infinite threshold,
 * then a point for each distinct score, falling, up to (1, 1).  Rates of a
 * class that is absent are NaN.
 */
GArray *ax_roc_curve (const AxRocItem *items, guint n_items);

G_END_DECLS
