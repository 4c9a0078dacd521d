#include "ui/viewer-window-private.h"

#include "ui/lesion-card.h"
#include "ui/mpp-dialog.h"
#include "ui/model-menu.h"
#include "ui/recent-menu.h"
#include "ui/settings-bind.h"
#include "ui/status-line.h"
#include "ui/threshold-panel.h"

#include <glib/gi18n.h>

#define PANEL_PX 460
#define PANEL_SHARE 0.38 /* at most, of the window's width */

G_DEFINE_FINAL_TYPE (AxViewerWindow, ax_viewer_window,
                     GTK_TYPE_APPLICATION_WINDOW)

void
ax_viewer_window_say (AxViewerWindow *self, AxMessageKind kind,
                      const char *text)
{
  g_return_if_fail (AX_IS_VIEWER_WINDOW (self));
  self->banner_action = BANNER_NOTHING;
  ax_banner_show (self->banner, kind, text, NULL);
}

static void
on_message (AxSession *session, AxMessage *message, AxViewerWindow *self)
{
  ax_viewer_window_say (self, message->kind, message->text);
}

static void
on_banner_acted (AxBanner *banner, AxViewerWindow *self)
{
  BannerAction action = self->banner_action;

  ax_banner_hide (banner);
  self->banner_action = BANNER_NOTHING;
  if (action == BANNER_SET_MPP)
    ax_mpp_dialog_present (GTK_WINDOW (self), self->session);
  else if (action == BANNER_LOAD_SIDECAR)
    ax_session_load_annotations (self->session,
                                 ax_session_get_sidecar (self->session));
}

static void
ask_for_mpp (AxViewerWindow *self)
{
  self->banner_action = BANNER_SET_MPP;
  ax_banner_show (self->banner, AX_MESSAGE_WARNING,
                  _ ("This slide does not say how many µm a pixel is. Without "
                     "that there is no detection and no size class."),
                  _ ("Give Scale…"));
}

static void
offer_sidecar (AxViewerWindow *self)
{
  g_autofree char *name
      = g_path_get_basename (ax_session_get_sidecar (self->session));
  g_autofree char *text = g_strdup_printf (
      _ ("There are annotations beside this slide: %s"), name);

  self->banner_action = BANNER_LOAD_SIDECAR;
  ax_banner_show (self->banner, AX_MESSAGE_INFO, text, _ ("Show Them"));
}

static void
update_title (AxViewerWindow *self)
{
  AxSlide *slide = ax_session_get_slide (self->session);
  g_autofree char *title = NULL;
  g_autoptr (GString) subtitle = g_string_new (NULL);
  AxScale mpp;

  g_object_get (self->session, "title", &title, NULL);
  if (slide != NULL && ax_session_get_mpp (self->session, &mpp))
    g_string_append_printf (subtitle, "%.3f µm/px", mpp.x);
  else if (slide != NULL)
    g_string_append (subtitle, _ ("µm/px unknown"));
  if (slide != NULL && ax_slide_get_objective (slide) > 0)
    g_string_append_printf (subtitle, " · %g×", ax_slide_get_objective (slide));
  gtk_label_set_text (self->title, title[0] != '\0' ? title : "Axilla");
  gtk_label_set_text (self->subtitle, subtitle->str);
  gtk_widget_set_visible (GTK_WIDGET (self->subtitle), subtitle->len > 0);
  gtk_window_set_title (GTK_WINDOW (self), title[0] != '\0' ? title : "Axilla");
}

static void
add_to_recent (const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autofree char *uri = g_file_get_uri (file);

  gtk_recent_manager_add_item (gtk_recent_manager_get_default (), uri);
}

static void
on_slide_changed (AxSession *session, AxViewerWindow *self)
{
  gboolean has_slide = ax_session_get_slide (session) != NULL;

  gtk_stack_set_visible_child_name (
      self->stack,
      ax_session_get_state (session) == AX_SESSION_EMPTY ? "welcome" : "stage");
  gtk_widget_set_sensitive (GTK_WIDGET (self->panel), has_slide);
  update_title (self);
  ax_viewer_window_update_actions (self);
  ax_banner_hide (self->banner);
  if (!has_slide)
    return;
  add_to_recent (ax_slide_get_path (ax_session_get_slide (session)));
  if (ax_session_get_sidecar (session) != NULL)
    offer_sidecar (self);
  gtk_widget_grab_focus (self->stage);
}

static void
on_mpp_missing (AxSession *session, GParamSpec *pspec, AxViewerWindow *self)
{
  gboolean is_missing;

  g_object_get (session, "mpp-missing", &is_missing, NULL);
  if (is_missing)
    ask_for_mpp (self);
  else if (self->banner_action == BANNER_SET_MPP)
    {
      ax_banner_hide (self->banner);
      if (ax_session_get_sidecar (session) != NULL)
        offer_sidecar (self);
    }
  update_title (self);
  ax_viewer_window_update_actions (self);
}

static void
on_state (AxSession *session, GParamSpec *pspec, AxViewerWindow *self)
{
  AxSessionState state = ax_session_get_state (session);

  gtk_button_set_label (self->detect, state == AX_SESSION_SCANNING ? _ ("Pause")
                                      : state == AX_SESSION_PAUSED
                                          ? _ ("Resume")
                                          : _ ("Detect"));
  ax_viewer_window_update_actions (self);
}

void
ax_viewer_window_set_model (AxViewerWindow *self, const char *name_or_file)
{
  g_settings_set_string (self->settings, "model", name_or_file);
}

static void
on_model_changed (AxSession *session, GParamSpec *pspec, AxViewerWindow *self)
{
  g_autofree char *model = NULL;
  g_autofree char *name = NULL;

  g_object_get (session, "model-name", &model, NULL);
  name = g_path_get_basename (model);
  gtk_label_set_text (self->model_name, name);
  g_simple_action_set_state (G_SIMPLE_ACTION (g_action_map_lookup_action (
                                 G_ACTION_MAP (self), "model")),
                             g_variant_new_string (model));
}

void
ax_viewer_window_open (AxViewerWindow *self, const char *path, gboolean detect)
{
  g_return_if_fail (AX_IS_VIEWER_WINDOW (self));
  ax_session_open (
      self->session, path,
      detect || g_settings_get_boolean (self->settings, "detect-on-open"));
}

const char *
ax_viewer_window_get_path (AxViewerWindow *self)
{
  AxSlide *slide;

  g_return_val_if_fail (AX_IS_VIEWER_WINDOW (self), NULL);
  slide = ax_session_get_slide (self->session);
  if (ax_session_get_opening (self->session) != NULL)
    return ax_session_get_opening (self->session);
  return slide != NULL ? ax_slide_get_path (slide) : NULL;
}

AxSession *
ax_viewer_window_get_session (AxViewerWindow *self)
{
  g_return_val_if_fail (AX_IS_VIEWER_WINDOW (self), NULL);
  return self->session;
}

/* The first in this window, others in windows of their own. */
static void
open_dropped (AxViewerWindow *self, GFile *file, gboolean is_first)
{
  g_autofree char *path = g_file_get_path (file);

  if (path == NULL)
    {
      g_autofree char *uri = g_file_get_uri (file);
      g_autofree char *text
          = g_strdup_printf (_ ("%s: not a file on this computer"), uri);

      ax_viewer_window_say (self, AX_MESSAGE_ERROR, text);
    }
  else if (is_first)
    ax_viewer_window_open (self, path, FALSE);
  else
    gtk_widget_activate_action (GTK_WIDGET (self), "app.open-path", "s", path);
}

static gboolean
on_drop (GtkDropTarget *target, const GValue *value, double x, double y,
         AxViewerWindow *self)
{
  GSList *files = gdk_file_list_get_files (g_value_get_boxed (value));

  for (GSList *l = files; l != NULL; l = l->next)
    open_dropped (self, l->data, l == files);
  g_slist_free (files);
  return TRUE;
}

static void
on_lesion_activated (AxLesionList *list, guint id, AxViewerWindow *self)
{
  ax_session_select (self->session, id);
  ax_slide_stage_go_to_selected (AX_SLIDE_STAGE (self->stage));
}

static GtkWidget *
make_welcome (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *icon = gtk_image_new_from_icon_name ("org.axilla.Axilla");
  GtkWidget *title = gtk_label_new (_ ("Open a slide"));
  GtkWidget *text = gtk_label_new (
      _ ("Drop a whole-slide image here, or press Open.\nThen press Detect: "
         "what is found appears while you look."));
  GtkWidget *notice
      = gtk_label_new (_ ("Research use only. Not for diagnosis."));

  gtk_image_set_pixel_size (GTK_IMAGE (icon), 128);
  gtk_widget_add_css_class (title, "title-1");
  gtk_label_set_justify (GTK_LABEL (text), GTK_JUSTIFY_CENTER);
  gtk_widget_add_css_class (notice, "dim-label");
  gtk_widget_add_css_class (box, "welcome");
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), text);
  gtk_box_append (GTK_BOX (box), notice);
  return box;
}

static void
add_separator (AxViewerWindow *self)
{
  gtk_box_append (self->panel_box,
                  gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
}

static void
fill_window (AxViewerWindow *self)
{
  GtkWidget *status = ax_status_line_new (self->session);
  GtkDropTarget *drop
      = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  self->stage = ax_slide_stage_new (self->session);
  self->list = ax_lesion_list_new (self->session);
  gtk_widget_set_vexpand (self->list, TRUE);
  gtk_stack_add_named (self->stack, make_welcome (), "welcome");
  gtk_stack_add_named (self->stack, self->stage, "stage");
  gtk_box_append (self->panel_box, ax_threshold_panel_new (self->session));
  add_separator (self);
  gtk_box_append (self->panel_box, self->list);
  gtk_box_append (self->panel_box, ax_lesion_card_new (self->session));
  gtk_widget_set_hexpand (status, TRUE);
  gtk_box_append (self->bottom, status);
  g_signal_connect_object (self->stage, "pointer",
                           G_CALLBACK (ax_status_line_set_pointer), status,
                           G_CONNECT_SWAPPED);
  g_signal_connect (self->list, "activated", G_CALLBACK (on_lesion_activated),
                    self);
  g_signal_connect (drop, "drop", G_CALLBACK (on_drop), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drop));
}

/* The panel has what it needs where there is room, and leaves the slide most
 * of the window where there is little. */
static void
on_room (GtkPaned *paned, GParamSpec *pspec, AxViewerWindow *self)
{
  int width = gtk_widget_get_width (GTK_WIDGET (paned));

  gtk_paned_set_position (paned,
                          width - MIN (PANEL_PX, (int)(PANEL_SHARE * width)));
}

/* A menu button takes its name to no reader; the button inside it does. */
static void
name_menu_button (GtkMenuButton *button, const char *name)
{
  gtk_accessible_update_property (
      GTK_ACCESSIBLE (gtk_widget_get_first_child (GTK_WIDGET (button))),
      GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void
name_menu_buttons (AxViewerWindow *self)
{
  name_menu_button (self->recent_button, _ ("Recent slides"));
  name_menu_button (self->main_button, _ ("Menu"));
}

static void
follow_session (AxViewerWindow *self)
{
  AxSession *session = self->session;

  g_signal_connect (session, "message", G_CALLBACK (on_message), self);
  g_signal_connect (session, "slide-changed", G_CALLBACK (on_slide_changed),
                    self);
  g_signal_connect (session, "notify::mpp-missing", G_CALLBACK (on_mpp_missing),
                    self);
  g_signal_connect (session, "notify::state", G_CALLBACK (on_state), self);
  g_signal_connect (session, "notify::model-name",
                    G_CALLBACK (on_model_changed), self);
  g_signal_connect_swapped (session, "lesions-changed",
                            G_CALLBACK (ax_viewer_window_update_actions), self);
  g_signal_connect_swapped (session, "history-changed",
                            G_CALLBACK (ax_viewer_window_update_actions), self);
}

static void
bind_settings (AxViewerWindow *self)
{
  static const char *const values[][2] = {
    { "model", "model-name" },
    { "engine", "engine-name" },
    { "threshold", "threshold" },
    { "opening", "opening" },
    { "overlay-opacity", "overlay-opacity" },
  };
  static const char *const enums[][2] = {
    { "map-kind", "map-kind" },
    { "size-mode", "size-mode" },
    { "color-map", "color-map" },
    { "fill", "fill" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    g_settings_bind (self->settings, values[i][0], self->session, values[i][1],
                     G_SETTINGS_BIND_DEFAULT);
  for (gsize i = 0; i < G_N_ELEMENTS (enums); i++)
    ax_settings_bind_enum (self->settings, enums[i][0],
                           G_OBJECT (self->session), enums[i][1]);
}

static gboolean
on_close_request (GtkWindow *window)
{
  AxViewerWindow *self = AX_VIEWER_WINDOW (window);
  int width, height;

  gtk_window_get_default_size (window, &width, &height);
  g_settings_set_int (self->settings, "window-width", width);
  g_settings_set_int (self->settings, "window-height", height);
  g_settings_set_boolean (self->settings, "window-maximized",
                          gtk_window_is_maximized (window));
  ax_session_close (self->session);
  return GDK_EVENT_PROPAGATE;
}

static void
ax_viewer_window_dispose (GObject *object)
{
  AxViewerWindow *self = AX_VIEWER_WINDOW (object);

  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_object (&self->session);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (ax_viewer_window_parent_class)->dispose (object);
}

static void
ax_viewer_window_class_init (AxViewerWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ax_viewer_window_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = on_close_request;
  g_type_ensure (AX_TYPE_BANNER);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/axilla/Axilla/viewer-window.ui");
  gtk_widget_class_bind_template_child (widget_class, AxViewerWindow, title);
  gtk_widget_class_bind_template_child (widget_class, AxViewerWindow, subtitle);
  gtk_widget_class_bind_template_child (widget_class, AxViewerWindow, detect);
  gtk_widget_class_bind_template_child (widget_class, AxViewerWindow,
                                        model_button);
  gtk_widget_class_bind_template_child (widget_class, AxViewerWindow,
                                        model_name);
  gtk_widget_class_bind_template_child (widget_class, AxViewerWindow,
                                        recent_button);
  gtk_widget_class_bind_template_child (widget_class, AxViewerWindow,
                                        main_button);
  gtk_widget_class_bind_template_child (widget_class, AxViewerWindow, banner);
  gtk_widget_class_bind_template_child (widget_class, AxViewerWindow, paned);
  gtk_widget_class_bind_template_child (widget_class, AxViewerWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, AxViewerWindow, panel);
  gtk_widget_class_bind_template_child (widget_class, AxViewerWindow,
                                        panel_box);
  gtk_widget_class_bind_template_child (widget_class, AxViewerWindow, bottom);
}

static void
ax_viewer_window_init (AxViewerWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (self->banner, "acted", G_CALLBACK (on_banner_acted), self);
  g_signal_connect (self->paned, "notify::max-position", G_CALLBACK (on_room),
                    self);
}

AxViewerWindow *
ax_viewer_window_new (GtkApplication *application, AxStore *store,
                      GSettings *settings)
{
  AxViewerWindow *self
      = g_object_new (AX_TYPE_VIEWER_WINDOW, "application", application, NULL);

  self->session = ax_session_new (store);
  self->settings = g_object_ref (settings);
  gtk_window_set_default_size (GTK_WINDOW (self),
                               g_settings_get_int (settings, "window-width"),
                               g_settings_get_int (settings, "window-height"));
  if (g_settings_get_boolean (settings, "window-maximized"))
    gtk_window_maximize (GTK_WINDOW (self));
  fill_window (self);
  ax_viewer_window_add_actions (self);
  follow_session (self);
  bind_settings (self);
  ax_model_menu_attach (self->model_button);
  ax_recent_menu_attach (self->recent_button);
  name_menu_buttons (self);
  on_model_changed (self->session, NULL, self);
  on_state (self->session, NULL, self);
  on_slide_changed (self->session, self);
  return self;
}
