#include "core/base/error.h"
#include "core/detect/prob-map-private.h"

#include <string.h>

/* What a write puts in place of a level's tiles in a rectangle of them. */
typedef struct
{
  gint64 col, row, n_cols, n_rows;
  SharedTile **tiles; /* NULL where nothing changes */
} Patch;

/* A copy of @old, all NONE where that is NULL. */
static SharedTile *
shared_tile_new (const SharedTile *old)
{
  SharedTile *shared = g_try_malloc (sizeof *shared);

  if (shared == NULL)
    return NULL;
  if (old != NULL)
    shared->tile = old->tile;
  else
    memset (&shared->tile, 0, sizeof shared->tile);
  g_atomic_ref_count_init (&shared->n_refs);
  return shared;
}

/* Lets the patch cover the tiles that @rect, not empty, touches. */
static gboolean
patch_init (Patch *self, AxCellRect rect)
{
  self->col = rect.col / AX_PROB_TILE;
  self->row = rect.row / AX_PROB_TILE;
  self->n_cols = div_up (rect.col + rect.n_cols, AX_PROB_TILE) - self->col;
  self->n_rows = div_up (rect.row + rect.n_rows, AX_PROB_TILE) - self->row;
  self->tiles = g_try_new0 (SharedTile *, self->n_cols * self->n_rows);
  return self->tiles != NULL;
}

static void
patch_clear (Patch *self)
{
  if (self->tiles != NULL)
    for (gint64 i = 0; i < self->n_cols * self->n_rows; i++)
      shared_tile_unref (self->tiles[i]);
  g_free (self->tiles);
}

static SharedTile **
patch_slot (Patch *self, gint64 col, gint64 row)
{
  return &self->tiles[(row - self->row) * self->n_cols + col - self->col];
}

static gboolean
has_cells (const guint16 *cells, gint64 pitch, AxCellRect part)
{
  for (gint64 row = 0; row < part.n_rows; row++)
    for (gint64 col = 0; col < part.n_cols; col++)
      if (cells[row * pitch + col] != AX_PROB_NONE)
        return TRUE;
  return FALSE;
}

/* New level-0 tiles from a block whose cell (0, 0) is at @block's corner. */
static gboolean
patch_fill (Patch *self, const Level *level, AxCellRect clipped,
            AxCellRect block, const guint16 *cells)
{
  for (gint64 row = self->row; row < self->row + self->n_rows; row++)
    for (gint64 col = self->col; col < self->col + self->n_cols; col++)
      {
        AxCellRect part = part_in_tile (clipped, col, row);
        const guint16 *source = cells + (part.row - block.row) * block.n_cols
                                + part.col - block.col;
        SharedTile *shared;

        if (!has_cells (source, block.n_cols, part))
          continue;
        shared = shared_tile_new (*level_slot (level, col, row));
        if (shared == NULL)
          return FALSE;
        *patch_slot (self, col, row) = shared;
        for (gint64 i = 0; i < part.n_rows; i++, source += block.n_cols)
          {
            guint16 *target
                = cell_in_tile (&shared->tile, part.col, part.row + i);

            for (gint64 j = 0; j < part.n_cols; j++)
              if (source[j] != AX_PROB_NONE)
                target[j] = source[j];
          }
      }
  return TRUE;
}

/* Takes the 2x2 maxima of a part of a tile over into its parent's tile. */
static void
pool_part (AxProbTile *parent, AxProbTile *child, AxCellRect part)
{
  gint64 right = part.col + part.n_cols, bottom = part.row + part.n_rows;

  for (gint64 row = part.row / 2; row < div_up (bottom, 2); row++)
    {
      const guint16 *upper = cell_in_tile (child, 0, 2 * row);
      guint16 *target = cell_in_tile (parent, 0, row);

      for (gint64 col = part.col / 2; col < div_up (right, 2); col++)
        {
          const guint16 *cell = upper + 2 * col % AX_PROB_TILE;

          target[col % AX_PROB_TILE]
              = MAX (MAX (cell[0], cell[1]),
                     MAX (cell[AX_PROB_TILE], cell[AX_PROB_TILE + 1]));
        }
    }
}

/* New tiles of a level, where those of the one below it change inside
 * @below. */
static gboolean
patch_pool (Patch *self, const Level *level, Patch *child, AxCellRect below)
{
  for (gint64 row = child->row; row < child->row + child->n_rows; row++)
    for (gint64 col = child->col; col < child->col + child->n_cols; col++)
      {
        SharedTile *source = *patch_slot (child, col, row);
        SharedTile **target = patch_slot (self, col / 2, row / 2);

        if (source == NULL)
          continue;
        if (*target == NULL)
          *target = shared_tile_new (*level_slot (level, col / 2, row / 2));
        if (*target == NULL)
          return FALSE;
        pool_part (&(*target)->tile, &source->tile,
                   part_in_tile (below, col, row));
      }
  return TRUE;
}

static AxCellRect
halve (AxCellRect rect)
{
  gint64 right = div_up (rect.col + rect.n_cols, 2);
  gint64 bottom = div_up (rect.row + rect.n_rows, 2);

  rect.col /= 2;
  rect.row /= 2;
  rect.n_cols = right - rect.col;
  rect.n_rows = bottom - rect.row;
  return rect;
}

static void
patch_find_max (Patch *self)
{
  for (gint64 i = 0; i < self->n_cols * self->n_rows; i++)
    if (self->tiles[i] != NULL)
      {
        AxProbTile *tile = &self->tiles[i]->tile;
        guint16 max = AX_PROB_NONE;

        for (int j = 0; j < AX_PROB_TILE * AX_PROB_TILE; j++)
          max = MAX (max, tile->cells[j]);
        tile->max = max;
      }
}

static gboolean
make_patches (const AxProbMap *self, AxCellRect clipped, AxCellRect block,
              const guint16 *cells, Patch *patches)
{
  if (!patch_init (&patches[0], clipped)
      || !patch_fill (&patches[0], &self->levels[0], clipped, block, cells))
    return FALSE;
  for (int i = 1; i < self->n_levels; i++)
    {
      AxCellRect below = clipped;

      clipped = halve (clipped);
      if (!patch_init (&patches[i], clipped)
          || !patch_pool (&patches[i], &self->levels[i], &patches[i - 1],
                          below))
        return FALSE;
    }
  for (int i = 0; i < self->n_levels; i++)
    patch_find_max (&patches[i]);
  return TRUE;
}

/* Puts the new tiles in; the patches hold the old ones after that. */
static void
publish (AxProbMap *self, Patch *patches)
{
  g_mutex_lock (&self->lock);
  for (int i = 0; i < self->n_levels; i++)
    for (gint64 j = 0; j < patches[i].n_cols * patches[i].n_rows; j++)
      {
        SharedTile **slot = level_slot (&self->levels[i],
                                        patches[i].col + j % patches[i].n_cols,
                                        patches[i].row + j / patches[i].n_cols);
        SharedTile *fresh = patches[i].tiles[j];

        if (fresh == NULL)
          continue;
        if (*slot == NULL)
          self->bytes += sizeof *fresh;
        patches[i].tiles[j] = *slot;
        *slot = fresh;
      }
  g_mutex_unlock (&self->lock);
}

gboolean
ax_prob_map_write (AxProbMap *self, AxCellRect rect, const guint16 *cells,
                   GError **error)
{
  Patch patches[AX_PROB_MAX_LEVELS] = { 0 };
  AxCellRect clipped;
  gboolean made;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (rect.n_cols >= 0 && rect.n_rows >= 0, FALSE);
  g_return_val_if_fail (cells != NULL || rect.n_cols * rect.n_rows == 0, FALSE);

  clipped = clip (&self->levels[0], rect);
  if (clipped.n_cols == 0 || clipped.n_rows == 0)
    return TRUE;

  made = make_patches (self, clipped, rect, cells, patches);
  if (made)
    publish (self, patches);
  else
    g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                 "no memory for %" G_GINT64_FORMAT " x %" G_GINT64_FORMAT
                 " cells of the probability map",
                 clipped.n_cols, clipped.n_rows);
  for (int i = 0; i < self->n_levels; i++)
    patch_clear (&patches[i]);
  return made;
}
