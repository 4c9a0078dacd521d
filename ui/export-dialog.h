#pragma once

#include "ui/session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * AxExportDialog: where to, in which formats, which lesions; then the session
 * writes and says what came of it.  Thread: main.
 */
void ax_export_dialog_present (GtkWindow *parent, AxSession *session);

G_END_DECLS
