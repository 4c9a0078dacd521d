#include "core/detect/plan.h"

#include "core/detect/roi-queue.h"
#include "tests/support/expect-error.h"
#include "tests/support/slide-fixture.h"
#include "tests/support/tiny-model.h"

#define MPP 0.5

typedef struct
{
  SlideFixture files;
  AxSlide *slide;
  AxModel *model;
  AxTissue *tissue; /* two rectangles */
  AxTissue *everything;
  AxScanOptions options;
} Fixture;

static const AxRect0 tissue_rects[] = { { 20, 10, 50, 40 }, { 150, 90, 9, 9 } };

static void
set_up (Fixture *self, gconstpointer unused)
{
  slide_fixture_init (&self->files, 201, 133, MPP, AX_SLIDE_RAW, NULL, 0);
  self->slide = slide_fixture_open (&self->files);
  self->model = tiny_model_new (1, MPP);
  self->tissue
      = slide_fixture_make_tissue (&self->files, self->slide, tissue_rects, 2);
  self->everything = ax_tissue_new_full (self->slide);
  ax_scan_options_init (&self->options, self->model);
  self->options.roi_px = 30; /* m = 4, 10 cells of 2 px a side */
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  ax_tissue_unref (self->everything);
  ax_tissue_unref (self->tissue);
  ax_model_unref (self->model);
  ax_slide_unref (self->slide);
  slide_fixture_clear (&self->files);
}

static AxScanPlan *
make_plan (Fixture *self, AxTissue *tissue)
{
  g_autoptr (GError) error = NULL;
  AxScanPlan *plan
      = ax_scan_plan_new (self->slide, tissue, self->model,
                          (AxScale){ MPP, MPP }, &self->options, &error);

  g_assert_no_error (error);
  return plan;
}

static void
test_options (Fixture *self, gconstpointer unused)
{
  AxScanOptions options;

  ax_scan_options_init (&options, self->model);
  g_assert_cmpint (options.alpha, ==, 2);
  g_assert_false (options.naive);
  g_assert_cmpfloat (options.min_tissue, ==, 0.01);
  g_assert_true (ax_rect0_is_empty (options.region));
  g_assert_cmpuint (options.map_bytes, ==, 1 << 30);
}

/* Every cell of the slide lies in exactly one ROI, which reads its field. */
static void
test_rois_cover_everything (Fixture *self, gconstpointer unused)
{
  for (int alpha = 1; alpha <= 4; alpha *= 2)
    {
      g_autoptr (AxScanPlan) plan = NULL;
      g_autofree int *seen = NULL;
      const AxProbGeometry *geometry;
      const AxDense *dense;
      guint last_id = 0;

      self->options.alpha = alpha;
      plan = make_plan (self, self->everything);
      geometry = ax_scan_plan_get_geometry (plan);
      dense = ax_scan_plan_get_dense (plan);
      g_assert_cmpint (geometry->width, ==, (201 * alpha + 3) / 4);
      g_assert_cmpint (geometry->height, ==, (133 * alpha + 3) / 4);
      g_assert_cmpfloat (geometry->cell.x, ==, 4.0 / alpha);

      seen = g_new0 (int, geometry->width * geometry->height);
      for (guint i = 0; i < ax_scan_plan_get_n_rois (plan); i++)
        {
          const AxRoi *roi = ax_scan_plan_get_roi (plan, i);

          if (i > 0)
            g_assert_cmpuint (roi->id, >, last_id);
          last_id = roi->id;
          g_assert_cmpint (roi->x, ==,
                           ax_dense_cell_to_px (dense, roi->cells.col));
          g_assert_cmpint (roi->y, ==,
                           ax_dense_cell_to_px (dense, roi->cells.row));
          g_assert_cmpint (roi->cells.n_cols, <=, dense->cells);
          g_assert_cmpint (roi->cells.n_rows, <=, dense->cells);
          g_assert_cmpfloat_with_epsilon (roi->tissue, 1, 1e-12);
          for (gint64 r = 0; r < roi->cells.n_rows; r++)
            for (gint64 c = 0; c < roi->cells.n_cols; c++)
              seen[(roi->cells.row + r) * geometry->width + roi->cells.col
                   + c]++;
        }
      for (gint64 i = 0; i < geometry->width * geometry->height; i++)
        g_assert_cmpint (seen[i], ==, 1);
      g_assert_cmpfloat_with_epsilon (ax_scan_plan_get_tissue_mm2 (plan),
                                      201 * 133 * MPP * MPP * 1e-6, 1e-12);
    }
}

static gboolean
cell_has_tissue (gint64 col, gint64 row)
{
  AxRect0 cell = { 2 * col, 2 * row, 2, 2 };

  return !ax_rect0_is_empty (ax_rect0_intersect (cell, tissue_rects[0]))
         || !ax_rect0_is_empty (ax_rect0_intersect (cell, tissue_rects[1]));
}

static void
test_only_tissue (Fixture *self, gconstpointer unused)
{
  g_autoptr (AxScanPlan) plan = make_plan (self, self->tissue);
  const AxProbGeometry *geometry = ax_scan_plan_get_geometry (plan);
  guint n_found = 0;

  for (gint64 row = 0; row < geometry->height; row++)
    for (gint64 col = 0; col < geometry->width; col++)
      {
        guint id = row / 10 * 11 + col / 10, index;
        gboolean wanted = cell_has_tissue (col, row);

        g_assert_cmpint (ax_scan_plan_wants_cell (plan, col, row), ==, wanted);
        if (wanted)
          {
            g_assert_true (ax_scan_plan_find_roi (plan, id, &index));
            g_assert_cmpuint (ax_scan_plan_get_roi (plan, index)->id, ==, id);
          }
      }
  for (guint id = 0; id < 11 * 7; id++)
    {
      guint index;

      n_found += ax_scan_plan_find_roi (plan, id, &index);
    }
  g_assert_cmpuint (n_found, ==, ax_scan_plan_get_n_rois (plan));
  g_assert_cmpfloat_with_epsilon (ax_scan_plan_get_tissue_mm2 (plan),
                                  (50 * 40 + 9 * 9) * MPP * MPP * 1e-6, 1e-12);
}

static void
test_region (Fixture *self, gconstpointer unused)
{
  g_autoptr (AxScanPlan) plan = NULL;

  self->options.region = (AxRect0){ 41, 33, 10, 500 };
  plan = make_plan (self, self->everything);
  /* cells 20..25 of columns, 16 and on of rows */
  g_assert_false (ax_scan_plan_wants_cell (plan, 19, 20));
  g_assert_true (ax_scan_plan_wants_cell (plan, 20, 20));
  g_assert_true (ax_scan_plan_wants_cell (plan, 25, 20));
  g_assert_false (ax_scan_plan_wants_cell (plan, 26, 20));
  g_assert_false (ax_scan_plan_wants_cell (plan, 20, 15));
  g_assert_true (ax_scan_plan_wants_cell (plan, 20, 16));
  g_assert_true (ax_scan_plan_wants_cell (plan, 20, 66));
  g_assert_cmpuint (ax_scan_plan_get_n_rois (plan), ==, 6);
  g_assert_cmpuint (ax_scan_plan_get_roi (plan, 0)->id, ==, 11 + 2);
  g_assert_cmpfloat_with_epsilon (ax_scan_plan_get_tissue_mm2 (plan),
                                  10 * 100 * MPP * MPP * 1e-6, 1e-12);
}

static void
test_min_tissue (Fixture *self, gconstpointer unused)
{
  g_autoptr (AxScanPlan) none = NULL;
  g_autoptr (AxScanPlan) all = NULL;
  const AxRect0 speck = { 100, 50, 1, 1 };
  g_autoptr (AxTissue) tissue
      = slide_fixture_make_tissue (&self->files, self->slide, &speck, 1);

  self->options.min_tissue = 0.3;
  none = make_plan (self, tissue);
  g_assert_cmpuint (ax_scan_plan_get_n_rois (none), ==, 0);
  self->options.min_tissue = 0;
  all = make_plan (self, tissue);
  g_assert_cmpuint (ax_scan_plan_get_n_rois (all), ==, 11 * 7);
}

static void
test_refused (Fixture *self, gconstpointer unused)
{
  const AxScale mpp = { MPP, MPP };
  g_autoptr (GError) error = NULL;

  self->options.map_bytes = 1000;
  g_assert_null (ax_scan_plan_new (self->slide, self->tissue, self->model, mpp,
                                   &self->options, &error));
  expect_error (&error, AX_ERROR_LIMIT, "101 x 67 cells takes .* limit is");

  self->options.map_bytes = 0;
  self->options.region = (AxRect0){ 201, 0, 10, 10 };
  g_assert_null (ax_scan_plan_new (self->slide, self->tissue, self->model, mpp,
                                   &self->options, &error));
  expect_error (&error, AX_ERROR_LIMIT,
                "slide.tif: the region 201,0,10,10 lies outside .* 201 x 133");

  self->options.region = (AxRect0){ 0 };
  self->options.alpha = 8;
  g_assert_null (ax_scan_plan_new (self->slide, self->tissue, self->model, mpp,
                                   &self->options, &error));
  expect_error (&error, AX_ERROR_LIMIT, "dense coefficient 8 .* stride 4$");

  self->options.alpha = 2;
  g_assert_null (ax_scan_plan_new (self->slide, self->tissue, self->model,
                                   (AxScale){ 1000, 1000 }, &self->options,
                                   &error));
  expect_error (&error, AX_ERROR_LIMIT, ".");
}

/* The hash moves with everything that moves the map, and with nothing else. */
static void
test_hash (Fixture *self, gconstpointer unused)
{
  g_autoptr (GHashTable) hashes
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  const AxScanOptions plain = self->options;
  g_autoptr (AxScanPlan) first = make_plan (self, self->tissue);
  g_autoptr (AxScanPlan) again = NULL;

  self->options.map_bytes = 0;
  again = make_plan (self, self->tissue);
  g_assert_cmpstr (ax_scan_plan_get_hash (first), ==,
                   ax_scan_plan_get_hash (again));
  g_assert_cmpuint (strlen (ax_scan_plan_get_hash (first)), ==, 64);

  for (int change = 0; change < 8; change++)
    {
      AxScale mpp = { MPP, MPP };
      AxTissue *tissue = self->tissue;
      g_autoptr (AxScanPlan) plan = NULL;

      self->options = plain;
      switch (change)
        {
        case 1:
          self->options.alpha = 4;
          break;
        case 2:
          self->options.naive = TRUE;
          break;
        case 3:
          self->options.roi_px = 34;
          break;
        case 4:
          self->options.min_tissue = 0.5;
          break;
        case 5:
          self->options.region = (AxRect0){ 20, 10, 50, 40 };
          break;
        case 6:
          mpp.y = 0.6;
          break;
        case 7:
          tissue = self->everything;
          break;
        }
      plan = ax_scan_plan_new (self->slide, tissue, self->model, mpp,
                               &self->options, NULL);
      g_assert_nonnull (plan);
      g_assert_true (
          g_hash_table_add (hashes, g_strdup (ax_scan_plan_get_hash (plan))));
    }
}

/* Takes a ROI and gives its place: column and row of the grid. */
static void
expect_take (AxRoiQueue *queue, AxScanPlan *plan, guint col, guint row)
{
  guint index;

  g_assert_true (ax_roi_queue_take (queue, &index));
  g_assert_cmpuint (ax_scan_plan_get_roi (plan, index)->id, ==, row * 11 + col);
}

static void
test_queue_order (Fixture *self, gconstpointer unused)
{
  g_autoptr (AxScanPlan) plan = make_plan (self, self->everything);
  AxRoiQueue *queue = ax_roi_queue_new (plan);
  guint index;

  g_assert_cmpuint (ax_roi_queue_get_n_left (queue), ==, 77);
  expect_take (queue, plan, 0, 0);
  expect_take (queue, plan, 1, 0);

  /* ROIs are 20 pixels a side: (5,3) is in view, its neighbours around it */
  ax_roi_queue_set_focus (queue, (AxRect0){ 105, 66, 10, 10 });
  expect_take (queue, plan, 5, 3);
  expect_take (queue, plan, 5, 4);
  expect_take (queue, plan, 4, 3);
  expect_take (queue, plan, 6, 3);
  ax_roi_queue_set_focus (queue, (AxRect0){ 0, 121, 15, 12 });
  expect_take (queue, plan, 0, 6);
  expect_take (queue, plan, 0, 5);
  expect_take (queue, plan, 1, 6);
  expect_take (queue, plan, 1, 5);
  expect_take (queue, plan, 2, 0); /* the rest in reading order */
  ax_roi_queue_set_focus (queue, (AxRect0){ 0 });
  expect_take (queue, plan, 3, 0);

  /* taken ones come again, finished ones do not */
  g_assert_true (ax_roi_queue_finish (queue, 0));
  g_assert_false (ax_roi_queue_finish (queue, 0));
  g_assert_cmpuint (ax_roi_queue_get_n_left (queue), ==, 76);
  ax_roi_queue_put_back (queue);
  expect_take (queue, plan, 1, 0);
  for (guint i = 0; i < 75; i++)
    g_assert_true (ax_roi_queue_take (queue, &index));
  g_assert_false (ax_roi_queue_take (queue, &index));
  ax_roi_queue_free (queue);
}

#define ADD(name, func)                                                        \
  g_test_add ("/plan/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("options", test_options);
  ADD ("rois-cover-everything", test_rois_cover_everything);
  ADD ("only-tissue", test_only_tissue);
  ADD ("region", test_region);
  ADD ("min-tissue", test_min_tissue);
  ADD ("refused", test_refused);
  ADD ("hash", test_hash);
  ADD ("queue-order", test_queue_order);
  return g_test_run ();
}
