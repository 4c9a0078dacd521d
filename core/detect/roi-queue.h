#pragma once

#include "core/detect/plan.h"

G_BEGIN_DECLS

/**
 * AxRoiQueue:
 *
 * Which ROI of a plan is read next.  A ROI waits, is taken by a reader, and is
 * finished once the network has run over it; a taken one can be put back.
 *
 * Each take looks at every waiting ROI, so that moving the focus costs nothing
 * and the next choice follows it: 0.1 ms for the 27,000 ROIs of ScanNet on a
 * 20-gigapixel slide.
 *
 * Thread: any.
 */
typedef struct _AxRoiQueue AxRoiQueue;

AxRoiQueue *ax_roi_queue_new (AxScanPlan *plan);
/** Accepts NULL. */
void ax_roi_queue_free (AxRoiQueue *self);

/**
 * ROIs that meet @visible come first, then those within its width or height of
 * it, both from its centre outwards, then the rest in reading order.  Empty:
 * all in reading order.
 */
void ax_roi_queue_set_focus (AxRoiQueue *self, AxRect0 visible);

/** The plan's index of the next ROI; FALSE when none waits. */
gboolean ax_roi_queue_take (AxRoiQueue *self, guint *index);

/** Marks a ROI, taken or waiting, as finished; FALSE if it was already. */
gboolean ax_roi_queue_finish (AxRoiQueue *self, guint index);

/** What was taken and is not finished waits again. */
void ax_roi_queue_put_back (AxRoiQueue *self);

/** Number of ROIs that are not finished. */
guint ax_roi_queue_get_n_left (AxRoiQueue *self);

G_END_DECLS
