#include "ui/recent-menu.h"

#include <glib/gi18n.h>

#define MAX_ITEMS 12

static int
compare_newest (gconstpointer a, gconstpointer b)
{
  return g_date_time_compare (
      gtk_recent_info_get_modified ((GtkRecentInfo *)b),
      gtk_recent_info_get_modified ((GtkRecentInfo *)a));
}

static void
append_slide (GMenu *menu, GtkRecentInfo *info)
{
  g_autofree char *path
      = g_filename_from_uri (gtk_recent_info_get_uri (info), NULL, NULL);
  g_autoptr (GMenuItem) item = NULL;

  if (path == NULL)
    return;
  item = g_menu_item_new (gtk_recent_info_get_display_name (info), NULL);
  g_menu_item_set_action_and_target (item, "app.open-path", "s", path);
  g_menu_append_item (menu, item);
}

static void
fill_menu (GtkMenuButton *button, gpointer data)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  GList *items
      = gtk_recent_manager_get_items (gtk_recent_manager_get_default ());
  guint n = 0;

  items = g_list_sort (items, compare_newest);
  for (GList *l = items; l != NULL && n < MAX_ITEMS; l = l->next)
    if (gtk_recent_info_has_application (l->data, g_get_application_name ()))
      {
        append_slide (menu, l->data);
        n++;
      }
  if (n == 0)
    g_menu_append (menu, _ ("No recent slides"), "app.none");
  gtk_menu_button_set_menu_model (button, G_MENU_MODEL (menu));
  g_list_free_full (items, (GDestroyNotify)gtk_recent_info_unref);
}

void
ax_recent_menu_attach (GtkMenuButton *button)
{
  gtk_menu_button_set_create_popup_func (button, fill_menu, NULL, NULL);
}
