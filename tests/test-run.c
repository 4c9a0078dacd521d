#include "core/base/run.h"

static void
assert_labels (const AxRun *given, gsize n_runs, AxConnectivity connectivity,
               const guint32 *expected, guint n_expected)
{
  g_autofree AxRun *runs = g_memdup2 (given, n_runs * sizeof *given);
  guint n_labels = 0;

  g_assert_true (ax_runs_label (runs, n_runs, connectivity, &n_labels, NULL));
  g_assert_cmpuint (n_labels, ==, n_expected);
  for (gsize i = 0; i < n_runs; i++)
    g_assert_cmpuint (runs[i].label, ==, expected[i]);
}

static void
test_label (void)
{
  /* ##..#
   * ..#.#   touches above in a corner only
   * #..#.   joins 0 and 1 where corners count */
  static const AxRun runs[] = { { 0, 0, 2 }, { 0, 4, 5 }, { 1, 2, 3 },
                                { 1, 4, 5 }, { 2, 0, 1 }, { 2, 3, 4 } };

  assert_labels (runs, 6, AX_CONNECTIVITY_8, (guint32[]){ 0, 0, 0, 0, 1, 0 },
                 2);
  assert_labels (runs, 6, AX_CONNECTIVITY_4, (guint32[]){ 0, 1, 2, 1, 3, 4 },
                 5);
  assert_labels (NULL, 0, AX_CONNECTIVITY_8, NULL, 0);
}

static void
test_rows_apart (void)
{
  static const AxRun runs[] = { { 3, 0, 9 }, { 5, 0, 9 }, { 6, 9, 10 } };

  assert_labels (runs, 3, AX_CONNECTIVITY_8, (guint32[]){ 0, 1, 1 }, 2);
}

/* A comb whose teeth meet at the bottom: one component, the first label. */
static void
test_comb (void)
{
  AxRun runs[101];
  guint32 expected[101] = { 0 };

  for (int i = 0; i < 100; i++)
    runs[i] = (AxRun){ .row = 0, .start = 2 * i, .end = 2 * i + 1 };
  runs[100] = (AxRun){ .row = 1, .start = 0, .end = 200 };
  assert_labels (runs, 101, AX_CONNECTIVITY_4, expected, 1);
}

static void
test_group (void)
{
  static const AxRun runs[]
      = { { 0, 0, 1, 2 }, { 0, 2, 3, 0 }, { 1, 0, 1, 2 }, { 1, 5, 6, 3 } };
  AxRun grouped[4];
  gsize offsets[5];

  ax_runs_group (runs, 4, 4, grouped, offsets);
  g_assert_cmpmem (offsets, sizeof offsets, ((gsize[]){ 0, 1, 1, 3, 4 }),
                   sizeof offsets);
  g_assert_cmpint (grouped[0].start, ==, 2);
  g_assert_cmpint (grouped[1].row, ==, 0);
  g_assert_cmpint (grouped[2].row, ==, 1);
  g_assert_cmpint (grouped[3].start, ==, 5);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/run/label", test_label);
  g_test_add_func ("/run/rows-apart", test_rows_apart);
  g_test_add_func ("/run/comb", test_comb);
  g_test_add_func ("/run/group", test_group);
  return g_test_run ();
}
