#include "core/base/contour.h"

#include "core/base/error.h"

/*
 * Each run has two sides, its left one walked upwards and its right one
 * downwards: side 2i is the left side of run i, side 2i + 1 its right one.  On
 * the line between two rows, taken from left to right, the sides that end
 * there are joined in pairs by the horizontal edges between them.
 */
typedef struct
{
  const AxRun *runs;
  guint32 *next; /* side that follows a side; itself once it is drawn */
} Tracer;

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
join_rows (Tracer *self, guint32 above, guint32 above_end, guint32 below,
           guint32 below_end)
{
  guint32 entered = 0, left = 0;
  gboolean half = FALSE;

  while (above < above_end || below < below_end)
    {
      gboolean is_above
          = below == below_end
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
join_sides (Tracer *self, gsize n_runs)
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
draw (Tracer *self, guint32 first, GArray *corners)
{
  guint32 side = first;

  g_array_set_size (corners, 0);
  do
    {
      guint32 next = self->next[side];
      AxCorner corner = { .x = side_x (self->runs, side),
                          .y = self->runs[side / 2].row + side % 2 };

      if (side_x (self->runs, next) != corner.x)
        {
          g_array_append_val (corners, corner);
          corner.x = side_x (self->runs, next);
          g_array_append_val (corners, corner);
        }
      self->next[side] = side;
      side = next;
    }
  while (side != first);
}

static void
on_clear_contour (gpointer data)
{
  AxContour *contour = data;

  g_free (contour->corners);
}

GArray *
ax_contour_array_new (void)
{
  GArray *contours = g_array_new (FALSE, FALSE, sizeof (AxContour));

  g_array_set_clear_func (contours, on_clear_contour);
  return contours;
}

gboolean
ax_contour_trace_runs (const AxRun *runs, gsize n_runs, guint component,
                       GArray *contours, GError **error)
{
  g_autofree guint32 *next = NULL;
  g_autoptr (GArray) corners = NULL;
  Tracer tracer = { .runs = runs };

  g_return_val_if_fail (runs != NULL || n_runs == 0, FALSE);
  g_return_val_if_fail (n_runs < G_MAXUINT32 / 2, FALSE);
  g_return_val_if_fail (contours != NULL, FALSE);

  tracer.next = next = g_try_new (guint32, 2 * n_runs);
  if (next == NULL && n_runs > 0)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "no memory to trace %" G_GSIZE_FORMAT " runs", n_runs);
      return FALSE;
    }

  join_sides (&tracer, n_runs);
  corners = g_array_new (FALSE, FALSE, sizeof (AxCorner));
  for (guint32 side = 0; side < 2 * n_runs; side++)
    if (next[side] != side)
      {
        AxContour contour = { .is_hole = side % 2 == 1,
                              .component = component };

        draw (&tracer, side, corners);
        contour.n_corners = corners->len;
        contour.corners = g_memdup2 (corners->data,
                                     corners->len * sizeof (AxCorner));
        g_array_append_val (contours, contour);
      }
  return TRUE;
}

/* (transfer full): the runs of the non-zero cells. */
static AxRun *
find_runs (const guint8 *cells, int width, int height, gsize row_bytes,
           gsize *n_runs)
{
  g_autofree AxRun *runs = NULL;
  gsize n_allocated = 0;

  *n_runs = 0;
  for (int row = 0; row < height; row++)
    {
      const guint8 *line = cells + row * row_bytes;
      int end = 0;

      for (int start = 0; start < width; start = end)
        {
        }
    }
  return g_steal_pointer (&runs);
}
