#pragma once

#include "core/detect/scan.h"
#include "core/store/store.h"

G_BEGIN_DECLS

/**
 * AxDetection:
 *
 * Everything one detection on one slide needs, made ready off the main
 * thread: model, tissue, plan, the store's claim, and a scan that already
 * holds what earlier runs have kept.
 *
 * Thread: main.
 */
typedef struct _AxDetection AxDetection;

typedef struct
{
  AxSlide *slide;
  AxScale mpp;
  const char *model;  /* name or file */
  const char *engine; /* "auto", ... */
  AxStore *store;     /* (nullable): outlives all; nothing is kept where
                         it is NULL or cannot be opened */
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
AxModel *ax_detection_get_model (AxDetection *self);
AxTissue *ax_detection_get_tissue (AxDetection *self);
/** Whether the store holds every ROI already. */
gboolean ax_detection_is_complete (AxDetection *self);

G_END_DECLS
