#include "core/slide/tissue-picture.h"

#include "core/base/error.h"

#include <math.h>
#include <string.h>

#define TARGET_MPP 8.0
/* 8 µm/px of the usual 0.25 µm/px. */
#define TARGET_DOWNSAMPLE 32.0

/* Sums of the pixels of one cell. */
typedef struct
{
  guint32 red, green, blue, n;
} Cell;

/* The rows of cells that one row of tiles touches. */
typedef struct
{
  Cell *cells;
  int first_row, n_rows;
} Band;

static double
get_target (AxScale mpp)
{
  return mpp.x > 0 && mpp.y > 0 ? TARGET_MPP / sqrt (mpp.x * mpp.y)
                                : TARGET_DOWNSAMPLE;
}

static double
get_downsample (const AxSlideLevel *level)
{
  return sqrt (level->scale.x * level->scale.y);
}

/* Nearest as a ratio: half as fine is as near as twice as fine. */
static int
choose_level (const AxSlide *slide, double target)
{
  double nearest = G_MAXDOUBLE;
  int best = 0;

  for (int i = 0; i < ax_slide_get_n_levels (slide); i++)
    {
      double downsample = get_downsample (ax_slide_get_level (slide, i));
      double distance = fabs (log (downsample / target));

      if (distance < nearest)
        {
          nearest = distance;
          best = i;
        }
    }
  return best;
}

static gint64
count_cells (gint64 n_pixels, gint64 side)
{
  return (n_pixels + side - 1) / side;
}

/* Pixels of @level along a side of a cell. */
static int
choose_side (const AxSlideLevel *level, double target)
{
  int side = MAX (1, (int)lround (target / get_downsample (level)));

  while (count_cells (level->width, side) * count_cells (level->height, side)
         > AX_TISSUE_MAX_CELLS)
    side++;
  return side;
}

static void
add_tile (Band *band, const AxTissuePicture *picture, const AxSlideLevel *level,
          const AxTile *tile, gint64 x0, gint64 y0, int side)
{
  int width = (int)MIN (tile->width, level->width - x0);
  int height = (int)MIN (tile->height, level->height - y0);

  for (int y = 0; y < height; y++)
    {
      const guint32 *pixel
          = tile->pixels + (gsize)y * (tile->stride / sizeof *pixel);
      Cell *row = band->cells
                  + (gsize)((y0 + y) / side - band->first_row) * picture->width;
      Cell *cell = row + x0 / side;
      int left = side - (int)(x0 % side);

      for (int x = 0; x < width; x++, left--)
        {
          if (left == 0)
            {
              cell++;
              left = side;
            }
          cell->red += pixel[x] >> 16 & 0xFF;
          cell->green += pixel[x] >> 8 & 0xFF;
          cell->blue += pixel[x] & 0xFF;
          cell->n++;
        }
    }
}

static void
mark_damaged (AxTissuePicture *self, const AxSlideLevel *level, gint64 x0,
              gint64 y0, int side)
{
  gint64 x1 = MIN (x0 + level->tile_width, level->width);
  gint64 y1 = MIN (y0 + level->tile_height, level->height);
  gint64 first = x0 / side, n = count_cells (x1, side) - first;

  for (gint64 row = y0 / side; row < count_cells (y1, side); row++)
    memset (self->damaged + row * self->width + first, 1, n);
}

static gboolean
read_row (AxTissuePicture *self, Band *band, AxSlide *slide, AxRectL bounds,
          int row, int side, GError **error)
{
  const AxSlideLevel *level = ax_slide_get_level (slide, self->level);
  gint64 y0 = (gint64)row * level->tile_height;
  int first = (int)(bounds.x / level->tile_width);
  int end = (int)count_cells (bounds.x + bounds.width, level->tile_width);

  for (int col = first; col < end; col++)
    {
      gint64 x0 = (gint64)col * level->tile_width;
      g_autoptr (GError) problem = NULL;
      g_autoptr (AxTile) tile
          = ax_slide_read_tile (slide, self->level, col, row, &problem);

      if (tile != NULL)
        add_tile (band, self, level, tile, x0, y0, side);
      else if (g_error_matches (problem, AX_ERROR, AX_ERROR_CORRUPT))
        mark_damaged (self, level, x0, y0, side);
      else
        {
          g_propagate_error (error, g_steal_pointer (&problem));
          return FALSE;
        }
    }
  return TRUE;
}

/* Writes the rows above row @end out and keeps what is begun below it. */
static void
flush_band (AxTissuePicture *self, Band *band, int end)
{
  int n_done = end - band->first_row;
  gsize n_cells = (gsize)n_done * self->width;
  gsize n_kept = (gsize)(band->n_rows - n_done) * self->width;
  guint8 *rgb = self->rgb + (gsize)band->first_row * self->width * 3;

  for (gsize i = 0; i < n_cells; i++, rgb += 3)
    {
      const Cell *cell = &band->cells[i];

      if (cell->n == 0)
        continue;
      rgb[0] = (cell->red + cell->n / 2) / cell->n;
      rgb[1] = (cell->green + cell->n / 2) / cell->n;
      rgb[2] = (cell->blue + cell->n / 2) / cell->n;
    }
  memmove (band->cells, band->cells + n_cells, n_kept * sizeof (Cell));
  memset (band->cells + n_kept, 0, n_cells * sizeof (Cell));
  band->first_row = end;
}

static gboolean
read_level (AxTissuePicture *self, AxSlide *slide, int side, GError **error)
{
  const AxSlideLevel *level = ax_slide_get_level (slide, self->level);
  AxRect0 inside = ax_rect0_intersect (ax_slide_get_bounds (slide),
                                       ax_slide_get_extent (slide));
  AxRectL bounds = ax_rect0_to_level (inside, self->level, level->scale);
  int n_rows = (int)count_cells (level->height, level->tile_height);
  Band band = { .n_rows = level->tile_height / side + 2 };
  g_autofree Cell *cells
      = g_try_malloc0_n ((gsize)band.n_rows * self->width, sizeof (Cell));

  if (cells == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "%s: no memory for %d rows of %d tissue cells",
                   ax_slide_get_path (slide), band.n_rows, self->width);
      return FALSE;
    }
  bounds.width = MIN (bounds.width, level->width - bounds.x);
  bounds.height = MIN (bounds.height, level->height - bounds.y);
  band.cells = cells;
  for (int row = 0; row < n_rows; row++)
    {
      gint64 y0 = (gint64)row * level->tile_height;
      gint64 y1 = y0 + level->tile_height;

      if (y1 > bounds.y && y0 < bounds.y + bounds.height
          && !read_row (self, &band, slide, bounds, row, side, error))
        return FALSE;
      flush_band (self, &band, row + 1 < n_rows ? y1 / side : self->height);
    }
  return TRUE;
}

AxTissuePicture *
ax_tissue_picture_new (AxSlide *slide, AxScale mpp, GError **error)
{
  g_autoptr (AxTissuePicture) self = g_new0 (AxTissuePicture, 1);
  double target = get_target (mpp);
  const AxSlideLevel *level;
  gsize n_cells;
  int side;

  self->level = choose_level (slide, target);
  level = ax_slide_get_level (slide, self->level);
  side = choose_side (level, target);
  self->width = (int)count_cells (level->width, side);
  self->height = (int)count_cells (level->height, side);
  self->scale = (AxScale){ level->scale.x * side, level->scale.y * side };
  n_cells = (gsize)self->width * self->height;
  self->rgb = g_try_malloc (n_cells * 3);
  self->damaged = g_try_malloc0 (n_cells);
  if (self->rgb == NULL || self->damaged == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "%s: no memory for %d x %d tissue cells",
                   ax_slide_get_path (slide), self->width, self->height);
      return NULL;
    }
  memset (self->rgb, 255, n_cells * 3);
  if (!read_level (self, slide, side, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
ax_tissue_picture_free (AxTissuePicture *self)
{
  if (self == NULL)
    return;
  g_free (self->rgb);
  g_free (self->damaged);
  g_free (self);
}
