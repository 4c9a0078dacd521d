#include "ui/banner.h"

#include <glib/gi18n.h>

#define INFO_SECONDS 8

struct _AxBanner
{
  GtkBox parent_instance;

  GtkWidget *icon, *text, *action;
  guint timeout;
  char *trouble; /* (nullable): the last warning or error, while it is shown */
};

enum
{
  ACTED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (AxBanner, ax_banner, GTK_TYPE_BOX)

static const struct
{
  const char *icon, *css_class;
} kinds[] = {
  [AX_MESSAGE_INFO] = { "dialog-information-symbolic", "info" },
  [AX_MESSAGE_WARNING] = { "dialog-warning-symbolic", "warning" },
  [AX_MESSAGE_ERROR] = { "dialog-error-symbolic", "error" },
};

void
ax_banner_hide (AxBanner *self)
{
  g_return_if_fail (AX_IS_BANNER (self));
  g_clear_handle_id (&self->timeout, g_source_remove);
  g_clear_pointer (&self->trouble, g_free);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

/* (transfer full): what is said with @text, which is trouble. */
static char *
add_trouble (AxBanner *self, const char *text)
{
  char *all = self->trouble == NULL || g_str_equal (self->trouble, text)
                  ? g_strdup (text)
                  : g_strdup_printf ("%s\n%s", self->trouble, text);

  g_free (self->trouble);
  self->trouble = g_strdup (text);
  return all;
}

static gboolean
on_timeout (gpointer data)
{
  AxBanner *self = data;

  self->timeout = 0;
  ax_banner_hide (self);
  return G_SOURCE_REMOVE;
}

void
ax_banner_show (AxBanner *self, AxMessageKind kind, const char *text,
                const char *action)
{
  g_autofree char *all = NULL;

  g_return_if_fail (AX_IS_BANNER (self));
  g_clear_handle_id (&self->timeout, g_source_remove);
  if (kind != AX_MESSAGE_INFO && action == NULL)
    all = add_trouble (self, text);
  else
    g_clear_pointer (&self->trouble, g_free);
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    gtk_widget_remove_css_class (GTK_WIDGET (self), kinds[i].css_class);
  gtk_widget_add_css_class (GTK_WIDGET (self), kinds[kind].css_class);
  gtk_image_set_from_icon_name (GTK_IMAGE (self->icon), kinds[kind].icon);
  gtk_label_set_text (GTK_LABEL (self->text), all != NULL ? all : text);
  gtk_widget_set_visible (self->action, action != NULL);
  if (action != NULL)
    gtk_button_set_label (GTK_BUTTON (self->action), action);
  gtk_widget_set_visible (GTK_WIDGET (self), TRUE);
  if (kind == AX_MESSAGE_INFO && action == NULL)
    self->timeout = g_timeout_add_seconds (INFO_SECONDS, on_timeout, self);
}

static void
on_action (GtkButton *button, AxBanner *self)
{
  g_signal_emit (self, signals[ACTED], 0);
}

static void
ax_banner_dispose (GObject *object)
{
  g_clear_handle_id (&AX_BANNER (object)->timeout, g_source_remove);
  g_clear_pointer (&AX_BANNER (object)->trouble, g_free);
  G_OBJECT_CLASS (ax_banner_parent_class)->dispose (object);
}

static void
ax_banner_class_init (AxBannerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ax_banner_dispose;
  signals[ACTED] = g_signal_new ("acted", AX_TYPE_BANNER, G_SIGNAL_RUN_LAST, 0,
                                 NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "banner");
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass),
                                        GTK_ACCESSIBLE_ROLE_ALERT);
}

static void
ax_banner_init (AxBanner *self)
{
  GtkWidget *close = gtk_button_new_from_icon_name ("window-close-symbolic");
  /* Hides the text's baseline from the row: GTK 4.8 rounds the height of a
   * wrapped label on one differently from that of its row. */
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->icon = gtk_image_new ();
  self->text = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->text), TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->text), 0.0);
  gtk_widget_set_hexpand (self->text, TRUE);
  self->action = gtk_button_new ();
  g_signal_connect (self->action, "clicked", G_CALLBACK (on_action), self);
  gtk_widget_set_tooltip_text (close, _ ("Close"));
  gtk_accessible_update_property (
      GTK_ACCESSIBLE (close), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Close"), -1);
  gtk_widget_add_css_class (close, "flat");
  g_signal_connect_swapped (close, "clicked", G_CALLBACK (ax_banner_hide),
                            self);
  gtk_box_set_spacing (GTK_BOX (self), 10);
  gtk_box_append (GTK_BOX (self), self->icon);
  gtk_box_append (GTK_BOX (column), self->text);
  gtk_widget_set_valign (column, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (self), column);
  gtk_box_append (GTK_BOX (self), self->action);
  gtk_box_append (GTK_BOX (self), close);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

GtkWidget *
ax_banner_new (void)
{
  return g_object_new (AX_TYPE_BANNER, NULL);
}
