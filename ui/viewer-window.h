#pragma once

#include "ui/session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * AxViewerWindow: one slide and all that belongs to it.  Everything it does is
 * an action of group "win" (see viewer-window-actions.c), so that keys, menu
 * and buttons share one way in.  Thread: main.
 */
#define AX_TYPE_VIEWER_WINDOW (ax_viewer_window_get_type ())
G_DECLARE_FINAL_TYPE (AxViewerWindow, ax_viewer_window, AX, VIEWER_WINDOW,
                      GtkApplicationWindow)

/** @store: (nullable): outlives the window. */
AxViewerWindow *ax_viewer_window_new (GtkApplication *application,
                                      AxStore *store, GSettings *settings);

void ax_viewer_window_open (AxViewerWindow *self, const char *path,
                            gboolean detect);
/** (nullable): the slide that it shows, or is about to. */
const char *ax_viewer_window_get_path (AxViewerWindow *self);
AxSession *ax_viewer_window_get_session (AxViewerWindow *self);
void ax_viewer_window_say (AxViewerWindow *self, AxMessageKind kind,
                           const char *text);

G_END_DECLS
