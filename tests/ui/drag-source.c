/* A window to drag files from: drag-source FILE...
 *
 * Says "accepted" when what is under the pointer would take them, "refused"
 * when it would no longer, and last "dropped" or "cancelled". */
#include <gtk/gtk.h>

static GdkContentProvider *
on_prepare (GtkDragSource *source, double x, double y, GdkFileList *files)
{
  return gdk_content_provider_new_typed (GDK_TYPE_FILE_LIST, files);
}

static void
on_selected_action (GdkDrag *drag)
{
  g_print ("%s\n",
           gdk_drag_get_selected_action (drag) != 0 ? "accepted" : "refused");
}

static void
on_begin (GtkDragSource *source, GdkDrag *drag)
{
  g_signal_connect (drag, "notify::selected-action",
                    G_CALLBACK (on_selected_action), NULL);
}

static gboolean
on_cancel (GtkDragSource *source, GdkDrag *drag, GdkDragCancelReason reason,
           gboolean *is_cancelled)
{
  *is_cancelled = TRUE;
  return FALSE;
}

static void
on_end (GtkDragSource *source, GdkDrag *drag, gboolean delete_data,
        GMainLoop *loop)
{
  g_main_loop_quit (loop);
}

static GdkFileList *
file_list_new (char **paths, int n)
{
  GSList *files = NULL;
  GdkFileList *list;

  while (n-- > 0)
    files = g_slist_prepend (files, g_file_new_for_commandline_arg (paths[n]));
  list = gdk_file_list_new_from_list (files);
  g_slist_free_full (files, g_object_unref);
  return list;
}

int
main (int argc, char **argv)
{
  GMainLoop *loop = g_main_loop_new (NULL, FALSE);
  gboolean is_cancelled = FALSE;
  GtkDragSource *source;
  GtkWidget *window;

  gtk_init ();
  window = gtk_window_new ();
  source = gtk_drag_source_new ();
  g_signal_connect (source, "prepare", G_CALLBACK (on_prepare),
                    file_list_new (argv + 1, argc - 1));
  g_signal_connect (source, "drag-begin", G_CALLBACK (on_begin), NULL);
  g_signal_connect (source, "drag-cancel", G_CALLBACK (on_cancel),
                    &is_cancelled);
  g_signal_connect (source, "drag-end", G_CALLBACK (on_end), loop);
  gtk_widget_add_controller (window, GTK_EVENT_CONTROLLER (source));
  gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (window), 100, 100);
  gtk_window_set_title (GTK_WINDOW (window), "Drag Source");
  gtk_window_present (GTK_WINDOW (window));
  g_main_loop_run (loop);
  g_print ("%s\n", is_cancelled ? "cancelled" : "dropped");
  return 0;
}
