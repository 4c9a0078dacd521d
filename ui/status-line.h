#pragma once

#include "ui/session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * AxStatusLine: position and probability under the pointer on the left; engine
 * and progress of the scan on the right.  Thread: main.
 */
#define AX_TYPE_STATUS_LINE (ax_status_line_get_type ())
G_DECLARE_FINAL_TYPE (AxStatusLine, ax_status_line, AX, STATUS_LINE, GtkBox)

GtkWidget *ax_status_line_new (AxSession *session);

/** @point: (nullable): NULL when the pointer is elsewhere. */
void ax_status_line_set_pointer (AxStatusLine *self, const AxPoint0 *point);

G_END_DECLS
