#include "core/eval/calibration.h"

#include <math.h>

/* Five items of three classes; the numbers are scipy's (minimize_scalar). */
#define N_ITEMS 5
#define N_CLASSES 3
static const double probabilities[N_ITEMS * N_CLASSES]
    = { 0.7, 0.2, 0.1, 0.1, 0.8, 0.1, 0.3, 0.3,
        0.4, 0.5, 0.4, 0.1, 0.2, 0.1, 0.7 };
static const int labels[N_ITEMS] = { 0, 1, 0, 1, 2 };

static void
test_temperature (void)
{
  double changed[N_ITEMS * N_CLASSES];
  double loss
      = ax_calibration_get_loss (probabilities, labels, N_ITEMS, N_CLASSES);
  double temperature = ax_calibration_fit_temperature (probabilities, labels,
                                                       N_ITEMS, N_CLASSES);

  g_assert_cmpfloat_with_epsilon (loss, 0.6113513950783531, 1e-12);
  g_assert_cmpfloat_with_epsilon (temperature, 0.4600424920086189, 1e-5);
  for (int i = 0; i < N_ITEMS * N_CLASSES; i++)
    changed[i] = probabilities[i];
  ax_calibration_apply_temperature (changed, N_ITEMS, N_CLASSES, temperature);
  loss = ax_calibration_get_loss (changed, labels, N_ITEMS, N_CLASSES);
  g_assert_cmpfloat_with_epsilon (loss, 0.5024368011785516, 1e-9);
  g_assert_cmpfloat_with_epsilon (changed[0], 0.92573528, 1e-5);
  g_assert_cmpfloat_with_epsilon (changed[8], 0.48305421, 1e-5);
}

/* All right and certain: as cold as it gets, and no infinity on the way. */
static void
test_extremes (void)
{
  const double certain[] = { 1.0, 0.0, 0.0, 1.0 };
  const int right[] = { 0, 1 }, wrong[] = { 1, 0 };

  g_assert_cmpfloat_with_epsilon (
      ax_calibration_fit_temperature (certain, wrong, 2, 2), 20.0, 1e-4);
  g_assert_cmpfloat (ax_calibration_get_loss (certain, right, 2, 2), ==, 0.0);
  g_assert_cmpfloat_with_epsilon (
      ax_calibration_get_loss (certain, wrong, 2, 2), -log (1e-12), 1e-9);
  g_assert_true (isnan (ax_calibration_get_loss (certain, right, 0, 2)));
  g_assert_true (isnan (ax_calibration_fit_temperature (certain, right, 0, 2)));
}

/* By hand: bins of 0.5: {0.1, 0.3} with one positive, {0.5, 0.9, 1} with two:
 * |0.4 - 1| / 5 + |2.4 - 2| / 5 = 0.2 */
static void
test_bins (void)
{
  const double tumor[] = { 0.1, 0.3, 0.5, 0.9, 1.0 };
  const gboolean is_tumor[] = { FALSE, TRUE, FALSE, TRUE, TRUE };
  AxReliabilityBin bins[4];

  g_assert_cmpfloat_with_epsilon (
      ax_calibration_get_bins (tumor, is_tumor, 5, bins, 2), 0.2, 1e-12);
  g_assert_cmpuint (bins[0].n_items, ==, 2);
  g_assert_cmpuint (bins[0].n_positive, ==, 1);
  g_assert_cmpfloat_with_epsilon (bins[0].mean_probability, 0.2, 1e-12);
  g_assert_cmpuint (bins[1].n_items, ==, 3);
  g_assert_cmpfloat_with_epsilon (bins[1].mean_probability, 0.8, 1e-12);
  ax_calibration_get_bins (tumor, is_tumor, 1, bins, 4);
  g_assert_true (isnan (bins[3].mean_probability));
  g_assert_true (isnan (ax_calibration_get_bins (tumor, is_tumor, 0, bins, 4)));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/calibration/temperature", test_temperature);
  g_test_add_func ("/calibration/extremes", test_extremes);
  g_test_add_func ("/calibration/bins", test_bins);
  return g_test_run ();
}
