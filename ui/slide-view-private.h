#pragma once

#include "ui/glide.h"
#include "ui/slide-view.h"

G_BEGIN_DECLS

/*
 * What slide-view.c (the widget, gestures) and slide-view-keys.c share.
 */

/** A key's way, and a notch's of a wheel sideways. */
#define AX_SLIDE_VIEW_STEP_PX 120.0

struct _AxSlideView
{
  GtkWidget parent_instance;

  AxViewport *viewport;
  GPtrArray *layers;
  AxFrames *frames; /* (nullable) (unowned) */

  AxGlide glide;
  guint tick; /* 0: at rest */
  gint64 tick_us;

  double pointer_x, pointer_y;

  gboolean is_dragging; /* further than a click */
  double drag_x, drag_y;
  double velocity_x, velocity_y;
  gint64 drag_us;
  double pinch_scale;
};

/** Lets the glide take its course, or its end where nothing is to move. */
void ax_slide_view_set_off (AxSlideView *self);
/** Binds the keys that move the view. */
void ax_slide_view_add_keys (GtkWidgetClass *klass);

G_END_DECLS
