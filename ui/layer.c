#include "ui/layer.h"

#include <math.h>

typedef struct
{
  gboolean visible;
  gboolean software;
} AxLayerPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (AxLayer, ax_layer, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
ax_layer_class_init (AxLayerClass *klass)
{
  signals[CHANGED] = g_signal_new ("changed", AX_TYPE_LAYER, G_SIGNAL_RUN_LAST,
                                   0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ax_layer_init (AxLayer *self)
{
  AxLayerPrivate *priv = ax_layer_get_instance_private (self);

  priv->visible = TRUE;
  priv->software = TRUE;
}

static gboolean
draws_with_cairo (AxLayer *self)
{
  return AX_LAYER_GET_CLASS (self)->snapshot == NULL
         || ax_layer_get_software (self);
}

/* With a pixel around it, where Cairo may blur a picture's edge. */
static cairo_t *
append_cairo (GtkSnapshot *snapshot, AxViewport *viewport)
{
  double width, height;

  ax_viewport_get_size (viewport, &width, &height);
  return gtk_snapshot_append_cairo (
      snapshot, &GRAPHENE_RECT_INIT (-1, -1, width + 2, height + 2));
}

void
ax_layer_snapshot_all (AxLayer *const *layers, guint n_layers,
                       GtkSnapshot *snapshot, AxViewport *viewport,
                       double device_scale)
{
  cairo_t *cr = NULL;

  g_return_if_fail (AX_IS_VIEWPORT (viewport) && device_scale > 0);

  for (guint i = 0; i < n_layers; i++)
    {
      AxLayer *layer = layers[i];

      if (!ax_layer_get_visible (layer))
        continue;
      if (draws_with_cairo (layer))
        {
          if (cr == NULL)
            cr = append_cairo (snapshot, viewport);
          cairo_save (cr);
          AX_LAYER_GET_CLASS (layer)->draw (layer, cr, viewport, device_scale);
          cairo_restore (cr);
        }
      else
        {
          g_clear_pointer (&cr, cairo_destroy);
          AX_LAYER_GET_CLASS (layer)->snapshot (layer, snapshot, viewport,
                                                device_scale);
        }
    }
  g_clear_pointer (&cr, cairo_destroy);
}

gboolean
ax_layer_get_visible (AxLayer *self)
{
  AxLayerPrivate *priv = ax_layer_get_instance_private (self);

  g_return_val_if_fail (AX_IS_LAYER (self), FALSE);

  return priv->visible;
}

void
ax_layer_set_visible (AxLayer *self, gboolean visible)
{
  AxLayerPrivate *priv = ax_layer_get_instance_private (self);

  g_return_if_fail (AX_IS_LAYER (self));

  if (priv->visible == !!visible)
    return;
  priv->visible = !!visible;
  ax_layer_changed (self);
}

gboolean
ax_layer_get_software (AxLayer *self)
{
  AxLayerPrivate *priv = ax_layer_get_instance_private (self);

  g_return_val_if_fail (AX_IS_LAYER (self), TRUE);

  return priv->software;
}

void
ax_layer_set_software (AxLayer *self, gboolean software)
{
  AxLayerPrivate *priv = ax_layer_get_instance_private (self);

  g_return_if_fail (AX_IS_LAYER (self));

  priv->software = !!software;
}

static double
snap (double value, double device_scale)
{
  return round (value * device_scale) / device_scale;
}

graphene_rect_t
ax_layer_snap (AxViewport *viewport, AxPoint0 first, AxPoint0 last,
               double device_scale)
{
  double left, top, right, bottom;

  ax_viewport_to_screen (viewport, first, &left, &top);
  ax_viewport_to_screen (viewport, last, &right, &bottom);
  left = snap (left, device_scale);
  top = snap (top, device_scale);
  right = snap (right, device_scale);
  bottom = snap (bottom, device_scale);
  return GRAPHENE_RECT_INIT (left, top, right - left, bottom - top);
}

graphene_rect_t
ax_layer_snap_rect (AxViewport *viewport, AxRect0 rect, double device_scale)
{
  AxPoint0 first = { rect.x, rect.y };
  AxPoint0 last = { rect.x + rect.width, rect.y + rect.height };

  return ax_layer_snap (viewport, first, last, device_scale);
}

void
ax_layer_changed (AxLayer *self)
{
  g_return_if_fail (AX_IS_LAYER (self));

  g_signal_emit (self, signals[CHANGED], 0);
}
