#include "app/application.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <malloc.h>
#include <signal.h>

int
main (int argc, char **argv)
{
  g_autoptr (AxApplication) application = NULL;
  const char *locale_path = g_getenv ("AX_LOCALE_PATH");

  /* View-sized temporaries come with every frame: kept by the allocator, they
   * cost no page faults. */
  mallopt (M_MMAP_THRESHOLD, 16 * 1024 * 1024);
  mallopt (M_TRIM_THRESHOLD, 16 * 1024 * 1024);
  /* A file that may not grow further is an error to be told. */
  signal (SIGXFSZ, SIG_IGN);
  setlocale (LC_ALL, "");
  bindtextdomain ("axilla", locale_path != NULL ? locale_path : AX_LOCALE_DIR);
  bind_textdomain_codeset ("axilla", "UTF-8");
  textdomain ("axilla");
  g_set_application_name ("Axilla");
  application = ax_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
