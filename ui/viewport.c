#include "ui/viewport.h"

#include <math.h>

#define MAX_ZOOM 8.0
#define ASSUMED_MAGNIFICATION 40.0 /* of level 0, without µm/px */
#define UM_PER_PIXEL_AT_1X 10.0
#define FIT_MARGIN 1.04
#define SHOW_MARGIN 1.25

struct _AxViewport
{
  GObject parent_instance;

  double width, height;
  AxRect0 extent, bounds;
  AxScale mpp;

  AxPoint0 center;
  double zoom;
  gboolean is_fitted; /* stays so when the size changes */
  gboolean is_flying;
};

G_DEFINE_FINAL_TYPE (AxViewport, ax_viewport, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
ax_viewport_class_init (AxViewportClass *klass)
{
  signals[CHANGED]
      = g_signal_new ("changed", AX_TYPE_VIEWPORT, G_SIGNAL_RUN_LAST, 0, NULL,
                      NULL, NULL, G_TYPE_NONE, 0);
}

static void
ax_viewport_init (AxViewport *self)
{
  self->zoom = 1;
}

AxViewport *
ax_viewport_new (void)
{
  return g_object_new (AX_TYPE_VIEWPORT, NULL);
}

static void
emit_changed (AxViewport *self)
{
  g_signal_emit (self, signals[CHANGED], 0);
}

/* The zoom at which @rect fills the view; 1 where either is empty. */
static double
zoom_that_fits (AxViewport *self, AxRect0 rect)
{
  if (ax_rect0_is_empty (rect) || self->width <= 0 || self->height <= 0)
    return 1;
  return MIN (self->width / rect.width, self->height / rect.height);
}

static double
clamp_zoom (AxViewport *self, double zoom)
{
  double min = MIN (zoom_that_fits (self, self->extent) / 2, MAX_ZOOM);

  return CLAMP (zoom, min, MAX_ZOOM);
}

static AxPoint0
clamp_center (AxViewport *self, AxPoint0 center)
{
  AxRect0 extent = self->extent;

  if (ax_rect0_is_empty (extent))
    return center;
  return (AxPoint0){
    CLAMP (center.x, extent.x, extent.x + extent.width),
    CLAMP (center.y, extent.y, extent.y + extent.height),
  };
}

static AxPoint0
middle_of (AxRect0 rect)
{
  return (AxPoint0){ rect.x + rect.width / 2.0, rect.y + rect.height / 2.0 };
}

/* FALSE when there was nothing to change. */
static gboolean
move_to (AxViewport *self, AxPoint0 center, double zoom)
{
  center = clamp_center (self, center);
  zoom = clamp_zoom (self, zoom);
  if (center.x == self->center.x && center.y == self->center.y
      && zoom == self->zoom)
    return FALSE;
  self->center = center;
  self->zoom = zoom;
  return TRUE;
}

static gboolean
move_to_fit (AxViewport *self)
{
  self->is_fitted = TRUE;
  return move_to (self, middle_of (self->bounds),
                  zoom_that_fits (self, self->bounds) / FIT_MARGIN);
}

void
ax_viewport_set_slide (AxViewport *self, AxRect0 extent, AxRect0 bounds,
                       AxScale mpp)
{
  g_return_if_fail (AX_IS_VIEWPORT (self));

  self->extent = extent;
  self->bounds = bounds;
  self->mpp = mpp;
  move_to_fit (self);
  emit_changed (self);
}

void
ax_viewport_set_size (AxViewport *self, double width, double height)
{
  g_return_if_fail (AX_IS_VIEWPORT (self));

  if (width == self->width && height == self->height)
    return;
  self->width = width;
  self->height = height;
  if (self->is_fitted)
    move_to_fit (self);
  else
    move_to (self, self->center, self->zoom);
  emit_changed (self);
}

void
ax_viewport_get_size (AxViewport *self, double *width, double *height)
{
  g_return_if_fail (AX_IS_VIEWPORT (self));

  *width = self->width;
  *height = self->height;
}

AxPoint0
ax_viewport_get_center (AxViewport *self)
{
  g_return_val_if_fail (AX_IS_VIEWPORT (self), (AxPoint0){ 0 });

  return self->center;
}

double
ax_viewport_get_zoom (AxViewport *self)
{
  g_return_val_if_fail (AX_IS_VIEWPORT (self), 1);

  return self->zoom;
}

void
ax_viewport_set (AxViewport *self, AxPoint0 center, double zoom)
{
  g_return_if_fail (AX_IS_VIEWPORT (self));

  if (!move_to (self, center, zoom))
    return;
  self->is_fitted = FALSE;
  emit_changed (self);
}

void
ax_viewport_zoom_at (AxViewport *self, double factor, double x, double y)
{
  AxPoint0 fixed, center;
  double zoom;

  g_return_if_fail (AX_IS_VIEWPORT (self) && factor > 0);

  fixed = ax_viewport_to_slide (self, x, y);
  zoom = clamp_zoom (self, self->zoom * factor);
  center.x = fixed.x - (x - self->width / 2) / zoom;
  center.y = fixed.y - (y - self->height / 2) / zoom;
  ax_viewport_set (self, center, zoom);
}

void
ax_viewport_pan (AxViewport *self, double dx, double dy)
{
  AxPoint0 center;

  g_return_if_fail (AX_IS_VIEWPORT (self));

  center.x = self->center.x + dx / self->zoom;
  center.y = self->center.y + dy / self->zoom;
  ax_viewport_set (self, center, self->zoom);
}

void
ax_viewport_fit (AxViewport *self)
{
  g_return_if_fail (AX_IS_VIEWPORT (self));

  if (move_to_fit (self))
    emit_changed (self);
}

void
ax_viewport_show (AxViewport *self, AxRect0 rect, double max_zoom)
{
  g_return_if_fail (AX_IS_VIEWPORT (self) && !ax_rect0_is_empty (rect));

  ax_viewport_set (self, middle_of (rect),
                   MIN (zoom_that_fits (self, rect) / SHOW_MARGIN, max_zoom));
}

double
ax_viewport_get_magnification (AxViewport *self)
{
  g_return_val_if_fail (AX_IS_VIEWPORT (self), 0);

  return self->mpp.x > 0 ? UM_PER_PIXEL_AT_1X * self->zoom / self->mpp.x : 0;
}

void
ax_viewport_set_magnification (AxViewport *self, double magnification)
{
  g_return_if_fail (AX_IS_VIEWPORT (self) && magnification > 0);

  ax_viewport_set (self, self->center,
                   ax_viewport_zoom_of_magnification (self, magnification));
}

double
ax_viewport_zoom_of_magnification (AxViewport *self, double magnification)
{
  g_return_val_if_fail (AX_IS_VIEWPORT (self), 1);

  return self->mpp.x > 0 ? magnification * self->mpp.x / UM_PER_PIXEL_AT_1X
                         : magnification / ASSUMED_MAGNIFICATION;
}

void
ax_viewport_to_screen (AxViewport *self, AxPoint0 point, double *x, double *y)
{
  g_return_if_fail (AX_IS_VIEWPORT (self));

  *x = (point.x - self->center.x) * self->zoom + self->width / 2;
  *y = (point.y - self->center.y) * self->zoom + self->height / 2;
}

AxPoint0
ax_viewport_to_slide (AxViewport *self, double x, double y)
{
  g_return_val_if_fail (AX_IS_VIEWPORT (self), (AxPoint0){ 0 });

  return (AxPoint0){
    self->center.x + (x - self->width / 2) / self->zoom,
    self->center.y + (y - self->height / 2) / self->zoom,
  };
}

AxRect0
ax_viewport_get_visible (AxViewport *self)
{
  AxPoint0 first, last;
  AxRect0 rect;

  g_return_val_if_fail (AX_IS_VIEWPORT (self), (AxRect0){ 0 });

  first = ax_viewport_to_slide (self, 0, 0);
  last = ax_viewport_to_slide (self, self->width, self->height);
  rect.x = (gint64)floor (first.x);
  rect.y = (gint64)floor (first.y);
  rect.width = (gint64)ceil (last.x) - rect.x;
  rect.height = (gint64)ceil (last.y) - rect.y;
  return rect;
}

void
ax_viewport_set_flying (AxViewport *self, gboolean flying)
{
  g_return_if_fail (AX_IS_VIEWPORT (self));

  if (self->is_flying == !!flying)
    return;
  self->is_flying = !!flying;
  if (!flying)
    emit_changed (self);
}

gboolean
ax_viewport_is_flying (AxViewport *self)
{
  g_return_val_if_fail (AX_IS_VIEWPORT (self), FALSE);

  return self->is_flying;
}

AxScale
ax_viewport_get_mpp (AxViewport *self)
{
  g_return_val_if_fail (AX_IS_VIEWPORT (self), (AxScale){ 0 });

  return self->mpp;
}

AxRect0
ax_viewport_get_extent (AxViewport *self)
{
  g_return_val_if_fail (AX_IS_VIEWPORT (self), (AxRect0){ 0 });

  return self->extent;
}
