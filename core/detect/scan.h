#pragma once

#include "core/detect/plan.h"
#include "core/detect/prob-map.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * AxScan:
 *
 * The pipeline read -> infer -> reconstruct over a plan's ROIs, into a map.
 * Readers fill a bounded ring, one engine thread runs the network, one
 * reconstruct thread interleaves, quantises and writes map tiles.  The order
 * of ROIs follows the focus and never changes a byte of the map.
 *
 * One engine thread per process: a second scan waits for the first.  When an
 * engine fails half-way (AX_ERROR_DEVICE, AX_ERROR_MEMORY) the next one takes
 * over (cuda, cpu, ref), with the ROI it failed on; the reason is kept.  An
 * engine asked for by name has to come up, though.
 *
 * A cell whose field touches a damaged tile stays "not analysed" and is
 * counted as failed; everything else is analysed.
 *
 * Memory: n_readers + 2 ROIs of pixels, the tile cache, the map, and what the
 * engine needs for one ROI.
 *
 * Signals, on the context given to ax_scan_new(), coalesced:
 *   "progress"            figures have changed: see ax_scan_get_progress()
 *   "dirty" (AxRect0 *)   the map has changed inside, level-0 pixels; one for
 *                         every finished ROI
 *   "notify::state"
 *
 * Thread: API on the context's thread.  Dropping the last reference while the
 * scan runs cancels it and waits for the ROI in work; whoever must not block
 * cancels first and waits for "notify::state".
 */
#define AX_TYPE_SCAN (ax_scan_get_type ())
G_DECLARE_FINAL_TYPE (AxScan, ax_scan, AX, SCAN, GObject)

/**
 * AxScanState:
 *
 *   IDLE     start: WAITING
 *   WAITING  its turn comes: RUNNING.  pause: PAUSED
 *   RUNNING  all ROIs in the map: DONE.  pause: PAUSED
 *   PAUSED   resume: RUNNING while the ROI in work is not finished yet, else
 *            WAITING.  It has let others run in between.
 *
 * From any of these, cancel or an error lead to CANCELLED or FAILED once the
 * ROI in work is finished; when it turns out to be the last one a cancelled
 * scan is DONE.  DONE, CANCELLED and FAILED are final.
 */
typedef enum
{
  AX_SCAN_IDLE,
  AX_SCAN_WAITING, /* for the engine thread */
  AX_SCAN_RUNNING,
  AX_SCAN_PAUSED,
  AX_SCAN_DONE,
  AX_SCAN_CANCELLED,
  AX_SCAN_FAILED,
} AxScanState;

/**
 * AxScanBlock: a finished ROI, for whoever keeps it.
 *
 * @roi: its id in the plan
 * @cells: row-major over @rect: 0 where not analysed
 * @n_failed: cells that were wanted but not readable
 */
typedef struct
{
  guint roi;
  AxCellRect rect;
  const guint16 *cells;
  gint64 n_failed;
} AxScanBlock;

/**
 * Called on the reconstruct thread, one block after another, when the block is
 * in the map.  An error ends the scan in FAILED with that error.
 */
typedef gboolean (*AxScanBlockFunc) (const AxScanBlock *block,
                                     gpointer user_data, GError **error);

typedef struct
{
  const char *engine;   /* "auto", ... */
  gboolean gives_way;   /* its threads do, see ax_thread_give_way() */
  int n_threads;        /* of the engine; 0: all */
  int n_readers;        /* 0: half the cores, 8 at most */
  gsize cache_bytes;    /* decoded tiles; 0: 256 MiB */
  AxScanBlockFunc keep; /* (nullable) */
  gpointer keep_data;
} AxScanSetup;

/**
 * AxScanProgress:
 * @tissue_mm2: tissue in the plan's region
 * @analysed_mm2, @failed_mm2: area of the cells that are analysed, and of
 *   those that were wanted but not readable, within the slide; restored ones
 *   included.  A cell is wanted for little tissue too, so analysed may exceed
 *   tissue.
 * @seconds: with the engine's turn: neither pauses nor waiting for other scans
 * @read_wait_s: the engine thread waited for readers
 */
typedef struct
{
  guint n_rois, n_rois_done; /* restored ones count as done */
  guint n_rois_restored;
  double tissue_mm2, analysed_mm2, failed_mm2;
  double seconds;
  double mm2_per_s;    /* analysed, of work done here, not restored */
  double mpx_per_s;    /* level-0 megapixels of advanced area */
  double seconds_left; /* negative when unknown */
  double read_wait_s, engine_busy_s, reconstruct_busy_s;
} AxScanProgress;

/**
 * ax_scan_new:
 * @setup: copied
 * @context: (nullable): NULL for a program without a main loop, which calls
 *   ax_scan_run_blocking()
 *
 * Errors: AX_ERROR_LIMIT, AX_ERROR_MEMORY, as ax_prob_map_new().
 */
AxScan *ax_scan_new (AxScanPlan *plan, const AxScanSetup *setup,
                     GMainContext *context, GError **error);

/**
 * ax_scan_restore: hands in a block that an earlier run has kept, before
 * start; its ROI is not run again.  FALSE when it does not fit the plan
 * (AX_ERROR_FORMAT), with nothing changed.  Thread: any.
 */
gboolean ax_scan_restore (AxScan *self, const AxScanBlock *block,
                          GError **error);

/**
 * Return at once.  Each is ignored in states where it makes no sense: only an
 * IDLE scan can be started.
 */
void ax_scan_start (AxScan *self);
void ax_scan_pause (AxScan *self);
void ax_scan_resume (AxScan *self);
/** Ends in CANCELLED as soon as the ROI in work is finished and kept. */
void ax_scan_cancel (AxScan *self);

/** What is on screen: ROIs inside first, then by distance from it, then the
 * rest in reading order.  Empty: reading order. */
void ax_scan_set_focus (AxScan *self, AxRect0 visible);

/**
 * ax_scan_run_blocking:
 * @progress: (nullable): called in the caller about ten times a second
 *
 * Starts and waits until the scan is done, cancelled or failed.
 * Errors: the scan's own; AX_ERROR_CANCELLED.
 */
gboolean ax_scan_run_blocking (AxScan *self, GCancellable *cancellable,
                               void (*progress) (AxScan *scan, gpointer data),
                               gpointer user_data, GError **error);

AxScanState ax_scan_get_state (AxScan *self);
const GError *ax_scan_get_error (AxScan *self); /* (nullable) */
void ax_scan_get_progress (AxScan *self, AxScanProgress *progress);
AxProbMap *ax_scan_get_map (AxScan *self); /* (transfer none) */
AxScanPlan *ax_scan_get_plan (AxScan *self);
/** Name and device of the engine in use, NULL before it is made. */
const char *ax_scan_get_engine (AxScan *self);
const char *ax_scan_get_device (AxScan *self);
/** (nullable): why a preferred engine is not the one in use. */
const char *ax_scan_get_fallback_reason (AxScan *self);
/**
 * (nullable): the part of it that the user should hear at once: an engine that
 * had been called usable failed, and the next went on.
 */
const char *ax_scan_get_engine_fault (AxScan *self);

G_END_DECLS
