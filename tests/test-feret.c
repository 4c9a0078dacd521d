#include "core/base/rng.h"
#include "core/detect/feret.h"

#include <math.h>

/* Over all pairs of corners of all runs. */
static double
brute_force (const AxRun *runs, gsize n_runs, AxScale cell)
{
  double longest = 0;

  for (gsize i = 0; i < 4 * n_runs; i++)
    for (gsize j = 0; j < i; j++)
      {
        const AxRun *a = &runs[i / 4], *b = &runs[j / 4];
        double dx = (i % 2 == 0 ? a->start : a->end)
                    - (j % 2 == 0 ? b->start : b->end);
        double dy = a->row + (gint)(i / 2 % 2) - b->row - (gint)(j / 2 % 2);

        longest = MAX (longest, hypot (dx * cell.x, dy * cell.y));
      }
  return longest;
}

static void
test_by_hand (void)
{
  static const AxScale unit = { 1, 1 };
  AxRun cell = { .row = 4, .start = 7, .end = 8 };
  AxRun bar = { .row = 0, .start = 0, .end = 20 };
  AxRun block[12];
  AxFeret feret = ax_feret_measure (&cell, 1, unit);

  g_assert_cmpfloat (feret.length, ==, hypot (1, 1));
  g_assert_cmpint (feret.ends[0].y, ==, 4);
  g_assert_cmpint (feret.ends[1].y, ==, 5);

  feret = ax_feret_measure (&bar, 1, (AxScale){ 10, 0.5 });
  g_assert_cmpfloat (feret.length, ==, hypot (200, 0.5));

  /* 16 x 12 cells of 10 µm: exactly 0.2 mm. */
  for (int i = 0; i < 12; i++)
    block[i] = (AxRun){ .row = i, .start = 3, .end = 19 };
  feret = ax_feret_measure (block, 12, (AxScale){ 10, 10 });
  g_assert_cmpfloat (feret.length, ==, 200);
  g_assert_cmpint (ABS (feret.ends[1].x - feret.ends[0].x), ==, 16);
  g_assert_cmpint (feret.ends[1].y - feret.ends[0].y, ==, 12);

  /* Another pair is longest where cells are not square. */
  block[0] = (AxRun){ .row = 0, .start = 0, .end = 10 };
  for (int i = 1; i < 12; i++)
    block[i] = (AxRun){ .row = i, .start = 0, .end = 1 };
  feret = ax_feret_measure (block, 12, (AxScale){ 1, 1 });
  g_assert_cmpfloat (feret.length, ==, hypot (10, 12));
  feret = ax_feret_measure (block, 12, (AxScale){ 1, 100 });
  g_assert_cmpfloat (feret.length, ==, hypot (10, 1200));
}

/* A disc of radius 40 cells: antipodal pairs all round. */
static void
test_disc (void)
{
  AxRun runs[81];

  for (int dy = -40; dy <= 40; dy++)
    {
      int half = (int)floor (sqrt (1600 - dy * dy));

      runs[dy + 40] = (AxRun){ .row = dy, .start = -half, .end = half + 1 };
    }
  for (double stretch = 0.25; stretch < 5; stretch *= 1.3)
    {
      AxScale cell = { stretch, 1 };

      g_assert_cmpfloat (ax_feret_measure (runs, 81, cell).length, ==,
                         brute_force (runs, 81, cell));
    }
}

static void
test_random (void)
{
  for (int round = 0; round < 3000; round++)
    {
      AxRng rng = ax_rng_init (5, round);
      AxScale cell
          = { ax_rng_range (&rng, 0.2, 9), ax_rng_range (&rng, 0.2, 9) };
      AxRun runs[60];
      gsize n_runs = 1 + ax_rng_below (&rng, 59);
      int side = 2 + (int)ax_rng_below (&rng, 30);
      gint32 row = -3, start = -20;

      for (gsize i = 0; i < n_runs; i++)
        {
          if (i == 0 || ax_rng_below (&rng, 3) > 0)
            {
              row += 1 + (ax_rng_below (&rng, 20) == 0 ? 5 : 0);
              start = (gint32)ax_rng_below (&rng, side);
            }
          runs[i] = (AxRun){ .row = row, .start = start };
          start += 1 + (gint32)ax_rng_below (&rng, side);
          runs[i].end = start;
          start += 1 + (gint32)ax_rng_below (&rng, 4);
        }
      g_assert_cmpfloat (ax_feret_measure (runs, n_runs, cell).length, ==,
                         brute_force (runs, n_runs, cell));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/feret/by-hand", test_by_hand);
  g_test_add_func ("/feret/disc", test_disc);
  g_test_add_func ("/feret/random", test_random);
  return g_test_run ();
}
