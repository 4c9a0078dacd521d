#include "core/store/store.h"

#include "core/base/error.h"
#include "core/base/work-queue.h"
#include "core/store/store-private.h"

#include <errno.h>

struct _AxStore
{
  /* immutable */
  AxWorkQueue *queue; /* of Call; one thread */

  /* under lock */
  GMutex lock;
  GCond answered;

  /* store thread only, until that is joined */
  char *path;
  AxDatabase *database; /* (nullable): NULL until the first call */
  GError *fault;        /* (nullable): why it could not be opened */
};

/* What another thread asks for; it waits. */
typedef struct
{
  AxDatabaseFunc func;
  gpointer data;
  gboolean succeeded;
  GError *error;
  gboolean done; /* under the store's lock */
} Call;

static gboolean
make_default_path (char **path, GError **error)
{
  g_autofree char *folder
      = g_build_filename (g_get_user_data_dir (), "axilla", NULL);

  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_IO, "%s: %s", folder,
                   g_strerror (errno));
      return FALSE;
    }
  *path = g_build_filename (folder, "store.sqlite", NULL);
  return TRUE;
}

static void
open_database (AxStore *self)
{
  if (self->path != NULL || make_default_path (&self->path, &self->fault))
    self->database = ax_database_open (self->path, &self->fault);
}

static void
run_call (gpointer job, gpointer user_data)
{
  AxStore *self = user_data;
  Call *call = job;

  if (self->database == NULL && self->fault == NULL)
    open_database (self);
  if (self->fault != NULL)
    call->error = g_error_copy (self->fault);
  else
    call->succeeded = call->func (self->database, call->data, &call->error);
  g_mutex_lock (&self->lock);
  call->done = TRUE;
  g_cond_broadcast (&self->answered);
  g_mutex_unlock (&self->lock);
}

gboolean
ax_store_call (AxStore *self, AxDatabaseFunc func, gpointer data,
               GError **error)
{
  Call call = { .func = func, .data = data };

  ax_work_queue_push (self->queue, &call, (AxWorkKey){ 0 }, 0);
  g_mutex_lock (&self->lock);
  while (!call.done)
    g_cond_wait (&self->answered, &self->lock);
  g_mutex_unlock (&self->lock);
  if (call.error != NULL)
    g_propagate_error (error, call.error);
  return call.succeeded;
}

AxStore *
ax_store_new (const char *path)
{
  AxStore *self = g_new0 (AxStore, 1);

  self->path = g_strdup (path);
  g_mutex_init (&self->lock);
  g_cond_init (&self->answered);
  self->queue = ax_work_queue_new ("store", 1, run_call, NULL, self);
  return self;
}

static gboolean
do_nothing (AxDatabase *database, gpointer data, GError **error)
{
  return TRUE;
}

gboolean
ax_store_check (AxStore *self, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return ax_store_call (self, do_nothing, NULL, error);
}

AxStore *
ax_store_open (const char *path, GError **error)
{
  AxStore *self = ax_store_new (path);

  if (!ax_store_check (self, error))
    g_clear_pointer (&self, ax_store_close);
  return self;
}

void
ax_store_close (AxStore *self)
{
  if (self == NULL)
    return;
  ax_work_queue_free (self->queue);
  g_clear_pointer (&self->database, ax_database_close);
  g_clear_error (&self->fault);
  g_cond_clear (&self->answered);
  g_mutex_clear (&self->lock);
  g_free (self->path);
  g_free (self);
}

const char *
ax_store_get_path (const AxStore *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->path;
}

typedef struct
{
  const char *slide_hash;
  AxScale mpp;
  gboolean found;
} MppCall;

static gboolean
read_mpp (AxDatabase *database, gpointer data, GError **error)
{
  MppCall *call = data;
  g_autoptr (sqlite3_stmt) row = ax_database_prepare (
      database, "SELECT x, y FROM mpp WHERE slide = ?1", error);

  if (row == NULL)
    return FALSE;
  sqlite3_bind_text (row, 1, call->slide_hash, -1, SQLITE_STATIC);
  if (!ax_database_step (database, row, &call->found, error))
    return FALSE;
  call->mpp.x = sqlite3_column_double (row, 0);
  call->mpp.y = sqlite3_column_double (row, 1);
  return TRUE;
}

gboolean
ax_store_get_mpp (AxStore *self, const char *slide_hash, AxScale *mpp,
                  GError **error)
{
  MppCall call = { .slide_hash = slide_hash };

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (slide_hash != NULL, FALSE);
  g_return_val_if_fail (mpp != NULL, FALSE);

  if (!ax_store_call (self, read_mpp, &call, error) || !call.found)
    return FALSE;
  *mpp = call.mpp;
  return TRUE;
}

static gboolean
write_mpp (AxDatabase *database, gpointer data, GError **error)
{
  MppCall *call = data;
  g_autoptr (sqlite3_stmt) statement = ax_database_prepare (
      database, "INSERT OR REPLACE INTO mpp (slide, x, y) VALUES (?1, ?2, ?3)",
      error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_text (statement, 1, call->slide_hash, -1, SQLITE_STATIC);
  sqlite3_bind_double (statement, 2, call->mpp.x);
  sqlite3_bind_double (statement, 3, call->mpp.y);
  if (!ax_database_step (database, statement, NULL, error))
    return FALSE;
  ax_database_checkpoint (database);
  return TRUE;
}

gboolean
ax_store_set_mpp (AxStore *self, const char *slide_hash, AxScale mpp,
                  GError **error)
{
  MppCall call = { .slide_hash = slide_hash, .mpp = mpp };

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (slide_hash != NULL, FALSE);
  g_return_val_if_fail (mpp.x > 0 && mpp.y > 0, FALSE);

  return ax_store_call (self, write_mpp, &call, error);
}
