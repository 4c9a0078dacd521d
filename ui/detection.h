#pragma once

#include "core/detect/scan.h"
#include "core/store/store.h"

G_BEGIN_DECLS

/**
 * AxDetection:
 *
 * Everything one detection on one slide needs, made ready off the main
 * thread: model, tissue, plan, the store's claim, and a scan that already
 * holds what earlier runs have kept.  The claim is released when the scan is
 * done.
 *
 * Thread: main.
 */
typedef struct _AxDetection AxDetection;

/** AxMapKind: what the map shows, of networks that learn more than one thing;
 * of others the probability, whatever is asked for. */
typedef enum
{
  AX_MAP_TUMOR,    /* probability */
  AX_MAP_FRACTION, /* share of a cell's field that is tumour */
} AxMapKind;

/** Whether the network gives such a map. */
gboolean ax_detection_can_map (const AxModel *model, AxMapKind kind);

typedef struct
{
  AxSlide *slide;
  AxScale mpp;
  const char *model;  /* name or file */
  AxMapKind map;
  const char *engine; /* "auto", ... */
  AxStore *store;     /* (nullable): outlives all; nothing is kept where
                         it is NULL or cannot be opened, or another run has
                         the claim */
} AxDetectionSpec;

/** @spec: copied.  Errors: those of each part. */
void ax_detection_prepare (const AxDetectionSpec *spec,
                           GCancellable *cancellable, GAsyncReadyCallback ready,
                           gpointer user_data);
AxDetection *ax_detection_prepare_finish (GAsyncResult *result, GError **error);

/**
 * Lets go without blocking: a running scan is cancelled, and when the ROI in
 * work is kept everything is freed on another thread.
 */
void ax_detection_retire (AxDetection *self);

AxScan *ax_detection_get_scan (AxDetection *self);
/** What the scan's map shows. */
AxMapKind ax_detection_get_map_kind (AxDetection *self);
AxModel *ax_detection_get_model (AxDetection *self);
AxTissue *ax_detection_get_tissue (AxDetection *self);
/** (nullable): who has the claim, where that is another run. */
const char *ax_detection_get_not_kept (AxDetection *self);
/** Whether the store holds every ROI already. */
gboolean ax_detection_is_complete (AxDetection *self);

G_END_DECLS
