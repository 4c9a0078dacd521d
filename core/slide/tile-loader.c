#include "core/slide/tile-loader.h"

#include "core/base/mailbox.h"
#include "core/base/trace.h"
#include "core/base/work-queue.h"

/* A tile that was asked for; also its own key in the table of those. */
typedef struct
{
  AxTileLoader *loader;
  int level, col, row;
} Request;

typedef struct
{
  int level, col, row;
  AxTile *tile;  /* (nullable) */
  GError *error; /* (nullable) */
} Letter;

struct _AxTileLoader
{
  /* immutable */
  AxTileCache *cache;
  AxWorkQueue *queue;
  AxMailbox *mailbox;
  AxTileLoadedFunc loaded;
  gpointer user_data;

  /* context's thread only */
  guint epoch;

  /* under lock */
  GMutex lock;
  GHashTable *pending; /* Request, until run or dropped; owns nothing */
};

static guint
request_hash (gconstpointer data)
{
  const Request *self = data;

  return ((guint)self->level * 31 + (guint)self->col) * 0x9E3779B1u
         + (guint)self->row;
}

static gboolean
request_equal (gconstpointer a, gconstpointer b)
{
  const Request *left = a, *right = b;

  return left->level == right->level && left->col == right->col
         && left->row == right->row;
}

static void
letter_free (gpointer data)
{
  Letter *self = data;

  ax_tile_unref (self->tile);
  g_clear_error (&self->error);
  g_free (self);
}

static void
on_letters (GPtrArray *letters, gpointer user_data)
{
  AxTileLoader *self = user_data;
  AxTileLoadedFunc loaded = self->loaded;
  gpointer loaded_data = self->user_data;

  /* The callback may free the loader. */
  for (guint i = 0; i < letters->len; i++)
    {
      const Letter *letter = letters->pdata[i];

      loaded (letter->level, letter->col, letter->row, letter->tile,
              letter->error, loaded_data);
    }
}

static void
run_request (gpointer job, gpointer user_data)
{
  const Request *request = job;
  AxTileLoader *self = user_data;
  Letter *letter = g_new0 (Letter, 1);
  gint64 start_us = ax_trace_now_us ();

  letter->level = request->level;
  letter->col = request->col;
  letter->row = request->row;
  letter->tile = ax_tile_cache_read (self->cache, request->level, request->col,
                                     request->row, &letter->error);
  ax_trace (AX_TRACE_TILES, "level %d (%d, %d): %s in %d us", request->level,
            request->col, request->row,
            letter->error != NULL ? letter->error->message : "loaded",
            (int)(ax_trace_now_us () - start_us));
  ax_mailbox_post (self->mailbox, letter);
}

/* After it ran, or when it was dropped. */
static void
request_free (gpointer data)
{
  Request *request = data;
  AxTileLoader *self = request->loader;

  g_mutex_lock (&self->lock);
  g_hash_table_remove (self->pending, request);
  g_mutex_unlock (&self->lock);
  g_free (request);
}

AxTileLoader *
ax_tile_loader_new (AxTileCache *cache, int n_threads, GMainContext *context,
                    AxTileLoadedFunc loaded, gpointer user_data)
{
  AxTileLoader *self;

  g_return_val_if_fail (cache != NULL && loaded != NULL, NULL);
  g_return_val_if_fail (n_threads > 0 && context != NULL, NULL);

  self = g_new0 (AxTileLoader, 1);
  self->cache = ax_tile_cache_ref (cache);
  self->loaded = loaded;
  self->user_data = user_data;
  self->pending = g_hash_table_new (request_hash, request_equal);
  g_mutex_init (&self->lock);
  self->mailbox = ax_mailbox_new (context, on_letters, letter_free, self);
  self->queue = ax_work_queue_new ("tile-loader", n_threads, run_request,
                                   request_free, self);
  return self;
}

void
ax_tile_loader_free (AxTileLoader *self)
{
  if (self == NULL)
    return;
  ax_mailbox_close (self->mailbox);
  ax_work_queue_free (self->queue);
  ax_mailbox_free (self->mailbox);
  g_hash_table_unref (self->pending);
  ax_tile_cache_unref (self->cache);
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
ax_tile_loader_begin_epoch (AxTileLoader *self)
{
  g_return_if_fail (self != NULL);

  self->epoch++;
  ax_work_queue_cancel_before (self->queue, self->epoch);
}

static gboolean
add_pending (AxTileLoader *self, Request *request)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (g_hash_table_contains (self->pending, request))
    return FALSE;
  return g_hash_table_add (self->pending, request);
}

void
ax_tile_loader_request (AxTileLoader *self, int level, int col, int row,
                        int class_, double distance)
{
  Request *request;

  g_return_if_fail (self != NULL);

  request = g_new0 (Request, 1);
  *request = (Request){ self, level, col, row };
  if (add_pending (self, request))
    ax_work_queue_push (self->queue, request, (AxWorkKey){ class_, distance },
                        self->epoch);
  else
    g_free (request);
}

guint
ax_tile_loader_get_n_waiting (AxTileLoader *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return ax_work_queue_get_length (self->queue);
}
