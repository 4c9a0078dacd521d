#include "core/slide/tissue.h"

#include "core/base/contour.h"
#include "core/base/rng.h"
#include "core/slide/image.h"
#include "core/slide/tissue-picture.h"

#include "tests/support/data.h"
#include "tests/support/expect-error.h"
#include "tests/support/slide-writer.h"

#include <math.h>
#include <string.h>

static AxSlide *
open_path (const char *path)
{
  g_autoptr (GError) error = NULL;
  AxSlide *slide = ax_slide_open (path, &error);

  g_assert_no_error (error);
  return slide;
}

static AxSlide *
open_spec (const AxSlideSpec *spec, const char *name)
{
  g_autofree char *path = scratch_path (name);
  g_autoptr (GError) error = NULL;

  ax_slide_spec_write (spec, path, &error);
  g_assert_no_error (error);
  return open_path (path);
}

static void
draw_glass (int level, gint64 x, gint64 y, int width, int height, guint8 *rgb,
            gpointer user_data)
{
  memset (rgb, 243, (gsize)width * height * 3);
}

static void
draw_waves (int level, gint64 x, gint64 y, int width, int height, guint8 *rgb,
            gpointer user_data)
{
  for (int i = 0; i < height; i++)
    for (int j = 0; j < width; j++)
      {
        *rgb++ = (x + j) * 3 % 251;
        *rgb++ = (y + i) * 5 % 241;
        *rgb++ = (x + j + y + i) % 255;
      }
}

/* 80 x 60 pixels of glass. */
static AxSlide *
open_small (void)
{
  AxSlideSpec spec = { .width = 80, .height = 60, .pixels = draw_glass };

  return open_spec (&spec, "small.tif");
}

static AxTissue *
load_mask (AxSlide *slide, int width, int height, const guint8 *cells)
{
  g_autofree char *path = scratch_path ("mask.png");
  g_autoptr (GError) error = NULL;
  g_autoptr (AxImage) image
      = ax_image_new (width, height, 1, AX_SAMPLE_U8, &error);
  AxTissue *tissue;

  g_assert_no_error (error);
  memcpy (image->data, cells, width * height);
  ax_image_save_png (image, path, &error);
  g_assert_no_error (error);
  tissue = ax_tissue_load (slide, path, &error);
  g_assert_no_error (error);
  return tissue;
}

static double
get_fraction_in (const AxTissue *tissue, gint64 x, gint64 y, gint64 width,
                 gint64 height)
{
  return ax_tissue_get_fraction_in (tissue, (AxRect0){ x, y, width, height });
}

static void
test_full (void)
{
  g_autoptr (AxSlide) slide = open_small ();
  g_autoptr (AxTissue) tissue = ax_tissue_new_full (slide);

  g_assert_cmpfloat (ax_tissue_get_fraction (tissue), ==, 1);
  g_assert_cmpfloat (get_fraction_in (tissue, 3, 5, 7, 1), ==, 1);
  g_assert_cmpfloat (get_fraction_in (tissue, 70, 50, 100, 100), ==, 1);
  g_assert_cmpfloat (get_fraction_in (tissue, 80, 0, 10, 10), ==, 0);
  g_assert_cmpfloat (get_fraction_in (tissue, 5, 5, 0, 10), ==, 0);
  g_assert_cmpfloat (ax_tissue_get_area_px (tissue), ==, 80 * 60);
  g_assert_cmpint (ax_tissue_get_level (tissue), ==, -1);
  g_assert_cmpint (ax_tissue_get_threshold (tissue), ==, -1);
  g_assert_cmpuint (ax_tissue_get_n_regions (tissue), ==, 1);
}

/* Cells are 20 x 20 pixels. */
static void
test_shares (void)
{
  static const guint8 cells[] = { 255, 0, 0, 7, /**/
                                  0,   1, 0, 9, /**/
                                  0,   0, 0, 0 };
  g_autoptr (AxSlide) slide = open_small ();
  g_autoptr (AxTissue) tissue = load_mask (slide, 4, 3, cells);

  g_assert_cmpfloat (ax_tissue_get_area_px (tissue), ==, 1600);
  g_assert_cmpfloat_with_epsilon (ax_tissue_get_fraction (tissue), 4 / 12.0,
                                  1e-12);
  g_assert_cmpuint (ax_tissue_get_n_regions (tissue), ==, 2);
  g_assert_cmpfloat_with_epsilon (get_fraction_in (tissue, 0, 0, 20, 20), 1,
                                  1e-12);
  g_assert_cmpfloat_with_epsilon (get_fraction_in (tissue, 10, 10, 20, 20), 0.5,
                                  1e-12);
  g_assert_cmpfloat_with_epsilon (get_fraction_in (tissue, 15, 0, 20, 5), 0.25,
                                  1e-12);
  /* What lies outside does not count. */
  g_assert_cmpfloat_with_epsilon (get_fraction_in (tissue, -50, -9, 60, 19), 1,
                                  1e-12);
  g_assert_cmpfloat_with_epsilon (get_fraction_in (tissue, 70, 30, 99, 99),
                                  1 / 3.0, 1e-12);
}

/* Against a count of single pixels; the mask is higher than what is summed up
 * at a time. */
static void
test_sums (void)
{
  g_autoptr (AxSlide) slide = open_small ();
  AxRng rng = ax_rng_init (7, 0);
  guint8 cells[30 * 40];
  g_autoptr (AxTissue) tissue = NULL;

  for (gsize i = 0; i < sizeof cells; i++)
    cells[i] = ax_rng_below (&rng, 3) == 0 ? 255 : 0;
  tissue = load_mask (slide, 40, 30, cells);
  for (guint i = 0; i < 500; i++)
    {
      int x = ax_rng_below (&rng, 79), y = ax_rng_below (&rng, 59);
      int width = 1 + ax_rng_below (&rng, 80 - x);
      int height = 1 + ax_rng_below (&rng, 60 - y);
      int n = 0;

      for (int row = y; row < y + height; row++)
        for (int col = x; col < x + width; col++)
          n += cells[row / 2 * 40 + col / 2] != 0;
      g_assert_cmpfloat_with_epsilon (
          get_fraction_in (tissue, x, y, width, height),
          n / (double)(width * height), 1e-12);
    }
}

static void
test_hash (void)
{
  static const guint8 a[] = { 255, 0, 0, 255 }, b[] = { 9, 0, 0, 1 },
                      c[] = { 255, 0, 255, 0 };
  g_autoptr (AxSlide) slide = open_small ();
  g_autoptr (AxTissue) first = load_mask (slide, 2, 2, a);
  g_autoptr (AxTissue) same = load_mask (slide, 2, 2, b);
  g_autoptr (AxTissue) other = load_mask (slide, 2, 2, c);
  g_autoptr (AxTissue) wide = load_mask (slide, 4, 1, a);

  g_assert_cmpuint (strlen (ax_tissue_get_hash (first)), ==, 64);
  g_assert_cmpstr (ax_tissue_get_hash (first), ==, ax_tissue_get_hash (same));
  g_assert_cmpstr (ax_tissue_get_hash (first), !=, ax_tissue_get_hash (other));
  g_assert_cmpstr (ax_tissue_get_hash (first), !=, ax_tissue_get_hash (wide));
}

static void
test_trace (void)
{
  static const guint8 cells[] = { 0, 0, 0, 0, 0, /**/
                                  0, 1, 1, 1, 0, /**/
                                  0, 1, 0, 1, 0, /**/
                                  0, 1, 1, 1, 0 };
  g_autoptr (AxSlide) slide = open_small ();
  g_autoptr (AxTissue) tissue = load_mask (slide, 5, 4, cells);
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) contours = ax_tissue_trace (tissue, &error);
  const AxContour *outline, *hole;

  g_assert_no_error (error);
  g_assert_cmpuint (contours->len, ==, 2);
  outline = &g_array_index (contours, AxContour, 0);
  hole = &g_array_index (contours, AxContour, 1);
  g_assert_false (outline->is_hole);
  g_assert_true (hole->is_hole);
  g_assert_cmpuint (outline->n_corners, ==, 4);
  for (guint i = 0; i < 4; i++)
    {
      g_assert_true (outline->corners[i].x == 1 || outline->corners[i].x == 4);
      g_assert_true (outline->corners[i].y == 1 || outline->corners[i].y == 4);
    }
}

static void
test_load_errors (void)
{
  g_autoptr (AxSlide) slide = open_small ();
  g_autofree char *path = scratch_path ("broken.png");
  g_autoptr (GError) error = NULL;

  g_assert_null (ax_tissue_load (slide, "/nowhere/mask.png", &error));
  expect_error (&error, AX_ERROR_IO, "/nowhere/mask\\.png");
  g_assert_true (g_file_set_contents (path, "no picture", -1, NULL));
  g_assert_null (ax_tissue_load (slide, path, &error));
  expect_error (&error, AX_ERROR_FORMAT, "broken\\.png");
}

/* A level much finer than 8 µm/px, in tiles that no cell ends with: each cell
   is the mean of its own pixels. */
static void
test_averages (void)
{
  AxSlideSpec spec = { .width = 333,
                       .height = 290,
                       .tile = 64,
                       .n_levels = 1,
                       .coding = AX_SLIDE_RAW,
                       .pixels = draw_waves };
  g_autofree guint8 *rgb = g_malloc (333 * 290 * 3);
  g_autoptr (AxSlide) slide = open_spec (&spec, "waves.tif");
  g_autoptr (GError) error = NULL;
  g_autoptr (AxTissuePicture) picture = NULL;

  draw_waves (0, 0, 0, 333, 290, rgb, NULL);
  /* 8 / 0.73 is nearest to 11. */
  picture = ax_tissue_picture_new (slide, (AxScale){ 0.73, 0.73 }, &error);
  g_assert_no_error (error);
  g_assert_cmpint (picture->level, ==, 0);
  g_assert_cmpint (picture->width, ==, 31);
  g_assert_cmpint (picture->height, ==, 27);
  g_assert_cmpfloat (picture->scale.x, ==, 11);
  for (int i = 0; i < 31 * 27 * 3; i++)
    {
      int x0 = i / 3 % 31 * 11, y0 = i / 3 / 31 * 11, n = 0, sum = 0;

      for (int y = y0; y < MIN (y0 + 11, 290); y++)
        for (int x = x0; x < MIN (x0 + 11, 333); x++, n++)
          sum += rgb[(y * 333 + x) * 3 + i % 3];
      g_assert_cmpint (picture->rgb[i], ==, (sum + n / 2) / n);
    }
}

static void
test_nearest_level (void)
{
  static const struct
  {
    double mpp;
    int level;
    double scale;
  } cases[] = {
    { 0.25, 3, 32 }, /* levels of 1, 2, 4, 8: 2 µm/px, averaged */
    { 2, 2, 4 },     { 2.6, 2, 4 }, /* 10.4 µm/px rather than 5.2 */
    { 30, 0, 1 },    { 0, 3, 32 },
  };
  AxSlideSpec spec = {
    .width = 700, .height = 500, .tile = 64, .n_levels = 4, .pixels = draw_glass
  };
  g_autoptr (AxSlide) slide = open_spec (&spec, "levels.tif");

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      AxScale mpp = { cases[i].mpp, cases[i].mpp };
      g_autoptr (AxTissue) tissue = ax_tissue_detect (slide, mpp, NULL);
      int width, height;
      AxScale scale;

      g_assert_nonnull (tissue);
      g_assert_cmpint (ax_tissue_get_level (tissue), ==, cases[i].level);
      ax_tissue_get_mask (tissue, &width, &height, &scale);
      g_assert_cmpfloat_with_epsilon (scale.x, cases[i].scale, 0.3);
      g_assert_cmpfloat (ax_tissue_get_fraction (tissue), ==, 0);
    }
}

/* The scan has to try what cannot be seen. */
static void
test_damaged (void)
{
  AxSlideDamage damage = { AX_SLIDE_DAMAGE_GARBAGE, 0, 1, 2 };
  AxSlideSpec spec = { .width = 600,
                       .height = 500,
                       .tile = 128,
                       .n_levels = 1,
                       .pixels = draw_glass,
                       .damages = &damage,
                       .n_damages = 1 };
  g_autoptr (AxSlide) slide = open_spec (&spec, "damaged.tif");
  g_autoptr (GError) error = NULL;
  g_autoptr (AxTissue) tissue
      = ax_tissue_detect (slide, (AxScale){ 0.5, 0.5 }, &error);

  g_assert_no_error (error);
  g_assert_cmpfloat (get_fraction_in (tissue, 128, 256, 128, 128), ==, 1);
  g_assert_cmpfloat (ax_tissue_get_area_px (tissue), ==, 128 * 128);
}

/* Tissue is where hand and eye put it: cells of the picture that are tissue,
   and cells that are none, in (x, y). */
typedef struct
{
  const char *name;
  double cell_um;
  double least, most;
  int tissue[6][2], none[6][2];
} Look;

static const Look looks[] = {
  { "tissue/lymph-node-1152x700-28.97um.png",
    28.97,
    0.21,
    0.26,
    { { 150, 100 },
      { 120, 365 },
      { 490, 150 },
      { 170, 580 },
      { 700, 360 },
      { 1060, 200 } },
    { { 10, 10 },
      { 382, 10 },
      { 325, 312 },
      { 470, 460 },
      { 330, 620 },
      { 1100, 600 } } },
  { "camelyon17-patient_004_node_4/level8_377x770.png",
    62.2,
    0.07,
    0.09,
    { { 65, 320 },
      { 125, 270 },
      { 250, 330 },
      { 190, 300 },
      { 120, 410 },
      { 187, 352 } },
    { { 200, 100 },
      { 10, 100 },
      { 360, 400 },
      { 180, 760 },
      { 40, 260 },
      { 187, 600 } } },
  { "camelyon17-centres/centre_0_patient_006_node_1.jpeg", 0.25, 0.99, 1 },
  { "camelyon17-centres/centre_2_patient_056_node_1.jpeg", 0.25, 0.99, 1 },
  { "camelyon17-centres/centre_4_patient_097_node_3.jpeg", 0.25, 0.99, 1 },
};

static guint8
look_at (const guint8 *mask, int width, const int place[2])
{
  return mask[place[1] * width + place[0]];
}

static void
test_look (gconstpointer data)
{
  const Look *look = data;
  g_autofree char *path = data_path (look->name);
  g_autoptr (GError) error = NULL;
  g_autoptr (AxImage) image = NULL;
  g_autoptr (AxTissue) tissue = NULL;
  const guint8 *mask;
  int width, height;
  AxScale scale;

  if (path == NULL)
    return;
  image = ax_image_load_rgb (path, 1 << 24, &error);
  g_assert_no_error (error);
  tissue = ax_tissue_detect_image (
      image->data, image->width, image->height, (AxScale){ 1, 1 },
      (AxScale){ look->cell_um, look->cell_um }, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (ax_tissue_get_fraction (tissue), >=, look->least);
  g_assert_cmpfloat (ax_tissue_get_fraction (tissue), <=, look->most);
  mask = ax_tissue_get_mask (tissue, &width, &height, &scale);
  for (int i = 0; i < 6 && look->tissue[i][0] > 0; i++)
    g_assert_cmpuint (look_at (mask, width, look->tissue[i]), ==, 255);
  for (int i = 0; i < 6 && look->none[i][0] > 0; i++)
    g_assert_cmpuint (look_at (mask, width, look->none[i]), ==, 0);
}

typedef struct
{
  const char *name;
  double least, most;
} Share;

static const Share shares[] = {
  { "slides/fluorescence-dapi.ndpi", 0, 0 },
  { "slides/CMU-1-Small-Region.svs", 0.32, 0.38 },
  { "slides/tcga-cr-7395-01a-01-ts1.svs", 0.58, 0.68 },
  { "slides/unreadable.svs", 1, 1 },
};

static void
test_slide (gconstpointer data)
{
  const Share *share = data;
  g_autofree char *path = data_path (share->name);
  g_autoptr (GError) error = NULL;
  g_autoptr (AxSlide) slide = NULL;
  g_autoptr (AxTissue) tissue = NULL;
  AxScale mpp = { 0, 0 };

  if (path == NULL)
    return;
  slide = open_path (path);
  ax_slide_get_mpp (slide, &mpp);
  tissue = ax_tissue_detect (slide, mpp, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (ax_tissue_get_fraction (tissue), >=, share->least);
  g_assert_cmpfloat (ax_tissue_get_fraction (tissue), <=, share->most);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tissue/full", test_full);
  g_test_add_func ("/tissue/shares", test_shares);
  g_test_add_func ("/tissue/sums", test_sums);
  g_test_add_func ("/tissue/hash", test_hash);
  g_test_add_func ("/tissue/trace", test_trace);
  g_test_add_func ("/tissue/load-errors", test_load_errors);
  g_test_add_func ("/tissue/averages", test_averages);
  g_test_add_func ("/tissue/nearest-level", test_nearest_level);
  g_test_add_func ("/tissue/damaged", test_damaged);
  for (gsize i = 0; i < G_N_ELEMENTS (looks); i++)
    {
      g_autofree char *path
          = g_strdup_printf ("/tissue/picture/%s", looks[i].name);

      g_test_add_data_func (path, &looks[i], test_look);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (shares); i++)
    {
      g_autofree char *path
          = g_strdup_printf ("/tissue/slide/%s", shares[i].name);

      g_test_add_data_func (path, &shares[i], test_slide);
    }
  return g_test_run ();
}
