#include "core/store/block-row.h"

#include "core/base/error.h"

/* No ROI has more cells a side: AX_DENSE_MAX_ROI_PX at a step of one pixel. */
#define MAX_SIDE AX_DENSE_MAX_ROI_PX

static gsize
count_cells (const AxScanBlock *block)
{
  return (gsize)block->rect.n_cols * block->rect.n_rows;
}

/* Little-endian, in place, either way. */
static void
swap_cells (guint16 *cells, gsize n_cells)
{
  for (gsize i = 0; i < n_cells; i++)
    cells[i] = GUINT16_TO_LE (cells[i]);
}

/* @bytes: the cells as they are stored. */
static char *
compute_checksum (const AxScanBlock *block, gconstpointer bytes)
{
  const guint64 numbers[] = {
    GUINT64_TO_LE (block->roi),         GUINT64_TO_LE (block->rect.col),
    GUINT64_TO_LE (block->rect.row),    GUINT64_TO_LE (block->rect.n_cols),
    GUINT64_TO_LE (block->rect.n_rows), GUINT64_TO_LE (block->n_failed),
  };
  GChecksum *checksum = g_checksum_new (G_CHECKSUM_SHA256);
  char *text;

  g_checksum_update (checksum, (const guchar *)numbers, sizeof numbers);
  g_checksum_update (checksum, bytes, count_cells (block) * sizeof (guint16));
  text = g_strdup (g_checksum_get_string (checksum));
  g_checksum_free (checksum);
  return text;
}

gboolean
ax_block_row_write (AxDatabase *database, gint64 run, const AxScanBlock *block,
                    GError **error)
{
  g_autoptr (sqlite3_stmt) statement = ax_database_prepare (
      database,
      "INSERT OR REPLACE INTO block (run, roi, col, row, n_cols, n_rows,"
      " n_failed, cells, checksum) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
      error);
  gsize n_cells = count_cells (block);
  g_autofree guint16 *cells = NULL;
  g_autofree char *checksum = NULL;

  if (statement == NULL)
    return FALSE;
  cells = g_memdup2 (block->cells, n_cells * sizeof *cells);
  swap_cells (cells, n_cells);
  checksum = compute_checksum (block, cells);

  sqlite3_bind_int64 (statement, 1, run);
  sqlite3_bind_int64 (statement, 2, block->roi);
  sqlite3_bind_int64 (statement, 3, block->rect.col);
  sqlite3_bind_int64 (statement, 4, block->rect.row);
  sqlite3_bind_int64 (statement, 5, block->rect.n_cols);
  sqlite3_bind_int64 (statement, 6, block->rect.n_rows);
  sqlite3_bind_int64 (statement, 7, block->n_failed);
  sqlite3_bind_blob64 (statement, 8, cells, n_cells * sizeof *cells,
                       SQLITE_STATIC);
  sqlite3_bind_text (statement, 9, checksum, -1, SQLITE_STATIC);
  return ax_database_step (database, statement, NULL, error);
}

/* Columns of the row at hand from @first on; FALSE when it is damaged. */
static gboolean
read_block (sqlite3_stmt *row, AxScanBlock *block, guint16 **cells)
{
  gint64 roi = sqlite3_column_int64 (row, 1);
  gconstpointer bytes;
  const char *stored;
  g_autofree char *checksum = NULL;

  *block = (AxScanBlock){
    .roi = (guint)roi,
    .rect = {
      .col = sqlite3_column_int64 (row, 2),
      .row = sqlite3_column_int64 (row, 3),
      .n_cols = sqlite3_column_int64 (row, 4),
      .n_rows = sqlite3_column_int64 (row, 5),
    },
    .n_failed = sqlite3_column_int64 (row, 6),
  };
  bytes = sqlite3_column_blob (row, 7);
  stored = (const char *)sqlite3_column_text (row, 8);
  if (block->roi != roi || bytes == NULL || stored == NULL
      || block->rect.n_cols < 1 || block->rect.n_cols > MAX_SIDE
      || block->rect.n_rows < 1 || block->rect.n_rows > MAX_SIDE
      || (gsize)sqlite3_column_bytes (row, 7)
             != count_cells (block) * sizeof (guint16))
    return FALSE;
  checksum = compute_checksum (block, bytes);
  if (!g_str_equal (checksum, stored))
    return FALSE;
  *cells = g_memdup2 (bytes, count_cells (block) * sizeof (guint16));
  swap_cells (*cells, count_cells (block));
  block->cells = *cells;
  return TRUE;
}

/* Hands the row at hand on; @is_good: whether to keep it. */
static gboolean
hand_on (sqlite3_stmt *row, AxBlockRowFunc func, gpointer user_data,
         gboolean *is_good, GError **error)
{
  g_autofree guint16 *cells = NULL;
  g_autoptr (GError) own = NULL;
  AxScanBlock block;

  *is_good = read_block (row, &block, &cells) && func (&block, user_data, &own);
  if (own == NULL || g_error_matches (own, AX_ERROR, AX_ERROR_FORMAT))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&own));
  return FALSE;
}

static gboolean
drop_rows (AxDatabase *database, GArray *ids, GError **error)
{
  g_autoptr (sqlite3_stmt) statement = ax_database_prepare (
      database, "DELETE FROM block WHERE _rowid_ = ?1", error);

  if (statement == NULL)
    return FALSE;
  for (guint i = 0; i < ids->len; i++)
    {
      sqlite3_reset (statement);
      sqlite3_bind_int64 (statement, 1, g_array_index (ids, gint64, i));
      if (!ax_database_step (database, statement, NULL, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
ax_block_row_read_all (AxDatabase *database, gint64 run, AxBlockRowFunc func,
                       gpointer user_data, guint *n_dropped, GError **error)
{
  g_autoptr (sqlite3_stmt) row = ax_database_prepare (
      database,
      "SELECT _rowid_, roi, col, row, n_cols, n_rows, n_failed, cells,"
      " checksum FROM block WHERE run = ?1 ORDER BY roi",
      error);
  g_autoptr (GArray) bad = g_array_new (FALSE, FALSE, sizeof (gint64));
  gboolean has_row = FALSE;

  if (row == NULL)
    return FALSE;
  sqlite3_bind_int64 (row, 1, run);
  for (;;)
    {
      gint64 id;
      gboolean is_good = FALSE;

      if (!ax_database_step (database, row, &has_row, error))
        return FALSE;
      if (!has_row)
        break;
      if (!hand_on (row, func, user_data, &is_good, error))
        return FALSE;
      id = sqlite3_column_int64 (row, 0);
      if (!is_good)
        g_array_append_val (bad, id);
    }
  *n_dropped = bad->len;
  return drop_rows (database, bad, error);
}
