#include "core/slide/tile-loader.h"

#include "tests/support/data.h"
#include "tests/support/expect-error.h"
#include "tests/support/slide-writer.h"

#include <string.h>

#define N_COLS 40

typedef struct
{
  GMainContext *context;
  AxTileCache *cache;
  GThread *thread;
  int n_loaded, n_failed;
  guint8 seen[N_COLS][N_COLS];
  AxTileLoader *to_free; /* (nullable): by the next call */
} Fixture;

static void
draw_grey (int level, gint64 x, gint64 y, int width, int height, guint8 *rgb,
           gpointer user_data)
{
  memset (rgb, 150, 3 * (gsize)width * height);
}

static void
fixture_init (Fixture *self)
{
  AxSlideSpec spec = {
    .width = 64 * N_COLS,
    .height = 64 * N_COLS,
    .tile = 64,
    .n_levels = 1,
    .damages = (AxSlideDamage[]){ { AX_SLIDE_DAMAGE_GARBAGE, 0, 1, 0 } },
    .n_damages = 1,
    .pixels = draw_grey,
  };
  g_autofree char *path = scratch_path ("loader.tif");
  g_autoptr (GError) error = NULL;
  g_autoptr (AxSlide) slide = NULL;

  ax_slide_spec_write (&spec, path, &error);
  g_assert_no_error (error);
  slide = ax_slide_open (path, &error);
  g_assert_no_error (error);
  *self = (Fixture){ .context = g_main_context_new (),
                     .cache = ax_tile_cache_new (slide, 1 << 20),
                     .thread = g_thread_self () };
}

static void
fixture_clear (Fixture *self)
{
  ax_tile_cache_unref (self->cache);
  g_main_context_unref (self->context);
}

static void
on_loaded (int level, int col, int row, AxTile *tile, const GError *error,
           gpointer user_data)
{
  Fixture *self = user_data;

  g_assert_true (g_thread_self () == self->thread);
  g_assert_true ((tile == NULL) == (error != NULL));
  g_assert_cmpint (level, ==, 0);
  self->n_loaded += tile != NULL;
  self->n_failed += tile == NULL;
  self->seen[row][col]++;
  g_clear_pointer (&self->to_free, ax_tile_loader_free);
}

static void
wait_for (Fixture *self, int n_letters)
{
  while (self->n_loaded + self->n_failed < n_letters)
    g_main_context_iteration (self->context, TRUE);
}

static void
test_loads (void)
{
  Fixture fixture;
  AxTileLoader *loader;

  fixture_init (&fixture);
  loader = ax_tile_loader_new (fixture.cache, 3, fixture.context, on_loaded,
                               &fixture);
  for (int i = 0; i < 20; i++)
    ax_tile_loader_request (loader, 0, i, 0, 0, i);
  wait_for (&fixture, 20);
  g_assert_cmpint (fixture.n_loaded, ==, 19);
  g_assert_cmpint (fixture.seen[0][1], ==, 1);
  g_assert_cmpuint (ax_tile_loader_get_n_waiting (loader), ==, 0);
  g_assert_cmpuint (ax_tile_cache_get_n_decoded (fixture.cache), ==, 20);
  ax_tile_loader_free (loader);
  fixture_clear (&fixture);
}

/* What waited is dropped, and may be asked for again. */
static void
test_epochs (void)
{
  Fixture fixture;
  AxTileLoader *loader;
  int n_before;

  fixture_init (&fixture);
  loader = ax_tile_loader_new (fixture.cache, 1, fixture.context, on_loaded,
                               &fixture);
  for (int i = 0; i < N_COLS * N_COLS; i++)
    ax_tile_loader_request (loader, 0, i % N_COLS, i / N_COLS, 0, i);
  ax_tile_loader_begin_epoch (loader);
  g_assert_cmpuint (ax_tile_loader_get_n_waiting (loader), ==, 0);

  ax_tile_loader_request (loader, 0, N_COLS - 1, N_COLS - 1, 0, 0);
  while (fixture.seen[N_COLS - 1][N_COLS - 1] == 0)
    g_main_context_iteration (fixture.context, TRUE);

  /* The one worker has gone through all that was left before it. */
  n_before = fixture.n_loaded + fixture.n_failed;
  g_assert_cmpuint (ax_tile_cache_get_n_decoded (fixture.cache), ==, n_before);
  g_assert_false (g_main_context_iteration (fixture.context, FALSE));
  ax_tile_loader_free (loader);
  fixture_clear (&fixture);
}

static void
test_asks_once (void)
{
  Fixture fixture;
  AxTileLoader *loader;

  fixture_init (&fixture);
  loader = ax_tile_loader_new (fixture.cache, 2, fixture.context, on_loaded,
                               &fixture);
  /* However often tiles are asked for, no more than these can wait. */
  for (int round = 0; round < 50; round++)
    for (int i = 0; i < 10; i++)
      {
        ax_tile_loader_request (loader, 0, i, 5, 0, i);
        g_assert_cmpuint (ax_tile_loader_get_n_waiting (loader), <=, 10);
      }
  for (int i = 0; i < 10; i++)
    while (fixture.seen[5][i] == 0)
      g_main_context_iteration (fixture.context, TRUE);
  g_assert_cmpuint (ax_tile_cache_get_n_decoded (fixture.cache), ==, 10);
  ax_tile_loader_free (loader);
  fixture_clear (&fixture);
}

static void
test_freed_while_loading (void)
{
  Fixture fixture;
  AxTileLoader *loader;

  fixture_init (&fixture);
  loader = ax_tile_loader_new (fixture.cache, 3, fixture.context, on_loaded,
                               &fixture);
  for (int i = 0; i < 200; i++)
    ax_tile_loader_request (loader, 0, i % N_COLS, i / N_COLS, 0, i);
  ax_tile_loader_free (loader);
  while (g_main_context_iteration (fixture.context, FALSE))
    continue;
  g_assert_cmpint (fixture.n_loaded + fixture.n_failed, ==, 0);
  fixture_clear (&fixture);
}

static void
test_freed_by_the_callback (void)
{
  Fixture fixture;
  AxTileLoader *loader;

  fixture_init (&fixture);
  loader = ax_tile_loader_new (fixture.cache, 1, fixture.context, on_loaded,
                               &fixture);
  fixture.to_free = loader;
  ax_tile_loader_request (loader, 0, 7, 7, 0, 0);
  wait_for (&fixture, 1);
  g_assert_null (fixture.to_free);
  fixture_clear (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tile-loader/loads", test_loads);
  g_test_add_func ("/tile-loader/epochs", test_epochs);
  g_test_add_func ("/tile-loader/asks-once", test_asks_once);
  g_test_add_func ("/tile-loader/freed-while-loading",
                   test_freed_while_loading);
  g_test_add_func ("/tile-loader/freed-by-the-callback",
                   test_freed_by_the_callback);
  return g_test_run ();
}
