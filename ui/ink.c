#include "ui/ink.h"

#include <math.h>

#define PALE 0xFFFFFF
#define DARK 0x16181D
#define HALO_ALPHA 0.8
#define HALO_PX 1.25    /* on either side */
#define MITER_LIMIT 2.0 /* right angles stay sharp, acute ones do not */
#define PLATE_ALPHA 0.82
#define PLATE_RADIUS 5.0
#define PAD_X 7.0
#define PAD_Y 3.0
#define FONT "Sans 9"
#define PANGO_DPI 1024.0 /* what GtkSettings counts DPI in */
#define HATCH_PX 12
#define HATCH_LINE_PX 1.2

guint32
ax_ink_class_color (AxSizeClass size_class)
{
  switch (size_class)
    {
    case AX_SIZE_ITC:
      return 0x0072B2;
    case AX_SIZE_MICRO:
      return 0xE69F00;
    case AX_SIZE_MACRO:
      return 0xD0021B;
    case AX_SIZE_UNKNOWN:
      break;
    }
  return 0x5C4B99;
}

void
ax_ink_set_color (cairo_t *cr, guint32 rgb, double alpha)
{
  cairo_set_source_rgba (cr, (rgb >> 16 & 0xFF) / 255.0,
                         (rgb >> 8 & 0xFF) / 255.0, (rgb & 0xFF) / 255.0,
                         alpha);
}

/* By luma, ITU-R BT.601. */
static gboolean
is_pale (guint32 rgb)
{
  return 299 * (rgb >> 16 & 0xFF) + 587 * (rgb >> 8 & 0xFF) + 114 * (rgb & 0xFF)
         > 180 * 1000;
}

void
ax_ink_stroke (cairo_t *cr, guint32 rgb, double width, double opacity)
{
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_MITER);
  cairo_set_miter_limit (cr, MITER_LIMIT);
  cairo_set_line_width (cr, width + 2 * HALO_PX);
  ax_ink_set_color (cr, is_pale (rgb) ? DARK : PALE, HALO_ALPHA * opacity);
  cairo_stroke_preserve (cr);
  cairo_set_line_width (cr, width);
  ax_ink_set_color (cr, rgb, opacity);
  cairo_stroke (cr);
}

static void
trace_polygon (cairo_t *cr, double x, double y, double radius, int n_corners,
               double first_angle)
{
  for (int i = 0; i < n_corners; i++)
    {
      double angle = first_angle + i * 2 * G_PI / n_corners;

      cairo_line_to (cr, x + radius * cos (angle), y + radius * sin (angle));
    }
  cairo_close_path (cr);
}

static void
trace_mark (cairo_t *cr, AxSizeClass size_class, double x, double y,
            double radius)
{
  cairo_new_path (cr);
  switch (size_class)
    {
    case AX_SIZE_ITC:
      cairo_arc (cr, x, y, radius * 0.85, 0, 2 * G_PI);
      break;
    case AX_SIZE_MICRO:
      trace_polygon (cr, x, y, radius, 4, 0);
      break;
    case AX_SIZE_MACRO:
      trace_polygon (cr, x, y, radius, 4, G_PI / 4);
      break;
    case AX_SIZE_UNKNOWN:
      trace_polygon (cr, x, y, radius, 3, -G_PI / 2);
      break;
    }
}

void
ax_ink_mark (cairo_t *cr, AxSizeClass size_class, double x, double y,
             double radius, gboolean strong)
{
  guint32 rgb = ax_ink_class_color (size_class);
  double width = MAX (radius / 3, 1);

  cairo_save (cr);
  cairo_set_dash (cr, NULL, 0, 0);
  trace_mark (cr, size_class, x, y, radius - width / 2);
  ax_ink_set_color (cr, strong ? rgb : PALE, strong ? 1 : 0.6);
  cairo_fill_preserve (cr);
  ax_ink_stroke (cr, rgb, width, 1);
  cairo_restore (cr);
}

static double
font_resolution (void)
{
  GtkSettings *settings = gtk_settings_get_default ();
  int dpi = -1;

  if (settings != NULL)
    g_object_get (settings, "gtk-xft-dpi", &dpi, NULL);
  return dpi > 0 ? dpi / PANGO_DPI : 96;
}

static PangoLayout *
layout_new (const char *text)
{
  PangoFontMap *map = pango_cairo_font_map_get_default ();
  PangoContext *context = pango_font_map_create_context (map);
  PangoFontDescription *font = pango_font_description_from_string (FONT);
  PangoLayout *layout;

  pango_cairo_context_set_resolution (context, font_resolution ());
  layout = pango_layout_new (context);
  pango_layout_set_font_description (layout, font);
  pango_layout_set_text (layout, text, -1);
  pango_font_description_free (font);
  g_object_unref (context);
  return layout;
}

static void
measure_layout (PangoLayout *layout, double *width, double *height)
{
  int text_width = 0, text_height = 0;

  pango_layout_get_pixel_size (layout, &text_width, &text_height);
  *width = text_width + 2 * PAD_X;
  *height = text_height + 2 * PAD_Y;
}

void
ax_ink_measure_label (const char *text, double *width, double *height)
{
  PangoLayout *layout = layout_new (text);

  measure_layout (layout, width, height);
  g_object_unref (layout);
}

static void
trace_plate (cairo_t *cr, double x, double y, double width, double height)
{
  double r = MIN (PLATE_RADIUS, height / 2);

  cairo_new_path (cr);
  cairo_arc (cr, x + width - r, y + r, r, -G_PI / 2, 0);
  cairo_arc (cr, x + width - r, y + height - r, r, 0, G_PI / 2);
  cairo_arc (cr, x + r, y + height - r, r, G_PI / 2, G_PI);
  cairo_arc (cr, x + r, y + r, r, G_PI, 1.5 * G_PI);
  cairo_close_path (cr);
}

void
ax_ink_label (cairo_t *cr, const char *text, double x, double y,
              AxInkAlign align)
{
  PangoLayout *layout = layout_new (text);
  double width, height;

  measure_layout (layout, &width, &height);
  x = round (x - width * align / AX_INK_RIGHT);
  y = round (y - height / 2);
  cairo_save (cr);
  trace_plate (cr, x, y, width, height);
  ax_ink_set_color (cr, DARK, PLATE_ALPHA);
  cairo_fill (cr);
  cairo_move_to (cr, x + PAD_X, y + PAD_Y);
  ax_ink_set_color (cr, PALE, 1);
  pango_cairo_show_layout (cr, layout);
  cairo_restore (cr);
  g_object_unref (layout);
}

static void
stroke_diagonals (cairo_t *cr, double offset)
{
  for (int i = -1; i <= 1; i++)
    {
      cairo_move_to (cr, i * HATCH_PX - 1 + offset, HATCH_PX + 1);
      cairo_line_to (cr, (i + 1) * HATCH_PX + 1 + offset, -1);
    }
  cairo_set_line_width (cr, HATCH_LINE_PX);
  cairo_stroke (cr);
}

cairo_pattern_t *
ax_ink_hatch (guint32 rgb, double alpha)
{
  cairo_surface_t *surface
      = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, HATCH_PX, HATCH_PX);
  cairo_t *cr = cairo_create (surface);
  cairo_pattern_t *pattern = NULL;

  ax_ink_set_color (cr, rgb, alpha);
  stroke_diagonals (cr, 0);
  ax_ink_set_color (cr, is_pale (rgb) ? DARK : PALE, alpha);
  stroke_diagonals (cr, HATCH_LINE_PX * G_SQRT2);
  cairo_destroy (cr);

  pattern = cairo_pattern_create_for_surface (surface);
  cairo_pattern_set_extend (pattern, CAIRO_EXTEND_REPEAT);
  cairo_surface_destroy (surface);
  return pattern;
}
