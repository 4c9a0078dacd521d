#pragma once

#include "core/base/run.h"
#include "core/detect/prob-map.h"

G_BEGIN_DECLS

/**
 * AxBitPlane: a set of map cells, one bit each.
 *
 * Cell (col, row) is bit col % 64 of word col / 64 of its row.  A row has words
 * in its span alone: what memory holds outside of it means nothing, and empty
 * parts of a slide cost nothing.  Bits beyond the width are 0.
 *
 * Thread: owner.
 */
typedef struct
{
  gint32 first, end; /* words [first, end); first >= end when empty */
} AxBitSpan;

typedef struct
{
  gint32 width, height;
  gint32 n_words;   /* of a row */
  guint64 *words;   /* (owned) (height, n_words) */
  AxBitSpan *spans; /* (owned) one a row */
} AxBitPlane;

/** An empty set.  Errors: AX_ERROR_MEMORY. */
AxBitPlane *ax_bit_plane_new (gint32 width, gint32 height, GError **error);

/** Accepts NULL. */
void ax_bit_plane_free (AxBitPlane *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxBitPlane, ax_bit_plane_free)

/** First word of a row. */
static inline guint64 *
ax_bit_plane_row (const AxBitPlane *self, gint32 row)
{
  return self->words + (gsize)row * self->n_words;
}

/**
 * ax_bit_planes_add_tile:
 * @planes: (n_planes): of the map's size
 * @thresholds: (n_planes): rising; at least 1, so that cells not analysed stay
 *   out
 * @tile_col, @tile_row: where in the map @tile is
 *
 * Adds to each plane the cells whose value is at least its threshold; the tile
 * is read from memory once.  Tiles of different rows may be added by different
 * threads.
 */
void ax_bit_planes_add_tile (AxBitPlane *const *planes,
                             const guint16 *thresholds, guint n_planes,
                             const AxProbTile *tile, gint32 tile_col,
                             gint32 tile_row);

/** Lets a row's span cover words [@first, @end) too; new ones are 0. */
void ax_bit_plane_extend (AxBitPlane *self, gint32 row, gint32 first,
                          gint32 end);

/** Adds the cells of a run. */
void ax_bit_plane_add_run (AxBitPlane *self, const AxRun *run);

/** How many cells it holds. */
gint64 ax_bit_plane_count (const AxBitPlane *self);

/**
 * ax_bit_plane_find_runs:
 * @n_runs: out
 *
 * Returns: (transfer full): the runs in raster order, labels 0; free with
 * g_free().  Errors: AX_ERROR_MEMORY; AX_ERROR_LIMIT from 2^31 runs on.
 */
AxRun *ax_bit_plane_find_runs (const AxBitPlane *self, gsize *n_runs,
                               GError **error);

G_END_DECLS
