/* How a scan starts, waits, pauses, ends and fails. */
#include "core/detect/scan.h"

#include "core/nn/engine.h"
#include "tests/support/expect-error.h"
#include "tests/support/gate.h"
#include "tests/support/scan-fixture.h"

#include <unistd.h>

typedef struct
{
  ScanFixture base;
  GMainContext *context;
  AxProbMap *whole; /* what a scan left alone gives */

  /* of hold() */
  gint n_kept; /* atomic */
  gint hold_at;
  Gate reached, released;
} Fixture;

static void
set_up (Fixture *self, gconstpointer unused)
{
  /* something to make it JPEG that no scan reads */
  const AxSlideDamage harmless = { AX_SLIDE_DAMAGE_GARBAGE, 1, 0, 0 };

  scan_fixture_init (&self->base, &harmless, 1);
  self->whole = scan_fixture_run (&self->base);
  self->context = g_main_context_new ();
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  g_main_context_unref (self->context);
  ax_prob_map_unref (self->whole);
  scan_fixture_clear (&self->base);
}

/* An AxScanBlockFunc that stops at one block until it is released. */
static gboolean
hold (const AxScanBlock *block, gpointer user_data, GError **error)
{
  Fixture *self = user_data;

  if (g_atomic_int_add (&self->n_kept, 1) + 1 == self->hold_at)
    {
      gate_open (&self->reached);
      gate_wait (&self->released);
    }
  return TRUE;
}

/* A scan that has started and stands still at its block number @at. */
static AxScan *
start_and_hold (Fixture *self, int at)
{
  AxScan *scan;

  self->hold_at = at;
  self->base.setup.keep = hold;
  self->base.setup.keep_data = self;
  scan = scan_fixture_make_scan (&self->base, self->context);
  self->base.setup.keep = NULL;
  ax_scan_start (scan);
  gate_wait (&self->reached);
  return scan;
}

static void
wait_for (Fixture *self, AxScan *scan, AxScanState state)
{
  while (ax_scan_get_state (scan) != state)
    g_main_context_iteration (self->context, TRUE);
  while (g_main_context_iteration (self->context, FALSE))
    ;
}

static guint
count_done (AxScan *scan)
{
  AxScanProgress progress;

  ax_scan_get_progress (scan, &progress);
  return progress.n_rois_done;
}

static void
on_event (AxScan *scan, gpointer count)
{
  (*(guint *)count)++;
}

static void
on_dirty (AxScan *scan, AxRect0 *rect, gpointer covered)
{
  *(AxRect0 *)covered = ax_rect0_union (*(AxRect0 *)covered, *rect);
}

static void
on_state (AxScan *scan, GParamSpec *pspec, gpointer states)
{
  AxScanState state = ax_scan_get_state (scan);
  guint property;

  g_object_get (scan, "state", &property, NULL);
  g_assert_cmpuint (property, ==, state);
  g_array_append_val (states, state);
}

static void
test_signals (Fixture *self, gconstpointer unused)
{
  g_autoptr (AxScan) scan = scan_fixture_make_scan (&self->base, self->context);
  g_autoptr (GArray) states = g_array_new (FALSE, FALSE, sizeof (AxScanState));
  guint n_progress = 0;
  AxRect0 covered = { 0 };
  AxScanProgress progress;

  g_signal_connect (scan, "progress", G_CALLBACK (on_event), &n_progress);
  g_signal_connect (scan, "dirty", G_CALLBACK (on_dirty), &covered);
  g_signal_connect (scan, "notify::state", G_CALLBACK (on_state), states);
  g_assert_cmpint (ax_scan_get_state (scan), ==, AX_SCAN_IDLE);
  g_assert_null (ax_scan_get_engine (scan));
  ax_scan_start (scan);
  g_assert_cmpuint (n_progress, ==, 0);
  ax_scan_start (scan);
  wait_for (self, scan, AX_SCAN_DONE);

  g_assert_cmpuint (n_progress, >, 0);
  g_assert_cmpuint (states->len, >, 0);
  g_assert_cmpint (g_array_index (states, AxScanState, states->len - 1), ==,
                   AX_SCAN_DONE);
  g_assert_true (ax_rect0_equal (covered, (AxRect0){ 0, 0, 202, 134 }));
  g_assert_true (ax_prob_map_equal (ax_scan_get_map (scan), self->whole));
  g_assert_cmpstr (ax_scan_get_engine (scan), ==, "ref");
  g_assert_nonnull (ax_scan_get_device (scan));
  g_assert_null (ax_scan_get_fallback_reason (scan));
  g_assert_null (ax_scan_get_engine_fault (scan));
  g_assert_null (ax_scan_get_error (scan));
  ax_scan_get_progress (scan, &progress);
  g_assert_cmpuint (progress.n_rois_done, ==, SCAN_FIXTURE_N_ROIS);
  g_assert_cmpfloat (progress.seconds_left, ==, 0);
  g_assert_cmpfloat (progress.seconds, >, 0);
  g_assert_cmpfloat_with_epsilon (progress.mm2_per_s * progress.seconds,
                                  SCAN_FIXTURE_MM2, 1e-9);
  g_assert_cmpfloat_with_epsilon (progress.mpx_per_s * progress.seconds,
                                  201 * 133 * 1e-6, 1e-9);
  g_assert_cmpfloat (progress.engine_busy_s + progress.read_wait_s, <=,
                     progress.seconds);
}

/* A paused scan lets another one run, and then goes on. */
static void
test_pause (Fixture *self, gconstpointer unused)
{
  g_autoptr (AxScan) scan = start_and_hold (self, 3);
  g_autoptr (AxScan) other
      = scan_fixture_make_scan (&self->base, self->context);
  AxScanProgress before, after;

  ax_scan_pause (scan);
  g_assert_cmpint (ax_scan_get_state (scan), ==, AX_SCAN_PAUSED);
  gate_open (&self->released);
  ax_scan_start (other);
  wait_for (self, other, AX_SCAN_DONE);
  g_assert_cmpint (ax_scan_get_state (scan), ==, AX_SCAN_PAUSED);
  g_assert_cmpuint (count_done (scan), <=, 3 + 3);

  /* the clock stands still */
  ax_scan_get_progress (scan, &before);
  ax_scan_get_progress (scan, &after);
  g_assert_cmpfloat (before.seconds, ==, after.seconds);

  ax_scan_resume (scan);
  wait_for (self, scan, AX_SCAN_DONE);
  g_assert_true (ax_prob_map_equal (ax_scan_get_map (scan), self->whole));
}

/* Resumed before the engine thread has noticed. */
static void
test_pause_briefly (Fixture *self, gconstpointer unused)
{
  g_autoptr (AxScan) scan = start_and_hold (self, 3);

  ax_scan_pause (scan);
  ax_scan_resume (scan);
  g_assert_cmpint (ax_scan_get_state (scan), !=, AX_SCAN_PAUSED);
  gate_open (&self->released);
  wait_for (self, scan, AX_SCAN_DONE);
  g_assert_true (ax_prob_map_equal (ax_scan_get_map (scan), self->whole));
}

static void
test_waiting (Fixture *self, gconstpointer unused)
{
  g_autoptr (AxScan) scan = start_and_hold (self, 2);
  g_autoptr (AxScan) second
      = scan_fixture_make_scan (&self->base, self->context);
  g_autoptr (AxScan) third
      = scan_fixture_make_scan (&self->base, self->context);
  AxScanProgress progress;

  g_assert_cmpint (ax_scan_get_state (scan), ==, AX_SCAN_RUNNING);
  ax_scan_start (second);
  ax_scan_start (third);
  g_assert_cmpint (ax_scan_get_state (second), ==, AX_SCAN_WAITING);
  ax_scan_cancel (second);
  wait_for (self, second, AX_SCAN_CANCELLED);
  g_assert_cmpuint (count_done (second), ==, 0);
  g_assert_cmpint (ax_scan_get_state (third), ==, AX_SCAN_WAITING);
  ax_scan_get_progress (third, &progress);
  g_assert_cmpfloat (progress.seconds, ==, 0);
  g_assert_cmpfloat (progress.seconds_left, <, 0);

  gate_open (&self->released);
  wait_for (self, third, AX_SCAN_DONE);
  g_assert_cmpint (ax_scan_get_state (scan), ==, AX_SCAN_DONE);
  g_assert_true (ax_prob_map_equal (ax_scan_get_map (third), self->whole));
}

/* What was under way when cancelled is finished and kept. */
static void
test_cancel (Fixture *self, gconstpointer unused)
{
  g_autoptr (AxScan) scan = start_and_hold (self, 5);
  AxScanProgress progress;

  ax_scan_cancel (scan);
  gate_open (&self->released);
  wait_for (self, scan, AX_SCAN_CANCELLED);
  g_assert_cmpuint (count_done (scan), >=, 5);
  g_assert_cmpuint (count_done (scan), <=, 5 + 3);
  g_assert_cmpuint (count_done (scan), ==, g_atomic_int_get (&self->n_kept));
  ax_scan_get_progress (scan, &progress);
  g_assert_cmpfloat (progress.seconds_left, >, 0);
  g_assert_null (ax_scan_get_error (scan));

  /* final */
  ax_scan_start (scan);
  ax_scan_resume (scan);
  ax_scan_cancel (scan);
  g_assert_cmpint (ax_scan_get_state (scan), ==, AX_SCAN_CANCELLED);
}

static void
test_cancel_paused (Fixture *self, gconstpointer unused)
{
  g_autoptr (AxScan) scan = start_and_hold (self, 5);

  ax_scan_pause (scan);
  gate_open (&self->released);
  ax_scan_cancel (scan);
  wait_for (self, scan, AX_SCAN_CANCELLED);
}

static void
test_cancel_idle (Fixture *self, gconstpointer unused)
{
  g_autoptr (AxScan) scan = scan_fixture_make_scan (&self->base, self->context);

  ax_scan_pause (scan);
  ax_scan_resume (scan);
  g_assert_cmpint (ax_scan_get_state (scan), ==, AX_SCAN_IDLE);
  ax_scan_cancel (scan);
  g_assert_cmpint (ax_scan_get_state (scan), ==, AX_SCAN_CANCELLED);
  ax_scan_start (scan);
  g_assert_cmpint (ax_scan_get_state (scan), ==, AX_SCAN_CANCELLED);
}

static void
test_run_blocking_cancelled (Fixture *self, gconstpointer unused)
{
  g_autoptr (AxScan) scan = scan_fixture_make_scan (&self->base, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (ax_scan_run_blocking (scan, cancellable, NULL, NULL, &error));
  expect_error (&error, AX_ERROR_CANCELLED, "slide.tif: the scan was cancel");
}

static void
drop (AxScan *scan, gpointer pointer)
{
  g_clear_object ((AxScan **)pointer);
}

/* Dropping the last reference joins the threads wherever they are. */
static void
test_drop_while_running (Fixture *self, gconstpointer unused)
{
  for (int i = 0; i < 20; i++)
    {
      AxScan *scan = scan_fixture_make_scan (&self->base, self->context);

      ax_scan_start (scan);
      for (int j = 0; j < i % 5; j++)
        g_main_context_iteration (self->context, TRUE);
      g_object_unref (scan);
    }
  for (int i = 0; i < 5; i++)
    {
      AxScan *scan = scan_fixture_make_scan (&self->base, self->context);

      g_signal_connect (scan, "progress", G_CALLBACK (drop), &scan);
      ax_scan_start (scan);
      while (scan != NULL)
        g_main_context_iteration (self->context, TRUE);
    }
}

static void
test_drop_while_waiting (Fixture *self, gconstpointer unused)
{
  g_autoptr (AxScan) scan = start_and_hold (self, 1);
  AxScan *second = scan_fixture_make_scan (&self->base, self->context);

  ax_scan_start (second);
  g_object_unref (second);
  gate_open (&self->released);
  wait_for (self, scan, AX_SCAN_DONE);
}

static gboolean
fail_at_fourth (const AxScanBlock *block, gpointer n_kept, GError **error)
{
  if (*(guint *)n_kept == 3)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_IO, "store: the disk is full");
      return FALSE;
    }
  (*(guint *)n_kept)++;
  return TRUE;
}

static void
test_keep_fails (Fixture *self, gconstpointer unused)
{
  g_autoptr (AxScan) scan = NULL;
  g_autoptr (GError) error = NULL;
  guint n_kept = 0;

  self->base.setup.keep = fail_at_fourth;
  self->base.setup.keep_data = &n_kept;
  scan = scan_fixture_make_scan (&self->base, NULL);
  g_assert_false (ax_scan_run_blocking (scan, NULL, NULL, NULL, &error));
  expect_error (&error, AX_ERROR_IO, "^store: the disk is full$");
  g_assert_cmpint (ax_scan_get_state (scan), ==, AX_SCAN_FAILED);
  g_assert_error (ax_scan_get_error (scan), AX_ERROR, AX_ERROR_IO);
  g_assert_cmpuint (n_kept, ==, 3);
  g_assert_cmpuint (count_done (scan), ==, 3);
}

/* A keeper that fails without saying why is found out. */
static gboolean
fail_silently (const AxScanBlock *block, gpointer unused, GError **error)
{
  return FALSE;
}

static void
test_keep_lies (Fixture *self, gconstpointer unused)
{
  g_autoptr (AxScan) scan = NULL;
  g_autoptr (GError) error = NULL;

  self->base.setup.keep = fail_silently;
  scan = scan_fixture_make_scan (&self->base, NULL);
  g_assert_false (ax_scan_run_blocking (scan, NULL, NULL, NULL, &error));
  expect_error (&error, AX_ERROR_IO, "^ROI \\d+ was not kept");
}

static void
test_unknown_engine (Fixture *self, gconstpointer unused)
{
  g_autoptr (AxScan) scan = NULL;
  g_autoptr (GError) error = NULL;

  self->base.setup.engine = "abacus";
  scan = scan_fixture_make_scan (&self->base, NULL);
  g_assert_false (ax_scan_run_blocking (scan, NULL, NULL, NULL, &error));
  expect_error (&error, AX_ERROR_NOT_FOUND, "no engine 'abacus'");
}

static void
test_slide_gone (Fixture *self, gconstpointer unused)
{
  g_autoptr (AxScan) scan = NULL;
  g_autoptr (GError) error = NULL;

  self->base.setup.cache_bytes = 1;
  scan = start_and_hold (self, 1);
  g_assert_cmpint (truncate (self->base.files.path, 0), ==, 0);
  gate_open (&self->released);
  wait_for (self, scan, AX_SCAN_FAILED);
  error = g_error_copy (ax_scan_get_error (scan));
  expect_error (&error, AX_ERROR_IO, "slide.tif: level 0, tile");
  g_assert_cmpuint (count_done (scan), >=, 1);
}

/* Engine "failing" does three ROIs and fails on the fourth. */
static void
test_fallback (Fixture *self, gconstpointer status)
{
  guint16 half = ax_prob_quantize (0.5);
  g_autoptr (AxScan) scan = NULL;
  g_autoptr (GError) error = NULL;
  AxProbMap *map;

  g_setenv ("AX_FAILING_AT", "4", TRUE);
  g_setenv ("AX_FAILING_STATUS", status, TRUE);
  self->base.setup.engine = "failing";
  self->base.setup.n_readers = 1;
  scan = scan_fixture_make_scan (&self->base, NULL);
  g_assert_true (ax_scan_run_blocking (scan, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (ax_scan_get_engine (scan), !=, "failing");
  g_assert_true (g_str_has_prefix (ax_scan_get_fallback_reason (scan),
                                   "engine 'failing': told to fail"));
  g_assert_cmpstr (ax_scan_get_engine_fault (scan), ==,
                   ax_scan_get_fallback_reason (scan));
  map = ax_scan_get_map (scan);
  for (gint64 row = 0; row < 67; row++)
    for (gint64 col = 0; col < 101; col++)
      if (row < 10 && col < 30)
        g_assert_cmpint (ax_prob_map_get (map, col, row), ==, half);
      else
        g_assert_cmpint (ABS (ax_prob_map_get (map, col, row)
                              - ax_prob_map_get (self->whole, col, row)),
                         <=, 7);
}

/* An engine asked for by name has to come up. */
static void
test_named_engine_does_not_come_up (Fixture *self, gconstpointer unused)
{
  g_autoptr (AxScan) scan = NULL;
  g_autoptr (GError) error = NULL;

  g_setenv ("AX_FAILING_AT", "0", TRUE);
  g_setenv ("AX_FAILING_STATUS", "device", TRUE);
  self->base.setup.engine = "failing";
  scan = scan_fixture_make_scan (&self->base, NULL);
  g_assert_false (ax_scan_run_blocking (scan, NULL, NULL, NULL, &error));
  expect_error (&error, AX_ERROR_DEVICE, "engine 'failing': told to fail");
  g_assert_cmpuint (count_done (scan), ==, 0);
}

#define ADD_WITH(name, data, func)                                             \
  g_test_add ("/scan-states/" name, Fixture, data, set_up, func, tear_down)
#define ADD(name, func) ADD_WITH (name, NULL, func)

int
main (int argc, char **argv)
{
  g_autofree char *engines = NULL;

  g_test_init (&argc, &argv, NULL);
  engines = g_test_build_filename (G_TEST_BUILT, "fake-engine", NULL);
  g_setenv ("AX_ENGINE_PATH", engines, TRUE);

  ADD ("signals", test_signals);
  ADD ("pause", test_pause);
  ADD ("pause-briefly", test_pause_briefly);
  ADD ("waiting", test_waiting);
  ADD ("cancel", test_cancel);
  ADD ("cancel-paused", test_cancel_paused);
  ADD ("cancel-idle", test_cancel_idle);
  ADD ("run-blocking-cancelled", test_run_blocking_cancelled);
  ADD ("drop-while-running", test_drop_while_running);
  ADD ("drop-while-waiting", test_drop_while_waiting);
  ADD ("keep-fails", test_keep_fails);
  ADD ("keep-lies", test_keep_lies);
  ADD ("unknown-engine", test_unknown_engine);
  ADD ("slide-gone", test_slide_gone);
  ADD_WITH ("fallback/device", "device", test_fallback);
  ADD_WITH ("fallback/memory", "memory", test_fallback);
  ADD ("named-engine-does-not-come-up", test_named_engine_does_not_come_up);
  return g_test_run ();
}
