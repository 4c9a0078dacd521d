#include "ui/scale-bar.h"

#include "core/base/parse.h"
#include "ui/ink.h"

#include <math.h>

#define MAX_PX 200.0
#define MAX_SHARE 0.3 /* of the view: the research-use line is beside it */
#define MARGIN 18.0
#define TICK_PX 5.0
#define LABEL_GAP 5.0
#define BAR_PX 2.0

struct _AxScaleBar
{
  AxLayer parent_instance;
};

G_DEFINE_FINAL_TYPE (AxScaleBar, ax_scale_bar, AX_TYPE_LAYER)

double
ax_scale_bar_choose_um (double um_per_px, double max_px)
{
  static const double steps[] = { 5, 2, 1 };
  double longest, decade;

  g_return_val_if_fail (um_per_px > 0 && max_px > 0, 0);

  /* The grace takes back what rounding takes off a round number. */
  longest = um_per_px * max_px * (1 + 1e-9);
  decade = pow (10, floor (log10 (longest)));
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    if (steps[i] * decade <= longest)
      return steps[i] * decade;
  return decade;
}

char *
ax_scale_bar_format (double length_um)
{
  char buffer[AX_FORMAT_BUFFER];

  if (length_um < 1)
    return g_strdup_printf ("%s nm",
                            ax_format_decimal (buffer, length_um * 1e3, 0));
  if (length_um < 1e3)
    return g_strdup_printf ("%s µm", ax_format_decimal (buffer, length_um, 0));
  return g_strdup_printf ("%s mm",
                          ax_format_decimal (buffer, length_um / 1e3, 0));
}

static void
draw_bar (cairo_t *cr, double x, double y, double length)
{
  cairo_new_path (cr);
  cairo_move_to (cr, x, y - TICK_PX);
  cairo_line_to (cr, x, y);
  cairo_line_to (cr, x + length, y);
  cairo_line_to (cr, x + length, y - TICK_PX);
  ax_ink_stroke (cr, 0x16181D, BAR_PX, 1);
}

static void
ax_scale_bar_draw (AxLayer *layer, cairo_t *cr, AxViewport *viewport,
                   double device_scale)
{
  AxScale mpp = ax_viewport_get_mpp (viewport);
  g_autofree char *text = NULL;
  double width, height, um_per_px, length_um, length, y;
  double label_width, label_height;

  if (mpp.x <= 0)
    return;
  ax_viewport_get_size (viewport, &width, &height);
  um_per_px = mpp.x / ax_viewport_get_zoom (viewport);
  length_um
      = ax_scale_bar_choose_um (um_per_px, MIN (MAX_PX, width * MAX_SHARE));
  text = ax_scale_bar_format (length_um);
  ax_ink_measure_label (text, &label_width, &label_height);

  length = length_um / um_per_px;
  y = round (height - MARGIN);
  draw_bar (cr, MARGIN, y, length);
  ax_ink_label (cr, text, MARGIN, y - TICK_PX - LABEL_GAP - label_height / 2,
                AX_INK_LEFT);
}

static void
ax_scale_bar_class_init (AxScaleBarClass *klass)
{
  AX_LAYER_CLASS (klass)->draw = ax_scale_bar_draw;
}

static void
ax_scale_bar_init (AxScaleBar *self)
{
}

AxScaleBar *
ax_scale_bar_new (void)
{
  return g_object_new (AX_TYPE_SCALE_BAR, NULL);
}
