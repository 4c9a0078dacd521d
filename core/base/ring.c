#include "core/base/ring.h"

struct _AxRing
{
  /* immutable */
  GPtrArray *slots; /* owns all of them */

  /* under lock */
  GMutex lock;
  GCond slot_freed, slot_filled;
  GQueue free_slots;
  GQueue filled_slots;
  gboolean closed;
  gboolean dropping;
  gint64 wait_us;
};

AxRing *
ax_ring_new (guint n_slots, gpointer (*slot_new) (gpointer user_data),
             GDestroyNotify slot_free, gpointer user_data)
{
  g_autoptr (GPtrArray) slots = NULL;
  AxRing *self;

  g_return_val_if_fail (n_slots > 0, NULL);
  g_return_val_if_fail (slot_new != NULL, NULL);

  slots = g_ptr_array_new_with_free_func (slot_free);
  for (guint i = 0; i < n_slots; i++)
    {
      gpointer slot = slot_new (user_data);

      if (slot == NULL)
        return NULL;
      g_ptr_array_add (slots, slot);
    }

  self = g_new0 (AxRing, 1);
  self->slots = g_steal_pointer (&slots);
  g_mutex_init (&self->lock);
  g_cond_init (&self->slot_freed);
  g_cond_init (&self->slot_filled);
  g_queue_init (&self->free_slots);
  g_queue_init (&self->filled_slots);
  for (guint i = 0; i < n_slots; i++)
    g_queue_push_tail (&self->free_slots, self->slots->pdata[i]);
  return self;
}

void
ax_ring_free (AxRing *self)
{
  if (self == NULL)
    return;
  g_queue_clear (&self->free_slots);
  g_queue_clear (&self->filled_slots);
  g_ptr_array_unref (self->slots);
  g_cond_clear (&self->slot_freed);
  g_cond_clear (&self->slot_filled);
  g_mutex_clear (&self->lock);
  g_free (self);
}

gpointer
ax_ring_take_free (AxRing *self)
{
  gpointer slot = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  g_mutex_lock (&self->lock);
  while (!self->closed && g_queue_is_empty (&self->free_slots))
    g_cond_wait (&self->slot_freed, &self->lock);
  if (!self->closed)
    slot = g_queue_pop_head (&self->free_slots);
  g_mutex_unlock (&self->lock);
  return slot;
}

void
ax_ring_put_filled (AxRing *self, gpointer slot)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (slot != NULL);

  g_mutex_lock (&self->lock);
  g_queue_push_tail (&self->filled_slots, slot);
  g_cond_signal (&self->slot_filled);
  g_mutex_unlock (&self->lock);
}

gpointer
ax_ring_take_filled (AxRing *self)
{
  gpointer slot = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  g_mutex_lock (&self->lock);
  if (!self->closed && g_queue_is_empty (&self->filled_slots))
    {
      gint64 start = g_get_monotonic_time ();

      while (!self->closed && g_queue_is_empty (&self->filled_slots))
        g_cond_wait (&self->slot_filled, &self->lock);
      self->wait_us += g_get_monotonic_time () - start;
    }
  if (!self->dropping)
    slot = g_queue_pop_head (&self->filled_slots);
  g_mutex_unlock (&self->lock);
  return slot;
}

void
ax_ring_put_free (AxRing *self, gpointer slot)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (slot != NULL);

  g_mutex_lock (&self->lock);
  g_queue_push_tail (&self->free_slots, slot);
  g_cond_signal (&self->slot_freed);
  g_mutex_unlock (&self->lock);
}

void
ax_ring_close (AxRing *self, gboolean drop)
{
  g_return_if_fail (self != NULL);

  g_mutex_lock (&self->lock);
  self->closed = TRUE;
  self->dropping |= drop;
  g_cond_broadcast (&self->slot_freed);
  g_cond_broadcast (&self->slot_filled);
  g_mutex_unlock (&self->lock);
}

gint64
ax_ring_get_wait_us (AxRing *self)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_val_if_fail (self != NULL, 0);

  locker = g_mutex_locker_new (&self->lock);
  return self->wait_us;
}
