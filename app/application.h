#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * AxApplication: the viewer as one running program: slides given on the
 * command line or by another start open here, each in a window of its own.
 * Owns the store.  Thread: main.
 */
#define AX_TYPE_APPLICATION (ax_application_get_type ())
G_DECLARE_FINAL_TYPE (AxApplication, ax_application, AX, APPLICATION,
                      GtkApplication)

AxApplication *ax_application_new (void);

G_END_DECLS
