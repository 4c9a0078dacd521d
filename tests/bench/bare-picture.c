/*
 * The least a GTK program can be that shows a picture: `bare-picture FILE`, in
 * a window of 1600 x 1000.  What the viewer takes beyond this to its first view
 * is its own doing; see first-view.py.
 */
#include <gtk/gtk.h>

static void
on_activate (GtkApplication *application, const char *path)
{
  GtkWidget *window = gtk_application_window_new (application);

  gtk_window_set_default_size (GTK_WINDOW (window), 1600, 1000);
  gtk_window_set_child (GTK_WINDOW (window),
                        gtk_picture_new_for_filename (path));
  gtk_window_present (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  g_autoptr (GtkApplication) application = NULL;

  if (argc != 2)
    {
      g_printerr ("bare-picture: give it a picture\n");
      return 2;
    }
  application = gtk_application_new ("org.axilla.BarePicture",
                                     G_APPLICATION_DEFAULT_FLAGS);
  g_signal_connect (application, "activate", G_CALLBACK (on_activate), argv[1]);
  return g_application_run (G_APPLICATION (application), 1, argv);
}
