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
        AxContour contour
            = { .is_hole = side % 2 == 1, .component = component };

        draw (&tracer, side, corners);
        contour.n_corners = corners->len;
        contour.corners
            = g_memdup2 (corners->data, corners->len * sizeof (AxCorner));
        g_array_append_val (contours, contour);
      }
  return TRUE;
}

static GArray *
find_runs (const guint8 *cells, int width, int height, gsize row_bytes)
{
  GArray *runs = g_array_new (FALSE, FALSE, sizeof (AxRun));

  for (int row = 0; row < height; row++)
    {
      const guint8 *line = cells + row * row_bytes;

      for (int col = 0; col < width; col++)
        if (line[col] != 0)
          {
            AxRun run = { .row = row, .start = col };

            while (col < width && line[col] != 0)
              col++;
            run.end = col;
            g_array_append_val (runs, run);
          }
    }
  return runs;
}

GArray *
ax_contour_trace (const guint8 *cells, int width, int height, gsize row_bytes,
                  GError **error)
{
  g_autoptr (GArray) runs = NULL;
  g_autoptr (GArray) contours = ax_contour_array_new ();
  g_autofree AxRun *grouped = NULL;
  g_autofree gsize *offsets = NULL;
  guint n_components;

  g_return_val_if_fail (width >= 0 && height >= 0, NULL);
  g_return_val_if_fail (cells != NULL || width == 0 || height == 0, NULL);
  g_return_val_if_fail (row_bytes >= (gsize)width, NULL);

  runs = find_runs (cells, width, height, row_bytes);
  if (!ax_runs_label ((AxRun *)runs->data, runs->len, AX_CONNECTIVITY_8,
                      &n_components, error))
    return NULL;
  grouped = g_try_new (AxRun, MAX (runs->len, 1));
  offsets = g_try_new (gsize, (gsize)n_components + 1);
  if (grouped == NULL || offsets == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "no memory for %u runs of a %d x %d mask", runs->len, width,
                   height);
      return NULL;
    }
  ax_runs_group ((const AxRun *)runs->data, runs->len, n_components, grouped,
                 offsets);

  for (guint i = 0; i < n_components; i++)
    if (!ax_contour_trace_runs (grouped + offsets[i],
                                offsets[i + 1] - offsets[i], i, contours,
                                error))
      return NULL;
  return g_steal_pointer (&contours);
}
