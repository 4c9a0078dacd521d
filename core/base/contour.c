#include "core/base/contour.h"

#include "core/base/error.h"

static void
on_clear_contour (gpointer data)
{
  AxContour *contour = data;

  g_free (contour->corners);
}

typedef struct
{
  GArray *contours;
  guint component;
} Collector;

static void
on_contour (const AxCorner *corners, guint n_corners, gboolean is_hole,
            gpointer user_data)
{
  Collector *collector = user_data;
  AxContour contour
      = { .corners = g_memdup2 (corners, n_corners * sizeof *corners),
          .n_corners = n_corners,
          .is_hole = is_hole,
          .component = collector->component };

  g_array_append_val (collector->contours, contour);
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
  g_autoptr (GArray) contours = NULL;
  g_autoptr (AxContourTracer) tracer = NULL;
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

  contours = g_array_new (FALSE, FALSE, sizeof (AxContour));
  g_array_set_clear_func (contours, on_clear_contour);
  tracer = ax_contour_tracer_new ();
  for (guint i = 0; i < n_components; i++)
    {
      Collector collector = { contours, i };

      if (!ax_contour_tracer_trace (tracer, grouped + offsets[i],
                                    offsets[i + 1] - offsets[i], on_contour,
                                    &collector, error))
        return NULL;
    }
  return g_steal_pointer (&contours);
}
