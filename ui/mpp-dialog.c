#include "ui/mpp-dialog.h"

#include "ui/escape.h"

#include <glib/gi18n.h>

typedef struct
{
  GtkWidget *window, *spin;
  AxSession *session;
} Dialog;

static void
dialog_free (gpointer data)
{
  Dialog *self = data;

  g_object_unref (self->session);
  g_free (self);
}

static void
on_apply (GtkWidget *widget, Dialog *self)
{
  double mpp = gtk_spin_button_get_value (GTK_SPIN_BUTTON (self->spin));

  if (ax_session_get_slide (self->session) != NULL)
    ax_session_set_mpp (self->session, (AxScale){ mpp, mpp });
  gtk_window_destroy (GTK_WINDOW (self->window));
}

static void
on_preset (GtkButton *button, Dialog *self)
{
  double *mpp = g_object_get_data (G_OBJECT (button), "mpp");

  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->spin), *mpp);
  gtk_widget_grab_focus (self->spin);
}

static GtkWidget *
make_presets (Dialog *self)
{
  static const struct
  {
    const char *text;
    double mpp;
  } presets[]
      = { { "40×: 0.25", 0.25 }, { "20×: 0.5", 0.5 }, { "10×: 1.0", 1.0 } };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  for (gsize i = 0; i < G_N_ELEMENTS (presets); i++)
    {
      GtkWidget *button = gtk_button_new_with_label (presets[i].text);

      g_object_set_data (G_OBJECT (button), "mpp", (gpointer)&presets[i].mpp);
      g_signal_connect (button, "clicked", G_CALLBACK (on_preset), self);
      gtk_box_append (GTK_BOX (box), button);
    }
  return box;
}

static void
add_buttons (Dialog *self)
{
  GtkWidget *bar = gtk_header_bar_new ();
  GtkWidget *cancel = gtk_button_new_with_mnemonic (_ ("_Cancel"));
  GtkWidget *apply = gtk_button_new_with_mnemonic (_ ("_Use This"));

  gtk_header_bar_set_show_title_buttons (GTK_HEADER_BAR (bar), FALSE);
  gtk_widget_add_css_class (apply, "suggested-action");
  gtk_header_bar_pack_start (GTK_HEADER_BAR (bar), cancel);
  gtk_header_bar_pack_end (GTK_HEADER_BAR (bar), apply);
  g_signal_connect_swapped (cancel, "clicked", G_CALLBACK (gtk_window_destroy),
                            self->window);
  g_signal_connect (apply, "clicked", G_CALLBACK (on_apply), self);
  gtk_window_set_titlebar (GTK_WINDOW (self->window), bar);
  gtk_window_set_default_widget (GTK_WINDOW (self->window), apply);
}

void
ax_mpp_dialog_present (GtkWindow *parent, AxSession *session)
{
  Dialog *self = g_new0 (Dialog, 1);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *label = gtk_label_new (
      _ ("How many micrometres is one pixel of this slide at full resolution? "
         "The scanner's documentation or the slide's label says. The answer is "
         "remembered for this slide; sizes and size classes rest on it."));

  self->session = g_object_ref (session);
  self->window = gtk_window_new ();
  gtk_window_set_title (GTK_WINDOW (self->window), _ ("Scale of the Slide"));
  gtk_window_set_transient_for (GTK_WINDOW (self->window), parent);
  gtk_window_set_modal (GTK_WINDOW (self->window), TRUE);
  gtk_window_set_default_size (GTK_WINDOW (self->window), 420, -1);
  g_object_set_data_full (G_OBJECT (self->window), "dialog", self, dialog_free);
  add_buttons (self);
  gtk_widget_add_css_class (box, "dialog-page");
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0.0);
  gtk_box_append (GTK_BOX (box), label);
  self->spin = gtk_spin_button_new_with_range (0.05, 20.0, 0.001);
  gtk_spin_button_set_digits (GTK_SPIN_BUTTON (self->spin), 4);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->spin), 0.25);
  gtk_text_set_activates_default (
      GTK_TEXT (gtk_editable_get_delegate (GTK_EDITABLE (self->spin))), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->spin),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Micrometres per pixel"), -1);
  gtk_box_append (GTK_BOX (box), self->spin);
  gtk_box_append (GTK_BOX (box), make_presets (self));
  gtk_window_set_child (GTK_WINDOW (self->window), box);
  ax_escape_closes (GTK_WINDOW (self->window));
  gtk_window_present (GTK_WINDOW (self->window));
}
