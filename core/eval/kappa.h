#pragma once

#include "core/eval/bootstrap.h"

G_BEGIN_DECLS

/** AxRating: classes of one item, numbered in their order from 0. */
typedef struct
{
  guint truth, prediction;
} AxRating;

/**
 * ax_confusion_count:
 * @counts: out, (n_classes, n_classes): items of class row predicted as column
 */
void ax_confusion_count (const AxRating *ratings, guint n_ratings,
                         guint n_classes, guint *counts);

/**
 * ax_kappa_quadratic:
 *
 * Cohen's kappa with weights (row - column)^2 (algorithms.md 6.4):
 * 1 - sum (w O) / sum (w E), E = row sum x column sum / n.
 *
 * Returns: FALSE, and @kappa NaN, where it is not defined: no items, or all of
 * them in one and the same class by both.
 */
gboolean ax_kappa_quadratic (const AxRating *ratings, guint n_ratings,
                             guint n_classes, double *kappa);

/** Percentile interval over resampled items; as ax_roc_interval(). */
gboolean ax_kappa_interval (const AxRating *ratings, guint n_ratings,
                            guint n_classes, const AxBootstrap *bootstrap,
                            double interval[2]);

G_END_DECLS
