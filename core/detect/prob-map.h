#pragma once

#include "core/base/geometry.h"

#include <glib.h>

G_BEGIN_DECLS

/**
 * AxProbMap:
 *
 * The tumour probability of a slide as a sparse pyramid of copy-on-write tiles
 * of 256 x 256 u16 cells.  0 is "not analysed"; 1..65535 stand for p = 0..1.
 * Level 0 is the network's own grid; each further level is the 2x2 maximum of
 * the one below, so that nothing vanishes when zoomed out.
 *
 * Thread: one writer, many readers.  Tiles are immutable once published;
 * readers take snapshots of them.
 */
typedef struct _AxProbMap AxProbMap;

#define AX_PROB_TILE 256
#define AX_PROB_NONE 0

typedef struct
{
  gint64 width, height; /* cells of level 0 */
  AxScale cell;         /* level-0 pixels per cell */
  AxScale mpp;          /* µm per level-0 pixel; 0 when unknown */
} AxProbGeometry;

typedef struct
{
  gint64 col, row, n_cols, n_rows;
} AxCellRect;

/**
 * AxProbTile: (256, 256) cells and the largest of them; immutable, refcounted,
 * any thread.
 */
typedef struct
{
  guint16 cells[AX_PROB_TILE * AX_PROB_TILE];
  guint16 max;
} AxProbTile;

/** The cell value nearest @p, which is clamped to 0..1; NaN is not analysed. */
guint16 ax_prob_quantize (double p);
/** The probability of an analysed cell. */
double ax_prob_value (guint16 cell);
/**
 * The smallest cell value that a probability of at least @p (and > 0) becomes:
 * cells of this value and above are in, those of p = @p itself too.
 */
guint16 ax_prob_threshold (double p);

/**
 * ax_prob_map_new:
 * @geometry: positive sizes; at most 2^31 - 1 cells a side
 * @budget_bytes: 0 for none
 *
 * Errors: AX_ERROR_LIMIT with the figure when @width x @height cells, all
 * filled, would exceed the budget, or a side is too long; AX_ERROR_MEMORY.
 */
AxProbMap *ax_prob_map_new (AxProbGeometry geometry, gsize budget_bytes,
                            GError **error);
AxProbMap *ax_prob_map_ref (AxProbMap *self);
void ax_prob_map_unref (AxProbMap *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxProbMap, ax_prob_map_unref)

const AxProbGeometry *ax_prob_map_get_geometry (const AxProbMap *self);
/** Levels up to the first that fits into one tile. */
int ax_prob_map_get_n_levels (const AxProbMap *self);
/** Memory held, tiles of all levels included. */
gsize ax_prob_map_get_bytes (AxProbMap *self);

/**
 * Writes a block of cells, row-major; cells of value 0 leave what is there.
 * The block may reach beyond the map; that part is ignored.  Updates the
 * coarser levels; readers see all of it or nothing.
 *
 * Errors: AX_ERROR_MEMORY (nothing is changed).  Thread: the writer.
 */
gboolean ax_prob_map_write (AxProbMap *self, AxCellRect rect,
                            const guint16 *cells, GError **error);

/** (transfer full) (nullable): NULL where nothing is analysed. */
AxProbTile *ax_prob_map_get_tile (AxProbMap *self, int level, gint64 col,
                                  gint64 row);
/** Accepts NULL. */
void ax_prob_tile_unref (AxProbTile *tile);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxProbTile, ax_prob_tile_unref)

/**
 * AxProbSnapshot: level 0 of a map as it was at one moment.
 *
 * @tiles: (n_rows, n_cols), NULL where nothing is analysed
 */
typedef struct
{
  gint64 n_cols, n_rows; /* of tiles */
  AxProbTile **tiles;
} AxProbSnapshot;

/** Errors: AX_ERROR_MEMORY. */
AxProbSnapshot *ax_prob_snapshot_new (AxProbMap *map, GError **error);
/** Accepts NULL. */
void ax_prob_snapshot_free (AxProbSnapshot *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxProbSnapshot, ax_prob_snapshot_free)

/** Copies a rectangle of a level; outside and unanalysed cells are 0. */
void ax_prob_map_read (AxProbMap *self, int level, AxCellRect rect,
                       guint16 *cells);

/** One cell of level 0; 0 outside. */
guint16 ax_prob_map_get (AxProbMap *self, gint64 col, gint64 row);

/**
 * Number of analysed cells, and (nullable) their histogram over 256 equal bins
 * of p, p = 1 in the last.
 */
gint64 ax_prob_map_count (AxProbMap *self, gint64 histogram[256]);

/**
 * Largest cell value of the map, AX_PROB_NONE when nothing is analysed: the
 * slide score (algorithms.md 3.5).
 */
guint16 ax_prob_map_get_max (AxProbMap *self);

/** Two maps hold the same cells and geometry. */
gboolean ax_prob_map_equal (AxProbMap *a, AxProbMap *b);

/** Level-0 rectangle of cells. */
AxRect0 ax_prob_map_cells_to_rect (const AxProbMap *self, AxCellRect cells);

G_END_DECLS
