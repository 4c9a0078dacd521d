#include "core/eval/ellipse.h"
#include "core/eval/eval-mask.h"

#include <math.h>
#include <string.h>

#define UM_PER_PX (AX_EVAL_MPP * AX_EVAL_STEP)

typedef struct
{
  int x, y, width, height;
} Box;

static void
paint (guint8 *mask, int width, Box box, guint8 value)
{
  for (int row = box.y; row < box.y + box.height; row++)
    memset (mask + row * width + box.x, value, box.width);
}

static AxEvalMask *
make_mask (const guint8 *tumor, int width, int height)
{
  g_autoptr (GError) error = NULL;
  AxEvalMask *mask = ax_eval_mask_new (tumor, width, height, UM_PER_PX, &error);

  g_assert_no_error (error);
  return mask;
}

/* Worked out once with scipy 1.10.1 and scikit-image 0.19.3:
   distance_transform_edt (255 - m) < 75 / (um * 2), binary_fill_holes,
   label (connectivity=2), regionprops; um = 0.243 * 32. */
static void
test_reference (void)
{
  static const Box boxes[]
      = { { 10, 10, 30, 4 },  { 10, 20, 30, 4 },  { 60, 10, 3, 3 },
          { 75, 10, 3, 3 },   { 100, 20, 40, 3 }, { 100, 21, 3, 40 },
          { 137, 21, 3, 40 }, { 100, 58, 40, 3 }, { 0, 100, 2, 30 },
          { 180, 100, 1, 1 }, { 189, 109, 1, 1 }, { 199, 150, 21, 10 },
          { 150, 90, 5, 5 },  { 30, 120, 25, 1 } };
  static const struct
  {
    gint64 n_cells;
    double major_axis_um;
    gboolean is_itc;
  } expected[] = {
    { 820, 335.13589691120535, FALSE }, { 109, 91.63229469245822, TRUE },
    { 109, 91.63229469245822, TRUE },   { 2340, 437.84018957844916, FALSE },
    { 157, 110.40266595507221, TRUE },  { 222, 332.935339300007, FALSE },
    { 69, 72.6081916183495, TRUE },     { 69, 72.6081916183495, TRUE },
    { 285, 285.3109255487313, FALSE },  { 347, 222.71824237223055, TRUE }
  };
  g_autofree guint8 *tumor = g_new0 (guint8, 220 * 160);
  g_autoptr (AxEvalMask) mask = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (boxes); i++)
    paint (tumor, 220, boxes[i], 255);
  mask = make_mask (tumor, 220, 160);
  g_assert_cmpuint (mask->n_lesions, ==, G_N_ELEMENTS (expected));
  g_assert_cmpuint (mask->n_itc, ==, 6);
  for (guint i = 0; i < mask->n_lesions; i++)
    {
      const AxEvalLesion *lesion = &mask->lesions[i];

      g_assert_cmpint (lesion->n_cells, ==, expected[i].n_cells);
      g_assert_cmpfloat_with_epsilon (lesion->major_axis_um,
                                      expected[i].major_axis_um, 1e-9);
      g_assert_cmpint (lesion->is_itc, ==, expected[i].is_itc);
    }

  g_assert_cmpint (ax_eval_mask_at (mask, 120, 40), ==, 3); /* a hole */
  g_assert_cmpint (ax_eval_mask_at (mask, 10, 17), ==, 0);  /* between two */
  g_assert_cmpint (ax_eval_mask_at (mask, 219, 0), ==, -1);
}

/* 4.8225 pixels: (4, 2) is nearer, at 4.47, (3, 4) is not, at 5. */
static void
test_rim (void)
{
  guint8 tumor[21 * 21] = { 0 };
  g_autoptr (AxEvalMask) mask = NULL;

  tumor[10 * 21 + 10] = 255;
  mask = make_mask (tumor, 21, 21);
  for (int y = 0; y < 21; y++)
    for (int x = 0; x < 21; x++)
      g_assert_cmpint (ax_eval_mask_at (mask, x, y), ==,
                       hypot (x - 10, y - 10) < 75 / (UM_PER_PX * 2) ? 0 : -1);
  g_assert_cmpint (ax_eval_mask_at (mask, 14, 12), ==, 0);
  g_assert_cmpint (ax_eval_mask_at (mask, 13, 14), ==, -1);
}

static void
test_only_255_is_tumor (void)
{
  guint8 tumor[16] = { 0, 1, 128, 254 };
  g_autoptr (AxEvalMask) mask = make_mask (tumor, 4, 4);

  g_assert_cmpuint (mask->n_lesions, ==, 0);
  g_assert_cmpuint (mask->n_itc, ==, 0);
  g_assert_cmpint (ax_eval_mask_at (mask, 1, 1), ==, -1);
}

/* Rims that touch in corners alone are one lesion; background that does so
   does not let a hole out. */
static void
test_connectivity (void)
{
  static guint8 tumor[64 * 64];
  g_autoptr (AxEvalMask) mask = NULL;

  tumor[20 * 64 + 20] = 255;
  tumor[27 * 64 + 27] = 255;
  mask = make_mask (tumor, 64, 64);
  g_assert_cmpuint (mask->n_lesions, ==, 1);
  g_clear_pointer (&mask, ax_eval_mask_free);

  memset (tumor, 255, sizeof tumor);
  mask = make_mask (tumor, 64, 64);
  g_assert_cmpuint (mask->n_lesions, ==, 1);
  g_assert_cmpint (mask->lesions[0].n_cells, ==, 64 * 64);
  g_assert_false (mask->lesions[0].is_itc);
}

static void
test_ellipse (void)
{
  AxRun cell = { .row = 5, .start = 7, .end = 8 };
  AxRun bar = { .row = 3, .start = 10, .end = 15 };
  AxEllipse ellipse = ax_ellipse_measure (&cell, 1, (AxScale){ 2, 3 });

  g_assert_cmpint (ellipse.n_cells, ==, 1);
  g_assert_cmpfloat (ellipse.major_axis, ==, 0);
  g_assert_cmpfloat (ellipse.eccentricity, ==, 0);

  /* Variance of five points a unit apart: 2. */
  ellipse = ax_ellipse_measure (&bar, 1, (AxScale){ 10, 1 });
  g_assert_cmpfloat_with_epsilon (ellipse.major_axis, 40 * sqrt (2), 1e-12);
  g_assert_cmpfloat (ellipse.eccentricity, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/eval-mask/reference", test_reference);
  g_test_add_func ("/eval-mask/rim", test_rim);
  g_test_add_func ("/eval-mask/only-255-is-tumor", test_only_255_is_tumor);
  g_test_add_func ("/eval-mask/connectivity", test_connectivity);
  g_test_add_func ("/eval-mask/ellipse", test_ellipse);
  return g_test_run ();
}
