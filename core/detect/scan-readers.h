#pragma once

#include "core/detect/roi-queue.h"
#include "core/nn/engine.h"
#include "core/slide/region.h"

G_BEGIN_DECLS

/**
 * AxScanReaders:
 *
 * Threads that read ROIs, most urgent first, into a ring of n_readers + 2
 * slots.  A reader chooses its ROI when it holds a slot and not before, so no
 * more ROIs than slots are ahead of a moved focus.
 *
 * Thread: the engine thread, which owns it.
 */
typedef struct _AxScanReaders AxScanReaders;

typedef struct
{
  guint index;     /* of the ROI in the plan */
  guint8 *rgb;     /* (input_px, input_px, 3), memory of the engine */
  GArray *damaged; /* (element-type AxRect0): in model pixels */
} AxScanSlot;

/**
 * ax_scan_readers_new:
 * @engine: whose host memory the slots are made of; it must outlive this
 *
 * Errors: AX_ERROR_MEMORY.
 */
AxScanReaders *ax_scan_readers_new (AxScanPlan *plan, AxRoiQueue *queue,
                                    AxRegionReader *region, int n_readers,
                                    AxEngine *engine, GError **error);

/** Joins the threads; each finishes the ROI it is reading.  Accepts NULL. */
void ax_scan_readers_free (AxScanReaders *self);

/**
 * ax_scan_readers_take:
 * @slot: out (nullable): the next ROI, NULL when there are no more
 *
 * Waits for a reader.  Errors: as ax_region_reader_read().
 */
gboolean ax_scan_readers_take (AxScanReaders *self, AxScanSlot **slot,
                               GError **error);
/** Whether a ROI is there already, so that taking it waits for nothing. */
gboolean ax_scan_readers_have_one (AxScanReaders *self);
void ax_scan_readers_give_back (AxScanReaders *self, AxScanSlot *slot);

G_END_DECLS
