#include "core/slide/pyramid-writer.h"
#include "core/slide/slide.h"
#include "tests/support/data.h"
#include "tests/support/expect-error.h"

#include <glib/gstdio.h>

#include <math.h>
#include <openslide.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#define TILE AX_PYRAMID_TILE

/* A picture without edges, so that JPEG changes it little. */
static void
get_color (int level, gint64 x, gint64 y, guint8 *rgb)
{
  double u = (double)(x << level), v = (double)(y << level);

  rgb[0] = (guint8)(128 + 90 * sin (u / 170.0));
  rgb[1] = (guint8)(128 + 90 * cos (v / 210.0));
  rgb[2] = (guint8)(60 + 30 * level);
}

static void
fill_tile (int level, int col, int row, guint8 *rgb)
{
  for (int j = 0; j < TILE; j++)
    for (int i = 0; i < TILE; i++)
      get_color (level, (gint64)col * TILE + i, (gint64)row * TILE + j,
                 rgb + 3 * (j * TILE + i));
}

static gboolean
put_level (AxPyramidWriter *writer, int level, GError **error)
{
  g_autofree guint8 *rgb = g_malloc (3 * TILE * TILE);
  gint64 width, height;

  ax_pyramid_writer_get_size (writer, level, &width, &height);
  for (int row = 0; row * TILE < height; row++)
    for (int col = 0; col * TILE < width; col++)
      {
        fill_tile (level, col, row, rgb);
        if (!ax_pyramid_writer_put (writer, level, col, row, rgb, error))
          return FALSE;
      }
  return TRUE;
}

/* Coarse levels first: the order is free. */
static gboolean
write_pyramid (const char *path, gint64 width, gint64 height, double mpp,
               GError **error)
{
  g_autoptr (AxPyramidWriter) writer
      = ax_pyramid_writer_new (path, width, height, mpp, 90, "a test", error);

  if (writer == NULL)
    return FALSE;
  for (int level = ax_pyramid_writer_get_n_levels (writer) - 1; level >= 0;
       level--)
    if (!put_level (writer, level, error))
      return FALSE;
  return ax_pyramid_writer_finish (writer, error);
}

static AxSlide *
write_and_open (const char *name, gint64 width, gint64 height, double mpp)
{
  g_autofree char *path = scratch_path (name);
  g_autoptr (GError) error = NULL;
  AxSlide *slide;

  write_pyramid (path, width, height, mpp, &error);
  g_assert_no_error (error);
  slide = ax_slide_open (path, &error);
  g_assert_no_error (error);
  return slide;
}

static void
assert_pixel (guint32 pixel, int level, gint64 x, gint64 y)
{
  guint8 rgb[3];

  get_color (level, x, y, rgb);
  for (int k = 0; k < 3; k++)
    g_assert_cmpint (ABS ((int)(pixel >> (16 - 8 * k) & 0xff) - (int)rgb[k]),
                     <=, 6);
}

/* Every pixel of a level, as the project's own reader sees it. */
static void
assert_level (AxSlide *slide, int level)
{
  const AxSlideLevel *l = ax_slide_get_level (slide, level);

  g_assert_true (ax_slide_has_fast_tiles (slide, level));
  g_assert_cmpint (l->tile_width, ==, TILE);
  g_assert_cmpint (l->tile_height, ==, TILE);
  for (int row = 0; row * TILE < l->height; row++)
    for (int col = 0; col * TILE < l->width; col++)
      {
        g_autoptr (GError) error = NULL;
        g_autoptr (AxTile) tile
            = ax_slide_read_tile (slide, level, col, row, &error);

        g_assert_no_error (error);
        for (gint64 j = 0; j < TILE && row * TILE + j < l->height; j++)
          for (gint64 i = 0; i < TILE && col * TILE + i < l->width; i++)
            assert_pixel (tile->pixels[j * (gint64)(tile->stride / 4) + i],
                          level, col * TILE + i, row * TILE + j);
      }
}

static void
test_levels (void)
{
  g_autoptr (AxSlide) slide = write_and_open ("levels.tif", 2300, 1301, 0.25);
  static const gint64 sizes[][2]
      = { { 2300, 1301 }, { 1150, 650 }, { 575, 325 }, { 287, 162 } };
  AxScale mpp;

  g_assert_cmpint (ax_slide_get_n_levels (slide), ==, G_N_ELEMENTS (sizes));
  for (int i = 0; i < (int)G_N_ELEMENTS (sizes); i++)
    {
      const AxSlideLevel *level = ax_slide_get_level (slide, i);

      g_assert_cmpint (level->width, ==, sizes[i][0]);
      g_assert_cmpint (level->height, ==, sizes[i][1]);
      g_assert_cmpfloat (level->scale.x, ==, 1 << i);
      g_assert_cmpfloat (level->scale.y, ==, 1 << i);
      assert_level (slide, i);
    }
  g_assert_true (ax_slide_get_mpp (slide, &mpp));
  g_assert_cmpfloat_with_epsilon (mpp.x, 0.25, 1e-6);
  g_assert_cmpfloat_with_epsilon (mpp.y, 0.25, 1e-6);
}

static void
test_odd_sizes (void)
{
  static const gint64 sizes[][3] = {
    { 1, 1, 1 }, { 1, 1500, 3 }, { 513, 1, 2 }, { 512, 512, 1 }, { 513, 511, 2 }
  };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (AxSlide) slide
          = write_and_open ("odd.tif", sizes[i][0], sizes[i][1], 0.5);
      int n_levels = ax_slide_get_n_levels (slide);

      g_assert_cmpint (n_levels, ==, sizes[i][2]);
      for (int level = 0; level < n_levels; level++)
        assert_level (slide, level);
    }
}

/* The same file through OpenSlide alone. */
static void
test_openslide (void)
{
  g_autoptr (AxSlide) slide = write_and_open ("open.tif", 1100, 700, 0.243);
  openslide_t *osr = openslide_open (ax_slide_get_path (slide));
  guint32 pixels[16];

  g_assert_nonnull (osr);
  g_assert_cmpint (openslide_get_level_count (osr), ==, 3);
  g_assert_cmpstr (openslide_get_property_value (osr, "openslide.comment"), ==,
                   "a test");
  openslide_read_region (osr, pixels, 4 * 200, 4 * 100, 2, 4, 4);
  g_assert_null (openslide_get_error (osr));
  for (int i = 0; i < 16; i++)
    assert_pixel (pixels[i], 2, 200 + i % 4, 100 + i / 4);
  openslide_close (osr);
}

static void
test_without_mpp (void)
{
  g_autoptr (AxSlide) slide = write_and_open ("plain.tif", 600, 600, 0);
  AxScale mpp;

  g_assert_false (ax_slide_get_mpp (slide, &mpp));
}

static char *
make_empty_folder (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("axilla-pyramid-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

/* g_rmdir() fails where something was left. */
static void
assert_empty (const char *folder)
{
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_unwritable (void)
{
  g_autofree char *folder = make_empty_folder ();
  g_autofree char *path = g_build_filename (folder, "none", "a.tif", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (write_pyramid (path, 100, 100, 1.0, &error));
  expect_error (&error, AX_ERROR_IO,
                "none/a.tif: cannot .*: No such file or directory$");
  assert_empty (folder);
}

/* As good as a full disk, at level 0, at the levels kept until the end, and in
 * the last directory. */
static void
test_disk_full (void)
{
  static const rlim_t limits[] = { 3000, 40000, 60000 };
  struct rlimit before;
  sighandler_t handler = signal (SIGXFSZ, SIG_IGN);

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      struct rlimit limit = { limits[i], before.rlim_max };
      g_autofree char *folder = make_empty_folder ();
      g_autofree char *path = g_build_filename (folder, "full.tif", NULL);
      g_autoptr (GError) error = NULL;
      gboolean written;

      g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
      written = write_pyramid (path, 2300, 1301, 0.25, &error);
      g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
      g_assert_false (written);
      expect_error (
          &error, AX_ERROR_IO,
          "full.tif: cannot write a (tile|directory): File too large$");
      assert_empty (folder);
    }
  signal (SIGXFSZ, handler);
}

static void
test_given_up (void)
{
  g_autofree char *folder = make_empty_folder ();
  g_autofree char *path = g_build_filename (folder, "half.tif", NULL);
  g_autoptr (GError) error = NULL;
  AxPyramidWriter *writer
      = ax_pyramid_writer_new (path, 2000, 2000, 1.0, 80, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (put_level (writer, 0, &error));
  g_assert_true (put_level (writer, 1, &error));
  g_assert_no_error (error);
  ax_pyramid_writer_free (writer);
  assert_empty (folder);
  ax_pyramid_writer_free (NULL);
}

/* Each thread puts every other tile. */
typedef struct
{
  AxPyramidWriter *writer;
  int first;
} Share;

static gpointer
put_thread (gpointer data)
{
  const Share *share = data;
  g_autofree guint8 *rgb = g_malloc (3 * TILE * TILE);
  gint64 width, height;
  int n = 0;

  for (int level = 0; level < ax_pyramid_writer_get_n_levels (share->writer);
       level++)
    {
      ax_pyramid_writer_get_size (share->writer, level, &width, &height);
      for (int row = 0; row * TILE < height; row++)
        for (int col = 0; col * TILE < width; col++)
          if (n++ % 2 == share->first)
            {
              fill_tile (level, col, row, rgb);
              g_assert_true (ax_pyramid_writer_put (share->writer, level, col,
                                                    row, rgb, NULL));
            }
    }
  return NULL;
}

static void
test_threads (void)
{
  g_autofree char *path = scratch_path ("threads.tif");
  g_autoptr (GError) error = NULL;
  g_autoptr (AxPyramidWriter) writer
      = ax_pyramid_writer_new (path, 2300, 1301, 0.25, 90, NULL, &error);
  g_autoptr (AxSlide) slide = NULL;
  Share shares[2] = { { writer, 0 }, { writer, 1 } };
  GThread *threads[2];

  g_assert_no_error (error);
  for (int i = 0; i < 2; i++)
    threads[i] = g_thread_new ("put", put_thread, &shares[i]);
  for (int i = 0; i < 2; i++)
    g_thread_join (threads[i]);
  g_assert_true (ax_pyramid_writer_finish (writer, &error));
  g_assert_no_error (error);
  slide = ax_slide_open (path, &error);
  g_assert_no_error (error);
  for (int level = 0; level < ax_slide_get_n_levels (slide); level++)
    assert_level (slide, level);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pyramid-writer/levels", test_levels);
  g_test_add_func ("/pyramid-writer/odd-sizes", test_odd_sizes);
  g_test_add_func ("/pyramid-writer/openslide", test_openslide);
  g_test_add_func ("/pyramid-writer/without-mpp", test_without_mpp);
  g_test_add_func ("/pyramid-writer/unwritable", test_unwritable);
  g_test_add_func ("/pyramid-writer/disk-full", test_disk_full);
  g_test_add_func ("/pyramid-writer/given-up", test_given_up);
  g_test_add_func ("/pyramid-writer/threads", test_threads);
  return g_test_run ();
}
