#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * AxLru:
 *
 * A byte-budget cache of refcounted, immutable values keyed by a 128-bit key.
 * Inserting beyond the budget drops the values used least recently.  A value
 * larger than the budget is kept out.  Pinned values count against the budget
 * but are let in and stay whatever it is, until replaced or cleared.
 *
 * Thread: any; one lock, held for table work only.  @ref is called under it,
 * so it may do no more than count; @unref never is.
 */
typedef struct _AxLru AxLru;

typedef struct
{
  guint64 hi, lo;
} AxLruKey;

/** @ref and @unref: take and release one reference to a value. */
AxLru *ax_lru_new (gsize budget_bytes, GBoxedCopyFunc ref,
                   GDestroyNotify unref);

/** Accepts NULL. */
void ax_lru_free (AxLru *self);

/** (transfer full) (nullable): a new reference, or NULL when absent. */
gpointer ax_lru_get (AxLru *self, AxLruKey key);

/**
 * Stores a reference to @value, which counts as @bytes; replaces an older one
 * of the same key, also where the new one is kept out.
 */
void ax_lru_put (AxLru *self, AxLruKey key, gpointer value, gsize bytes,
                 gboolean pinned);

/** Drops everything, pinned values too. */
void ax_lru_clear (AxLru *self);

/** Drops what a smaller budget no longer holds. */
void ax_lru_set_budget (AxLru *self, gsize budget_bytes);

/** Bytes of all values inside, pinned ones included. */
gsize ax_lru_get_bytes (AxLru *self);

G_END_DECLS
