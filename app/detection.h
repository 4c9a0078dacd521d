#pragma once

#include "core/export/result.h"
#include "core/store/store.h"

G_BEGIN_DECLS

/**
 * AxDetection:
 *
 * What `detect` does with each of its slides: tissue, scan, lesions, files.
 *
 * @first: (nullable): the first network of a cascade, whose @screening says
 *   what @model need not examine
 * @store: (nullable): finished work is kept there and not done again
 * @mpp: µm per level-0 pixel for slides that have none; 0 when not given
 * @tissue: "auto", "none" or a mask image
 * @folder: exists and can be written to
 */
typedef struct
{
  AxModel *model;
  AxModel *first;
  AxScreening screening;
  AxStore *store;
  const char *engine;
  int n_threads;
  AxScale mpp;
  const char *tissue;
  AxScanOptions scan;
  AxLesionParams lesion;
  const char *folder;
  AxExportFlags formats;
  gboolean progress;
  GCancellable *cancellable;
} AxDetection;

/** @result: valid during the call; @written: (element-type filename). */
typedef void (*AxDetectionFunc) (const AxResult *result,
                                 const GPtrArray *written, gpointer user_data);

/**
 * ax_detection_run:
 *
 * Errors: any of the floors below, naming @path; AX_ERROR_CANCELLED when
 * interrupted, with everything finished in the store and no file written.
 */
gboolean ax_detection_run (const AxDetection *self, const char *path,
                           AxDetectionFunc report, gpointer user_data,
                           GError **error);

G_END_DECLS
