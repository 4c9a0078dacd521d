#include "tests/support/annot.h"
#include "tests/support/expect-error.h"

#include <string.h>

#define IMAGESCOPE AX_ANNOT_FORMAT_IMAGESCOPE

static void
test_read (void)
{
  g_autoptr (AxAnnotationSet) set
      = annot_read_case (IMAGESCOPE, "imagescope-plain.xml");
  const AxAnnotationGroup *group = ax_annotation_set_find_group (set, "Tumor");

  g_assert_cmpuint (set->skipped->len, ==, 0);
  g_assert_cmpuint (set->annotations->len, ==, 1);
  g_assert_cmpstr (annot_at (set, 0)->name, ==, "L01");
  g_assert_cmpstr (annot_at (set, 0)->group, ==, "Tumor");
  g_assert_cmpint (annot_at (set, 0)->color, ==, -1);
  annot_assert_ring (annot_ring (annot_at (set, 0), 0),
                     "10234.5,20456.2 10300,20456 10300,20500");
  g_assert_cmphex (group->color, ==, 0xff0000);
  g_assert_cmpstr (annot_value (group->attributes, "grade"), ==, "2");
}

/* Decimal, blue first. */
static void
test_colors (void)
{
  const struct
  {
    const char *text;
    gint32 color;
  } cases[] = {
    { "255", 0xff0000 },       { "65280", 0x00ff00 },
    { "16711680", 0x0000ff },  { "65535", 0xffff00 },
    { "0", 0x000000 },         { "4278190335", 0xff0000 },
    { "-16776961", 0xff0000 }, { "red", -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf (
          "<Annotations><Annotation LineColor=\"%s\"><Regions><Region>"
          "<Vertices><Vertex X=\"1\" Y=\"2\"/></Vertices></Region></Regions>"
          "</Annotation><Annotation Name=\"b\" LineColor=\"%s\"/>"
          "</Annotations>",
          cases[i].text, cases[i].text);
      g_autoptr (AxAnnotationSet) set = annot_parse (IMAGESCOPE, text);

      g_assert_cmphex (annot_at (set, 0)->color, ==, cases[i].color);
      g_assert_null (annot_at (set, 0)->group);
      g_assert_cmphex (ax_annotation_set_find_group (set, "b")->color, ==,
                       cases[i].color);
    }
}

static void
test_holes (void)
{
  g_autoptr (AxAnnotationSet) set
      = annot_read_case (IMAGESCOPE, "imagescope-holes.xml");

  annot_assert_skipped (
      set->skipped,
      "60: the negative region 'orphan' lies in no area of its layer");
  g_assert_cmpuint (set->annotations->len, ==, 2);
  g_assert_cmpuint (annot_at (set, 0)->rings->len, ==, 3);
  annot_assert_ring (annot_ring (annot_at (set, 0), 1),
                     "10,10 15,10 15,15 10,15");
  annot_assert_ring (annot_ring (annot_at (set, 0), 2),
                     "70,70 90,70 101,75 90,90 70,90");
  g_assert_cmpuint (annot_at (set, 1)->rings->len, ==, 2);
  annot_assert_ring (annot_ring (annot_at (set, 1), 1),
                     "30,30 40,30 40,40 30,40");
}

static void
test_types (void)
{
  g_autoptr (AxAnnotationSet) set
      = annot_read_case (IMAGESCOPE, "imagescope-types.xml");
  const AxPolyRing *ellipse = NULL;

  annot_assert_skipped (set->skipped,
                        "51: 'line' has 2 different corners; an area needs 3");
  g_assert_cmpint (annot_at (set, 0)->kind, ==, AX_SHAPE_RECTANGLE);
  annot_assert_ring (annot_ring (annot_at (set, 0), 0), "1,2 5,2 5,4 1,4");
  g_assert_cmpint (annot_at (set, 1)->kind, ==, AX_SHAPE_RECTANGLE);
  g_assert_cmpint (annot_at (set, 2)->kind, ==, AX_SHAPE_POLYGON);
  g_assert_cmpint (annot_at (set, 3)->kind, ==, AX_SHAPE_MEASUREMENT);
  g_assert_cmpint (annot_at (set, 4)->kind, ==, AX_SHAPE_DOT);

  g_assert_cmpint (annot_at (set, 5)->kind, ==, AX_SHAPE_POLYGON);
  ellipse = annot_ring (annot_at (set, 5), 0);
  for (guint i = 0; i < ellipse->n_points; i++)
    g_assert_cmpfloat_with_epsilon (hypot ((ellipse->points[i].x - 20) / 10,
                                           (ellipse->points[i].y - 40) / 20),
                                    1, 1e-12);
  g_assert_cmpfloat_with_epsilon (ax_poly_ring_area (ellipse), G_PI * 10 * 20,
                                  0.01 * G_PI * 10 * 20);
}

/* Other words, other elements. */
static void
test_halo (void)
{
  g_autoptr (AxAnnotationSet) set
      = annot_read_case (IMAGESCOPE, "halo.annotations");

  g_assert_cmpuint (set->skipped->len, ==, 0);
  g_assert_cmpuint (set->annotations->len, ==, 1);
  g_assert_cmpint (annot_at (set, 0)->kind, ==, AX_SHAPE_RECTANGLE);
  annot_assert_ring (annot_ring (annot_at (set, 0), 0), "1,2 5,2 5,4 1,4");
  annot_assert_ring (annot_ring (annot_at (set, 0), 1), "2,2.5 4,2.5 3,3");
  g_assert_cmphex (ax_annotation_set_find_group (set, "H")->color, ==,
                   0x00ff00);
}

static AxAnnotation *
add_rectangle (AxAnnotationSet *set, const char *name, const char *group)
{
  const AxPoint0 points[] = { { 0, 0 }, { 30, 0 }, { 30, 40 }, { 0, 40 } };
  AxAnnotation *annotation
      = ax_annotation_set_add (set, AX_SHAPE_RECTANGLE, name, group);

  ax_annotation_add_ring (annotation, points, 4);
  return annotation;
}

/* Lengths and areas by hand: 140 px and 1200 px^2 at 0.25 x 0.5 um. */
static void
test_write (void)
{
  g_autoptr (AxAnnotationSet) set = ax_annotation_set_new ();
  g_autoptr (GPtrArray) lost = ax_skipped_list_new ();
  const AxAnnotContext context = { .mpp_x = 0.25, .mpp_y = 0.5 };
  const AxPoint0 hole[] = { { 1, 1 }, { 4, 1 }, { 4, 5 } };
  AxAnnotation *annotation = add_rectangle (set, "L\"1\"", "Tumor");
  g_autofree char *text = NULL;
  g_autofree char *plain = NULL;

  ax_annotation_set_add_group (set, "Tumor", 0x0080ff);
  ax_annotation_add_ring (annotation, hole, 3);
  text = annot_print (set, IMAGESCOPE, &context, lost);
  g_assert_cmpuint (lost->len, ==, 0);
  g_assert_true (g_str_has_prefix (
      text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<Annotations MicronsPerPixel=\"0.375\">\n"
            "  <Annotation Id=\"1\" Name=\"Tumor\" ReadOnly=\"0\""
            " NameReadOnly=\"0\" LineColorReadOnly=\"0\" Incremental=\"0\""
            " Type=\"4\" LineColor=\"16744448\" Visible=\"1\""));
  g_assert_nonnull (strstr (
      text, "      <Region Id=\"1\" Type=\"1\" Zoom=\"1\" Selected=\"0\""
            " ImageLocation=\"\" ImageFocus=\"-1\" Length=\"140\""
            " Area=\"1200\" LengthMicrons=\"55\" AreaMicrons=\"150\""
            " Text=\"L&quot;1&quot;\" NegativeROA=\"0\" InputRegionId=\"0\""
            " Analyze=\"1\" DisplayId=\"1\">\n"));
  g_assert_nonnull (strstr (text, "<Region Id=\"2\" Type=\"0\""));
  g_assert_nonnull (strstr (
      text, "Length=\"12\" Area=\"6\" LengthMicrons=\"4.89\""
            " AreaMicrons=\"0.75\" Text=\"L&quot;1&quot;\" NegativeROA=\"1\""));
  g_assert_nonnull (
      strstr (text, "          <Vertex X=\"30\" Y=\"40\" Z=\"0\"/>\n"));

  plain = annot_print (set, IMAGESCOPE, NULL, NULL);
  g_assert_null (strstr (plain, "Microns"));
  g_assert_nonnull (strstr (plain, " Area=\"1200\""));
}

static void
test_layers (void)
{
  g_autoptr (AxAnnotationSet) set = ax_annotation_set_new ();
  g_autoptr (AxAnnotationSet) read = NULL;
  g_autoptr (GPtrArray) lost = ax_skipped_list_new ();
  g_autofree char *text = NULL;
  AxAnnotationGroup *group = ax_annotation_set_add_group (set, "A", 0xff0000);

  ax_annotation_group_add_attribute (group, "model", "x");
  ax_annotation_set_add_group (set, "empty", 0x00ffff);
  add_rectangle (set, "red", "A");
  add_rectangle (set, "blue", "A")->color = 0x0000ff;
  add_rectangle (set, "free", NULL)->color = 0x123456;
  add_rectangle (set, "default", NULL);
  text = annot_print (set, IMAGESCOPE, NULL, lost);
  g_assert_cmpuint (lost->len, ==, 0);
  read = annot_parse (IMAGESCOPE, text);
  annot_assert_same_shapes (set, read, 0);
  g_assert_cmphex (annot_at (read, 0)->color, ==, -1);
  g_assert_cmphex (annot_at (read, 1)->color, ==, 0x0000ff);
  g_assert_cmphex (annot_at (read, 2)->color, ==, 0x123456);
  g_assert_cmphex (annot_at (read, 3)->color, ==, 0x00ff00);
  g_assert_cmpuint (read->groups->len, ==, 2);
  group = read->groups->pdata[0];
  g_assert_cmphex (group->color, ==, 0xff0000);
  g_assert_cmpuint (group->attributes->len, ==, 1);
}

static void
test_lost (void)
{
  g_autoptr (AxAnnotationSet) set = ax_annotation_set_new ();
  g_autoptr (AxAnnotationSet) read = NULL;
  g_autoptr (GPtrArray) lost = ax_skipped_list_new ();
  g_autofree char *text = NULL;
  const AxPoint0 points[] = { { 1, 2 }, { 3, 4 } };
  AxAnnotation *annotation = NULL;

  add_rectangle (set, "curve", "A")->kind = AX_SHAPE_SPLINE;
  annotation = add_rectangle (set, "scored", "A");
  ax_annotation_add_measurement (annotation, "score", 1);
  ax_annotation_add_metadata (annotation, "class", "micro");
  annotation = ax_annotation_set_add (set, AX_SHAPE_POINTS, "cells", "A");
  ax_annotation_add_ring (annotation, points, 2);
  ax_annotation_set_add_group (set, "A", -1)->parent = g_strdup ("B");
  text = annot_print (set, IMAGESCOPE, NULL, lost);
  annot_assert_skipped (lost, "0: group no longer within another: 'A'\n"
                              "0: spline written as a polygon: 'curve'\n"
                              "0: measurements not written: 'scored'\n"
                              "0: metadata not written: 'scored'\n"
                              "0: points written one by one: 'cells'");
  read = annot_parse (IMAGESCOPE, text);
  g_assert_cmpuint (read->annotations->len, ==, 4);
  g_assert_cmpint (annot_at (read, 3)->kind, ==, AX_SHAPE_DOT);
  annot_assert_ring (annot_ring (annot_at (read, 3), 0), "3,4");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/imagescope-xml/read", test_read);
  g_test_add_func ("/imagescope-xml/colors", test_colors);
  g_test_add_func ("/imagescope-xml/holes", test_holes);
  g_test_add_func ("/imagescope-xml/types", test_types);
  g_test_add_func ("/imagescope-xml/halo", test_halo);
  g_test_add_func ("/imagescope-xml/write", test_write);
  g_test_add_func ("/imagescope-xml/layers", test_layers);
  g_test_add_func ("/imagescope-xml/lost", test_lost);
  return g_test_run ();
}
