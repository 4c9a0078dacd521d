#include "core/base/rng.h"
#include "core/detect/lesion.h"

#include "tests/support/expect-error.h"

#include <math.h>
#include <string.h>

/* p in tenths; a dot is not analysed.  Cells are 8 x 8 level-0 pixels of 0.25 x
 * 0.3 µm. */
static const char *const rows[] = {
  "......244557786424568665444323569897865754324457",
  "......332345576656567876453211567986767856334654",
  "......433145555566666867654324666766566656547644",
  "454443333235565655766886556554545644455554655665",
  "545342223345444565545455656454364345466544556566",
  "544433134234533464443556645466634446455443444456",
  "344542434454442444324465645577555446554534344445",
  "223443555777632134243455566766654665432222245654",
  "244544778778633333331433556776676664322312334456",
  "443444667787543121122233556658888865443332345565",
  "664353356667642023320211343467787767555533657534",
  "655443244677533032211232123467888776768765567544",
  "653232446665632332313443232356796444569886686643",
  "442332356664333534245444334466766434588997776544",
  "324233346566345645566775435475864232469997756343",
  "332445655545446767767765564567655333357996766455",
  "455654644333355567766765557677756533556988655554",
  "656565643232354665756445555686664454656588786646",
  "566645563333233445656433545767665555544458788778",
  "765554564434443333365545556565665577333336777777",
  "7454456665342311123555544453436557875321........",
  "5666676777453122123223553432234565776433........",
  "5587665767763220222223353344224455656323........",
  "6787676666764322111244534545432533455533........",
  "4699875758888554223445555555622334453544........",
  "4579975558999855445467756566533334345433........",
};

#define WIDTH 48
#define HEIGHT ((int)G_N_ELEMENTS (rows))

/* In cells, except for the lengths. */
typedef struct
{
  double diameter_um;
  int n_cells;
  double score, mean;
  double interval_um[2];
  double centroid[2], hottest[2];
  int bbox[4];
} Expected;

/* What scipy.ndimage 1.10.1 (label, binary_opening) finds at 0.6, and at 0.45
 * and 0.75 for the interval; diameters over all pairs of cell corners. */
static const Expected without_opening[] = {
  { 88.2043083,
    193,
    0.9,
    0.675647668,
    { 20.8, 91.5860251 },
    { 32.1891192, 11.1839378 },
    { 31.5, 12.5 },
    { 11, 0, 37, 21 } },
  { 35.3632578,
    67,
    0.9,
    0.685074627,
    { 11.3207774, 52 },
    { 6.05223881, 22.1716418 },
    { 2.5, 24.5 },
    { 0, 15, 14, 11 } },
  { 21.6480946,
    35,
    0.8,
    0.654285714,
    { 6.24819974, 52 },
    { 9.95714286, 10.5 },
    { 8.5, 8.5 },
    { 6, 7, 7, 8 } },
  { 21.2565284,
    27,
    0.9,
    0.685185185,
    { 7.68374908, 91.5860251 },
    { 35.0925926, 1.61111111 },
    { 32.5, 0.5 },
    { 30, 0, 10, 4 } },
  { 18.6590461,
    28,
    0.7,
    0.639285714,
    { 0, 91.5860251 },
    { 19, 16.2142857 },
    { 21.5, 14.5 },
    { 14, 14, 9, 6 } },
  { 13.4164079,
    9,
    0.7,
    0.611111111,
    { 0, 91.5860251 },
    { 45.9444444, 3.61111111 },
    { 44.5, 2.5 },
    { 44, 1, 4, 5 } },
  { 11.3207774,
    11,
    0.8,
    0.672727273,
    { 3.12409987, 91.5860251 },
    { 34.8636364, 21.0454545 },
    { 34.5, 20.5 },
    { 32, 19, 5, 4 } },
  { 8.23650411,
    4,
    0.6,
    0.6,
    { 0, 8.23650411 },
    { 0.75, 11.25 },
    { 0.5, 10.5 },
    { 0, 10, 2, 3 } },
  { 8.23650411,
    3,
    0.6,
    0.6,
    { 0, 91.5860251 },
    { 41.8333333, 2.5 },
    { 41.5, 1.5 },
    { 41, 1, 2, 3 } },
  { 7.68374908,
    3,
    0.6,
    0.6,
    { 0, 91.5860251 },
    { 27.5, 25.1666667 },
    { 28.5, 24.5 },
    { 26, 24, 3, 2 } },
  { 6.46219777,
    3,
    0.7,
    0.666666667,
    { 0, 91.5860251 },
    { 21.5, 25.5 },
    { 21.5, 25.5 },
    { 20, 25, 3, 1 } },
  { 6.24819974,
    2,
    0.6,
    0.6,
    { 0, 91.5860251 },
    { 47, 9 },
    { 47.5, 8.5 },
    { 46, 8, 2, 2 } },
  { 5.2,
    2,
    0.6,
    0.6,
    { 0, 91.5860251 },
    { 26.5, 4 },
    { 26.5, 3.5 },
    { 26, 3, 1, 2 } },
  { 4.66476152,
    2,
    0.6,
    0.6,
    { 0, 91.5860251 },
    { 38, 4.5 },
    { 37.5, 4.5 },
    { 37, 4, 2, 1 } },
  { 3.12409987,
    1,
    0.7,
    0.7,
    { 0, 91.5860251 },
    { 47.5, 0.5 },
    { 47.5, 0.5 },
    { 47, 0, 1, 1 } },
  { 3.12409987,
    1,
    0.6,
    0.6,
    { 0, 91.5860251 },
    { 13.5, 3.5 },
    { 13.5, 3.5 },
    { 13, 3, 1, 1 } },
  { 3.12409987,
    1,
    0.6,
    0.6,
    { 0, 91.5860251 },
    { 45.5, 7.5 },
    { 45.5, 7.5 },
    { 45, 7, 1, 1 } },
  { 3.12409987,
    1,
    0.6,
    0.6,
    { 0, 91.5860251 },
    { 36.5, 17.5 },
    { 36.5, 17.5 },
    { 36, 17, 1, 1 } },
  { 3.12409987,
    1,
    0.6,
    0.6,
    { 0, 91.5860251 },
    { 24.5, 25.5 },
    { 24.5, 25.5 },
    { 24, 25, 1, 1 } },
};

static const Expected with_opening[] = {
  { 34.1315104,
    66,
    0.9,
    0.671212121,
    { 7.47261668, 83.9657073 },
    { 30.5454545, 12.2272727 },
    { 31.5, 12.5 },
    { 26, 6, 10, 14 } },
  { 26.8804762,
    54,
    0.9,
    0.733333333,
    { 15.6, 83.9657073 },
    { 41.7777778, 15.1481481 },
    { 38.5, 12.5 },
    { 37, 11, 10, 9 } },
  { 24.4752937,
    44,
    0.9,
    0.704545455,
    { 0, 32.5576412 },
    { 6.70454545, 23.2045455 },
    { 2.5, 24.5 },
    { 1, 19, 12, 7 } },
  { 17.8392825,
    25,
    0.8,
    0.668,
    { 0, 24.3310501 },
    { 10.14, 10.02 },
    { 8.5, 8.5 },
    { 7, 7, 6, 7 } },
  { 16.1789987,
    19,
    0.9,
    0.694736842,
    { 0, 24.4752937 },
    { 34.7631579, 1.60526316 },
    { 32.5, 0.5 },
    { 31, 0, 8, 4 } },
  { 14.2042247,
    20,
    0.8,
    0.665,
    { 0, 83.9657073 },
    { 21.5, 2.2 },
    { 20.5, 0.5 },
    { 18, 0, 7, 4 } },
  { 12.9243955,
    15,
    0.7,
    0.653333333,
    { 0, 83.9657073 },
    { 20.0333333, 15.9 },
    { 21.5, 14.5 },
    { 17, 14, 6, 4 } },
  { 7.47261668,
    5,
    0.8,
    0.72,
    { 0, 83.9657073 },
    { 34.5, 20.5 },
    { 34.5, 20.5 },
    { 33, 19, 3, 3 } },
};

static AxProbMap *
map_of_rows (const char *const *text, int width, int height, AxScale cell,
             AxScale mpp)
{
  AxProbGeometry geometry
      = { .width = width, .height = height, .cell = cell, .mpp = mpp };
  AxProbMap *map = ax_prob_map_new (geometry, 0, NULL);
  g_autofree guint16 *cells = g_new (guint16, width * height);

  for (int i = 0; i < width * height; i++)
    {
      char digit = text[i / width][i % width];

      cells[i] = digit == '.' ? AX_PROB_NONE
                              : ax_prob_quantize ((digit - '0') / 10.);
    }
  ax_prob_map_write (map, (AxCellRect){ 0, 0, width, height }, cells, NULL);
  return map;
}

static AxLesionSet *
extract (AxProbMap *map, double threshold, AxSizeMode mode, int opening,
         const AxLesionSet *previous)
{
  AxLesionParams params
      = { .threshold = threshold, .mode = mode, .opening = opening };
  g_autoptr (GError) error = NULL;
  AxLesionSet *set = ax_lesion_set_extract (map, &params, previous, &error);

  g_assert_no_error (error);
  return set;
}

static void
assert_near (double value, double expected)
{
  g_assert_cmpfloat_with_epsilon (value, expected, 1e-4);
}

static void
assert_lesions (const AxLesionSet *set, const Expected *expected, guint n)
{
  g_assert_cmpuint (ax_lesion_set_get_n_lesions (set), ==, n);
  for (guint i = 0; i < n; i++)
    {
      const AxLesion *lesion = ax_lesion_set_get (set, i);
      const Expected *e = &expected[i];

      g_assert_cmpuint (lesion->id, ==, i + 1);
      assert_near (lesion->diameter_um, e->diameter_um);
      assert_near (hypot ((lesion->caliper[1].x - lesion->caliper[0].x) * 0.25,
                          (lesion->caliper[1].y - lesion->caliper[0].y) * 0.3),
                   e->diameter_um);
      g_assert_cmpint (lesion->n_cells, ==, e->n_cells);
      assert_near (lesion->area_um2, e->n_cells * 2 * 2.4);
      assert_near (lesion->score, e->score);
      assert_near (lesion->mean, e->mean);
      assert_near (lesion->interval_um[0], e->interval_um[0]);
      assert_near (lesion->interval_um[1], e->interval_um[1]);
      assert_near (lesion->centroid.x, 8 * e->centroid[0]);
      assert_near (lesion->centroid.y, 8 * e->centroid[1]);
      assert_near (lesion->hottest.x, 8 * e->hottest[0]);
      assert_near (lesion->hottest.y, 8 * e->hottest[1]);
      g_assert_true (ax_rect0_equal (
          lesion->bbox, (AxRect0){ 8 * e->bbox[0], 8 * e->bbox[1],
                                   8 * e->bbox[2], 8 * e->bbox[3] }));
    }
}

static gint64
sum_cells (const Expected *expected, gsize n)
{
  gint64 sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += expected[i].n_cells;
  return sum;
}

static void
test_scipy (void)
{
  g_autoptr (AxProbMap) map = map_of_rows (
      rows, WIDTH, HEIGHT, (AxScale){ 8, 8 }, (AxScale){ 0.25, 0.3 });
  g_autoptr (AxLesionSet) all = extract (map, 0.6, AX_SIZE_MODE_AJCC, 0, NULL);
  g_autoptr (AxLesionSet) opened
      = extract (map, 0.6, AX_SIZE_MODE_AJCC, 1, NULL);

  assert_lesions (all, without_opening, G_N_ELEMENTS (without_opening));
  assert_lesions (opened, with_opening, G_N_ELEMENTS (with_opening));
  g_assert_cmpint (ax_lesion_set_get_n_dropped (all), ==, 0);
  g_assert_cmpint (
      ax_lesion_set_get_n_dropped (opened), ==,
      sum_cells (without_opening, G_N_ELEMENTS (without_opening))
          - sum_cells (with_opening, G_N_ELEMENTS (with_opening)));
  g_assert_cmpfloat (ax_lesion_set_get_params (opened)->threshold, ==, 0.6);
}

/* The label map and the contours tell the same cells as the threshold. */
static void
test_positions (void)
{
  g_autoptr (AxProbMap) map = map_of_rows (
      rows, WIDTH, HEIGHT, (AxScale){ 8, 8 }, (AxScale){ 0.25, 0.3 });
  g_autoptr (AxLesionSet) set = extract (map, 0.6, AX_SIZE_MODE_AJCC, 0, NULL);
  gint64 n_cells = 0;
  double area = 0;

  for (int row = 0; row < HEIGHT; row++)
    for (int col = 0; col < WIDTH; col++)
      {
        AxPoint0 corner = { 8 * col, 8 * row };
        AxPoint0 inside = { 8 * col + 7.99, 8 * row + 7.99 };
        const AxLesion *lesion = ax_lesion_set_at (set, corner);

        g_assert_true (ax_lesion_set_at (set, inside) == lesion);
        g_assert_cmpint (lesion != NULL, ==,
                         rows[row][col] != '.' && rows[row][col] >= '6');
        n_cells += lesion != NULL;
      }
  g_assert_null (ax_lesion_set_at (set, (AxPoint0){ -1, 0 }));
  g_assert_null (ax_lesion_set_at (set, (AxPoint0){ 8 * WIDTH, 4 }));
  g_assert_null (ax_lesion_set_at (set, (AxPoint0){ 4, 1e300 }));
  g_assert_null (ax_lesion_set_at (set, (AxPoint0){ NAN, 4 }));

  for (guint i = 0; i < ax_lesion_set_get_n_lesions (set); i++)
    {
      const AxLesion *lesion = ax_lesion_set_get (set, i);

      g_assert_true (ax_lesion_set_find (set, lesion->id) == lesion);
      g_assert_true (ax_lesion_set_at (set, lesion->hottest) == lesion);
      g_assert_cmpuint (lesion->contours->len, >, 0);
      for (guint j = 0; j < lesion->contours->len; j++)
        {
          const AxLesionRing *ring
              = &g_array_index (lesion->contours, AxLesionRing, j);

          g_assert_cmpint (ring->is_hole, ==, j > 0);
          for (guint k = 0; k < ring->n_points; k++)
            {
              AxPoint0 a = ring->points[k];
              AxPoint0 b = ring->points[(k + 1) % ring->n_points];

              area += (a.x * b.y - b.x * a.y) / 2;
            }
        }
    }
  assert_near (area, 64. * n_cells);
  g_assert_null (ax_lesion_set_find (set, 1000));
}

/* A bar of @n_cols x @n_rows cells of 10 µm. */
static AxLesionSet *
extract_block (int n_cols, int n_rows)
{
  AxProbGeometry geometry = { 300, 300, { 40, 40 }, { 0.25, 0.25 } };
  g_autoptr (AxProbMap) map = ax_prob_map_new (geometry, 0, NULL);
  g_autofree guint16 *cells = g_new (guint16, n_cols * n_rows);

  for (int i = 0; i < n_cols * n_rows; i++)
    cells[i] = ax_prob_quantize (0.9);
  ax_prob_map_write (map, (AxCellRect){ 7, 5, n_cols, n_rows }, cells, NULL);
  return extract (map, 0.5, AX_SIZE_MODE_AJCC, 0, NULL);
}

static void
test_boundaries (void)
{
  static const struct
  {
    int n_cols, n_rows;
    double diameter_um;
    AxSizeClass size_class;
    gboolean borderline;
    const char *text;
  } cases[] = {
    { 3, 4, 50, AX_SIZE_ITC, FALSE, "50 µm" },
    { 16, 12, 200, AX_SIZE_ITC, TRUE,
      "0.20 mm (0.20-0.20), borderline ITC/micro" },
    { 16, 13, 0, AX_SIZE_MICRO, FALSE, "0.21 mm" },
    { 120, 160, 2000, AX_SIZE_MICRO, TRUE,
      "2.00 mm (2.00-2.00), borderline micro/macro" },
    { 121, 160, 0, AX_SIZE_MACRO, FALSE, "2.01 mm" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AxLesionSet) set
          = extract_block (cases[i].n_cols, cases[i].n_rows);
      const AxLesion *lesion = ax_lesion_set_get (set, 0);
      g_autofree char *text = ax_lesion_describe_size (lesion);

      if (cases[i].diameter_um > 0)
        g_assert_cmpfloat (lesion->diameter_um, ==, cases[i].diameter_um);
      g_assert_cmpint (lesion->size_class, ==, cases[i].size_class);
      g_assert_cmpint (lesion->borderline, ==, cases[i].borderline);
      g_assert_cmpstr (text, ==, cases[i].text);
      for (int j = AX_SIZE_UNKNOWN; j <= AX_SIZE_MACRO; j++)
        g_assert_cmpuint (ax_lesion_set_count (set, (AxSizeClass)j), ==,
                          j == (int)cases[i].size_class);
    }
}

static void
test_classes (void)
{
  static const double borders_um[] = { 200, 2000 };
  AxSizeMode mode = AX_SIZE_MODE_AJCC;

  for (int i = 0; i < 2; i++)
    {
      g_assert_cmpint (ax_size_class_from_um (borders_um[i]), ==,
                       AX_SIZE_ITC + i);
      g_assert_cmpint (
          ax_size_class_from_um (nextafter (borders_um[i], INFINITY)), ==,
          AX_SIZE_MICRO + i);
    }
  g_assert_cmpint (ax_size_class_from_um (1e-9), ==, AX_SIZE_ITC);
  g_assert_cmpint (ax_size_class_from_um (0), ==, AX_SIZE_UNKNOWN);
  g_assert_cmpint (ax_size_class_from_um (NAN), ==, AX_SIZE_UNKNOWN);
  g_assert_cmpstr (ax_size_class_get_name (AX_SIZE_MACRO), ==, "macro");

  g_assert_true (ax_size_mode_from_name ("camelyon16", &mode));
  g_assert_cmpint (mode, ==, AX_SIZE_MODE_CAMELYON16);
  g_assert_cmpstr (ax_size_mode_get_name (mode), ==, "camelyon16");
  g_assert_false (ax_size_mode_from_name ("Camelyon", &mode));
  g_assert_cmpint (mode, ==, AX_SIZE_MODE_CAMELYON16);
}

static void
test_descriptions (void)
{
  AxLesion lesion = { .size_class = AX_SIZE_ITC,
                      .borderline = TRUE,
                      .diameter_um = 190,
                      .interval_um = { 140, 260 } };
  static const struct
  {
    double diameter_um, interval_um[2];
    gboolean borderline;
    const char *text;
  } cases[] = {
    { 190, { 140, 260 }, TRUE, "0.19 mm (0.14-0.26), borderline ITC/micro" },
    { 87.4, { 0, 210 }, TRUE, "87 µm (0-210), borderline ITC/micro" },
    { 4120, { 4000, 4200 }, FALSE, "4.12 mm" },
    { 1000,
      { 100, 3000 },
      TRUE,
      "1.00 mm (0.10-3.00), borderline ITC/micro/macro" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = NULL;

      lesion.diameter_um = cases[i].diameter_um;
      lesion.borderline = cases[i].borderline;
      memcpy (lesion.interval_um, cases[i].interval_um,
              sizeof lesion.interval_um);
      text = ax_lesion_describe_size (&lesion);
      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

/* Without µm/px lengths are in level-0 pixels and there is no class. */
static void
test_unknown_scale (void)
{
  static const char *const block[] = { "......", ".9995.", ".9995.", "......" };
  g_autoptr (AxProbMap) map
      = map_of_rows (block, 6, 4, (AxScale){ 40, 20 }, (AxScale){ 0, 0 });
  g_autoptr (AxLesionSet) set
      = extract (map, 0.7, AX_SIZE_MODE_CAMELYON16, 0, NULL);
  const AxLesion *lesion = ax_lesion_set_get (set, 0);
  g_autofree char *text = ax_lesion_describe_size (lesion);

  g_assert_cmpint (lesion->size_class, ==, AX_SIZE_UNKNOWN);
  g_assert_cmpfloat (lesion->diameter_um, ==, 0);
  g_assert_cmpfloat (lesion->area_um2, ==, 0);
  g_assert_cmpfloat (lesion->interval_um[1], ==, 0);
  g_assert_false (lesion->borderline);
  g_assert_cmpfloat (lesion->diameter_px, ==, hypot (120, 40));
  g_assert_cmpstr (text, ==, "126 px");
  g_assert_cmpuint (ax_lesion_set_count (set, AX_SIZE_UNKNOWN), ==, 1);
}

/* A single cell is a lesion unless opened away. */
static void
test_single_cell (void)
{
  static const char *const cell[] = { "...", ".8.", "..." };
  g_autoptr (AxProbMap) map
      = map_of_rows (cell, 3, 3, (AxScale){ 32, 32 }, (AxScale){ 1, 1 });
  g_autoptr (AxLesionSet) kept = extract (map, 0.5, AX_SIZE_MODE_AJCC, 0, NULL);
  g_autoptr (AxLesionSet) opened
      = extract (map, 0.5, AX_SIZE_MODE_AJCC, 1, NULL);

  g_assert_cmpuint (ax_lesion_set_get_n_lesions (kept), ==, 1);
  assert_near (ax_lesion_set_get (kept, 0)->diameter_um, 32 * sqrt (2));
  assert_near (ax_lesion_set_get (kept, 0)->interval_um[0], 32 * sqrt (2));
  g_assert_cmpuint (ax_lesion_set_get_n_lesions (opened), ==, 0);
}

/* Two blocks 60 µm apart are one lesion by the CAMELYON16 rule, 80 µm apart
 * two; the bridge itself is not measured nor drawn. */
static void
test_camelyon16 (void)
{
  static const char *const blocks[] = {
    "99......99........99",
    "99......99........99",
  };
  g_autoptr (AxProbMap) map
      = map_of_rows (blocks, 20, 2, (AxScale){ 20, 20 }, (AxScale){ 0.5, 0.5 });
  g_autoptr (AxLesionSet) ajcc = extract (map, 0.5, AX_SIZE_MODE_AJCC, 0, NULL);
  g_autoptr (AxLesionSet) bridged
      = extract (map, 0.5, AX_SIZE_MODE_CAMELYON16, 0, NULL);
  const AxLesion *lesion = ax_lesion_set_get (bridged, 0);

  g_assert_cmpuint (ax_lesion_set_get_n_lesions (ajcc), ==, 3);
  g_assert_cmpuint (ax_lesion_set_get_n_lesions (bridged), ==, 2);
  assert_near (lesion->diameter_um, hypot (100, 20));
  g_assert_cmpint (lesion->n_cells, ==, 8);
  g_assert_cmpuint (lesion->contours->len, ==, 2);
  g_assert_null (ax_lesion_set_at (bridged, (AxPoint0){ 100, 10 }));
  g_assert_true (ax_lesion_set_at (bridged, (AxPoint0){ 170, 10 }) == lesion);
}

/* Ids follow the cells when the threshold moves. */
static void
test_ids (void)
{
  static const char *const first[] = {
    "999996666699999999........", /* a wide one: id 1 */
    "..........................",
    "999.....................9.", /* ids 2 and 3 */
  };
  g_autoptr (AxProbMap) map
      = map_of_rows (first, 26, 3, (AxScale){ 1, 1 }, (AxScale){ 1, 1 });
  g_autoptr (AxLesionSet) low = extract (map, 0.5, AX_SIZE_MODE_AJCC, 0, NULL);
  g_autoptr (AxLesionSet) high = extract (map, 0.8, AX_SIZE_MODE_AJCC, 0, low);
  g_autoptr (AxLesionSet) again
      = extract (map, 0.5, AX_SIZE_MODE_AJCC, 0, high);
  g_autoptr (AxLesionSet) same
      = extract (map, 0.5, AX_SIZE_MODE_AJCC, 0, again);
  AxPoint0 left = { 0, 0 }, right = { 12, 0 }, second = { 1, 2 };

  g_assert_cmpuint (ax_lesion_set_at (low, left)->id, ==, 1);
  g_assert_cmpuint (ax_lesion_set_at (low, second)->id, ==, 2);

  /* It falls apart: the larger half keeps the id, the other gets a new one. */
  g_assert_cmpuint (ax_lesion_set_at (high, right)->id, ==, 1);
  g_assert_cmpuint (ax_lesion_set_at (high, left)->id, ==, 4);
  g_assert_cmpuint (ax_lesion_set_at (high, second)->id, ==, 2);

  /* It grows together again: the larger overlap wins. */
  g_assert_cmpuint (ax_lesion_set_at (again, left)->id, ==, 1);
  g_assert_cmpuint (ax_lesion_set_at (again, second)->id, ==, 2);
  g_assert_null (ax_lesion_set_find (again, 4));
  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (ax_lesion_set_get (same, i)->id, ==,
                      ax_lesion_set_get (again, i)->id);
}

/* Random maps and thresholds against a count of all overlaps. */
static void
test_random_ids (void)
{
  AxProbGeometry geometry = { 70, 40, { 1, 1 }, { 1, 1 } };
  g_autoptr (AxLesionSet) previous = NULL;
  guint highest = 0;

  for (int round = 0; round < 60; round++)
    {
      AxRng rng = ax_rng_init (8, round);
      g_autoptr (AxProbMap) map = ax_prob_map_new (geometry, 0, NULL);
      g_autoptr (AxLesionSet) set = NULL;
      guint16 cells[70 * 40];
      guint next = highest;

      for (int i = 0; i < 70 * 40; i++)
        cells[i] = ax_prob_quantize (ax_rng_uniform (&rng));
      ax_prob_map_write (map, (AxCellRect){ 0, 0, 70, 40 }, cells, NULL);
      set = extract (map, 0.55 + 0.1 * (round % 4), AX_SIZE_MODE_AJCC, 0,
                     previous);

      for (guint i = 0; i < ax_lesion_set_get_n_lesions (set); i++)
        {
          const AxLesion *lesion = ax_lesion_set_get (set, i);
          const AxLesion *old = previous == NULL
                                    ? NULL
                                    : ax_lesion_set_find (previous, lesion->id);

          /* Unique; new ones count on; old ones share a cell at least. */
          g_assert_true (ax_lesion_set_find (set, lesion->id) == lesion);
          if (lesion->id > highest)
            g_assert_cmpuint (lesion->id, ==, ++next);
          else
            {
              gboolean shared = FALSE;

              g_assert_nonnull (old);
              for (int j = 0; j < 70 * 40; j++)
                {
                  AxPoint0 at = { j % 70 + 0.5, j / 70 + 0.5 };

                  shared = shared
                           || (ax_lesion_set_at (set, at) == lesion
                               && ax_lesion_set_at (previous, at) == old);
                }
              g_assert_true (shared);
            }
        }
      highest = next;
      ax_lesion_set_unref (previous);
      previous = g_steal_pointer (&set);
    }
}

static void
test_limits (void)
{
  g_autoptr (AxProbMap) map = map_of_rows (
      rows, WIDTH, HEIGHT, (AxScale){ 8, 8 }, (AxScale){ 0.25, 0.3 });
  AxLesionParams params = AX_LESION_PARAMS_DEFAULT;
  GError *error = NULL;

  g_assert_cmpfloat (params.threshold, ==, 0.5);
  params.threshold = 0;
  g_assert_null (ax_lesion_set_extract (map, &params, NULL, &error));
  expect_error (&error, AX_ERROR_LIMIT, "threshold 0 is outside of 0");
  params.threshold = 1.01;
  g_assert_null (ax_lesion_set_extract (map, &params, NULL, &error));
  expect_error (&error, AX_ERROR_LIMIT, "threshold 1\\.01 is outside");
  params.threshold = NAN;
  g_assert_null (ax_lesion_set_extract (map, &params, NULL, &error));
  expect_error (&error, AX_ERROR_LIMIT, "threshold nan is outside");
  params.threshold = 1;
  params.opening = 65;
  g_assert_null (ax_lesion_set_extract (map, &params, NULL, &error));
  expect_error (&error, AX_ERROR_LIMIT, "opening by 65 cells");
}

/* The limits of the range, where the interval's ends are cut off. */
static void
test_extreme_thresholds (void)
{
  static const char *const block[] = { "0000", "0123", "....", "4999" };
  g_autoptr (AxProbMap) map
      = map_of_rows (block, 4, 4, (AxScale){ 1, 1 }, (AxScale){ 1, 1 });
  g_autoptr (AxLesionSet) lowest
      = extract (map, 1e-6, AX_SIZE_MODE_AJCC, 0, NULL);
  g_autoptr (AxLesionSet) highest
      = extract (map, 1, AX_SIZE_MODE_AJCC, 0, NULL);

  /* p = 0 is never in. */
  g_assert_cmpuint (ax_lesion_set_get_n_lesions (lowest), ==, 2);
  g_assert_cmpint (ax_lesion_set_get (lowest, 0)->n_cells, ==, 4);
  g_assert_cmpint (ax_lesion_set_get (lowest, 1)->n_cells, ==, 3);
  g_assert_cmpuint (ax_lesion_set_get_n_lesions (highest), ==, 0);
}

/* A map that changes under way does no harm; every set is one moment's. */
static gpointer
extract_thread (gpointer data)
{
  g_autoptr (AxLesionSet) previous = NULL;
  gint64 n_cells = 0;

  while (n_cells < 600 * 20)
    {
      AxLesionSet *set = extract (data, 0.5, AX_SIZE_MODE_AJCC, 0, previous);

      ax_lesion_set_unref (previous);
      previous = set;
      if (ax_lesion_set_get_n_lesions (set) > 0)
        {
          g_assert_cmpuint (ax_lesion_set_get_n_lesions (set), ==, 1);
          g_assert_cmpuint (ax_lesion_set_get (set, 0)->id, ==, 1);
          g_assert_cmpint (ax_lesion_set_get (set, 0)->n_cells, >=, n_cells);
          n_cells = ax_lesion_set_get (set, 0)->n_cells;
          g_assert_cmpint (n_cells % 600, ==, 0);
        }
    }
  return NULL;
}

static void
test_threads (void)
{
  AxProbGeometry geometry = { 600, 300, { 1, 1 }, { 1, 1 } };
  g_autoptr (AxProbMap) map = ax_prob_map_new (geometry, 0, NULL);
  g_autofree guint16 *cells = g_new (guint16, 600);
  GThread *threads[2];

  for (int i = 0; i < 600; i++)
    cells[i] = G_MAXUINT16;
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("extract", extract_thread, map);
  for (int row = 0; row < 20; row++)
    ax_prob_map_write (map, (AxCellRect){ 0, 250 + row, 600, 1 }, cells, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lesion/scipy", test_scipy);
  g_test_add_func ("/lesion/positions", test_positions);
  g_test_add_func ("/lesion/boundaries", test_boundaries);
  g_test_add_func ("/lesion/classes", test_classes);
  g_test_add_func ("/lesion/descriptions", test_descriptions);
  g_test_add_func ("/lesion/unknown-scale", test_unknown_scale);
  g_test_add_func ("/lesion/single-cell", test_single_cell);
  g_test_add_func ("/lesion/camelyon16", test_camelyon16);
  g_test_add_func ("/lesion/ids", test_ids);
  g_test_add_func ("/lesion/random-ids", test_random_ids);
  g_test_add_func ("/lesion/limits", test_limits);
  g_test_add_func ("/lesion/extreme-thresholds", test_extreme_thresholds);
  g_test_add_func ("/lesion/threads", test_threads);
  return g_test_run ();
}
