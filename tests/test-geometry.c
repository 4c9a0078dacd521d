#include "core/base/geometry.h"

#include "core/base/rng.h"

#include <math.h>

static void
assert_rect0 (AxRect0 rect, gint64 x, gint64 y, gint64 width, gint64 height)
{
  g_assert_cmpint (rect.x, ==, x);
  g_assert_cmpint (rect.y, ==, y);
  g_assert_cmpint (rect.width, ==, width);
  g_assert_cmpint (rect.height, ==, height);
}

static void
assert_rectl (AxRectL rect, int level, gint64 x, gint64 y, gint64 width,
              gint64 height)
{
  g_assert_cmpint (rect.level, ==, level);
  assert_rect0 ((AxRect0){ rect.x, rect.y, rect.width, rect.height }, x, y,
                width, height);
}

static void
test_predicates (void)
{
  AxRect0 rect = { -3, 5, 10, 2 };

  g_assert_false (ax_rect0_is_empty (rect));
  g_assert_true (ax_rect0_is_empty ((AxRect0){ 0, 0, 0, 4 }));
  g_assert_true (ax_rect0_is_empty ((AxRect0){ 0, 0, 4, -1 }));

  g_assert_true (ax_rect0_equal (rect, (AxRect0){ -3, 5, 10, 2 }));
  g_assert_false (ax_rect0_equal (rect, (AxRect0){ -2, 5, 10, 2 }));
  g_assert_false (ax_rect0_equal (rect, (AxRect0){ -3, 4, 10, 2 }));
  g_assert_false (ax_rect0_equal (rect, (AxRect0){ -3, 5, 9, 2 }));
  g_assert_false (ax_rect0_equal (rect, (AxRect0){ -3, 5, 10, 3 }));

  g_assert_true (ax_rect0_contains (rect, (AxPoint0){ -3, 5 }));
  g_assert_true (ax_rect0_contains (rect, (AxPoint0){ 6.999, 6.999 }));
  g_assert_false (ax_rect0_contains (rect, (AxPoint0){ 7, 6 }));
  g_assert_false (ax_rect0_contains (rect, (AxPoint0){ 0, 7 }));
  g_assert_false (ax_rect0_contains (rect, (AxPoint0){ -3.001, 6 }));
  g_assert_false (ax_rect0_contains (rect, (AxPoint0){ 0, 4.999 }));
  g_assert_false (ax_rect0_contains (rect, (AxPoint0){ NAN, 6 }));
}

static void
test_intersect (void)
{
  AxRect0 a = { 0, 0, 10, 20 };

  assert_rect0 (ax_rect0_intersect (a, (AxRect0){ 5, -5, 10, 10 }), 5, 0, 5, 5);
  assert_rect0 (ax_rect0_intersect (a, (AxRect0){ 2, 3, 4, 5 }), 2, 3, 4, 5);

  /* Touching edges share nothing; apart in one axis only is apart. */
  AxRect0 touching = ax_rect0_intersect (a, (AxRect0){ 10, 0, 5, 20 });
  g_assert_cmpint (touching.width, ==, 0);
  g_assert_cmpint (touching.height, ==, 0);
  AxRect0 apart = ax_rect0_intersect (a, (AxRect0){ 2, 30, 4, 5 });
  g_assert_cmpint (apart.width, ==, 0);
  g_assert_cmpint (apart.height, ==, 0);
  g_assert_true (
      ax_rect0_is_empty (ax_rect0_intersect (a, (AxRect0){ 5, 5, -2, 4 })));
}

static void
test_union (void)
{
  AxRect0 a = { 0, 0, 10, 20 };
  AxRect0 empty = { -100, -100, 0, 5 };

  assert_rect0 (ax_rect0_union (a, (AxRect0){ 15, -5, 1, 1 }), 0, -5, 16, 25);
  assert_rect0 (ax_rect0_union ((AxRect0){ -2, 3, 1, 40 }, a), -2, 0, 12, 43);
  assert_rect0 (ax_rect0_union (a, empty), 0, 0, 10, 20);
  assert_rect0 (ax_rect0_union (empty, a), 0, 0, 10, 20);
}

static void
test_to_level (void)
{
  AxScale four = { 4, 4 };

  assert_rectl (ax_rect0_to_level ((AxRect0){ 8, 16, 4, 12 }, 2, four), 2, 2, 4,
                1, 3);
  assert_rectl (ax_rect0_to_level ((AxRect0){ 7, 17, 2, 12 }, 2, four), 2, 1, 4,
                2, 4);
  assert_rectl (ax_rect0_to_level ((AxRect0){ -1, -4, 2, 4 }, 2, four), 2, -1,
                -1, 2, 1);
  assert_rectl (
      ax_rect0_to_level ((AxRect0){ 3, 3, 3, 4 }, 1, (AxScale){ 3, 2 }), 1, 1,
      1, 1, 3);
  g_assert_cmpint (ax_rect0_to_level ((AxRect0){ 3, 3, 0, 4 }, 1, four).width,
                   ==, 0);
  g_assert_cmpint (ax_rect0_to_level ((AxRect0){ 3, 3, 0, 4 }, 1, four).height,
                   ==, 0);
}

static void
test_from_level (void)
{
  assert_rect0 (
      ax_rect0_from_level ((AxRectL){ 1, 2, 3, 4, 5 }, (AxScale){ 4, 2 }), 8, 6,
      16, 10);
  assert_rect0 (
      ax_rect0_from_level ((AxRectL){ 1, 1, 1, 1, 1 }, (AxScale){ 2.5, 1.5 }),
      2, 1, 3, 2);
  g_assert_true (ax_rect0_is_empty (
      ax_rect0_from_level ((AxRectL){ 1, 1, 1, 0, 1 }, (AxScale){ 2.5, 2 })));
}

static void
test_cells_and_points (void)
{
  AxPoint0 point = ax_point0_from_space (3, -2, (AxScale){ 1.5, 4 });

  g_assert_cmpfloat (point.x, ==, 4.5);
  g_assert_cmpfloat (point.y, ==, -8);
  assert_rect0 (ax_rect0_from_cells (-1, 2, 3, 1, (AxScale){ 2.5, 2.5 }), -3, 5,
                8, 3);
}

/* 49 * (1 / 49.0) is a little less than 1: rounding must not add a pixel. */
static void
test_rounding_noise (void)
{
  AxScale scale = { 1 / 49.0, 1 / 49.0 };

  g_assert_cmpfloat (49 * scale.x, <, 1);
  assert_rect0 (ax_rect0_from_cells (49, 49, 49, 49, scale), 1, 1, 1, 1);
}

static void
test_covers_tightly (void)
{
  AxRng rng = ax_rng_init (1, 0);

  for (int i = 0; i < 10000; i++)
    {
      AxScale scale
          = { ax_rng_range (&rng, 0.3, 130), ax_rng_range (&rng, 0.3, 130) };
      AxRect0 rect = { (gint64)ax_rng_range (&rng, -1e5, 3e5),
                       (gint64)ax_rng_range (&rng, -1e5, 3e5),
                       1 + (gint64)ax_rng_below (&rng, 5000),
                       1 + (gint64)ax_rng_below (&rng, 5000) };
      AxRectL level = ax_rect0_to_level (rect, 3, scale);
      AxRect0 back = ax_rect0_from_level (level, scale);

      g_assert_true (ax_rect0_equal (ax_rect0_intersect (back, rect), rect));
      g_assert_cmpfloat ((level.x + 1) * scale.x, >, rect.x);
      g_assert_cmpfloat ((level.y + 1) * scale.y, >, rect.y);
      g_assert_cmpfloat ((level.x + level.width - 1) * scale.x, <,
                         rect.x + rect.width);
      g_assert_cmpfloat ((level.y + level.height - 1) * scale.y, <,
                         rect.y + rect.height);
    }
}

static void
test_clamped (void)
{
  AxRect0 huge
      = ax_rect0_from_level ((AxRectL){ 0, -(G_GINT64_CONSTANT (1) << 53), 0,
                                        G_GINT64_CONSTANT (1) << 54, 1 },
                             (AxScale){ 1e6, 1e300 });

  assert_rect0 (huge, -(G_GINT64_CONSTANT (1) << 61), 0,
                G_GINT64_CONSTANT (1) << 62, G_GINT64_CONSTANT (1) << 61);
}

static void
test_refuses_bad_scale (void)
{
  const double bad[] = { 0, -1, NAN, INFINITY };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      AxScale scale = { 1, bad[i] };

      g_test_expect_message ("axilla", G_LOG_LEVEL_CRITICAL, "*scale*");
      ax_rect0_to_level ((AxRect0){ 0, 0, 1, 1 }, 0, scale);
      g_test_assert_expected_messages ();
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/geometry/predicates", test_predicates);
  g_test_add_func ("/geometry/intersect", test_intersect);
  g_test_add_func ("/geometry/union", test_union);
  g_test_add_func ("/geometry/to-level", test_to_level);
  g_test_add_func ("/geometry/from-level", test_from_level);
  g_test_add_func ("/geometry/cells-and-points", test_cells_and_points);
  g_test_add_func ("/geometry/rounding-noise", test_rounding_noise);
  g_test_add_func ("/geometry/covers-tightly", test_covers_tightly);
  g_test_add_func ("/geometry/clamped", test_clamped);
  g_test_add_func ("/geometry/refuses-bad-scale", test_refuses_bad_scale);
  return g_test_run ();
}
