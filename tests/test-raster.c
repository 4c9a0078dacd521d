#include "core/annot/raster.h"
#include "core/base/rng.h"

#include <string.h>

static AxMask *
new_mask (gint width, gint height)
{
  g_autoptr (GError) error = NULL;
  AxMask *mask = ax_mask_new (width, height, &error);

  g_assert_no_error (error);
  return mask;
}

/* Rows of '#', digits (holding that value) and '.', one string a row. */
#define assert_mask(mask, ...)                                                 \
  G_STMT_START                                                                 \
  {                                                                            \
    static const char *const rows[] = { __VA_ARGS__ };                         \
    g_assert_cmpint ((mask)->height, ==, G_N_ELEMENTS (rows));                 \
    for (gint row = 0; row < (mask)->height; row++)                            \
      {                                                                        \
        g_autofree char *text = describe_row (mask, row);                      \
        g_assert_cmpstr (text, ==, rows[row]);                                 \
      }                                                                        \
  }                                                                            \
  G_STMT_END

static char *
describe_row (const AxMask *mask, gint row)
{
  const guint8 *cells = mask->data + row * mask->width;
  char *text = g_strnfill (mask->width, '.');

  for (gint i = 0; i < mask->width; i++)
    if (cells[i] != 0)
      text[i] = cells[i] < 10 ? '0' + cells[i] : '#';
  return text;
}

static const AxPoint0 zero = { 0, 0 };
static const AxScale one = { 1, 1 };

#define RING(...)                                                              \
  ((AxPolyRing){ (AxPoint0[]){ __VA_ARGS__ },                                  \
                 sizeof ((AxPoint0[]){ __VA_ARGS__ }) / sizeof (AxPoint0) })

#define P(x, y)                                                                \
  {                                                                            \
    x, y                                                                       \
  }

static void
test_by_hand (void)
{
  g_autoptr (AxMask) mask = new_mask (8, 5);
  const AxPolyRing triangle = RING (P (0, 0), P (5, 0), P (0, 5));
  /* Centres on edges: those left and above are in, right and below out. */
  const AxPolyRing square
      = RING (P (5.5, 0.5), P (7.5, 0.5), P (7.5, 2.5), P (5.5, 2.5));
  const AxPolyRing sliver = RING (P (5, 4.1), P (8, 4.1), P (8, 4.4));

  ax_mask_fill_rings (mask, &triangle, 1, zero, one, 1);
  ax_mask_fill_rings (mask, &square, 1, zero, one, 2);
  ax_mask_fill_rings (mask, &sliver, 1, zero, one, 3);
  assert_mask (mask, "1111.22.", "111..22.", "11......", "1.......",
               "........");
}

/* Two areas that share an edge share no cell and leave none between. */
static void
test_shared_edge (void)
{
  g_autoptr (AxMask) mask = new_mask (6, 4);
  const AxPolyRing left = RING (P (0, 0), P (4.5, 0), P (1.5, 4), P (0, 4));
  const AxPolyRing right = RING (P (6, 0), P (6, 4), P (1.5, 4), P (4.5, 0));

  ax_mask_fill_rings (mask, &right, 1, zero, one, 2);
  ax_mask_fill_rings (mask, &left, 1, zero, one, 1);
  assert_mask (mask, "111122", "111222", "111222", "112222");
  memset (mask->data, 0, 24);
  ax_mask_fill_rings (mask, &left, 1, zero, one, 1);
  ax_mask_fill_rings (mask, &right, 1, zero, one, 2);
  assert_mask (mask, "111122", "111222", "111222", "112222");
}

/* Holes leave what is there; the outline may wind twice. */
static void
test_holes (void)
{
  g_autoptr (AxMask) mask = new_mask (7, 7);
  const AxPolyRing rings[] = {
    RING (P (0, 0), P (7, 0), P (7, 7), P (0, 7)),
    RING (P (1, 1), P (4, 1), P (4, 4), P (1, 4)),
    RING (P (3, 3), P (3, 6), P (6, 6), P (6, 3)),
  };
  const AxPolyRing twice = RING (P (0, 0), P (3, 0), P (3, 3), P (0, 3),
                                 P (0, 0), P (2, 0), P (2, 2), P (0, 2));

  memset (mask->data, 9, 49);
  ax_mask_fill_rings (mask, rings, 3, zero, one, 1);
  assert_mask (mask, "1111111", "1999111", "1999111", "1999991", "1119991",
               "1119991", "1111111");
  memset (mask->data, 0, 49);
  ax_mask_fill_rings (mask, &twice, 1, zero, one, 1);
  assert_mask (mask, "111....", "111....", "111....", ".......", ".......",
               ".......", ".......");
}

static void
test_clipping (void)
{
  g_autoptr (AxMask) mask = new_mask (4, 3);
  const AxPolyRing around
      = RING (P (-1e9, -1e9), P (1e9, -1e9), P (1e9, 1e9), P (-1e9, 1e9));
  const AxPolyRing corner = RING (P (-5, -5), P (2, -5), P (2, 1), P (-5, 1));
  const AxPolyRing outside[] = {
    RING (P (-9, 0), P (-1, 0), P (-1, 3)), RING (P (9, 0), P (7, 0), P (7, 3)),
    RING (P (0, -9), P (4, -9), P (4, -1)), RING (P (0, 9), P (4, 9), P (4, 5)),
    RING (P (1, 1), P (1, 1), P (1, 1)),    RING (P (1, 1)),
  };

  for (guint i = 0; i < G_N_ELEMENTS (outside); i++)
    ax_mask_fill_rings (mask, &outside[i], 1, zero, one, 1);
  ax_mask_fill_rings (mask, &corner, 0, zero, one, 1);
  assert_mask (mask, "....", "....", "....");
  ax_mask_fill_rings (mask, &corner, 1, zero, one, 1);
  assert_mask (mask, "11..", "....", "....");
  ax_mask_fill_rings (mask, &around, 1, zero, one, 2);
  assert_mask (mask, "2222", "2222", "2222");
}

/* The winding number as the sum of signed quarter turns (Hormann and Agathos
   2001), which shares nothing with scan lines. */
static int
winding_number (const AxPolyRing *ring, AxPoint0 p)
{
  int turns = 0;

  for (guint i = 0; i < ring->n_points; i++)
    {
      AxPoint0 a = ring->points[i];
      AxPoint0 b = ring->points[(i + 1) % ring->n_points];
      int qa = a.x > p.x ? (a.y > p.y ? 0 : 3) : (a.y > p.y ? 1 : 2);
      int qb = b.x > p.x ? (b.y > p.y ? 0 : 3) : (b.y > p.y ? 1 : 2);
      int step = (qb - qa + 4) % 4;
      double side = (a.x - p.x) * (b.y - p.y) - (b.x - p.x) * (a.y - p.y);

      if (step == 3)
        step = -1;
      else if (step == 2 && side < 0)
        step = -2;
      turns += step;
    }
  return turns / 4;
}

static gboolean
is_inside (const AxPolyRing *rings, guint n_rings, AxPoint0 p)
{
  if (winding_number (&rings[0], p) == 0)
    return FALSE;
  for (guint i = 1; i < n_rings; i++)
    if (winding_number (&rings[i], p) != 0)
      return FALSE;
  return TRUE;
}

static void
test_brute_force (void)
{
  AxRng rng = ax_rng_init (7, 0);

  for (int round = 0; round < 300; round++)
    {
      g_autoptr (AxMask) mask
          = new_mask (1 + ax_rng_below (&rng, 40), 1 + ax_rng_below (&rng, 40));
      const AxPoint0 origin
          = { ax_rng_range (&rng, -50, 50), ax_rng_range (&rng, -50, 50) };
      const AxScale cell
          = { ax_rng_range (&rng, 0.3, 5), ax_rng_range (&rng, 0.3, 5) };
      AxPoint0 points[3][64];
      AxPolyRing rings[3];
      guint n_rings = 1 + ax_rng_below (&rng, 3);

      for (guint i = 0; i < n_rings; i++)
        {
          rings[i] = (AxPolyRing){ points[i], 3 + ax_rng_below (&rng, 61) };
          for (guint j = 0; j < rings[i].n_points; j++)
            points[i][j] = (AxPoint0){
              origin.x + ax_rng_range (&rng, -0.3, 1.3) * 40 * cell.x,
              origin.y + ax_rng_range (&rng, -0.3, 1.3) * 40 * cell.y,
            };
        }
      ax_mask_fill_rings (mask, rings, n_rings, origin, cell, 255);
      for (gint row = 0; row < mask->height; row++)
        for (gint column = 0; column < mask->width; column++)
          {
            AxPoint0 centre = { origin.x + (column + 0.5) * cell.x,
                                origin.y + (row + 0.5) * cell.y };

            g_assert_cmpint (mask->data[row * mask->width + column], ==,
                             is_inside (rings, n_rings, centre) ? 255 : 0);
          }
    }
}

/* As many edges as the largest CAMELYON16 polygon has, in every row. */
static void
test_many_edges (void)
{
  g_autoptr (AxMask) mask = new_mask (2000, 50);
  g_autofree AxPoint0 *points = g_new (AxPoint0, 18601);
  const AxPolyRing ring = { points, 18601 };
  AxRng rng = ax_rng_init (3, 0);

  for (guint i = 0; i < ring.n_points; i++)
    points[i] = (AxPoint0){ 2000.0 * i / ring.n_points,
                            i % 2 == 0 ? ax_rng_range (&rng, -9, 5)
                                       : ax_rng_range (&rng, 30, 60) };
  ax_mask_fill_rings (mask, &ring, 1, zero, one, 1);
  for (int i = 0; i < 500; i++)
    {
      gint column = ax_rng_below (&rng, 2000);
      gint row = ax_rng_below (&rng, 50);
      AxPoint0 centre = { column + 0.5, row + 0.5 };

      g_assert_cmpint (mask->data[row * 2000 + column], ==,
                       winding_number (&ring, centre) != 0);
    }
}

static void
add_square (AxAnnotationSet *set, const char *name, const char *group, double x,
            double size)
{
  const AxPoint0 points[]
      = { { x, 0 }, { x + size, 0 }, { x + size, size }, { x, size } };

  ax_annotation_add_ring (
      ax_annotation_set_add (set, AX_SHAPE_POLYGON, name, group), points, 4);
}

static void
test_annotations (void)
{
  g_autoptr (AxAnnotationSet) set = ax_annotation_set_new ();
  g_autoptr (AxMask) mask = new_mask (8, 2);
  const AxPoint0 hole[] = { { 4, 0 }, { 6, 0 }, { 6, 2 }, { 4, 2 } };
  AxAnnotation *dot = NULL;

  add_square (set, "cut out", "_2", 2, 2);
  add_square (set, "lesion", "Tumor", 0, 12);
  ax_annotation_add_ring (set->annotations->pdata[1], hole, 4);
  add_square (set, "region", "ROI", 0, 16);
  add_square (set, "Tumor3", NULL, 14, 2);
  dot = ax_annotation_set_add (set, AX_SHAPE_DOT, "dot", "Tumor");
  ax_annotation_add_ring (dot, hole, 1);

  ax_mask_fill_annotations (mask, set, zero, (AxScale){ 2, 1 });
  assert_mask (mask, "#..###.#", "#..###.#");
}

static AxMask *
random_mask (AxRng *rng, gint width, gint height, double density)
{
  AxMask *mask = new_mask (width, height);

  for (gint i = 0; i < width * height; i++)
    mask->data[i] = ax_rng_uniform (rng) < density ? 255 : 0;
  return mask;
}

static AxMask *
fill_components (const AxMask *like, GPtrArray *components, AxPoint0 origin,
                 AxScale cell)
{
  AxMask *mask = new_mask (like->width, like->height);

  for (guint i = 0; i < components->len; i++)
    {
      const GArray *rings = components->pdata[i];

      ax_mask_fill_rings (mask, (const AxPolyRing *)rings->data, rings->len,
                          origin, cell, 255);
    }
  return mask;
}

static void
assert_same_rings (GPtrArray *a, GPtrArray *b)
{
  g_assert_cmpuint (a->len, ==, b->len);
  for (guint i = 0; i < a->len; i++)
    {
      const GArray *p = a->pdata[i];
      const GArray *q = b->pdata[i];

      g_assert_cmpuint (p->len, ==, q->len);
      for (guint j = 0; j < p->len; j++)
        {
          const AxPolyRing *r = &g_array_index (p, AxPolyRing, j);
          const AxPolyRing *s = &g_array_index (q, AxPolyRing, j);

          g_assert_cmpmem (r->points, r->n_points * sizeof *r->points,
                           s->points, s->n_points * sizeof *s->points);
        }
    }
}

/* fill (trace (mask)) is the mask, and trace (fill (rings)) the rings. */
static void
test_round_trip (void)
{
  AxRng rng = ax_rng_init (11, 0);

  for (int round = 0; round < 400; round++)
    {
      gint width = 1 + ax_rng_below (&rng, 60);
      gint height = 1 + ax_rng_below (&rng, 60);
      g_autoptr (AxMask) mask
          = random_mask (&rng, width, height, round % 20 / 19.0);
      const AxPoint0 origin
          = { ax_rng_range (&rng, 0, 2e5), ax_rng_range (&rng, 0, 2e5) };
      const AxScale cell
          = { ax_rng_range (&rng, 0.1, 40), ax_rng_range (&rng, 0.1, 40) };
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) traced = ax_mask_trace (mask, origin, cell, &error);
      g_autoptr (AxMask) filled = NULL;
      g_autoptr (GPtrArray) again = NULL;

      g_assert_no_error (error);
      filled = fill_components (mask, traced, origin, cell);
      g_assert_cmpmem (filled->data, width * height, mask->data,
                       width * height);
      again = ax_mask_trace (filled, origin, cell, &error);
      g_assert_no_error (error);
      assert_same_rings (traced, again);
    }
}

/* Components in raster order; an outline is clockwise, a hole is not. */
static void
test_trace (void)
{
  static const char cells[] = "#####..."
                              "#...#..#"
                              "#.#.#.#."
                              "#...#..."
                              "#####...";
  g_autoptr (AxMask) mask = new_mask (8, 5);
  const AxPoint0 origin = { 100, 200 };
  const AxScale cell = { 2, 4 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) components = NULL;
  const GArray *rings = NULL;
  const guint n_rings[] = { 2, 1, 1 };
  const double areas[] = { 25 * 8, 2 * 8, 1 * 8 };

  for (guint i = 0; i < 40; i++)
    mask->data[i] = cells[i] == '#';
  components = ax_mask_trace (mask, origin, cell, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (components->len, ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      rings = components->pdata[i];
      g_assert_cmpuint (rings->len, ==, n_rings[i]);
      g_assert_cmpfloat (
          ax_poly_ring_area (&g_array_index (rings, AxPolyRing, 0)), ==,
          areas[i]);
    }
  rings = components->pdata[0];
  g_assert_cmpfloat (ax_poly_ring_area (&g_array_index (rings, AxPolyRing, 1)),
                     ==, -9 * 8);
  g_assert_cmpfloat (g_array_index (rings, AxPolyRing, 0).points[0].x, ==, 100);
  g_assert_cmpfloat (g_array_index (rings, AxPolyRing, 0).points[0].y, ==, 200);
}

static void
test_too_large (void)
{
  g_autoptr (GError) error = NULL;

#ifdef __SANITIZE_ADDRESS__
  g_test_skip ("the address sanitizer ends the program instead");
  return;
#endif
  g_assert_null (ax_mask_new (G_MAXINT, G_MAXINT, &error));
  g_assert_nonnull (error);
  g_assert_cmpstr (error->message, ==,
                   "no memory for a mask of 2147483647 x 2147483647 cells");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/raster/by-hand", test_by_hand);
  g_test_add_func ("/raster/shared-edge", test_shared_edge);
  g_test_add_func ("/raster/holes", test_holes);
  g_test_add_func ("/raster/clipping", test_clipping);
  g_test_add_func ("/raster/brute-force", test_brute_force);
  g_test_add_func ("/raster/many-edges", test_many_edges);
  g_test_add_func ("/raster/annotations", test_annotations);
  g_test_add_func ("/raster/round-trip", test_round_trip);
  g_test_add_func ("/raster/trace", test_trace);
  g_test_add_func ("/raster/too-large", test_too_large);
  return g_test_run ();
}
