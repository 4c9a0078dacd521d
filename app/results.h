#pragma once

#include "core/export/result.h"

G_BEGIN_DECLS

/**
 * What `detect` and `lesions` share: the folder for results and the text that
 * a person reads.
 */

/**
 * ax_results_prepare_folder:
 *
 * Makes the folder, with its parents, and sees that a file can be created in
 * it.  Errors: AX_ERROR_IO naming it.
 */
gboolean ax_results_prepare_folder (const char *folder, GError **error);

/** Lesions and areas on standard output. */
void ax_results_print (const AxResult *result, const GPtrArray *written);

G_END_DECLS
