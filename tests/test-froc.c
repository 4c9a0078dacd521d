#include "core/eval/froc.h"
#include "tests/support/expect-error.h"

#include <math.h>

#define STEP AX_EVAL_STEP

/* Six slides: ties between false positives and hits, missed lesions, one with
   nothing on it, and several false positives of one probability. */
static double false_0[] = { 0.9, 0.5, 0.1 }, false_1[] = { 0.5 };
static double false_3[] = { 0.2, 0.1, 0.05 };
static double false_5[] = { 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.7 };
static double hits_0[] = { 0.9f, 0, 0.7f }, hits_2[] = { 0.1f };

static const AxFrocSlide slides[] = {
  { .false_positives = false_0,
    .n_false_positives = 3,
    .hits = hits_0,
    .n_hits = 3,
    .n_lesions = 2,
    .has_mask = TRUE },
  { .false_positives = false_1, .n_false_positives = 1 },
  { .hits = hits_2, .n_hits = 1, .n_lesions = 1, .has_mask = TRUE },
  { .false_positives = false_3, .n_false_positives = 3 },
  { .has_mask = TRUE },
  { .false_positives = false_5, .n_false_positives = 10 },
};

static AxFroc *
score (AxFrocScorer scorer, const AxFrocSlide *const *list, guint n_slides)
{
  g_autoptr (GError) error = NULL;
  AxFroc *froc = ax_froc_new (scorer, list, n_slides, &error);

  g_assert_no_error (error);
  return froc;
}

static void
expect_doubles (const double *values, const double *expected, guint n_values)
{
  for (guint i = 0; i < n_values; i++)
    g_assert_cmpfloat_with_epsilon (values[i], expected[i], 1e-12);
}

/* Worked out once with tests/e2e/references.py (numpy 1.24.2). */
static void
test_github (void)
{
  static const double sensitivity[] = { 0.5, 2. / 3, 2. / 3, 2. / 3, 1, 1 };
  static const double rates[]
      = { 17. / 6, 16. / 6, 14. / 6, 14. / 6, 13. / 6, 4. / 6,
          2. / 6,  2. / 6,  1. / 6,  1. / 6,  0 };
  static const double found[]
      = { 1, 1, 1, 2. / 3, 2. / 3, 2. / 3, 2. / 3, 2. / 3, 1. / 3, 1. / 3, 0 };
  const AxFrocSlide *list[6];
  g_autoptr (AxFroc) froc = NULL;

  for (int i = 0; i < 6; i++)
    list[i] = &slides[i];
  froc = score (AX_FROC_GITHUB, list, 6);
  g_assert_cmpuint (froc->n_counted, ==, 6);
  g_assert_cmpuint (froc->n_lesions, ==, 3);
  g_assert_cmpuint (froc->n_itc, ==, 1);
  g_assert_cmpuint (froc->curve.n_points, ==, G_N_ELEMENTS (rates));
  expect_doubles (froc->curve.false_positives, rates, G_N_ELEMENTS (rates));
  expect_doubles (froc->curve.sensitivity, found, G_N_ELEMENTS (found));
  expect_doubles (froc->sensitivity, sensitivity, AX_FROC_N_RATES);
  g_assert_cmpfloat_with_epsilon (froc->score, 0.75, 1e-12);
}

static void
test_challenge (void)
{
  static const double sensitivity[] = { 2. / 3, 2. / 3, 2. / 3, 2. / 3, 1, 1 };
  static const double rates[]
      = { 14. / 3, 13. / 3, 4, 4, 11. / 3, 2. / 3, 1. / 3, 1. / 3, 0, 0 };
  const AxFrocSlide *list[6];
  AxFrocSlide copies[6];
  g_autoptr (AxFroc) froc = NULL;

  for (int i = 0; i < 6; i++)
    {
      copies[i] = slides[i];
      if (copies[i].has_mask)
        copies[i].n_false_positives = 0;
      list[i] = &copies[i];
    }
  froc = score (AX_FROC_CHALLENGE, list, 6);
  g_assert_cmpuint (froc->n_counted, ==, 3);
  g_assert_cmpuint (froc->curve.n_points, ==, G_N_ELEMENTS (rates));
  expect_doubles (froc->curve.false_positives, rates, G_N_ELEMENTS (rates));
  expect_doubles (froc->sensitivity, sensitivity, AX_FROC_N_RATES);
  g_assert_cmpfloat_with_epsilon (froc->score, 7. / 9, 1e-12);
}

/* No lesion is missed, there is no ITC: the only hit is dropped. */
static void
test_smallest_is_dropped (void)
{
  const AxFrocSlide *list[] = { &slides[1], &slides[2] };
  g_autoptr (AxFroc) froc = score (AX_FROC_GITHUB, list, 2);

  g_assert_cmpuint (froc->curve.n_points, ==, 2);
  g_assert_cmpfloat (froc->curve.thresholds[0], ==, 0.5);
  g_assert_cmpfloat (froc->curve.false_positives[0], ==, 0.5);
  g_assert_cmpfloat (froc->curve.sensitivity[0], ==, 0);
  g_assert_cmpfloat (froc->score, ==, 0);
}

static void
test_no_lesions (void)
{
  const AxFrocSlide *list[] = { &slides[1], &slides[3] };
  g_autoptr (AxFroc) froc = score (AX_FROC_GITHUB, list, 2);
  g_autoptr (AxFrocBand) band = NULL;
  AxBootstrap bootstrap = AX_BOOTSTRAP_DEFAULT;
  double interval[2];

  g_assert_true (isnan (froc->score));
  g_assert_true (isnan (froc->sensitivity[0]));
  g_assert_cmpfloat (froc->curve.false_positives[0], ==, 1.5);
  g_assert_false (ax_froc_bootstrap (froc, &bootstrap, interval, &band));
  g_assert_true (isnan (interval[0]));
  g_assert_null (band);
}

static void
test_no_detections (void)
{
  const AxFrocSlide missed
      = { .hits = hits_0 + 1, .n_hits = 1, .n_lesions = 1, .has_mask = TRUE };
  const AxFrocSlide *list[] = { &missed };
  g_autoptr (AxFroc) froc = score (AX_FROC_GITHUB, list, 1);

  g_assert_cmpuint (froc->curve.n_points, ==, 1);
  g_assert_cmpfloat (froc->curve.false_positives[0], ==, 0);
  g_assert_cmpfloat (froc->score, ==, 0);
}

static void
test_nothing_to_count (void)
{
  const AxFrocSlide *list[] = { &slides[0] };
  g_autoptr (GError) error = NULL;

  g_assert_null (ax_froc_new (AX_FROC_CHALLENGE, list, 1, &error));
  expect_error (&error, AX_ERROR_FORMAT, "^all 1 slides have tumour");
  g_assert_null (ax_froc_new (AX_FROC_GITHUB, NULL, 0, &error));
  expect_error (&error, AX_ERROR_FORMAT, "^no slides to score$");
}

/* As references.py draws and scores them. */
static void
test_bootstrap (void)
{
  AxBootstrap bootstrap = AX_BOOTSTRAP_DEFAULT;
  const AxFrocSlide *list[6];
  g_autoptr (AxFroc) froc = NULL;
  g_autoptr (AxFrocBand) band = NULL;
  double interval[2];

  for (int i = 0; i < 6; i++)
    list[i] = &slides[i];
  froc = score (AX_FROC_GITHUB, list, 6);
  bootstrap.n_resamples = 200;
  bootstrap.seed = 7;
  g_assert_true (ax_froc_bootstrap (froc, &bootstrap, interval, &band));
  g_assert_cmpfloat (interval[0], ==, 0);
  g_assert_cmpfloat (interval[1], ==, 1);

  g_assert_cmpuint (band->n_points, ==, 10000);
  g_assert_cmpfloat (band->false_positives[0], ==, 0.001);
  g_assert_cmpfloat_with_epsilon (band->false_positives[9999], 8, 1e-12);
  for (guint i = 0; i < band->n_points; i++)
    {
      g_assert_cmpfloat (band->low[i], <=, band->mean[i]);
      g_assert_cmpfloat (band->mean[i], <=, band->high[i]);
    }
}

/* A lesion of 40 x 40 mask pixels at (40, 20) and ITC at (150, 60). */
static AxEvalMask *
make_mask (void)
{
  g_autofree guint8 *tumor = g_new0 (guint8, 200 * 100);
  g_autoptr (GError) error = NULL;
  AxEvalMask *mask = NULL;

  for (int row = 20; row < 60; row++)
    for (int col = 40; col < 80; col++)
      tumor[row * 200 + col] = 255;
  tumor[60 * 200 + 150] = 255;
  tumor[99 * 200 + 199] = 255;
  mask = ax_eval_mask_new (tumor, 200, 100, AX_EVAL_MPP * STEP, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (mask->n_lesions, ==, 3);
  g_assert_cmpuint (mask->n_itc, ==, 2);
  return mask;
}

static const AxDetection detections[] = {
  { .probability = 0.3, .x = 50 * STEP, .y = 30 * STEP, .line = 1 },
  { .probability = 0.8, .x = 60 * STEP, .y = 40 * STEP, .line = 2 },
  { .probability = 0.6, .x = 60 * STEP, .y = 40 * STEP, .line = 3 },
  { .probability = 0.9, .x = 150 * STEP, .y = 60 * STEP, .line = 4 },
  { .probability = 0.4, .x = 5 * STEP, .y = 5 * STEP, .line = 5 },
  { .probability = 0.2, .x = 36 * STEP + 31.9, .y = 40 * STEP, .line = 6 },
  { .probability = 0.1, .x = 36 * STEP - 0.1, .y = 40 * STEP, .line = 7 },
};

static void
test_judge (void)
{
  g_autoptr (AxEvalMask) mask = make_mask ();
  g_autoptr (GError) error = NULL;
  g_autoptr (AxFrocSlide) slide
      = ax_froc_slide_new (AX_FROC_GITHUB, detections,
                           G_N_ELEMENTS (detections), mask, STEP, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (slide->n_lesions, ==, 1);
  g_assert_cmpuint (slide->n_hits, ==, 3);
  g_assert_cmpfloat (slide->hits[0], ==, 0.8f);
  g_assert_cmpfloat (slide->hits[1], ==, 0);
  g_assert_cmpuint (slide->n_ignored, ==, 1);
  g_assert_cmpuint (slide->n_false_positives, ==, 2);
  g_assert_cmpfloat (slide->false_positives[0], ==, 0.4);
  g_assert_cmpfloat (slide->false_positives[1], ==, 0.1);

  g_clear_pointer (&slide, ax_froc_slide_free);
  slide = ax_froc_slide_new (AX_FROC_CHALLENGE, detections,
                             G_N_ELEMENTS (detections), mask, STEP, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (slide->n_false_positives, ==, 0);
  g_assert_cmpfloat (slide->hits[0], ==, 0.8f);

  g_clear_pointer (&slide, ax_froc_slide_free);
  slide = ax_froc_slide_new (AX_FROC_CHALLENGE, detections,
                             G_N_ELEMENTS (detections), NULL, STEP, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (slide->n_false_positives, ==, G_N_ELEMENTS (detections));
  g_assert_false (slide->has_mask);
}

static AxFrocSlide *
judge_place (AxFrocScorer scorer, const AxEvalMask *mask, double x, double y,
             GError **error)
{
  const AxDetection detection
      = { .probability = 0.5, .x = x, .y = y, .line = 12 };

  return ax_froc_slide_new (scorer, &detection, 1, mask, STEP, error);
}

static void
test_outside (void)
{
  g_autoptr (AxEvalMask) mask = make_mask ();
  g_autoptr (GError) error = NULL;
  g_autoptr (AxFrocSlide) slide = NULL;

  g_assert_null (judge_place (AX_FROC_GITHUB, mask, 200 * STEP, 0, &error));
  expect_error (&error, AX_ERROR_FORMAT,
                "^12: \\(6400, 0\\) lies outside of the mask of 6400 x 3200");
  slide = judge_place (AX_FROC_CHALLENGE, mask, 0, 100 * STEP, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (slide->n_ignored, ==, 1);
  g_clear_pointer (&slide, ax_froc_slide_free);

  /* -1 is in row 0 for the one, the last row for the other. */
  slide = judge_place (AX_FROC_GITHUB, mask, 199 * STEP, -1, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (slide->n_false_positives, ==, 1);
  g_clear_pointer (&slide, ax_froc_slide_free);
  slide = judge_place (AX_FROC_CHALLENGE, mask, -1, -1, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (slide->n_ignored, ==, 1); /* ITC in the far corner */
  g_clear_pointer (&slide, ax_froc_slide_free);
  slide = judge_place (AX_FROC_GITHUB, mask, -STEP, -STEP, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (slide->n_ignored, ==, 1);
  g_clear_pointer (&slide, ax_froc_slide_free);
  g_assert_null (judge_place (AX_FROC_CHALLENGE, mask, -201 * STEP, 0, &error));
  expect_error (&error, AX_ERROR_FORMAT, "^12: .* outside of the mask");

  /* Outlines have no edges. */
  mask->is_open = TRUE;
  for (int scorer = AX_FROC_GITHUB; scorer <= AX_FROC_CHALLENGE; scorer++)
    {
      slide = judge_place (scorer, mask, -1, 1e9, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (slide->n_ignored, ==, 0);
      g_clear_pointer (&slide, ax_froc_slide_free);
    }
}

static void
test_names (void)
{
  AxFrocScorer scorer = AX_FROC_GITHUB;

  g_assert_true (ax_froc_scorer_from_name ("challenge", &scorer));
  g_assert_cmpint (scorer, ==, AX_FROC_CHALLENGE);
  g_assert_false (ax_froc_scorer_from_name ("Challenge", &scorer));
  g_assert_cmpstr (ax_froc_scorer_get_name (AX_FROC_GITHUB), ==, "github");
  g_assert_true (ax_froc_scorer_skips (AX_FROC_CHALLENGE, "Test_049"));
  g_assert_true (ax_froc_scorer_skips (AX_FROC_CHALLENGE, "test_114"));
  g_assert_false (ax_froc_scorer_skips (AX_FROC_CHALLENGE, "test_050"));
  g_assert_false (ax_froc_scorer_skips (AX_FROC_GITHUB, "test_049"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/froc/github", test_github);
  g_test_add_func ("/froc/challenge", test_challenge);
  g_test_add_func ("/froc/smallest-is-dropped", test_smallest_is_dropped);
  g_test_add_func ("/froc/no-lesions", test_no_lesions);
  g_test_add_func ("/froc/no-detections", test_no_detections);
  g_test_add_func ("/froc/nothing-to-count", test_nothing_to_count);
  g_test_add_func ("/froc/bootstrap", test_bootstrap);
  g_test_add_func ("/froc/judge", test_judge);
  g_test_add_func ("/froc/outside", test_outside);
  g_test_add_func ("/froc/names", test_names);
  return g_test_run ();
}
