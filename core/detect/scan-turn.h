#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AxScanTurn:
 *
 * The right to run an engine.  A process has one: scans queue for it in the
 * order they ask, so that they do not fight over the cores or the GPU.
 *
 * Zeroed memory is a turn that nobody waits for.
 *
 * Thread: wait and end from one; call off from any.
 */
typedef struct
{
  /*< under the lock of all turns >*/
  gboolean called_off;
} AxScanTurn;

/** Blocks until it is this one's turn; FALSE when it was called off. */
gboolean ax_scan_turn_wait (AxScanTurn *self);

/** Lets the next one go. */
void ax_scan_turn_end (AxScanTurn *self);

/** Makes the wait, now or later, fail at once. */
void ax_scan_turn_call_off (AxScanTurn *self);

G_END_DECLS
