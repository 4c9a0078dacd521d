#include "app/plot.h"

#include "core/base/error.h"
#include "core/base/output.h"
#include "core/base/parse.h"

#include <cairo.h>
#include <math.h>

#define WIDTH 800
#define HEIGHT 600
#define LEFT 80
#define TOP 50
#define RIGHT 30
#define BOTTOM 70
#define TICK 6
#define FONT_SIZE 16

/* From the axes' units to the picture. */
static double
place_x (const AxPlot *self, double x)
{
  return LEFT + x / self->x_max * (WIDTH - LEFT - RIGHT);
}

static double
place_y (const AxPlot *self, double y)
{
  return HEIGHT - BOTTOM
         - (y - self->y_min) / (1 - self->y_min) * (HEIGHT - TOP - BOTTOM);
}

/* Of the six lines across. */
static double
get_level (const AxPlot *self, int i)
{
  return self->y_min + (1 - self->y_min) * i / 5.0;
}

/* Draws text whose middle is @x and whose base line is @y. */
static void
draw_text (cairo_t *cr, double x, double y, const char *text)
{
  cairo_text_extents_t extents;

  cairo_text_extents (cr, text, &extents);
  cairo_move_to (cr, x - extents.x_advance / 2, y);
  cairo_show_text (cr, text);
}

static void
draw_axes (const AxPlot *self, cairo_t *cr)
{
  char number[AX_FORMAT_BUFFER];
  int n_ticks = (int)floor (self->x_max / self->x_tick + 1e-9);

  cairo_set_source_rgb (cr, 0.85, 0.85, 0.85);
  for (int i = 0; i <= n_ticks; i++)
    {
      cairo_move_to (cr, place_x (self, i * self->x_tick),
                     place_y (self, self->y_min));
      cairo_line_to (cr, place_x (self, i * self->x_tick), place_y (self, 1));
    }
  for (int i = 0; i <= 5; i++)
    {
      cairo_move_to (cr, place_x (self, 0),
                     place_y (self, get_level (self, i)));
      cairo_line_to (cr, place_x (self, self->x_max),
                     place_y (self, get_level (self, i)));
    }
  cairo_stroke (cr);

  cairo_set_source_rgb (cr, 0, 0, 0);
  for (int i = 0; i <= n_ticks; i++)
    draw_text (cr, place_x (self, i * self->x_tick),
               place_y (self, self->y_min) + FONT_SIZE + TICK,
               ax_format_decimal (number, i * self->x_tick, 2));
  for (int i = 0; i <= 5; i++)
    draw_text (cr, LEFT - 2 * FONT_SIZE + TICK,
               place_y (self, get_level (self, i)) + FONT_SIZE / 3.0,
               ax_format_decimal (number, get_level (self, i), 2));
  draw_text (cr, WIDTH / 2.0, TOP - FONT_SIZE, self->title);
  draw_text (cr, WIDTH / 2.0, HEIGHT - FONT_SIZE, self->x_label);
  cairo_save (cr);
  cairo_rotate (cr, -G_PI / 2);
  draw_text (cr, -HEIGHT / 2.0, FONT_SIZE + TICK, self->y_label);
  cairo_restore (cr);
}

static void
draw_band (const AxPlot *self, cairo_t *cr)
{
  for (guint i = 0; i < self->n_band_points; i++)
    cairo_line_to (cr, place_x (self, self->band_x[i]),
                   place_y (self, self->band_low[i]));
  for (guint i = self->n_band_points; i-- > 0;)
    cairo_line_to (cr, place_x (self, self->band_x[i]),
                   place_y (self, self->band_high[i]));
  cairo_close_path (cr);
  cairo_set_source_rgba (cr, 0.1, 0.35, 0.7, 0.2);
  cairo_fill (cr);
}

static void
draw_curve (const AxPlot *self, const double *y, cairo_t *cr)
{
  for (guint i = 0; i < self->n_points; i++)
    if (isfinite (self->x[i]) && isfinite (y[i]))
      cairo_line_to (cr, place_x (self, self->x[i]), place_y (self, y[i]));
  cairo_stroke (cr);
}

static void
draw_marks (const AxPlot *self, cairo_t *cr)
{
  for (guint i = 0; i < self->n_points; i++)
    if (isfinite (self->x[i]) && isfinite (self->y[i]))
      {
        cairo_arc (cr, place_x (self, self->x[i]), place_y (self, self->y[i]),
                   4, 0, 2 * G_PI);
        cairo_fill (cr);
      }
}

static void
draw_curves (const AxPlot *self, cairo_t *cr)
{
  cairo_set_source_rgb (cr, 0.55, 0.55, 0.55);
  if (self->other_y != NULL)
    draw_curve (self, self->other_y, cr);
  cairo_set_source_rgb (cr, 0.1, 0.35, 0.7);
  cairo_set_line_width (cr, 2);
  draw_curve (self, self->y, cr);
  if (self->marks)
    draw_marks (self, cr);
}

static void
draw (const AxPlot *self, cairo_t *cr)
{
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_paint (cr);
  cairo_select_font_face (cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                          CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size (cr, FONT_SIZE);
  cairo_set_line_width (cr, 1);
  draw_axes (self, cr);

  cairo_rectangle (cr, LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM);
  cairo_clip (cr);
  if (self->n_band_points > 0)
    draw_band (self, cr);
  draw_curves (self, cr);
}

static cairo_status_t
append_bytes (void *closure, const unsigned char *data, unsigned int length)
{
  g_byte_array_append (closure, data, length);
  return CAIRO_STATUS_SUCCESS;
}

gboolean
ax_plot_save_png (const AxPlot *self, const char *path, GError **error)
{
  cairo_surface_t *surface
      = cairo_image_surface_create (CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
  cairo_t *cr = cairo_create (surface);
  g_autoptr (GByteArray) png = g_byte_array_new ();
  cairo_status_t status;

  draw (self, cr);
  status = cairo_status (cr);
  if (status == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_write_to_png_stream (surface, append_bytes, png);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  if (status == CAIRO_STATUS_SUCCESS)
    return ax_output_write_file (path, png->data, png->len, error);
  g_set_error (error, AX_ERROR, AX_ERROR_MEMORY, "cannot draw the curve: %s",
               cairo_status_to_string (status));
  return FALSE;
}
