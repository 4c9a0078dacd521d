#include "ui/status-line.h"

#include <glib/gi18n.h>
#include <math.h>

/* Another text is another layout of the window: a few a second are enough. */
#define INTERVAL_MS 100

struct _AxStatusLine
{
  GtkBox parent_instance;

  AxSession *session;
  GtkWidget *position, *bar, *progress;
  AxPoint0 pointer;
  gboolean has_pointer;
  guint timeout; /* 0: it says what is */
};

G_DEFINE_FINAL_TYPE (AxStatusLine, ax_status_line, GTK_TYPE_BOX)

static void
append_cell (AxStatusLine *self, GString *text)
{
  AxProbMap *map = ax_session_get_map (self->session);
  const AxProbGeometry *geometry;
  guint16 cell;

  if (map == NULL)
    return;
  geometry = ax_prob_map_get_geometry (map);
  cell = ax_prob_map_get (map,
                          (gint64)floor (self->pointer.x / geometry->cell.x),
                          (gint64)floor (self->pointer.y / geometry->cell.y));
  if (cell == AX_PROB_NONE)
    g_string_append (text, _ ("   not analysed"));
  else if (ax_session_get_map_kind (self->session) == AX_MAP_FRACTION)
    g_string_append_printf (text, _ ("   share %.2f"), ax_prob_value (cell));
  else
    g_string_append_printf (text, "   p %.2f", ax_prob_value (cell));
}

static void
update_position (AxStatusLine *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  AxScale mpp;

  if (self->has_pointer && ax_session_get_slide (self->session) != NULL)
    {
      if (ax_session_get_mpp (self->session, &mpp))
        g_string_append_printf (text, "%.3f, %.3f mm   ",
                                self->pointer.x * mpp.x * 1e-3,
                                self->pointer.y * mpp.y * 1e-3);
      g_string_append_printf (text, "%.0f, %.0f px", floor (self->pointer.x),
                              floor (self->pointer.y));
      append_cell (self, text);
    }
  gtk_label_set_text (GTK_LABEL (self->position), text->str);
}

static void
append_time_left (GString *text, double seconds)
{
  if (seconds < 0)
    return;
  if (seconds < 90)
    g_string_append_printf (text, _ ("   %.0f s left"), ceil (seconds));
  else
    g_string_append_printf (text, _ ("   %.0f min left"), ceil (seconds / 60));
}

static const char *
state_words (AxSession *session, AxScan *scan)
{
  if (scan != NULL && ax_scan_get_state (scan) == AX_SCAN_WAITING)
    return _ ("Waiting for the engine");
  switch (ax_session_get_state (session))
    {
    case AX_SESSION_OPENING:
      return _ ("Opening");
    case AX_SESSION_SCANNING:
      return _ ("Detecting");
    case AX_SESSION_PAUSED:
      return _ ("Paused");
    case AX_SESSION_DONE:
      return ax_session_is_whole (session) ? _ ("Done") : _ ("Detecting");
    case AX_SESSION_FAILED:
      return _ ("Stopped");
    default:
      return "";
    }
}

/* Another slide, while one is shown. */
static void
append_opening (GString *text, AxSession *session)
{
  const char *path = ax_session_get_opening (session);
  g_autofree char *name = NULL;

  if (path == NULL || ax_session_get_slide (session) == NULL)
    return;
  name = g_filename_display_basename (path);
  g_string_append_printf (text, _ ("Opening %s   "), name);
}

static void
append_engine (GString *text, AxScan *scan)
{
  if (ax_scan_get_engine (scan) != NULL)
    g_string_append_printf (text, "   %s, %s", ax_scan_get_engine (scan),
                            ax_scan_get_device (scan));
}

static void
update_progress (AxStatusLine *self)
{
  AxScan *scan = ax_session_get_scan (self->session);
  AxSessionState state = ax_session_get_state (self->session);
  g_autoptr (GString) text = g_string_new (NULL);
  gboolean is_running
      = state == AX_SESSION_SCANNING || state == AX_SESSION_PAUSED;
  AxScanProgress progress;

  append_opening (text, self->session);
  g_string_append (text, state_words (self->session, scan));
  gtk_widget_set_visible (self->bar, is_running);
  if (scan != NULL)
    {
      ax_scan_get_progress (scan, &progress);
      if (progress.n_rois_done > 0)
        g_string_append_printf (
            text, _ ("   %.1f of %.1f mm²"),
            MIN (progress.analysed_mm2, progress.tissue_mm2),
            progress.tissue_mm2);
      if (progress.failed_mm2 > 0)
        g_string_append_printf (text, _ ("   %.3f mm² unreadable"),
                                progress.failed_mm2);
      if (state == AX_SESSION_SCANNING && progress.mm2_per_s > 0)
        {
          g_string_append_printf (text, "   %.2f mm²/s", progress.mm2_per_s);
          append_time_left (text, progress.seconds_left);
        }
      append_engine (text, scan);
      gtk_progress_bar_set_fraction (
          GTK_PROGRESS_BAR (self->bar),
          progress.n_rois > 0 ? (double)progress.n_rois_done / progress.n_rois
                              : 0.0);
    }
  gtk_label_set_text (GTK_LABEL (self->progress), text->str);
}

static gboolean
on_timeout (gpointer data)
{
  AxStatusLine *self = data;

  self->timeout = 0;
  update_progress (self);
  update_position (self);
  return G_SOURCE_REMOVE;
}

static void
queue_update (AxStatusLine *self)
{
  if (self->timeout == 0)
    self->timeout = g_timeout_add (INTERVAL_MS, on_timeout, self);
}

void
ax_status_line_set_pointer (AxStatusLine *self, const AxPoint0 *point)
{
  g_return_if_fail (AX_IS_STATUS_LINE (self));
  self->has_pointer = point != NULL;
  if (point != NULL)
    self->pointer = *point;
  queue_update (self);
}

static void
ax_status_line_dispose (GObject *object)
{
  AxStatusLine *self = AX_STATUS_LINE (object);

  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_handle_id (&self->timeout, g_source_remove);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (ax_status_line_parent_class)->dispose (object);
}

static void
ax_status_line_class_init (AxStatusLineClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ax_status_line_dispose;
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "statusline");
}

static GtkWidget *
add_label (AxStatusLine *self)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, "numeric");
  gtk_box_append (GTK_BOX (self), label);
  return label;
}

static void
ax_status_line_init (AxStatusLine *self)
{
  self->position = add_label (self);
  gtk_label_set_xalign (GTK_LABEL (self->position), 0.0);
  gtk_widget_set_hexpand (self->position, TRUE);
  self->bar = gtk_progress_bar_new ();
  gtk_widget_set_valign (self->bar, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->bar),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Progress of detection"), -1);
  gtk_box_append (GTK_BOX (self), self->bar);
  self->progress = add_label (self);
}

GtkWidget *
ax_status_line_new (AxSession *session)
{
  AxStatusLine *self = g_object_new (AX_TYPE_STATUS_LINE, "spacing", 12, NULL);

  self->session = g_object_ref (session);
  g_signal_connect_swapped (session, "progress", G_CALLBACK (queue_update),
                            self);
  g_signal_connect_swapped (session, "notify::state", G_CALLBACK (queue_update),
                            self);
  g_signal_connect_swapped (session, "detection-changed",
                            G_CALLBACK (queue_update), self);
  g_signal_connect_swapped (session, "lesions-changed",
                            G_CALLBACK (queue_update), self);
  update_progress (self);
  return GTK_WIDGET (self);
}
