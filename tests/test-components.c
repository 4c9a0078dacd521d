#include "core/base/rng.h"
#include "core/detect/components.h"

#include <math.h>

#define WIDTH 90
#define HEIGHT 50

static AxBitPlane *
plane_of_cells (const guint8 *cells)
{
  AxBitPlane *plane = ax_bit_plane_new (WIDTH, HEIGHT, NULL);

  for (int i = 0; i < WIDTH * HEIGHT; i++)
    if (cells[i])
      {
        AxRun run = { .row = i / WIDTH, .start = i % WIDTH };

        run.end = run.start + 1;
        ax_bit_plane_add_run (plane, &run);
      }
  return plane;
}

static void
flood (const guint8 *cells, int *labels, int col, int row, gboolean corners,
       int label)
{
  if (col < 0 || row < 0 || col >= WIDTH || row >= HEIGHT
      || !cells[row * WIDTH + col] || labels[row * WIDTH + col] >= 0)
    return;
  labels[row * WIDTH + col] = label;
  for (int dy = -1; dy <= 1; dy++)
    for (int dx = -1; dx <= 1; dx++)
      if (corners || dx == 0 || dy == 0)
        flood (cells, labels, col + dx, row + dy, corners, label);
}

static int
label_by_flood (const guint8 *cells, gboolean corners, int *labels)
{
  int n_labels = 0;

  for (int i = 0; i < WIDTH * HEIGHT; i++)
    labels[i] = -1;
  for (int i = 0; i < WIDTH * HEIGHT; i++)
    if (cells[i] && labels[i] < 0)
      flood (cells, labels, i % WIDTH, i / WIDTH, corners, n_labels++);
  return n_labels;
}

/* The CAMELYON16 evaluation's mask: distance to the nearest cell, holes
 * filled. */
static void
bridge_by_distance (const guint8 *cells, double radius, AxScale cell,
                    guint8 *bridged)
{
  g_autofree guint8 *background = g_new (guint8, WIDTH * HEIGHT);
  g_autofree int *labels = g_new (int, WIDTH *HEIGHT);
  g_autofree guint8 *is_outside = g_new0 (guint8, WIDTH * HEIGHT);

  for (int i = 0; i < WIDTH * HEIGHT; i++)
    {
      double nearest = INFINITY;

      for (int j = 0; j < WIDTH * HEIGHT; j++)
        if (cells[j])
          nearest = MIN (nearest, hypot ((i % WIDTH - j % WIDTH) * cell.x,
                                         (i / WIDTH - j / WIDTH) * cell.y));
      bridged[i] = nearest <= radius;
      background[i] = !bridged[i];
    }
  label_by_flood (background, FALSE, labels);
  for (int i = 0; i < WIDTH * HEIGHT; i++)
    if (background[i]
        && (i % WIDTH == 0 || i % WIDTH == WIDTH - 1 || i / WIDTH == 0
            || i / WIDTH == HEIGHT - 1))
      is_outside[labels[i]] = TRUE;
  for (int i = 0; i < WIDTH * HEIGHT; i++)
    if (background[i] && !is_outside[labels[i]])
      bridged[i] = TRUE;
}

/* Each component has the cells of one label and nothing else. */
static void
assert_components (const AxComponents *components, const guint8 *cells,
                   const int *labels, int n_labels)
{
  gint64 n_cells = 0;

  g_assert_cmpint (components->n_components, ==, n_labels);
  for (gsize i = 0; i < components->n_runs; i++)
    {
      const AxRun *run = &components->runs[i];

      for (gint32 col = run->start; col < run->end; col++, n_cells++)
        {
          g_assert_true (cells[run->row * WIDTH + col]);
          g_assert_cmpint (run->label, ==, labels[run->row * WIDTH + col]);
        }
    }
  for (int i = 0; i < WIDTH * HEIGHT; i++)
    n_cells -= cells[i];
  g_assert_cmpint (n_cells, ==, 0);

  g_assert_cmpuint (components->offsets[n_labels], ==, components->n_runs);
  for (int label = 0; label < n_labels; label++)
    for (gsize i = components->offsets[label];
         i < components->offsets[label + 1]; i++)
      g_assert_cmpint (components->grouped[i].label, ==, label);
}

static void
test_contiguous (void)
{
  for (int round = 0; round < 100; round++)
    {
      AxRng rng = ax_rng_init (4, round);
      guint8 cells[WIDTH * HEIGHT];
      int labels[WIDTH * HEIGHT];
      g_autoptr (AxBitPlane) plane = NULL;
      g_autoptr (AxComponents) components = NULL;

      for (int i = 0; i < WIDTH * HEIGHT; i++)
        cells[i] = ax_rng_uniform (&rng) < round * 0.01;
      plane = plane_of_cells (cells);
      components = ax_components_new (plane, 0, 0, (AxScale){ 1, 1 }, NULL);
      assert_components (components, cells, labels,
                         label_by_flood (cells, TRUE, labels));
    }
}

/* Labels count from the first bridged cell on, so they are compared as they
 * are. */
static void
test_bridged (void)
{
  for (int round = 0; round < 12; round++)
    {
      AxRng rng = ax_rng_init (6, round);
      AxScale cell = { ax_rng_range (&rng, 5, 12), ax_rng_range (&rng, 5, 12) };
      guint8 cells[WIDTH * HEIGHT], bridged[WIDTH * HEIGHT];
      int labels[WIDTH * HEIGHT];
      g_autoptr (AxBitPlane) plane = NULL;
      g_autoptr (AxComponents) components = NULL;

      for (int i = 0; i < WIDTH * HEIGHT; i++)
        cells[i] = ax_rng_uniform (&rng) < 0.001 * (round + 1);
      plane = plane_of_cells (cells);
      components = ax_components_new (plane, 0, 37.5, cell, NULL);
      bridge_by_distance (cells, 37.5, cell, bridged);
      assert_components (components, cells, labels,
                         label_by_flood (bridged, TRUE, labels));
    }
}

/* With cells of 7.5 µm 37.5 µm are five cells: ten cells apart is bridged,
 * eleven is not. */
static void
test_gap (void)
{
  for (int gap = 9; gap <= 12; gap++)
    {
      guint8 cells[WIDTH * HEIGHT] = { 0 };
      g_autoptr (AxBitPlane) plane = NULL;
      g_autoptr (AxComponents) components = NULL;
      AxFeret feret;

      cells[20 * WIDTH + 30] = cells[20 * WIDTH + 31 + gap] = TRUE;
      plane = plane_of_cells (cells);
      components
          = ax_components_new (plane, 0, 37.5, (AxScale){ 7.5, 7.5 }, NULL);
      g_assert_cmpuint (components->n_components, ==, gap <= 10 ? 1 : 2);

      /* Over the lesion's own cells, without the bridge. */
      feret = ax_components_measure (components, 0, (AxScale){ 7.5, 7.5 });
      g_assert_cmpfloat_with_epsilon (
          feret.length, 7.5 * hypot (gap <= 10 ? gap + 2 : 1, 1), 1e-9);
    }
}

/* An island far inside a ring counts with the ring. */
static void
test_enclosed (void)
{
  guint8 cells[WIDTH * HEIGHT] = { 0 };
  g_autoptr (AxBitPlane) plane = NULL;
  g_autoptr (AxComponents) components = NULL;

  for (int i = 0; i < WIDTH * HEIGHT; i++)
    {
      double distance = hypot (i % WIDTH - 45, i / WIDTH - 25);

      cells[i] = distance < 2 || (distance > 19 && distance < 21);
    }
  plane = plane_of_cells (cells);
  components = ax_components_new (plane, 0, 37.5, (AxScale){ 7.5, 7.5 }, NULL);
  g_assert_cmpuint (components->n_components, ==, 1);
}

static void
test_opening (void)
{
  guint8 cells[WIDTH * HEIGHT] = { 0 };
  g_autoptr (AxBitPlane) closed = NULL;
  g_autoptr (AxBitPlane) open = NULL;
  g_autoptr (AxComponents) with = NULL;
  g_autoptr (AxComponents) without = NULL;

  cells[0] = TRUE;              /* a single cell */
  for (int i = 10; i < 20; i++) /* a thread */
    cells[10 * WIDTH + i] = TRUE;
  for (int i = 0; i < 9; i++) /* a block of 3 x 3 */
    cells[(20 + i / 3) * WIDTH + 40 + i % 3] = TRUE;
  closed = plane_of_cells (cells);
  open = plane_of_cells (cells);
  without = ax_components_new (closed, 0, 0, (AxScale){ 1, 1 }, NULL);
  with = ax_components_new (open, 1, 0, (AxScale){ 1, 1 }, NULL);
  g_assert_cmpuint (without->n_components, ==, 3);
  g_assert_cmpuint (with->n_components, ==, 1);
  g_assert_cmpuint (with->n_runs, ==, 3);
}

static void
test_empty (void)
{
  g_autoptr (AxBitPlane) plane = ax_bit_plane_new (WIDTH, HEIGHT, NULL);
  g_autoptr (AxComponents) components
      = ax_components_new (plane, 1, 20, (AxScale){ 1, 1 }, NULL);

  g_assert_cmpuint (components->n_components, ==, 0);
  g_assert_cmpuint (components->n_runs, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/components/contiguous", test_contiguous);
  g_test_add_func ("/components/bridged", test_bridged);
  g_test_add_func ("/components/gap", test_gap);
  g_test_add_func ("/components/enclosed", test_enclosed);
  g_test_add_func ("/components/opening", test_opening);
  g_test_add_func ("/components/empty", test_empty);
  return g_test_run ();
}
