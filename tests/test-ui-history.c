#include "ui/history.h"

static void
test_empty (void)
{
  AxHistory *history = ax_history_new ();

  g_assert_false (ax_history_can_undo (history));
  g_assert_false (ax_history_can_redo (history));
  ax_history_free (history);
  ax_history_free (NULL);
}

static void
test_back_and_forth (void)
{
  AxHistory *history = ax_history_new ();

  ax_history_push (history, 0.5, 0.6);
  ax_history_push (history, 0.6, 0.9);
  g_assert_cmpfloat (ax_history_undo (history), ==, 0.6);
  g_assert_cmpfloat (ax_history_undo (history), ==, 0.5);
  g_assert_false (ax_history_can_undo (history));
  g_assert_cmpfloat (ax_history_redo (history), ==, 0.6);
  g_assert_cmpfloat (ax_history_redo (history), ==, 0.9);
  g_assert_false (ax_history_can_redo (history));
  ax_history_free (history);
}

static void
test_push_forgets_what_was_undone (void)
{
  AxHistory *history = ax_history_new ();

  ax_history_push (history, 0.5, 0.6);
  ax_history_push (history, 0.6, 0.9);
  ax_history_undo (history);
  ax_history_push (history, 0.6, 0.2);
  g_assert_false (ax_history_can_redo (history));
  g_assert_cmpfloat (ax_history_undo (history), ==, 0.6);
  g_assert_cmpfloat (ax_history_undo (history), ==, 0.5);
  ax_history_free (history);
}

static void
test_clear (void)
{
  AxHistory *history = ax_history_new ();

  ax_history_push (history, 0.5, 0.6);
  ax_history_push (history, 0.6, 0.9);
  ax_history_undo (history);
  ax_history_clear (history);
  g_assert_false (ax_history_can_undo (history));
  g_assert_false (ax_history_can_redo (history));
  ax_history_free (history);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/history/empty", test_empty);
  g_test_add_func ("/ui/history/back-and-forth", test_back_and_forth);
  g_test_add_func ("/ui/history/push-forgets-what-was-undone",
                   test_push_forgets_what_was_undone);
  g_test_add_func ("/ui/history/clear", test_clear);
  return g_test_run ();
}
