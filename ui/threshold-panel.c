#include "ui/threshold-panel.h"

#include "ui/histogram.h"

#include <glib/gi18n.h>

/* While a scan runs its cells are counted anew this often. */
#define HISTOGRAM_INTERVAL_MS 400

struct _AxThresholdPanel
{
  GtkBox parent_instance;

  AxSession *session;
  GtkWidget *title;
  GtkWidget *map_kind;
  GtkWidget *histogram;
  GtkSizeGroup *controls; /* that are as wide as each other */
  guint histogram_timeout;
  GCancellable *counting; /* (nullable): of the count under way */
};

G_DEFINE_FINAL_TYPE (AxThresholdPanel, ax_threshold_panel, GTK_TYPE_BOX)

static void
append_count (GString *text, guint n, const char *name)
{
  if (n > 0)
    g_string_append_printf (text, "%s%u %s", text->len > 0 ? " · " : "", n,
                            name);
}

/* What none found means, and what was found and is no region. */
static void
append_none_found (GString *text, const AxLesionSet *lesions, double share)
{
  guint n_dropped
      = (guint)MIN (ax_lesion_set_get_n_dropped (lesions), G_MAXUINT);

  g_string_append_printf (text, _ (". %.1f %% of tissue analysed."), share);
  if (n_dropped > 0)
    g_string_append_printf (
        text,
        g_dngettext (NULL, " %u single cell of the map is above and dropped.",
                     " %u single cells of the map are above and dropped.",
                     n_dropped),
        n_dropped);
  g_string_append (text, _ (" Isolated tumour cells may be missed."));
}

char *
ax_threshold_panel_describe (AxLesionSet *lesions,
                             const AxScanProgress *progress, gboolean is_done)
{
  GString *text = g_string_new (NULL);
  double share = progress->tissue_mm2 > 0
                     ? 100.0 * progress->analysed_mm2
                           / (progress->analysed_mm2 + progress->failed_mm2)
                     : 0.0;

  if (is_done && progress->n_rois == 0)
    g_string_append (text, _ ("No tissue was found, nothing was analysed."));
  if (lesions == NULL || progress->n_rois_done == 0)
    return g_string_free (text, FALSE);
  append_count (text, ax_lesion_set_count (lesions, AX_SIZE_MACRO),
                _ ("macro"));
  append_count (text, ax_lesion_set_count (lesions, AX_SIZE_MICRO),
                _ ("micro"));
  append_count (text, ax_lesion_set_count (lesions, AX_SIZE_ITC), _ ("ITC"));
  append_count (text, ax_lesion_set_count (lesions, AX_SIZE_UNKNOWN),
                _ ("of unknown size"));
  if (text->len == 0)
    g_string_append (text, _ ("0 regions"));
  g_string_append_printf (text, " ≥ %.2f",
                          ax_lesion_set_get_params (lesions)->threshold);
  if (!is_done)
    g_string_append (text, _ (" so far"));
  else if (ax_lesion_set_get_n_lesions (lesions) == 0)
    append_none_found (text, lesions, share);
  return g_string_free (text, FALSE);
}

static void
update_title (AxThresholdPanel *self)
{
  AxScan *scan = ax_session_get_scan (self->session);
  AxScanProgress progress = { 0 };
  g_autofree char *text = NULL;

  if (scan != NULL)
    ax_scan_get_progress (scan, &progress);
  text = ax_threshold_panel_describe (ax_session_get_lesions (self->session),
                                      &progress,
                                      ax_session_is_whole (self->session));
  gtk_label_set_text (GTK_LABEL (self->title),
                      text[0] != '\0' ? text : _ ("Nothing analysed yet"));
}

/* The histogram: counted on another thread, over maps of 80 million cells. */

static void
count_thread (GTask *task, gpointer source, gpointer map,
              GCancellable *cancellable)
{
  gint64 *counts = g_new0 (gint64, AX_HISTOGRAM_BINS);

  ax_prob_map_count (map, counts);
  g_task_return_pointer (task, counts, g_free);
}

static void
on_counted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree gint64 *counts = g_task_propagate_pointer (G_TASK (result), NULL);
  AxThresholdPanel *self = user_data;

  if (counts == NULL) /* cancelled: another map, or the panel is gone */
    return;
  g_clear_object (&self->counting);
  ax_histogram_set_counts (AX_HISTOGRAM (self->histogram), counts);
}

static void
forget_counting (AxThresholdPanel *self)
{
  g_clear_handle_id (&self->histogram_timeout, g_source_remove);
  if (self->counting != NULL)
    g_cancellable_cancel (self->counting);
  g_clear_object (&self->counting);
}

static void
count_cells (AxThresholdPanel *self)
{
  static const gint64 none[AX_HISTOGRAM_BINS];
  AxProbMap *map = ax_session_get_map (self->session);
  g_autoptr (GTask) task = NULL;

  forget_counting (self);
  if (map == NULL)
    {
      ax_histogram_set_counts (AX_HISTOGRAM (self->histogram), none);
      return;
    }
  self->counting = g_cancellable_new ();
  task = g_task_new (NULL, self->counting, on_counted, self);
  g_task_set_task_data (task, ax_prob_map_ref (map),
                        (GDestroyNotify)ax_prob_map_unref);
  g_task_run_in_thread (task, count_thread);
}

static gboolean
on_histogram_timeout (gpointer data)
{
  AxThresholdPanel *self = data;

  if (self->counting != NULL)
    return G_SOURCE_CONTINUE;
  self->histogram_timeout = 0;
  count_cells (self);
  return G_SOURCE_REMOVE;
}

static void
on_map_changed (AxSession *session, AxRect0 *rect, AxThresholdPanel *self)
{
  if (self->histogram_timeout == 0)
    self->histogram_timeout
        = g_timeout_add (HISTOGRAM_INTERVAL_MS, on_histogram_timeout, self);
}

/* What the last network gives stays while the next one is made ready. */
static void
update_map_kind (AxThresholdPanel *self, AxModel *model)
{
  if (model != NULL)
    gtk_widget_set_visible (gtk_widget_get_parent (self->map_kind),
                            ax_detection_can_map (model, AX_MAP_FRACTION));
}

static void
on_detection_changed (AxSession *session, AxThresholdPanel *self)
{
  AxModel *model = ax_session_get_model (session);
  g_autoptr (GArray) points
      = model != NULL ? ax_model_get_operating_points (model) : NULL;

  ax_histogram_set_ticks (AX_HISTOGRAM (self->histogram), points);
  update_map_kind (self, model);
  count_cells (self);
  update_title (self);
}

static GtkWidget *
add_row (AxThresholdPanel *self, const char *text, GtkWidget *control)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *label = gtk_label_new_with_mnemonic (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0.0);
  gtk_label_set_mnemonic_widget (GTK_LABEL (label), control);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (control),
                                  GTK_ACCESSIBLE_RELATION_LABELLED_BY, label,
                                  NULL, -1);
  gtk_box_append (GTK_BOX (row), label);
  gtk_box_append (GTK_BOX (row), control);
  gtk_box_append (GTK_BOX (self), row);
  return control;
}

static GtkWidget *
add_choice (AxThresholdPanel *self, const char *text, const char *prop,
            const char *const *choices)
{
  GtkWidget *control = gtk_drop_down_new_from_strings (choices);

  gtk_size_group_add_widget (self->controls, add_row (self, text, control));
  g_object_bind_property (self->session, prop, control, "selected",
                          G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
  return control;
}

static void
on_begin (GtkWidget *widget, AxThresholdPanel *self)
{
  ax_session_begin_threshold (self->session);
}

static void
on_end (GtkWidget *widget, AxThresholdPanel *self)
{
  ax_session_end_threshold (self->session);
}

static void
add_threshold (AxThresholdPanel *self)
{
  GtkWidget *spin = gtk_spin_button_new_with_range (0.01, 0.99, 0.01);

  gtk_spin_button_set_digits (GTK_SPIN_BUTTON (spin), 2);
  add_row (self, _ ("_Threshold"), spin);
  g_object_bind_property (self->session, "threshold", spin, "value",
                          G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
  self->histogram = ax_histogram_new ();
  gtk_accessible_update_property (
      GTK_ACCESSIBLE (self->histogram), GTK_ACCESSIBLE_PROPERTY_LABEL,
      _ ("Histogram of probabilities; drag to move the threshold"), -1);
  gtk_widget_set_tooltip_text (self->histogram,
                               _ ("Analysed cells by probability (logarithmic)."
                                  " Drag to move the threshold."));
  g_object_bind_property (self->session, "threshold", self->histogram,
                          "threshold",
                          G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
  g_signal_connect (self->histogram, "drag-begin", G_CALLBACK (on_begin), self);
  g_signal_connect (self->histogram, "drag-end", G_CALLBACK (on_end), self);
  gtk_box_append (GTK_BOX (self), self->histogram);
}

static void
on_color_map (AxSession *session, GParamSpec *pspec, AxThresholdPanel *self)
{
  int map;

  g_object_get (session, "color-map", &map, NULL);
  ax_histogram_set_color_map (AX_HISTOGRAM (self->histogram), map);
}

static void
fill_panel (AxThresholdPanel *self)
{
  const char *const kinds[]
      = { _ ("Tumour probability"), _ ("Share of tumour"), NULL };
  const char *const maps[] = { _ ("Viridis"), _ ("Traffic light (ASAP)"),
                               _ ("Magma"), _ ("Cividis"), NULL };
  const char *const fills[]
      = { _ ("Automatic"), _ ("Filled"), _ ("Contour"), NULL };
  const char *const modes[]
      = { _ ("AJCC, contiguous"), _ ("CAMELYON16"), NULL };
  GtkWidget *opacity
      = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, 0.0, 1.0, 0.05);

  self->controls = gtk_size_group_new (GTK_SIZE_GROUP_HORIZONTAL);
  self->title = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->title), TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->title), 0.0);
  gtk_widget_add_css_class (self->title, "heading");
  gtk_box_append (GTK_BOX (self), self->title);
  self->map_kind = add_choice (self, _ ("Ma_p"), "map-kind", kinds);
  gtk_widget_set_visible (gtk_widget_get_parent (self->map_kind), FALSE);
  add_threshold (self);
  gtk_size_group_add_widget (self->controls,
                             add_row (self, _ ("_Opacity"), opacity));
  g_object_bind_property (self->session, "overlay-opacity",
                          gtk_range_get_adjustment (GTK_RANGE (opacity)),
                          "value",
                          G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
  add_choice (self, _ ("_Colours"), "color-map", maps);
  add_choice (self, _ ("_Heatmap"), "fill", fills);
  add_choice (self, _ ("_Measure"), "size-mode", modes);
}

static void
ax_threshold_panel_dispose (GObject *object)
{
  AxThresholdPanel *self = AX_THRESHOLD_PANEL (object);

  forget_counting (self);
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_object (&self->session);
  g_clear_object (&self->controls);
  G_OBJECT_CLASS (ax_threshold_panel_parent_class)->dispose (object);
}

static void
ax_threshold_panel_class_init (AxThresholdPanelClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ax_threshold_panel_dispose;
}

static void
ax_threshold_panel_init (AxThresholdPanel *self)
{
}

GtkWidget *
ax_threshold_panel_new (AxSession *session)
{
  AxThresholdPanel *self
      = g_object_new (AX_TYPE_THRESHOLD_PANEL, "orientation",
                      GTK_ORIENTATION_VERTICAL, "spacing", 8, NULL);

  self->session = g_object_ref (session);
  fill_panel (self);
  g_signal_connect (session, "map-changed", G_CALLBACK (on_map_changed), self);
  g_signal_connect (session, "detection-changed",
                    G_CALLBACK (on_detection_changed), self);
  g_signal_connect_swapped (session, "lesions-changed",
                            G_CALLBACK (update_title), self);
  g_signal_connect_swapped (session, "notify::state", G_CALLBACK (update_title),
                            self);
  g_signal_connect (session, "notify::color-map", G_CALLBACK (on_color_map),
                    self);
  on_color_map (session, NULL, self);
  on_detection_changed (session, self);
  return GTK_WIDGET (self);
}
