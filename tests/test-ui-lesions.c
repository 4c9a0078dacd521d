#include "tests/support/paint.h"
#include "ui/annotation-layer.h"
#include "ui/ink.h"
#include "ui/lesion-layer.h"
#include "ui/outline.h"

#define GROUND 0xFFFFFF
#define SIDE 4096 /* cells */
#define CELL 16   /* level-0 pixels */
#define MPP 0.25

static const AxRect0 extent = { 0, 0, SIDE *CELL, SIDE *CELL };

/* A square of 600, one of 100 and one of 20 cells: 2.4, 0.4 and 0.08 mm a
 * side. */
static const AxCellRect squares[] = { { 500, 500, 600, 600 },
                                      { 2000, 500, 100, 100 },
                                      { 3000, 3000, 20, 20 } };

static AxLesionSet *
lesions_new (void)
{
  AxLesionParams params = AX_LESION_PARAMS_DEFAULT;
  AxProbGeometry geometry = { SIDE, SIDE, { CELL, CELL }, { MPP, MPP } };
  g_autoptr (AxProbMap) map = ax_prob_map_new (geometry, 0, NULL);
  AxLesionSet *set;

  for (guint i = 0; i < G_N_ELEMENTS (squares); i++)
    {
      gint64 n_cells = squares[i].n_cols * squares[i].n_rows;
      g_autofree guint16 *cells = g_new (guint16, n_cells);

      for (gint64 j = 0; j < n_cells; j++)
        cells[j] = ax_prob_quantize (0.9);
      ax_prob_map_write (map, squares[i], cells, NULL);
    }
  set = ax_lesion_set_extract (map, &params, NULL, NULL);
  g_assert_cmpuint (ax_lesion_set_get_n_lesions (set), ==,
                    G_N_ELEMENTS (squares));
  return set;
}

static AxLesionLayer *
layer_new (AxLesionSet *set)
{
  AxLesionLayer *layer = ax_lesion_layer_new ();

  ax_lesion_layer_set_lesions (layer, set);
  return layer;
}

static AxPoint0
middle_of (const AxLesion *lesion)
{
  return (AxPoint0){ lesion->bbox.x + lesion->bbox.width / 2.0,
                     lesion->bbox.y + lesion->bbox.height / 2.0 };
}

/* How many pixels of @color lie within @reach of a slide position. */
static guint
count_around (cairo_surface_t *surface, AxViewport *viewport, AxPoint0 point,
              int reach, guint32 color)
{
  double x, y;
  guint n = 0;

  ax_viewport_to_screen (viewport, point, &x, &y);
  for (int row = (int)y - reach; row <= (int)y + reach; row++)
    for (int col = (int)x - reach; col <= (int)x + reach; col++)
      n += pixel_at (surface, col, row) == color;
  return n;
}

/* On the whole slide a lesion of a third of a pixel has a mark that can be
 * seen. */
static void
test_minimum_marks (void)
{
  g_autoptr (AxLesionSet) set = lesions_new ();
  g_autoptr (AxLesionLayer) layer = layer_new (set);
  g_autoptr (AxViewport) viewport
      = viewport_at_origin (extent, MPP, 400, 400.0 / extent.width);
  cairo_surface_t *surface
      = paint_layer (AX_LAYER (layer), viewport, 1, GROUND);

  for (guint i = 1; i < ax_lesion_set_get_n_lesions (set); i++)
    {
      const AxLesion *lesion = ax_lesion_set_get (set, i);
      guint32 color = ax_ink_class_color (lesion->size_class);

      g_assert_cmpuint (
          count_around (surface, viewport, middle_of (lesion), 8, color), >=,
          10);
    }
  cairo_surface_destroy (surface);
}

static void
test_classes (void)
{
  g_autoptr (AxLesionSet) set = lesions_new ();

  g_assert_cmpint (ax_lesion_set_get (set, 0)->size_class, ==, AX_SIZE_MACRO);
  g_assert_cmpint (ax_lesion_set_get (set, 1)->size_class, ==, AX_SIZE_MICRO);
  g_assert_cmpint (ax_lesion_set_get (set, 2)->size_class, ==, AX_SIZE_ITC);
}

static cairo_surface_t *
paint_mark (AxSizeClass size_class)
{
  cairo_surface_t *surface
      = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 40, 40);
  cairo_t *cr = cairo_create (surface);

  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_paint (cr);
  ax_ink_mark (cr, size_class, 20, 20, 16, FALSE);
  cairo_destroy (cr);
  return surface;
}

/*
 * Classes differ in shape, not in colour alone: of two lines from the middle,
 * along an axis and along a diagonal, a ring meets both at the same distance, a
 * diamond the axis further out, a square the diagonal.
 */
static void
test_mark_shapes (void)
{
  const struct
  {
    AxSizeClass size_class;
    int sign; /* of axis minus diagonal */
  } cases[] = {
    { AX_SIZE_ITC, 0 },
    { AX_SIZE_MICRO, 1 },
    { AX_SIZE_MACRO, -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      cairo_surface_t *surface = paint_mark (cases[i].size_class);
      guint32 color = ax_ink_class_color (cases[i].size_class);
      double axis = 0, diagonal = 0;
      int sign;

      for (int d = 0; d < 19; d++)
        {
          if (pixel_at (surface, 20 + d, 20) == color)
            axis = d;
          if (pixel_at (surface, 20 + d, 20 + d) == color)
            diagonal = d * G_SQRT2;
        }
      g_assert_cmpfloat (axis, >, 0);
      g_assert_cmpfloat (diagonal, >, 0);
      sign = (axis > diagonal + 2) - (axis < diagonal - 2);
      g_assert_cmpint (sign, ==, cases[i].sign);
      cairo_surface_destroy (surface);
    }
}

/* The outline runs where the cells end. */
static void
test_outline (void)
{
  g_autoptr (AxLesionSet) set = lesions_new ();
  g_autoptr (AxLesionLayer) layer = layer_new (set);
  g_autoptr (AxViewport) viewport
      = viewport_at_origin (extent, MPP, 400, 1 / 64.0);
  cairo_surface_t *surface
      = paint_layer (AX_LAYER (layer), viewport, 1, GROUND);

  /* Its left edge is at cell 500 of a quarter pixel each: red on both sides. */
  g_assert_cmphex (pixel_at (surface, 124, 200) & 0xFF, <, 0x60);
  g_assert_cmphex (pixel_at (surface, 125, 200) & 0xFF, <, 0x60);
  g_assert_cmphex (pixel_at (surface, 200, 200), ==, GROUND);
  g_assert_cmphex (pixel_at (surface, 130, 200), ==, GROUND);
  cairo_surface_destroy (surface);
}

static void
test_selected (void)
{
  g_autoptr (AxLesionSet) set = lesions_new ();
  g_autoptr (AxLesionLayer) layer = layer_new (set);
  g_autoptr (AxViewport) viewport
      = viewport_at_origin (extent, MPP, 400, 1 / 64.0);
  const AxLesion *macro = ax_lesion_set_get (set, 0);
  cairo_surface_t *before = paint_layer (AX_LAYER (layer), viewport, 1, GROUND);
  cairo_surface_t *after;

  ax_lesion_layer_set_selected (layer, macro->id);
  after = paint_layer (AX_LAYER (layer), viewport, 1, GROUND);
  g_assert_cmpuint (count_other (after, GROUND), >,
                    count_other (before, GROUND) + 400);
  /* The label's plate covers the caliper's middle. */
  g_assert_cmphex (pixel_at (before, 200, 192), ==, GROUND);
  g_assert_cmpuint (
      count_around (after, viewport, middle_of (macro), 12, GROUND), <,
      25 * 25);
  cairo_surface_destroy (before);
  cairo_surface_destroy (after);
}

/* A size that is moved into the view stays off the scale bar. */
static void
test_size_keeps_off_the_corners (void)
{
  g_autoptr (AxLesionSet) set = lesions_new ();
  g_autoptr (AxLesionLayer) layer = layer_new (set);
  g_autoptr (AxViewport) viewport
      = viewport_at_origin (extent, MPP, 400, 1 / 64.0);
  const AxLesion *macro = ax_lesion_set_get (set, 0);
  const AxRect0 box = macro->bbox;
  cairo_surface_t *surface;

  ax_lesion_layer_set_selected (layer, macro->id);
  ax_viewport_set (viewport, (AxPoint0){ box.x + box.width - 150, box.y + 150 },
                   1);
  surface = paint_layer (AX_LAYER (layer), viewport, 1, GROUND);
  g_assert_cmphex (pixel_at (surface, 12, 395), ==, GROUND);
  g_assert_cmphex (pixel_at (surface, 12, 370), ==, GROUND);
  g_assert_cmphex (pixel_at (surface, 12, 335), !=, GROUND);
  cairo_surface_destroy (surface);
}

static void
test_pick (void)
{
  g_autoptr (AxLesionSet) set = lesions_new ();
  g_autoptr (AxLesionLayer) layer = layer_new (set);
  g_autoptr (AxViewport) viewport
      = viewport_at_origin (extent, MPP, 400, 400.0 / extent.width);
  const AxLesion *itc = ax_lesion_set_get (set, 2);
  double x, y;

  ax_viewport_to_screen (viewport, middle_of (itc), &x, &y);
  g_assert_true (ax_lesion_layer_pick (layer, viewport, x + 5, y - 3) == itc);
  g_assert_null (ax_lesion_layer_pick (layer, viewport, x + 30, y));
  ax_viewport_to_screen (viewport, middle_of (ax_lesion_set_get (set, 0)), &x,
                         &y);
  g_assert_true (ax_lesion_layer_pick (layer, viewport, x, y + 15)
                 == ax_lesion_set_get (set, 0));
}

/* Thinned out, a line stays within a pixel of itself. */
static void
test_outline_copies (void)
{
  enum
  {
    N_POINTS = 20000
  };
  g_autofree AxPoint0 *points = g_new (AxPoint0, N_POINTS);
  AxOutline *outline;

  for (int i = 0; i < N_POINTS; i++)
    {
      double angle = 2 * G_PI * i / N_POINTS;

      points[i].x = 30000 + 20000 * cos (angle);
      points[i].y = 30000 + 20000 * sin (angle);
    }
  outline = ax_outline_new (points, N_POINTS);
  g_assert_cmpuint (ax_outline_get_n_points (outline, 1), ==, N_POINTS);
  for (double zoom = 0.5; zoom > 0.002; zoom /= 1.7)
    {
      double around_px = 2 * G_PI * 20000 * zoom;
      guint n_points = ax_outline_get_n_points (outline, zoom);

      g_assert_cmpfloat (n_points, <, 3 * around_px);
      g_assert_cmpfloat (n_points, >, MIN (around_px / 2, N_POINTS - 1));
    }
  ax_outline_free (outline);
}

/* Cutting the corners of cells moves no edge. */
static void
test_outline_along_cells (void)
{
  const AxPoint0 square[] = { { 0, 0 }, { 80, 0 }, { 80, 8 }, { 0, 8 } };
  AxOutline *outline = ax_outline_new_along_cells (square, 4);
  AxRect0 bounds = ax_outline_get_bounds (outline);

  g_assert_cmpuint (ax_outline_get_n_points (outline, 1), ==, 8);
  g_assert_true (ax_rect0_equal (bounds, (AxRect0){ 0, 0, 80, 8 }));
  g_assert_cmpfloat (ax_outline_get_top (outline).y, ==, 0);
  ax_outline_free (outline);
}

static AxAnnotationSet *
annotations_new (void)
{
  const AxPoint0 area[] = { { 100, 100 }, { 300, 100 }, { 300, 300 } };
  const AxPoint0 speck[] = { { 20, 350 }, { 21, 350 }, { 21, 351 } };
  AxAnnotationSet *set = ax_annotation_set_new ();

  ax_annotation_add_ring (
      ax_annotation_set_add (set, AX_SHAPE_POLYGON, "a", "_0"), area, 3);
  ax_annotation_add_ring (
      ax_annotation_set_add (set, AX_SHAPE_POLYGON, "b", "_0"), speck, 3);
  ax_annotation_add_ring (ax_annotation_set_add (set, AX_SHAPE_DOT, "c", NULL),
                          speck, 1);
  return set;
}

static void
test_annotations (void)
{
  g_autoptr (AxAnnotationLayer) layer = ax_annotation_layer_new ();
  g_autoptr (AxAnnotationSet) set = annotations_new ();
  g_autoptr (AxViewport) viewport
      = viewport_at_origin ((AxRect0){ 0, 0, 400, 400 }, MPP, 400, 1);
  cairo_surface_t *surface;

  ax_annotation_layer_set_annotations (layer, set);
  surface = paint_layer (AX_LAYER (layer), viewport, 1, GROUND);
  g_assert_cmphex (pixel_at (surface, 200, 99), ==, AX_INK_REFERENCE);
  g_assert_cmphex (pixel_at (surface, 299, 200), ==, AX_INK_REFERENCE);
  g_assert_cmphex (pixel_at (surface, 150, 250), ==, GROUND);
  g_assert_cmpuint (count_around (surface, viewport, (AxPoint0){ 20, 350 }, 8,
                                  AX_INK_REFERENCE),
                    >=, 10);
  cairo_surface_destroy (surface);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gtk_init_check ();
  g_test_add_func ("/lesions/classes", test_classes);
  g_test_add_func ("/lesions/minimum-marks", test_minimum_marks);
  g_test_add_func ("/lesions/mark-shapes", test_mark_shapes);
  g_test_add_func ("/lesions/outline", test_outline);
  g_test_add_func ("/lesions/selected", test_selected);
  g_test_add_func ("/lesions/size-keeps-off-the-corners",
                   test_size_keeps_off_the_corners);
  g_test_add_func ("/lesions/pick", test_pick);
  g_test_add_func ("/outline/copies", test_outline_copies);
  g_test_add_func ("/outline/along-cells", test_outline_along_cells);
  g_test_add_func ("/annotations/drawn", test_annotations);
  return g_test_run ();
}
