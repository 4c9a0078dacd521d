#include "core/slide/tissue-regions.h"

#include "core/base/error.h"

#include <math.h>
#include <string.h>

/* A cell that is being or was visited; VALUE | SEEN is neither 0 nor 255. */
#define SEEN 1

typedef struct
{
  guint8 *cells;
  int width, height;
  guint8 value;
  guint32 *members; /* of the region under way, indices of cells */
  gsize n_members;
  gboolean touches_border;
} Flood;

static guint8
get_mark (guint8 value)
{
  return value == 0 ? SEEN : value - SEEN;
}

static void
visit (Flood *self, int x, int y)
{
  gsize index = (gsize)y * self->width + x;

  if (self->cells[index] != self->value)
    return;
  self->cells[index] = get_mark (self->value);
  self->members[self->n_members++] = (guint32)index;
}

static void
visit_neighbours (Flood *self, int x, int y)
{
  gboolean corners = self->value != 0;

  for (int dy = -1; dy <= 1; dy++)
    for (int dx = -1; dx <= 1; dx++)
      {
        if (!corners && dx != 0 && dy != 0)
          continue;
        if (x + dx < 0 || x + dx >= self->width || y + dy < 0
            || y + dy >= self->height)
          self->touches_border = TRUE;
        else
          visit (self, x + dx, y + dy);
      }
}

static void
flood (Flood *self, gsize start)
{
  self->n_members = 0;
  self->touches_border = FALSE;
  visit (self, (int)(start % self->width), (int)(start / self->width));
  for (gsize i = 0; i < self->n_members; i++)
    visit_neighbours (self, (int)(self->members[i] % self->width),
                      (int)(self->members[i] / self->width));
}

static gboolean
set_no_memory (int width, int height, GError **error)
{
  g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
               "no memory for the regions of %d x %d tissue cells", width,
               height);
  return FALSE;
}

gboolean
ax_tissue_regions_drop (guint8 *cells, int width, int height, guint8 value,
                        double n_min, guint *n_left, GError **error)
{
  gsize n_cells = (gsize)width * height;
  g_autofree guint32 *members = g_try_new (guint32, n_cells);
  Flood self = { cells, width, height, value, members };
  guint n = 0;

  if (members == NULL)
    return set_no_memory (width, height, error);
  for (gsize i = 0; i < n_cells; i++)
    {
      gboolean small;

      if (cells[i] != value)
        continue;
      flood (&self, i);
      small = self.n_members < n_min && !(value == 0 && self.touches_border);
      n += !small;
      for (gsize j = 0; small && j < self.n_members; j++)
        cells[members[j]] = 255 - value;
    }
  for (gsize i = 0; i < n_cells; i++)
    if (cells[i] == get_mark (value))
      cells[i] = value;
  if (n_left != NULL)
    *n_left = n;
  return TRUE;
}

/* Sets the cells of @to that have at least @n_min set cells of @from within
   @radius, along rows. */
static void
count_along_rows (const guint8 *from, guint8 *to, int width, int height,
                  int radius, int n_min)
{
  for (int y = 0; y < height; y++, from += width, to += width)
    {
      int n = 0;

      for (int x = 0; x < MIN (radius, width); x++)
        n += from[x] != 0;
      for (int x = 0; x < width; x++)
        {
          n += x + radius < width && from[x + radius] != 0;
          n -= x - radius > 0 && from[x - radius - 1] != 0;
          to[x] = n >= n_min ? 255 : 0;
        }
    }
}

/* The same along columns; @counts: as many as columns. */
static void
count_along_columns (const guint8 *from, guint8 *to, int width, int height,
                     int radius, int n_min, int *counts)
{
  memset (counts, 0, width * sizeof *counts);
  for (int y = -radius; y < height; y++)
    {
      const guint8 *enters
          = y + radius < height ? from + (gsize)(y + radius) * width : NULL;
      const guint8 *leaves
          = y - radius > 0 ? from + (gsize)(y - radius - 1) * width : NULL;
      guint8 *row = y >= 0 ? to + (gsize)y * width : NULL;

      for (int x = 0; x < width; x++)
        {
          counts[x] += (enters != NULL && enters[x] != 0)
                       - (leaves != NULL && leaves[x] != 0);
          if (row != NULL)
            row[x] = counts[x] >= n_min ? 255 : 0;
        }
    }
}

static gboolean
count_in_squares (guint8 *cells, int width, int height, int radius, int n_min,
                  GError **error)
{
  g_autofree guint8 *rows = g_try_malloc ((gsize)width * height);
  g_autofree int *counts = g_try_new (int, width);

  if (rows == NULL || counts == NULL)
    return set_no_memory (width, height, error);
  count_along_rows (cells, rows, width, height, radius, n_min);
  count_along_columns (rows, cells, width, height, radius, n_min, counts);
  return TRUE;
}

gboolean
ax_tissue_regions_open (guint8 *cells, int width, int height, int radius,
                        double share, GError **error)
{
  int n_min = (int)ceil (share * (2 * radius + 1));

  return count_in_squares (cells, width, height, radius, n_min, error)
         && count_in_squares (cells, width, height, radius, 1, error);
}

gboolean
ax_tissue_regions_grow (guint8 *cells, int width, int height, int radius,
                        GError **error)
{
  return count_in_squares (cells, width, height, radius, 1, error);
}
