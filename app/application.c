#include "app/application.h"

#include "app/preferences.h"
#include "core/store/store.h"
#include "ui/errand.h"
#include "ui/viewer-window.h"

#include <glib/gi18n.h>

struct _AxApplication
{
  GtkApplication parent_instance;

  GSettings *settings;
  AxStore *store;
  char *store_fault; /* (nullable): why it cannot be opened */
};

G_DEFINE_FINAL_TYPE (AxApplication, ax_application, GTK_TYPE_APPLICATION)

static const struct
{
  const char *action;
  const char *keys[3];
} accels[] = {
  { "win.open", { "<Control>o" } },
  { "win.export", { "<Control>e" } },
  { "win.undo", { "<Control>z" } },
  { "win.redo", { "<Control><Shift>z" } },
  { "win.panel", { "F9" } },
  { "win.fullscreen", { "F11" } },
  { "win.frames", { "F12" } },
  { "win.grid", { "<Control>F12" } },
  { "win.retry", { "F5" } },
  { "win.shortcuts", { "<Control>question" } },
  { "window.close", { "<Control>w" } },
  { "app.quit", { "<Control>q" } },
};

static AxViewerWindow *
new_window (AxApplication *self)
{
  AxViewerWindow *window = ax_viewer_window_new (GTK_APPLICATION (self),
                                                 self->store, self->settings);

  if (self->store_fault != NULL)
    ax_viewer_window_say (window, AX_MESSAGE_WARNING, self->store_fault);
  return window;
}

/* (nullable): the window of the slide at @path; NULL: one without a slide. */
static AxViewerWindow *
find_window (AxApplication *self, const char *path)
{
  GList *windows = gtk_application_get_windows (GTK_APPLICATION (self));

  for (GList *l = windows; l != NULL; l = l->next)
    if (AX_IS_VIEWER_WINDOW (l->data)
        && g_strcmp0 (ax_viewer_window_get_path (l->data), path) == 0)
      return l->data;
  return NULL;
}

static void
open_path (AxApplication *self, const char *path, gboolean detect)
{
  AxViewerWindow *window = find_window (self, path);

  if (window == NULL)
    {
      window = find_window (self, NULL);
      if (window == NULL)
        window = new_window (self);
      /* The slide is opened while the window comes up. */
      ax_viewer_window_open (window, path, detect);
    }
  gtk_window_present (GTK_WINDOW (window));
}

static void
ax_application_activate (GApplication *application)
{
  GtkWindow *window
      = gtk_application_get_active_window (GTK_APPLICATION (application));

  if (window == NULL)
    window = GTK_WINDOW (new_window (AX_APPLICATION (application)));
  gtk_window_present (window);
}

/* A file is named from where the program was called. */
static void
set_model (AxApplication *self, GApplicationCommandLine *line,
           const char *name_or_file)
{
  g_autoptr (GFile) file
      = g_application_command_line_create_file_for_arg (line, name_or_file);
  gboolean is_file = strchr (name_or_file, G_DIR_SEPARATOR) != NULL
                     || g_str_has_suffix (name_or_file, ".safetensors");

  g_settings_set_string (self->settings, "model",
                         is_file ? g_file_peek_path (file) : name_or_file);
}

static int
ax_application_command_line (GApplication *application,
                             GApplicationCommandLine *line)
{
  GVariantDict *options = g_application_command_line_get_options_dict (line);
  gboolean detect = g_variant_dict_contains (options, "detect");
  const char *model = NULL;
  int n;
  g_auto (GStrv) arguments
      = g_application_command_line_get_arguments (line, &n);

  if (g_variant_dict_lookup (options, "model", "^&ay", &model))
    set_model (AX_APPLICATION (application), line, model);
  if (n < 2)
    g_application_activate (application);
  for (int i = 1; i < n; i++)
    {
      g_autoptr (GFile) file
          = g_application_command_line_create_file_for_arg (line, arguments[i]);
      g_autofree char *path = g_file_get_path (file);

      if (path != NULL)
        open_path (AX_APPLICATION (application), path, detect);
    }
  return 0;
}

static void
on_open_path (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  open_path (AX_APPLICATION (data), g_variant_get_string (parameter, NULL),
             FALSE);
}

static void
on_preferences (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  AxApplication *self = AX_APPLICATION (data);

  ax_preferences_present (
      gtk_application_get_active_window (GTK_APPLICATION (self)),
      self->settings);
}

static void
on_about (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gtk_show_about_dialog (
      gtk_application_get_active_window (GTK_APPLICATION (data)),
      "program-name", "Axilla", "version", AX_VERSION, "logo-icon-name",
      "org.axilla.Axilla", "license-type", GTK_LICENSE_APACHE_2_0, "comments",
      _ ("Finds and measures metastases in whole-slide images of sentinel "
         "lymph nodes.\nResearch use only. Not for diagnosis."),
      NULL);
}

static void
on_quit (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GList *windows
      = g_list_copy (gtk_application_get_windows (GTK_APPLICATION (data)));

  for (GList *l = windows; l != NULL; l = l->next)
    gtk_window_close (l->data);
  g_list_free (windows);
}

static void
on_style (GSettings *settings, const char *key, gpointer data)
{
  GtkSettings *gtk = gtk_settings_get_default ();
  g_autofree char *style = g_settings_get_string (settings, "style");

  if (g_str_equal (style, "system"))
    gtk_settings_reset_property (gtk, "gtk-application-prefer-dark-theme");
  else
    g_object_set (gtk, "gtk-application-prefer-dark-theme",
                  g_str_equal (style, "dark"), NULL);
}

static void
load_style (void)
{
  g_autoptr (GtkCssProvider) css = gtk_css_provider_new ();

  gtk_css_provider_load_from_resource (css, "/org/axilla/Axilla/style.css");
  gtk_style_context_add_provider_for_display (
      gdk_display_get_default (), GTK_STYLE_PROVIDER (css),
      GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
}

static void
check_thread (GTask *task, gpointer source, gpointer store,
              GCancellable *cancellable)
{
  GError *error = NULL;

  if (ax_store_check (store, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
on_store_checked (GObject *source, GAsyncResult *result, gpointer data)
{
  AxApplication *self = AX_APPLICATION (source);
  GList *windows = gtk_application_get_windows (GTK_APPLICATION (self));
  g_autoptr (GError) error = NULL;

  ax_errand_end ();
  if (g_task_propagate_boolean (G_TASK (result), &error))
    return;
  self->store_fault
      = g_strdup_printf (_ ("Results will not be kept: %s"), error->message);
  for (GList *l = windows; l != NULL; l = l->next)
    if (AX_IS_VIEWER_WINDOW (l->data))
      ax_viewer_window_say (l->data, AX_MESSAGE_WARNING, self->store_fault);
}

static void
open_store (AxApplication *self)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, on_store_checked, NULL);

  self->store = ax_store_new (NULL);
  ax_errand_begin ();
  g_task_set_task_data (task, self->store, NULL);
  g_task_run_in_thread (task, check_thread);
}

static void
ax_application_startup (GApplication *application)
{
  static const GActionEntry entries[] = {
    { .name = "open-path", .activate = on_open_path, .parameter_type = "s" },
    { .name = "preferences", .activate = on_preferences },
    { .name = "about", .activate = on_about },
    { .name = "quit", .activate = on_quit },
  };
  AxApplication *self = AX_APPLICATION (application);

  G_APPLICATION_CLASS (ax_application_parent_class)->startup (application);
  self->settings = g_settings_new ("org.axilla.Axilla");
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries,
                                   G_N_ELEMENTS (entries), self);
  for (gsize i = 0; i < G_N_ELEMENTS (accels); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (self),
                                           accels[i].action, accels[i].keys);
  g_signal_connect (self->settings, "changed::style", G_CALLBACK (on_style),
                    self);
  on_style (self->settings, "style", self);
  load_style ();
  open_store (self);
}

/* Scans that were stopped by closing their window end with the ROI in work,
 * exports with their last file; the store stays open until then. */
static void
ax_application_shutdown (GApplication *application)
{
  AxApplication *self = AX_APPLICATION (application);

  while (ax_errand_get_n () > 0)
    g_main_context_iteration (NULL, TRUE);
  G_APPLICATION_CLASS (ax_application_parent_class)->shutdown (application);
  g_clear_pointer (&self->store, ax_store_close);
}

static void
ax_application_finalize (GObject *object)
{
  AxApplication *self = AX_APPLICATION (object);

  g_clear_object (&self->settings);
  g_free (self->store_fault);
  G_OBJECT_CLASS (ax_application_parent_class)->finalize (object);
}

static void
ax_application_class_init (AxApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = ax_application_finalize;
  application_class->startup = ax_application_startup;
  application_class->shutdown = ax_application_shutdown;
  application_class->activate = ax_application_activate;
  application_class->command_line = ax_application_command_line;
}

static void
ax_application_init (AxApplication *self)
{
  static const GOptionEntry options[] = {
    { "detect", 'd', 0, G_OPTION_ARG_NONE, NULL,
      N_ ("Start detection as soon as a slide is open"), NULL },
    { "model", 'm', 0, G_OPTION_ARG_FILENAME, NULL,
      N_ ("Model to use from now on: a name or a weights file"),
      N_ ("WEIGHTS") },
    { NULL },
  };

  g_application_add_main_option_entries (G_APPLICATION (self), options);
  g_application_set_option_context_parameter_string (G_APPLICATION (self),
                                                     _ ("[SLIDE…]"));
}

AxApplication *
ax_application_new (void)
{
  return g_object_new (AX_TYPE_APPLICATION, "application-id",
                       "org.axilla.Axilla", "resource-base-path",
                       "/org/axilla/Axilla", "flags",
                       G_APPLICATION_HANDLES_COMMAND_LINE, NULL);
}
