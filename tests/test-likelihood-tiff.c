#include "core/base/rng.h"
#include "core/detect/lesion.h"
#include "core/detect/likelihood-tiff.h"
#include "core/slide/image.h"

#include "tests/support/data.h"
#include "tests/support/expect-error.h"

#include <math.h>
#include <tiffio.h>

#define CM_UM 10000.

static AxProbMap *
make_map (gint64 width, gint64 height, AxScale cell, guint64 seed)
{
  AxProbGeometry geometry = { width, height, cell, { 0.243, 0.25 } };
  AxProbMap *map = ax_prob_map_new (geometry, 0, NULL);
  g_autofree guint16 *cells = g_new (guint16, width * height);
  AxRng rng = ax_rng_init (seed, 0);

  for (gint64 i = 0; i < width * height; i++)
    cells[i] = (i / 50) % 3 == 0 ? AX_PROB_NONE
                                 : 1 + (guint16)ax_rng_below (&rng, 65535);
  ax_prob_map_write (map, (AxCellRect){ 0, 0, width, height }, cells, NULL);
  return map;
}

static char *
write_map (AxProbMap *map, gint64 width, gint64 height)
{
  char *path = scratch_path ("map.tif");
  g_autoptr (GError) error = NULL;

  ax_likelihood_tiff_write (map, (AxRect0){ 0, 0, width, height }, path,
                            &error);
  g_assert_no_error (error);
  return path;
}

/* What a page says of itself, by libtiff. */
typedef struct
{
  guint32 width, height;
  float *pixels; /* (owned) */
  double um[2];
} Page;

static void
page_clear (gpointer data)
{
  g_free (((Page *)data)->pixels);
}

static void
assert_tag (TIFF *tiff, guint32 tag, int expected)
{
  guint16 value = 0;

  g_assert_true (TIFFGetFieldDefaulted (tiff, tag, &value));
  g_assert_cmpint (value, ==, expected);
}

static Page
read_page (TIFF *tiff)
{
  g_autofree float *tile = g_new (float, 512 * 512);
  guint32 tile_width = 0, tile_height = 0;
  float resolution[2] = { 0, 0 };
  Page page = { 0 };

  TIFFGetField (tiff, TIFFTAG_IMAGEWIDTH, &page.width);
  TIFFGetField (tiff, TIFFTAG_IMAGELENGTH, &page.height);
  TIFFGetField (tiff, TIFFTAG_TILEWIDTH, &tile_width);
  TIFFGetField (tiff, TIFFTAG_TILELENGTH, &tile_height);
  g_assert_cmpuint (tile_width, ==, 512);
  g_assert_cmpuint (tile_height, ==, 512);
  assert_tag (tiff, TIFFTAG_BITSPERSAMPLE, 32);
  assert_tag (tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
  assert_tag (tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_IEEEFP);
  assert_tag (tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  assert_tag (tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  assert_tag (tiff, TIFFTAG_COMPRESSION, COMPRESSION_DEFLATE);
  if (TIFFGetField (tiff, TIFFTAG_XRESOLUTION, &resolution[0])
      && TIFFGetField (tiff, TIFFTAG_YRESOLUTION, &resolution[1]))
    {
      assert_tag (tiff, TIFFTAG_RESOLUTIONUNIT, RESUNIT_CENTIMETER);
      page.um[0] = CM_UM / resolution[0];
      page.um[1] = CM_UM / resolution[1];
    }

  page.pixels = g_new (float, (gsize)page.width *page.height);
  for (guint32 y = 0; y < page.height; y += 512)
    for (guint32 x = 0; x < page.width; x += 512)
      {
        g_assert_cmpint (TIFFReadTile (tiff, tile, x, y, 0, 0), >, 0);
        for (guint32 i = y; i < MIN (y + 512, page.height); i++)
          for (guint32 j = x; j < MIN (x + 512, page.width); j++)
            page.pixels[(gsize)i * page.width + j]
                = tile[(i - y) * 512 + j - x];
      }
  return page;
}

static GArray *
read_pages (const char *path)
{
  GArray *pages = g_array_new (FALSE, FALSE, sizeof (Page));
  TIFF *tiff = TIFFOpen (path, "r");

  g_assert_nonnull (tiff);
  g_array_set_clear_func (pages, page_clear);
  do
    {
      Page page = read_page (tiff);

      g_array_append_val (pages, page);
    }
  while (TIFFReadDirectory (tiff));
  TIFFClose (tiff);
  return pages;
}

static float
value_of (guint16 cell)
{
  return cell == AX_PROB_NONE ? 0 : (float)ax_prob_value (cell);
}

/* A slide of whole cells: the file holds the map as it is. */
static void
test_whole_pitch (void)
{
  g_autoptr (AxProbMap) map = make_map (1300, 700, (AxScale){ 16, 16 }, 1);
  g_autofree char *path = write_map (map, 1300 * 16, 700 * 16);
  g_autoptr (GArray) pages = read_pages (path);

  g_assert_cmpuint (pages->len, ==, 3);
  for (guint level = 0; level < pages->len; level++)
    {
      const Page *page = &g_array_index (pages, Page, level);
      AxCellRect rect = { 0, 0, 1300 >> level, 700 >> level };
      g_autofree guint16 *cells = g_new (guint16, rect.n_cols * rect.n_rows);

      g_assert_cmpuint (page->width, ==, 1300 >> level);
      g_assert_cmpuint (page->height, ==, 700 >> level);
      g_assert_cmpfloat_with_epsilon (page->um[0], (16 << level) * 0.243, 1e-5);
      g_assert_cmpfloat_with_epsilon (page->um[1], (16 << level) * 0.25, 1e-5);
      ax_prob_map_read (map, level, rect, cells);
      for (gint64 i = 0; i < rect.n_cols * rect.n_rows; i++)
        g_assert_cmpfloat (page->pixels[i], ==, value_of (cells[i]));
    }
}

/* Whatever the sizes, both quotients are the pitch, and each pixel shows the
 * cell under its middle. */
static void
test_quotients (void)
{
  static const struct
  {
    gint64 width, height;
    AxScale cell;
    gint64 pitch;
  } cases[] = {
    { 9792, 22112, { 32, 32 }, 32 },
    { 40010, 20001, { 32, 32 }, 32 }, /* no whole number of cells */
    { 20000, 10000, { 15.6, 15.6 }, 16 },
    { 20000, 10000, { 15.4, 15.4 }, 15 },
    { 3000, 5000, { 8, 10 }, 9 },
    { 1000, 3200, { 64, 64 }, 62 }, /* 1000 / 64 is 15, but 1000 / 15 is 66 */
    { 40, 7, { 32, 32 }, 3 },
    { 5, 5, { 0.25, 0.25 }, 1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gint64 width = cases[i].width, height = cases[i].height;
      AxScale cell = cases[i].cell;
      g_autoptr (AxProbMap) map
          = make_map (ceil (width / cell.x), ceil (height / cell.y), cell, i);
      g_autofree char *path = write_map (map, width, height);
      g_autoptr (GArray) pages = read_pages (path);
      const Page *page = &g_array_index (pages, Page, 0);
      gint64 pitch = width / page->width;

      g_assert_cmpint (pitch, ==, height / page->height);
      g_assert_cmpint (pitch, ==, cases[i].pitch);
      g_assert_cmpfloat_with_epsilon (page->um[0], pitch * 0.243, 1e-4);
      for (guint32 y = 0; y < page->height; y += 7)
        for (guint32 x = 0; x < page->width; x++)
          {
            gint64 col = floor ((x + 0.5) * pitch / cell.x);
            gint64 row = floor ((y + 0.5) * pitch / cell.y);

            g_assert_cmpfloat (page->pixels[(gsize)y * page->width + x], ==,
                               value_of (ax_prob_map_get (map, col, row)));
          }
      for (guint j = 1; j < pages->len; j++)
        g_assert_cmpuint (g_array_index (pages, Page, j).width, <,
                          g_array_index (pages, Page, j - 1).width);
    }
}

static void
test_no_scale (void)
{
  AxProbGeometry geometry = { 10, 10, { 32, 32 }, { 0, 0 } };
  g_autoptr (AxProbMap) map = ax_prob_map_new (geometry, 0, NULL);
  g_autofree char *path = write_map (map, 320, 320);
  g_autoptr (GArray) pages = read_pages (path);

  g_assert_cmpfloat (g_array_index (pages, Page, 0).um[0], ==, 0);
  g_assert_cmpfloat (g_array_index (pages, Page, 0).pixels[0], ==, 0);
}

static void
test_write_errors (void)
{
  g_autoptr (AxProbMap) map = make_map (10, 10, (AxScale){ 32, 32 }, 1);
  GError *error = NULL;

  g_assert_false (ax_likelihood_tiff_write (map, (AxRect0){ 0, 0, 320, 320 },
                                            "/nonexistent/map.tif", &error));
  expect_error (&error, AX_ERROR_IO, "^/nonexistent/map\\.tif: ");
}

/* What is written is read again, spacing included. */
static void
test_round_trip (void)
{
  AxScale mpp = { 0.243, 0.25 };
  g_autoptr (AxProbMap) map = make_map (600, 300, (AxScale){ 32, 32 }, 5);
  g_autofree char *path = write_map (map, 600 * 32, 300 * 32);
  g_autoptr (AxProbMap) again = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree guint16 *cells = g_new (guint16, 600 * 300);
  g_autofree guint16 *read = g_new (guint16, 600 * 300);

  again = ax_likelihood_read (path, 0, 0, mpp, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (ax_prob_map_get_geometry (again)->cell.x, ==, 32);
  g_assert_cmpfloat (ax_prob_map_get_geometry (again)->cell.y, ==, 32);

  /* p = 0 and "not analysed" are both 0 in the file. */
  ax_prob_map_read (map, 0, (AxCellRect){ 0, 0, 600, 300 }, cells);
  ax_prob_map_read (again, 0, (AxCellRect){ 0, 0, 600, 300 }, read);
  for (int i = 0; i < 600 * 300; i++)
    g_assert_cmpuint (read[i], ==, cells[i] == 1 ? AX_PROB_NONE : cells[i]);
}

static AxImage *
make_image (AxSampleType type, int n_channels)
{
  AxImage *image = ax_image_new (5, 3, n_channels, type, NULL);

  for (int i = 0; i < 15 * n_channels; i++)
    ((guint8 *)image->data)[i] = 17 * (i / n_channels);
  return image;
}

static char *
save_png (AxImage *image)
{
  char *path = scratch_path ("map.png");

  g_assert_true (ax_image_save_png (image, path, NULL));
  return path;
}

/* Whole numbers: 0 is p = 0, the end of the scale is 1, and more than that
 * too. */
static void
test_read_grey (void)
{
  AxScale mpp = { 0.25, 0.25 };

  for (int n_channels = 1; n_channels <= 3; n_channels += 2)
    {
      g_autoptr (AxImage) image = make_image (AX_SAMPLE_U8, n_channels);
      g_autofree char *path = save_png (image);
      g_autoptr (AxProbMap) map = NULL;
      g_autoptr (GError) error = NULL;

      map = ax_likelihood_read (path, 200, 16, mpp, &error);
      g_assert_no_error (error);
      g_assert_cmpint (ax_prob_map_get_geometry (map)->width, ==, 5);
      g_assert_cmpint (ax_prob_map_get_geometry (map)->height, ==, 3);
      g_assert_cmpfloat (ax_prob_map_get_geometry (map)->cell.y, ==, 16);
      for (int i = 0; i < 15; i++)
        g_assert_cmpuint (ax_prob_map_get (map, i % 5, i / 5), ==,
                          ax_prob_quantize (17 * i / 200.));

      ax_prob_map_unref (map);
      map = ax_likelihood_read (path, 0, 16, mpp, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (ax_prob_map_get (map, 4, 2), ==,
                        ax_prob_quantize (17 * 14 / 255.));
    }
}

/* A one-page float TIFF of three pixels. */
static char *
write_float_tiff (float middle, guint16 unit)
{
  char *path = scratch_path ("float.tif");
  TIFF *tiff = TIFFOpen (path, "w");
  float pixels[] = { 0, middle, 1 };

  TIFFSetField (tiff, TIFFTAG_IMAGEWIDTH, 3);
  TIFFSetField (tiff, TIFFTAG_IMAGELENGTH, 1);
  TIFFSetField (tiff, TIFFTAG_BITSPERSAMPLE, 32);
  TIFFSetField (tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
  TIFFSetField (tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_IEEEFP);
  TIFFSetField (tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  if (unit != RESUNIT_NONE)
    {
      TIFFSetField (tiff, TIFFTAG_RESOLUTIONUNIT, unit);
      TIFFSetField (tiff, TIFFTAG_XRESOLUTION, 2500.);
      TIFFSetField (tiff, TIFFTAG_YRESOLUTION, 1250.);
    }
  g_assert_cmpint (TIFFWriteScanline (tiff, pixels, 0, 0), >, 0);
  TIFFClose (tiff);
  return path;
}

static void
test_read_spacing (void)
{
  static const struct
  {
    guint16 unit;
    double um; /* per unit */
  } cases[] = { { RESUNIT_CENTIMETER, 10000 }, { RESUNIT_INCH, 25400 } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = write_float_tiff (0.5, cases[i].unit);
      g_autoptr (AxProbMap) map = NULL;
      g_autoptr (GError) error = NULL;

      map = ax_likelihood_read (path, 0, 0, (AxScale){ 0.25, 0.25 }, &error);
      g_assert_no_error (error);
      g_assert_cmpfloat_with_epsilon (ax_prob_map_get_geometry (map)->cell.x,
                                      cases[i].um / 2500 / 0.25, 1e-4);
      g_assert_cmpfloat_with_epsilon (ax_prob_map_get_geometry (map)->cell.y,
                                      cases[i].um / 1250 / 0.25, 1e-4);
      g_assert_cmpuint (ax_prob_map_get (map, 0, 0), ==, AX_PROB_NONE);
      g_assert_cmpuint (ax_prob_map_get (map, 1, 0), ==, 32768);
      g_assert_cmpuint (ax_prob_map_get (map, 2, 0), ==, 65535);
    }
}

static void
assert_refused (const char *path, double step, AxScale mpp, int code,
                const char *regex)
{
  GError *error = NULL;

  g_assert_null (ax_likelihood_read (path, 0, step, mpp, &error));
  expect_error (&error, code, regex);
}

static void
test_read_errors (void)
{
  AxScale mpp = { 0.25, 0.25 }, unknown = { 0, 0 };
  static const float wrong[] = { -0.01f, 1.01f, NAN, INFINITY };
  g_autofree char *bare = write_float_tiff (0.5, RESUNIT_NONE);
  g_autofree char *path = NULL;
  g_autoptr (AxImage) image = make_image (AX_SAMPLE_U8, 3);

  assert_refused ("/nonexistent/map.tif", 8, mpp, AX_ERROR_IO,
                  "/nonexistent/map\\.tif");
  assert_refused (bare, 0, mpp, AX_ERROR_FORMAT,
                  "float\\.tif: .*the file has no spacing");
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autofree char *bad = write_float_tiff (wrong[i], RESUNIT_CENTIMETER);

      assert_refused (bad, 0, mpp, AX_ERROR_FORMAT,
                      "float\\.tif: the value .* at 1, 0 is outside of 0 to 1");
      assert_refused (bad, 0, unknown, AX_ERROR_FORMAT,
                      "the slide has no µm/px");
    }

  ((guint8 *)image->data)[20]++;
  path = save_png (image);
  assert_refused (path, 8, mpp, AX_ERROR_FORMAT,
                  "map\\.png: a map has one channel, this picture has 3");
}

/* Maps of a ScanNet, p times 200; one cell is 32 level-0 pixels of 0.243 µm.
 * Counts, diameters and cells by skimage.measure.label and
 * scipy.ndimage.binary_opening of Debian 12 (0.19.3, 1.10.1), diameters over
 * all pairs of hull corners.  The truth's components are those of mask >= 128,
 * since JPEG's ringing reaches 9. */
typedef struct
{
  const char *name;
  int opening;
  guint n_lesions, n_itc, n_micro;
  gint64 n_cells;
  double largest_um[3];
  guint n_truths, n_truths_hit, n_lesions_on_truth;
} Heatmap;

static AxProbMap *
read_heatmap (const char *prefix, const char *name, double scale_max)
{
  g_autofree char *file = g_strdup_printf ("heatmaps/%s_%s.jpg", prefix, name);
  g_autofree char *path = data_path (file);
  g_autoptr (GError) error = NULL;
  AxProbMap *map;

  if (path == NULL)
    return NULL;
  map = ax_likelihood_read (path, scale_max, 32, (AxScale){ 0.243, 0.243 },
                            &error);
  g_assert_no_error (error);
  return map;
}

static AxLesionSet *
extract (AxProbMap *map, double threshold, int opening)
{
  AxLesionParams params = AX_LESION_PARAMS_DEFAULT;
  g_autoptr (GError) error = NULL;
  AxLesionSet *set;

  params.threshold = threshold;
  params.opening = opening;
  set = ax_lesion_set_extract (map, &params, NULL, &error);
  g_assert_no_error (error);
  return set;
}

/* Lesions of @a that share a cell with one of @b. */
static guint
count_hit (const AxLesionSet *a, const AxLesionSet *b,
           const AxProbGeometry *geometry)
{
  g_autoptr (GHashTable) hit = g_hash_table_new (NULL, NULL);

  for (gint64 i = 0; i < geometry->width * geometry->height; i++)
    {
      AxPoint0 at = { (i % geometry->width + 0.5) * geometry->cell.x,
                      (i / geometry->width + 0.5) * geometry->cell.y };
      const AxLesion *lesion = ax_lesion_set_at (a, at);

      if (lesion != NULL && ax_lesion_set_at (b, at) != NULL)
        g_hash_table_add (hit, (gpointer)lesion);
    }
  return g_hash_table_size (hit);
}

static void
check_heatmap (const Heatmap *expected)
{
  g_autoptr (AxProbMap) map = read_heatmap ("out", expected->name, 200);
  g_autoptr (AxProbMap) mask = read_heatmap ("mask", expected->name, 255);
  g_autoptr (AxLesionSet) lesions = NULL;
  g_autoptr (AxLesionSet) truth = NULL;
  gint64 n_cells = 0;

  if (map == NULL || mask == NULL)
    return;
  lesions = extract (map, 0.5, expected->opening);
  truth = extract (mask, 0.5, 0);
  for (guint i = 0; i < ax_lesion_set_get_n_lesions (lesions); i++)
    n_cells += ax_lesion_set_get (lesions, i)->n_cells;

  g_assert_cmpuint (ax_lesion_set_get_n_lesions (lesions), ==,
                    expected->n_lesions);
  g_assert_cmpuint (ax_lesion_set_count (lesions, AX_SIZE_ITC), ==,
                    expected->n_itc);
  g_assert_cmpuint (ax_lesion_set_count (lesions, AX_SIZE_MICRO), ==,
                    expected->n_micro);
  g_assert_cmpint (n_cells, ==, expected->n_cells);
  for (int i = 0; i < 3; i++)
    g_assert_cmpfloat_with_epsilon (ax_lesion_set_get (lesions, i)->diameter_um,
                                    expected->largest_um[i], 1e-3);

  g_assert_cmpuint (ax_lesion_set_get_n_lesions (truth), ==,
                    expected->n_truths);
  if (expected->opening == 1)
    {
      const AxProbGeometry *geometry = ax_prob_map_get_geometry (map);

      g_assert_cmpuint (count_hit (truth, lesions, geometry), ==,
                        expected->n_truths_hit);
      g_assert_cmpuint (count_hit (lesions, truth, geometry), ==,
                        expected->n_lesions_on_truth);
    }
}

static void
test_heatmaps (void)
{
  static const Heatmap heatmaps[] = {
    { "patient_017_node_4",
      0,
      1594,
      1588,
      6,
      12703,
      { 861.3127, 425.4119, 370.9731 },
      8,
      0,
      0 },
    { "patient_017_node_4",
      1,
      147,
      142,
      5,
      7991,
      { 788.4879, 423.0601, 361.4795 },
      8,
      6,
      6 },
    { "patient_039_node_1",
      0,
      1664,
      1662,
      2,
      8925,
      { 347.2313, 243.0544, 179.5229 },
      14,
      0,
      0 },
    { "patient_039_node_1",
      1,
      221,
      220,
      1,
      4232,
      { 329.9994, 196.8726, 170.7182 },
      14,
      6,
      6 },
    { "patient_046_node_4",
      0,
      169,
      168,
      1,
      1297,
      { 216.8933, 131.9631, 129.4184 },
      76,
      0,
      0 },
    { "patient_046_node_4",
      1,
      43,
      43,
      0,
      898,
      { 153.3667, 125.6251, 116.6400 },
      76,
      33,
      35 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (heatmaps); i++)
    check_heatmap (&heatmaps[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/likelihood-tiff/whole-pitch", test_whole_pitch);
  g_test_add_func ("/likelihood-tiff/quotients", test_quotients);
  g_test_add_func ("/likelihood-tiff/no-scale", test_no_scale);
  g_test_add_func ("/likelihood-tiff/write-errors", test_write_errors);
  g_test_add_func ("/likelihood-tiff/round-trip", test_round_trip);
  g_test_add_func ("/likelihood-tiff/read-grey", test_read_grey);
  g_test_add_func ("/likelihood-tiff/read-spacing", test_read_spacing);
  g_test_add_func ("/likelihood-tiff/read-errors", test_read_errors);
  g_test_add_func ("/likelihood-tiff/heatmaps", test_heatmaps);
  return g_test_run ();
}
