#pragma once

#include "core/detect/scan-status.h"

G_BEGIN_DECLS

/**
 * AxScanPipeline:
 *
 * The threads of a scan: readers -> engine thread -> reconstruct thread, and
 * what they work on.  The engine thread makes the engine, and with it the
 * readers' slots, when its turn has come; when that engine fails it makes the
 * next one for the ROIs that are left.
 *
 * Thread: any, but new and free on one.
 */
typedef struct _AxScanPipeline AxScanPipeline;

/**
 * @status: (unowned): outlives this
 *
 * Errors: as ax_prob_map_new() and ax_region_reader_new(); AX_ERROR_MEMORY.
 */
AxScanPipeline *ax_scan_pipeline_new (AxScanPlan *plan,
                                      const AxScanSetup *setup,
                                      AxScanStatus *status, GError **error);

/** Joins the threads: the status should be stopping.  Accepts NULL. */
void ax_scan_pipeline_free (AxScanPipeline *self);

/** As ax_scan_restore(). */
gboolean ax_scan_pipeline_restore (AxScanPipeline *self,
                                   const AxScanBlock *block, GError **error);

/** Starts the engine thread; once. */
void ax_scan_pipeline_start (AxScanPipeline *self);
void ax_scan_pipeline_set_focus (AxScanPipeline *self, AxRect0 visible);
AxProbMap *ax_scan_pipeline_get_map (AxScanPipeline *self);

G_END_DECLS
