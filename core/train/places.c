#include "core/train/places.h"

typedef struct
{
  gint32 row, start, end;
  guint64 n_before; /* cells of the runs before */
} Run;

struct _AxPlaces
{
  Run *runs;
  guint n_runs;
  guint64 n_cells;
};

static void
add_row (GArray *runs, const guint8 *cells, int width, int row,
         guint64 *n_cells)
{
  for (int start = 0; start < width; start++)
    {
      int end = start;
      while (end < width && cells[end] != 0)
        end++;
      if (end == start)
        continue;
      const Run run = { row, start, end, *n_cells };
      g_array_append_val (runs, run);
      *n_cells += (guint64)(end - start);
      start = end;
    }
}

AxPlaces *
ax_places_new (const guint8 *cells, int width, int height)
{
  g_return_val_if_fail (cells != NULL && width > 0 && height > 0, NULL);
  AxPlaces *self = g_new0 (AxPlaces, 1);
  g_autoptr (GArray) runs = g_array_new (FALSE, FALSE, sizeof (Run));
  for (int row = 0; row < height; row++)
    add_row (runs, cells + (gsize)row * (gsize)width, width, row,
             &self->n_cells);
  self->n_runs = runs->len;
  self->runs = g_memdup2 (runs->data, runs->len * sizeof (Run));
  return self;
}

void
ax_places_free (AxPlaces *self)
{
  if (self == NULL)
    return;
  g_free (self->runs);
  g_free (self);
}

guint64
ax_places_get_n_cells (const AxPlaces *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->n_cells;
}

void
ax_places_draw (const AxPlaces *self, AxRng *rng, int *col, int *row)
{
  g_return_if_fail (self != NULL && self->n_cells > 0 && rng != NULL);
  const guint64 cell = ax_rng_below (rng, self->n_cells);
  guint first = 0, end = self->n_runs;
  while (end - first > 1)
    {
      const guint middle = first + (end - first) / 2;
      if (self->runs[middle].n_before <= cell)
        first = middle;
      else
        end = middle;
    }
  *row = self->runs[first].row;
  *col = self->runs[first].start + (int)(cell - self->runs[first].n_before);
}
