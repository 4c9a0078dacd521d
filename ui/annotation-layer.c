#include "ui/annotation-layer.h"

#include "ui/ink.h"
#include "ui/outline.h"

#define LINE_PX 2.0
#define CROSS_PX 5.0

/* An area smaller than this on screen is a cross. */
#define MIN_OUTLINE_PX 8.0

typedef struct
{
  const AxAnnotation *annotation; /* of the set */
  GPtrArray *outlines;            /* of AxOutline */
  AxRect0 bounds;
  gboolean is_normal; /* cut-out or normal tissue */
} Entry;

struct _AxAnnotationLayer
{
  AxLayer parent_instance;

  AxAnnotationSet *annotations; /* (nullable) */
  GArray *entries;              /* of Entry */
};

G_DEFINE_FINAL_TYPE (AxAnnotationLayer, ax_annotation_layer, AX_TYPE_LAYER)

static void
entry_clear (gpointer data)
{
  g_ptr_array_unref (((Entry *)data)->outlines);
}

static Entry
entry_for (const AxAnnotation *annotation)
{
  Entry entry = { annotation };

  entry.is_normal = ax_annotation_is_normal (annotation);
  entry.outlines
      = g_ptr_array_new_with_free_func ((GDestroyNotify)ax_outline_free);
  for (guint i = 0; i < annotation->rings->len; i++)
    {
      const AxPolyRing *ring
          = &g_array_index (annotation->rings, AxPolyRing, i);
      AxOutline *outline = ax_outline_new (ring->points, ring->n_points);
      AxRect0 bounds = ax_outline_get_bounds (outline);

      /* A dot has no extent, which a union would leave out. */
      bounds.width++;
      bounds.height++;
      entry.bounds = ax_rect0_union (entry.bounds, bounds);
      g_ptr_array_add (entry.outlines, outline);
    }
  return entry;
}

void
ax_annotation_layer_set_annotations (AxAnnotationLayer *self,
                                     AxAnnotationSet *annotations)
{
  g_return_if_fail (AX_IS_ANNOTATION_LAYER (self));

  if (self->annotations == annotations)
    return;
  g_array_set_size (self->entries, 0);
  g_clear_pointer (&self->annotations, ax_annotation_set_unref);
  if (annotations != NULL)
    {
      self->annotations = ax_annotation_set_ref (annotations);
      for (guint i = 0; i < annotations->annotations->len; i++)
        {
          Entry entry = entry_for (annotations->annotations->pdata[i]);

          g_array_append_val (self->entries, entry);
        }
    }
  ax_layer_changed (AX_LAYER (self));
}

static void
trace_cross (cairo_t *cr, double x, double y)
{
  cairo_move_to (cr, x - CROSS_PX, y);
  cairo_line_to (cr, x + CROSS_PX, y);
  cairo_move_to (cr, x, y - CROSS_PX);
  cairo_line_to (cr, x, y + CROSS_PX);
}

static void
trace_points (const Entry *entry, AxViewport *viewport, cairo_t *cr)
{
  for (guint i = 0; i < entry->annotation->rings->len; i++)
    {
      const AxPolyRing *ring
          = &g_array_index (entry->annotation->rings, AxPolyRing, i);

      for (guint j = 0; j < ring->n_points; j++)
        {
          double x, y;

          ax_viewport_to_screen (viewport, ring->points[j], &x, &y);
          trace_cross (cr, x, y);
        }
    }
}

static void
trace_outlines (const Entry *entry, AxViewport *viewport, cairo_t *cr)
{
  double zoom = ax_viewport_get_zoom (viewport), x, y;
  AxPoint0 middle = { entry->bounds.x + entry->bounds.width / 2.0,
                      entry->bounds.y + entry->bounds.height / 2.0 };

  if (MAX (entry->bounds.width, entry->bounds.height) * zoom >= MIN_OUTLINE_PX)
    {
      for (guint i = 0; i < entry->outlines->len; i++)
        ax_outline_trace (entry->outlines->pdata[i], viewport, cr);
      return;
    }
  ax_viewport_to_screen (viewport, middle, &x, &y);
  trace_cross (cr, x, y);
}

static void
paint_entry (const Entry *entry, AxViewport *viewport, cairo_t *cr)
{
  static const double dashes[] = { 6, 4 };

  cairo_new_path (cr);
  cairo_set_dash (cr, dashes, entry->is_normal ? G_N_ELEMENTS (dashes) : 0, 0);
  if (entry->annotation->kind == AX_SHAPE_DOT
      || entry->annotation->kind == AX_SHAPE_POINTS)
    trace_points (entry, viewport, cr);
  else
    trace_outlines (entry, viewport, cr);
  ax_ink_stroke (cr, AX_INK_REFERENCE, LINE_PX, 1);
}

/* The view and what a cross outside may still reach into it. */
static AxRect0
visible_with_margin (AxViewport *viewport)
{
  AxRect0 visible = ax_viewport_get_visible (viewport);
  gint64 margin = (gint64)(2 * CROSS_PX / ax_viewport_get_zoom (viewport));

  return (AxRect0){ visible.x - margin, visible.y - margin,
                    visible.width + 2 * margin, visible.height + 2 * margin };
}

static void
ax_annotation_layer_draw (AxLayer *layer, cairo_t *cr, AxViewport *viewport,
                          double device_scale)
{
  AxAnnotationLayer *self = AX_ANNOTATION_LAYER (layer);
  AxRect0 visible = visible_with_margin (viewport);

  if (self->entries->len == 0)
    return;
  for (guint i = 0; i < self->entries->len; i++)
    {
      const Entry *entry = &g_array_index (self->entries, Entry, i);

      if (!ax_rect0_is_empty (ax_rect0_intersect (entry->bounds, visible)))
        paint_entry (entry, viewport, cr);
    }
}

static void
ax_annotation_layer_finalize (GObject *object)
{
  AxAnnotationLayer *self = AX_ANNOTATION_LAYER (object);

  g_array_unref (self->entries);
  g_clear_pointer (&self->annotations, ax_annotation_set_unref);
  G_OBJECT_CLASS (ax_annotation_layer_parent_class)->finalize (object);
}

static void
ax_annotation_layer_class_init (AxAnnotationLayerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ax_annotation_layer_finalize;
  AX_LAYER_CLASS (klass)->draw = ax_annotation_layer_draw;
}

static void
ax_annotation_layer_init (AxAnnotationLayer *self)
{
  self->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_array_set_clear_func (self->entries, entry_clear);
}

AxAnnotationLayer *
ax_annotation_layer_new (void)
{
  return g_object_new (AX_TYPE_ANNOTATION_LAYER, NULL);
}
