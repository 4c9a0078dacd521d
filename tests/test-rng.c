#include "core/base/rng.h"

#include <math.h>
#include <stdlib.h>

/* philox2x64 10 of Random123's kat_vectors: counter, key, first word. */
static void
test_known_answers (void)
{
  g_assert_cmphex (ax_rng_u64 (0, 0, 0), ==, 0xca00a0459843d731);
  g_assert_cmphex (ax_rng_u64 (G_MAXUINT64, G_MAXUINT64, G_MAXUINT64), ==,
                   0x65b021d60cd8310f);
  g_assert_cmphex (
      ax_rng_u64 (0xa4093822299f31d0, 0x13198a2e03707344, 0x243f6a8885a308d3),
      ==, 0x0a5e742c2997341c);
}

/* The same function written down in Python gave these. */
static void
test_cursor (void)
{
  static const guint64 words[]
      = { 0xa32725b0b54e0881, 0x5ccf5214263571d3, 0xb061b2f3f46d1bc4 };
  static const int digits[] = { 6, 3, 6, 0, 1, 9, 1, 3 };
  AxRng rng = ax_rng_init (42, 7);

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    {
      g_assert_cmpuint (rng.index, ==, i);
      g_assert_cmphex (ax_rng_u64 (42, 7, i), ==, words[i]);
      g_assert_cmphex (ax_rng_next (&rng), ==, words[i]);
    }

  rng = ax_rng_init (42, 7);
  g_assert_cmpfloat (ax_rng_uniform (&rng), ==, 0.6373160892883832);
  g_assert_cmpfloat (ax_rng_range (&rng, -1, 3), ==,
                     -1 + 4 * 0.3625384616081726);
  rng = ax_rng_init (42, 7);
  for (gsize i = 0; i < G_N_ELEMENTS (digits); i++)
    g_assert_cmpuint (ax_rng_below (&rng, 10), ==, digits[i]);
  rng = ax_rng_init (42, 7);
  g_assert_cmpfloat_with_epsilon (ax_rng_normal (&rng), -0.9252287549324295,
                                  1e-14);
  g_assert_cmpfloat_with_epsilon (ax_rng_normal (&rng), 1.4370926620750681,
                                  1e-14);
  g_assert_cmpuint (rng.index, ==, 4);
}

/* Chi-square of @n_draws over @n_bins; its mean is n_bins - 1. */
static double
chi_square (const guint *counts, guint n_bins, guint n_draws)
{
  double expected = (double)n_draws / n_bins, sum = 0;

  for (guint i = 0; i < n_bins; i++)
    sum += (counts[i] - expected) * (counts[i] - expected) / expected;
  return sum;
}

/* Every byte of the word, along the index, the stream and the seed: 255
   degrees of freedom, so 1e-6 of good generators lie above 373. */
static void
test_bytes_are_uniform (void)
{
  const guint n_draws = 100000;

  for (int axis = 0; axis < 3; axis++)
    for (int byte = 0; byte < 8; byte++)
      {
        guint counts[256] = { 0 };

        for (guint i = 0; i < n_draws; i++)
          {
            guint64 word = ax_rng_u64 (axis == 2 ? i : 5, axis == 1 ? i : 6,
                                       axis == 0 ? i : 7);

            counts[word >> (8 * byte) & 255]++;
          }
        g_assert_cmpfloat (chi_square (counts, 256, n_draws), <, 373);
      }
}

/* One flipped input bit flips half of the output, whichever it is. */
static void
test_avalanche (void)
{
  const int n_trials = 200;

  for (int bit = 0; bit < 192; bit++)
    {
      int n_flipped = 0;

      for (int i = 0; i < n_trials; i++)
        {
          guint64 in[3] = { 11 * i, 13 * i, 17 * i };
          guint64 before = ax_rng_u64 (in[0], in[1], in[2]);

          in[bit / 64] ^= G_GUINT64_CONSTANT (1) << (bit % 64);
          n_flipped += __builtin_popcountll (
              before ^ ax_rng_u64 (in[0], in[1], in[2]));
        }
      /* Six standard deviations: 6 * sqrt (200 * 64 / 4) = 339. */
      g_assert_cmpint (abs (n_flipped - n_trials * 32), <, 339);
    }
}

static void
test_uniform (void)
{
  const int n_draws = 200000;
  AxRng rng = ax_rng_init (1, 2);
  double sum = 0, sum_squares = 0, sum_products = 0, previous = 0.5;

  for (int i = 0; i < n_draws; i++)
    {
      double value = ax_rng_uniform (&rng);

      g_assert_cmpfloat (value, >=, 0);
      g_assert_cmpfloat (value, <, 1);
      sum += value;
      sum_squares += value * value;
      sum_products += (value - 0.5) * (previous - 0.5);
      previous = value;
    }
  g_assert_cmpfloat_with_epsilon (sum / n_draws, 1. / 2, 0.003);
  g_assert_cmpfloat_with_epsilon (sum_squares / n_draws, 1. / 3, 0.003);
  g_assert_cmpfloat_with_epsilon (sum_products / n_draws, 0, 0.001);
}

static void
test_range (void)
{
  AxRng rng = ax_rng_init (1, 2);
  double next_to_one = nextafter (1, 2);

  for (int i = 0; i < 1000; i++)
    {
      double value = ax_rng_range (&rng, -2.5, 4);

      g_assert_true (value >= -2.5 && value < 4);
      /* Half of the sums round up to the end. */
      g_assert_cmpfloat (ax_rng_range (&rng, 1, next_to_one), ==, 1);
    }
  g_assert_cmpfloat (ax_rng_range (&rng, 3, 3), ==, 3);
}

static void
test_below (void)
{
  const guint n_draws = 60000;
  const guint64 large = G_GUINT64_CONSTANT (3) << 62;
  AxRng rng = ax_rng_init (9, 9);
  guint counts[6] = { 0 }, thirds[3] = { 0 };

  for (guint i = 0; i < n_draws; i++)
    {
      guint64 face = ax_rng_below (&rng, 6);
      guint64 value = ax_rng_below (&rng, large);

      g_assert_cmpuint (face, <, 6);
      counts[face]++;
      g_assert_cmpuint (value, <, large);
      /* Without rejection, remainder 0 would come twice as often. */
      thirds[value % 3]++;
    }
  g_assert_cmpfloat (chi_square (counts, 6, n_draws), <, 35.9);
  g_assert_cmpfloat (chi_square (thirds, 3, n_draws), <, 27.6);
  g_assert_cmpuint (ax_rng_below (&rng, 1), ==, 0);
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double left = *(const double *)a, right = *(const double *)b;

  return (left > right) - (left < right);
}

/* Kolmogorov-Smirnov: D sqrt(n) is above 2.7 once in a million. */
static void
test_normal (void)
{
  enum
  {
    N_DRAWS = 100000
  };
  g_autofree double *draws = g_new (double, N_DRAWS);
  AxRng rng = ax_rng_init (4, 5);
  double distance = 0;

  for (int i = 0; i < N_DRAWS; i++)
    draws[i] = ax_rng_normal (&rng);
  qsort (draws, N_DRAWS, sizeof *draws, compare_doubles);
  for (int i = 0; i < N_DRAWS; i++)
    {
      double below = 0.5 * erfc (-draws[i] / G_SQRT2);

      distance = MAX (distance, fabs (below - (double)i / N_DRAWS));
      distance = MAX (distance, fabs ((double)(i + 1) / N_DRAWS - below));
    }
  g_assert_cmpfloat (distance * sqrt (N_DRAWS), <, 2.7);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rng/known-answers", test_known_answers);
  g_test_add_func ("/rng/cursor", test_cursor);
  g_test_add_func ("/rng/bytes-are-uniform", test_bytes_are_uniform);
  g_test_add_func ("/rng/avalanche", test_avalanche);
  g_test_add_func ("/rng/uniform", test_uniform);
  g_test_add_func ("/rng/range", test_range);
  g_test_add_func ("/rng/below", test_below);
  g_test_add_func ("/rng/normal", test_normal);
  return g_test_run ();
}
