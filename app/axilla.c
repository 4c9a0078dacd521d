#include "app/application.h"

#include <glib/gi18n.h>
#include <locale.h>

int
main (int argc, char **argv)
{
  g_autoptr (AxApplication) application = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain ("axilla", AX_LOCALE_DIR);
  bind_textdomain_codeset ("axilla", "UTF-8");
  textdomain ("axilla");
  g_set_application_name ("Axilla");
  application = ax_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
