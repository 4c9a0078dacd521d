#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ax_interrupt_watch:
 *
 * From now on the first SIGINT or SIGTERM cancels the returned object instead
 * of ending the program, so that work in hand is finished and kept; the second
 * ends it at once.
 *
 * Returns: (transfer none): lives as long as the program.
 */
GCancellable *ax_interrupt_watch (void);

/** TRUE, with AX_ERROR_CANCELLED, once a signal has come. */
gboolean ax_interrupt_check (GCancellable *cancellable, GError **error);

G_END_DECLS
