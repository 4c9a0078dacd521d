#pragma once

#include "core/detect/lesion.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * AxExtractor:
 *
 * Lesions of a map off the main thread, the last request winning: while one
 * extraction runs, later requests replace one another and the newest follows.
 * Ids are carried over from one result to the next of the same map.
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

void ax_extractor_request (AxExtractor *self, AxProbMap *map,
                           const AxLesionParams *params);

/** Forgets results and requests: another map follows. */
void ax_extractor_reset (AxExtractor *self);

/** Whether the newest request has not been answered yet. */
gboolean ax_extractor_is_busy (const AxExtractor *self);

G_END_DECLS
