#pragma once

#include "core/base/mailbox.h"
#include "core/detect/scan-block.h"

G_BEGIN_DECLS

/**
 * AxScanStatus:
 *
 * What a scan's threads and its user share: the state machine of scan.h, the
 * figures, the engine's name, the error.  Changes are told to a mailbox.
 *
 * Thread: any, unless said otherwise.
 */
typedef struct _AxScanStatus AxScanStatus;

/** A letter: freed with g_free(). */
typedef struct
{
  gboolean is_block; /* a block is in the map, else the state has changed */
  AxRect0 rect;      /* of the block */
} AxScanNews;

/** @mailbox: (unowned): gets AxScanNews; outlives this. */
AxScanStatus *ax_scan_status_new (AxScanPlan *plan, AxMailbox *mailbox);
/** Accepts NULL. */
void ax_scan_status_free (AxScanStatus *self);

/** Leaves IDLE; FALSE when it had been left before. */
gboolean ax_scan_status_start (AxScanStatus *self);
void ax_scan_status_pause (AxScanStatus *self);
void ax_scan_status_resume (AxScanStatus *self);

/**
 * Asks the engine thread to end.  @error: (transfer full) (nullable): why;
 * NULL when the user cancels.  The first reason stays.
 */
void ax_scan_status_stop (AxScanStatus *self, GError *error);
gboolean ax_scan_status_is_stopping (AxScanStatus *self);

/**
 * Engine thread: waits for the process's turn to run an engine.  FALSE when
 * the scan is to stop.
 */
gboolean ax_scan_status_begin_work (AxScanStatus *self);

gboolean ax_scan_status_is_paused (AxScanStatus *self);

/** Engine thread: gives the turn away while paused; as begin_work(). */
gboolean ax_scan_status_rest (AxScanStatus *self);

/** Engine thread: ends the turn and the scan; all blocks are in the map. */
void ax_scan_status_finish (AxScanStatus *self);

/** A block is in the map, from an earlier run or from this one. */
void ax_scan_status_add_block (AxScanStatus *self, const AxRoi *roi,
                               const AxScanArea *area, gboolean restored);
void ax_scan_status_add_times (AxScanStatus *self, gint64 read_wait_us,
                               gint64 engine_us, gint64 reconstruct_us);

void ax_scan_status_set_engine (AxScanStatus *self, const char *name,
                                const char *device);
/** Why the next engine is taken. */
void ax_scan_status_add_fallback (AxScanStatus *self, const char *reason);
/** As add_fallback(), when the engine had been called usable. */
void ax_scan_status_add_fault (AxScanStatus *self, const char *reason);

AxScanState ax_scan_status_get_state (AxScanStatus *self);
void ax_scan_status_get_progress (AxScanStatus *self, AxScanProgress *progress);
/** (transfer none) (nullable), all five; they live as long as this. */
const GError *ax_scan_status_get_error (AxScanStatus *self);
const char *ax_scan_status_get_engine (AxScanStatus *self);
const char *ax_scan_status_get_device (AxScanStatus *self);
const char *ax_scan_status_get_fallback (AxScanStatus *self);
const char *ax_scan_status_get_fault (AxScanStatus *self);

G_END_DECLS
