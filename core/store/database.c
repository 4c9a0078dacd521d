#include "core/store/database.h"

#include "core/base/error.h"

#define BUSY_TIMEOUT_MS 10000

/* Tells a store from other programs' SQLite files: "AxSt". */
#define APPLICATION_ID 0x41785374

struct _AxDatabase
{
  char *path;
  sqlite3 *db;
};

/* Entry v leads from version v to v + 1.  Only ever appended to. */
static const char *const migrations[] = {
  /* run.owner_*: who works on it now, see owner.h */
  "CREATE TABLE run ("
  "  id INTEGER PRIMARY KEY,"
  "  slide TEXT NOT NULL,"
  "  weights TEXT NOT NULL,"
  "  plan TEXT NOT NULL,"
  "  owner_pid INTEGER,"
  "  owner_start INTEGER,"
  "  owner_boot TEXT,"
  "  owner_serial INTEGER,"
  "  UNIQUE (slide, weights, plan));"
  "CREATE TABLE block ("
  "  run INTEGER NOT NULL REFERENCES run (id),"
  "  roi INTEGER NOT NULL,"
  "  col INTEGER NOT NULL,"
  "  row INTEGER NOT NULL,"
  "  n_cols INTEGER NOT NULL,"
  "  n_rows INTEGER NOT NULL,"
  "  n_failed INTEGER NOT NULL,"
  "  cells BLOB NOT NULL,"
  "  checksum TEXT NOT NULL,"
  "  UNIQUE (run, roi));"
  "CREATE TABLE mpp ("
  "  slide TEXT PRIMARY KEY,"
  "  x REAL NOT NULL,"
  "  y REAL NOT NULL);",
};

#define VERSION ((int)G_N_ELEMENTS (migrations))

static AxErrorCode
code_for (int status)
{
  switch (status)
    {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return AX_ERROR_BUSY;
    case SQLITE_NOMEM:
      return AX_ERROR_MEMORY;
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
    case SQLITE_MISMATCH:
      return AX_ERROR_FORMAT;
    default:
      return AX_ERROR_IO;
    }
}

static const char *
words_for (AxDatabase *self, int status)
{
  int system_errno = sqlite3_system_errno (self->db);

  switch (status)
    {
    case SQLITE_FULL:
      return "the disk is full";
    case SQLITE_NOTADB:
      return "is not a store of Axilla";
    case SQLITE_CORRUPT:
      return "the store is damaged; move it away to begin a new one";
    case SQLITE_READONLY:
      return "the store cannot be written (read-only)";
    case SQLITE_BUSY:
      return "another program holds the store";
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
      if (system_errno != 0)
        return g_strerror (system_errno);
      break;
    }
  return sqlite3_errmsg (self->db);
}

static gboolean
fail (AxDatabase *self, GError **error)
{
  int status = sqlite3_errcode (self->db) & 0xff;

  g_set_error (error, AX_ERROR, code_for (status), "%s: %s", self->path,
               words_for (self, status));
  return FALSE;
}

gboolean
ax_database_exec (AxDatabase *self, const char *sql, GError **error)
{
  if (sqlite3_exec (self->db, sql, NULL, NULL, NULL) != SQLITE_OK)
    return fail (self, error);
  return TRUE;
}

sqlite3_stmt *
ax_database_prepare (AxDatabase *self, const char *sql, GError **error)
{
  sqlite3_stmt *statement = NULL;

  if (sqlite3_prepare_v2 (self->db, sql, -1, &statement, NULL) != SQLITE_OK)
    fail (self, error);
  return statement;
}

gboolean
ax_database_step (AxDatabase *self, sqlite3_stmt *statement, gboolean *has_row,
                  GError **error)
{
  int status = sqlite3_step (statement);

  if (status != SQLITE_ROW && status != SQLITE_DONE)
    return fail (self, error);
  if (has_row != NULL)
    *has_row = status == SQLITE_ROW;
  return TRUE;
}

gboolean
ax_database_transact (AxDatabase *self, AxDatabaseFunc func, gpointer data,
                      GError **error)
{
  if (!ax_database_exec (self, "BEGIN IMMEDIATE", error))
    return FALSE;
  if (func (self, data, error) && ax_database_exec (self, "COMMIT", error))
    return TRUE;
  /* fails where SQLite has rolled back by itself already */
  ax_database_exec (self, "ROLLBACK", NULL);
  return FALSE;
}

void
ax_database_checkpoint (AxDatabase *self)
{
  ax_database_exec (self, "PRAGMA wal_checkpoint", NULL);
}

static gboolean
read_int (AxDatabase *self, const char *sql, int *value, GError **error)
{
  g_autoptr (sqlite3_stmt) statement = ax_database_prepare (self, sql, error);
  gboolean has_row = FALSE;

  if (statement == NULL || !ax_database_step (self, statement, &has_row, error))
    return FALSE;
  *value = has_row ? sqlite3_column_int (statement, 0) : 0;
  return TRUE;
}

static gboolean
check_identity (AxDatabase *self, int *version, GError **error)
{
  int application = 0, n_tables = 0;

  if (!read_int (self, "PRAGMA application_id", &application, error)
      || !read_int (self, "PRAGMA user_version", version, error)
      || !read_int (self, "SELECT count(*) FROM sqlite_master", &n_tables,
                    error))
    return FALSE;
  if (application != APPLICATION_ID && n_tables > 0)
    g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                 "%s: is a database of another program, not a store of Axilla",
                 self->path);
  else if (*version > VERSION)
    g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                 "%s: is a store of version %d, newer than this program's %d",
                 self->path, *version, VERSION);
  else
    return TRUE;
  return FALSE;
}

/* In a transaction, so that two programs do not both do it. */
static gboolean
migrate (AxDatabase *self, gpointer data, GError **error)
{
  int version = 0;

  if (!check_identity (self, &version, error))
    return FALSE;
  for (; version < VERSION; version++)
    {
      g_autofree char *stamp = g_strdup_printf (
          "PRAGMA application_id = %d; PRAGMA user_version = %d",
          APPLICATION_ID, version + 1);

      if (!ax_database_exec (self, migrations[version], error)
          || !ax_database_exec (self, stamp, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
prepare_file (AxDatabase *self, GError **error)
{
  int version = 0;

  if (!check_identity (self, &version, error))
    return FALSE;
  if (sqlite3_db_readonly (self->db, "main"))
    {
      g_set_error (error, AX_ERROR, AX_ERROR_IO,
                   "%s: the store cannot be written (read-only)", self->path);
      return FALSE;
    }
  if (!ax_database_exec (self,
                         "PRAGMA journal_mode = WAL;"
                         "PRAGMA synchronous = NORMAL",
                         error))
    return FALSE;
  return version == VERSION
         || ax_database_transact (self, migrate, NULL, error);
}

AxDatabase *
ax_database_open (const char *path, GError **error)
{
  AxDatabase *self;
  gboolean opened;

  g_return_val_if_fail (path != NULL, NULL);

  self = g_new0 (AxDatabase, 1);
  self->path = g_strdup (path);
  opened = sqlite3_open_v2 (path, &self->db,
                            SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                | SQLITE_OPEN_NOMUTEX,
                            NULL)
           == SQLITE_OK;
  sqlite3_busy_timeout (self->db, BUSY_TIMEOUT_MS);
  if (!opened)
    fail (self, error);
  if (!opened || !prepare_file (self, error))
    g_clear_pointer (&self, ax_database_close);
  return self;
}

void
ax_database_close (AxDatabase *self)
{
  if (self == NULL)
    return;
  sqlite3_close (self->db);
  g_free (self->path);
  g_free (self);
}

const char *
ax_database_get_path (const AxDatabase *self)
{
  return self->path;
}
