#include "core/base/lru.h"

typedef struct
{
  AxLruKey key;
  gpointer value;
  gsize bytes;
  gboolean pinned;
  GList link; /* in recent, unless pinned */
} Entry;

struct _AxLru
{
  /* immutable */
  GBoxedCopyFunc ref;
  GDestroyNotify unref;

  /* under lock */
  GMutex lock;
  GHashTable *entries; /* Entry, keyed by itself; owns nothing */
  GQueue recent;       /* links of unpinned entries, latest first */
  gsize bytes;
  gsize budget_bytes;
};

static guint
entry_hash (gconstpointer data)
{
  const Entry *entry = data;
  guint64 mixed = (entry->key.hi ^ (entry->key.lo * 0x9E3779B97F4A7C15u))
                  * 0xD2B74407B1CE6E93u;

  return mixed >> 32;
}

static gboolean
entry_equal (gconstpointer a, gconstpointer b)
{
  const Entry *left = a, *right = b;

  return left->key.hi == right->key.hi && left->key.lo == right->key.lo;
}

static Entry *
lookup (AxLru *self, AxLruKey key)
{
  Entry wanted = { .key = key };

  return g_hash_table_lookup (self->entries, &wanted);
}

/* Moves @entry, already out of the table, to @dropped, which is freed outside
   the lock. */
static void
detach (AxLru *self, Entry *entry, GQueue *dropped)
{
  if (!entry->pinned)
    g_queue_unlink (&self->recent, &entry->link);
  self->bytes -= entry->bytes;
  g_queue_push_tail_link (dropped, &entry->link);
}

static void
drop (AxLru *self, Entry *entry, GQueue *dropped)
{
  g_hash_table_remove (self->entries, entry);
  detach (self, entry, dropped);
}

static void
drop_beyond_budget (AxLru *self, GQueue *dropped)
{
  while (self->bytes > self->budget_bytes && self->recent.tail != NULL)
    drop (self, self->recent.tail->data, dropped);
}

static void
free_dropped (AxLru *self, GQueue *dropped)
{
  GList *link;

  while ((link = g_queue_pop_head_link (dropped)) != NULL)
    {
      Entry *entry = link->data;

      self->unref (entry->value);
      g_free (entry);
    }
}

AxLru *
ax_lru_new (gsize budget_bytes, GBoxedCopyFunc ref, GDestroyNotify unref)
{
  AxLru *self;

  g_return_val_if_fail (ref != NULL && unref != NULL, NULL);

  self = g_new0 (AxLru, 1);
  self->ref = ref;
  self->unref = unref;
  self->budget_bytes = budget_bytes;
  self->entries = g_hash_table_new (entry_hash, entry_equal);
  g_queue_init (&self->recent);
  g_mutex_init (&self->lock);
  return self;
}

void
ax_lru_free (AxLru *self)
{
  if (self == NULL)
    return;
  ax_lru_clear (self);
  g_hash_table_unref (self->entries);
  g_mutex_clear (&self->lock);
  g_free (self);
}

gpointer
ax_lru_get (AxLru *self, AxLruKey key)
{
  gpointer value = NULL;
  Entry *entry;

  g_return_val_if_fail (self != NULL, NULL);

  g_mutex_lock (&self->lock);
  entry = lookup (self, key);
  if (entry != NULL)
    {
      if (!entry->pinned)
        {
          g_queue_unlink (&self->recent, &entry->link);
          g_queue_push_head_link (&self->recent, &entry->link);
        }
      value = self->ref (entry->value);
    }
  g_mutex_unlock (&self->lock);
  return value;
}

void
ax_lru_put (AxLru *self, AxLruKey key, gpointer value, gsize bytes,
            gboolean pinned)
{
  GQueue dropped = G_QUEUE_INIT;
  Entry *entry, *older;

  g_return_if_fail (self != NULL);
  g_return_if_fail (value != NULL);

  entry = g_new0 (Entry, 1);
  entry->key = key;
  entry->value = self->ref (value);
  entry->bytes = bytes;
  entry->pinned = pinned;
  entry->link.data = entry;

  g_mutex_lock (&self->lock);
  older = lookup (self, key);
  if (older != NULL)
    drop (self, older, &dropped);
  if (pinned || bytes <= self->budget_bytes)
    {
      g_hash_table_add (self->entries, entry);
      self->bytes += bytes;
      if (!pinned)
        g_queue_push_head_link (&self->recent, &entry->link);
      drop_beyond_budget (self, &dropped);
    }
  else
    g_queue_push_tail_link (&dropped, &entry->link);
  g_mutex_unlock (&self->lock);

  free_dropped (self, &dropped);
}

void
ax_lru_clear (AxLru *self)
{
  GQueue dropped = G_QUEUE_INIT;
  GHashTableIter iter;
  gpointer entry;

  g_return_if_fail (self != NULL);

  g_mutex_lock (&self->lock);
  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, &entry, NULL))
    {
      g_hash_table_iter_remove (&iter);
      detach (self, entry, &dropped);
    }
  g_mutex_unlock (&self->lock);

  free_dropped (self, &dropped);
}

void
ax_lru_set_budget (AxLru *self, gsize budget_bytes)
{
  GQueue dropped = G_QUEUE_INIT;

  g_return_if_fail (self != NULL);

  g_mutex_lock (&self->lock);
  self->budget_bytes = budget_bytes;
  drop_beyond_budget (self, &dropped);
  g_mutex_unlock (&self->lock);

  free_dropped (self, &dropped);
}

gsize
ax_lru_get_bytes (AxLru *self)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_val_if_fail (self != NULL, 0);

  locker = g_mutex_locker_new (&self->lock);
  return self->bytes;
}
