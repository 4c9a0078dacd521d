#include "core/detect/scan-turn.h"

static GMutex lock;
static GCond changed;
static GQueue turns = G_QUEUE_INIT; /* under lock; the first one has it */

gboolean
ax_scan_turn_wait (AxScanTurn *self)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_val_if_fail (self != NULL, FALSE);

  locker = g_mutex_locker_new (&lock);
  g_queue_push_tail (&turns, self);
  while (g_queue_peek_head (&turns) != self && !self->called_off)
    g_cond_wait (&changed, &lock);
  if (self->called_off)
    {
      g_queue_remove (&turns, self);
      g_cond_broadcast (&changed);
    }
  return !self->called_off;
}

void
ax_scan_turn_end (AxScanTurn *self)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_if_fail (self != NULL);

  locker = g_mutex_locker_new (&lock);
  g_return_if_fail (g_queue_peek_head (&turns) == self);
  g_queue_pop_head (&turns);
  g_cond_broadcast (&changed);
}

void
ax_scan_turn_call_off (AxScanTurn *self)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_if_fail (self != NULL);

  locker = g_mutex_locker_new (&lock);
  self->called_off = TRUE;
  g_cond_broadcast (&changed);
}
