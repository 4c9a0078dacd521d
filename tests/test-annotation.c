#include "tests/support/annot.h"

#include <string.h>

static AxAnnotation *
add_square (AxAnnotationSet *set, AxShapeKind kind, gboolean closed)
{
  const AxPoint0 points[]
      = { { 0, 0 }, { 4, 0 }, { 4, 3 }, { 0, 3 }, { 0, 0 }, { 0, 0 } };
  AxAnnotation *annotation = ax_annotation_set_add (set, kind, "a", "g");

  ax_annotation_add_ring (annotation, points, closed ? 6 : 4);
  return annotation;
}

static void
test_rings (void)
{
  g_autoptr (AxAnnotationSet) set = ax_annotation_set_new ();
  AxAnnotation *open = add_square (set, AX_SHAPE_POLYGON, FALSE);
  AxAnnotation *closed = add_square (set, AX_SHAPE_POLYGON, TRUE);
  AxAnnotation *points = add_square (set, AX_SHAPE_POINTS, TRUE);

  annot_assert_ring (annot_ring (open, 0), "0,0 4,0 4,3 0,3");
  annot_assert_ring (annot_ring (closed, 0), "0,0 4,0 4,3 0,3");
  g_assert_cmpuint (annot_ring (points, 0)->n_points, ==, 6);
  g_assert_true (ax_annotation_is_area (open));
  g_assert_false (ax_annotation_is_area (points));
  g_assert_cmpint (open->color, ==, -1);
  g_assert_null (open->measurements);
}

static void
test_area (void)
{
  AxPoint0 clockwise[] = { { 0, 0 }, { 4, 0 }, { 4, 3 }, { 0, 3 } };
  AxPoint0 triangle[]
      = { { 200000, 200000 }, { 200000, 200000.25 }, { 200000.25, 200000 } };
  AxPoint0 bow_tie[] = { { 0, 0 }, { 2, 2 }, { 2, 0 }, { 0, 2 } };

  /* Positive when clockwise with y down; by hand. */
  g_assert_cmpfloat (ax_poly_ring_area (&(AxPolyRing){ clockwise, 4 }), ==, 12);
  g_assert_cmpfloat (ax_poly_ring_area (&(AxPolyRing){ triangle, 3 }), ==,
                     -0.03125);
  g_assert_cmpfloat (ax_poly_ring_area (&(AxPolyRing){ bow_tie, 4 }), ==, 0);
}

static void
test_groups (void)
{
  g_autoptr (AxAnnotationSet) set = ax_annotation_set_new ();
  AxAnnotationGroup *tumor = ax_annotation_set_add_group (set, "Tumor", -1);
  const AxAnnotationGroup *other
      = ax_annotation_set_add_group (set, "Other", 0x0000ff);

  g_assert_true (ax_annotation_set_add_group (set, "Tumor", 0xff0000) == tumor);
  g_assert_cmphex (tumor->color, ==, 0xff0000);
  ax_annotation_set_add_group (set, "Tumor", 0x00ff00);
  g_assert_cmphex (tumor->color, ==, 0xff0000);
  g_assert_true (ax_annotation_set_find_group (set, "Other") == other);

  ax_annotation_set_remove_group (set, "Other");
  g_assert_null (ax_annotation_set_find_group (set, "Other"));
  g_assert_cmpuint (set->groups->len, ==, 1);
  ax_annotation_set_remove_group (set, "Other");
  g_assert_cmpuint (set->groups->len, ==, 1);
}

static void
test_reference (void)
{
  AxAnnotationSet *set = ax_annotation_set_new ();
  AxAnnotationSet *same = ax_annotation_set_ref (set);

  add_square (set, AX_SHAPE_POLYGON, FALSE);
  ax_annotation_set_unref (set);
  g_assert_cmpuint (same->annotations->len, ==, 1);
  ax_annotation_set_unref (same);
  ax_annotation_set_unref (NULL);
}

/* Names as they occur in CAMELYON16 and 17. */
static void
test_meaning (void)
{
  const struct
  {
    const char *name, *group;
    gboolean is_tumor, is_normal;
  } cases[] = {
    { "Annotation 0", "Tumor", TRUE, FALSE },
    { "Annotation 0", "metastases", TRUE, FALSE },
    { "Annotation 0", "_0", TRUE, FALSE },
    { "Annotation 0", " _1 ", TRUE, FALSE },
    { "Annotation 0", "_2", FALSE, TRUE },
    { "Tumor", "Exclusion", FALSE, TRUE },
    { "Tumor", "normal", FALSE, TRUE },
    { "Tumor", "None", FALSE, TRUE },
    { "Tumor", "Stroma", FALSE, FALSE },
    { "Exclusion1", "Tumor", TRUE, FALSE },
    { "Tumor1", "Tumor1", FALSE, FALSE },
    { "Tumor1 ", NULL, TRUE, FALSE },
    { "TUMOR 3", NULL, TRUE, FALSE },
    { "_0", NULL, TRUE, FALSE },
    { "_2", NULL, FALSE, TRUE },
    { "Exclusion1", NULL, FALSE, TRUE },
    { "geen tumor?", NULL, FALSE, FALSE },
    { "Annotatie", NULL, FALSE, FALSE },
    { "Annotation 12", NULL, FALSE, FALSE },
    { "", NULL, FALSE, FALSE },
    { "7", NULL, FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AxAnnotationSet) set = ax_annotation_set_new ();
      const AxAnnotation *annotation = ax_annotation_set_add (
          set, AX_SHAPE_POLYGON, cases[i].name, cases[i].group);

      g_test_message ("'%s' in '%s'", cases[i].name, cases[i].group);
      g_assert_cmpint (ax_annotation_is_tumor (annotation), ==,
                       cases[i].is_tumor);
      g_assert_cmpint (ax_annotation_is_normal (annotation), ==,
                       cases[i].is_normal);
    }
}

static void
test_measurement_text (void)
{
  const struct
  {
    double value;
    const char *text;
  } cases[] = {
    { 0.981, "0.981" },       { 0.1 + 0.2, "0.30000000000000004" },
    { 4120.5, "4120.5" },     { 6.1e6, "6100000" },
    { 1e-9, "1e-09" },        { -0.5, "-0.5" },
    { INFINITY, "Infinity" }, { -INFINITY, "-Infinity" },
  };
  char buffer[AX_MEASUREMENT_BUFFER];
  double value = 0;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_assert_cmpstr (ax_measurement_format (buffer, cases[i].value), ==,
                       cases[i].text);
      g_assert_true (ax_measurement_parse (cases[i].text, &value));
      g_assert_cmpfloat (value, ==, cases[i].value);
    }
  g_assert_cmpstr (ax_measurement_format (buffer, NAN), ==, "NaN");
  g_assert_true (ax_measurement_parse ("nan", &value));
  g_assert_true (isnan (value));
  g_assert_true (ax_measurement_parse ("-inf", &value));
  g_assert_cmpfloat (value, ==, -INFINITY);

  value = 7;
  g_assert_false (ax_measurement_parse ("1,5", &value));
  g_assert_false (ax_measurement_parse ("", &value));
  g_assert_false (ax_measurement_parse ("null", &value));
  g_assert_cmpfloat (value, ==, 7);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/annotation/rings", test_rings);
  g_test_add_func ("/annotation/area", test_area);
  g_test_add_func ("/annotation/groups", test_groups);
  g_test_add_func ("/annotation/reference", test_reference);
  g_test_add_func ("/annotation/meaning", test_meaning);
  g_test_add_func ("/annotation/measurement-text", test_measurement_text);
  return g_test_run ();
}
