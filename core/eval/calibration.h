#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * How far probabilities can be taken at their word.  Arrays of items:
 * @probabilities: (n_items, n_classes), each row adding up to 1
 * @labels: (n_items), the true class
 *
 * Errors: none; an empty list gives NaN.  Thread: any.
 */

/** Mean of -ln of the true class's probability, which is at least 1e-12. */
double ax_calibration_get_loss (const double *probabilities, const int *labels,
                                guint n_items, guint n_classes);

/**
 * ax_calibration_fit_temperature:
 *
 * The temperature T within 0.05 to 20 for which p^(1/T), made to add up to 1,
 * has the least loss: dividing the logits by T (Guo et al. 2017).
 */
double ax_calibration_fit_temperature (const double *probabilities,
                                       const int *labels, guint n_items,
                                       guint n_classes);

/** In place: what the network gives at that temperature. */
void ax_calibration_apply_temperature (double *probabilities, guint n_items,
                                       guint n_classes, double temperature);

/** AxReliabilityBin: items whose probability lies within one part of 0..1. */
typedef struct
{
  guint n_items, n_positive;
  double mean_probability; /* NaN when empty */
} AxReliabilityBin;

/**
 * ax_calibration_get_bins:
 * @probabilities: (n_items), of being positive
 * @bins: out, (n_bins) of equal width; 1 falls into the last
 *
 * Returns: the expected calibration error: the bins' distances between mean
 * probability and share of positives, weighted by their items.
 */
double ax_calibration_get_bins (const double *probabilities,
                                const gboolean *is_positive, guint n_items,
                                AxReliabilityBin *bins, guint n_bins);

G_END_DECLS
