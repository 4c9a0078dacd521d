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

/**
 * ax_results_check_target:
 *
 * CAMELYON's ground truth has the name of our ASAP file: refuses to replace an
 * annotation file that this program has not written.  Errors: AX_ERROR_IO.
 */
gboolean ax_results_check_target (const char *slide_path, const char *folder,
                                  AxExportFlags formats, GError **error);

/** Lesions and areas on standard output. */
void ax_results_print (const AxResult *result, const GPtrArray *written);

G_END_DECLS
