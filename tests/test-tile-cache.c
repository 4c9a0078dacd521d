#include "core/slide/tile-cache.h"

#include "tests/support/data.h"
#include "tests/support/expect-error.h"
#include "tests/support/slide-writer.h"

#define TILE 64
#define TILE_BYTES (TILE * TILE * 4)

static void
draw_ramp (int level, gint64 x, gint64 y, int width, int height, guint8 *rgb,
           gpointer user_data)
{
  for (int i = 0; i < height; i++)
    for (int j = 0; j < width; j++)
      {
        *rgb++ = (guint8)((x + j) / TILE * 16);
        *rgb++ = (guint8)((y + i) / TILE * 16);
        *rgb++ = 77;
      }
}

/* 8 x 8 tiles, then 4 x 4, 2 x 2, 1; tile (3, 1) of level 0 is damaged. */
static AxTileCache *
open_cache (gsize budget_bytes)
{
  AxSlideSpec spec = {
    .width = 8 * TILE,
    .height = 8 * TILE,
    .tile = TILE,
    .coding = AX_SLIDE_JPEG_444,
    .damages = (AxSlideDamage[]){ { AX_SLIDE_DAMAGE_GARBAGE, 0, 3, 1 } },
    .n_damages = 1,
    .pixels = draw_ramp,
  };
  g_autofree char *path = scratch_path ("cache.tif");
  g_autoptr (GError) error = NULL;
  g_autoptr (AxSlide) slide = NULL;

  ax_slide_spec_write (&spec, path, &error);
  g_assert_no_error (error);
  slide = ax_slide_open (path, &error);
  g_assert_no_error (error);
  return ax_tile_cache_new (slide, budget_bytes);
}

static AxTile *
read_tile (AxTileCache *cache, int level, int col, int row)
{
  g_autoptr (GError) error = NULL;
  AxTile *tile = ax_tile_cache_read (cache, level, col, row, &error);

  g_assert_no_error (error);
  return tile;
}

static void
test_keeps_tiles (void)
{
  g_autoptr (AxTileCache) cache = open_cache (10 * TILE_BYTES);
  g_autoptr (AxTile) first = NULL, again = NULL, peeked = NULL;

  g_assert_null (ax_tile_cache_peek (cache, 0, 2, 5));
  first = read_tile (cache, 0, 2, 5);
  again = read_tile (cache, 0, 2, 5);
  peeked = ax_tile_cache_peek (cache, 0, 2, 5);
  g_assert_true (first == again && first == peeked);
  g_assert_cmpuint (ax_tile_cache_get_n_decoded (cache), ==, 1);
  g_assert_cmpuint (ax_tile_cache_get_bytes (cache), ==, TILE_BYTES);
  g_assert_cmpint (ABS ((int)(first->pixels[9] >> 16 & 0xFF) - 32), <=, 2);
  g_assert_cmpint (ABS ((int)(first->pixels[9] >> 8 & 0xFF) - 80), <=, 2);
}

static void
test_budget (void)
{
  g_autoptr (AxTileCache) cache = open_cache (10 * TILE_BYTES);
  g_autoptr (AxTile) held = read_tile (cache, 0, 0, 0);

  for (int i = 4; i < 64; i++)
    if (i % 8 != 3)
      ax_tile_unref (read_tile (cache, 0, i % 8, i / 8));
  g_assert_cmpuint (ax_tile_cache_get_bytes (cache), ==, 10 * TILE_BYTES);
  g_assert_null (ax_tile_cache_peek (cache, 0, 0, 0));
  g_assert_cmpint (held->width, ==, TILE);
}

/* Levels 2 and 3 are 5 tiles, which is less than a share of the budget. */
static void
test_coarsest_levels_stay (void)
{
  g_autoptr (AxTileCache) cache = open_cache (40 * TILE_BYTES);
  g_autoptr (AxTile) tile = NULL;

  ax_tile_unref (read_tile (cache, 3, 0, 0));
  ax_tile_unref (read_tile (cache, 2, 1, 1));
  ax_tile_unref (read_tile (cache, 1, 1, 1));
  for (int i = 0; i < 64; i++)
    if (i != 11)
      ax_tile_unref (read_tile (cache, 0, i % 8, i / 8));
  g_assert_null (ax_tile_cache_peek (cache, 1, 1, 1));
  tile = ax_tile_cache_peek (cache, 2, 1, 1);
  g_assert_nonnull (tile);
  g_assert_cmpuint (ax_tile_cache_get_bytes (cache), <=, 40 * TILE_BYTES);
}

static void
test_failures_are_remembered (void)
{
  g_autoptr (AxTileCache) cache = open_cache (10 * TILE_BYTES);
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 3; i++)
    {
      g_assert_null (ax_tile_cache_read (cache, 0, 3, 1, &error));
      expect_error (&error, AX_ERROR_CORRUPT, "tile \\(3, 1\\): ");
    }
  g_assert_cmpuint (ax_tile_cache_get_n_decoded (cache), ==, 1);
  ax_tile_cache_forget_failures (cache);
  g_assert_null (ax_tile_cache_read (cache, 0, 3, 1, &error));
  expect_error (&error, AX_ERROR_CORRUPT, "tile \\(3, 1\\): ");
  g_assert_cmpuint (ax_tile_cache_get_n_decoded (cache), ==, 2);
  ax_tile_unref (read_tile (cache, 0, 2, 1));
}

/* All tiles at once from several threads, which begin together. */
typedef struct
{
  AxTileCache *cache;
  AxTile *tiles[64];
} Reader;

static gpointer
reader_thread (gpointer data)
{
  Reader *reader = data;

  for (int i = 0; i < 64; i++)
    reader->tiles[i]
        = ax_tile_cache_read (reader->cache, 0, i % 8, i / 8, NULL);
  return NULL;
}

static void
test_single_flight (void)
{
  for (int round = 0; round < 5; round++)
    {
      g_autoptr (AxTileCache) cache = open_cache (64 * TILE_BYTES);
      Reader readers[6] = { 0 };
      GThread *threads[6];

      for (int i = 0; i < 6; i++)
        {
          readers[i].cache = cache;
          threads[i] = g_thread_new ("reader", reader_thread, &readers[i]);
        }
      for (int i = 0; i < 6; i++)
        g_thread_join (threads[i]);
      g_assert_cmpuint (ax_tile_cache_get_n_decoded (cache), ==, 64);
      for (int i = 0; i < 6; i++)
        for (int j = 0; j < 64; j++)
          {
            g_assert_true ((readers[i].tiles[j] == NULL) == (j == 11));
            g_assert_true (readers[i].tiles[j] == readers[0].tiles[j]);
          }
      for (int i = 0; i < 6; i++)
        for (int j = 0; j < 64; j++)
          ax_tile_unref (readers[i].tiles[j]);
    }
}

/* Without room for anything everybody still gets a tile. */
static void
test_no_budget (void)
{
  g_autoptr (AxTileCache) cache = open_cache (0);
  Reader readers[4] = { 0 };
  GThread *threads[4];

  for (int i = 0; i < 4; i++)
    {
      readers[i].cache = cache;
      threads[i] = g_thread_new ("reader", reader_thread, &readers[i]);
    }
  for (int i = 0; i < 4; i++)
    {
      g_thread_join (threads[i]);
      for (int j = 0; j < 64; j++)
        {
          g_assert_true ((readers[i].tiles[j] == NULL) == (j == 11));
          ax_tile_unref (readers[i].tiles[j]);
        }
    }
  g_assert_cmpuint (ax_tile_cache_get_bytes (cache), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tile-cache/keeps-tiles", test_keeps_tiles);
  g_test_add_func ("/tile-cache/budget", test_budget);
  g_test_add_func ("/tile-cache/coarsest-levels-stay",
                   test_coarsest_levels_stay);
  g_test_add_func ("/tile-cache/failures", test_failures_are_remembered);
  g_test_add_func ("/tile-cache/single-flight", test_single_flight);
  g_test_add_func ("/tile-cache/no-budget", test_no_budget);
  return g_test_run ();
}
