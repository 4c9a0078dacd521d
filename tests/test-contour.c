#include "core/base/contour.h"
#include "core/base/rng.h"

#include <string.h>

static GArray *
trace (const char *const *rows, int width, int height)
{
  g_autofree guint8 *cells = g_new0 (guint8, width * height + 1);
  g_autoptr (GError) error = NULL;
  GArray *contours = NULL;

  for (int row = 0; row < height; row++)
    for (int col = 0; col < width; col++)
      cells[row * width + col] = rows[row][col] == '#' ? 7 : 0;
  contours = ax_contour_trace (cells, width, height, width, &error);
  g_assert_no_error (error);
  return contours;
}

/* Contours as text, "0 outline: 1,2 3,4; 0 hole: ...". */
static char *
describe (GArray *contours)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < contours->len; i++)
    {
      const AxContour *contour = &g_array_index (contours, AxContour, i);

      g_string_append_printf (text, "%s%u %s:", i > 0 ? "; " : "",
                              contour->component,
                              contour->is_hole ? "hole" : "outline");
      for (guint j = 0; j < contour->n_corners; j++)
        g_string_append_printf (text, " %d,%d", contour->corners[j].x,
                                contour->corners[j].y);
    }
  return g_string_free (text, FALSE);
}

#define assert_contours(expected, ...)                                         \
  G_STMT_START                                                                 \
  {                                                                            \
    static const char *const rows[] = { __VA_ARGS__ };                         \
    g_autoptr (GArray) contours                                                \
        = trace (rows, strlen (rows[0]), G_N_ELEMENTS (rows));                 \
    g_autofree char *text = describe (contours);                               \
    g_assert_cmpstr (text, ==, expected);                                      \
  }                                                                            \
  G_STMT_END

static void
test_by_hand (void)
{
  assert_contours ("", "...", "...");
  assert_contours ("0 outline: 0,0 1,0 1,1 0,1", "#");
  assert_contours ("0 outline: 1,1 3,1 3,3 1,3", "....", ".##.", ".##.",
                   "....");
  assert_contours ("0 outline: 0,0 1,0 1,1 2,1 2,2 0,2", "#.", "##");
  /* Background is 4-connected: the two holes stay apart. */
  assert_contours ("0 outline: 0,0 4,0 4,4 0,4;"
                   " 0 hole: 1,2 2,2 2,1 1,1;"
                   " 0 hole: 2,3 3,3 3,2 2,2",
                   "####", "#.##", "##.#", "####");
  /* An island in a hole is a component of its own. */
  assert_contours ("0 outline: 0,0 5,0 5,5 0,5; 0 hole: 1,4 4,4 4,1 1,1;"
                   " 1 outline: 2,2 3,2 3,3 2,3",
                   "#####", "#...#", "#.#.#", "#...#", "#####");
  /* Two components in raster order of their first cells. */
  assert_contours ("0 outline: 3,0 4,0 4,2 3,2; 1 outline: 0,1 1,1 1,2 0,2",
                   "...#", "#..#");
}

/* Where cells touch in a corner, the line passes it twice. */
static void
test_corners (void)
{
  assert_contours ("0 outline: 0,0 1,0 1,1 2,1 2,2 1,2 1,1 0,1", "#.", ".#");
  assert_contours ("0 outline: 1,0 2,0 2,1 1,1 1,2 0,2 0,1 1,1", ".#", "#.");
  /* A ring of corners encloses a hole. */
  assert_contours ("0 outline: 1,0 2,0 2,1 3,1 3,2 2,2 2,3 1,3 1,2 0,2 0,1 1,1;"
                   " 0 hole: 1,2 2,2 2,1 1,1",
                   ".#.", "#.#", ".#.");
}

/* Cells and holes of each component of this map as scipy.ndimage.label
 * (1.10.1) and binary_fill_holes count them. */
static void
test_scipy (void)
{
  static const char *const rows[]
      = { "..####...###....######..######...####..#",
          "..###########....#####..#####....###....",
          "..###########...####.....###.....###....",
          "..###########..##..#.##..#.........####.",
          "#########..##...##..................####",
          "#########.##...####.........##..#..#.###",
          "########....#..######.....####..###...##",
          ".####..............###...##########..###",
          ".#####.#...........################...##",
          ".####.#....#.#......#################..#",
          "######.....###...##.########...#####....",
          "##.###....################....#.####....",
          "##.###...##....#.#########.......###....",
          "#..####.##.......######..##......###....",
          "#...#...#.....#..######.#####..#.###....",
          "#..##........###...####......#...###....",
          "...##.#......####...###....#.#...##.....",
          "...###.....#######..###...........#....#",
          ".#.####....###############........###.##",
          "...####....##...#############.....######",
          "...####....##...#############.....######",
          "##..##..........#############...##..####",
          "#....#..#.......##..########...####..###",
          ".....##.........##..########...####...##" };
  static const struct
  {
    int area, n_holes;
  } expected[] = { { 135, 1 }, { 348, 0 }, { 15, 0 }, { 1, 0 }, { 2, 0 },
                   { 1, 0 },   { 1, 0 },   { 1, 0 },  { 3, 0 }, { 1, 0 } };
  g_autoptr (GArray) contours = trace (rows, 40, 24);
  gint64 areas[G_N_ELEMENTS (expected)] = { 0 };
  int n_holes[G_N_ELEMENTS (expected)] = { 0 };

  for (guint i = 0; i < contours->len; i++)
    {
      const AxContour *contour = &g_array_index (contours, AxContour, i);
      gint64 twice = 0;

      g_assert_cmpuint (contour->component, <, G_N_ELEMENTS (expected));
      for (guint j = 0; j < contour->n_corners; j++)
        {
          AxCorner a = contour->corners[j];
          AxCorner b = contour->corners[(j + 1) % contour->n_corners];

          twice += (gint64)a.x * b.y - (gint64)b.x * a.y;
        }
      /* With y down a clockwise line has positive area. */
      g_assert_cmpint (twice > 0, ==, !contour->is_hole);
      areas[contour->component] += twice / 2;
      n_holes[contour->component] += contour->is_hole;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_assert_cmpint (areas[i], ==, expected[i].area);
      g_assert_cmpint (n_holes[i], ==, expected[i].n_holes);
    }
}

#define SIDE 19

/* Numbers the component of a cell, by looking at all its neighbours. */
static void
flood (const guint8 *cells, int *labels, int col, int row, int label)
{
  if (col < 0 || row < 0 || col >= SIDE || row >= SIDE
      || cells[row * SIDE + col] == 0 || labels[row * SIDE + col] >= 0)
    return;
  labels[row * SIDE + col] = label;
  for (int i = 0; i < 9; i++)
    flood (cells, labels, col + i % 3 - 1, row + i / 3 - 1, label);
}

/* Is the cell's centre inside the lines of @component, counted along a ray to
 * the left? */
static gboolean
is_inside (GArray *contours, guint component, int col, int row)
{
  int n_crossed = 0;

  for (guint i = 0; i < contours->len; i++)
    {
      const AxContour *contour = &g_array_index (contours, AxContour, i);

      if (contour->component == component)
        for (guint j = 0; j < contour->n_corners; j++)
          {
            AxCorner a = contour->corners[j];
            AxCorner b = contour->corners[(j + 1) % contour->n_corners];

            g_assert_true ((a.x == b.x) != (a.y == b.y));
            n_crossed += a.x == b.x && a.x <= col && MIN (a.y, b.y) <= row
                         && MAX (a.y, b.y) > row;
          }
    }
  return n_crossed % 2 == 1;
}

static void
test_random (void)
{
  for (int round = 0; round < 200; round++)
    {
      AxRng rng = ax_rng_init (1, round);
      guint8 cells[SIDE * SIDE];
      int labels[SIDE * SIDE], n_labels = 0;
      g_autoptr (GArray) contours = NULL;
      guint component = 0;

      for (int i = 0; i < SIDE * SIDE; i++)
        {
          cells[i] = ax_rng_uniform (&rng) < 0.1 + 0.004 * round;
          labels[i] = -1;
        }
      for (int i = 0; i < SIDE * SIDE; i++)
        if (cells[i] != 0 && labels[i] < 0)
          flood (cells, labels, i % SIDE, i / SIDE, n_labels++);

      contours = ax_contour_trace (cells, SIDE, SIDE, SIDE, NULL);
      for (guint i = 0; i < contours->len; i++)
        {
          const AxContour *contour = &g_array_index (contours, AxContour, i);

          g_assert_cmpint (contour->is_hole, ==,
                           i > 0 && contour->component == component);
          component = contour->component;
        }
      for (int label = 0; label < n_labels; label++)
        for (int i = 0; i < SIDE * SIDE; i++)
          g_assert_cmpint (is_inside (contours, label, i % SIDE, i / SIDE), ==,
                           labels[i] == label);
    }
}

/* Rows may be further apart than they are long. */
static void
test_padded_rows (void)
{
  static const guint8 cells[] = { 1, 0, 9, 1, 1, 9 };
  g_autoptr (GArray) contours = ax_contour_trace (cells, 2, 2, 3, NULL);
  g_autofree char *text = describe (contours);

  g_assert_cmpstr (text, ==, "0 outline: 0,0 1,0 1,1 2,1 2,2 0,2");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/contour/by-hand", test_by_hand);
  g_test_add_func ("/contour/corners", test_corners);
  g_test_add_func ("/contour/scipy", test_scipy);
  g_test_add_func ("/contour/random", test_random);
  g_test_add_func ("/contour/padded-rows", test_padded_rows);
  return g_test_run ();
}
