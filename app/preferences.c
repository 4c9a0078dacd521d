#include "app/preferences.h"

#include "ui/escape.h"

#include <glib/gi18n.h>

typedef struct
{
  GtkWidget *grid;
  int n_rows;
} Table;

static void
add_row (Table *table, const char *text, GtkWidget *control)
{
  GtkWidget *label = gtk_label_new_with_mnemonic (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0.0);
  gtk_label_set_mnemonic_widget (GTK_LABEL (label), control);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_set_halign (control, GTK_ALIGN_END);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (control),
                                  GTK_ACCESSIBLE_RELATION_LABELLED_BY, label,
                                  NULL, -1);
  gtk_grid_attach (GTK_GRID (table->grid), label, 0, table->n_rows, 1, 1);
  gtk_grid_attach (GTK_GRID (table->grid), control, 1, table->n_rows++, 1, 1);
}

static void
add_choice (Table *table, const char *text, GSettings *settings,
            const char *key, const char *const *ids, const char *const *names)
{
  GtkWidget *combo = gtk_combo_box_text_new ();

  for (int i = 0; ids[i] != NULL; i++)
    gtk_combo_box_text_append (GTK_COMBO_BOX_TEXT (combo), ids[i], names[i]);
  g_settings_bind (settings, key, combo, "active-id", G_SETTINGS_BIND_DEFAULT);
  add_row (table, text, combo);
}

static void
add_switch (Table *table, const char *text, GSettings *settings,
            const char *key)
{
  GtkWidget *control = gtk_switch_new ();

  g_settings_bind (settings, key, control, "active", G_SETTINGS_BIND_DEFAULT);
  add_row (table, text, control);
}

void
ax_preferences_present (GtkWindow *parent, GSettings *settings)
{
  const char *const styles[] = { "system", "light", "dark", NULL };
  const char *const style_names[]
      = { _ ("As the desktop"), _ ("Light"), _ ("Dark"), NULL };
  const char *const engines[] = { "auto", "cuda", "cpu", "ref", NULL };
  const char *const engine_names[]
      = { _ ("Fastest usable"), _ ("GPU (cuda)"), _ ("Processor (cpu)"),
          _ ("Reference, very slow (ref)"), NULL };
  GtkWidget *window = gtk_window_new ();
  Table table = { gtk_grid_new (), 0 };

  gtk_grid_set_row_spacing (GTK_GRID (table.grid), 12);
  gtk_grid_set_column_spacing (GTK_GRID (table.grid), 24);
  gtk_widget_add_css_class (table.grid, "dialog-page");
  add_choice (&table, _ ("_Style"), settings, "style", styles, style_names);
  add_choice (&table, _ ("_Engine"), settings, "engine", engines, engine_names);
  add_switch (&table, _ ("_Detect as soon as a slide is open"), settings,
              "detect-on-open");
  add_switch (&table, _ ("D_rop single cells of the map"), settings, "opening");
  gtk_window_set_title (GTK_WINDOW (window), _ ("Preferences"));
  gtk_window_set_transient_for (GTK_WINDOW (window), parent);
  gtk_window_set_resizable (GTK_WINDOW (window), FALSE);
  gtk_window_set_child (GTK_WINDOW (window), table.grid);
  ax_escape_closes (GTK_WINDOW (window));
  gtk_window_present (GTK_WINDOW (window));
}
