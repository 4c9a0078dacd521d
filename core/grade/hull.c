#include "core/grade/hull.h"

/* Coordinates are doubled, so that middles of sides are whole numbers. */
typedef struct
{
  gint64 x, y;
} Corner;

void
ax_hull_free (AxHull *self)
{
  if (self == NULL)
    return;
  g_free (self->spans);
  g_free (self);
}

static gint64
divide_up (gint64 dividend, gint64 divisor)
{
  gint64 quotient = dividend / divisor;

  return quotient + (dividend % divisor > 0);
}

/* Drops corners that the new one leaves inside, right of the chain. */
static guint
push_corner (Corner *chain, guint n_corners, Corner corner)
{
  while (n_corners >= 2)
    {
      Corner a = chain[n_corners - 2], b = chain[n_corners - 1];

      if ((b.x - a.x) * (corner.y - a.y) < (corner.x - a.x) * (b.y - a.y))
        break;
      n_corners--;
    }
  chain[n_corners] = corner;
  return n_corners + 1;
}

/* The hull's left side from the first cells of the rows, which it replaces by
 * the first cells of the hull's rows.  @chain has room for 2 corners a row and
 * one more. */
static void
wrap_left (gint64 *firsts, guint n_rows, Corner *chain)
{
  guint n_corners = 0, segment = 0;

  for (guint row = 0; row <= n_rows; row++)
    {
      gint64 above = firsts[row > 0 ? row - 1 : 0];
      gint64 below = firsts[row < n_rows ? row : n_rows - 1];
      gint64 y = 2 * (gint64)row;

      n_corners = push_corner (chain, n_corners,
                               (Corner){ 2 * MIN (above, below), y - 1 });
      if (row < n_rows)
        n_corners = push_corner (chain, n_corners,
                                 (Corner){ 2 * firsts[row] - 1, y });
    }
  for (guint row = 0; row < n_rows; row++)
    {
      gint64 y = 2 * (gint64)row;
      Corner a, b;

      while (chain[segment + 1].y < y)
        segment++;
      a = chain[segment];
      b = chain[segment + 1];
      firsts[row] = divide_up (a.x * (b.y - a.y) + (b.x - a.x) * (y - a.y),
                               2 * (b.y - a.y));
    }
}

AxHull *
ax_hull_new (const AxRun *runs, gsize n_runs)
{
  g_autofree gint64 *lefts = NULL;
  g_autofree gint64 *rights = NULL;
  g_autofree Corner *chain = NULL;
  AxHull *self = NULL;
  guint n_rows;

  g_return_val_if_fail (runs != NULL && n_runs > 0, NULL);

  n_rows = runs[n_runs - 1].row - runs[0].row + 1;
  lefts = g_new (gint64, n_rows);
  rights = g_new (gint64, n_rows);
  chain = g_new (Corner, 2 * (gsize)n_rows + 1);
  for (gsize i = 0; i < n_runs; i++)
    {
      guint row = runs[i].row - runs[0].row;

      if (i == 0 || runs[i].row != runs[i - 1].row)
        lefts[row] = runs[i].start;
      /* The right side is a left side seen in the mirror. */
      rights[row] = 1 - (gint64)runs[i].end;
    }
  wrap_left (lefts, n_rows, chain);
  wrap_left (rights, n_rows, chain);

  self = g_new0 (AxHull, 1);
  self->n_rows = n_rows;
  self->spans = g_new0 (AxRun, n_rows);
  for (guint row = 0; row < n_rows; row++)
    {
      self->spans[row] = (AxRun){ .row = runs[0].row + row,
                                  .start = lefts[row],
                                  .end = 1 - rights[row] };
      self->n_cells += self->spans[row].end - self->spans[row].start;
    }
  return self;
}

gint64
ax_hull_count (const AxHull *self, const AxRun *runs, gsize n_runs)
{
  gint64 n_cells = 0;

  g_return_val_if_fail (self != NULL, 0);
  g_return_val_if_fail (runs != NULL || n_runs == 0, 0);

  for (gsize i = 0; i < n_runs; i++)
    {
      gint64 row = (gint64)runs[i].row - self->spans[0].row;

      if (row >= 0 && row < self->n_rows)
        n_cells += MAX (MIN (runs[i].end, self->spans[row].end)
                            - MAX (runs[i].start, self->spans[row].start),
                        0);
    }
  return n_cells;
}
