#include "tests/support/paint.h"
#include "ui/scale-bar.h"

static void
test_choose (void)
{
  const struct
  {
    double um_per_px, max_px, length_um;
  } cases[] = {
    { 0.25, 200, 50 }, /* exactly what fits is taken */
    { 0.25, 199, 20 },   { 0.243, 200, 20 },  { 1, 200, 200 },
    { 1, 100, 100 },     { 8, 200, 1000 },    { 24.9, 200, 2000 },
    { 250, 200, 50000 }, { 0.002, 200, 0.2 }, { 1e-3, 1000, 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpfloat_with_epsilon (
        ax_scale_bar_choose_um (cases[i].um_per_px, cases[i].max_px),
        cases[i].length_um, cases[i].length_um * 1e-9);
}

/* At every zoom it is a step of 1-2-5 and takes 0.4 of the room or more. */
static void
test_choose_everywhere (void)
{
  for (double um_per_px = 0.01; um_per_px < 1000; um_per_px *= 1.07)
    {
      double length_um = ax_scale_bar_choose_um (um_per_px, 200);
      double digit = length_um / pow (10, floor (log10 (length_um * 1.0001)));

      g_assert_cmpfloat (length_um / um_per_px, <=, 200.001);
      g_assert_cmpfloat (length_um / um_per_px, >, 200 * 0.399);
      g_assert_true (fabs (digit - 1) < 1e-6 || fabs (digit - 2) < 1e-6
                     || fabs (digit - 5) < 1e-6);
    }
}

static void
test_format (void)
{
  const struct
  {
    double length_um;
    const char *text;
  } cases[] = {
    { 0.2, "200 nm" }, { 0.5, "500 nm" }, { 1, "1 µm" },
    { 500, "500 µm" }, { 1000, "1 mm" },  { 20000, "20 mm" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = ax_scale_bar_format (cases[i].length_um);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

/* Length of the longest run of dark pixels in any row. */
static int
longest_dark_run (cairo_surface_t *surface)
{
  int longest = 0;

  for (int y = cairo_image_surface_get_height (surface) - 50;
       y < cairo_image_surface_get_height (surface); y++)
    for (int x = 0, run = 0; x < cairo_image_surface_get_width (surface); x++)
      {
        run = (pixel_at (surface, x, y) & 0xFF) < 0x40 ? run + 1 : 0;
        longest = MAX (longest, run);
      }
  return longest;
}

static void
test_drawn_length (void)
{
  const AxRect0 extent = { 0, 0, 10000, 10000 };
  const double scales[] = { 1, 1.5, 2 };

  for (guint i = 0; i < G_N_ELEMENTS (scales); i++)
    {
      g_autoptr (AxScaleBar) bar = ax_scale_bar_new ();
      g_autoptr (AxViewport) viewport
          = viewport_at_origin (extent, 0.25, 700, 0.5);
      cairo_surface_t *surface
          = paint_layer (AX_LAYER (bar), viewport, scales[i], 0xFFFFFF);
      int length = longest_dark_run (surface);

      /* 100 µm at 0.5 µm a pixel, and the round ends of the line. */
      g_assert_cmpint (length, >=, (int)(200 * scales[i]));
      g_assert_cmpint (length, <=, (int)((200 + 3) * scales[i]));
      cairo_surface_destroy (surface);
    }
}

static void
test_unknown_scale (void)
{
  g_autoptr (AxScaleBar) bar = ax_scale_bar_new ();
  g_autoptr (AxViewport) viewport
      = viewport_at_origin ((AxRect0){ 0, 0, 1000, 1000 }, 0, 300, 1);
  cairo_surface_t *surface
      = paint_layer (AX_LAYER (bar), viewport, 1, 0xFFFFFF);

  g_assert_cmpuint (count_other (surface, 0xFFFFFF), ==, 0);
  cairo_surface_destroy (surface);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gtk_init_check ();
  g_test_add_func ("/scale-bar/choose", test_choose);
  g_test_add_func ("/scale-bar/choose-everywhere", test_choose_everywhere);
  g_test_add_func ("/scale-bar/format", test_format);
  g_test_add_func ("/scale-bar/drawn-length", test_drawn_length);
  g_test_add_func ("/scale-bar/unknown-scale", test_unknown_scale);
  return g_test_run ();
}
