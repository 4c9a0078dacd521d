#include "core/base/work-queue.h"

#include <math.h>

typedef struct
{
  gpointer job;
  AxWorkKey key;
  guint epoch;
  guint64 serial; /* order of arrival */
} Item;

struct _AxWorkQueue
{
  /* immutable */
  AxWorkFunc run;
  GDestroyNotify free_job;
  gpointer user_data;
  GPtrArray *threads;

  /* under lock */
  GMutex lock;
  GCond changed;
  GArray *heap; /* Item; parent of i is (i - 1) / 2 */
  guint64 next_serial;
  guint first_epoch; /* earlier ones are stale */
  gboolean closing;
};

static Item *
item_at (AxWorkQueue *self, guint i)
{
  return &g_array_index (self->heap, Item, i);
}

static gboolean
goes_before (const Item *a, const Item *b)
{
  if (a->key.class_ != b->key.class_)
    return a->key.class_ < b->key.class_;
  if (a->key.distance != b->key.distance)
    return a->key.distance < b->key.distance;
  return a->serial < b->serial;
}

static void
swap_items (AxWorkQueue *self, guint i, guint j)
{
  Item held = *item_at (self, i);

  *item_at (self, i) = *item_at (self, j);
  *item_at (self, j) = held;
}

static void
sift_up (AxWorkQueue *self, guint i)
{
  while (i > 0 && goes_before (item_at (self, i), item_at (self, (i - 1) / 2)))
    {
      swap_items (self, i, (i - 1) / 2);
      i = (i - 1) / 2;
    }
}

static void
sift_down (AxWorkQueue *self, guint i)
{
  for (;;)
    {
      guint first = i;

      for (guint child = 2 * i + 1; child <= 2 * i + 2; child++)
        if (child < self->heap->len
            && goes_before (item_at (self, child), item_at (self, first)))
          first = child;
      if (first == i)
        return;
      swap_items (self, i, first);
      i = first;
    }
}

static void
sort_anew (AxWorkQueue *self)
{
  for (guint i = self->heap->len / 2; i > 0; i--)
    sift_down (self, i - 1);
}

/* Takes the first waiting job; NULL when none waits. */
static gpointer
pop (AxWorkQueue *self)
{
  gpointer job;

  if (self->heap->len == 0)
    return NULL;
  job = item_at (self, 0)->job;
  g_array_remove_index_fast (self->heap, 0);
  sift_down (self, 0);
  return job;
}

/* (transfer full): where dropped jobs wait to be freed outside the lock. */
static GPtrArray *
job_array_new (AxWorkQueue *self)
{
  return g_ptr_array_new_with_free_func (self->free_job);
}

static void
run_and_free (AxWorkQueue *self, gpointer job)
{
  self->run (job, self->user_data);
  if (self->free_job != NULL)
    self->free_job (job);
}

static gpointer
worker_thread (gpointer data)
{
  AxWorkQueue *self = data;

  g_mutex_lock (&self->lock);
  while (!self->closing)
    {
      gpointer job = pop (self);

      if (job == NULL)
        {
          g_cond_wait (&self->changed, &self->lock);
          continue;
        }
      g_mutex_unlock (&self->lock);
      run_and_free (self, job);
      g_mutex_lock (&self->lock);
    }
  g_mutex_unlock (&self->lock);
  return NULL;
}

AxWorkQueue *
ax_work_queue_new (const char *name, int n_threads, AxWorkFunc run,
                   GDestroyNotify free_job, gpointer user_data)
{
  AxWorkQueue *self;

  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (n_threads >= 0, NULL);
  g_return_val_if_fail (run != NULL, NULL);

  self = g_new0 (AxWorkQueue, 1);
  self->run = run;
  self->free_job = free_job;
  self->user_data = user_data;
  self->heap = g_array_new (FALSE, FALSE, sizeof (Item));
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->threads = g_ptr_array_new ();
  for (int i = 0; i < n_threads; i++)
    {
      g_autofree char *thread_name = g_strdup_printf ("%s-%d", name, i);

      g_ptr_array_add (self->threads,
                       g_thread_new (thread_name, worker_thread, self));
    }
  return self;
}

void
ax_work_queue_free (AxWorkQueue *self)
{
  if (self == NULL)
    return;

  g_mutex_lock (&self->lock);
  self->closing = TRUE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  for (guint i = 0; i < self->threads->len; i++)
    g_thread_join (self->threads->pdata[i]);
  g_ptr_array_unref (self->threads);

  if (self->free_job != NULL)
    for (guint i = 0; i < self->heap->len; i++)
      self->free_job (item_at (self, i)->job);
  g_array_unref (self->heap);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
ax_work_queue_push (AxWorkQueue *self, gpointer job, AxWorkKey key, guint epoch)
{
  Item item = { .job = job, .key = key, .epoch = epoch };
  gboolean stale;

  g_return_if_fail (self != NULL);
  g_return_if_fail (job != NULL);
  g_return_if_fail (!isnan (key.distance));

  g_mutex_lock (&self->lock);
  stale = epoch < self->first_epoch;
  if (!stale)
    {
      item.serial = self->next_serial++;
      g_array_append_val (self->heap, item);
      sift_up (self, self->heap->len - 1);
      g_cond_signal (&self->changed);
    }
  g_mutex_unlock (&self->lock);

  if (stale && self->free_job != NULL)
    self->free_job (job);
}

void
ax_work_queue_cancel_before (AxWorkQueue *self, guint epoch)
{
  g_autoptr (GPtrArray) dropped = NULL;
  guint n_kept = 0;

  g_return_if_fail (self != NULL);

  dropped = job_array_new (self);
  g_mutex_lock (&self->lock);
  self->first_epoch = MAX (self->first_epoch, epoch);
  for (guint i = 0; i < self->heap->len; i++)
    if (item_at (self, i)->epoch < epoch)
      g_ptr_array_add (dropped, item_at (self, i)->job);
    else
      *item_at (self, n_kept++) = *item_at (self, i);
  g_array_set_size (self->heap, n_kept);
  sort_anew (self);
  g_mutex_unlock (&self->lock);
}

gboolean
ax_work_queue_is_stale (AxWorkQueue *self, guint epoch)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_val_if_fail (self != NULL, TRUE);

  locker = g_mutex_locker_new (&self->lock);
  return self->closing || epoch < self->first_epoch;
}

void
ax_work_queue_rekey (AxWorkQueue *self, AxWorkKeyFunc func, gpointer user_data)
{
  g_autoptr (GPtrArray) dropped = NULL;
  guint n_kept = 0;

  g_return_if_fail (self != NULL);
  g_return_if_fail (func != NULL);

  dropped = job_array_new (self);
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->heap->len; i++)
    {
      Item item = *item_at (self, i);

      if (func (item.job, &item.key, user_data))
        *item_at (self, n_kept++) = item;
      else
        g_ptr_array_add (dropped, item.job);
    }
  g_array_set_size (self->heap, n_kept);
  sort_anew (self);
  g_mutex_unlock (&self->lock);
}

guint
ax_work_queue_get_length (AxWorkQueue *self)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_val_if_fail (self != NULL, 0);

  locker = g_mutex_locker_new (&self->lock);
  return self->heap->len;
}

gboolean
ax_work_queue_run_one (AxWorkQueue *self)
{
  gpointer job;

  g_return_val_if_fail (self != NULL, FALSE);

  g_mutex_lock (&self->lock);
  job = pop (self);
  g_mutex_unlock (&self->lock);
  if (job == NULL)
    return FALSE;
  run_and_free (self, job);
  return TRUE;
}
