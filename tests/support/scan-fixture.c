#include "tests/support/scan-fixture.h"

static void
set_up_scan (ScanFixture *self)
{
  self->model = tiny_model_new (1, SCAN_FIXTURE_MPP);
  self->tissue = ax_tissue_new_full (self->slide);
  ax_scan_options_init (&self->options, self->model);
  self->options.roi_px = TINY_MODEL_FIELD + 4 * TINY_MODEL_STRIDE;
  self->setup
      = (AxScanSetup){ .engine = "ref", .n_threads = 1, .n_readers = 3 };
}

void
scan_fixture_init (ScanFixture *self, const AxSlideDamage *damages,
                   guint n_damages)
{
  AxSlideCoding coding = damages != NULL ? AX_SLIDE_JPEG : AX_SLIDE_RAW;

  *self = (ScanFixture){ 0 };
  slide_fixture_init (&self->files, 201, 133, SCAN_FIXTURE_MPP, coding, damages,
                      n_damages);
  self->slide = slide_fixture_open (&self->files);
  set_up_scan (self);
}

void
scan_fixture_attach (ScanFixture *self, const char *slide_path)
{
  g_autoptr (GError) error = NULL;

  *self = (ScanFixture){ 0 };
  self->slide = ax_slide_open (slide_path, &error);
  g_assert_no_error (error);
  set_up_scan (self);
}

void
scan_fixture_clear (ScanFixture *self)
{
  ax_tissue_unref (self->tissue);
  ax_model_unref (self->model);
  ax_slide_unref (self->slide);
  if (self->files.path != NULL)
    slide_fixture_clear (&self->files);
}

AxScanPlan *
scan_fixture_make_plan (ScanFixture *self)
{
  AxScale mpp = { 0 };
  g_autoptr (GError) error = NULL;
  AxScanPlan *plan = NULL;

  g_assert_true (ax_slide_get_mpp (self->slide, &mpp));
  plan = ax_scan_plan_new (self->slide, self->tissue, self->model, mpp,
                           &self->options, &error);
  g_assert_no_error (error);
  return plan;
}

AxScan *
scan_fixture_make_scan (ScanFixture *self, GMainContext *context)
{
  g_autoptr (AxScanPlan) plan = scan_fixture_make_plan (self);
  g_autoptr (GError) error = NULL;
  AxScan *scan = ax_scan_new (plan, &self->setup, context, &error);

  g_assert_no_error (error);
  return scan;
}

AxProbMap *
scan_fixture_run (ScanFixture *self)
{
  g_autoptr (AxScan) scan = scan_fixture_make_scan (self, NULL);
  g_autoptr (GError) error = NULL;

  ax_scan_run_blocking (scan, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (ax_scan_get_state (scan), ==, AX_SCAN_DONE);
  return ax_prob_map_ref (ax_scan_get_map (scan));
}
