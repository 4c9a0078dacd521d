#pragma once

#include "core/train/sample-source.h"

G_BEGIN_DECLS

/**
 * ax_patch_folder_new:
 * @folder: holds a folder for each class, "0", "1", ..., with pictures
 *   (.jpg, .jpeg, .png, .tif, .tiff) that have the network's µm/px
 * @n_classes: folders looked for
 * @field: smallest side a picture may have
 *
 * (transfer full): a source whose items are the pictures, in order of name.
 * A picture is read anew each time, and its fraction is not known.
 *
 * Errors: AX_ERROR_NOT_FOUND for a folder that is missing or has no pictures,
 * AX_ERROR_IO; reading a picture also AX_ERROR_LIMIT for one that is smaller
 * than the field.
 */
AxSampleSource *ax_patch_folder_new (const char *folder, int n_classes,
                                     int field, GError **error);

G_END_DECLS
