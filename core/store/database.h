#pragma once

#include <glib.h>
#include <sqlite3.h>

G_BEGIN_DECLS

/**
 * AxDatabase:
 *
 * One SQLite connection to a store's file, its schema up to date, its failures
 * as one plain line with the file's name.
 *
 * What a commit holds survives the end of the process at once (WAL), and that
 * of the power from the next checkpoint on: SQLite's own come every 4 MiB.
 *
 * Errors, of every function: AX_ERROR_IO (the disk, a full one too),
 * AX_ERROR_FORMAT (damaged), AX_ERROR_BUSY (another program holds the file),
 * AX_ERROR_MEMORY.
 *
 * Thread: one.
 */
typedef struct _AxDatabase AxDatabase;

/** Work on the database; data of the caller. */
typedef gboolean (*AxDatabaseFunc) (AxDatabase *self, gpointer data,
                                    GError **error);

/**
 * ax_database_open:
 *
 * Opens or creates the file; brings an older one up to date.
 * Errors: also AX_ERROR_FORMAT when it is not a store or of a newer version.
 */
AxDatabase *ax_database_open (const char *path, GError **error);
/** Accepts NULL. */
void ax_database_close (AxDatabase *self);

const char *ax_database_get_path (const AxDatabase *self);

/** Runs statements that give no rows. */
gboolean ax_database_exec (AxDatabase *self, const char *sql, GError **error);

/** (transfer full): free with sqlite3_finalize(), by g_autoptr. */
sqlite3_stmt *ax_database_prepare (AxDatabase *self, const char *sql,
                                   GError **error);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (sqlite3_stmt, sqlite3_finalize)

/** @has_row: out (nullable): whether there is a row, or the end. */
gboolean ax_database_step (AxDatabase *self, sqlite3_stmt *statement,
                           gboolean *has_row, GError **error);

/** Runs @func in a transaction that holds the file from its start. */
gboolean ax_database_transact (AxDatabase *self, AxDatabaseFunc func,
                               gpointer data, GError **error);

/** Syncs what was committed to the disk, as far as others let it. */
void ax_database_checkpoint (AxDatabase *self);

G_END_DECLS
