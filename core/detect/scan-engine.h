#pragma once

#include "core/detect/plan.h"
#include "core/nn/engine.h"

G_BEGIN_DECLS

/**
 * AxScanEngine:
 *
 * An engine with the plan's network compiled for its ROIs: the shared dense
 * form that the engine prefers or, for naive plans, the network as it is for
 * alpha^2 shifted passes.
 *
 * When the engine has no memory for that, at first or at some ROI, ROIs are
 * done in parts from then on: of half the side, of half of that, and so on down
 * to one stride of the network.  Cells are the same, what a part reads beyond
 * its own cells is read again by the next.
 *
 * Thread: the one engine thread.
 */
typedef struct _AxScanEngine AxScanEngine;

/**
 * ax_scan_engine_new:
 * @name: of one engine, not "auto"
 * @n_threads: of the engine; 0: all
 *
 * Errors: as ax_engine_new(), ax_model_make_dense_graph() and ax_plan_new();
 * AX_ERROR_UNSUPPORTED when the network's output is not one value a cell;
 * AX_ERROR_MEMORY when even the smallest part does not fit.
 */
AxScanEngine *ax_scan_engine_new (const char *name, AxScanPlan *plan,
                                  int n_threads, GError **error);
/** Accepts NULL. */
void ax_scan_engine_free (AxScanEngine *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxScanEngine, ax_scan_engine_free)

/** (transfer none): for host memory, name and report. */
AxEngine *ax_scan_engine_get_engine (AxScanEngine *self);

/** How many ROIs may be under way, one or more. */
guint ax_scan_engine_get_max_in_flight (const AxScanEngine *self);

/**
 * ax_scan_engine_submit:
 * @rgb: (input_px, input_px, 3), the pixels of a ROI
 * @p: what the map shows: (cells, cells), or for naive plans
 *   (alpha^2, tile_cells, tile_cells), see ax_dense_interleave()
 *
 * Begins a ROI.  Both buffers must stay until ax_scan_engine_wait() has been
 * called for it, which fills @p.
 *
 * Errors: as ax_plan_submit_rgb(); then nothing is under way any more.
 */
gboolean ax_scan_engine_submit (AxScanEngine *self, const guint8 *rgb, float *p,
                                GError **error);

/**
 * ax_scan_engine_wait:
 *
 * Ends the ROI that was submitted first.
 *
 * Errors: as ax_plan_wait(); then nothing is under way any more.
 */
gboolean ax_scan_engine_wait (AxScanEngine *self, GError **error);

G_END_DECLS
