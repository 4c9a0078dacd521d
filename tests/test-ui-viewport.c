#include "ui/glide.h"
#include "ui/viewport.h"

#include <math.h>

#define WIDTH 800.0
#define HEIGHT 600.0

static const AxRect0 extent = { 0, 0, 100000, 50000 };

static AxViewport *
viewport_new (void)
{
  AxViewport *viewport = ax_viewport_new ();

  ax_viewport_set_size (viewport, WIDTH, HEIGHT);
  ax_viewport_set_slide (viewport, extent, extent, (AxScale){ 0.25, 0.25 });
  return viewport;
}

static void
on_changed (AxViewport *viewport, guint *n_changes)
{
  ++*n_changes;
}

static void
assert_near (double a, double b)
{
  g_assert_cmpfloat_with_epsilon (a, b, 1e-6);
}

static void
test_fit (void)
{
  g_autoptr (AxViewport) viewport = viewport_new ();
  AxRect0 visible = ax_viewport_get_visible (viewport);

  g_assert_true (ax_rect0_equal (ax_rect0_intersect (visible, extent), extent));
  g_assert_cmpint (visible.width, <, extent.width * 1.1);
  assert_near (ax_viewport_get_center (viewport).x, 50000);
  assert_near (ax_viewport_get_center (viewport).y, 25000);

  /* A fitted view stays fitted, another keeps its place. */
  ax_viewport_set_size (viewport, WIDTH / 2, HEIGHT);
  g_assert_cmpint (ax_viewport_get_visible (viewport).width, >=, extent.width);
  ax_viewport_set (viewport, (AxPoint0){ 100, 200 }, 0.5);
  ax_viewport_set_size (viewport, WIDTH, HEIGHT);
  assert_near (ax_viewport_get_zoom (viewport), 0.5);
  assert_near (ax_viewport_get_center (viewport).x, 100);
}

/* Fitting waits for a size. */
static void
test_fit_later (void)
{
  g_autoptr (AxViewport) viewport = ax_viewport_new ();

  ax_viewport_set_slide (viewport, extent, (AxRect0){ 1000, 1000, 400, 300 },
                         (AxScale){ 0 });
  ax_viewport_set_size (viewport, WIDTH, HEIGHT);
  assert_near (ax_viewport_get_center (viewport).x, 1200);
  g_assert_cmpfloat (ax_viewport_get_zoom (viewport), >, 1.8);
  g_assert_cmpfloat (ax_viewport_get_zoom (viewport), <, 2);
}

static void
test_limits (void)
{
  g_autoptr (AxViewport) viewport = viewport_new ();

  ax_viewport_set (viewport, (AxPoint0){ -5, 60000 }, 100);
  assert_near (ax_viewport_get_zoom (viewport), 8);
  assert_near (ax_viewport_get_center (viewport).x, 0);
  assert_near (ax_viewport_get_center (viewport).y, 50000);
  ax_viewport_set (viewport, (AxPoint0){ 0, 0 }, 1e-9);
  assert_near (ax_viewport_get_zoom (viewport), WIDTH / 100000 / 2);
}

static void
test_zoom_at (void)
{
  g_autoptr (AxViewport) viewport = viewport_new ();
  AxPoint0 before, after;
  double x, y;

  ax_viewport_set (viewport, (AxPoint0){ 50000, 25000 }, 0.1);
  before = ax_viewport_to_slide (viewport, 100, 500);
  ax_viewport_zoom_at (viewport, 7.3, 100, 500);
  after = ax_viewport_to_slide (viewport, 100, 500);
  assert_near (before.x, after.x);
  assert_near (before.y, after.y);
  assert_near (ax_viewport_get_zoom (viewport), 0.73);
  ax_viewport_to_screen (viewport, after, &x, &y);
  assert_near (x, 100);
  assert_near (y, 500);
}

static void
test_magnification (void)
{
  g_autoptr (AxViewport) viewport = viewport_new ();

  ax_viewport_set_magnification (viewport, 40);
  assert_near (ax_viewport_get_zoom (viewport), 1);
  assert_near (ax_viewport_get_magnification (viewport), 40);
  ax_viewport_set_magnification (viewport, 1.25);
  assert_near (ax_viewport_get_zoom (viewport), 1 / 32.0);

  ax_viewport_set_slide (viewport, extent, extent, (AxScale){ 0, 0 });
  g_assert_cmpfloat (ax_viewport_get_magnification (viewport), ==, 0);
  ax_viewport_set_magnification (viewport, 10);
  assert_near (ax_viewport_get_zoom (viewport), 0.25);
}

static void
test_changed (void)
{
  g_autoptr (AxViewport) viewport = viewport_new ();
  guint n_changes = 0;

  g_signal_connect (viewport, "changed", G_CALLBACK (on_changed), &n_changes);
  ax_viewport_set (viewport, (AxPoint0){ 10, 20 }, 1);
  g_assert_cmpuint (n_changes, ==, 1);
  ax_viewport_set (viewport, (AxPoint0){ 10, 20 }, 1);
  ax_viewport_pan (viewport, 0, 0);
  ax_viewport_set_size (viewport, WIDTH, HEIGHT);
  g_assert_cmpuint (n_changes, ==, 1);
  ax_viewport_set_flying (viewport, TRUE);
  g_assert_cmpuint (n_changes, ==, 1);
  ax_viewport_set_flying (viewport, FALSE);
  g_assert_cmpuint (n_changes, ==, 2);
}

/* Whatever the frames, a glide ends where its sum leads. */
static void
test_glide_pan (void)
{
  const double frame_times[] = { 1 / 60.0, 1 / 144.0, 0.3, INFINITY };

  for (guint i = 0; i < G_N_ELEMENTS (frame_times); i++)
    {
      g_autoptr (AxViewport) viewport = viewport_new ();
      AxGlide glide = { 0 };

      ax_viewport_set (viewport, (AxPoint0){ 50000, 25000 }, 1);
      ax_glide_push (&glide, 300, -40);
      g_assert_true (ax_glide_advance (&glide, viewport, 0));
      ax_glide_push (&glide, 100, 0);
      while (ax_glide_advance (&glide, viewport, frame_times[i]))
        ;
      assert_near (ax_viewport_get_center (viewport).x, 50400);
      assert_near (ax_viewport_get_center (viewport).y, 24960);
      g_assert_false (ax_viewport_is_flying (viewport));
    }
}

static void
test_glide_flies (void)
{
  g_autoptr (AxViewport) viewport = viewport_new ();
  AxGlide glide = { 0 };

  ax_viewport_set (viewport, (AxPoint0){ 50000, 25000 }, 1);
  ax_glide_throw (&glide, 8000, 0);
  ax_glide_advance (&glide, viewport, 1 / 60.0);
  g_assert_true (ax_viewport_is_flying (viewport));
  while (ax_viewport_is_flying (viewport))
    g_assert_true (ax_glide_advance (&glide, viewport, 1 / 60.0));
  while (ax_glide_advance (&glide, viewport, 1 / 60.0))
    ;
  g_assert_cmpfloat (ax_viewport_get_center (viewport).x, >, 51000);
}

static void
test_glide_zoom (void)
{
  g_autoptr (AxViewport) viewport = viewport_new ();
  AxGlide glide = { 0 };
  AxPoint0 before, after;

  ax_viewport_set (viewport, (AxPoint0){ 50000, 25000 }, 0.1);
  before = ax_viewport_to_slide (viewport, 700, 10);
  ax_glide_zoom_to (&glide, 1 / 32.0, 700, 10);
  ax_glide_zoom_by (&glide, viewport, 2, 700, 10);
  g_assert_true (ax_glide_advance (&glide, viewport, 0));
  while (ax_glide_advance (&glide, viewport, 1 / 60.0))
    ;
  after = ax_viewport_to_slide (viewport, 700, 10);
  g_assert_cmpfloat (ax_viewport_get_zoom (viewport), ==, 1 / 16.0);
  assert_near (before.x, after.x);
  assert_near (before.y, after.y);

  /* A limit ends it too. */
  ax_glide_zoom_to (&glide, 1e6, 0, 0);
  while (ax_glide_advance (&glide, viewport, 1 / 60.0))
    ;
  g_assert_cmpfloat (ax_viewport_get_zoom (viewport), ==, 8);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/viewport/fit", test_fit);
  g_test_add_func ("/viewport/fit-later", test_fit_later);
  g_test_add_func ("/viewport/limits", test_limits);
  g_test_add_func ("/viewport/zoom-at", test_zoom_at);
  g_test_add_func ("/viewport/magnification", test_magnification);
  g_test_add_func ("/viewport/changed", test_changed);
  g_test_add_func ("/glide/pan", test_glide_pan);
  g_test_add_func ("/glide/flies", test_glide_flies);
  g_test_add_func ("/glide/zoom", test_glide_zoom);
  return g_test_run ();
}
