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
 * engine fails half-way the next one takes over (cuda, cpu, ref) and the
 * reason is kept.
 *
 * Signals, on the context given to ax_scan_new(), coalesced:
 *   "progress"            figures have changed: see ax_scan_get_progress()
 *   "dirty" (AxRect0 *)   the map has changed inside, level-0 pixels
 *   "notify::state"
 *
 * Thread: API on the context's thread.
 */
#define AX_TYPE_SCAN (ax_scan_get_type ())
G_DECLARE_FINAL_TYPE (AxScan, ax_scan, AX, SCAN, GObject)

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
 * AxScanBlock: a finished ROI, for whoever keeps it.  @cells is row-major over
 * @rect: 0 where not analysed; @n_failed cells of it wanted but unreadable.
 */
typedef struct
{
  guint roi;
  AxCellRect rect;
  const guint16 *cells;
  gint64 n_failed;
} AxScanBlock;

/** Called on the reconstruct thread, one block after another. */
typedef gboolean (*AxScanBlockFunc) (const AxScanBlock *block,
                                     gpointer user_data, GError **error);

typedef struct
{
  const char *engine;   /* "auto", ... */
  int n_threads;        /* of the engine; 0: all */
  int n_readers;        /* 0: by the number of cores */
  gsize cache_bytes;    /* decoded tiles; 0: 256 MiB */
  AxScanBlockFunc keep; /* (nullable) */
  gpointer keep_data;
} AxScanSetup;

typedef struct
{
  guint n_rois, n_rois_done; /* restored ones count as done */
  guint n_rois_restored;
  double tissue_mm2, analysed_mm2, failed_mm2;
  double seconds;        /* running time so far, pauses excluded */
  double mm2_per_s;      /* of work done here, not restored */
  double mpx_per_s;      /* level-0 megapixels of advanced area */
  double seconds_left;   /* negative when unknown */
  double read_wait_s, engine_busy_s, reconstruct_busy_s;
} AxScanProgress;

/** @context: (nullable): NULL for a program without a main loop, which calls
 * ax_scan_run_blocking(). */
AxScan *ax_scan_new (AxScanPlan *plan, const AxScanSetup *setup,
                     GMainContext *context, GError **error);

/**
 * ax_scan_restore: hands in a block that an earlier run has kept, before
 * start; its ROI is not run again.  FALSE when it does not fit the plan.
 */
gboolean ax_scan_restore (AxScan *self, const AxScanBlock *block,
                          GError **error);

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

G_END_DECLS
