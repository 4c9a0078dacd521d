#pragma once

#include "core/detect/lesion.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * AxExtractor:
 *
 * Lesions of a map off the main thread, the last request winning: while one
 * extraction runs, later requests replace one another and the newest follows.
 *
 * Thread: main; the work is done on another.
 */
typedef struct _AxExtractor AxExtractor;

/** @lesions: (transfer none) (nullable): NULL with @error set. */
typedef void (*AxExtractorFunc) (AxLesionSet *lesions, const GError *error,
                                 gpointer user_data);

AxExtractor *ax_extractor_new (AxExtractorFunc done, gpointer user_data);
/** Nothing is called afterwards; work under way is let go. */
void ax_extractor_free (AxExtractor *self);

/**
 * @keep_ids: ids are carried over from the result before, so that they stay
 *   while a map grows; else lesions are numbered by their size
 */
void ax_extractor_request (AxExtractor *self, AxProbMap *map,
                           const AxLesionParams *params, gboolean keep_ids);

/** Forgets results and requests: another map follows. */
void ax_extractor_reset (AxExtractor *self);

/** Whether the newest request has not been answered yet. */
gboolean ax_extractor_is_busy (const AxExtractor *self);

G_END_DECLS
