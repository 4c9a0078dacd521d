#include "ui/viewer-window-private.h"

#include "ui/export-dialog.h"
#include "ui/trust-panel.h"

#include <glib/gi18n.h>

#define OPACITY_STEP 0.1
#define THRESHOLD_STEP 0.01

static AxViewerWindow *
window_of (gpointer data)
{
  return AX_VIEWER_WINDOW (data);
}

/* Files */

typedef void (*FileChosenFunc) (AxViewerWindow *self, const char *path);

static void
on_file_chosen (GtkNativeDialog *chooser, int response, AxViewerWindow *self)
{
  FileChosenFunc chosen
      = (FileChosenFunc)g_object_get_data (G_OBJECT (chooser), "chosen");

  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) file
          = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));
      g_autofree char *path = g_file_get_path (file);

      if (path != NULL)
        chosen (self, path);
    }
  g_object_unref (chooser);
}

static void
add_filter (GtkFileChooser *chooser, const char *name,
            const char *const *patterns)
{
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, name);
  for (int i = 0; patterns[i] != NULL; i++)
    gtk_file_filter_add_pattern (filter, patterns[i]);
  gtk_file_chooser_add_filter (chooser, filter);
}

static void
choose_file (AxViewerWindow *self, const char *title, const char *filter,
             const char *const *patterns, FileChosenFunc chosen)
{
  static const char *const everything[] = { "*", NULL };
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (
      title, GTK_WINDOW (self), GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Open"),
      _ ("_Cancel"));

  add_filter (GTK_FILE_CHOOSER (chooser), filter, patterns);
  add_filter (GTK_FILE_CHOOSER (chooser), _ ("All files"), everything);
  g_object_set_data (G_OBJECT (chooser), "chosen", (gpointer)chosen);
  g_signal_connect_object (chooser, "response", G_CALLBACK (on_file_chosen),
                           self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

static void
open_chosen (AxViewerWindow *self, const char *path)
{
  ax_viewer_window_open (self, path, FALSE);
}

static void
on_open (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  static const char *const patterns[]
      = { "*.svs", "*.tif", "*.tiff",    "*.ndpi", "*.mrxs", "*.vms",
          "*.scn", "*.bif", "*.svslide", "*.vmu",  NULL };

  choose_file (window_of (data), _ ("Open Slide"), _ ("Whole-slide images"),
               patterns, open_chosen);
}

static void
annotations_chosen (AxViewerWindow *self, const char *path)
{
  ax_session_load_annotations (self->session, path);
}

static void
on_load_annotations (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  static const char *const patterns[]
      = { "*.xml", "*.geojson", "*.json", NULL };

  choose_file (window_of (data), _ ("Load Annotations"), _ ("Annotations"),
               patterns, annotations_chosen);
}

static void
on_choose_model (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  static const char *const patterns[] = { "*.safetensors", NULL };

  choose_file (window_of (data), _ ("Choose Weights"), _ ("Model weights"),
               patterns, ax_viewer_window_set_model);
}

static void
on_model (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ax_viewer_window_set_model (window_of (data),
                              g_variant_get_string (parameter, NULL));
}

static void
on_export (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  AxViewerWindow *self = window_of (data);

  ax_export_dialog_present (GTK_WINDOW (self), self->session);
}

/* The scan and its lesions */

static void
on_detect (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  AxSession *session = window_of (data)->session;

  if (ax_session_get_state (session) == AX_SESSION_SCANNING)
    ax_session_pause (session);
  else
    ax_session_detect (session);
}

static void
step (AxViewerWindow *self, int direction)
{
  ax_lesion_list_step (AX_LESION_LIST (self->list), direction);
  ax_slide_stage_go_to_selected (AX_SLIDE_STAGE (self->stage));
}

static void
on_next (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  step (window_of (data), 1);
}

static void
on_previous (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  step (window_of (data), -1);
}

static void
on_closer (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ax_slide_stage_go_to_selected (AX_SLIDE_STAGE (window_of (data)->stage));
}

static void
on_threshold (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  AxSession *session = window_of (data)->session;

  ax_session_nudge_threshold (session,
                              THRESHOLD_STEP * g_variant_get_int32 (parameter));
}

static void
on_undo (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ax_session_undo (window_of (data)->session);
}

static void
on_redo (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ax_session_redo (window_of (data)->session);
}

/* The overlay and the window */

static void
on_opacity (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  AxSession *session = window_of (data)->session;
  double opacity;

  g_object_get (session, "overlay-opacity", &opacity, NULL);
  opacity += OPACITY_STEP * g_variant_get_int32 (parameter);
  g_object_set (session, "overlay-opacity", CLAMP (opacity, 0.0, 1.0), NULL);
}

static void
on_fullscreen (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkWindow *window = GTK_WINDOW (data);

  if (gtk_window_is_fullscreen (window))
    gtk_window_unfullscreen (window);
  else
    gtk_window_fullscreen (window);
}

static void
on_trust (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  AxViewerWindow *self = window_of (data);

  ax_trust_panel_present (
      GTK_WINDOW (self), self->session,
      ax_slide_stage_get_bytes (AX_SLIDE_STAGE (self->stage)));
}

/* GTK's own help overlay is a hidden window from the start, and GTK 4.8 ends
 * with a fault when a screen reader asks for such a one. */
static void
on_shortcuts (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autoptr (GtkBuilder) builder
      = gtk_builder_new_from_resource ("/org/axilla/Axilla/shortcuts.ui");
  GtkWindow *shortcuts
      = GTK_WINDOW (gtk_builder_get_object (builder, "shortcuts"));

  gtk_window_set_transient_for (shortcuts, GTK_WINDOW (window_of (data)));
  gtk_window_present (shortcuts);
}

static void
on_frames (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ax_slide_stage_toggle_frames (AX_SLIDE_STAGE (window_of (data)->stage));
}

static void
on_grid (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ax_slide_stage_toggle_grid (AX_SLIDE_STAGE (window_of (data)->stage));
}

static void
on_retry (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ax_slide_stage_retry_tiles (AX_SLIDE_STAGE (window_of (data)->stage));
}

void
ax_viewer_window_update_actions (AxViewerWindow *self)
{
  gboolean has_slide = ax_session_get_slide (self->session) != NULL;
  gboolean has_lesions = ax_session_get_lesions (self->session) != NULL;
  AxSessionState state = ax_session_get_state (self->session);
  AxScale mpp;
  const struct
  {
    const char *name;
    gboolean is_enabled;
  } actions[] = {
    { "detect",
      ax_session_get_mpp (self->session, &mpp) && state != AX_SESSION_DONE },
    { "export", has_lesions },
    { "load-annotations", has_slide },
    { "next", has_lesions },
    { "previous", has_lesions },
    { "closer", has_lesions },
    { "undo", ax_session_can_undo (self->session) },
    { "redo", ax_session_can_redo (self->session) },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (actions); i++)
    g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (
                                     G_ACTION_MAP (self), actions[i].name)),
                                 actions[i].is_enabled);
}

/* Keys.  Those without Ctrl live in the bubble phase, after the widget that
 * has the focus: a digit typed into the threshold must not zoom. */

static const struct
{
  guint key;
  const char *action;
  int argument; /* 0: none */
} plain_keys[] = {
  { GDK_KEY_d, "win.detect", 0 },
  { GDK_KEY_n, "win.next", 0 },
  { GDK_KEY_p, "win.previous", 0 },
  { GDK_KEY_Return, "win.closer", 0 },
  { GDK_KEY_KP_Enter, "win.closer", 0 },
  { GDK_KEY_o, "win.overlay", 0 },
  { GDK_KEY_comma, "win.threshold", -1 },
  { GDK_KEY_period, "win.threshold", 1 },
  { GDK_KEY_bracketleft, "win.opacity", -1 },
  { GDK_KEY_bracketright, "win.opacity", 1 },
};

static void
add_plain_keys (AxViewerWindow *self)
{
  GtkEventController *keys = gtk_shortcut_controller_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (plain_keys); i++)
    {
      GtkShortcut *shortcut
          = gtk_shortcut_new (gtk_keyval_trigger_new (plain_keys[i].key, 0),
                              gtk_named_action_new (plain_keys[i].action));

      if (plain_keys[i].argument != 0)
        gtk_shortcut_set_arguments (
            shortcut, g_variant_new_int32 (plain_keys[i].argument));
      gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (keys),
                                            shortcut);
    }
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
}

static gboolean
on_key_pressed (GtkEventControllerKey *keys, guint key, guint code,
                GdkModifierType modifiers, AxViewerWindow *self)
{
  if (key != GDK_KEY_h || (modifiers & GDK_CONTROL_MASK))
    return GDK_EVENT_PROPAGATE;
  ax_slide_stage_set_peeking (AX_SLIDE_STAGE (self->stage), TRUE);
  return GDK_EVENT_STOP;
}

static void
on_key_released (GtkEventControllerKey *keys, guint key, guint code,
                 GdkModifierType modifiers, AxViewerWindow *self)
{
  if (key == GDK_KEY_h || key == GDK_KEY_H)
    ax_slide_stage_set_peeking (AX_SLIDE_STAGE (self->stage), FALSE);
}

static void
add_peek_key (AxViewerWindow *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  g_signal_connect (keys, "key-pressed", G_CALLBACK (on_key_pressed), self);
  g_signal_connect (keys, "key-released", G_CALLBACK (on_key_released), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
}

void
ax_viewer_window_add_actions (AxViewerWindow *self)
{
  static const GActionEntry entries[] = {
    { .name = "open", .activate = on_open },
    { .name = "load-annotations", .activate = on_load_annotations },
    { .name = "choose-model", .activate = on_choose_model },
    { .name = "model",
      .activate = on_model,
      .parameter_type = "s",
      .state = "''" },
    { .name = "export", .activate = on_export },
    { .name = "detect", .activate = on_detect },
    { .name = "next", .activate = on_next },
    { .name = "previous", .activate = on_previous },
    { .name = "closer", .activate = on_closer },
    { .name = "threshold", .activate = on_threshold, .parameter_type = "i" },
    { .name = "undo", .activate = on_undo },
    { .name = "redo", .activate = on_redo },
    { .name = "opacity", .activate = on_opacity, .parameter_type = "i" },
    { .name = "fullscreen", .activate = on_fullscreen },
    { .name = "trust", .activate = on_trust },
    { .name = "shortcuts", .activate = on_shortcuts },
    { .name = "frames", .activate = on_frames },
    { .name = "grid", .activate = on_grid },
    { .name = "retry", .activate = on_retry },
  };
  g_autoptr (GPropertyAction) overlay
      = g_property_action_new ("overlay", self->session, "overlay-visible");
  g_autoptr (GPropertyAction) panel
      = g_property_action_new ("panel", self->panel, "visible");

  g_settings_bind (self->settings, "panel-visible", self->panel, "visible",
                   G_SETTINGS_BIND_DEFAULT);
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries,
                                   G_N_ELEMENTS (entries), self);
  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (overlay));
  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (panel));
  add_plain_keys (self);
  add_peek_key (self);
}
