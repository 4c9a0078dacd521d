#pragma once

#include "core/detect/scan-status.h"

G_BEGIN_DECLS

/**
 * AxScanRebuild:
 *
 * The thread that makes the map of what the network says: interleaves offset
 * probability tiles, quantises, blanks, writes map tiles, hands the block to
 * whoever keeps it.  It takes outputs from a ring of a few, so that the engine
 * runs on meanwhile.
 *
 * When a block cannot be written or kept it stops the scan with that error and
 * takes further outputs without looking at them.
 *
 * Thread: the engine thread, which owns it.
 */
typedef struct _AxScanRebuild AxScanRebuild;

typedef struct
{
  guint index;     /* of the ROI in the plan */
  float *p;        /* as ax_scan_engine_wait() gives it */
  GArray *damaged; /* (element-type AxRect0): in model pixels */
} AxScanOutput;

/**
 * ax_scan_rebuild_new:
 * @keep: (nullable): called on the thread for every block
 *
 * Errors: AX_ERROR_MEMORY.
 */
AxScanRebuild *ax_scan_rebuild_new (AxScanPlan *plan, AxProbMap *map,
                                    AxScanStatus *status, AxScanBlockFunc keep,
                                    gpointer keep_data, GError **error);

/** Waits until what was put is in the map and joins.  Accepts NULL. */
void ax_scan_rebuild_free (AxScanRebuild *self);

/** (transfer none): an output to fill; waits for one. */
AxScanOutput *ax_scan_rebuild_take (AxScanRebuild *self);
void ax_scan_rebuild_put (AxScanRebuild *self, AxScanOutput *output);
/** Instead of putting it. */
void ax_scan_rebuild_give_back (AxScanRebuild *self, AxScanOutput *output);

G_END_DECLS
