#include "ui/export-dialog.h"

#include "core/export/result.h"
#include "ui/escape.h"

#include <glib/gi18n.h>

/* Candidates far below any threshold in use; FROC scorers want them. */
#define CANDIDATE_THRESHOLD 0.1

typedef struct
{
  GtkWidget *window, *folder_label, *all;
  GtkWidget *checks[6];
  AxSession *session;
  char *folder;
} Dialog;

static const struct
{
  AxExportFlags flag;
  const char *text;
  gboolean is_default;
} formats[] = {
  { AX_EXPORT_ASAP, N_ ("ASAP annotations (.xml)"), TRUE },
  { AX_EXPORT_IMAGESCOPE, N_ ("ImageScope annotations (.imagescope.xml)"),
    FALSE },
  { AX_EXPORT_GEOJSON, N_ ("QuPath annotations (.geojson)"), FALSE },
  { AX_EXPORT_TIFF, N_ ("Likelihood map for ASAP (_likelihood_map.tif)"),
    FALSE },
  { AX_EXPORT_CSV, N_ ("Score and place of each lesion (.csv)"), FALSE },
  { AX_EXPORT_JSON, N_ ("Everything about the run (.json)"), FALSE },
};

static void
dialog_free (gpointer data)
{
  Dialog *self = data;

  g_object_unref (self->session);
  g_free (self->folder);
  g_free (self);
}

static void
set_folder (Dialog *self, char *folder)
{
  g_free (self->folder);
  self->folder = folder;
  gtk_label_set_text (GTK_LABEL (self->folder_label), folder);
}

static void
on_folder_chosen (GtkNativeDialog *chooser, int response, Dialog *self)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) file
          = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));

      set_folder (self, g_file_get_path (file));
    }
  g_object_unref (chooser);
}

static void
on_choose_folder (GtkButton *button, Dialog *self)
{
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (
      _ ("Export to folder"), GTK_WINDOW (self->window),
      GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("_Select"), _ ("_Cancel"));
  g_autoptr (GFile) folder = g_file_new_for_path (self->folder);

  gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (chooser), folder,
                                       NULL);
  g_signal_connect (chooser, "response", G_CALLBACK (on_folder_chosen), self);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

static void
on_export (GtkButton *button, Dialog *self)
{
  double threshold = gtk_check_button_get_active (GTK_CHECK_BUTTON (self->all))
                         ? CANDIDATE_THRESHOLD
                         : ax_session_get_threshold (self->session);
  guint flags = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++)
    if (gtk_check_button_get_active (GTK_CHECK_BUTTON (self->checks[i])))
      flags |= formats[i].flag;
  if (flags != 0)
    ax_session_export (self->session, self->folder, flags, threshold);
  gtk_window_destroy (GTK_WINDOW (self->window));
}

static GtkWidget *
add_heading (GtkWidget *box, const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0.0);
  gtk_widget_add_css_class (label, "heading");
  gtk_box_append (GTK_BOX (box), label);
  return label;
}

static void
add_lesion_choice (Dialog *self, GtkWidget *box)
{
  g_autofree char *shown = g_strdup_printf (
      _ ("As shown: p ≥ %.2f"), ax_session_get_threshold (self->session));
  g_autofree char *all
      = g_strdup_printf (_ ("All candidates: p ≥ %.2f"), CANDIDATE_THRESHOLD);
  GtkWidget *as_shown = gtk_check_button_new_with_label (shown);

  self->all = gtk_check_button_new_with_label (all);
  gtk_check_button_set_group (GTK_CHECK_BUTTON (self->all),
                              GTK_CHECK_BUTTON (as_shown));
  gtk_check_button_set_active (GTK_CHECK_BUTTON (as_shown), TRUE);
  add_heading (box, _ ("Lesions"));
  gtk_box_append (GTK_BOX (box), as_shown);
  gtk_box_append (GTK_BOX (box), self->all);
}

static void
add_formats (Dialog *self, GtkWidget *box)
{
  add_heading (box, _ ("Formats"));
  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      self->checks[i] = gtk_check_button_new_with_label (_ (formats[i].text));
      gtk_check_button_set_active (GTK_CHECK_BUTTON (self->checks[i]),
                                   formats[i].is_default);
      gtk_box_append (GTK_BOX (box), self->checks[i]);
    }
}

static void
add_folder (Dialog *self, GtkWidget *box)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *button = gtk_button_new_with_mnemonic (_ ("Choose _Folder…"));

  self->folder_label = gtk_label_new (NULL);
  gtk_label_set_ellipsize (GTK_LABEL (self->folder_label),
                           PANGO_ELLIPSIZE_START);
  gtk_label_set_xalign (GTK_LABEL (self->folder_label), 0.0);
  gtk_widget_set_hexpand (self->folder_label, TRUE);
  g_signal_connect (button, "clicked", G_CALLBACK (on_choose_folder), self);
  add_heading (box, _ ("Folder"));
  gtk_box_append (GTK_BOX (row), self->folder_label);
  gtk_box_append (GTK_BOX (row), button);
  gtk_box_append (GTK_BOX (box), row);
  set_folder (self, g_path_get_dirname (ax_slide_get_path (
                        ax_session_get_slide (self->session))));
}

static void
add_buttons (Dialog *self)
{
  GtkWidget *bar = gtk_header_bar_new ();
  GtkWidget *cancel = gtk_button_new_with_mnemonic (_ ("_Cancel"));
  GtkWidget *export = gtk_button_new_with_mnemonic (_ ("_Export"));

  gtk_header_bar_set_show_title_buttons (GTK_HEADER_BAR (bar), FALSE);
  gtk_widget_add_css_class (export, "suggested-action");
  gtk_header_bar_pack_start (GTK_HEADER_BAR (bar), cancel);
  gtk_header_bar_pack_end (GTK_HEADER_BAR (bar), export);
  g_signal_connect_swapped (cancel, "clicked", G_CALLBACK (gtk_window_destroy),
                            self->window);
  g_signal_connect (export, "clicked", G_CALLBACK (on_export), self);
  gtk_window_set_titlebar (GTK_WINDOW (self->window), bar);
  gtk_window_set_default_widget (GTK_WINDOW (self->window), export);
  /* Return on a check button toggles it. */
  gtk_window_set_focus (GTK_WINDOW (self->window), export);
}

void
ax_export_dialog_present (GtkWindow *parent, AxSession *session)
{
  Dialog *self = g_new0 (Dialog, 1);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  self->session = g_object_ref (session);
  self->window = gtk_window_new ();
  gtk_window_set_title (GTK_WINDOW (self->window), _ ("Export Lesions"));
  gtk_window_set_transient_for (GTK_WINDOW (self->window), parent);
  gtk_window_set_modal (GTK_WINDOW (self->window), TRUE);
  gtk_window_set_default_size (GTK_WINDOW (self->window), 460, -1);
  g_object_set_data_full (G_OBJECT (self->window), "dialog", self, dialog_free);
  add_buttons (self);
  gtk_widget_add_css_class (box, "dialog-page");
  add_lesion_choice (self, box);
  add_formats (self, box);
  add_folder (self, box);
  gtk_window_set_child (GTK_WINDOW (self->window), box);
  ax_escape_closes (GTK_WINDOW (self->window));
  gtk_window_present (GTK_WINDOW (self->window));
}
