/* Scans with networks of the other families, on the reference engine. */
#include "core/detect/scan.h"

#include "core/base/rng.h"
#include "core/nn/plan-outputs.h"
#include "tests/support/expect-error.h"
#include "tests/support/scan-fixture.h"
#include "tests/support/small-models.h"

#define WIDTH 201
#define HEIGHT 133

typedef AxModel *(*MakeModel) (double mpp);

static void
set_up (ScanFixture *self, gconstpointer make_model)
{
  scan_fixture_init (self, NULL, 0);
  ax_model_unref (self->model);
  self->model = ((MakeModel)make_model) (SCAN_FIXTURE_MPP);
  ax_scan_options_init (&self->options, self->model);
}

static void
tear_down (ScanFixture *self, gconstpointer unused)
{
  scan_fixture_clear (self);
}

/* The slide in white, from (@origin, @origin) on. */
static guint8 *
paint_padded (const SlideFixture *files, int origin, int width, int height)
{
  guint8 *rgb = g_malloc (3 * (gsize)width * height);

  memset (rgb, 255, 3 * (gsize)width * height);
  for (int y = 0; y < HEIGHT; y++)
    memcpy (rgb + 3 * ((gsize)(y - origin) * width - origin),
            files->rgb + 3 * (gsize)y * WIDTH, 3 * WIDTH);
  return rgb;
}

/* All of the slide in one pass of the dense graph. */
static void
expect_one_pass (ScanFixture *self, AxProbMap *map)
{
  const AxScanOptions *o = &self->options;
  int stride = ax_model_get_stride (self->model), step = stride / o->alpha;
  int field = ax_model_get_cell_field (self->model, o->alpha);
  int n_cols = (WIDTH + stride - 1) / stride;
  int n_rows = (HEIGHT + stride - 1) / stride;
  int width = field + stride * (n_cols - 1) + (o->alpha - 1) * step;
  int height = field + stride * (n_rows - 1) + (o->alpha - 1) * step;
  g_autofree guint8 *rgb
      = paint_padded (&self->files, step / 2 - field / 2, width, height);
  g_autoptr (AxGraph) graph = ax_model_make_dense_graph (
      self->model, o->alpha, AX_DENSE_DILATED, NULL);
  g_autoptr (AxEngine) engine = ax_engine_new ("ref", NULL, NULL);
  g_autoptr (AxPlan) plan = ax_plan_new (
      engine, graph, ax_model_get_inference_weights (self->model), 1, height,
      width, NULL);
  g_auto (AxPlanOutputs) outputs = { { NULL } };
  const AxProbGeometry *geometry = ax_prob_map_get_geometry (map);
  const float *p;

  g_assert_true (ax_plan_outputs_init (&outputs, plan, NULL));
  g_assert_true (ax_plan_forward_rgb (plan, rgb, outputs.values, NULL));
  p = o->output == 0 ? outputs.values[0] + n_cols * n_rows * o->alpha * o->alpha
                     : outputs.values[1];
  g_assert_cmpint (geometry->width, ==, (WIDTH + step - 1) / step);
  for (gint64 row = 0; row < geometry->height; row++)
    for (gint64 col = 0; col < geometry->width; col++)
      g_assert_cmpint (ax_prob_map_get (map, col, row), ==,
                       ax_prob_quantize (p[row * n_cols * o->alpha + col]));
}

static void
test_whole_slide (ScanFixture *self, gconstpointer unused)
{
  for (int alpha = 1; alpha <= 4; alpha *= 2)
    {
      g_autoptr (AxProbMap) map = NULL;

      self->options.alpha = alpha;
      self->options.roi_px = 72;
      map = scan_fixture_run (self);
      expect_one_pass (self, map);
    }
}

static void
on_dirty (AxScan *scan, AxRect0 *rect, gpointer user_data)
{
  AxRng *rng = user_data;
  AxRect0 focus = { .x = ax_rng_below (rng, WIDTH),
                    .y = ax_rng_below (rng, HEIGHT),
                    .width = 20,
                    .height = 20 };

  ax_scan_set_focus (scan, focus);
}

/* Neither where ROIs are cut nor in which order they come shows. */
static void
test_no_seam (ScanFixture *self, gconstpointer unused)
{
  static const int rois_px[] = { 53, 72, 300 };
  g_autoptr (AxProbMap) map = scan_fixture_run (self);

  for (guint i = 0; i < G_N_ELEMENTS (rois_px); i++)
    {
      g_autoptr (AxScan) scan = NULL;
      AxRng rng = ax_rng_init (i, 0);

      self->options.roi_px = rois_px[i];
      scan = scan_fixture_make_scan (self, NULL);
      g_signal_connect (scan, "dirty", G_CALLBACK (on_dirty), &rng);
      g_assert_true (ax_scan_run_blocking (scan, NULL, NULL, NULL, NULL));
      g_assert_true (ax_prob_map_equal (ax_scan_get_map (scan), map));
    }
}

/* Elsewhere what a ROI rounds may depend on its cut, and nothing else. */
static void
test_no_seam_cpu (ScanFixture *self, gconstpointer unused)
{
  g_autoptr (AxProbMap) whole = NULL;
  g_autoptr (AxProbMap) cut = NULL;

  self->setup.engine = "cpu";
  self->options.roi_px = 300;
  whole = scan_fixture_run (self);
  self->options.roi_px = 72;
  cut = scan_fixture_run (self);
  for (gint64 row = 0; row < ax_prob_map_get_geometry (cut)->height; row++)
    for (gint64 col = 0; col < ax_prob_map_get_geometry (cut)->width; col++)
      g_assert_cmpint (ABS (ax_prob_map_get (cut, col, row)
                            - ax_prob_map_get (whole, col, row)),
                       <=, 1);
}

/* The second output, and that it is another map under another name. */
static void
test_fraction (ScanFixture *self, gconstpointer unused)
{
  g_autoptr (AxScanPlan) tumor = scan_fixture_make_plan (self);
  g_autoptr (AxScanPlan) fraction = NULL;
  g_autoptr (AxProbMap) map = NULL;

  self->options.output = 1;
  fraction = scan_fixture_make_plan (self);
  g_assert_cmpstr (ax_scan_plan_get_hash (tumor), !=,
                   ax_scan_plan_get_hash (fraction));
  map = scan_fixture_run (self);
  expect_one_pass (self, map);
}

static void
expect_refused (ScanFixture *self, AxErrorCode code, const char *regex)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (ax_scan_plan_new (self->slide, self->tissue, self->model,
                                   (AxScale){ 0.5, 0.5 }, &self->options,
                                   &error));
  expect_error (&error, code, regex);
}

static void
test_refused (ScanFixture *self, gconstpointer unused)
{
  self->options.naive = TRUE;
  expect_refused (self, AX_ERROR_UNSUPPORTED,
                  "^unet: a network of the family unet has no naive form$");
  self->options.naive = FALSE;
  self->options.alpha = 8;
  expect_refused (self, AX_ERROR_LIMIT,
                  "^dense coefficient 8 is not a power of two that divides the "
                  "network's stride 4$");
  self->options.alpha = 2;
  self->options.roi_px = 49;
  expect_refused (self, AX_ERROR_LIMIT,
                  "a ROI of 49 pixels is not within 50 \\(the network's field");
}

/* What is read beyond the rim is thrown away, so a U-Net's ROI advances by no
 * less than three fields. */
static void
test_options (ScanFixture *self, gconstpointer unused)
{
  g_autoptr (AxScanPlan) plan = scan_fixture_make_plan (self);
  const AxDense *dense = ax_scan_plan_get_dense (plan);

  g_assert_cmpint (dense->step, ==, 2);
  g_assert_cmpint (dense->cells * dense->step, >=, 3 * dense->field);
  g_assert_cmpint (dense->cells * dense->step, <, 4 * dense->field);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    MakeModel make_model;
    void (*run) (ScanFixture *self, gconstpointer unused);
  } tests[] = {
    { "/scan-families/unet/whole-slide", small_unet_model_new,
      test_whole_slide },
    { "/scan-families/unet/no-seam", small_unet_model_new, test_no_seam },
    { "/scan-families/unet/no-seam-cpu", small_unet_model_new,
      test_no_seam_cpu },
    { "/scan-families/unet/refused", small_unet_model_new, test_refused },
    { "/scan-families/unet/options", small_unet_model_new, test_options },
    { "/scan-families/attention/whole-slide", small_attention_model_new,
      test_whole_slide },
    { "/scan-families/attention/no-seam", small_attention_model_new,
      test_no_seam },
    { "/scan-families/attention/no-seam-cpu", small_attention_model_new,
      test_no_seam_cpu },
    { "/scan-families/attention/fraction", small_attention_model_new,
      test_fraction },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, ScanFixture, tests[i].make_model, set_up,
                tests[i].run, tear_down);
  return g_test_run ();
}
