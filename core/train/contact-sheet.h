#pragma once

#include "core/train/epoch.h"

G_BEGIN_DECLS

/** Most pixels of a sheet. */
#define AX_CONTACT_SHEET_MAX_PX ((gint64)64 << 20)

/**
 * ax_contact_sheet_save:
 * @epoch: its samples are drawn as the network sees them, changes included
 * @n_columns: pictures in a row
 *
 * Draws all samples of an epoch side by side, for a person to look at, as PNG:
 * class by class, normal tissue first, in order of sample, each class from a
 * new row on.  The border tells the class: green is normal, red tumour, blue
 * any other.
 *
 * Errors: those of ax_epoch_read() and ax_image_save_png(); AX_ERROR_LIMIT for
 * more pixels than the most.
 */
gboolean ax_contact_sheet_save (const AxEpoch *epoch, guint n_columns,
                                const char *path, GError **error);

G_END_DECLS
