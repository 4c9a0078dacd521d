#pragma once

#include "ui/viewport.h"

G_BEGIN_DECLS

/**
 * AxGlide:
 *
 * Motion that dies away: what is left of a way, and of a zoom, shrinks by the
 * same share in every moment.  A view let go in motion, a key and a notch of
 * the wheel are all of this kind; more may be added while it moves, and it ends
 * exactly where the sum of it leads.
 *
 * Units: logical pixels and seconds.  Thread: main.
 */
typedef struct
{
  double left_x, left_y; /* way still to go */
  double target_zoom;    /* 0: none */
  double anchor_x, anchor_y;
} AxGlide;

void ax_glide_stop (AxGlide *self);

/** Adds a way. */
void ax_glide_push (AxGlide *self, double dx, double dy);

/** Adds the way that a speed of (@vx, @vy) a second comes to. */
void ax_glide_throw (AxGlide *self, double vx, double vy);

/** Zooms towards @zoom around screen point (@x, @y). */
void ax_glide_zoom_to (AxGlide *self, double zoom, double x, double y);

/** Multiplies the zoom that it leads to, of @viewport when none yet. */
void ax_glide_zoom_by (AxGlide *self, AxViewport *viewport, double factor,
                       double x, double y);

/**
 * Moves @viewport as far as @seconds lead; infinitely many lead to the end.
 * Sets its flying.  FALSE when the end is reached.
 */
gboolean ax_glide_advance (AxGlide *self, AxViewport *viewport, double seconds);

G_END_DECLS
