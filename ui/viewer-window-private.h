#pragma once

#include "ui/banner.h"
#include "ui/lesion-list.h"
#include "ui/slide-stage.h"
#include "ui/viewer-window.h"

G_BEGIN_DECLS

/*
 * What viewer-window.c (widgets, following the session) and
 * viewer-window-actions.c (actions and keys) share.
 */

/** What the banner's button does. */
typedef enum
{
  BANNER_NOTHING,
  BANNER_SET_MPP,
  BANNER_LOAD_SIDECAR,
} BannerAction;

struct _AxViewerWindow
{
  GtkApplicationWindow parent_instance;

  AxSession *session;
  GSettings *settings;
  BannerAction banner_action;

  /* from the template */
  GtkLabel *title, *subtitle, *model_name;
  GtkButton *detect;
  GtkMenuButton *model_button, *recent_button, *main_button;
  AxBanner *banner;
  GtkPaned *paned;
  GtkStack *stack;
  GtkScrolledWindow *panel;
  GtkBox *panel_box, *bottom;

  GtkWidget *stage, *list;
};

/** Installs the actions of group "win" and their keys. */
void ax_viewer_window_add_actions (AxViewerWindow *self);
/** Enables each action where it makes sense. */
void ax_viewer_window_update_actions (AxViewerWindow *self);
void ax_viewer_window_set_model (AxViewerWindow *self,
                                 const char *name_or_file);

G_END_DECLS
