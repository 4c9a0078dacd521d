#pragma once

#include "core/detect/prob-map.h"

/* Shared by the two files of AxProbMap: its life and reading, and writing. */

#define AX_PROB_MAX_LEVELS 24 /* 2^31 cells become one tile */

typedef struct
{
  AxProbTile tile; /* first: what callers hold is this */
  gatomicrefcount n_refs;
} SharedTile;

typedef struct
{
  gint64 width, height;  /* cells */
  gint64 n_cols, n_rows; /* tiles */
  SharedTile **tiles;    /* the array is fixed, its elements under lock; the
                            writer, who alone sets them, reads without */
} Level;

struct _AxProbMap
{
  gatomicrefcount n_refs;

  /* immutable */
  AxProbGeometry geometry;
  int n_levels;
  Level levels[AX_PROB_MAX_LEVELS];

  /* under lock */
  GMutex lock;
  gsize bytes;
};

static inline gint64
div_up (gint64 value, gint64 divisor)
{
  return (value + divisor - 1) / divisor;
}

static inline SharedTile **
level_slot (const Level *self, gint64 col, gint64 row)
{
  return &self->tiles[row * self->n_cols + col];
}

static inline AxCellRect
clip (const Level *level, AxCellRect rect)
{
  gint64 right = MIN (rect.col + rect.n_cols, level->width);
  gint64 bottom = MIN (rect.row + rect.n_rows, level->height);

  rect.col = MAX (rect.col, 0);
  rect.row = MAX (rect.row, 0);
  rect.n_cols = MAX (right - rect.col, 0);
  rect.n_rows = MAX (bottom - rect.row, 0);
  return rect;
}

/* The part of @rect, clipped to the map, that lies in one tile. */
static inline AxCellRect
part_in_tile (AxCellRect rect, gint64 col, gint64 row)
{
  gint64 left = MAX (rect.col, col * AX_PROB_TILE);
  gint64 top = MAX (rect.row, row * AX_PROB_TILE);
  gint64 right = MIN (rect.col + rect.n_cols, (col + 1) * AX_PROB_TILE);
  gint64 bottom = MIN (rect.row + rect.n_rows, (row + 1) * AX_PROB_TILE);

  return (AxCellRect){ left, top, right - left, bottom - top };
}

static inline guint16 *
cell_in_tile (AxProbTile *tile, gint64 col, gint64 row)
{
  return &tile->cells[row % AX_PROB_TILE * AX_PROB_TILE + col % AX_PROB_TILE];
}

static inline void
shared_tile_unref (SharedTile *shared)
{
  if (shared != NULL && g_atomic_ref_count_dec (&shared->n_refs))
    g_free (shared);
}
