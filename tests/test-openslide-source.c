#include "core/slide/openslide-source.h"

#include "tests/support/data.h"
#include "tests/support/expect-error.h"
#include "tests/support/slide-writer.h"

#include <glib/gstdio.h>

#include <string.h>

#define TILE 64
#define N_COLS 4
#define DAMAGED 6 /* number of the tile, row by row */

static void
draw_tile_numbers (int level, gint64 x, gint64 y, int width, int height,
                   guint8 *rgb, gpointer user_data)
{
  for (int i = 0; i < height; i++)
    for (int j = 0; j < width; j++)
      {
        int number = (int)((y + i) / TILE * N_COLS + (x + j) / TILE);

        *rgb++ = (guint8)(40 + 10 * number);
        *rgb++ = 128;
        *rgb++ = 200;
      }
}

static char *
write_slide (const char *name)
{
  AxSlideSpec spec = {
    .width = TILE * N_COLS,
    .height = TILE * N_COLS,
    .tile = TILE,
    .coding = AX_SLIDE_JPEG_444,
    .damages = (AxSlideDamage[]){ { AX_SLIDE_DAMAGE_GARBAGE, 0,
                                    DAMAGED % N_COLS, DAMAGED / N_COLS } },
    .n_damages = 1,
    .pixels = draw_tile_numbers,
  };
  g_autofree char *path = scratch_path (name);
  g_autoptr (GError) error = NULL;

  ax_slide_spec_write (&spec, path, &error);
  g_assert_no_error (error);
  return g_steal_pointer (&path);
}

static gboolean
read_number (AxOpenslideSource *source, int number, GError **error)
{
  guint32 pixels[TILE * TILE];

  if (!ax_openslide_source_read_region (source, 0, number % N_COLS * TILE,
                                        number / N_COLS * TILE, TILE, TILE,
                                        pixels, error))
    return FALSE;
  for (int i = 0; i < TILE * TILE; i++)
    {
      g_assert_cmphex (pixels[i] >> 24, ==, 0xFF);
      g_assert_cmpint (ABS ((int)(pixels[i] >> 16 & 0xFF) - 40 - 10 * number),
                       <=, 3);
    }
  return TRUE;
}

/* The damaged tile makes OpenSlide's handle useless, not the source. */
static void
test_damaged (void)
{
  g_autofree char *path = write_slide ("damaged.tif");
  g_autoptr (GError) error = NULL;
  g_autoptr (AxOpenslideSource) source = ax_openslide_source_new (path, &error);

  g_assert_no_error (error);
  for (int round = 0; round < 2; round++)
    for (int i = 0; i < N_COLS * N_COLS; i++)
      if (i == DAMAGED)
        {
          g_assert_false (read_number (source, i, &error));
          expect_error (&error, AX_ERROR_CORRUPT, "^/.*damaged.tif: .");
        }
      else
        {
          g_assert_true (read_number (source, i, &error));
          g_assert_no_error (error);
        }
}

typedef struct
{
  AxOpenslideSource *source;
  int first;
} Reader;

static gpointer
reader_thread (gpointer data)
{
  const Reader *reader = data;

  for (int round = 0; round < 5; round++)
    for (int i = 0; i < N_COLS * N_COLS; i++)
      {
        int number = (reader->first + i) % (N_COLS * N_COLS);
        g_autoptr (GError) error = NULL;

        g_assert_true (read_number (reader->source, number, &error)
                       == (number != DAMAGED));
        if (number == DAMAGED)
          g_assert_error (error, AX_ERROR, AX_ERROR_CORRUPT);
      }
  return NULL;
}

/* Readers of whole tiles never see the error of the damaged one. */
static void
test_damaged_among_threads (void)
{
  g_autofree char *path = write_slide ("among-threads.tif");
  g_autoptr (GError) error = NULL;
  g_autoptr (AxOpenslideSource) source = ax_openslide_source_new (path, &error);
  Reader readers[4];
  GThread *threads[4];

  g_assert_no_error (error);
  for (int i = 0; i < 4; i++)
    {
      readers[i] = (Reader){ source, 3 * i };
      threads[i] = g_thread_new ("reader", reader_thread, &readers[i]);
    }
  for (int i = 0; i < 4; i++)
    g_thread_join (threads[i]);
}

/* A damaged tile, the file gone meanwhile, and back again. */
static void
test_file_gone (void)
{
  g_autofree char *path = write_slide ("gone.tif");
  g_autofree char *elsewhere = scratch_path ("elsewhere.tif");
  g_autoptr (GError) error = NULL;
  g_autoptr (AxOpenslideSource) source = ax_openslide_source_new (path, &error);

  g_assert_no_error (error);
  g_assert_cmpint (g_rename (path, elsewhere), ==, 0);
  g_assert_false (read_number (source, DAMAGED, &error));
  expect_error (&error, AX_ERROR_IO, "^/.*gone.tif: ");
  g_assert_false (read_number (source, 0, &error));
  expect_error (&error, AX_ERROR_IO, "^/.*gone.tif: ");

  g_assert_cmpint (g_rename (elsewhere, path), ==, 0);
  g_assert_true (read_number (source, 0, &error));
  g_assert_no_error (error);
}

static void
test_nothing_is_white (void)
{
  g_autofree char *path = write_slide ("white.tif");
  g_autoptr (GError) error = NULL;
  g_autoptr (AxOpenslideSource) source = ax_openslide_source_new (path, &error);
  guint32 pixels[TILE * TILE];

  g_assert_no_error (error);
  g_assert_true (ax_openslide_source_read_region (source, 0, -TILE / 2, 0, TILE,
                                                  TILE, pixels, &error));
  g_assert_cmphex (pixels[0], ==, 0xFFFFFFFF);
  g_assert_cmphex (pixels[TILE / 2 - 1], ==, 0xFFFFFFFF);
  g_assert_cmphex (pixels[TILE / 2], !=, 0xFFFFFFFF);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/openslide-source/damaged", test_damaged);
  g_test_add_func ("/openslide-source/damaged-among-threads",
                   test_damaged_among_threads);
  g_test_add_func ("/openslide-source/file-gone", test_file_gone);
  g_test_add_func ("/openslide-source/nothing-is-white", test_nothing_is_white);
  return g_test_run ();
}
