#include "ui/histogram.h"

#include <math.h>
#include <string.h>

#define HEIGHT 72
#define TICK_HEIGHT 6
#define N_BARS 64

struct _AxHistogram
{
  GtkWidget parent_instance;

  gint64 counts[AX_HISTOGRAM_BINS];
  AxColorMap color_map;
  GArray *ticks; /* of double */
  double threshold;
};

enum
{
  PROP_THRESHOLD = 1,
  N_PROPS,
};

enum
{
  DRAG_BEGIN,
  DRAG_END,
  N_SIGNALS,
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (AxHistogram, ax_histogram, GTK_TYPE_WIDGET)

static void
set_threshold (AxHistogram *self, double threshold)
{
  threshold = CLAMP (threshold, 0.01, 0.99);
  if (threshold == self->threshold)
    return;
  self->threshold = threshold;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_THRESHOLD]);
}

static double
get_bar (AxHistogram *self, int bar)
{
  int width = AX_HISTOGRAM_BINS / N_BARS;
  gint64 sum = 0;

  for (int i = bar * width; i < (bar + 1) * width; i++)
    sum += self->counts[i];
  return log1p ((double)sum);
}

static void
draw_bars (AxHistogram *self, cairo_t *cr, int width, int height)
{
  double highest = 1.0, bar_width = (double)width / N_BARS;

  for (int i = 0; i < N_BARS; i++)
    highest = MAX (highest, get_bar (self, i));
  for (int i = 0; i < N_BARS; i++)
    {
      double p = (i + 0.5) / N_BARS;
      double bar = get_bar (self, i) / highest * height;
      guint32 color = p >= self->threshold
                          ? ax_color_map_get_color (self->color_map, p)
                          : 0x9a9996;

      cairo_rectangle (cr, i * bar_width + 0.5, height - bar, bar_width - 1.0,
                       bar);
      cairo_set_source_rgba (cr, (color >> 16) / 255.0,
                             (color >> 8 & 255) / 255.0, (color & 255) / 255.0,
                             p >= self->threshold ? 1.0 : 0.55);
      cairo_fill (cr);
    }
}

static void
draw_marks (AxHistogram *self, cairo_t *cr, int width, int height,
            const GdkRGBA *ink)
{
  double x = round (self->threshold * width);

  gdk_cairo_set_source_rgba (cr, ink);
  for (guint i = 0; i < self->ticks->len; i++)
    {
      double tick = round (g_array_index (self->ticks, double, i) * width);

      cairo_move_to (cr, tick, height + TICK_HEIGHT);
      cairo_line_to (cr, tick - 4, height + TICK_HEIGHT + 5);
      cairo_line_to (cr, tick + 4, height + TICK_HEIGHT + 5);
      cairo_fill (cr);
    }
  cairo_rectangle (cr, 0, height, width, 1);
  cairo_fill (cr);
  cairo_rectangle (cr, x - 1, 0, 2, height + TICK_HEIGHT);
  cairo_fill (cr);
  cairo_arc (cr, x, height + 1, 5.5, 0, 2 * G_PI);
  cairo_fill (cr);
}

static void
ax_histogram_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  AxHistogram *self = AX_HISTOGRAM (widget);
  int width = gtk_widget_get_width (widget);
  int height = gtk_widget_get_height (widget) - TICK_HEIGHT - 6;
  cairo_t *cr = gtk_snapshot_append_cairo (
      snapshot,
      &GRAPHENE_RECT_INIT (-6, 0, width + 12, height + TICK_HEIGHT + 6));
  GdkRGBA ink;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &ink);
  draw_bars (self, cr, width, height);
  draw_marks (self, cr, width, height, &ink);
  cairo_destroy (cr);
}

static void
ax_histogram_measure (GtkWidget *widget, GtkOrientation orientation,
                      int for_size, int *minimum, int *natural,
                      int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL
                            ? HEIGHT + TICK_HEIGHT + 6
                            : N_BARS * 3;
}

static void
follow_pointer (AxHistogram *self, double x)
{
  set_threshold (self, x / MAX (gtk_widget_get_width (GTK_WIDGET (self)), 1));
}

static void
on_drag_begin (GtkGestureDrag *gesture, double x, double y, AxHistogram *self)
{
  g_signal_emit (self, signals[DRAG_BEGIN], 0);
  follow_pointer (self, x);
}

static void
on_drag_update (GtkGestureDrag *gesture, double dx, double dy,
                AxHistogram *self)
{
  double x, y;

  gtk_gesture_drag_get_start_point (gesture, &x, &y);
  follow_pointer (self, x + dx);
}

static void
on_drag_end (GtkGestureDrag *gesture, double dx, double dy, AxHistogram *self)
{
  g_signal_emit (self, signals[DRAG_END], 0);
}

static void
ax_histogram_get_property (GObject *object, guint prop, GValue *value,
                           GParamSpec *pspec)
{
  if (prop == PROP_THRESHOLD)
    g_value_set_double (value, AX_HISTOGRAM (object)->threshold);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop, pspec);
}

static void
ax_histogram_set_property (GObject *object, guint prop, const GValue *value,
                           GParamSpec *pspec)
{
  if (prop == PROP_THRESHOLD)
    set_threshold (AX_HISTOGRAM (object), g_value_get_double (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop, pspec);
}

static void
ax_histogram_finalize (GObject *object)
{
  g_array_unref (AX_HISTOGRAM (object)->ticks);
  G_OBJECT_CLASS (ax_histogram_parent_class)->finalize (object);
}

static void
ax_histogram_class_init (AxHistogramClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = ax_histogram_get_property;
  object_class->set_property = ax_histogram_set_property;
  object_class->finalize = ax_histogram_finalize;
  widget_class->snapshot = ax_histogram_snapshot;
  widget_class->measure = ax_histogram_measure;
  props[PROP_THRESHOLD] = g_param_spec_double (
      "threshold", NULL, NULL, 0.01, 0.99, 0.5,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, props);
  signals[DRAG_BEGIN]
      = g_signal_new ("drag-begin", AX_TYPE_HISTOGRAM, G_SIGNAL_RUN_LAST, 0,
                      NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[DRAG_END]
      = g_signal_new ("drag-end", AX_TYPE_HISTOGRAM, G_SIGNAL_RUN_LAST, 0, NULL,
                      NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_css_name (widget_class, "histogram");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
ax_histogram_init (AxHistogram *self)
{
  GtkGesture *drag = gtk_gesture_drag_new ();

  self->threshold = 0.5;
  self->ticks = g_array_new (FALSE, FALSE, sizeof (double));
  g_signal_connect (drag, "drag-begin", G_CALLBACK (on_drag_begin), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (on_drag_update), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (on_drag_end), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
}

GtkWidget *
ax_histogram_new (void)
{
  return g_object_new (AX_TYPE_HISTOGRAM, NULL);
}

void
ax_histogram_set_counts (AxHistogram *self,
                         const gint64 counts[AX_HISTOGRAM_BINS])
{
  g_return_if_fail (AX_IS_HISTOGRAM (self));
  memcpy (self->counts, counts, sizeof self->counts);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
ax_histogram_set_color_map (AxHistogram *self, AxColorMap map)
{
  g_return_if_fail (AX_IS_HISTOGRAM (self));
  self->color_map = map;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
ax_histogram_set_ticks (AxHistogram *self, const GArray *thresholds)
{
  g_return_if_fail (AX_IS_HISTOGRAM (self));
  g_array_set_size (self->ticks, 0);
  if (thresholds != NULL)
    g_array_append_vals (self->ticks, thresholds->data, thresholds->len);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
