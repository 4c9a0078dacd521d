#include "core/eval/kappa.h"
#include "core/eval/roc.h"

#include <math.h>

static const AxRocItem items[]
    = { { 0.1, 0 }, { 0.4, 0 }, { 0.35, 1 }, { 0.8, 1 }, { 0.35, 0 },
        { 0.4, 1 }, { 0.9, 1 }, { 0.4, 0 },  { -2, 0 },  { 0.1, 1 } };

static const AxRating ratings[]
    = { { 0, 0 }, { 1, 1 }, { 2, 1 }, { 3, 3 }, { 4, 2 }, { 4, 4 },
        { 3, 4 }, { 2, 2 }, { 1, 0 }, { 0, 0 }, { 2, 3 }, { 2, 2 } };

/* Here and below: roc_auc_score, roc_curve, cohen_kappa_score and
   confusion_matrix of scikit-learn 1.2.1; intervals with the resamples of
   tests/e2e/references.py. */
static void
test_auc (void)
{
  AxBootstrap bootstrap = { .n_resamples = 100, .seed = 3, .confidence = 0.95 };
  double auc = 0, interval[2];

  g_assert_true (ax_roc_auc (items, G_N_ELEMENTS (items), &auc));
  g_assert_cmpfloat_with_epsilon (auc, 0.72, 1e-12);
  g_assert_true (
      ax_roc_interval (items, G_N_ELEMENTS (items), &bootstrap, interval));
  g_assert_cmpfloat_with_epsilon (interval[0], 0.3571428571428571, 1e-12);
  g_assert_cmpfloat (interval[1], ==, 1);
}

static void
test_auc_of_one_class (void)
{
  AxBootstrap bootstrap = AX_BOOTSTRAP_DEFAULT;
  double auc = 0, interval[2];

  g_assert_false (ax_roc_auc (items, 2, &auc));
  g_assert_true (isnan (auc));
  g_assert_false (ax_roc_auc (items, 0, &auc));
  g_assert_false (ax_roc_interval (items, 2, &bootstrap, interval));
  g_assert_true (isnan (interval[0]) && isnan (interval[1]));
}

static void
test_auc_of_ties (void)
{
  static const AxRocItem same[] = { { 1, 0 }, { 1, 1 }, { 1, 1 } };
  double auc = 0;

  g_assert_true (ax_roc_auc (same, 3, &auc));
  g_assert_cmpfloat (auc, ==, 0.5);
}

static void
test_roc_curve (void)
{
  static const double false_rates[] = { 0, 0, 0, 0.4, 0.6, 0.8, 1 };
  static const double true_rates[] = { 0, 0.2, 0.4, 0.6, 0.8, 1, 1 };
  static const double thresholds[] = { INFINITY, 0.9, 0.8, 0.4, 0.35, 0.1, -2 };
  g_autoptr (GArray) curve = ax_roc_curve (items, G_N_ELEMENTS (items));

  g_assert_cmpuint (curve->len, ==, G_N_ELEMENTS (thresholds));
  for (guint i = 0; i < curve->len; i++)
    {
      const AxRocPoint *point = &g_array_index (curve, AxRocPoint, i);

      g_assert_cmpfloat (point->threshold, ==, thresholds[i]);
      g_assert_cmpfloat_with_epsilon (point->false_positive_rate,
                                      false_rates[i], 1e-12);
      g_assert_cmpfloat_with_epsilon (point->true_positive_rate, true_rates[i],
                                      1e-12);
    }
}

static void
test_kappa (void)
{
  AxBootstrap bootstrap = { .n_resamples = 100, .seed = 3, .confidence = 0.95 };
  static const guint expected[25] = { 2, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 2,
                                      1, 0, 0, 0, 0, 1, 1, 0, 0, 1, 0, 1 };
  double kappa = 0, interval[2];
  guint counts[25];

  ax_confusion_count (ratings, G_N_ELEMENTS (ratings), 5, counts);
  for (int i = 0; i < 25; i++)
    g_assert_cmpuint (counts[i], ==, expected[i]);
  g_assert_true (
      ax_kappa_quadratic (ratings, G_N_ELEMENTS (ratings), 5, &kappa));
  g_assert_cmpfloat_with_epsilon (kappa, 0.8181818181818181, 1e-12);
  g_assert_true (ax_kappa_interval (ratings, G_N_ELEMENTS (ratings), 5,
                                    &bootstrap, interval));
  g_assert_cmpfloat_with_epsilon (interval[0], 0.3513513513513514, 1e-12);
  g_assert_cmpfloat_with_epsilon (interval[1], 0.9560439560439561, 1e-12);
}

static void
test_kappa_by_hand (void)
{
  static const AxRating opposite[] = { { 0, 4 }, { 4, 0 } };
  static const AxRating same[] = { { 1, 1 }, { 1, 1 } };
  double kappa = 0;

  g_assert_true (ax_kappa_quadratic (opposite, 2, 5, &kappa));
  g_assert_cmpfloat (kappa, ==, -1);
  g_assert_false (ax_kappa_quadratic (same, 2, 5, &kappa));
  g_assert_true (isnan (kappa));
  g_assert_false (ax_kappa_quadratic (same, 0, 5, &kappa));
}

static void
test_percentiles (void)
{
  double values[1000], interval[2];

  for (int i = 0; i < 1000; i++)
    values[i] = (i * 7) % 1000;
  ax_bootstrap_percentiles (0.95, values, 1000, interval);
  g_assert_cmpfloat (interval[0], ==, 25);
  g_assert_cmpfloat (interval[1], ==, 975);
  ax_bootstrap_percentiles (0.95, values, 1, interval);
  g_assert_cmpfloat (interval[0], ==, interval[1]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/metrics/auc", test_auc);
  g_test_add_func ("/metrics/auc-of-one-class", test_auc_of_one_class);
  g_test_add_func ("/metrics/auc-of-ties", test_auc_of_ties);
  g_test_add_func ("/metrics/roc-curve", test_roc_curve);
  g_test_add_func ("/metrics/kappa", test_kappa);
  g_test_add_func ("/metrics/kappa-by-hand", test_kappa_by_hand);
  g_test_add_func ("/metrics/percentiles", test_percentiles);
  return g_test_run ();
}
