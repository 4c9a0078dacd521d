#include "core/base/rng.h"
#include "core/detect/prob-map.h"

#include "tests/support/expect-error.h"

#include <math.h>

static AxProbMap *
make_map (gint64 width, gint64 height)
{
  AxProbGeometry geometry = { .width = width,
                              .height = height,
                              .cell = { 32, 32 },
                              .mpp = { 0.243, 0.243 } };
  g_autoptr (GError) error = NULL;
  AxProbMap *map = ax_prob_map_new (geometry, 0, &error);

  g_assert_no_error (error);
  return map;
}

static void
write_cells (AxProbMap *map, AxCellRect rect, const guint16 *cells)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (ax_prob_map_write (map, rect, cells, &error));
  g_assert_no_error (error);
}

static void
test_values (void)
{
  g_assert_cmpuint (ax_prob_quantize (0), ==, 1);
  g_assert_cmpuint (ax_prob_quantize (1), ==, 65535);
  g_assert_cmpuint (ax_prob_quantize (-3), ==, 1);
  g_assert_cmpuint (ax_prob_quantize (7), ==, 65535);
  g_assert_cmpuint (ax_prob_quantize (NAN), ==, AX_PROB_NONE);
  g_assert_cmpuint (ax_prob_quantize (0.5), ==, 32768);
  g_assert_cmpfloat (ax_prob_value (1), ==, 0);
  g_assert_cmpfloat (ax_prob_value (65535), ==, 1);
  for (guint cell = 1; cell <= G_MAXUINT16; cell++)
    g_assert_cmpuint (ax_prob_quantize (ax_prob_value (cell)), ==, cell);

  /* 0 is not enough, and 3/10, which no cell hits, still counts as 3/10. */
  g_assert_cmpuint (ax_prob_threshold (0), ==, 2);
  g_assert_cmpuint (ax_prob_threshold (1), ==, 65535);
  for (int i = 1; i <= 200; i++)
    {
      guint16 threshold = ax_prob_threshold (i / 200.);

      g_assert_cmpuint (ax_prob_quantize (i / 200.), >=, threshold);
      g_assert_cmpuint (ax_prob_quantize ((i - 1) / 200.), <, threshold);
    }
}

static void
test_limits (void)
{
  AxProbGeometry geometry = { 12500, 6250, { 32, 32 }, { 0.243, 0.243 } };
  g_autoptr (AxProbMap) map = NULL;
  GError *error = NULL;

  /* 49 x 25 tiles, then 25 x 13, 13 x 7, 7 x 4, 4 x 2, 2 x 1 and 1, of 128 KiB
   * each. */
  g_assert_null (ax_prob_map_new (geometry, 100 << 20, &error));
  expect_error (&error, AX_ERROR_LIMIT,
                "12500 x 6250 cells takes up to 210\\.0 MiB, "
                "the limit is 100\\.0 MiB");
  map = ax_prob_map_new (geometry, 212 << 20, &error);
  g_assert_no_error (error);
  g_assert_cmpint (ax_prob_map_get_n_levels (map), ==, 7);
  g_assert_cmpuint (ax_prob_map_get_bytes (map), <, 64 << 10);

  geometry.width = (gint64)1 << 31;
  g_assert_null (ax_prob_map_new (geometry, 0, &error));
  expect_error (&error, AX_ERROR_LIMIT,
                "2147483648 x 6250 cells, the limit is 2147483647 a side");
}

/* Tiles exist where something was written, on each level. */
static void
test_sparse (void)
{
  g_autoptr (AxProbMap) map = make_map (12500, 6250);
  gsize empty = ax_prob_map_get_bytes (map), one;
  guint16 cells[4] = { 0, 40000, 0, 0 };

  write_cells (map, (AxCellRect){ 5000, 5000, 2, 2 }, (guint16[4]){ 0 });
  g_assert_cmpuint (ax_prob_map_get_bytes (map), ==, empty);
  g_assert_null (ax_prob_map_get_tile (map, 0, 19, 19));
  g_assert_cmpuint (ax_prob_map_get_max (map), ==, AX_PROB_NONE);

  /* Across a corner of four tiles, but only one cell of it set. */
  write_cells (map, (AxCellRect){ 255, 255, 2, 2 }, cells);
  one = ax_prob_map_get_bytes (map) - empty;
  g_assert_cmpuint (one, >=, 7 * sizeof (AxProbTile));
  g_assert_cmpuint (one, <, 7 * sizeof (AxProbTile) + 1024);
  g_assert_null (ax_prob_map_get_tile (map, 0, 0, 0));
  g_assert_cmpuint (ax_prob_map_get (map, 256, 255), ==, 40000);
  g_assert_cmpuint (ax_prob_map_get_max (map), ==, 40000);

  write_cells (map, (AxCellRect){ 256, 255, 2, 2 }, cells);
  g_assert_cmpuint (ax_prob_map_get_bytes (map) - empty, ==, one);

  g_assert_null (ax_prob_map_get_tile (map, 0, -1, 0));
  g_assert_null (ax_prob_map_get_tile (map, 0, 49, 0));
  g_assert_null (ax_prob_map_get_tile (map, 6, 0, 1));
  g_assert_cmpuint (ax_prob_map_get (map, -1, 0), ==, AX_PROB_NONE);
  g_assert_cmpuint (ax_prob_map_get (map, 0, 100000), ==, AX_PROB_NONE);
}

#define WIDTH 700
#define HEIGHT 530

/* A map beside a plain array: every level is the maximum over its block of
 * level-0 cells. */
static void
check_levels (AxProbMap *map, const guint16 *truth)
{
  g_assert_cmpint (ax_prob_map_get_n_levels (map), ==, 3);
  for (int level = 0; level < 3; level++)
    {
      int scale = 1 << level, width = (WIDTH + scale - 1) / scale;
      int height = (HEIGHT + scale - 1) / scale;
      AxCellRect rect = { -3, -2, width + 7, height + 5 };
      g_autofree guint16 *cells = g_new (guint16, rect.n_cols * rect.n_rows);

      ax_prob_map_read (map, level, rect, cells);
      for (int row = -2; row < height + 3; row++)
        for (int col = -3; col < width + 4; col++)
          {
            guint16 expected = 0;

            for (int y = MAX (row * scale, 0);
                 y < MIN ((row + 1) * scale, HEIGHT); y++)
              for (int x = MAX (col * scale, 0);
                   x < MIN ((col + 1) * scale, WIDTH); x++)
                expected = MAX (expected, truth[y * WIDTH + x]);
            g_assert_cmpuint (cells[(row + 2) * rect.n_cols + col + 3], ==,
                              expected);
          }
    }
}

static void
test_random_writes (void)
{
  g_autoptr (AxProbMap) map = make_map (WIDTH, HEIGHT);
  g_autofree guint16 *truth = g_new0 (guint16, WIDTH * HEIGHT);
  AxRng rng = ax_rng_init (3, 0);
  gint64 n_cells = 0, counted = 0, histogram[256], expected[256] = { 0 };

  for (int round = 0; round < 40; round++)
    {
      AxCellRect rect
          = { (gint64)ax_rng_below (&rng, WIDTH + 40) - 40,
              (gint64)ax_rng_below (&rng, HEIGHT + 40) - 40,
              1 + ax_rng_below (&rng, 300), 1 + ax_rng_below (&rng, 300) };
      g_autofree guint16 *cells = g_new (guint16, rect.n_cols * rect.n_rows);

      for (gint64 i = 0; i < rect.n_cols * rect.n_rows; i++)
        {
          gint64 x = rect.col + i % rect.n_cols, y = rect.row + i / rect.n_cols;

          cells[i] = MAX (0, (gint64)ax_rng_below (&rng, 131072) - 65536);
          if (cells[i] != 0 && x >= 0 && y >= 0 && x < WIDTH && y < HEIGHT)
            truth[y * WIDTH + x] = cells[i];
        }
      write_cells (map, rect, cells);
    }
  check_levels (map, truth);

  for (int i = 0; i < WIDTH * HEIGHT; i++)
    if (truth[i] != 0)
      {
        n_cells++;
        expected[MIN ((int)(ax_prob_value (truth[i]) * 256), 255)]++;
      }
  counted = ax_prob_map_count (map, histogram);
  g_assert_cmpint (counted, ==, n_cells);
  g_assert_cmpmem (histogram, sizeof histogram, expected, sizeof expected);
  g_assert_cmpint (ax_prob_map_count (map, NULL), ==, n_cells);
}

/* A write far outside, or of nothing, does nothing. */
static void
test_outside (void)
{
  g_autoptr (AxProbMap) map = make_map (100, 100);
  gsize bytes = ax_prob_map_get_bytes (map);
  guint16 cells[4] = { 9, 9, 9, 9 };

  write_cells (map, (AxCellRect){ 100, 0, 2, 2 }, cells);
  write_cells (map, (AxCellRect){ -2, -2, 2, 2 }, cells);
  write_cells (map, (AxCellRect){ 5, 5, 0, 2 }, NULL);
  g_assert_cmpuint (ax_prob_map_get_bytes (map), ==, bytes);
  g_assert_cmpint (ax_prob_map_count (map, NULL), ==, 0);
}

/* A tile that somebody holds stays as it is. */
static void
test_copy_on_write (void)
{
  g_autoptr (AxProbMap) map = make_map (300, 300);
  g_autoptr (AxProbTile) before = NULL;
  g_autoptr (AxProbTile) after = NULL;
  g_autoptr (AxProbSnapshot) snapshot = NULL;

  write_cells (map, (AxCellRect){ 3, 0, 1, 1 }, (guint16[]){ 100 });
  before = ax_prob_map_get_tile (map, 0, 0, 0);
  snapshot = ax_prob_snapshot_new (map, NULL);
  write_cells (map, (AxCellRect){ 3, 0, 1, 1 }, (guint16[]){ 200 });
  after = ax_prob_map_get_tile (map, 0, 0, 0);

  g_assert_cmpuint (before->cells[3], ==, 100);
  g_assert_cmpuint (after->cells[3], ==, 200);
  g_assert_cmpint (snapshot->n_cols, ==, 2);
  g_assert_cmpint (snapshot->n_rows, ==, 2);
  g_assert_true (snapshot->tiles[0] == before);
  g_assert_null (snapshot->tiles[3]);
}

static void
test_equal (void)
{
  g_autoptr (AxProbMap) a = make_map (300, 300);
  g_autoptr (AxProbMap) b = make_map (300, 300);
  g_autoptr (AxProbMap) wider = make_map (301, 300);
  guint16 cell = 77;

  g_assert_true (ax_prob_map_equal (a, b));
  g_assert_false (ax_prob_map_equal (a, wider));
  write_cells (a, (AxCellRect){ 290, 10, 1, 1 }, &cell);
  g_assert_false (ax_prob_map_equal (a, b));
  g_assert_false (ax_prob_map_equal (b, a));
  write_cells (b, (AxCellRect){ 290, 10, 1, 1 }, &cell);
  g_assert_true (ax_prob_map_equal (a, b));
  cell++;
  write_cells (b, (AxCellRect){ 290, 10, 1, 1 }, &cell);
  g_assert_false (ax_prob_map_equal (a, b));
}

static void
test_cells_to_rect (void)
{
  AxProbGeometry geometry = { 10, 10, { 7.5, 8 }, { 0, 0 } };
  g_autoptr (AxProbMap) map = ax_prob_map_new (geometry, 0, NULL);
  AxRect0 rect = ax_prob_map_cells_to_rect (map, (AxCellRect){ 1, 2, 3, 1 });

  g_assert_true (ax_rect0_equal (rect, (AxRect0){ 7, 16, 23, 8 }));
}

#define N_WRITES 200

/* One write changes four tiles at once; no reader ever sees some of them
 * changed and others not. */
static gpointer
reader_thread (gpointer data)
{
  AxProbMap *map = data;
  guint16 last = 0;

  while (last < N_WRITES)
    {
      g_autoptr (AxProbSnapshot) snapshot = ax_prob_snapshot_new (map, NULL);
      guint16 value;

      if (snapshot->tiles[0] == NULL)
        continue;
      value = snapshot->tiles[0]->cells[0];
      g_assert_cmpuint (value, >=, last);
      for (int i = 0; i < 4; i++)
        for (int j = 0; j < AX_PROB_TILE * AX_PROB_TILE; j += 117)
          g_assert_cmpuint (snapshot->tiles[i]->cells[j], ==, value);
      g_assert_cmpuint (ax_prob_map_get_max (map), >=, value);
      last = value;
    }
  return NULL;
}

static void
test_threads (void)
{
  g_autoptr (AxProbMap) map = make_map (512, 512);
  g_autofree guint16 *cells = g_new (guint16, 512 * 512);
  GThread *readers[3];

  for (gsize i = 0; i < G_N_ELEMENTS (readers); i++)
    readers[i] = g_thread_new ("reader", reader_thread, map);
  for (int value = 1; value <= N_WRITES; value++)
    {
      for (int i = 0; i < 512 * 512; i++)
        cells[i] = value;
      write_cells (map, (AxCellRect){ 0, 0, 512, 512 }, cells);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (readers); i++)
    g_thread_join (readers[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/prob-map/values", test_values);
  g_test_add_func ("/prob-map/limits", test_limits);
  g_test_add_func ("/prob-map/sparse", test_sparse);
  g_test_add_func ("/prob-map/random-writes", test_random_writes);
  g_test_add_func ("/prob-map/outside", test_outside);
  g_test_add_func ("/prob-map/copy-on-write", test_copy_on_write);
  g_test_add_func ("/prob-map/equal", test_equal);
  g_test_add_func ("/prob-map/cells-to-rect", test_cells_to_rect);
  g_test_add_func ("/prob-map/threads", test_threads);
  return g_test_run ();
}
