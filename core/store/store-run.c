#include "core/store/block-row.h"
#include "core/store/owner.h"
#include "core/store/store-private.h"

#include "core/base/error.h"

struct _AxStoreRun
{
  AxStore *store; /* (unowned) */
  AxScanPlan *plan;
  AxOwner owner;
  gint64 id; /* of the row in `run` */
  guint n_dropped;
};

static void
bind_key (sqlite3_stmt *statement, AxScanPlan *plan)
{
  const char *slide = ax_slide_get_hash (ax_scan_plan_get_slide (plan));
  const char *weights = ax_model_get_hash (ax_scan_plan_get_model (plan));

  sqlite3_bind_text (statement, 1, slide, -1, SQLITE_TRANSIENT);
  sqlite3_bind_text (statement, 2, weights, -1, SQLITE_TRANSIENT);
  sqlite3_bind_text (statement, 3, ax_scan_plan_get_hash (plan), -1,
                     SQLITE_TRANSIENT);
}

static gboolean
add_run (AxDatabase *database, AxScanPlan *plan, GError **error)
{
  g_autoptr (sqlite3_stmt) statement = ax_database_prepare (
      database,
      "INSERT INTO run (slide, weights, plan) VALUES (?1, ?2, ?3)"
      " ON CONFLICT DO NOTHING",
      error);

  if (statement == NULL)
    return FALSE;
  bind_key (statement, plan);
  return ax_database_step (database, statement, NULL, error);
}

/* Finds the run, and who has it: pid 0 when nobody does. */
static gboolean
find_run (AxDatabase *database, AxScanPlan *plan, gint64 *id, AxOwner *owner,
          GError **error)
{
  g_autoptr (sqlite3_stmt) row = ax_database_prepare (
      database,
      "SELECT id, owner_pid, owner_start, owner_boot, owner_serial FROM run"
      " WHERE slide = ?1 AND weights = ?2 AND plan = ?3",
      error);
  const char *boot;

  if (row == NULL)
    return FALSE;
  bind_key (row, plan);
  if (!ax_database_step (database, row, NULL, error))
    return FALSE;
  *id = sqlite3_column_int64 (row, 0);
  owner->pid = sqlite3_column_int64 (row, 1);
  owner->start = sqlite3_column_int64 (row, 2);
  boot = (const char *)sqlite3_column_text (row, 3);
  owner->serial = sqlite3_column_int64 (row, 4);
  g_strlcpy (owner->boot, boot != NULL ? boot : "", sizeof owner->boot);
  return TRUE;
}

static gboolean
set_owner (AxDatabase *database, gint64 id, const AxOwner *owner,
           GError **error)
{
  g_autoptr (sqlite3_stmt) statement = ax_database_prepare (
      database,
      "UPDATE run SET owner_pid = ?2, owner_start = ?3, owner_boot = ?4,"
      " owner_serial = ?5 WHERE id = ?1",
      error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, id);
  if (owner != NULL)
    {
      sqlite3_bind_int64 (statement, 2, owner->pid);
      sqlite3_bind_int64 (statement, 3, owner->start);
      sqlite3_bind_text (statement, 4, owner->boot, -1, SQLITE_STATIC);
      sqlite3_bind_int64 (statement, 5, owner->serial);
    }
  return ax_database_step (database, statement, NULL, error);
}

static gboolean
claim (AxDatabase *database, gpointer data, GError **error)
{
  AxStoreRun *run = data;
  AxOwner owner = { 0 };

  if (!add_run (database, run->plan, error)
      || !find_run (database, run->plan, &run->id, &owner, error))
    return FALSE;
  if (owner.pid != 0 && ax_owner_is_alive (&owner))
    {
      g_set_error (error, AX_ERROR, AX_ERROR_BUSY,
                   "%s: another run (pid %" G_GINT64_FORMAT
                   ") is working on this slide with these settings in %s",
                   ax_slide_get_path (ax_scan_plan_get_slide (run->plan)),
                   owner.pid, ax_database_get_path (database));
      return FALSE;
    }
  return set_owner (database, run->id, &run->owner, error);
}

static gboolean
claim_in_transaction (AxDatabase *database, gpointer data, GError **error)
{
  return ax_database_transact (database, claim, data, error);
}

static gboolean
release (AxDatabase *database, gpointer data, GError **error)
{
  AxStoreRun *run = data;
  gboolean released = set_owner (database, run->id, NULL, error);

  ax_database_checkpoint (database);
  return released;
}

static void
run_free (AxStoreRun *run)
{
  ax_owner_retire (&run->owner);
  ax_scan_plan_unref (run->plan);
  g_free (run);
}

AxStoreRun *
ax_store_run_begin (AxStore *self, AxScanPlan *plan, GError **error)
{
  AxStoreRun *run;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (plan != NULL, NULL);

  run = g_new0 (AxStoreRun, 1);
  run->store = self;
  run->plan = ax_scan_plan_ref (plan);
  ax_owner_init (&run->owner);
  if (!ax_store_call (self, claim_in_transaction, run, error))
    g_clear_pointer (&run, run_free);
  return run;
}

void
ax_store_run_end (AxStoreRun *run)
{
  if (run == NULL)
    return;
  /* where this fails, the owner is not alive any more all the same */
  ax_store_call (run->store, release, run, NULL);
  run_free (run);
}

typedef struct
{
  AxStoreRun *run;
  AxScan *scan;
} RestoreCall;

static gboolean
restore_block (const AxScanBlock *block, gpointer user_data, GError **error)
{
  return ax_scan_restore (user_data, block, error);
}

static gboolean
restore (AxDatabase *database, gpointer data, GError **error)
{
  RestoreCall *call = data;

  return ax_block_row_read_all (database, call->run->id, restore_block,
                                call->scan, &call->run->n_dropped, error);
}

gboolean
ax_store_run_restore (AxStoreRun *run, AxScan *scan, GError **error)
{
  RestoreCall call = { .run = run, .scan = scan };

  g_return_val_if_fail (run != NULL, FALSE);
  g_return_val_if_fail (AX_IS_SCAN (scan), FALSE);

  return ax_store_call (run->store, restore, &call, error);
}

guint
ax_store_run_get_n_dropped (const AxStoreRun *run)
{
  g_return_val_if_fail (run != NULL, 0);

  return run->n_dropped;
}

typedef struct
{
  AxStoreRun *run;
  const AxScanBlock *block;
} KeepCall;

static gboolean
keep (AxDatabase *database, gpointer data, GError **error)
{
  KeepCall *call = data;

  return ax_block_row_write (database, call->run->id, call->block, error);
}

gboolean
ax_store_keep (const AxScanBlock *block, gpointer user_data, GError **error)
{
  KeepCall call = { .run = user_data, .block = block };

  g_return_val_if_fail (block != NULL, FALSE);
  g_return_val_if_fail (user_data != NULL, FALSE);

  return ax_store_call (call.run->store, keep, &call, error);
}
