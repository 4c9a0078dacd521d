#pragma once

#include "ui/session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * AxLesionList:
 *
 * The lesions as a table: number, class, diameter with interval, score, area;
 * sorted by any of them.  In step with the session's selection.  Rows are
 * exchanged by lesion id, so that selection and place survive a new
 * extraction.
 *
 * Signal "activated" (guint id): a row was asked for (Enter, double click).
 * Thread: main.
 */
#define AX_TYPE_LESION_LIST (ax_lesion_list_get_type ())
G_DECLARE_FINAL_TYPE (AxLesionList, ax_lesion_list, AX, LESION_LIST, GtkWidget)

GtkWidget *ax_lesion_list_new (AxSession *session);

/** Steps the selection in the order shown, +1 or -1, around the end. */
void ax_lesion_list_step (AxLesionList *self, int direction);

G_END_DECLS
