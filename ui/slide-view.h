#pragma once

#include "ui/frames.h"
#include "ui/layer.h"

G_BEGIN_DECLS

/**
 * AxSlideView:
 *
 * The widget that shows a viewport: an ordered list of layers, and the hands
 * and keys that move it.
 *
 * Drag with the left or middle button pans, let go in motion it flies on;
 * scrolling zooms at the pointer, by as much as the event says; two fingers on
 * a touchpad pan (with Ctrl: zoom), a pinch zooms at its centre.  Arrows pan,
 * with Shift by a screen, with Ctrl to the edge; 1 to 6 are 1.25x to 40x, 0 or
 * F fit, + and - zoom by half an octave.
 *
 * Signals:
 *   "clicked" (AxPoint0 *, x, y)  a press let go where it was
 *   "pointer" (AxPoint0 *)        the pointer moved; NULL when it left
 *
 * Thread: main.
 */
#define AX_TYPE_SLIDE_VIEW (ax_slide_view_get_type ())
G_DECLARE_FINAL_TYPE (AxSlideView, ax_slide_view, AX, SLIDE_VIEW, GtkWidget)

GtkWidget *ax_slide_view_new (AxViewport *viewport);

/** On top of those there are; the view keeps a reference. */
void ax_slide_view_add_layer (AxSlideView *self, AxLayer *layer);

/** @frames: (nullable): gets the snapshots' times; outlives the view. */
void ax_slide_view_set_frames (AxSlideView *self, AxFrames *frames);

/** Stops flying, for whoever moves the viewport by other means. */
void ax_slide_view_stop (AxSlideView *self);

G_END_DECLS
