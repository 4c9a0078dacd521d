#pragma once

#include "core/store/database.h"
#include "core/store/store.h"

G_BEGIN_DECLS

/**
 * ax_store_call:
 *
 * Runs @func on the store's thread and waits for it.  Thread: any but the
 * store's.
 */
gboolean ax_store_call (AxStore *self, AxDatabaseFunc func, gpointer data,
                        GError **error);

G_END_DECLS
