/* What the first network of a cascade leaves for the second. */
#include "core/detect/screen.h"

#include "tests/support/expect-error.h"
#include "tests/support/scan-fixture.h"
#include "tests/support/small-models.h"

#include <math.h>

#define WIDTH 201
#define HEIGHT 133

static void
use_model (ScanFixture *self, AxModel *model)
{
  ax_model_unref (self->model);
  self->model = model;
  ax_scan_options_init (&self->options, model);
}

static void
set_up (ScanFixture *self, gconstpointer unused)
{
  scan_fixture_init (self, NULL, 0);
  use_model (self, small_attention_model_new (2 * SCAN_FIXTURE_MPP));
}

static void
tear_down (ScanFixture *self, gconstpointer unused)
{
  scan_fixture_clear (self);
}

static AxScan *
run_first (ScanFixture *self)
{
  AxScan *scan = scan_fixture_make_scan (self, NULL);

  g_assert_true (ax_scan_run_blocking (scan, NULL, NULL, NULL, NULL));
  return scan;
}

/* A threshold that few cells of the map reach. */
static double
find_threshold (AxProbMap *map)
{
  guint16 hottest = ax_prob_map_get_max (map);

  return ax_prob_value (hottest - 20);
}

/* The distance, in cells, to the nearest doubtful one. */
static double
find_distance (AxProbMap *map, guint16 threshold, gint64 col, gint64 row)
{
  const AxProbGeometry *geometry = ax_prob_map_get_geometry (map);
  double least = G_MAXDOUBLE;

  for (gint64 y = 0; y < geometry->height; y++)
    for (gint64 x = 0; x < geometry->width; x++)
      {
        guint16 cell = ax_prob_map_get (map, x, y);

        if (cell == AX_PROB_NONE || cell >= threshold)
          least = MIN (least, hypot (x - col, y - row));
      }
  return least;
}

/* The field is 18 pixels of two, cells are 2 of them: 9 cells a side. */
static void
test_fields_are_kept (ScanFixture *self, gconstpointer unused)
{
  g_autoptr (AxScan) scan = run_first (self);
  AxProbMap *map = ax_scan_get_map (scan);
  const AxProbGeometry *geometry = ax_prob_map_get_geometry (map);
  double threshold = find_threshold (map), skipped_mm2 = NAN;
  guint16 least = ax_prob_threshold (threshold);
  g_autoptr (GError) error = NULL;
  g_autoptr (AxTissue) left
      = ax_screen_scan (scan, threshold, &skipped_mm2, &error);
  int width, height, n_kept = 0;
  AxScale scale;
  const guint8 *mask = NULL;

  g_assert_no_error (error);
  mask = ax_tissue_get_mask (left, &width, &height, &scale);
  g_assert_cmpint (width, ==, geometry->width);
  g_assert_cmpint (height, ==, geometry->height);
  g_assert_cmpfloat (scale.x, ==, 4);
  for (gint64 row = 0; row < height; row++)
    for (gint64 col = 0; col < width; col++)
      {
        gboolean kept = mask[row * width + col] != 0;

        g_assert_cmpint (
            kept, ==, find_distance (map, least, col, row) <= hypot (9, 9) / 2);
        n_kept += kept;
      }
  g_assert_cmpint (n_kept, >, 0);
  g_assert_cmpint (n_kept, <, width * height);
  g_assert_cmpfloat_with_epsilon (skipped_mm2
                                      + ax_tissue_get_area_px (left) * 0.25e-6,
                                  SCAN_FIXTURE_MM2, 1e-9);
}

/* The second network gives what it gives by itself, where it is run. */
static void
test_second (ScanFixture *self, gconstpointer unused)
{
  g_autoptr (AxScan) first = run_first (self);
  g_autoptr (AxTissue) left = ax_screen_scan (
      first, find_threshold (ax_scan_get_map (first)), NULL, NULL);
  g_autoptr (AxProbMap) whole = NULL;
  g_autoptr (AxProbMap) part = NULL;
  g_autoptr (AxScanPlan) whole_plan = NULL;
  g_autoptr (AxScanPlan) part_plan = NULL;
  gint64 n_run = 0;

  use_model (self, tiny_model_new (1, SCAN_FIXTURE_MPP));
  whole_plan = scan_fixture_make_plan (self);
  whole = scan_fixture_run (self);
  ax_tissue_unref (self->tissue);
  self->tissue = ax_tissue_ref (left);
  part_plan = scan_fixture_make_plan (self);
  part = scan_fixture_run (self);
  g_assert_cmpstr (ax_scan_plan_get_hash (part_plan), !=,
                   ax_scan_plan_get_hash (whole_plan));
  for (gint64 row = 0; row < 67; row++)
    for (gint64 col = 0; col < 101; col++)
      {
        AxRect0 rect = { 2 * col, 2 * row, 2, 2 };
        gboolean wanted = ax_tissue_get_fraction_in (left, rect) > 0.01;

        g_assert_cmpint (ax_prob_map_get (part, col, row), ==,
                         wanted ? ax_prob_map_get (whole, col, row)
                                : AX_PROB_NONE);
        n_run += wanted;
      }
  g_assert_cmpint (n_run, >, 0);
  g_assert_cmpint (n_run, <, 67 * 101);
}

/* Nothing is doubtful: the second one has nothing to do. */
static void
test_nothing_left (ScanFixture *self, gconstpointer unused)
{
  g_autoptr (AxScan) scan = run_first (self);
  double skipped_mm2 = 0;
  g_autoptr (AxTissue) left = ax_screen_scan (scan, 1, &skipped_mm2, NULL);
  g_autoptr (AxProbMap) map = NULL;

  g_assert_cmpfloat (ax_tissue_get_fraction (left), ==, 0);
  g_assert_cmpfloat_with_epsilon (skipped_mm2, SCAN_FIXTURE_MM2, 1e-9);
  ax_tissue_unref (self->tissue);
  self->tissue = ax_tissue_ref (left);
  use_model (self, tiny_model_new (1, SCAN_FIXTURE_MPP));
  map = scan_fixture_run (self);
  g_assert_cmpint (ax_prob_map_count (map, NULL), ==, 0);
}

/* What the first network could not read is looked at again. */
static void
test_unread (void)
{
  const AxSlideDamage damage = { AX_SLIDE_DAMAGE_GARBAGE, 1, 1, 0 };
  ScanFixture self;
  g_autoptr (AxScan) scan = NULL;
  g_autoptr (AxTissue) left = NULL;
  AxScanProgress progress;

  scan_fixture_init (&self, &damage, 1);
  use_model (&self, small_attention_model_new (2 * SCAN_FIXTURE_MPP));
  scan = run_first (&self);
  ax_scan_get_progress (scan, &progress);
  g_assert_cmpfloat (progress.failed_mm2, >, 0);
  left = ax_screen_scan (scan, 1, NULL, NULL);
  g_assert_cmpfloat (
      ax_tissue_get_fraction_in (left, (AxRect0){ 136, 0, 60, 120 }), ==, 1);
  g_assert_cmpfloat (
      ax_tissue_get_fraction_in (left, (AxRect0){ 0, 0, 60, 133 }), ==, 0);
  scan_fixture_clear (&self);
}

static void
test_card (void)
{
  static const struct
  {
    const char *text;
    AxErrorCode code;
    const char *regex;
  } cases[] = {
    { NULL, AX_ERROR_UNSUPPORTED,
      "^attention: cannot be the first network of a cascade: its card has no "
      "'cascade', which must state a lesion recall of 99.5 % or more$" },
    { "{\"threshold\":0.02,\"lesion_recall\":0.9949,\"lesions\":300}",
      AX_ERROR_UNSUPPORTED,
      "^attention: .*: its card states a lesion recall of 99.49 %, not 99.5 or "
      "more$" },
    { "{\"threshold\":0.02,\"lesion_recall\":0.997}", AX_ERROR_FORMAT,
      "^attention: cascade: key 'lesions' is missing or 0$" },
    { "{\"lesion_recall\":0.997,\"lesions\":300}", AX_ERROR_FORMAT,
      "key 'threshold' is missing" },
    { "{\"threshold\":0.02,\"lesions\":300}", AX_ERROR_FORMAT,
      "key 'lesion_recall' is missing" },
    { "{\"threshold\":0}", AX_ERROR_FORMAT, "cascade.*0.*not within" },
    { "{\"lesion_recall\":99.7}", AX_ERROR_FORMAT, "99.7.*not within" },
    { "{\"recall\":1}", AX_ERROR_FORMAT, "unknown or second key 'recall'" },
    { "0.997", AX_ERROR_FORMAT, "expected '\\{'" },
  };
  g_autoptr (AxModel) source = small_attention_model_new (1);
  AxWeights *weights = ax_model_get_weights (source);
  AxScreening screening = { .threshold = 99 };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      if (cases[i].text != NULL)
        ax_weights_set_metadata (weights, "cascade", cases[i].text);
      g_assert_false (ax_model_get_screening (source, &screening, &error));
      expect_error (&error, cases[i].code, cases[i].regex);
      g_assert_cmpfloat (screening.threshold, ==, 99);
    }

  ax_weights_set_metadata (
      weights, "cascade",
      "{\"threshold\":0.02,\"lesion_recall\":0.995,\"lesions\":300}");
  g_assert_true (ax_model_get_screening (source, &screening, NULL));
  g_assert_cmpfloat (screening.threshold, ==, 0.02);
  g_assert_cmpfloat (screening.lesion_recall, ==, 0.995);
  g_assert_cmpint (screening.n_lesions, ==, 300);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/cascade/fields-are-kept", ScanFixture, NULL, set_up,
              test_fields_are_kept, tear_down);
  g_test_add ("/cascade/second", ScanFixture, NULL, set_up, test_second,
              tear_down);
  g_test_add ("/cascade/nothing-left", ScanFixture, NULL, set_up,
              test_nothing_left, tear_down);
  g_test_add_func ("/cascade/unread", test_unread);
  g_test_add_func ("/cascade/card", test_card);
  return g_test_run ();
}
