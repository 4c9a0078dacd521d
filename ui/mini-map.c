#include "ui/mini-map.h"

#include "ui/ink.h"

#include <glib/gi18n.h>

#include <math.h>

#define SIDE_PX 200.0 /* the longer one */
#define MAX_SHARE 0.3 /* of the view's width, and of its height */
#define FRAME_PX 4.0
#define MARGIN_PX 10 /* around the picture, as around what else is there */
#define MARK_RADIUS 4.5
#define MIN_BOX_PX 7.0
#define BOX 0x0072B2

struct _AxMiniMap
{
  GtkWidget parent_instance;

  AxViewport *viewport;
  AxTileLayer *tiles;
  AxLesionSet *lesions; /* (nullable) */
  guint selected;

  double side;               /* the longer one as shown, logical pixels */
  cairo_surface_t *overview; /* (nullable) */
  GdkTexture *picture;       /* NULL: to be painted anew */
  double drag_x, drag_y;
};

G_DEFINE_FINAL_TYPE (AxMiniMap, ax_mini_map, GTK_TYPE_WIDGET)

/* Logical pixels per level-0 pixel. */
static double
get_zoom (AxMiniMap *self)
{
  AxRect0 extent = ax_viewport_get_extent (self->viewport);

  return self->side / MAX (MAX (extent.width, extent.height), 1);
}

static void
get_picture_size (AxMiniMap *self, double *width, double *height)
{
  AxRect0 extent = ax_viewport_get_extent (self->viewport);
  double zoom = get_zoom (self);

  *width = MAX (round (extent.width * zoom), 1);
  *height = MAX (round (extent.height * zoom), 1);
}

static void
forget_picture (AxMiniMap *self)
{
  g_clear_object (&self->picture);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
on_overview_changed (AxMiniMap *self)
{
  AxScale scale;

  g_clear_pointer (&self->overview, cairo_surface_destroy);
  self->overview = ax_tile_layer_create_overview (self->tiles, &scale);
  gtk_widget_set_visible (GTK_WIDGET (self), self->overview != NULL);
  gtk_widget_queue_resize (GTK_WIDGET (self));
  forget_picture (self);
}

static void
paint_overview (AxMiniMap *self, cairo_t *cr, double width, double height)
{
  cairo_save (cr);
  cairo_scale (cr, width / cairo_image_surface_get_width (self->overview),
               height / cairo_image_surface_get_height (self->overview));
  cairo_set_source_surface (cr, self->overview, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_GOOD);
  cairo_pattern_set_extend (cairo_get_source (cr), CAIRO_EXTEND_PAD);
  cairo_paint (cr);
  cairo_restore (cr);
}

static void
paint_lesion (AxMiniMap *self, cairo_t *cr, const AxLesion *lesion,
              gboolean is_selected)
{
  double zoom = get_zoom (self);

  ax_ink_mark (cr, lesion->size_class, lesion->centroid.x * zoom,
               lesion->centroid.y * zoom,
               is_selected ? MARK_RADIUS + 1.5 : MARK_RADIUS, is_selected);
}

static void
paint_lesions (AxMiniMap *self, cairo_t *cr)
{
  const AxLesion *selected;

  if (self->lesions == NULL)
    return;
  for (guint i = ax_lesion_set_get_n_lesions (self->lesions); i-- > 0;)
    paint_lesion (self, cr, ax_lesion_set_get (self->lesions, i), FALSE);
  selected = ax_lesion_set_find (self->lesions, self->selected);
  if (selected != NULL)
    paint_lesion (self, cr, selected, TRUE);
}

/* The slide and its lesions, which moving the view leaves as they are. */
static GdkTexture *
paint_picture (AxMiniMap *self, double width, double height)
{
  int scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  cairo_surface_t *surface = cairo_image_surface_create (
      CAIRO_FORMAT_ARGB32, (int)width * scale, (int)height * scale);
  g_autoptr (GBytes) bytes = NULL;
  cairo_t *cr;

  cairo_surface_set_device_scale (surface, scale, scale);
  cr = cairo_create (surface);
  paint_overview (self, cr, width, height);
  paint_lesions (self, cr);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  bytes = g_bytes_new_with_free_func (
      cairo_image_surface_get_data (surface),
      (gsize)cairo_image_surface_get_stride (surface)
          * cairo_image_surface_get_height (surface),
      (GDestroyNotify)cairo_surface_destroy, surface);
  return gdk_memory_texture_new (cairo_image_surface_get_width (surface),
                                 cairo_image_surface_get_height (surface),
                                 GDK_MEMORY_DEFAULT, bytes,
                                 cairo_image_surface_get_stride (surface));
}

/* What is on screen of the slide, no smaller than can be seen. */
static graphene_rect_t
find_box (AxMiniMap *self, double width, double height)
{
  AxRect0 visible = ax_viewport_get_visible (self->viewport);
  double zoom = get_zoom (self);
  double half_x = MAX (visible.width * zoom, MIN_BOX_PX) / 2;
  double half_y = MAX (visible.height * zoom, MIN_BOX_PX) / 2;
  double x = (visible.x + visible.width / 2.0) * zoom;
  double y = (visible.y + visible.height / 2.0) * zoom;
  double left = round (CLAMP (x - half_x, 1, width - 1));
  double top = round (CLAMP (y - half_y, 1, height - 1));
  double right = round (CLAMP (x + half_x, 1, width - 1));
  double bottom = round (CLAMP (y + half_y, 1, height - 1));

  return GRAPHENE_RECT_INIT (left, top, right - left, bottom - top);
}

static void
snapshot_box (AxMiniMap *self, GtkSnapshot *snapshot, double width,
              double height)
{
  graphene_rect_t box = find_box (self, width, height);
  cairo_t *cr = gtk_snapshot_append_cairo (
      snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));

  cairo_rectangle (cr, box.origin.x, box.origin.y, box.size.width,
                   box.size.height);
  ax_ink_set_color (cr, BOX, 0.12);
  cairo_fill_preserve (cr);
  ax_ink_stroke (cr, BOX, 1.5, 1);
  cairo_destroy (cr);
}

static void
ax_mini_map_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  AxMiniMap *self = AX_MINI_MAP (widget);
  GskRoundedRect plate;
  double width, height;

  if (self->overview == NULL)
    return;
  get_picture_size (self, &width, &height);
  if (self->picture == NULL)
    self->picture = paint_picture (self, width, height);

  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (FRAME_PX, FRAME_PX));
  gsk_rounded_rect_init_from_rect (
      &plate, &GRAPHENE_RECT_INIT (0, 0, width, height), FRAME_PX);
  gtk_snapshot_append_outset_shadow (snapshot, &plate,
                                     &(GdkRGBA){ 0, 0, 0, 0.45 }, 0, 1, 1, 4);
  gtk_snapshot_push_rounded_clip (snapshot, &plate);
  gtk_snapshot_append_texture (snapshot, self->picture, &plate.bounds);
  snapshot_box (self, snapshot, width, height);
  gtk_snapshot_pop (snapshot);
}

static double
find_side (AxMiniMap *self, int view_width, int view_height)
{
  AxRect0 extent = ax_viewport_get_extent (self->viewport);
  double zoom = MAX_SHARE
                * MIN (view_width / (double)MAX (extent.width, 1),
                       view_height / (double)MAX (extent.height, 1));

  return MIN (SIDE_PX, floor (zoom * MAX (extent.width, extent.height)));
}

void
ax_mini_map_fit (AxMiniMap *self, int view_width, int view_height,
                 GdkRectangle *place)
{
  double side, width, height;

  g_return_if_fail (AX_IS_MINI_MAP (self) && place != NULL);

  side = find_side (self, view_width, view_height);
  if (side != self->side)
    forget_picture (self);
  self->side = side;
  get_picture_size (self, &width, &height);
  place->width = (int)(width + 2 * FRAME_PX);
  place->height = (int)(height + 2 * FRAME_PX);
  place->x = (int)(view_width - width - MARGIN_PX - FRAME_PX);
  place->y = (int)(MARGIN_PX - FRAME_PX);
}

static void
go_to (AxMiniMap *self, double x, double y)
{
  double zoom = get_zoom (self);

  ax_viewport_set (self->viewport,
                   (AxPoint0){ (x - FRAME_PX) / zoom, (y - FRAME_PX) / zoom },
                   ax_viewport_get_zoom (self->viewport));
}

static void
on_drag_begin (GtkGestureDrag *gesture, double x, double y, AxMiniMap *self)
{
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  self->drag_x = x;
  self->drag_y = y;
  go_to (self, x, y);
}

static void
on_drag_update (GtkGestureDrag *gesture, double dx, double dy, AxMiniMap *self)
{
  go_to (self, self->drag_x + dx, self->drag_y + dy);
}

void
ax_mini_map_set_lesions (AxMiniMap *self, AxLesionSet *lesions)
{
  g_return_if_fail (AX_IS_MINI_MAP (self));

  if (self->lesions == lesions)
    return;
  g_clear_pointer (&self->lesions, ax_lesion_set_unref);
  if (lesions != NULL)
    self->lesions = ax_lesion_set_ref (lesions);
  forget_picture (self);
}

void
ax_mini_map_set_selected (AxMiniMap *self, guint lesion_id)
{
  g_return_if_fail (AX_IS_MINI_MAP (self));

  if (self->selected == lesion_id)
    return;
  self->selected = lesion_id;
  forget_picture (self);
}

static void
ax_mini_map_dispose (GObject *object)
{
  AxMiniMap *self = AX_MINI_MAP (object);

  g_clear_object (&self->viewport);
  g_clear_object (&self->tiles);
  g_clear_object (&self->picture);
  g_clear_pointer (&self->overview, cairo_surface_destroy);
  g_clear_pointer (&self->lesions, ax_lesion_set_unref);
  G_OBJECT_CLASS (ax_mini_map_parent_class)->dispose (object);
}

static void
ax_mini_map_class_init (AxMiniMapClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ax_mini_map_dispose;
  widget_class->snapshot = ax_mini_map_snapshot;
  gtk_widget_class_set_css_name (widget_class, "minimap");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
ax_mini_map_init (AxMiniMap *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkGesture *drag = gtk_gesture_drag_new ();

  gtk_widget_set_visible (widget, FALSE);
  gtk_accessible_update_property (
      GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
      _ ("Map of the slide"), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
      _ ("The whole slide, its lesions and the part on screen"), -1);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (on_drag_begin), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (on_drag_update), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));
}

GtkWidget *
ax_mini_map_new (AxViewport *viewport, AxTileLayer *tiles)
{
  AxMiniMap *self;

  g_return_val_if_fail (AX_IS_VIEWPORT (viewport), NULL);
  g_return_val_if_fail (AX_IS_TILE_LAYER (tiles), NULL);

  self = g_object_new (AX_TYPE_MINI_MAP, NULL);
  self->viewport = g_object_ref (viewport);
  self->tiles = g_object_ref (tiles);
  g_signal_connect_object (viewport, "changed",
                           G_CALLBACK (gtk_widget_queue_draw), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (tiles, "overview-changed",
                           G_CALLBACK (on_overview_changed), self,
                           G_CONNECT_SWAPPED);
  on_overview_changed (self);
  return GTK_WIDGET (self);
}
