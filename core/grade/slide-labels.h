#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AxSlideLabels: what slides are, from a table beside them.
 *
 * Thread: any; immutable.
 */
typedef struct _AxSlideLabels AxSlideLabels;

/**
 * ax_slide_labels_read:
 * @column: (nullable): of the label; NULL for "stage"
 *
 * Reads a CSV file: columns of ax_slide_name_find_column() and @column, or
 * without such a header the first two, as in CAMELYON16's reference.csv.  Rows
 * of patients, which end in ".zip", are passed over.
 *
 * Errors: those of ax_csv_read(); AX_ERROR_FORMAT with file and line for a
 * missing column, a slide without label or that comes twice; for no slides.
 */
AxSlideLabels *ax_slide_labels_read (const char *path, const char *column,
                                     GError **error);
/** Accepts NULL. */
void ax_slide_labels_free (AxSlideLabels *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxSlideLabels, ax_slide_labels_free)

/** (transfer none): the file, for messages. */
const char *ax_slide_labels_get_file (const AxSlideLabels *self);

/** (transfer none) (nullable): in any writing of ax_slide_name_fold(). */
const char *ax_slide_labels_find (const AxSlideLabels *self, const char *slide);

/**
 * ax_slide_labels_find_tumor:
 * @has_tumor: (out): FALSE for normal, negative and 0, TRUE for tumor, itc,
 *   micro, macro, positive and 1
 *
 * Errors: AX_ERROR_NOT_FOUND for a slide that has no label, AX_ERROR_FORMAT for
 * any other word; both name the file.
 */
gboolean ax_slide_labels_find_tumor (const AxSlideLabels *self,
                                     const char *slide, gboolean *has_tumor,
                                     GError **error);

/** (transfer container): all slides, folded, by name. */
GList *ax_slide_labels_list (const AxSlideLabels *self);

G_END_DECLS
