/* What a scan puts into its map. */
#include "core/detect/scan.h"

#include "core/base/rng.h"
#include "core/nn/engine.h"
#include "tests/support/data.h"
#include "tests/support/expect-error.h"
#include "tests/support/scan-fixture.h"

typedef struct
{
  ScanFixture base;
  GArray *kept; /* AxScanBlock, with cells of its own */
} Fixture;

static void
set_up (Fixture *self, gconstpointer unused)
{
  scan_fixture_init (&self->base, NULL, 0);
  self->kept = g_array_new (FALSE, FALSE, sizeof (AxScanBlock));
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  for (guint i = 0; i < self->kept->len; i++)
    g_free ((gpointer)g_array_index (self->kept, AxScanBlock, i).cells);
  g_array_unref (self->kept);
  scan_fixture_clear (&self->base);
}

/* An AxScanBlockFunc of the fixture. */
static gboolean
keep_copy (const AxScanBlock *block, gpointer user_data, GError **error)
{
  Fixture *self = user_data;
  AxScanBlock copy = *block;

  copy.cells = g_memdup2 (block->cells, sizeof (guint16) * block->rect.n_cols
                                            * block->rect.n_rows);
  g_array_append_val (self->kept, copy);
  return TRUE;
}

/* The pixels of one field, white outside the slide. */
static void
copy_field (const SlideFixture *files, gint64 x, gint64 y, guint8 *rgb)
{
  for (int row = 0; row < TINY_MODEL_FIELD; row++)
    for (int col = 0; col < TINY_MODEL_FIELD; col++)
      {
        gint64 px = x + col, py = y + row;
        guint8 *out = rgb + 3 * (row * TINY_MODEL_FIELD + col);

        if (px < 0 || py < 0 || px >= files->width || py >= files->height)
          memset (out, 255, 3);
        else
          memcpy (out, files->rgb + 3 * (py * files->width + px), 3);
      }
}

/*
 * Each cell is the network's output for the field whose first pixel is
 * c * S_d + S_d / 2 - field / 2 (algorithms.md 1.6).
 */
static void
expect_single_fields (const SlideFixture *files, AxModel *model, int step,
                      AxProbMap *map)
{
  const AxProbGeometry *geometry = ax_prob_map_get_geometry (map);
  g_autoptr (AxEngine) engine = ax_engine_new ("ref", NULL, NULL);
  g_autoptr (AxPlan) plan
      = ax_plan_new (engine, ax_model_get_inference_graph (model),
                     ax_model_get_inference_weights (model), 1,
                     TINY_MODEL_FIELD, TINY_MODEL_FIELD, NULL);
  guint8 rgb[3 * TINY_MODEL_FIELD * TINY_MODEL_FIELD];
  float p[2];
  float *outputs[] = { p };

  for (gint64 row = 0; row < geometry->height; row++)
    for (gint64 col = 0; col < geometry->width; col++)
      {
        copy_field (files, col * step + step / 2 - TINY_MODEL_FIELD / 2,
                    row * step + step / 2 - TINY_MODEL_FIELD / 2, rgb);
        g_assert_true (ax_plan_forward_rgb (plan, rgb, outputs, NULL));
        g_assert_cmpint (ax_prob_map_get (map, col, row), ==,
                         ax_prob_quantize (p[1]));
      }
}

static void
test_cells_are_fields (Fixture *self, gconstpointer unused)
{
  for (int alpha = 1; alpha <= 4; alpha *= 2)
    for (int naive = 0; naive <= 1; naive++)
      {
        g_autoptr (AxProbMap) map = NULL;

        self->base.options.alpha = alpha;
        self->base.options.naive = naive;
        map = scan_fixture_run (&self->base);
        g_assert_cmpint (ax_prob_map_count (map, NULL), ==,
                         (201 * alpha + 3) / 4 * ((133 * alpha + 3) / 4));
        expect_single_fields (&self->base.files, self->base.model, 4 / alpha,
                              map);
      }
}

/* Where ROIs are cut does not show. */
static void
test_no_seam (Fixture *self, gconstpointer unused)
{
  g_autoptr (AxProbMap) small = NULL;
  g_autoptr (AxProbMap) middle = NULL;
  g_autoptr (AxProbMap) whole = NULL;

  self->base.options.roi_px = TINY_MODEL_FIELD;
  small = scan_fixture_run (&self->base);
  self->base.options.roi_px = 77;
  middle = scan_fixture_run (&self->base);
  self->base.options.roi_px = 400;
  whole = scan_fixture_run (&self->base);
  g_assert_true (ax_prob_map_equal (small, whole));
  g_assert_true (ax_prob_map_equal (middle, whole));
}

static void
on_dirty (AxScan *scan, AxRect0 *rect, gpointer user_data)
{
  AxRng *rng = user_data;
  AxRect0 focus = {
    .x = ax_rng_below (rng, 201),
    .y = ax_rng_below (rng, 133),
    .width = 1 + ax_rng_below (rng, 60),
    .height = 1 + ax_rng_below (rng, 60),
  };

  g_assert_false (ax_rect0_is_empty (*rect));
  ax_scan_set_focus (scan, focus);
}

static void
test_order_leaves_no_trace (Fixture *self, gconstpointer unused)
{
  g_autoptr (AxProbMap) map = scan_fixture_run (&self->base);

  for (guint64 seed = 0; seed < 5; seed++)
    {
      g_autoptr (AxScan) scan = NULL;
      AxRng rng = ax_rng_init (seed, 0);

      self->base.setup.n_readers = 1 + seed % 3;
      scan = scan_fixture_make_scan (&self->base, NULL);
      g_signal_connect (scan, "dirty", G_CALLBACK (on_dirty), &rng);
      g_assert_true (ax_scan_run_blocking (scan, NULL, NULL, NULL, NULL));
      g_assert_true (ax_prob_map_equal (ax_scan_get_map (scan), map));
      g_assert_cmpuint (rng.index, >=, 4 * SCAN_FIXTURE_N_ROIS);
    }
}

static void
on_first_dirty (AxScan *scan, AxRect0 *rect, gpointer first)
{
  if (ax_rect0_is_empty (*(AxRect0 *)first))
    *(AxRect0 *)first = *rect;
}

static void
test_focus_comes_first (Fixture *self, gconstpointer unused)
{
  g_autoptr (AxScan) scan = NULL;
  AxRect0 first = { 0 };

  self->base.setup.n_readers = 1;
  scan = scan_fixture_make_scan (&self->base, NULL);
  ax_scan_set_focus (scan, (AxRect0){ 145, 85, 10, 10 });
  g_signal_connect (scan, "dirty", G_CALLBACK (on_first_dirty), &first);
  g_assert_true (ax_scan_run_blocking (scan, NULL, NULL, NULL, NULL));
  g_assert_true (ax_rect0_equal (first, (AxRect0){ 140, 80, 20, 20 }));
}

/* Half of the blocks, every other one, come from an earlier run. */
static void
test_restored_half (Fixture *self, gconstpointer unused)
{
  g_autoptr (AxProbMap) map = NULL;
  g_autoptr (AxScan) scan = NULL;
  AxScanProgress progress;

  self->base.setup.keep = keep_copy;
  self->base.setup.keep_data = self;
  map = scan_fixture_run (&self->base);
  g_assert_cmpuint (self->kept->len, ==, SCAN_FIXTURE_N_ROIS);

  self->base.setup.keep = NULL;
  scan = scan_fixture_make_scan (&self->base, NULL);
  for (guint i = 0; i < self->kept->len; i += 2)
    g_assert_true (ax_scan_restore (
        scan, &g_array_index (self->kept, AxScanBlock, i), NULL));
  ax_scan_get_progress (scan, &progress);
  g_assert_cmpuint (progress.n_rois_done, ==, 39);
  g_assert_true (ax_scan_run_blocking (scan, NULL, NULL, NULL, NULL));
  g_assert_true (ax_prob_map_equal (ax_scan_get_map (scan), map));
  ax_scan_get_progress (scan, &progress);
  g_assert_cmpuint (progress.n_rois, ==, SCAN_FIXTURE_N_ROIS);
  g_assert_cmpuint (progress.n_rois_done, ==, SCAN_FIXTURE_N_ROIS);
  g_assert_cmpuint (progress.n_rois_restored, ==, 39);
  g_assert_cmpfloat_with_epsilon (progress.analysed_mm2, SCAN_FIXTURE_MM2,
                                  1e-12);
}

/* Everything is there: no engine is made. */
static void
test_restored_whole (Fixture *self, gconstpointer unused)
{
  g_autoptr (AxProbMap) map = NULL;
  g_autoptr (AxScan) scan = NULL;

  self->base.setup.keep = keep_copy;
  self->base.setup.keep_data = self;
  map = scan_fixture_run (&self->base);
  self->base.setup.engine = "no such engine";
  scan = scan_fixture_make_scan (&self->base, NULL);
  for (guint i = 0; i < self->kept->len; i++)
    g_assert_true (ax_scan_restore (
        scan, &g_array_index (self->kept, AxScanBlock, i), NULL));
  g_assert_true (ax_scan_run_blocking (scan, NULL, NULL, NULL, NULL));
  g_assert_null (ax_scan_get_engine (scan));
  g_assert_true (ax_prob_map_equal (ax_scan_get_map (scan), map));
}

static void
test_restore_refuses_misfits (Fixture *self, gconstpointer unused)
{
  const AxRect0 half = { 0, 0, 100, 133 };
  g_autoptr (AxScanPlan) plan = NULL;
  g_autoptr (AxScan) scan = NULL;
  g_autoptr (GError) error = NULL;
  guint16 cells[100] = { 0 };
  AxScanBlock good = { .rect = { 40, 0, 10, 10 }, .roi = 4, .cells = cells };

  /* columns 0..49 are wanted; ROI 4 has its last column in there */
  g_clear_pointer (&self->base.tissue, ax_tissue_unref);
  self->base.tissue = slide_fixture_make_tissue (&self->base.files,
                                                 self->base.slide, &half, 1);
  scan = scan_fixture_make_scan (&self->base, NULL);
  for (int i = 0; i < 100; i++)
    cells[i] = 1000 + i;

  for (int wrong = 0; wrong < 4; wrong++)
    {
      AxScanBlock bad = good;

      switch (wrong)
        {
        case 0:
          bad.roi = 8; /* without tissue: not in the plan */
          break;
        case 1:
          bad.rect.col++;
          break;
        case 2:
          bad.n_failed = 1;
          break;
        case 3:
          bad.roi = G_MAXUINT;
          break;
        }
      g_assert_false (ax_scan_restore (scan, &bad, &error));
      expect_error (&error, AX_ERROR_FORMAT,
                    "^the kept block of ROI \\d+ does not fit");
    }
  g_assert_cmpint (ax_prob_map_count (ax_scan_get_map (scan), NULL), ==, 0);

  cells[7] = AX_PROB_NONE;
  g_assert_false (ax_scan_restore (scan, &good, &error));
  expect_error (&error, AX_ERROR_FORMAT, "ROI 4 does not fit");
  good.n_failed = 1;
  g_assert_true (ax_scan_restore (scan, &good, &error));
  g_assert_no_error (error);
  g_assert_cmpint (ax_prob_map_count (ax_scan_get_map (scan), NULL), ==, 99);
}

static void
test_only_tissue (Fixture *self, gconstpointer unused)
{
  const AxRect0 rects[] = { { 21, 30, 30, 50 }, { 190, 120, 11, 13 } };
  g_autoptr (AxProbMap) full = scan_fixture_run (&self->base);
  g_autoptr (AxScan) scan = NULL;
  g_autoptr (AxScanPlan) plan = NULL;
  AxScanProgress progress;
  AxProbMap *map;

  g_clear_pointer (&self->base.tissue, ax_tissue_unref);
  self->base.tissue = slide_fixture_make_tissue (&self->base.files,
                                                 self->base.slide, rects, 2);
  plan = scan_fixture_make_plan (&self->base);
  scan = scan_fixture_make_scan (&self->base, NULL);
  g_assert_true (ax_scan_run_blocking (scan, NULL, NULL, NULL, NULL));
  map = ax_scan_get_map (scan);
  for (gint64 row = 0; row < 67; row++)
    for (gint64 col = 0; col < 101; col++)
      g_assert_cmpint (ax_prob_map_get (map, col, row), ==,
                       ax_scan_plan_wants_cell (plan, col, row)
                           ? ax_prob_map_get (full, col, row)
                           : AX_PROB_NONE);

  /* cells of 2 x 2 pixels: columns 10..25, rows 15..39; columns 95..100 of
     which the last is one pixel wide, rows 60..66 likewise */
  ax_scan_get_progress (scan, &progress);
  g_assert_cmpfloat_with_epsilon (progress.analysed_mm2,
                                  (32 * 50 + 11 * 13) * 0.25e-6, 1e-12);
  g_assert_cmpfloat_with_epsilon (progress.tissue_mm2,
                                  (30 * 50 + 11 * 13) * 0.25e-6, 1e-12);
  g_assert_cmpfloat (progress.failed_mm2, ==, 0);
}

static void
test_no_tissue (Fixture *self, gconstpointer unused)
{
  g_autoptr (AxScan) scan = NULL;

  g_clear_pointer (&self->base.tissue, ax_tissue_unref);
  self->base.tissue = slide_fixture_make_tissue (&self->base.files,
                                                 self->base.slide, NULL, 0);
  scan = scan_fixture_make_scan (&self->base, NULL);
  g_assert_true (ax_scan_run_blocking (scan, NULL, NULL, NULL, NULL));
  g_assert_cmpint (ax_scan_get_state (scan), ==, AX_SCAN_DONE);
  g_assert_cmpint (ax_prob_map_count (ax_scan_get_map (scan), NULL), ==, 0);
}

/*
 * Tile (1, 0) of 64 pixels is garbage: cells whose field of 14 pixels, which
 * starts at 2c + 1 - 7, meets columns 64..127 and rows 0..63 are blank.
 */
static void
test_damaged_tile (void)
{
  const AxSlideDamage damage = { AX_SLIDE_DAMAGE_GARBAGE, 0, 1, 0 };
  const AxSlideDamage harmless = { AX_SLIDE_DAMAGE_GARBAGE, 1, 0, 0 };
  ScanFixture good, bad;
  g_autoptr (AxProbMap) whole = NULL;
  g_autoptr (AxScan) scan = NULL;
  AxScanProgress progress;
  gint64 n_blank = 0;

  scan_fixture_init (&good, &harmless, 1);
  scan_fixture_init (&bad, &damage, 1);
  whole = scan_fixture_run (&good);
  scan = scan_fixture_make_scan (&bad, NULL);
  g_assert_true (ax_scan_run_blocking (scan, NULL, NULL, NULL, NULL));
  for (gint64 row = 0; row < 67; row++)
    for (gint64 col = 0; col < 101; col++)
      {
        gint64 x = 2 * col - 6, y = 2 * row - 6;
        gboolean blank = x + 14 > 64 && x < 128 && y < 64;

        n_blank += blank;
        g_assert_cmpint (ax_prob_map_get (ax_scan_get_map (scan), col, row), ==,
                         blank ? AX_PROB_NONE
                               : ax_prob_map_get (whole, col, row));
      }
  ax_scan_get_progress (scan, &progress);
  g_assert_cmpfloat_with_epsilon (progress.failed_mm2, n_blank * 4 * 0.25e-6,
                                  1e-12);
  g_assert_cmpfloat_with_epsilon (progress.analysed_mm2 + progress.failed_mm2,
                                  SCAN_FIXTURE_MM2, 1e-12);
  g_clear_object (&scan);
  scan_fixture_clear (&good);
  scan_fixture_clear (&bad);
}

/* A real slide between its levels' scales, with its own tissue. */
static void
test_real_slide (void)
{
  g_autofree char *path = data_path ("slides/CMU-1-Small-Region.svs");
  g_autoptr (AxProbMap) small = NULL;
  g_autoptr (AxProbMap) whole = NULL;
  g_autoptr (GError) error = NULL;
  ScanFixture base;
  AxScale mpp = { 0 };

  if (path == NULL)
    return;
  scan_fixture_attach (&base, path);
  g_assert_true (ax_slide_get_mpp (base.slide, &mpp));
  ax_tissue_unref (base.tissue);
  base.tissue = ax_tissue_detect (base.slide, mpp, &error);
  g_assert_no_error (error);
  ax_model_unref (base.model);
  base.model = tiny_model_new (3, 0.972);
  base.options.roi_px = 110;
  small = scan_fixture_run (&base);
  base.options.roi_px = 2000;
  whole = scan_fixture_run (&base);
  g_assert_true (ax_prob_map_equal (small, whole));
  g_assert_cmpint (ax_prob_map_count (small, NULL), >, 10000);
  scan_fixture_clear (&base);
}

/* The other engine gives the same map within its tolerance. */
static void
test_cpu_engine (Fixture *self, gconstpointer unused)
{
  g_autoptr (AxProbMap) reference = scan_fixture_run (&self->base);
  g_autoptr (AxEngine) engine = ax_engine_new ("cpu", NULL, NULL);
  g_autoptr (AxProbMap) map = NULL;

  if (engine == NULL)
    {
      g_test_skip ("no cpu engine");
      return;
    }
  self->base.setup.engine = "cpu";
  map = scan_fixture_run (&self->base);
  for (gint64 row = 0; row < 67; row++)
    for (gint64 col = 0; col < 101; col++)
      g_assert_cmpint (ABS (ax_prob_map_get (map, col, row)
                            - ax_prob_map_get (reference, col, row)),
                       <=, 7); /* 1e-4 */
}

#define ADD(name, func)                                                        \
  g_test_add ("/scan/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("cells-are-fields", test_cells_are_fields);
  ADD ("no-seam", test_no_seam);
  ADD ("order-leaves-no-trace", test_order_leaves_no_trace);
  ADD ("focus-comes-first", test_focus_comes_first);
  ADD ("restored-half", test_restored_half);
  ADD ("restored-whole", test_restored_whole);
  ADD ("restore-refuses-misfits", test_restore_refuses_misfits);
  ADD ("only-tissue", test_only_tissue);
  ADD ("no-tissue", test_no_tissue);
  g_test_add_func ("/scan/damaged-tile", test_damaged_tile);
  ADD ("cpu-engine", test_cpu_engine);
  g_test_add_func ("/scan/real-slide", test_real_slide);
  return g_test_run ();
}
