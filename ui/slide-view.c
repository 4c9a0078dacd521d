#include "ui/slide-view.h"

#include "core/base/trace.h"
#include "ui/slide-view-private.h"
#include "ui/tile-layer.h"

#include <glib/gi18n.h>

#include <math.h>

#define CLICK_PX 6.0      /* a press that moves no further is a click */
#define THROW_US 60000    /* let go later than this it rests */
#define VELOCITY_TAU 0.03 /* seconds over which a drag's speed is averaged */
#define NOTCH_OCTAVES 0.4 /* zoom of one notch of a wheel */
#define SURFACE_OCTAVES 0.008 /* of one pixel of a touchpad, with Ctrl */

G_DEFINE_FINAL_TYPE (AxSlideView, ax_slide_view, GTK_TYPE_WIDGET)

enum
{
  CLICKED,
  POINTER,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static gboolean
on_tick (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  AxSlideView *self = AX_SLIDE_VIEW (widget);
  gint64 now_us = gdk_frame_clock_get_frame_time (clock);
  double seconds = self->tick_us > 0 ? (now_us - self->tick_us) / 1e6 : 0;

  self->tick_us = now_us;
  if (ax_glide_advance (&self->glide, self->viewport, seconds))
    return G_SOURCE_CONTINUE;
  self->tick = 0;
  return G_SOURCE_REMOVE;
}

static gboolean
is_animated (AxSlideView *self)
{
  gboolean enabled = TRUE;

  g_object_get (gtk_widget_get_settings (GTK_WIDGET (self)),
                "gtk-enable-animations", &enabled, NULL);
  return enabled && gtk_widget_get_mapped (GTK_WIDGET (self));
}

void
ax_slide_view_set_off (AxSlideView *self)
{
  if (!is_animated (self))
    ax_glide_advance (&self->glide, self->viewport, INFINITY);
  else if (self->tick == 0)
    {
      self->tick_us = 0;
      self->tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), on_tick,
                                                 NULL, NULL);
    }
}

void
ax_slide_view_stop (AxSlideView *self)
{
  g_return_if_fail (AX_IS_SLIDE_VIEW (self));

  ax_glide_stop (&self->glide);
  ax_viewport_set_flying (self->viewport, FALSE);
  if (self->tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick);
  self->tick = 0;
}

static void
on_drag_begin (GtkGestureDrag *gesture, double x, double y, AxSlideView *self)
{
  guint button
      = gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture));

  if (button != GDK_BUTTON_PRIMARY && button != GDK_BUTTON_MIDDLE)
    {
      gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_DENIED);
      return;
    }
  ax_slide_view_stop (self);
  gtk_widget_grab_focus (GTK_WIDGET (self));
  self->is_dragging = FALSE;
  self->drag_x = self->drag_y = 0;
  self->velocity_x = self->velocity_y = 0;
  self->drag_us = ax_trace_now_us ();
}

/* An average over VELOCITY_TAU that forgets what is older. */
static void
measure_velocity (AxSlideView *self, double dx, double dy)
{
  gint64 now_us = ax_trace_now_us ();
  double seconds = MAX ((now_us - self->drag_us) / 1e6, 1e-3);
  double share = 1 - exp (-seconds / VELOCITY_TAU);

  self->velocity_x += (dx / seconds - self->velocity_x) * share;
  self->velocity_y += (dy / seconds - self->velocity_y) * share;
  self->drag_us = now_us;
}

static void
on_drag_update (GtkGestureDrag *gesture, double x, double y, AxSlideView *self)
{
  double dx = x - self->drag_x, dy = y - self->drag_y;

  if (!self->is_dragging)
    {
      if (hypot (x, y) < CLICK_PX)
        return;
      self->is_dragging = TRUE;
      gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
      gtk_widget_set_cursor_from_name (GTK_WIDGET (self), "grabbing");
    }
  self->drag_x = x;
  self->drag_y = y;
  measure_velocity (self, dx, dy);
  ax_viewport_pan (self->viewport, -dx, -dy);
}

static void
emit_clicked (AxSlideView *self, GtkGestureDrag *gesture)
{
  double x = 0, y = 0;
  AxPoint0 point;

  if (gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture))
          != GDK_BUTTON_PRIMARY
      || !gtk_gesture_drag_get_start_point (gesture, &x, &y))
    return;
  point = ax_viewport_to_slide (self->viewport, x, y);
  g_signal_emit (self, signals[CLICKED], 0, &point, x, y);
}

static void
on_drag_end (GtkGestureDrag *gesture, double x, double y, AxSlideView *self)
{
  gtk_widget_set_cursor (GTK_WIDGET (self), NULL);
  if (!self->is_dragging)
    {
      emit_clicked (self, gesture);
      return;
    }
  self->is_dragging = FALSE;
  if (ax_trace_now_us () - self->drag_us > THROW_US)
    return;
  ax_glide_throw (&self->glide, -self->velocity_x, -self->velocity_y);
  ax_slide_view_set_off (self);
}

static void
on_motion (GtkEventControllerMotion *controller, double x, double y,
           AxSlideView *self)
{
  AxPoint0 point = ax_viewport_to_slide (self->viewport, x, y);

  self->pointer_x = x;
  self->pointer_y = y;
  g_signal_emit (self, signals[POINTER], 0, &point);
}

static void
on_leave (GtkEventControllerMotion *controller, AxSlideView *self)
{
  g_signal_emit (self, signals[POINTER], 0, NULL);
}

static void
zoom_at_pointer (AxSlideView *self, double octaves)
{
  ax_glide_zoom_by (&self->glide, self->viewport, exp2 (octaves),
                    self->pointer_x, self->pointer_y);
  ax_slide_view_set_off (self);
}

static gboolean
on_scroll (GtkEventControllerScroll *controller, double dx, double dy,
           AxSlideView *self)
{
  GtkEventController *base = GTK_EVENT_CONTROLLER (controller);
  gboolean zooms
      = gtk_event_controller_get_current_event_state (base) & GDK_CONTROL_MASK;

  if (gtk_event_controller_scroll_get_unit (controller)
      == GDK_SCROLL_UNIT_WHEEL)
    {
      if (dy != 0)
        zoom_at_pointer (self, -dy * NOTCH_OCTAVES);
      ax_glide_push (&self->glide, dx * AX_SLIDE_VIEW_STEP_PX, 0);
      ax_slide_view_set_off (self);
    }
  else if (zooms)
    zoom_at_pointer (self, -dy * SURFACE_OCTAVES);
  else
    ax_viewport_pan (self->viewport, dx, dy);
  return GDK_EVENT_STOP;
}

static void
on_scroll_begin (GtkEventControllerScroll *controller, AxSlideView *self)
{
  ax_slide_view_stop (self);
}

static void
on_decelerate (GtkEventControllerScroll *controller, double vx, double vy,
               AxSlideView *self)
{
  ax_glide_throw (&self->glide, vx, vy);
  ax_slide_view_set_off (self);
}

static void
on_pinch_begin (GtkGesture *gesture, GdkEventSequence *sequence,
                AxSlideView *self)
{
  ax_slide_view_stop (self);
  self->pinch_scale = 1;
}

static void
on_pinch (GtkGestureZoom *gesture, double scale, AxSlideView *self)
{
  double x, y;

  if (scale <= 0
      || !gtk_gesture_get_bounding_box_center (GTK_GESTURE (gesture), &x, &y))
    return;
  ax_viewport_zoom_at (self->viewport, scale / self->pinch_scale, x, y);
  self->pinch_scale = scale;
}

static void
ax_slide_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  AxSlideView *self = AX_SLIDE_VIEW (widget);
  gint64 start_us = ax_trace_now_us ();
  AxTileCounts counts = { 0 };

  ax_layer_snapshot_all ((AxLayer *const *)self->layers->pdata,
                         self->layers->len, snapshot, self->viewport,
                         gtk_widget_get_scale_factor (widget));
  for (guint i = 0; i < self->layers->len; i++)
    if (AX_IS_TILE_LAYER (self->layers->pdata[i]))
      ax_tile_layer_get_counts (self->layers->pdata[i], &counts);
  if (self->frames != NULL)
    ax_frames_add_snapshot (self->frames, ax_trace_now_us () - start_us,
                            &counts);
}

static void
ax_slide_view_size_allocate (GtkWidget *widget, int width, int height,
                             int baseline)
{
  ax_viewport_set_size (AX_SLIDE_VIEW (widget)->viewport, width, height);
}

static void
ax_slide_view_realize (GtkWidget *widget)
{
  AxSlideView *self = AX_SLIDE_VIEW (widget);
  gboolean software;

  GTK_WIDGET_CLASS (ax_slide_view_parent_class)->realize (widget);
  software = GSK_IS_CAIRO_RENDERER (
      gtk_native_get_renderer (gtk_widget_get_native (widget)));
  for (guint i = 0; i < self->layers->len; i++)
    ax_layer_set_software (self->layers->pdata[i], software);
  if (self->frames != NULL)
    ax_frames_watch_clock (self->frames, gtk_widget_get_frame_clock (widget));
}

static void
ax_slide_view_unrealize (GtkWidget *widget)
{
  AxSlideView *self = AX_SLIDE_VIEW (widget);

  if (self->frames != NULL)
    ax_frames_watch_clock (self->frames, NULL);
  GTK_WIDGET_CLASS (ax_slide_view_parent_class)->unrealize (widget);
}

void
ax_slide_view_add_layer (AxSlideView *self, AxLayer *layer)
{
  g_return_if_fail (AX_IS_SLIDE_VIEW (self) && AX_IS_LAYER (layer));
  g_return_if_fail (!gtk_widget_get_realized (GTK_WIDGET (self)));

  g_ptr_array_add (self->layers, g_object_ref (layer));
  g_signal_connect_object (layer, "changed", G_CALLBACK (gtk_widget_queue_draw),
                           self, G_CONNECT_SWAPPED);
}

void
ax_slide_view_set_frames (AxSlideView *self, AxFrames *frames)
{
  g_return_if_fail (AX_IS_SLIDE_VIEW (self));

  self->frames = frames;
}

static void
add_gestures (AxSlideView *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkGesture *drag = gtk_gesture_drag_new ();
  GtkGesture *pinch = gtk_gesture_zoom_new ();
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *scroll
      = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES
                                         | GTK_EVENT_CONTROLLER_SCROLL_KINETIC);

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (drag), 0);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (on_drag_begin), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (on_drag_update), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (on_drag_end), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));

  g_signal_connect (pinch, "begin", G_CALLBACK (on_pinch_begin), self);
  g_signal_connect (pinch, "scale-changed", G_CALLBACK (on_pinch), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (pinch));

  g_signal_connect (motion, "motion", G_CALLBACK (on_motion), self);
  g_signal_connect (motion, "leave", G_CALLBACK (on_leave), self);
  gtk_widget_add_controller (widget, motion);

  g_signal_connect (scroll, "scroll-begin", G_CALLBACK (on_scroll_begin), self);
  g_signal_connect (scroll, "scroll", G_CALLBACK (on_scroll), self);
  g_signal_connect (scroll, "decelerate", G_CALLBACK (on_decelerate), self);
  gtk_widget_add_controller (widget, scroll);
}

static void
ax_slide_view_dispose (GObject *object)
{
  AxSlideView *self = AX_SLIDE_VIEW (object);

  if (self->tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick);
  self->tick = 0;
  g_clear_pointer (&self->layers, g_ptr_array_unref);
  g_clear_object (&self->viewport);
  G_OBJECT_CLASS (ax_slide_view_parent_class)->dispose (object);
}

static void
ax_slide_view_class_init (AxSlideViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ax_slide_view_dispose;
  widget_class->snapshot = ax_slide_view_snapshot;
  widget_class->size_allocate = ax_slide_view_size_allocate;
  widget_class->realize = ax_slide_view_realize;
  widget_class->unrealize = ax_slide_view_unrealize;
  gtk_widget_class_set_css_name (widget_class, "slideview");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  ax_slide_view_add_keys (widget_class);

  signals[CLICKED] = g_signal_new (
      "clicked", AX_TYPE_SLIDE_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, 3, G_TYPE_POINTER, G_TYPE_DOUBLE, G_TYPE_DOUBLE);
  signals[POINTER]
      = g_signal_new ("pointer", AX_TYPE_SLIDE_VIEW, G_SIGNAL_RUN_LAST, 0, NULL,
                      NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
}

static void
ax_slide_view_init (AxSlideView *self)
{
  GtkWidget *widget = GTK_WIDGET (self);

  self->layers = g_ptr_array_new_with_free_func (g_object_unref);
  self->pinch_scale = 1;
  gtk_widget_set_focusable (widget, TRUE);
  gtk_widget_set_hexpand (widget, TRUE);
  gtk_widget_set_vexpand (widget, TRUE);
  gtk_widget_set_overflow (widget, GTK_OVERFLOW_HIDDEN);
  gtk_accessible_update_property (
      GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Slide"),
      GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
      _ ("Arrow keys pan, plus and minus zoom, 1 to 6 set the magnification, "
         "0 shows the whole slide"),
      -1);
  add_gestures (self);
}

GtkWidget *
ax_slide_view_new (AxViewport *viewport)
{
  AxSlideView *self;

  g_return_val_if_fail (AX_IS_VIEWPORT (viewport), NULL);

  self = g_object_new (AX_TYPE_SLIDE_VIEW, NULL);
  self->viewport = g_object_ref (viewport);
  g_signal_connect_object (viewport, "changed",
                           G_CALLBACK (gtk_widget_queue_draw), self,
                           G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
