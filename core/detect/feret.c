#include "core/detect/feret.h"

#include <math.h>

#define N_STACK_CORNERS 256

/* Twice the area of the triangle a b c, positive when b lies outside of the
 * line from a to c as one walks round the hull, right side downwards first. */
static gint64
cross (AxCorner a, AxCorner b, AxCorner c)
{
  return (gint64)(b.x - a.x) * (c.y - a.y) - (gint64)(b.y - a.y) * (c.x - a.x);
}

/* Adds a corner to the chain from index @base on and drops those that it
 * leaves inside the hull. */
static guint
push_corner (AxCorner *hull, guint base, guint n_corners, AxCorner corner)
{
  while (n_corners >= base + 2
         && cross (hull[n_corners - 2], hull[n_corners - 1], corner) <= 0)
    n_corners--;
  hull[n_corners] = corner;
  return n_corners + 1;
}

/* Monotone chain: rows come sorted, the last run of each gives the right side,
 * the first one the left side.  @hull has room for 4 corners a run. */
static guint
build_hull (const AxRun *runs, gsize n_runs, AxCorner *hull)
{
  guint n_corners = 0, base;

  for (gsize i = 0; i < n_runs; i++)
    if (i + 1 == n_runs || runs[i + 1].row != runs[i].row)
      {
        AxCorner upper = { runs[i].end, runs[i].row };
        AxCorner lower = { runs[i].end, runs[i].row + 1 };

        n_corners = push_corner (hull, 0, n_corners, upper);
        n_corners = push_corner (hull, 0, n_corners, lower);
      }
  base = n_corners;
  for (gsize i = n_runs; i-- > 0;)
    if (i == 0 || runs[i - 1].row != runs[i].row)
      {
        AxCorner lower = { runs[i].start, runs[i].row + 1 };
        AxCorner upper = { runs[i].start, runs[i].row };

        n_corners = push_corner (hull, base, n_corners, lower);
        n_corners = push_corner (hull, base, n_corners, upper);
      }
  return n_corners;
}

typedef struct
{
  AxScale cell;
  double square;
  AxCorner ends[2];
} Longest;

static void
consider (Longest *self, AxCorner a, AxCorner b)
{
  double dx = (b.x - a.x) * self->cell.x, dy = (b.y - a.y) * self->cell.y;
  double square = dx * dx + dy * dy;

  if (square > self->square)
    {
      gboolean in_order = a.y < b.y || (a.y == b.y && a.x < b.x);

      self->square = square;
      self->ends[0] = in_order ? a : b;
      self->ends[1] = in_order ? b : a;
    }
}

static Longest
turn_calipers (const AxCorner *hull, guint n_corners, AxScale cell)
{
  Longest longest = { .cell = cell, .square = -1 };
  guint far = 1;

  for (guint i = 0; i < n_corners; i++)
    {
      AxCorner a = hull[i], b = hull[(i + 1) % n_corners];

      for (;;)
        {
          AxCorner next = hull[(far + 1) % n_corners];
          gint64 step = cross (a, next, b) - cross (a, hull[far], b);

          consider (&longest, a, hull[far]);
          consider (&longest, b, hull[far]);
          if (step > 0)
            break;
          if (step == 0)
            {
              consider (&longest, a, next);
              consider (&longest, b, next);
              break;
            }
          far = (far + 1) % n_corners;
        }
    }
  return longest;
}

AxFeret
ax_feret_measure (const AxRun *runs, gsize n_runs, AxScale cell)
{
  AxCorner on_stack[N_STACK_CORNERS];
  g_autofree AxCorner *on_heap = NULL;
  AxCorner *hull = on_stack;
  AxFeret feret = { 0 };
  Longest longest;

  g_return_val_if_fail (runs != NULL && n_runs > 0, feret);
  g_return_val_if_fail (cell.x > 0 && cell.y > 0, feret);

  if (4 * n_runs > N_STACK_CORNERS)
    hull = on_heap = g_new (AxCorner, 4 * n_runs);
  longest = turn_calipers (hull, build_hull (runs, n_runs, hull), cell);
  feret.ends[0] = longest.ends[0];
  feret.ends[1] = longest.ends[1];
  feret.length = hypot ((feret.ends[1].x - feret.ends[0].x) * cell.x,
                        (feret.ends[1].y - feret.ends[0].y) * cell.y);
  return feret;
}
