#include "core/base/contour-tracer.h"

#include "core/base/error.h"

/*
 * Each run has two sides, its left one walked upwards and its right one
 * downwards: side 2i is the left side of run i, side 2i + 1 its right one.  On
 * the line between two rows, taken from left to right, the sides that end
 * there are joined in pairs by the horizontal edges between them.
 */
struct _AxContourTracer
{
  const AxRun *runs; /* of the call */
  guint32 *next;     /* side that follows a side; itself once it is drawn */
  gsize n_allocated;
  GArray *corners; /* of AxCorner */
};

static gint32
side_x (const AxRun *runs, guint32 side)
{
  return side % 2 == 0 ? runs[side / 2].start : runs[side / 2].end;
}

/* Where runs of two rows touch in a corner only, the one that starts comes
 * first: this joins the pair across the corner. */
static gint64
side_order (const AxRun *runs, guint32 side)
{
  return 2 * (gint64)side_x (runs, side) + side % 2;
}

/* Joins the sides [above, above_end) of a row to [below, below_end) of the
 * next. */
static void
join_rows (AxContourTracer *self, guint32 above, guint32 above_end,
           guint32 below, guint32 below_end)
{
  guint32 entered = 0, left = 0;
  gboolean half = FALSE;

  while (above < above_end || below < below_end)
    {
      gboolean is_above = below == below_end
                          || (above < above_end
                              && side_order (self->runs, above)
                                     <= side_order (self->runs, below));
      guint32 side = is_above ? above++ : below++;

      if (is_above == (side % 2 == 1))
        entered = side;
      else
        left = side;
      if (half)
        self->next[entered] = left;
      half = !half;
    }
}

static void
join_sides (AxContourTracer *self, gsize n_runs)
{
  const AxRun *runs = self->runs;
  gsize above = 0, below = 0;

  while (above < n_runs)
    {
      gsize end = below;
      gint32 row = above < below ? runs[above].row + 1 : runs[below].row;

      while (end < n_runs && runs[end].row == row)
        end++;
      join_rows (self, 2 * above, 2 * below, 2 * below, 2 * end);
      above = below;
      below = end;
    }
}

/* Walks from side to side; each horizontal move gives two corners. */
static void
draw (AxContourTracer *self, guint32 first)
{
  guint32 side = first;

  g_array_set_size (self->corners, 0);
  do
    {
      guint32 next = self->next[side];
      AxCorner corner = { .x = side_x (self->runs, side),
                          .y = self->runs[side / 2].row + side % 2 };

      if (side_x (self->runs, next) != corner.x)
        {
          g_array_append_val (self->corners, corner);
          corner.x = side_x (self->runs, next);
          g_array_append_val (self->corners, corner);
        }
      self->next[side] = side;
      side = next;
    }
  while (side != first);
}

AxContourTracer *
ax_contour_tracer_new (void)
{
  AxContourTracer *self = g_new0 (AxContourTracer, 1);

  self->corners = g_array_new (FALSE, FALSE, sizeof (AxCorner));
  return self;
}

void
ax_contour_tracer_free (AxContourTracer *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->corners);
  g_free (self->next);
  g_free (self);
}

static gboolean
make_room (AxContourTracer *self, gsize n_sides, GError **error)
{
  guint32 *next;

  if (n_sides <= self->n_allocated)
    return TRUE;
  next = g_try_renew (guint32, self->next, n_sides);
  if (next == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "no memory to trace %" G_GSIZE_FORMAT " runs", n_sides / 2);
      return FALSE;
    }
  self->next = next;
  self->n_allocated = n_sides;
  return TRUE;
}

gboolean
ax_contour_tracer_trace (AxContourTracer *self, const AxRun *runs, gsize n_runs,
                         AxContourFunc func, gpointer user_data, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (runs != NULL || n_runs == 0, FALSE);
  g_return_val_if_fail (n_runs < G_MAXUINT32 / 2, FALSE);
  g_return_val_if_fail (func != NULL, FALSE);

  if (!make_room (self, 2 * n_runs, error))
    return FALSE;
  self->runs = runs;
  join_sides (self, n_runs);
  for (guint32 side = 0; side < 2 * n_runs; side++)
    if (self->next[side] != side)
      {
        draw (self, side);
        func ((const AxCorner *)self->corners->data, self->corners->len,
              side % 2 == 1, user_data);
      }
  return TRUE;
}
