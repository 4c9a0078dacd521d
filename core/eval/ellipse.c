#include "core/eval/ellipse.h"

#include <math.h>

static double
run_middle (const AxRun *run)
{
  return (run->start + run->end - 1) * 0.5;
}

AxEllipse
ax_ellipse_measure (const AxRun *runs, gsize n_runs, AxScale cell)
{
  AxEllipse ellipse = { 0 };
  gint64 sum_twice_x = 0, sum_y = 0;
  double mean_x, mean_y, xx = 0, xy = 0, yy = 0, half_trace, root, l1, l2;

  g_return_val_if_fail (runs != NULL && n_runs > 0, ellipse);
  g_return_val_if_fail (cell.x > 0 && cell.y > 0, ellipse);

  for (gsize i = 0; i < n_runs; i++)
    {
      gint64 length = runs[i].end - runs[i].start;

      ellipse.n_cells += length;
      sum_twice_x += length * (runs[i].start + runs[i].end - 1);
      sum_y += length * runs[i].row;
    }
  mean_x = sum_twice_x * 0.5 / ellipse.n_cells;
  mean_y = (double)sum_y / ellipse.n_cells;

  for (gsize i = 0; i < n_runs; i++)
    {
      double length = runs[i].end - runs[i].start;
      double dx = run_middle (&runs[i]) - mean_x, dy = runs[i].row - mean_y;

      xx += length * (dx * dx + (length * length - 1) / 12);
      xy += length * dx * dy;
      yy += length * dy * dy;
    }
  xx *= cell.x * cell.x / ellipse.n_cells;
  xy *= cell.x * cell.y / ellipse.n_cells;
  yy *= cell.y * cell.y / ellipse.n_cells;

  half_trace = (xx + yy) / 2;
  root = hypot ((xx - yy) / 2, xy);
  l1 = half_trace + root;
  l2 = MAX (half_trace - root, 0);
  ellipse.major_axis = 4 * sqrt (l1);
  ellipse.eccentricity = l1 > 0 ? sqrt (1 - l2 / l1) : 0;
  return ellipse;
}
