#include "core/eval/calibration.h"

#include <math.h>

#define MIN_PROBABILITY 1e-12
#define MIN_TEMPERATURE 0.05
#define MAX_TEMPERATURE 20.0
#define TOLERANCE 1e-7 /* of ln T */

static double
get_log (double probability)
{
  return log (fmax (probability, MIN_PROBABILITY));
}

double
ax_calibration_get_loss (const double *probabilities, const int *labels,
                         guint n_items, guint n_classes)
{
  double sum = 0.0;
  for (guint i = 0; i < n_items; i++)
    sum -= get_log (probabilities[(gsize)i * n_classes + (guint)labels[i]]);
  return n_items > 0 ? sum / n_items : NAN;
}

static double
get_loss_at (const double *probabilities, const int *labels, guint n_items,
             guint n_classes, double temperature)
{
  double sum = 0.0;
  for (guint i = 0; i < n_items; i++)
    {
      const double *row = probabilities + (gsize)i * n_classes;
      const double own = get_log (row[labels[i]]) / temperature;
      double total = 0.0;
      for (guint c = 0; c < n_classes; c++)
        total += exp (get_log (row[c]) / temperature - own);
      sum += log (total);
    }
  return sum / n_items;
}

/* Golden section on ln T: the loss has one minimum in 1 / T. */
double
ax_calibration_fit_temperature (const double *probabilities, const int *labels,
                                guint n_items, guint n_classes)
{
  const double golden = (sqrt (5.0) - 1.0) / 2.0;
  double low = log (MIN_TEMPERATURE), high = log (MAX_TEMPERATURE);
  if (n_items == 0)
    return NAN;
  double a = high - golden * (high - low), b = low + golden * (high - low);
  double loss_a
      = get_loss_at (probabilities, labels, n_items, n_classes, exp (a));
  double loss_b
      = get_loss_at (probabilities, labels, n_items, n_classes, exp (b));
  while (high - low > TOLERANCE)
    if (loss_a <= loss_b)
      {
        high = b;
        b = a;
        loss_b = loss_a;
        a = high - golden * (high - low);
        loss_a
            = get_loss_at (probabilities, labels, n_items, n_classes, exp (a));
      }
    else
      {
        low = a;
        a = b;
        loss_a = loss_b;
        b = low + golden * (high - low);
        loss_b
            = get_loss_at (probabilities, labels, n_items, n_classes, exp (b));
      }
  return exp ((low + high) / 2.0);
}

void
ax_calibration_apply_temperature (double *probabilities, guint n_items,
                                  guint n_classes, double temperature)
{
  g_return_if_fail (temperature > 0.0);
  for (guint i = 0; i < n_items; i++)
    {
      double *row = probabilities + (gsize)i * n_classes;
      double largest = 0.0, sum = 0.0;
      for (guint c = 0; c < n_classes; c++)
        largest = fmax (largest, row[c]);
      for (guint c = 0; c < n_classes; c++)
        sum += row[c]
            = exp ((get_log (row[c]) - get_log (largest)) / temperature);
      for (guint c = 0; c < n_classes; c++)
        row[c] /= sum;
    }
}

double
ax_calibration_get_bins (const double *probabilities,
                         const gboolean *is_positive, guint n_items,
                         AxReliabilityBin *bins, guint n_bins)
{
  g_return_val_if_fail (bins != NULL && n_bins > 0, NAN);
  double error = 0.0;
  for (guint b = 0; b < n_bins; b++)
    bins[b] = (AxReliabilityBin){ 0 };
  for (guint i = 0; i < n_items; i++)
    {
      const guint b
          = MIN ((guint)fmax (probabilities[i] * n_bins, 0.0), n_bins - 1);
      bins[b].n_items++;
      bins[b].n_positive += is_positive[i] ? 1 : 0;
      bins[b].mean_probability += probabilities[i];
    }
  for (guint b = 0; b < n_bins; b++)
    {
      if (bins[b].n_items > 0)
        error += fabs (bins[b].mean_probability - bins[b].n_positive) / n_items;
      bins[b].mean_probability /= bins[b].n_items;
    }
  return n_items > 0 ? error : NAN;
}
