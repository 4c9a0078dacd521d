#include "core/grade/hull.h"
#include "core/grade/slide-features.h"
#include "tests/support/expect-error.h"

#include <math.h>
#include <string.h>

#define WIDTH 400
#define HEIGHT 300

/* Seven hills, some joined, some cut by the map's edge, with scratches. */
static guint16
make_cell (int x, int y)
{
  static const struct
  {
    int x, y, stretch_x, stretch_y, steepness;
  } hills[]
      = { { 100, 80, 3, 1, 17 },  { 180, 90, 1, 9, 40 }, { 300, 200, 2, 2, 25 },
          { 330, 210, 1, 4, 60 }, { 20, 280, 5, 1, 30 }, { 399, 10, 1, 1, 50 },
          { 250, 20, 1, 1, 900 } };
  gint64 value = 0;

  for (guint i = 0; i < G_N_ELEMENTS (hills); i++)
    {
      gint64 dx = x - hills[i].x, dy = y - hills[i].y;

      value = MAX (value, 65535
                              - hills[i].steepness
                                    * (hills[i].stretch_x * dx * dx
                                       + hills[i].stretch_y * dy * dy));
    }
  if ((x - y) % 37 == 0)
    value /= 2;
  return CLAMP (value, 1, 65535);
}

static AxProbMap *
make_map (AxScale mpp)
{
  g_autofree guint16 *cells = g_new (guint16, WIDTH * HEIGHT);
  g_autoptr (GError) error = NULL;
  AxProbMap *map = ax_prob_map_new (
      (AxProbGeometry){ WIDTH, HEIGHT, { 30, 32 }, mpp }, 0, &error);

  g_assert_no_error (error);
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      cells[y * WIDTH + x] = make_cell (x, y);
  g_assert_true (ax_prob_map_write (map, (AxCellRect){ 0, 0, WIDTH, HEIGHT },
                                    cells, &error));
  g_assert_no_error (error);
  return map;
}

/* Worked out once with scikit-image 0.19.3 (regionprops, image_convex) and
   scipy 1.10.1 (EDT, pdist over ConvexHull) on the same cells; axes by the
   eigenvalues of coordinates in µm. */
static const double expected[AX_N_FEATURES] = { 0.8281197075302581,
                                                0.28842,
                                                0.74532,
                                                6.0,
                                                0.023959390862944185,
                                                0.7008724919698304,
                                                0.20514,
                                                0.53976,
                                                6.0,
                                                0.03771460737405008,
                                                0.5520509487357123,
                                                0.1221,
                                                0.33582,
                                                6.0,
                                                0.0521658127619935,
                                                0.31424552502780373,
                                                0.0405,
                                                0.11796,
                                                7.0,
                                                0.0625,
                                                0.6937909510745017,
                                                0.215904,
                                                0.175848,
                                                0.134328,
                                                0.091752,
                                                0.047184000000000004,
                                                0.055705613940855145,
                                                0.036140361656544696,
                                                0.020639495492416157,
                                                0.00929445517746513,
                                                0.0023605803643910023,
                                                10549.868476578255,
                                                0.8406541208406977,
                                                0.7562244518766258,
                                                13950.71059974058,
                                                159.87134903918655,
                                                1.0,
                                                0.7001251258888516,
                                                0.8500420398091837,
                                                1.8871794871794871,
                                                0.9478341872380065,
                                                8543.578992334626,
                                                0.8494882806003192,
                                                0.6214177978883861,
                                                13748.526388150138,
                                                155.87661336830564,
                                                1.0,
                                                0.7009186071352275,
                                                0.8541621728408377,
                                                0.611764705882353,
                                                0.8538860103626943 };

static void
test_reference (void)
{
  g_autoptr (AxProbMap) map = make_map ((AxScale){ 0.25, 0.25 });
  const char *const *names = ax_features_get_names ();
  g_autoptr (GError) error = NULL;
  double values[AX_N_FEATURES];

  g_assert_cmpuint (g_strv_length ((GStrv)names), ==, AX_N_FEATURES);
  g_assert_true (ax_features_measure (map, 2.5, values, &error));
  g_assert_no_error (error);
  for (int i = 0; i < AX_N_FEATURES; i++)
    if (!(fabs (values[i] - expected[i]) <= 1e-9 * fabs (expected[i])))
      g_error ("%s is %.17g, not %.17g", names[i], values[i], expected[i]);
}

static void
test_nothing (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxProbMap) map = ax_prob_map_new (
      (AxProbGeometry){ 50, 40, { 32, 32 }, { 0.25, 0.25 } }, 0, &error);
  double values[AX_N_FEATURES];

  g_assert_no_error (error);
  g_assert_true (ax_features_measure (map, 0, values, &error));
  for (int i = 0; i < AX_N_FEATURES; i++)
    g_assert_cmpfloat (values[i], ==, 0);
}

static void
test_one_cell (void)
{
  const guint16 cell = G_MAXUINT16;
  g_autoptr (GError) error = NULL;
  g_autoptr (AxProbMap) map = ax_prob_map_new (
      (AxProbGeometry){ 50, 40, { 40, 40 }, { 0.25, 0.25 } }, 0, &error);
  double values[AX_N_FEATURES];

  g_assert_true (
      ax_prob_map_write (map, (AxCellRect){ 7, 9, 1, 1 }, &cell, &error));
  g_assert_true (ax_features_measure (map, 0, values, &error));
  g_assert_cmpfloat_with_epsilon (values[0], 0.01 * sqrt (2), 1e-12);
  g_assert_cmpfloat_with_epsilon (values[1], 1e-4, 1e-15);
  g_assert_cmpfloat (values[3], ==, 1);
  g_assert_cmpfloat (values[4], ==, 0);
  g_assert_cmpfloat (values[21], ==, 1); /* all that was analysed */
  g_assert_cmpfloat (values[26], ==, 0.5);
  g_assert_cmpfloat (values[41], ==, 0); /* no second region */
  g_assert_cmpfloat (values[50], ==, 0);
}

static void
test_without_mpp (void)
{
  g_autoptr (AxProbMap) map = make_map ((AxScale){ 0, 0 });
  g_autoptr (GError) error = NULL;
  double values[AX_N_FEATURES] = { 42 };

  g_assert_false (ax_features_measure (map, 1, values, &error));
  expect_error (&error, AX_ERROR_FORMAT, "µm/px, which is unknown$");
  g_assert_cmpfloat (values[0], ==, 42);
}

/* The cells of convex_hull_image of scikit-image 0.19.3 for cells (0, 1),
   (3, 0), (2, 3) as (column, row): edges through cell centres count. */
static void
test_hull (void)
{
  static const AxRun runs[]
      = { { 0, 3, 4, 0 }, { 1, 0, 1, 0 }, { 2, 1, 2, 0 }, { 3, 2, 3, 0 } };
  static const AxRun more[]
      = { { 0, 0, 9, 0 }, { 3, 0, 2, 0 }, { 9, 0, 9, 0 } };
  static const int expected_spans[][2]
      = { { 2, 4 }, { 0, 4 }, { 1, 3 }, { 2, 3 } };
  g_autoptr (AxHull) hull = ax_hull_new (runs, G_N_ELEMENTS (runs));

  g_assert_cmpuint (hull->n_rows, ==, 4);
  g_assert_cmpint (hull->n_cells, ==, 9);
  for (int row = 0; row < 4; row++)
    {
      g_assert_cmpint (hull->spans[row].start, ==, expected_spans[row][0]);
      g_assert_cmpint (hull->spans[row].end, ==, expected_spans[row][1]);
    }
  g_assert_cmpint (ax_hull_count (hull, runs, 4), ==, 4);
  g_assert_cmpint (ax_hull_count (hull, more, 3), ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/slide-features/reference", test_reference);
  g_test_add_func ("/slide-features/nothing", test_nothing);
  g_test_add_func ("/slide-features/one-cell", test_one_cell);
  g_test_add_func ("/slide-features/without-mpp", test_without_mpp);
  g_test_add_func ("/slide-features/hull", test_hull);
  return g_test_run ();
}
