#include "ui/lesion-layer.h"

#include "ui/ink.h"
#include "ui/outline.h"

#include <math.h>

#define LINE_PX 2.0
#define SELECTED_PX 3.5
#define SELECTED_RADIUS 8.0
#define CALIPER_PX 1.5
#define CALIPER_TICK_PX 6.0
#define CALIPER_MIN_PX 40.0
#define CALIPER 0x16181D
#define EDGE_PX 3.0
#define LABEL_GAP_PX 18.0
#define CORNERS_PX 56.0 /* height of the scale bar and of the plates */
#define LABEL_SHARE 2.0 /* a caliper's length in widths of its label */
#define HIT_GRACE_PX 4.0

/* A lesion smaller than this on screen is its mark alone. */
#define MIN_OUTLINE_PX 18.0

#define N_CLASSES (AX_SIZE_MACRO + 1)

typedef struct
{
  const AxLesion *lesion; /* of the set */
  GPtrArray *outlines;    /* of AxOutline */
  AxPoint0 top;           /* of its uppermost outline */
} Entry;

struct _AxLesionLayer
{
  AxLayer parent_instance;

  AxLesionSet *lesions; /* (nullable) */
  GArray *entries;      /* of Entry, in the set's order */
  guint selected;
};

G_DEFINE_FINAL_TYPE (AxLesionLayer, ax_lesion_layer, AX_TYPE_LAYER)

static void
entry_clear (gpointer data)
{
  g_ptr_array_unref (((Entry *)data)->outlines);
}

static Entry
entry_for (const AxLesion *lesion)
{
  Entry entry = { lesion };

  entry.outlines
      = g_ptr_array_new_with_free_func ((GDestroyNotify)ax_outline_free);
  entry.top = lesion->centroid;
  for (guint i = 0; i < lesion->contours->len; i++)
    {
      const AxLesionRing *ring
          = &g_array_index (lesion->contours, AxLesionRing, i);
      AxOutline *outline
          = ax_outline_new_along_cells (ring->points, ring->n_points);
      AxPoint0 top = ax_outline_get_top (outline);

      if (i == 0 || top.y < entry.top.y)
        entry.top = top;
      g_ptr_array_add (entry.outlines, outline);
    }
  return entry;
}

void
ax_lesion_layer_set_lesions (AxLesionLayer *self, AxLesionSet *lesions)
{
  g_return_if_fail (AX_IS_LESION_LAYER (self));

  if (self->lesions == lesions)
    return;
  g_array_set_size (self->entries, 0);
  g_clear_pointer (&self->lesions, ax_lesion_set_unref);
  if (lesions != NULL)
    {
      self->lesions = ax_lesion_set_ref (lesions);
      for (guint i = 0; i < ax_lesion_set_get_n_lesions (lesions); i++)
        {
          Entry entry = entry_for (ax_lesion_set_get (lesions, i));

          g_array_append_val (self->entries, entry);
        }
    }
  ax_layer_changed (AX_LAYER (self));
}

void
ax_lesion_layer_set_selected (AxLesionLayer *self, guint id)
{
  g_return_if_fail (AX_IS_LESION_LAYER (self));

  if (self->selected == id)
    return;
  self->selected = id;
  ax_layer_changed (AX_LAYER (self));
}

/* What one snapshot paints with. */
typedef struct
{
  AxViewport *viewport;
  double width, height; /* of the view */
  double device_scale;
  cairo_t *cr;
  cairo_surface_t *sprites[N_CLASSES]; /* marks, made when first wanted */
} Painter;

static gboolean
has_outline (const Entry *entry, AxViewport *viewport)
{
  AxRect0 bbox = entry->lesion->bbox;

  return MAX (bbox.width, bbox.height) * ax_viewport_get_zoom (viewport)
         >= MIN_OUTLINE_PX;
}

/* The mark sits on top of an outline, or in the middle where there is none. */
static void
find_mark (const Entry *entry, AxViewport *viewport, double *x, double *y)
{
  AxRect0 bbox = entry->lesion->bbox;
  AxPoint0 middle = { bbox.x + bbox.width / 2.0, bbox.y + bbox.height / 2.0 };

  ax_viewport_to_screen (
      viewport, has_outline (entry, viewport) ? entry->top : middle, x, y);
}

/* Whether a point within @reach of the view. */
static gboolean
is_near (Painter *self, double x, double y, double reach)
{
  return x > -reach && x < self->width + reach && y > -reach
         && y < self->height + reach;
}

/* Thousands of marks are far faster copied than drawn. */
static cairo_surface_t *
get_sprite (Painter *self, AxSizeClass size_class)
{
  double reach = AX_LESION_MARK_RADIUS + 2;
  int side = (int)ceil (2 * reach * self->device_scale);
  cairo_t *cr;

  if (self->sprites[size_class] != NULL)
    return self->sprites[size_class];
  self->sprites[size_class]
      = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, side, side);
  cairo_surface_set_device_scale (self->sprites[size_class], self->device_scale,
                                  self->device_scale);
  cr = cairo_create (self->sprites[size_class]);
  ax_ink_mark (cr, size_class, side / self->device_scale / 2,
               side / self->device_scale / 2, AX_LESION_MARK_RADIUS, FALSE);
  cairo_destroy (cr);
  return self->sprites[size_class];
}

static void
paint_mark (Painter *self, const Entry *entry)
{
  AxSizeClass size_class = entry->lesion->size_class;
  cairo_surface_t *sprite;
  double x, y, half;

  find_mark (entry, self->viewport, &x, &y);
  if (!is_near (self, x, y, SELECTED_RADIUS))
    return;
  sprite = get_sprite (self, size_class);
  half = cairo_image_surface_get_width (sprite) / self->device_scale / 2;
  x = round ((x - half) * self->device_scale) / self->device_scale;
  y = round ((y - half) * self->device_scale) / self->device_scale;
  cairo_set_source_surface (self->cr, sprite, x, y);
  cairo_paint (self->cr);
}

static void
paint_outline (Painter *self, const Entry *entry, double line_px)
{
  guint32 rgb = ax_ink_class_color (entry->lesion->size_class);

  if (!has_outline (entry, self->viewport)
      || ax_rect0_is_empty (ax_rect0_intersect (
          entry->lesion->bbox, ax_viewport_get_visible (self->viewport))))
    return;
  cairo_new_path (self->cr);
  for (guint i = 0; i < entry->outlines->len; i++)
    ax_outline_trace (entry->outlines->pdata[i], self->viewport, self->cr);
  ax_ink_stroke (self->cr, rgb, line_px, 1);
}

static void
trace_tick (cairo_t *cr, double x, double y, double across_x, double across_y)
{
  cairo_move_to (cr, x - across_x, y - across_y);
  cairo_line_to (cr, x + across_x, y + across_y);
}

/* Where a label's middle may be, @reach from both ends of [0, size]. */
static double
keep_inside (double middle, double reach, double size)
{
  return CLAMP (middle, MIN (reach + EDGE_PX, size / 2),
                MAX (size - reach - EDGE_PX, size / 2));
}

/* On the line where that leaves most of it free, else below the lesion; inside
 * the view as long as some of the lesion is, and when it has to be moved there,
 * above what is in the view's lower corners. */
static void
paint_size (Painter *self, const AxLesion *lesion, double x, double y,
            double length)
{
  g_autofree char *text = ax_lesion_describe_size (lesion);
  AxPoint0 bottom = { lesion->bbox.x, lesion->bbox.y + lesion->bbox.height };
  AxRect0 seen = ax_rect0_intersect (lesion->bbox,
                                     ax_viewport_get_visible (self->viewport));
  double width, height, left, view_width, view_height, bottom_px = 0;

  ax_ink_measure_label (text, &width, &height);
  if (length < LABEL_SHARE * width)
    {
      ax_viewport_to_screen (self->viewport, bottom, &left, &y);
      y += LABEL_GAP_PX;
    }
  if (ax_rect0_is_empty (seen))
    return;
  ax_viewport_get_size (self->viewport, &view_width, &view_height);
  if (x < 0 || x > view_width || y < 0 || y > view_height)
    bottom_px = CORNERS_PX;
  ax_ink_label (self->cr, text, keep_inside (x, width / 2, view_width),
                keep_inside (y, height / 2, view_height - bottom_px),
                AX_INK_CENTER);
}

/* The measured line with ticks at its ends, and what it measures. */
static void
paint_caliper (Painter *self, const AxLesion *lesion)
{
  double x0, y0, x1, y1, length, across_x, across_y;

  ax_viewport_to_screen (self->viewport, lesion->caliper[0], &x0, &y0);
  ax_viewport_to_screen (self->viewport, lesion->caliper[1], &x1, &y1);
  length = hypot (x1 - x0, y1 - y0);
  if (length >= CALIPER_MIN_PX)
    {
      across_x = -(y1 - y0) / length * CALIPER_TICK_PX;
      across_y = (x1 - x0) / length * CALIPER_TICK_PX;
      cairo_new_path (self->cr);
      cairo_move_to (self->cr, x0, y0);
      cairo_line_to (self->cr, x1, y1);
      trace_tick (self->cr, x0, y0, across_x, across_y);
      trace_tick (self->cr, x1, y1, across_x, across_y);
      ax_ink_stroke (self->cr, CALIPER, CALIPER_PX, 1);
    }
  paint_size (self, lesion, (x0 + x1) / 2, (y0 + y1) / 2, length);
}

static void
paint_selected (Painter *self, const Entry *entry)
{
  double x, y;

  paint_outline (self, entry, SELECTED_PX);
  paint_caliper (self, entry->lesion);
  find_mark (entry, self->viewport, &x, &y);
  ax_ink_mark (self->cr, entry->lesion->size_class, x, y, SELECTED_RADIUS,
               TRUE);
}

/* The largest come first and are to lie on top; marks lie over outlines. */
static void
paint_entries (Painter *self, AxLesionLayer *layer)
{
  const Entry *entries = (const Entry *)(gpointer)layer->entries->data;
  const Entry *selected = NULL;

  for (guint i = layer->entries->len; i-- > 0;)
    if (entries[i].lesion->id == layer->selected)
      selected = &entries[i];
    else
      paint_outline (self, &entries[i], LINE_PX);
  for (guint i = layer->entries->len; i-- > 0;)
    if (&entries[i] != selected)
      paint_mark (self, &entries[i]);
  if (selected != NULL)
    paint_selected (self, selected);
}

static void
ax_lesion_layer_draw (AxLayer *layer, cairo_t *cr, AxViewport *viewport,
                      double device_scale)
{
  AxLesionLayer *self = AX_LESION_LAYER (layer);
  Painter painter = { viewport, .device_scale = device_scale, .cr = cr };

  if (self->entries->len == 0)
    return;
  ax_viewport_get_size (viewport, &painter.width, &painter.height);
  paint_entries (&painter, self);
  for (int i = 0; i < N_CLASSES; i++)
    g_clear_pointer (&painter.sprites[i], cairo_surface_destroy);
}

const AxLesion *
ax_lesion_layer_pick (AxLesionLayer *self, AxViewport *viewport, double x,
                      double y)
{
  const AxLesion *nearest = NULL;
  double nearest_px = AX_LESION_MARK_RADIUS + HIT_GRACE_PX;

  g_return_val_if_fail (AX_IS_LESION_LAYER (self), NULL);

  for (guint i = 0; i < self->entries->len; i++)
    {
      const Entry *entry = &g_array_index (self->entries, Entry, i);
      double mark_x, mark_y, distance;

      find_mark (entry, viewport, &mark_x, &mark_y);
      distance = hypot (mark_x - x, mark_y - y);
      if (distance < nearest_px)
        {
          nearest_px = distance;
          nearest = entry->lesion;
        }
    }
  if (nearest != NULL || self->lesions == NULL)
    return nearest;
  return ax_lesion_set_at (self->lesions,
                           ax_viewport_to_slide (viewport, x, y));
}

static void
ax_lesion_layer_finalize (GObject *object)
{
  AxLesionLayer *self = AX_LESION_LAYER (object);

  g_array_unref (self->entries);
  g_clear_pointer (&self->lesions, ax_lesion_set_unref);
  G_OBJECT_CLASS (ax_lesion_layer_parent_class)->finalize (object);
}

static void
ax_lesion_layer_class_init (AxLesionLayerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ax_lesion_layer_finalize;
  AX_LAYER_CLASS (klass)->draw = ax_lesion_layer_draw;
}

static void
ax_lesion_layer_init (AxLesionLayer *self)
{
  self->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_array_set_clear_func (self->entries, entry_clear);
}

AxLesionLayer *
ax_lesion_layer_new (void)
{
  return g_object_new (AX_TYPE_LESION_LAYER, NULL);
}
