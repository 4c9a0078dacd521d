#include "ui/slide-view-private.h"

#define KEY_OCTAVES 0.5
#define SCREEN_SHARE 0.9

static const double presets[] = { 1.25, 2.5, 5, 10, 20, 40 };

/* (dx, dy): steps. */
static gboolean
on_pan_key (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  AxSlideView *self = AX_SLIDE_VIEW (widget);
  int dx = 0, dy = 0;

  g_variant_get (args, "(ii)", &dx, &dy);
  ax_glide_push (&self->glide, dx * AX_SLIDE_VIEW_STEP_PX,
                 dy * AX_SLIDE_VIEW_STEP_PX);
  ax_slide_view_set_off (self);
  return TRUE;
}

static gboolean
on_screen_key (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  AxSlideView *self = AX_SLIDE_VIEW (widget);
  int dx = 0, dy = 0;

  g_variant_get (args, "(ii)", &dx, &dy);
  ax_glide_push (&self->glide,
                 dx * SCREEN_SHARE * gtk_widget_get_width (widget),
                 dy * SCREEN_SHARE * gtk_widget_get_height (widget));
  ax_slide_view_set_off (self);
  return TRUE;
}

/* Puts the slide's edge on the view's. */
static gboolean
on_edge_key (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  AxSlideView *self = AX_SLIDE_VIEW (widget);
  AxRect0 extent = ax_viewport_get_extent (self->viewport);
  AxPoint0 center = ax_viewport_get_center (self->viewport);
  double zoom = ax_viewport_get_zoom (self->viewport);
  double reach_x = gtk_widget_get_width (widget) / zoom / 2;
  double reach_y = gtk_widget_get_height (widget) / zoom / 2;
  int dx = 0, dy = 0;

  g_variant_get (args, "(ii)", &dx, &dy);
  ax_slide_view_stop (self);
  if (dx != 0)
    center.x = dx < 0 ? extent.x + reach_x : extent.x + extent.width - reach_x;
  if (dy != 0)
    center.y = dy < 0 ? extent.y + reach_y : extent.y + extent.height - reach_y;
  ax_viewport_set (self->viewport, center, zoom);
  return TRUE;
}

static void
zoom_to (AxSlideView *self, double zoom)
{
  ax_glide_zoom_to (&self->glide, zoom,
                    gtk_widget_get_width (GTK_WIDGET (self)) / 2.0,
                    gtk_widget_get_height (GTK_WIDGET (self)) / 2.0);
  ax_slide_view_set_off (self);
}

static gboolean
on_preset_key (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  AxSlideView *self = AX_SLIDE_VIEW (widget);
  int index = 0;

  g_variant_get (args, "(i)", &index);
  zoom_to (self,
           ax_viewport_zoom_of_magnification (self->viewport, presets[index]));
  return TRUE;
}

static gboolean
on_zoom_key (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  AxSlideView *self = AX_SLIDE_VIEW (widget);
  int direction = 0;

  g_variant_get (args, "(i)", &direction);
  ax_glide_zoom_by (&self->glide, self->viewport,
                    exp2 (direction * KEY_OCTAVES),
                    gtk_widget_get_width (widget) / 2.0,
                    gtk_widget_get_height (widget) / 2.0);
  ax_slide_view_set_off (self);
  return TRUE;
}

static gboolean
on_fit_key (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  AxSlideView *self = AX_SLIDE_VIEW (widget);

  ax_slide_view_stop (self);
  ax_viewport_fit (self->viewport);
  return TRUE;
}

static void
add_arrow (GtkWidgetClass *klass, guint key, guint keypad_key, int dx, int dy)
{
  const guint keys[] = { key, keypad_key };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      gtk_widget_class_add_binding (klass, keys[i], 0, on_pan_key, "(ii)", dx,
                                    dy);
      gtk_widget_class_add_binding (klass, keys[i], GDK_SHIFT_MASK,
                                    on_screen_key, "(ii)", dx, dy);
      gtk_widget_class_add_binding (klass, keys[i], GDK_CONTROL_MASK,
                                    on_edge_key, "(ii)", dx, dy);
    }
}

void
ax_slide_view_add_keys (GtkWidgetClass *klass)
{
  static const guint fit[] = { GDK_KEY_0, GDK_KEY_KP_0, GDK_KEY_f };
  static const guint in[] = { GDK_KEY_plus, GDK_KEY_equal, GDK_KEY_KP_Add };
  static const guint out[] = { GDK_KEY_minus, GDK_KEY_KP_Subtract };

  add_arrow (klass, GDK_KEY_Left, GDK_KEY_KP_Left, -1, 0);
  add_arrow (klass, GDK_KEY_Right, GDK_KEY_KP_Right, 1, 0);
  add_arrow (klass, GDK_KEY_Up, GDK_KEY_KP_Up, 0, -1);
  add_arrow (klass, GDK_KEY_Down, GDK_KEY_KP_Down, 0, 1);
  for (guint i = 0; i < G_N_ELEMENTS (presets); i++)
    {
      gtk_widget_class_add_binding (klass, GDK_KEY_1 + i, 0, on_preset_key,
                                    "(i)", i);
      gtk_widget_class_add_binding (klass, GDK_KEY_KP_1 + i, 0, on_preset_key,
                                    "(i)", i);
    }
  for (guint i = 0; i < G_N_ELEMENTS (fit); i++)
    gtk_widget_class_add_binding (klass, fit[i], 0, on_fit_key, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (in); i++)
    gtk_widget_class_add_binding (klass, in[i], 0, on_zoom_key, "(i)", 1);
  for (guint i = 0; i < G_N_ELEMENTS (out); i++)
    gtk_widget_class_add_binding (klass, out[i], 0, on_zoom_key, "(i)", -1);
}
