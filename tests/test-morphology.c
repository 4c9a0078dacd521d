#include "core/base/rng.h"
#include "core/detect/morphology.h"

#include <math.h>
#include <string.h>

/* A mask and what scipy.ndimage 1.10.1 makes of it: binary_opening with discs
 * of radius 1 and 2, binary_fill_holes; and the cells with a
 * distance_transform_edt of at most 5 to four seeds, where cells measure 2.0 x
 * 1.6. */
static const char *const given[] = {
  "##.###.......###...########..######..##......##...#....##.#..##.......",
  "#####.......##.##.###.#####..####.#..####...##...#..#..###.........#..",
  "#####.......#####..########..###.....#########.....####..##.......###.",
  "#####......######..#########.#........########...######..###......###.",
  "..#####.....##.....##..########.......#####.##..#######.######....##..",
  ".#####...######....#..########...#...#.#####...###############........",
  "..####....##########..####..#....####....##...################.##.....",
  "#######...########.#..###........####.......#################..##.....",
  "#.#.#######....####....#..........####.....########..########..##....#",
  "....####.#.....####......####.....#####....####.###..########...##...#",
  "...####......######......#####...#####.....#######.####.####.#########",
  "..####.......######......######.######....#####################.######",
  "#####....##.####..#....##########..###...############################.",
  "####.....#######.......########.#........###########.###############..",
  "####...#######.##.#..#..#####..###.......#.#######..##########.#######",
  "####..###########......#.####..#####.....#######....#####.###.#..#.###",
  "########.########.....#...###..########..#######.....########...######",
  "..###############..........###.##....####.....####..######.....#######",
  "..###############..............###....##......###########......#######",
  ".#########...#####.............##.##..##......##.####.....###..#######",
};
static const char *const opened_1[] = {
  ".#.#...............#...###....##......#...............................",
  "#####........#.#..###.#####..####....####...#.......#..............#..",
  "#####.......#####..########...##.....#########.....###....#.......###.",
  ".####......#####...#########.#........########...######..###......###.",
  "..####......##......#..########.......#####.#...#######.#####......#..",
  ".#####.....####.......########.........#####...###############........",
  "..####....#######.....####..#.....##.....##...################........",
  ".######....#######....###........####.......#################.........",
  "..#.####.......####....#..........####.....########..########.........",
  "....####.......####.......###.....#####....####.###..########...##....",
  "...####.......#####......#####...#####.....#######.####.####.#.######.",
  "..####.......#####.......######...####....#####################.######",
  ".####.....#.####........########...##....############################.",
  "####.....######........########.#.........##########.###############..",
  "####...#######.#........#####..###.........#######..##########.######.",
  "####..###########........####..####.......######....#####.###....#.###",
  ".#######.########.........###..###....#....#####.....#####.#....######",
  "..###############..........#....#....###......####..######.....#######",
  "..###############..............###....#.......###########......#######",
  "...#######...###................#..............#.#..#...........#####.",
};
static const char *const opened_2[] = {
  ".......................##.............................................",
  "......................####..............#...........#.................",
  ".....................######............###.........###....#...........",
  "...#..................######..........#####......######..###..........",
  "..###..................#####...........###......#######.#####.........",
  ".#####................#####.............#......###############........",
  "..###..................###....................################........",
  "...#....................#...........#.........###############.........",
  "...................................###.......#.####..########.........",
  "...........................##.....#####.....###.##...########.........",
  "..........................####...#####.....#######..###.####.#...##...",
  ".........................######...###.....#####################.####..",
  "..........#.............#######....#.....############################.",
  ".........####..........#######............#########..###############..",
  "........######..........#####..............#######..##########..###...",
  "......#.#######..........###................####....#####.###....#.#..",
  ".....###.#######..........#..................##......#####.#....#####.",
  "....#####.#######.....................................###......#######",
  ".....###...#####.......................................#........#####.",
  "......#......##..................................................#.#..",
};
static const char *const filled[] = {
  "##.###.......###...########..######..##......##...#....##.#..##.......",
  "#####.......#####.#########..####.#..####...##...#..#..###.........#..",
  "#####.......#####..########..###.....#########.....########.......###.",
  "#####......######..#########.#........########...###########......###.",
  "..#####.....##.....##..########.......########..##############....##..",
  ".#####...######....#..########...#...#.#####...###############........",
  "..####....##########..####..#....####....##...################.##.....",
  "#######...##########..###........####.......#################..##.....",
  "#.#.###############....#..........####.....##################..##....#",
  "....###############......####.....#####....##################...##...#",
  "...################......#####...#####.....###########################",
  "..#################......######.######....############################",
  "################..#....##########..###...############################.",
  "################.......##########........###########################..",
  "#################.#..#..#####..###.......#############################",
  "#################......#.####..#####.....####################.#..#####",
  "#################.....#...###..########..####################...######",
  "..###############..........###.##....####.....############.....#######",
  "..###############..............###....##......###########......#######",
  ".#########...#####.............##.##..##......##.####.....###..#######",
};
static const char *const seeds[] = {
  "......................................................................",
  "......................................................................",
  "......................................................................",
  "......................................................................",
  "..........#...........................................................",
  "......................................................................",
  "......................................................................",
  "......................................................................",
  "......................................................................",
  "......................................................................",
  "......................................................................",
  "......................................................................",
  "..................................................................#...",
  "......................................................................",
  "......................................................................",
  "......................................................................",
  "......................................................................",
  "......................................................................",
  ".................................#....................................",
  "..............................#.......................................",
};
static const char *const near[] = {
  "......................................................................",
  "..........#...........................................................",
  ".........###..........................................................",
  "........#####.........................................................",
  "........#####.........................................................",
  "........#####.........................................................",
  ".........###..........................................................",
  "..........#...........................................................",
  "......................................................................",
  "..................................................................#...",
  ".................................................................###..",
  "................................................................#####.",
  "................................................................#####.",
  "................................................................#####.",
  ".................................................................###..",
  ".................................#................................#...",
  "..............................#.###...................................",
  ".............................#######..................................",
  "............................########..................................",
  "............................########..................................",
};

#define N_ROWS G_N_ELEMENTS (given)

static AxBitPlane *
plane_of_cells (const guint8 *cells, int width, int height)
{
  AxBitPlane *plane = ax_bit_plane_new (width, height, NULL);

  for (int i = 0; i < width * height; i++)
    if (cells[i])
      {
        AxRun run = { .row = i / width, .start = i % width };

        run.end = run.start + 1;
        ax_bit_plane_add_run (plane, &run);
      }
  return plane;
}

static AxBitPlane *
plane_of_rows (const char *const *rows)
{
  int width = strlen (rows[0]);
  g_autofree guint8 *cells = g_new (guint8, width * N_ROWS);

  for (gsize i = 0; i < width * N_ROWS; i++)
    cells[i] = rows[i / width][i % width] == '#';
  return plane_of_cells (cells, width, N_ROWS);
}

static gboolean
is_in (const AxBitPlane *plane, int col, int row)
{
  AxBitSpan span = plane->spans[row];

  return col / 64 >= span.first && col / 64 < span.end
         && (ax_bit_plane_row (plane, row)[col / 64] >> col % 64 & 1) != 0;
}

static void
assert_rows (const AxBitPlane *plane, const char *const *rows)
{
  for (gsize row = 0; row < N_ROWS; row++)
    {
      g_autoptr (GString) text = g_string_new (NULL);

      for (int col = 0; col < plane->width; col++)
        g_string_append_c (text, is_in (plane, col, row) ? '#' : '.');
      g_assert_cmpstr (text->str, ==, rows[row]);
    }
}

static void
test_scipy (void)
{
  g_autoptr (AxBitPlane) unchanged = plane_of_rows (given);
  g_autoptr (AxBitPlane) by_1 = plane_of_rows (given);
  g_autoptr (AxBitPlane) by_2 = plane_of_rows (given);
  g_autoptr (AxBitPlane) whole = plane_of_rows (given);
  g_autoptr (AxBitPlane) wide = plane_of_rows (seeds);

  g_assert_true (ax_bit_plane_open (unchanged, 0, NULL));
  assert_rows (unchanged, given);
  g_assert_true (ax_bit_plane_open (by_1, 1, NULL));
  assert_rows (by_1, opened_1);
  g_assert_true (ax_bit_plane_open (by_2, 2, NULL));
  assert_rows (by_2, opened_2);
  g_assert_true (ax_bit_plane_fill_holes (whole, NULL));
  assert_rows (whole, filled);
  g_assert_true (ax_bit_plane_dilate (wide, 5, (AxScale){ 2, 1.6 }, NULL));
  assert_rows (wide, near);
}

/* Distances on the limit count, whatever the rounding of the cell size. */
static void
test_exact_distance (void)
{
  AxRun seed = { .row = 6, .start = 6, .end = 7 };
  g_autoptr (AxBitPlane) plane = ax_bit_plane_new (13, 13, NULL);
  AxScale cell = { 0.1 * 3, 0.3 };

  ax_bit_plane_add_run (plane, &seed);
  g_assert_true (ax_bit_plane_dilate (plane, 1.5, cell, NULL));
  g_assert_true (is_in (plane, 11, 6));
  g_assert_true (is_in (plane, 6, 1));
  g_assert_true (is_in (plane, 9, 10)); /* 3, 4, 5 */
  g_assert_false (is_in (plane, 10, 10));
  g_assert_false (is_in (plane, 12, 6));
}

/* By definition, cell by cell. */
static void
morph (const guint8 *cells, int width, int height, int radius, gboolean erode,
       guint8 *result)
{
  for (int i = 0; i < width * height; i++)
    {
      gboolean all = TRUE, any = FALSE;

      for (int dy = -radius; dy <= radius; dy++)
        for (int dx = -radius; dx <= radius; dx++)
          {
            int col = i % width + dx, row = i / width + dy;
            gboolean in = col >= 0 && row >= 0 && col < width && row < height
                          && cells[row * width + col];

            if (dx * dx + dy * dy <= radius * radius)
              {
                all = all && in;
                any = any || in;
              }
          }
      result[i] = erode ? all : any;
    }
}

static void
assert_cells (const AxBitPlane *plane, const guint8 *cells)
{
  for (int i = 0; i < plane->width * plane->height; i++)
    g_assert_cmpint (is_in (plane, i % plane->width, i / plane->width), ==,
                     cells[i]);
}

static void
test_random (void)
{
  static const int widths[] = { 1, 63, 64, 65, 127, 128, 200 };

  for (int round = 0; round < 60; round++)
    {
      AxRng rng = ax_rng_init (9, round);
      int width = widths[round % G_N_ELEMENTS (widths)];
      int height = 1 + (int)ax_rng_below (&rng, 40);
      int radius = (int)ax_rng_below (&rng, 9);
      double share = ax_rng_range (&rng, 0, 1.05);
      g_autofree guint8 *cells = g_new (guint8, width * height);
      g_autofree guint8 *eroded = g_new (guint8, width * height);
      g_autofree guint8 *expected = g_new (guint8, width * height);
      g_autoptr (AxBitPlane) opened = NULL;
      g_autoptr (AxBitPlane) dilated = NULL;

      for (int i = 0; i < width * height; i++)
        cells[i] = ax_rng_uniform (&rng) < share;
      opened = plane_of_cells (cells, width, height);
      dilated = plane_of_cells (cells, width, height);

      morph (cells, width, height, radius % 3, TRUE, eroded);
      morph (eroded, width, height, radius % 3, FALSE, expected);
      g_assert_true (ax_bit_plane_open (opened, radius % 3, NULL));
      assert_cells (opened, expected);

      morph (cells, width, height, radius + 1, FALSE, expected);
      g_assert_true (
          ax_bit_plane_dilate (dilated, radius + 1, (AxScale){ 1, 1 }, NULL));
      assert_cells (dilated, expected);
    }
}

/* A radius of several words: sparse seeds, so that spans grow. */
static void
test_far (void)
{
  static const AxRun seeds_far[]
      = { { 3, 0, 1, 0 }, { 100, 399, 400, 0 }, { 180, 200, 203, 0 } };
  g_autoptr (AxBitPlane) plane = ax_bit_plane_new (400, 200, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (seeds_far); i++)
    ax_bit_plane_add_run (plane, &seeds_far[i]);
  g_assert_true (ax_bit_plane_dilate (plane, 150, (AxScale){ 1, 1 }, NULL));
  for (int row = 0; row < 200; row++)
    for (int col = 0; col < 400; col++)
      {
        gboolean is_near = FALSE;

        for (gsize i = 0; i < G_N_ELEMENTS (seeds_far); i++)
          for (int x = seeds_far[i].start; x < seeds_far[i].end; x++)
            is_near = is_near || hypot (col - x, row - seeds_far[i].row) <= 150;
        g_assert_cmpint (is_in (plane, col, row), ==, is_near);
      }
}

static void
test_runs (void)
{
  static const AxRun given_runs[]
      = { { 0, 0, 64, 0 },    { 0, 65, 192, 0 }, { 1, 63, 65, 0 },
          { 1, 191, 192, 0 }, { 4, 0, 192, 0 },  { 5, 64, 128, 0 },
          { 6, 1, 2, 0 },     { 6, 3, 4, 0 } };
  g_autoptr (AxBitPlane) plane = ax_bit_plane_new (192, 8, NULL);
  g_autofree AxRun *runs = NULL;
  gsize n_runs = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (given_runs); i++)
    ax_bit_plane_add_run (plane, &given_runs[i]);
  runs = ax_bit_plane_find_runs (plane, &n_runs, NULL);
  g_assert_cmpmem (runs, n_runs * sizeof *runs, given_runs, sizeof given_runs);
}

/* Each plane of a tile against its cells; the right edge cuts the tile. */
static void
test_tile (void)
{
  static const guint16 thresholds[] = { 20000, 40000, 65535 };
  g_autofree AxProbTile *tile = g_new0 (AxProbTile, 1);
  AxBitPlane *planes[3];
  AxRng rng = ax_rng_init (2, 2);

  for (int row = 0; row < AX_PROB_TILE; row++)
    for (int col = 0; col < 300 - AX_PROB_TILE; col++)
      {
        guint16 *cell = &tile->cells[row * AX_PROB_TILE + col];

        *cell = row % 3 == 0 ? 0 : (guint16)ax_rng_below (&rng, 50000);
        tile->max = MAX (tile->max, *cell);
      }
  for (int i = 0; i < 3; i++)
    planes[i] = ax_bit_plane_new (300, 500, NULL);
  ax_bit_planes_add_tile (planes, thresholds, 3, tile, 1, 1);

  for (int i = 0; i < 3; i++)
    {
      for (int row = 0; row < 500; row++)
        for (int col = 0; col < 300; col++)
          {
            gboolean in = row >= AX_PROB_TILE && col >= AX_PROB_TILE
                          && tile->cells[row % AX_PROB_TILE * AX_PROB_TILE
                                         + col % AX_PROB_TILE]
                                 >= thresholds[i];

            g_assert_cmpint (is_in (planes[i], col, row), ==, in);
          }
      ax_bit_plane_free (planes[i]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/morphology/runs", test_runs);
  g_test_add_func ("/morphology/tile", test_tile);
  g_test_add_func ("/morphology/scipy", test_scipy);
  g_test_add_func ("/morphology/exact-distance", test_exact_distance);
  g_test_add_func ("/morphology/random", test_random);
  g_test_add_func ("/morphology/far", test_far);
  return g_test_run ();
}
