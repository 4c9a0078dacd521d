/* Scans on engines that have no memory for whole ROIs, and on one that has two
 * of them under way. */
#include "core/detect/scan.h"

#include "tests/support/scan-fixture.h"

#include <gmodule.h>

typedef struct
{
  ScanFixture base;
  AxProbMap *whole; /* what there is with memory enough */
} Fixture;

typedef struct
{
  const char *engine;
  gboolean naive, late;
} Case;

static void
set_up (Fixture *self, gconstpointer data)
{
  const Case *c = data;

  g_unsetenv ("AX_NARROW_PX");
  g_unsetenv ("AX_NARROW_LATE");
  scan_fixture_init (&self->base, NULL, 0);
  self->base.setup.engine = c->engine;
  self->base.options.naive = c->naive;
  self->whole = scan_fixture_run (&self->base);
  if (c->late)
    g_setenv ("AX_NARROW_LATE", "", TRUE);
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  ax_prob_map_unref (self->whole);
  scan_fixture_clear (&self->base);
}

static AxScan *
run (Fixture *self, int max_px)
{
  g_autofree char *text = g_strdup_printf ("%d", max_px);
  g_autoptr (GError) error = NULL;
  AxScan *scan;

  g_setenv ("AX_NARROW_PX", text, TRUE);
  scan = scan_fixture_make_scan (&self->base, NULL);
  ax_scan_run_blocking (scan, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  return scan;
}

/* Five strides at once, three, two or one: the same bytes. */
static void
test_parts (Fixture *self, gconstpointer data)
{
  const Case *c = data;
  int least = TINY_MODEL_FIELD + (c->naive ? 0 : TINY_MODEL_STRIDE / 2);

  for (int n = 1; n <= 5; n++)
    {
      int max_px = least + (n - 1) * TINY_MODEL_STRIDE;
      g_autoptr (AxScan) scan = run (self, max_px);

      g_assert_cmpstr (ax_scan_get_engine (scan), ==, c->engine);
      g_assert_null (ax_scan_get_engine_fault (scan));
      g_assert_true (ax_prob_map_equal (ax_scan_get_map (scan), self->whole));
    }
}

/* When not even one stride fits, another engine takes over. */
static void
test_too_narrow (Fixture *self, gconstpointer data)
{
  g_autoptr (AxScan) scan = run (self, TINY_MODEL_FIELD - 1);

  g_assert_cmpstr (ax_scan_get_engine (scan), !=, "narrow");
  g_assert_true (g_str_has_prefix (ax_scan_get_engine_fault (scan),
                                   "engine 'narrow': no memory for 16 pixels"));
}

/* The module is loaded already; this asks it how it was used. */
static int
count_most_in_flight (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_BUILT, "fake-engine",
                                                 "ax-engine-queue.so", NULL);
  GModule *module = g_module_open (path, G_MODULE_BIND_LOCAL);
  int (*count) (void) = NULL;
  gpointer symbol = NULL;

  g_assert_nonnull (module);
  g_assert_true (
      g_module_symbol (module, "ax_queue_get_most_in_flight", &symbol));
  memcpy (&count, &symbol, sizeof count);
  return count ();
}

/* Engine "queue" has had two ROIs at a time, in order, and says what "narrow"
 * says. */
static void
test_in_flight (Fixture *self, gconstpointer data)
{
  g_autoptr (AxProbMap) map = NULL;

  self->base.setup.engine = "narrow";
  map = scan_fixture_run (&self->base);
  g_assert_true (ax_prob_map_equal (map, self->whole));
  g_assert_cmpint (count_most_in_flight (), ==, 2);
}

int
main (int argc, char **argv)
{
  static const Case shared = { "narrow", FALSE, FALSE };
  static const Case shared_late = { "narrow", FALSE, TRUE };
  static const Case naive = { "narrow", TRUE, FALSE };
  static const Case naive_late = { "narrow", TRUE, TRUE };
  static const Case queue = { "queue", FALSE, FALSE };
  static const Case queue_late = { "queue", FALSE, TRUE };
  g_autofree char *engines = NULL;

  g_test_init (&argc, &argv, NULL);
  engines = g_test_build_filename (G_TEST_BUILT, "fake-engine", NULL);
  g_setenv ("AX_ENGINE_PATH", engines, TRUE);

#define ADD(name, data, func)                                                  \
  g_test_add ("/scan-parts/" name, Fixture, &data, set_up, func, tear_down)
  ADD ("shared", shared, test_parts);
  ADD ("shared-late", shared_late, test_parts);
  ADD ("naive", naive, test_parts);
  ADD ("naive-late", naive_late, test_parts);
  ADD ("queue", queue, test_parts);
  ADD ("queue-late", queue_late, test_parts);
  ADD ("in-flight", queue, test_in_flight);
  ADD ("too-narrow", shared_late, test_too_narrow);
  return g_test_run ();
}
