#include "ui/model-menu.h"

#include "core/models/model.h"

void
ax_model_menu_attach (GtkMenuButton *button)
{
  g_autoptr (GPtrArray) names = ax_model_list_names ();
  g_autoptr (GMenu) section = g_menu_new ();
  GMenuModel *menu;

  g_return_if_fail (GTK_IS_MENU_BUTTON (button));
  menu = gtk_menu_button_get_menu_model (button);
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = names->pdata[i];
      g_autoptr (GMenuItem) item = g_menu_item_new (name, NULL);

      g_menu_item_set_action_and_target (item, "win.model", "s", name);
      g_menu_append_item (section, item);
    }
  g_menu_insert_section (G_MENU (menu), 0, NULL, G_MENU_MODEL (section));
}
