#include "ui/trust-panel.h"

#include "core/nn/engine.h"
#include "ui/escape.h"

#include <glib/gi18n.h>

/* Tables of one window share the width of their first columns. */
typedef struct
{
  GtkWidget *grid;
  GtkSizeGroup *names;
  int n_rows;
} Table;

static void
add_heading (Table *table, const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0.0);
  gtk_widget_add_css_class (label, "heading");
  if (table->n_rows > 0)
    gtk_widget_set_margin_top (label, 12);
  gtk_grid_attach (GTK_GRID (table->grid), label, 0, table->n_rows++, 2, 1);
}

static GtkWidget *
add_cell (Table *table, const char *text, int column, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0.0);
  gtk_label_set_yalign (GTK_LABEL (label), 0.0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_add_css_class (label, css_class);
  gtk_grid_attach (GTK_GRID (table->grid), label, column, table->n_rows, 1, 1);
  return label;
}

static GtkWidget *add_row (Table *table, const char *name, const char *format,
                           ...) G_GNUC_PRINTF (3, 4);

static GtkWidget *
add_row (Table *table, const char *name, const char *format, ...)
{
  g_autofree char *text = NULL;
  GtkWidget *value;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  gtk_size_group_add_widget (table->names,
                             add_cell (table, name, 0, "dim-label"));
  value = add_cell (table, text, 1, "numeric");
  gtk_label_set_selectable (GTK_LABEL (value), TRUE);
  gtk_widget_set_focusable (value, FALSE);
  gtk_label_set_max_width_chars (GTK_LABEL (value), 60);
  gtk_widget_set_hexpand (value, TRUE);
  table->n_rows++;
  return value;
}

static void
add_engine_in_use (Table *table, AxScan *scan)
{
  if (scan == NULL || ax_scan_get_engine (scan) == NULL)
    {
      add_row (table, _ ("In use"), "%s", _ ("none yet"));
      return;
    }
  add_row (table, _ ("In use"), "%s, %s", ax_scan_get_engine (scan),
           ax_scan_get_device (scan));
  if (ax_scan_get_fallback_reason (scan) != NULL)
    add_row (table, _ ("Because"), "%s", ax_scan_get_fallback_reason (scan));
}

static void
add_self_test (Table *table, AxSelfTest *test)
{
  GtkWidget *label = add_row (table, _ ("Self-test"), "%s", "");

  g_object_bind_property (test, "text", label, "label", G_BINDING_SYNC_CREATE);
}

static void
add_model (Table *table, AxSession *session)
{
  AxModel *model = ax_session_get_model (session);
  AxWeights *weights;
  const char *trained, *validated;

  add_heading (table, _ ("Model"));
  if (model == NULL)
    {
      add_row (table, _ ("Name"), "%s", _ ("none loaded"));
      return;
    }
  weights = ax_model_get_weights (model);
  trained = ax_weights_get_metadata (weights, "trained_on");
  validated = ax_weights_get_metadata (weights, "validated_on");
  add_row (table, _ ("Name"), "%s", ax_model_get_name (model));
  add_row (table, _ ("SHA-256"), "%s", ax_model_get_hash (model));
  add_row (table, _ ("Works at"), _ ("%.3f µm/px, field %d px, stride %d px"),
           ax_model_get_mpp (model), ax_model_get_field (model),
           ax_model_get_stride (model));
  add_row (table, _ ("Map shows"), "%s",
           ax_session_get_map_kind (session) == AX_MAP_FRACTION
               ? _ ("how much of each field is tumour")
               : _ ("the probability that a field holds tumour"));
  add_row (table, _ ("Trained on"), "%s",
           trained != NULL ? trained : _ ("not stated"));
  add_row (table, _ ("Validated on"), "%s",
           validated != NULL ? validated : _ ("not stated"));
}

static void
add_slide (Table *table, AxSession *session)
{
  AxSlide *slide = ax_session_get_slide (session);
  AxScale mpp, own;

  add_heading (table, _ ("Slide"));
  if (slide == NULL)
    {
      add_row (table, _ ("File"), "%s", _ ("none open"));
      return;
    }
  add_row (table, _ ("File"), "%s", ax_slide_get_path (slide));
  if (!ax_session_get_mpp (session, &mpp))
    add_row (table, _ ("Scale"), "%s", _ ("µm/px unknown: no sizes"));
  else
    add_row (table, _ ("Scale"),
             ax_slide_get_mpp (slide, &own) ? _ ("%.4f × %.4f µm/px, from the"
                                                 " file")
                                            : _ ("%.4f × %.4f µm/px, given by"
                                                 " you"),
             mpp.x, mpp.y);
}

static void
add_coverage (Table *table, AxScan *scan)
{
  AxScanProgress progress;

  if (scan == NULL)
    return;
  ax_scan_get_progress (scan, &progress);
  add_row (table, _ ("Tissue"), "%.2f mm²", progress.tissue_mm2);
  add_row (table, _ ("Analysed"), "%.2f mm²", progress.analysed_mm2);
  add_row (table, _ ("Unreadable"), "%.3f mm²", progress.failed_mm2);
}

static void
add_memory (Table *table, AxSession *session, gsize view_bytes)
{
  AxTileCache *tiles = ax_session_get_tiles (session);
  AxProbMap *map = ax_session_get_map (session);

  add_heading (table, _ ("Memory"));
  add_row (table, _ ("Slide tiles"), "%.0f MiB",
           tiles != NULL ? ax_tile_cache_get_bytes (tiles) / 1048576.0 : 0.0);
  add_row (table, _ ("On screen"), "%.0f MiB", view_bytes / 1048576.0);
  add_row (table, _ ("Map"), "%.1f MiB",
           map != NULL ? ax_prob_map_get_bytes (map) / 1048576.0 : 0.0);
}

/* Engines are probed off the main thread: a driver may take its time. */

static void
list_thread (GTask *task, gpointer source, gpointer data,
             GCancellable *cancellable)
{
  guint n;

  ax_engine_list (&n);
  g_task_return_boolean (task, TRUE);
}

static void
on_listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Table *table = user_data;
  guint n;
  const AxEngineInfo *engines = ax_engine_list (&n);

  for (guint i = 0; i < n; i++)
    if (engines[i].report.usable)
      add_row (table, engines[i].name, _ ("usable: %s, %s %s"),
               engines[i].report.device, engines[i].report.precision,
               engines[i].report.version);
    else
      add_row (table, engines[i].name, _ ("not usable: %s"),
               engines[i].report.why);
  g_object_unref (table->grid);
  g_object_unref (table->names);
}

static void
add_engines (Table *table, AxScan *scan)
{
  g_autoptr (GTask) task = NULL;
  GtkWidget *grid = gtk_grid_new ();
  Table *engines = g_new0 (Table, 1);

  add_heading (table, _ ("Engines"));
  add_engine_in_use (table, scan);
  gtk_grid_set_column_spacing (GTK_GRID (grid), 18);
  gtk_grid_set_row_spacing (GTK_GRID (grid), 4);
  gtk_grid_attach (GTK_GRID (table->grid), grid, 0, table->n_rows++, 2, 1);
  *engines = (Table){ g_object_ref (grid), g_object_ref (table->names), 0 };
  task = g_task_new (NULL, NULL, on_listed, engines);
  g_task_run_in_thread (task, list_thread);
}

void
ax_trust_panel_present (GtkWindow *parent, AxSession *session, gsize view_bytes)
{
  GtkWidget *window = gtk_window_new ();
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  g_autoptr (GtkSizeGroup) names
      = gtk_size_group_new (GTK_SIZE_GROUP_HORIZONTAL);
  Table table = { gtk_grid_new (), names, 0 };

  gtk_grid_set_column_spacing (GTK_GRID (table.grid), 18);
  gtk_grid_set_row_spacing (GTK_GRID (table.grid), 4);
  gtk_widget_add_css_class (table.grid, "dialog-page");
  add_engines (&table, ax_session_get_scan (session));
  add_model (&table, session);
  if (ax_session_get_model (session) != NULL)
    add_self_test (&table, ax_session_get_self_test (session));
  add_slide (&table, session);
  add_coverage (&table, ax_session_get_scan (session));
  add_memory (&table, session, view_bytes);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), table.grid);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled),
                                  GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_window_set_title (GTK_WINDOW (window), _ ("What This Rests On"));
  gtk_window_set_transient_for (GTK_WINDOW (window), parent);
  gtk_window_set_default_size (GTK_WINDOW (window), 620, 640);
  gtk_window_set_child (GTK_WINDOW (window), scrolled);
  ax_escape_closes (GTK_WINDOW (window));
  gtk_window_present (GTK_WINDOW (window));
}
