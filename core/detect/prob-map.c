#include "core/detect/prob-map.h"

#include "core/base/error.h"
#include "core/detect/prob-map-private.h"

#include <math.h>
#include <string.h>

guint16
ax_prob_quantize (double p)
{
  if (isnan (p))
    return AX_PROB_NONE;
  return 1 + (guint16)lround (CLAMP (p, 0, 1) * (G_MAXUINT16 - 1));
}

double
ax_prob_value (guint16 cell)
{
  return (cell - 1) / (double)(G_MAXUINT16 - 1);
}

guint16
ax_prob_threshold (double p)
{
  return MAX (ax_prob_quantize (p), 2);
}

/* Lays out the levels; returns the bytes of all their tiles. */
static gsize
lay_out_levels (AxProbMap *self)
{
  gint64 width = self->geometry.width, height = self->geometry.height;
  gsize bytes = 0;
  Level *level;

  do
    {
      level = &self->levels[self->n_levels++];
      level->width = width;
      level->height = height;
      level->n_cols = div_up (width, AX_PROB_TILE);
      level->n_rows = div_up (height, AX_PROB_TILE);
      bytes += (gsize)level->n_cols * level->n_rows * sizeof (SharedTile);
      width = div_up (width, 2);
      height = div_up (height, 2);
    }
  while (level->n_cols * level->n_rows > 1);
  return bytes;
}

static gboolean
allocate_levels (AxProbMap *self)
{
  self->bytes = sizeof *self;
  for (int i = 0; i < self->n_levels; i++)
    {
      Level *level = &self->levels[i];
      gsize n_tiles = (gsize)level->n_cols * level->n_rows;

      level->tiles = g_try_new0 (SharedTile *, n_tiles);
      if (level->tiles == NULL)
        return FALSE;
      self->bytes += n_tiles * sizeof *level->tiles;
    }
  return TRUE;
}

AxProbMap *
ax_prob_map_new (AxProbGeometry geometry, gsize budget_bytes, GError **error)
{
  g_autoptr (AxProbMap) self = NULL;
  gsize bytes;

  g_return_val_if_fail (geometry.width > 0 && geometry.height > 0, NULL);
  g_return_val_if_fail (geometry.cell.x > 0 && geometry.cell.y > 0, NULL);
  g_return_val_if_fail (geometry.mpp.x >= 0 && geometry.mpp.y >= 0, NULL);

  if (MAX (geometry.width, geometry.height) > G_MAXINT32)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_LIMIT,
                   "a probability map of %" G_GINT64_FORMAT
                   " x %" G_GINT64_FORMAT " cells, the limit is %d a side",
                   geometry.width, geometry.height, G_MAXINT32);
      return NULL;
    }

  self = g_new0 (AxProbMap, 1);
  g_atomic_ref_count_init (&self->n_refs);
  g_mutex_init (&self->lock);
  self->geometry = geometry;
  bytes = lay_out_levels (self);
  if (budget_bytes > 0 && bytes > budget_bytes)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_LIMIT,
                   "a probability map of %" G_GINT64_FORMAT
                   " x %" G_GINT64_FORMAT " cells takes up to %.1f MiB,"
                   " the limit is %.1f MiB",
                   geometry.width, geometry.height, bytes / 0x1p20,
                   budget_bytes / 0x1p20);
      return NULL;
    }
  if (!allocate_levels (self))
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "no memory for a probability map of %" G_GINT64_FORMAT
                   " x %" G_GINT64_FORMAT " cells",
                   geometry.width, geometry.height);
      return NULL;
    }
  return g_steal_pointer (&self);
}

AxProbMap *
ax_prob_map_ref (AxProbMap *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->n_refs);
  return self;
}

void
ax_prob_map_unref (AxProbMap *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->n_refs))
    return;

  for (int i = 0; i < self->n_levels; i++)
    {
      Level *level = &self->levels[i];

      if (level->tiles != NULL)
        for (gint64 j = 0; j < level->n_cols * level->n_rows; j++)
          shared_tile_unref (level->tiles[j]);
      g_free (level->tiles);
    }
  g_mutex_clear (&self->lock);
  g_free (self);
}

const AxProbGeometry *
ax_prob_map_get_geometry (const AxProbMap *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return &self->geometry;
}

int
ax_prob_map_get_n_levels (const AxProbMap *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->n_levels;
}

gsize
ax_prob_map_get_bytes (AxProbMap *self)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_val_if_fail (self != NULL, 0);

  locker = g_mutex_locker_new (&self->lock);
  return self->bytes;
}

AxProbTile *
ax_prob_map_get_tile (AxProbMap *self, int level, gint64 col, gint64 row)
{
  const Level *of_level;
  SharedTile *shared;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (level >= 0 && level < self->n_levels, NULL);

  of_level = &self->levels[level];
  if (col < 0 || row < 0 || col >= of_level->n_cols || row >= of_level->n_rows)
    return NULL;

  g_mutex_lock (&self->lock);
  shared = *level_slot (of_level, col, row);
  if (shared != NULL)
    g_atomic_ref_count_inc (&shared->n_refs);
  g_mutex_unlock (&self->lock);
  return (AxProbTile *)shared;
}

void
ax_prob_tile_unref (AxProbTile *tile)
{
  shared_tile_unref ((SharedTile *)tile);
}

AxProbSnapshot *
ax_prob_snapshot_new (AxProbMap *map, GError **error)
{
  const Level *level;
  gsize n_tiles;
  AxProbSnapshot *self;

  g_return_val_if_fail (map != NULL, NULL);

  level = &map->levels[0];
  n_tiles = (gsize)level->n_cols * level->n_rows;
  self = g_new0 (AxProbSnapshot, 1);
  self->n_cols = level->n_cols;
  self->n_rows = level->n_rows;
  self->tiles = g_try_new (AxProbTile *, n_tiles);
  if (self->tiles == NULL)
    {
      ax_prob_snapshot_free (self);
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "no memory for a snapshot of %" G_GSIZE_FORMAT " tiles",
                   n_tiles);
      return NULL;
    }

  g_mutex_lock (&map->lock);
  for (gsize i = 0; i < n_tiles; i++)
    {
      SharedTile *shared = level->tiles[i];

      if (shared != NULL)
        g_atomic_ref_count_inc (&shared->n_refs);
      self->tiles[i] = (AxProbTile *)shared;
    }
  g_mutex_unlock (&map->lock);
  return self;
}

void
ax_prob_snapshot_free (AxProbSnapshot *self)
{
  if (self == NULL)
    return;
  if (self->tiles != NULL)
    for (gint64 i = 0; i < self->n_cols * self->n_rows; i++)
      ax_prob_tile_unref (self->tiles[i]);
  g_free (self->tiles);
  g_free (self);
}

void
ax_prob_map_read (AxProbMap *self, int level, AxCellRect rect, guint16 *cells)
{
  AxCellRect clipped;

  g_return_if_fail (self != NULL);
  g_return_if_fail (level >= 0 && level < self->n_levels);
  g_return_if_fail (rect.n_cols >= 0 && rect.n_rows >= 0);
  g_return_if_fail (cells != NULL || rect.n_cols * rect.n_rows == 0);

  memset (cells, 0, rect.n_cols * rect.n_rows * sizeof *cells);
  clipped = clip (&self->levels[level], rect);
  if (clipped.n_cols == 0 || clipped.n_rows == 0)
    return;

  for (gint64 row = clipped.row / AX_PROB_TILE;
       row * AX_PROB_TILE < clipped.row + clipped.n_rows; row++)
    for (gint64 col = clipped.col / AX_PROB_TILE;
         col * AX_PROB_TILE < clipped.col + clipped.n_cols; col++)
      {
        g_autoptr (AxProbTile) tile
            = ax_prob_map_get_tile (self, level, col, row);
        AxCellRect part = part_in_tile (clipped, col, row);

        if (tile != NULL)
          for (gint64 i = 0; i < part.n_rows; i++)
            memcpy (cells + (part.row + i - rect.row) * rect.n_cols + part.col
                        - rect.col,
                    cell_in_tile (tile, part.col, part.row + i),
                    part.n_cols * sizeof *cells);
      }
}

guint16
ax_prob_map_get (AxProbMap *self, gint64 col, gint64 row)
{
  g_autoptr (AxProbTile) tile = NULL;

  g_return_val_if_fail (self != NULL, AX_PROB_NONE);

  if (col < 0 || row < 0)
    return AX_PROB_NONE;
  tile = ax_prob_map_get_tile (self, 0, col / AX_PROB_TILE, row / AX_PROB_TILE);
  return tile == NULL ? AX_PROB_NONE : *cell_in_tile (tile, col, row);
}

gint64
ax_prob_map_count (AxProbMap *self, gint64 histogram[256])
{
  gint64 n_cells = 0;

  g_return_val_if_fail (self != NULL, 0);

  if (histogram != NULL)
    memset (histogram, 0, 256 * sizeof *histogram);
  for (gint64 row = 0; row < self->levels[0].n_rows; row++)
    for (gint64 col = 0; col < self->levels[0].n_cols; col++)
      {
        g_autoptr (AxProbTile) tile = ax_prob_map_get_tile (self, 0, col, row);

        if (tile != NULL)
          for (int i = 0; i < AX_PROB_TILE * AX_PROB_TILE; i++)
            if (tile->cells[i] != AX_PROB_NONE)
              {
                n_cells++;
                if (histogram != NULL)
                  histogram[MIN ((tile->cells[i] - 1) * 256 / (G_MAXUINT16 - 1),
                                 255)]++;
              }
      }
  return n_cells;
}

guint16
ax_prob_map_get_max (AxProbMap *self)
{
  g_autoptr (AxProbTile) top = NULL;

  g_return_val_if_fail (self != NULL, AX_PROB_NONE);

  top = ax_prob_map_get_tile (self, self->n_levels - 1, 0, 0);
  return top == NULL ? AX_PROB_NONE : top->max;
}

static gboolean
scale_equal (AxScale a, AxScale b)
{
  return a.x == b.x && a.y == b.y;
}

gboolean
ax_prob_map_equal (AxProbMap *a, AxProbMap *b)
{
  const Level *level;

  g_return_val_if_fail (a != NULL && b != NULL, FALSE);

  if (a->geometry.width != b->geometry.width
      || a->geometry.height != b->geometry.height
      || !scale_equal (a->geometry.cell, b->geometry.cell)
      || !scale_equal (a->geometry.mpp, b->geometry.mpp))
    return FALSE;

  level = &a->levels[0];
  for (gint64 row = 0; row < level->n_rows; row++)
    for (gint64 col = 0; col < level->n_cols; col++)
      {
        g_autoptr (AxProbTile) of_a = ax_prob_map_get_tile (a, 0, col, row);
        g_autoptr (AxProbTile) of_b = ax_prob_map_get_tile (b, 0, col, row);

        if ((of_a == NULL) != (of_b == NULL)
            || (of_a != NULL && memcmp (of_a, of_b, sizeof *of_a) != 0))
          return FALSE;
      }
  return TRUE;
}

AxRect0
ax_prob_map_cells_to_rect (const AxProbMap *self, AxCellRect cells)
{
  g_return_val_if_fail (self != NULL, (AxRect0){ 0 });

  return ax_rect0_from_cells (cells.col, cells.row, cells.n_cols, cells.n_rows,
                              self->geometry.cell);
}
