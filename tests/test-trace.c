#include "core/base/trace.h"

/* The variable is read once a process, so each case has its own. */

static void
set_debug (const char *value)
{
  if (value == NULL)
    g_unsetenv ("AX_DEBUG");
  else
    g_setenv ("AX_DEBUG", value, TRUE);
}

static void
assert_flags (gboolean tiles, gboolean scan, gboolean engine, gboolean frames)
{
  g_assert_cmpint (ax_trace_enabled (AX_TRACE_TILES), ==, tiles);
  g_assert_cmpint (ax_trace_enabled (AX_TRACE_SCAN), ==, scan);
  g_assert_cmpint (ax_trace_enabled (AX_TRACE_ENGINE), ==, engine);
  g_assert_cmpint (ax_trace_enabled (AX_TRACE_FRAMES), ==, frames);
}

static void
test_off (void)
{
  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
      g_test_trap_assert_stderr ("");
      return;
    }
  set_debug (NULL);
  assert_flags (FALSE, FALSE, FALSE, FALSE);
  ax_trace (AX_TRACE_SCAN, "not shown");
  /* Read once: no later change counts. */
  set_debug ("all");
  assert_flags (FALSE, FALSE, FALSE, FALSE);
}

static void
test_some (void)
{
  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
      g_test_trap_assert_stderr ("*.?????? *: level 3 of 9\n");
      g_test_trap_assert_stderr_unmatched ("*not shown*");
      return;
    }
  set_debug ("nonsense,scan,frames");
  assert_flags (FALSE, TRUE, FALSE, TRUE);
  ax_trace (AX_TRACE_TILES, "not shown");
  ax_trace (AX_TRACE_SCAN, "level %d of %d", 3, 9);
}

static gpointer
reader_thread (gpointer data)
{
  ax_trace (AX_TRACE_TILES, "read");
  return NULL;
}

static void
test_all_and_thread_name (void)
{
  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
      g_test_trap_assert_stderr ("* tile-reader: read\n");
      return;
    }
  set_debug ("all");
  assert_flags (TRUE, TRUE, TRUE, TRUE);
  g_thread_join (g_thread_new ("tile-reader", reader_thread, NULL));
}

static void
test_clock (void)
{
  gint64 before = g_get_monotonic_time ();
  gint64 now = ax_trace_now_us ();

  g_assert_cmpint (now, >=, before);
  g_assert_cmpint (now, <=, g_get_monotonic_time ());
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/trace/off", test_off);
  g_test_add_func ("/trace/some", test_some);
  g_test_add_func ("/trace/all-and-thread-name", test_all_and_thread_name);
  g_test_add_func ("/trace/clock", test_clock);
  return g_test_run ();
}
