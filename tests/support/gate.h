#pragma once

#include <glib.h>

/**
 * Gate: what one thread waits for until another opens it.  Tests order their
 * threads with gates instead of sleeping.
 */
typedef struct
{
  GMutex lock;
  GCond changed;
  gboolean is_open;
} Gate;

static inline void
gate_open (Gate *gate)
{
  g_mutex_lock (&gate->lock);
  gate->is_open = TRUE;
  g_cond_broadcast (&gate->changed);
  g_mutex_unlock (&gate->lock);
}

static inline void
gate_wait (Gate *gate)
{
  g_mutex_lock (&gate->lock);
  while (!gate->is_open)
    g_cond_wait (&gate->changed, &gate->lock);
  g_mutex_unlock (&gate->lock);
}
