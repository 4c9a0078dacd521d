#pragma once

#include "core/detect/scan.h"
#include "core/store/database.h"

G_BEGIN_DECLS

/**
 * A block of a scan as a row of the table `block`: the cells as little-endian
 * u16, with a SHA-256 over the row's numbers and cells, so that a damaged row
 * is noticed and its ROI done again.  Not compressed: a slide takes 12 MB at
 * 10x, and zlib would leave 44 % of it.
 *
 * Thread: the database's.
 */

/** Adds or replaces a block.  Errors: as ax_database_step(). */
gboolean ax_block_row_write (AxDatabase *database, gint64 run,
                             const AxScanBlock *block, GError **error);

/** Called for each block; an error ends the reading. */
typedef gboolean (*AxBlockRowFunc) (const AxScanBlock *block,
                                    gpointer user_data, GError **error);

/**
 * ax_block_row_read_all:
 * @n_dropped: out: rows that were damaged, or that @func refused with
 *   AX_ERROR_FORMAT; they are deleted
 *
 * Hands the blocks of a run to @func.
 * Errors: as ax_database_step(), AX_ERROR_MEMORY, others from @func.
 */
gboolean ax_block_row_read_all (AxDatabase *database, gint64 run,
                                AxBlockRowFunc func, gpointer user_data,
                                guint *n_dropped, GError **error);

G_END_DECLS
