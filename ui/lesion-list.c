#include "ui/lesion-list.h"

#include "ui/ink.h"
#include "ui/lesion-item.h"

#include <glib/gi18n.h>

#define BADGE_PX 16
#define MIN_HEIGHT 110

struct _AxLesionList
{
  GtkWidget parent_instance;

  AxSession *session;
  GListStore *items; /* of AxLesionItem */
  GtkSingleSelection *selection;
  GtkWidget *stack, *scrolled, *table, *empty;
  gboolean is_updating;
};

enum
{
  ACTIVATED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (AxLesionList, ax_lesion_list, GTK_TYPE_WIDGET)

typedef enum
{
  COLUMN_ID,
  COLUMN_CLASS,
  COLUMN_SIZE,
  COLUMN_SCORE,
  COLUMN_AREA,
  N_COLUMNS,
} Column;

static const AxLesion *
lesion_of (gpointer item)
{
  return ax_lesion_item_get_lesion (AX_LESION_ITEM (item));
}

static double
get_key (const AxLesion *lesion, Column column)
{
  switch (column)
    {
    case COLUMN_ID:
      return lesion->id;
    case COLUMN_CLASS:
    case COLUMN_SIZE:
      return lesion->diameter_px;
    case COLUMN_SCORE:
      return lesion->score;
    default:
      return (double)lesion->n_cells;
    }
}

static int
compare (gconstpointer a, gconstpointer b, gpointer column)
{
  double x = get_key (lesion_of ((gpointer)a), GPOINTER_TO_INT (column));
  double y = get_key (lesion_of ((gpointer)b), GPOINTER_TO_INT (column));

  return (x > y) - (x < y);
}

/* Diameter and the interval it would have at other thresholds. */
static char *
format_size (const AxLesion *lesion)
{
  if (lesion->size_class == AX_SIZE_UNKNOWN)
    return g_strdup_printf ("%.0f px", lesion->diameter_px);
  return g_strdup_printf ("%.2f (%.2f–%.2f)", lesion->diameter_um * 1e-3,
                          lesion->interval_um[0] * 1e-3,
                          lesion->interval_um[1] * 1e-3);
}

static char *
get_text (AxLesionItem *item, Column column)
{
  const AxLesion *lesion = ax_lesion_item_get_lesion (item);

  switch (column)
    {
    case COLUMN_ID:
      return g_strdup_printf ("%u", lesion->id);
    case COLUMN_CLASS:
      return g_strdup (ax_lesion_item_get_class_text (item));
    case COLUMN_SIZE:
      return format_size (lesion);
    case COLUMN_SCORE:
      return g_strdup_printf ("%.2f", lesion->score);
    default:
      if (lesion->area_um2 <= 0)
        return g_strdup ("–");
      return g_strdup_printf ("%.3f", lesion->area_um2 * 1e-6);
    }
}

static void
draw_badge (GtkDrawingArea *area, cairo_t *cr, int width, int height,
            gpointer data)
{
  AxSizeClass size_class
      = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (area), "size-class"));

  ax_ink_mark (cr, size_class, width / 2.0, height / 2.0, 5.5, TRUE);
}

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *row, gpointer column)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *label = gtk_label_new (NULL);

  if (GPOINTER_TO_INT (column) == COLUMN_CLASS)
    {
      GtkWidget *badge = gtk_drawing_area_new ();

      gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (badge), BADGE_PX);
      gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (badge), BADGE_PX);
      gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (badge), draw_badge,
                                      NULL, NULL);
      gtk_box_append (GTK_BOX (box), badge);
    }
  else
    gtk_widget_set_halign (label, GTK_ALIGN_END);
  gtk_widget_set_hexpand (label, GPOINTER_TO_INT (column) != COLUMN_CLASS);
  gtk_widget_add_css_class (label, "numeric");
  gtk_box_append (GTK_BOX (box), label);
  gtk_list_item_set_child (row, box);
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *row, gpointer column)
{
  AxLesionItem *item = gtk_list_item_get_item (row);
  GtkWidget *box = gtk_list_item_get_child (row);
  GtkWidget *label = gtk_widget_get_last_child (box);
  g_autofree char *text = get_text (item, GPOINTER_TO_INT (column));

  gtk_label_set_text (GTK_LABEL (label), text);
  if (GPOINTER_TO_INT (column) == COLUMN_CLASS)
    {
      GtkWidget *badge = gtk_widget_get_first_child (box);

      g_object_set_data (G_OBJECT (badge), "size-class",
                         GINT_TO_POINTER (lesion_of (item)->size_class));
      gtk_widget_queue_draw (badge);
    }
  if (GPOINTER_TO_INT (column) == COLUMN_SIZE)
    {
      g_autofree char *full = ax_lesion_describe_size (lesion_of (item));

      gtk_widget_set_tooltip_text (box, full);
    }
}

static GtkColumnViewColumn *
add_column (AxLesionList *self, const char *title, Column column)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkColumnViewColumn *view_column;
  GtkSorter *sorter = GTK_SORTER (
      gtk_custom_sorter_new (compare, GINT_TO_POINTER (column), NULL));

  g_signal_connect (factory, "setup", G_CALLBACK (on_setup),
                    GINT_TO_POINTER (column));
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind),
                    GINT_TO_POINTER (column));
  view_column = gtk_column_view_column_new (title, factory);
  gtk_column_view_column_set_sorter (view_column, sorter);
  gtk_column_view_column_set_resizable (view_column, TRUE);
  gtk_column_view_column_set_expand (view_column, column == COLUMN_SIZE);
  gtk_column_view_append_column (GTK_COLUMN_VIEW (self->table), view_column);
  g_object_unref (sorter);
  g_object_unref (view_column);
  return view_column;
}

static guint
find_row (AxLesionList *self, guint id)
{
  GListModel *model = G_LIST_MODEL (self->selection);
  guint n = g_list_model_get_n_items (model);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (AxLesionItem) item = g_list_model_get_item (model, i);

      if (lesion_of (item)->id == id)
        return i;
    }
  return GTK_INVALID_LIST_POSITION;
}

static void
select_row (AxLesionList *self)
{
  guint id;

  g_object_get (self->session, "selected", &id, NULL);
  self->is_updating = TRUE;
  gtk_single_selection_set_selected (self->selection,
                                     id != 0 ? find_row (self, id)
                                             : GTK_INVALID_LIST_POSITION);
  self->is_updating = FALSE;
}

static const char *
describe_empty (AxLesionList *self)
{
  AxScanProgress progress;

  if (!ax_session_is_whole (self->session))
    return _ ("Lesions appear here as they are found");
  ax_scan_get_progress (ax_session_get_scan (self->session), &progress);
  return progress.n_rois == 0 ? _ ("Nothing was analysed")
                              : _ ("No lesion at this threshold");
}

static void
update_empty (AxLesionList *self)
{
  gboolean is_empty
      = g_list_model_get_n_items (G_LIST_MODEL (self->items)) == 0;

  gtk_stack_set_visible_child (GTK_STACK (self->stack),
                               is_empty ? self->empty : self->scrolled);
  gtk_label_set_text (GTK_LABEL (self->empty), describe_empty (self));
}

/* Whether the row at @position can stay, for lesion @index of @lesions. */
static gboolean
keep_row (AxLesionList *self, guint position, AxLesionSet *lesions, guint index)
{
  g_autoptr (AxLesionItem) item
      = g_list_model_get_item (G_LIST_MODEL (self->items), position);

  return ax_lesion_item_follow (item, lesions, index);
}

/* Rows that say what they said stay: each new one is laid out anew. */
static void
replace_rows (AxLesionList *self, AxLesionSet *lesions)
{
  guint n = lesions != NULL ? ax_lesion_set_get_n_lesions (lesions) : 0;
  guint n_before = g_list_model_get_n_items (G_LIST_MODEL (self->items));
  guint n_first = 0, n_last = 0;
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

  while (n_first < MIN (n, n_before)
         && keep_row (self, n_first, lesions, n_first))
    n_first++;
  while (n_last < MIN (n, n_before) - n_first
         && keep_row (self, n_before - n_last - 1, lesions, n - n_last - 1))
    n_last++;
  for (guint i = n_first; i < n - n_last; i++)
    g_ptr_array_add (items, ax_lesion_item_new (lesions, i));
  if (items->len > 0 || n_before > n_first + n_last)
    g_list_store_splice (self->items, n_first, n_before - n_first - n_last,
                         items->pdata, items->len);
}

static void
on_lesions_changed (AxSession *session, AxLesionList *self)
{
  self->is_updating = TRUE;
  replace_rows (self, ax_session_get_lesions (session));
  self->is_updating = FALSE;
  select_row (self);
  update_empty (self);
}

static void
on_selected (GtkSingleSelection *selection, GParamSpec *pspec,
             AxLesionList *self)
{
  gpointer item = gtk_single_selection_get_selected_item (selection);

  if (!self->is_updating && item != NULL)
    ax_session_select (self->session, lesion_of (item)->id);
}

static void
on_activate (GtkColumnView *view, guint position, AxLesionList *self)
{
  g_autoptr (AxLesionItem) item
      = g_list_model_get_item (G_LIST_MODEL (self->selection), position);

  if (item != NULL)
    g_signal_emit (self, signals[ACTIVATED], 0, lesion_of (item)->id);
}

void
ax_lesion_list_step (AxLesionList *self, int direction)
{
  guint n, row;

  g_return_if_fail (AX_IS_LESION_LIST (self));
  n = g_list_model_get_n_items (G_LIST_MODEL (self->selection));
  if (n == 0)
    return;
  row = gtk_single_selection_get_selected (self->selection);
  if (row == GTK_INVALID_LIST_POSITION)
    row = direction > 0 ? 0 : n - 1;
  else
    row = (row + n + (direction > 0 ? 1 : n - 1)) % n;
  gtk_single_selection_set_selected (self->selection, row);
}

static void
ax_lesion_list_dispose (GObject *object)
{
  AxLesionList *self = AX_LESION_LIST (object);

  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_object (&self->session);
  if (self->selection != NULL)
    g_signal_handlers_disconnect_by_data (self->selection, self);
  g_clear_object (&self->selection);
  g_clear_object (&self->items);
  g_clear_pointer (&self->stack, gtk_widget_unparent);
  G_OBJECT_CLASS (ax_lesion_list_parent_class)->dispose (object);
}

static void
ax_lesion_list_class_init (AxLesionListClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ax_lesion_list_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  signals[ACTIVATED]
      = g_signal_new ("activated", AX_TYPE_LESION_LIST, G_SIGNAL_RUN_LAST, 0,
                      NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
ax_lesion_list_init (AxLesionList *self)
{
}

static void
build (AxLesionList *self)
{
  GtkColumnViewColumn *by_size;
  GtkSortListModel *sorted;

  self->items = g_list_store_new (AX_TYPE_LESION_ITEM);
  self->table = gtk_column_view_new (NULL);
  gtk_widget_add_css_class (self->table, "data-table");
  add_column (self, _ ("No."), COLUMN_ID);
  add_column (self, _ ("Class"), COLUMN_CLASS);
  by_size = add_column (self, _ ("Ø, mm"), COLUMN_SIZE);
  add_column (self, _ ("Score"), COLUMN_SCORE);
  add_column (self, _ ("Area, mm²"), COLUMN_AREA);
  sorted = gtk_sort_list_model_new (g_object_ref (G_LIST_MODEL (self->items)),
                                    g_object_ref (gtk_column_view_get_sorter (
                                        GTK_COLUMN_VIEW (self->table))));
  self->selection = gtk_single_selection_new (G_LIST_MODEL (sorted));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  gtk_column_view_set_model (GTK_COLUMN_VIEW (self->table),
                             GTK_SELECTION_MODEL (self->selection));
  gtk_column_view_sort_by_column (GTK_COLUMN_VIEW (self->table), by_size,
                                  GTK_SORT_DESCENDING);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->table),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Lesions"),
                                  -1);
  self->scrolled = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scrolled),
                                 self->table);
  gtk_scrolled_window_set_min_content_height (
      GTK_SCROLLED_WINDOW (self->scrolled), MIN_HEIGHT);
  gtk_widget_set_vexpand (self->scrolled, TRUE);

  self->empty = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->empty), TRUE);
  gtk_label_set_justify (GTK_LABEL (self->empty), GTK_JUSTIFY_CENTER);
  gtk_widget_add_css_class (self->empty, "dim-label");
  self->stack = gtk_stack_new ();
  gtk_stack_add_child (GTK_STACK (self->stack), self->empty);
  gtk_stack_add_child (GTK_STACK (self->stack), self->scrolled);
  gtk_widget_set_parent (self->stack, GTK_WIDGET (self));
}

GtkWidget *
ax_lesion_list_new (AxSession *session)
{
  AxLesionList *self = g_object_new (AX_TYPE_LESION_LIST, NULL);

  self->session = g_object_ref (session);
  build (self);
  g_signal_connect (self->table, "activate", G_CALLBACK (on_activate), self);
  g_signal_connect (self->selection, "notify::selected-item",
                    G_CALLBACK (on_selected), self);
  g_signal_connect (session, "lesions-changed", G_CALLBACK (on_lesions_changed),
                    self);
  g_signal_connect_swapped (session, "notify::selected",
                            G_CALLBACK (select_row), self);
  g_signal_connect_swapped (session, "notify::state", G_CALLBACK (update_empty),
                            self);
  on_lesions_changed (session, self);
  return GTK_WIDGET (self);
}
