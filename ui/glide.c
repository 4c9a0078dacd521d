#include "ui/glide.h"

#include <math.h>

/* Share that dies in a second, as exponents. */
#define PAN_DECAY 7.0
#define ZOOM_DECAY 16.0

/* Where what is left is not worth another frame. */
#define PAN_END_PX 0.5
#define ZOOM_END 0.002

/* Faster than this, tiles would come too late. */
#define FLYING_PX_PER_S 2500.0
#define FLYING_ZOOM 0.5 /* octaves of e still to go */

void
ax_glide_stop (AxGlide *self)
{
  *self = (AxGlide){ 0 };
}

void
ax_glide_push (AxGlide *self, double dx, double dy)
{
  self->left_x += dx;
  self->left_y += dy;
}

void
ax_glide_throw (AxGlide *self, double vx, double vy)
{
  ax_glide_push (self, vx / PAN_DECAY, vy / PAN_DECAY);
}

void
ax_glide_zoom_to (AxGlide *self, double zoom, double x, double y)
{
  self->target_zoom = zoom;
  self->anchor_x = x;
  self->anchor_y = y;
}

void
ax_glide_zoom_by (AxGlide *self, AxViewport *viewport, double factor, double x,
                  double y)
{
  double zoom = self->target_zoom > 0 ? self->target_zoom
                                      : ax_viewport_get_zoom (viewport);

  ax_glide_zoom_to (self, zoom * factor, x, y);
}

static gboolean
advance_pan (AxGlide *self, AxViewport *viewport, double seconds)
{
  double share = 1 - exp (-PAN_DECAY * seconds);
  double way = hypot (self->left_x, self->left_y);
  double dx, dy;

  if (way == 0)
    return FALSE;
  if (way * (1 - share) < PAN_END_PX)
    share = 1;
  dx = self->left_x * share;
  dy = self->left_y * share;
  self->left_x -= dx;
  self->left_y -= dy;
  ax_viewport_pan (viewport, dx, dy);
  return share < 1;
}

static gboolean
advance_zoom (AxGlide *self, AxViewport *viewport, double seconds)
{
  double share = 1 - exp (-ZOOM_DECAY * seconds);
  double before, left;

  if (self->target_zoom <= 0)
    return FALSE;
  before = ax_viewport_get_zoom (viewport);
  left = log (self->target_zoom / before);
  if (fabs (left) * (1 - share) < ZOOM_END)
    share = 1;
  ax_viewport_zoom_at (
      viewport, share < 1 ? exp (left * share) : self->target_zoom / before,
      self->anchor_x, self->anchor_y);
  /* At its limit the zoom no longer follows. */
  if (share < 1 && (seconds == 0 || ax_viewport_get_zoom (viewport) != before))
    return TRUE;
  self->target_zoom = 0;
  return FALSE;
}

static gboolean
is_fast (const AxGlide *self, AxViewport *viewport)
{
  double zoom = ax_viewport_get_zoom (viewport);

  return hypot (self->left_x, self->left_y) * PAN_DECAY > FLYING_PX_PER_S
         || (self->target_zoom > 0
             && fabs (log (self->target_zoom / zoom)) > FLYING_ZOOM);
}

gboolean
ax_glide_advance (AxGlide *self, AxViewport *viewport, double seconds)
{
  gboolean pans = advance_pan (self, viewport, seconds);
  gboolean zooms = advance_zoom (self, viewport, seconds);

  ax_viewport_set_flying (viewport, is_fast (self, viewport));
  return pans || zooms;
}
