#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AxRing:
 *
 * A bounded ring of reusable slots between producers and consumers.  A slot is
 * free, being filled, filled, or being read.  Taking a free slot blocks when
 * none is free, so memory is bounded by the slots; taking a filled one blocks
 * until there is one.  Filled slots come out in the order they were filled.
 *
 * Closing wakes everybody: takers of free slots get NULL at once, takers of
 * filled slots get the remaining ones and then NULL (with @drop, NULL at once).
 * Closing without @drop is for when the producers are done: a slot put later
 * goes only to a taker who comes later still.
 *
 * Thread: any.  Owner: the ring owns the slots; they live as long as it does.
 */
typedef struct _AxRing AxRing;

/**
 * ax_ring_new:
 * @slot_new: makes one slot, called @n_slots times
 * @slot_free: (nullable): frees a slot
 *
 * (nullable): NULL when @slot_new returned NULL, with the others freed.
 */
AxRing *ax_ring_new (guint n_slots, gpointer (*slot_new) (gpointer user_data),
                     GDestroyNotify slot_free, gpointer user_data);

/** Nobody may be inside or hold a slot any more.  Accepts NULL. */
void ax_ring_free (AxRing *self);

/** (transfer none) (nullable): a slot to fill, NULL once closed. */
gpointer ax_ring_take_free (AxRing *self);

/** Hands on a slot from ax_ring_take_free(). */
void ax_ring_put_filled (AxRing *self, gpointer slot);

/** (transfer none) (nullable): a slot to read, NULL once closed and empty. */
gpointer ax_ring_take_filled (AxRing *self);

/** Gives back a slot, read or left unfilled. */
void ax_ring_put_free (AxRing *self, gpointer slot);

void ax_ring_close (AxRing *self, gboolean drop);

/** Microseconds takers of filled slots have waited in all. */
gint64 ax_ring_get_wait_us (AxRing *self);

G_END_DECLS
