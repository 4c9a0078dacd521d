#include "core/slide/region.h"

#include "tests/support/data.h"
#include "tests/support/expect-error.h"
#include "tests/support/slide-writer.h"

#include <math.h>
#include <string.h>

#define BUDGET (64 * 1024 * 1024)

static guint8
noise_at (gint64 x, gint64 y, int channel)
{
  guint32 mixed = (guint32)x * 0x9E3779B1u ^ (guint32)y * 0x85EBCA77u
                  ^ (guint32)channel * 0xC2B2AE3Du;

  mixed = (mixed ^ mixed >> 15) * 0x2C1B3C6Du;
  return (guint8)(mixed >> 24);
}

static void
draw_noise (int level, gint64 x, gint64 y, int width, int height, guint8 *rgb,
            gpointer user_data)
{
  for (int i = 0; i < height; i++)
    for (int j = 0; j < width; j++)
      for (int c = 0; c < 3; c++)
        *rgb++ = noise_at (x + j, y + i, c);
}

static void
draw_flat (int level, gint64 x, gint64 y, int width, int height, guint8 *rgb,
           gpointer user_data)
{
  for (gsize i = 0; i < (gsize)width * height; i++)
    memcpy (rgb + 3 * i, user_data, 3);
}

/* Raw tiles: what is read is what was drawn. */
static AxSlideSpec
noise_spec (gint64 width, gint64 height)
{
  return (AxSlideSpec){ .width = width,
                        .height = height,
                        .tile = 64,
                        .n_levels = 1,
                        .coding = AX_SLIDE_RAW,
                        .pixels = draw_noise };
}

static AxTileCache *
open_spec (const AxSlideSpec *spec)
{
  g_autofree char *path = scratch_path ("region.tif");
  g_autoptr (GError) error = NULL;
  g_autoptr (AxSlide) slide = NULL;

  ax_slide_spec_write (spec, path, &error);
  g_assert_no_error (error);
  slide = ax_slide_open (path, &error);
  g_assert_no_error (error);
  return ax_tile_cache_new (slide, BUDGET);
}

/* A reader at @f level-0 pixels per model pixel. */
static AxRegionReader *
open_reader (AxTileCache *cache, double f_x, double f_y)
{
  g_autoptr (GError) error = NULL;
  AxRegionReader *reader
      = ax_region_reader_new (cache, (AxScale){ 1 / f_x, 1 / f_y }, 1, &error);

  g_assert_no_error (error);
  return reader;
}

static guint8 *
read_rgb (AxRegionReader *reader, gint64 x, gint64 y, int width, int height)
{
  guint8 *rgb = g_malloc (3 * (gsize)width * height);
  g_autoptr (GError) error = NULL;

  ax_region_reader_read (reader, x, y, width, height, rgb, NULL, &error);
  g_assert_no_error (error);
  return rgb;
}

/* Drawn pixel of level 0; white around it. */
static double
truth_at (gint64 x, gint64 y, int channel, gint64 width, gint64 height)
{
  if (x < 0 || y < 0 || x >= width || y >= height)
    return 255;
  return noise_at (x, y, channel);
}

/* The mean of the area that model pixel (i, j) covers, written down anew. */
static double
mean_at (gint64 i, gint64 j, int channel, double f, gint64 width, gint64 height)
{
  double sum = 0;

  for (gint64 y = (gint64)floor (j * f); y < (j + 1) * f; y++)
    for (gint64 x = (gint64)floor (i * f); x < (i + 1) * f; x++)
      {
        double w = MIN ((i + 1) * f, x + 1.) - MAX (i * f, (double)x);
        double h = MIN ((j + 1) * f, y + 1.) - MAX (j * f, (double)y);

        sum += w * h * truth_at (x, y, channel, width, height);
      }
  return sum / (f * f);
}

static double
bilinear_at (gint64 i, gint64 j, int channel, double f, gint64 width,
             gint64 height)
{
  double x = (i + 0.5) * f - 0.5, y = (j + 0.5) * f - 0.5;
  gint64 left = (gint64)floor (x), top = (gint64)floor (y);
  double u = x - left, v = y - top;

  return (1 - v)
             * ((1 - u) * truth_at (left, top, channel, width, height)
                + u * truth_at (left + 1, top, channel, width, height))
         + v
               * ((1 - u) * truth_at (left, top + 1, channel, width, height)
                  + u * truth_at (left + 1, top + 1, channel, width, height));
}

static void
test_means (void)
{
  static const double scales[]
      = { 3.7, 1.3, 2.5, 7.03125, 31.4, 0.6, 0.126, 0.97 };
  const gint64 width = 300, height = 170;
  AxSlideSpec spec = noise_spec (width, height);
  g_autoptr (AxTileCache) cache = open_spec (&spec);

  for (guint k = 0; k < G_N_ELEMENTS (scales); k++)
    {
      double f = scales[k];
      g_autoptr (AxRegionReader) reader = open_reader (cache, f, f);
      int w = (int)ceil (width / f) + 6, h = (int)ceil (height / f) + 6;
      g_autofree guint8 *rgb = read_rgb (reader, -3, -3, w, h);

      g_assert_cmpfloat_with_epsilon (ax_region_reader_get_scale (reader).x, f,
                                      1e-12);
      for (int j = 0; j < h; j++)
        for (int i = 0; i < w; i++)
          for (int c = 0; c < 3; c++)
            {
              double truth
                  = f < 1 ? bilinear_at (i - 3, j - 3, c, f, width, height)
                          : mean_at (i - 3, j - 3, c, f, width, height);

              /* Rounded to whole values, with room for float's rounding. */
              g_assert_cmpfloat_with_epsilon (rgb[3 * (j * w + i) + c], truth,
                                              0.501);
            }
    }
}

/* Any two rectangles give the same bytes where they overlap. */
static void
test_no_seams (void)
{
  static const double scales[] = { 3.7, 0.6, 1.03, 17.9 };
  AxSlideSpec spec = noise_spec (1000, 700);
  g_autoptr (AxTileCache) cache = open_spec (&spec);
  g_autoptr (GRand) random = g_rand_new_with_seed (5);

  for (guint k = 0; k < G_N_ELEMENTS (scales); k++)
    {
      g_autoptr (AxRegionReader) reader
          = open_reader (cache, scales[k], scales[k]);
      int w = (int)(1000 / scales[k]) + 20, h = (int)(700 / scales[k]) + 20;
      g_autofree guint8 *whole = read_rgb (reader, -10, -10, w, h);

      for (int round = 0; round < 60; round++)
        {
          int x = g_rand_int_range (random, 0, w);
          int y = g_rand_int_range (random, 0, h);
          int part_w = g_rand_int_range (random, 1, MIN (w - x, 200) + 1);
          int part_h = g_rand_int_range (random, 1, MIN (h - y, 200) + 1);
          g_autofree guint8 *part
              = read_rgb (reader, x - 10, y - 10, part_w, part_h);

          for (int i = 0; i < part_h; i++)
            g_assert_cmpmem (part + 3 * i * part_w, 3 * part_w,
                             whole + 3 * ((y + i) * w + x), 3 * part_w);
        }
    }
}

/* Wider than one stripe of the resampler. */
static void
test_no_seams_between_stripes (void)
{
  AxSlideSpec spec = noise_spec (20000, 40);
  g_autoptr (AxTileCache) cache = open_spec (&spec);
  g_autoptr (AxRegionReader) reader = open_reader (cache, 2.2, 2.2);
  g_autofree guint8 *whole = read_rgb (reader, 0, 0, 9091, 18);

  for (int x = 3600; x < 3800; x += 7)
    {
      g_autofree guint8 *part = read_rgb (reader, x, 5, 100, 3);

      for (int i = 0; i < 3; i++)
        g_assert_cmpmem (part + 300 * i, 300, whole + 3 * ((5 + i) * 9091 + x),
                         300);
    }
  for (int i = 0; i < 9091; i++)
    g_assert_cmpfloat_with_epsilon (whole[3 * (4 * 9091 + i)],
                                    mean_at (i, 4, 0, 2.2, 20000, 40), 0.501);
}

/* 1.01 is taken for 1, so pixels are copied. */
static void
test_copies_near_a_level (void)
{
  AxSlideSpec spec = noise_spec (150, 130);
  g_autoptr (AxTileCache) cache = open_spec (&spec);
  g_autoptr (AxRegionReader) reader = open_reader (cache, 1.015, 0.99);
  g_autofree guint8 *rgb = read_rgb (reader, -20, -30, 200, 180);
  gint64 width, height;

  ax_region_reader_get_size (reader, &width, &height);
  g_assert_cmpint (width, ==, 150);
  g_assert_cmpint (height, ==, 130);
  g_assert_cmpfloat (ax_region_reader_get_scale (reader).x, ==, 1);
  g_assert_cmpfloat (ax_region_reader_get_scale (reader).y, ==, 1);
  for (int j = 0; j < 180; j++)
    for (int i = 0; i < 200; i++)
      for (int c = 0; c < 3; c++)
        g_assert_cmpint (rgb[3 * (j * 200 + i) + c], ==,
                         (int)truth_at (i - 20, j - 30, c, 150, 130));
}

/* Level 2's pixels, and those of level 1 for what lies between. */
static void
test_chooses_level (void)
{
  AxSlideSpec spec = noise_spec (1030, 770);
  g_autoptr (AxTileCache) cache = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (AxTile) tile = NULL;
  g_autoptr (AxRegionReader) same = NULL, between = NULL;
  g_autofree guint8 *rgb = NULL;
  gint64 width, height;

  spec.n_levels = 4;
  cache = open_spec (&spec);
  same = open_reader (cache, 4.05, 4.05);
  g_assert_cmpint (ax_region_reader_get_level (same), ==, 2);
  g_assert_cmpfloat (ax_region_reader_get_scale (same).x, ==, 4);
  ax_region_reader_get_size (same, &width, &height);
  g_assert_cmpint (width, ==, 258); /* 257 of the level, and 2 px of level 0 */
  g_assert_cmpint (height, ==, 193);

  rgb = read_rgb (same, 64, 64, 64, 64);
  tile = ax_tile_cache_read (cache, 2, 1, 1, &error);
  g_assert_no_error (error);
  for (int i = 0; i < 64 * 64; i++)
    g_assert_cmphex (0xFF000000u | rgb[3 * i] << 16 | rgb[3 * i + 1] << 8
                         | rgb[3 * i + 2],
                     ==, tile->pixels[i]);

  between = open_reader (cache, 3.7, 3.7);
  g_assert_cmpint (ax_region_reader_get_level (between), ==, 1);
}

static void
test_flat_stays_flat (void)
{
  static const double scales[] = { 3.7, 0.6, 2.888, 200.3 };
  guint8 color[3] = { 7, 128, 250 };
  AxSlideSpec spec = noise_spec (900, 900);
  g_autoptr (AxTileCache) cache = NULL;

  spec.pixels = draw_flat;
  spec.user_data = color;
  cache = open_spec (&spec);
  for (guint k = 0; k < G_N_ELEMENTS (scales); k++)
    {
      g_autoptr (AxRegionReader) reader
          = open_reader (cache, scales[k], scales[k]);
      int n = MAX ((int)(800 / scales[k]), 1);
      g_autofree guint8 *rgb = read_rgb (reader, 1, 1, n, n);

      for (int i = 0; i < n * n; i++)
        g_assert_cmpmem (rgb + 3 * i, 3, color, 3);
    }
}

/* Another scale along y than along x. */
static void
test_oblong_pixels (void)
{
  AxSlideSpec spec = noise_spec (200, 200);
  g_autoptr (AxTileCache) cache = open_spec (&spec);
  g_autoptr (AxRegionReader) reader = open_reader (cache, 1, 2);
  g_autofree guint8 *rgb = read_rgb (reader, 0, 0, 200, 100);

  for (int j = 0; j < 100; j++)
    for (int i = 0; i < 200; i++)
      g_assert_cmpfloat_with_epsilon (
          rgb[3 * (j * 200 + i)],
          (noise_at (i, 2 * j, 0) + noise_at (i, 2 * j + 1, 0)) / 2., 0.501);
}

static void
assert_rect (GArray *rects, guint i, AxRect0 expected)
{
  g_assert_true (ax_rect0_equal (g_array_index (rects, AxRect0, i), expected));
}

static void
test_damaged (void)
{
  AxSlideDamage damages[] = { { AX_SLIDE_DAMAGE_GARBAGE, 0, 1, 1 },
                              { AX_SLIDE_DAMAGE_CUT, 0, 3, 0 } };
  guint8 color[3] = { 100, 100, 100 };
  AxSlideSpec spec = noise_spec (256, 256);
  g_autoptr (AxTileCache) cache = NULL;
  g_autoptr (AxRegionReader) copies = NULL, halves = NULL;
  g_autoptr (GArray) damaged = g_array_new (FALSE, FALSE, sizeof (AxRect0));
  g_autofree guint8 *rgb = g_malloc (3 * 256 * 256);
  g_autoptr (GError) error = NULL;

  spec.coding = AX_SLIDE_JPEG;
  spec.pixels = draw_flat;
  spec.user_data = color;
  spec.damages = damages;
  spec.n_damages = 2;
  cache = open_spec (&spec);

  copies = open_reader (cache, 1, 1);
  g_assert_true (
      ax_region_reader_read (copies, 0, 0, 256, 256, rgb, damaged, &error));
  g_assert_cmpuint (damaged->len, ==, 2);
  assert_rect (damaged, 0, (AxRect0){ 192, 0, 64, 64 });
  assert_rect (damaged, 1, (AxRect0){ 64, 64, 64, 64 });
  g_assert_cmpint (rgb[3 * (100 * 256 + 100)], ==, 255);
  g_assert_cmpint (rgb[3 * (100 * 256 + 150)], ==, 100);

  g_array_set_size (damaged, 0);
  g_assert_true (
      ax_region_reader_read (copies, 100, 70, 100, 20, rgb, damaged, &error));
  g_assert_cmpuint (damaged->len, ==, 1);
  assert_rect (damaged, 0, (AxRect0){ 100, 70, 28, 20 });

  g_array_set_size (damaged, 0);
  halves = open_reader (cache, 2, 2);
  g_assert_true (
      ax_region_reader_read (halves, 0, 0, 128, 128, rgb, damaged, &error));
  g_assert_cmpuint (damaged->len, ==, 2);
  assert_rect (damaged, 1, (AxRect0){ 32, 32, 32, 32 });
  g_assert_cmpint (rgb[3 * (40 * 128 + 40)], ==, 255);
  g_assert_cmpint (rgb[3 * (40 * 128 + 70)], ==, 100);
}

static void
test_keeps_to_the_budget (void)
{
  AxSlideSpec spec = noise_spec (1024, 1024);
  g_autofree char *path = scratch_path ("region.tif");
  g_autoptr (AxSlide) slide = NULL;
  g_autoptr (AxTileCache) cache = NULL;
  g_autoptr (AxRegionReader) reader = NULL;
  g_autofree guint8 *rgb = NULL;
  const gsize budget = 10 * 64 * 64 * 4;

  g_assert_true (ax_slide_spec_write (&spec, path, NULL));
  slide = ax_slide_open (path, NULL);
  cache = ax_tile_cache_new (slide, budget);
  reader = open_reader (cache, 5.5, 5.5);
  rgb = read_rgb (reader, 0, 0, 187, 187);
  g_assert_cmpuint (ax_tile_cache_get_bytes (cache), <=, budget);
  /* Each tile once. */
  g_assert_cmpuint (ax_tile_cache_get_n_decoded (cache), ==, 256);
}

static void
test_absurd_scales (void)
{
  AxSlideSpec spec = noise_spec (64, 64);
  g_autoptr (AxTileCache) cache = open_spec (&spec);
  static const double models[] = { 0.03, 65 };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (models); i++)
    {
      g_assert_null (ax_region_reader_new (cache, (AxScale){ 0.25, 0.25 },
                                           models[i], &error));
      expect_error (&error, AX_ERROR_LIMIT,
                    i == 0
                        ? "^/.*region.tif: 0.25 x 0.25 µm/px is more than 8 "
                          "times coarser than the model's 0.03 µm/px$"
                        : "is more than 256 times finer than the model's 65");
    }
}

typedef struct
{
  AxRegionReader *reader;
  const guint8 *whole;
} Peer;

static gpointer
peer_thread (gpointer data)
{
  const Peer *peer = data;

  for (int i = 0; i < 8; i++)
    {
      g_autofree guint8 *part = read_rgb (peer->reader, 10 * i, 0, 50, 100);

      for (int row = 0; row < 100; row++)
        g_assert_cmpmem (part + 150 * row, 150,
                         peer->whole + 3 * (row * 200 + 10 * i), 150);
    }
  return NULL;
}

static void
test_threads (void)
{
  AxSlideSpec spec = noise_spec (600, 400);
  g_autoptr (AxTileCache) cache = open_spec (&spec);
  g_autoptr (AxTileCache) other = open_spec (&spec);
  g_autoptr (AxRegionReader) alone = open_reader (other, 2.7, 2.7);
  g_autoptr (AxRegionReader) reader = open_reader (cache, 2.7, 2.7);
  g_autofree guint8 *whole = read_rgb (alone, 0, 0, 200, 100);
  Peer peer = { reader, whole };
  GThread *threads[4];

  for (int i = 0; i < 4; i++)
    threads[i] = g_thread_new ("peer", peer_thread, &peer);
  for (int i = 0; i < 4; i++)
    g_thread_join (threads[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/region/means", test_means);
  g_test_add_func ("/region/no-seams", test_no_seams);
  g_test_add_func ("/region/no-seams-between-stripes",
                   test_no_seams_between_stripes);
  g_test_add_func ("/region/copies-near-a-level", test_copies_near_a_level);
  g_test_add_func ("/region/chooses-level", test_chooses_level);
  g_test_add_func ("/region/flat-stays-flat", test_flat_stays_flat);
  g_test_add_func ("/region/oblong-pixels", test_oblong_pixels);
  g_test_add_func ("/region/damaged", test_damaged);
  g_test_add_func ("/region/keeps-to-the-budget", test_keeps_to_the_budget);
  g_test_add_func ("/region/absurd-scales", test_absurd_scales);
  g_test_add_func ("/region/threads", test_threads);
  return g_test_run ();
}
