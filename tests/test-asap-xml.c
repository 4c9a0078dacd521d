#include "tests/support/annot.h"
#include "tests/support/expect-error.h"

#include <locale.h>
#include <string.h>

#define ASAP AX_ANNOT_FORMAT_ASAP

static void
test_read (void)
{
  g_autoptr (AxAnnotationSet) set = annot_read_case (ASAP, "asap-plain.xml");
  const AxAnnotation *annotation = annot_at (set, 0);
  const AxAnnotationGroup *tumor = ax_annotation_set_find_group (set, "Tumor");
  const AxAnnotationGroup *lesions
      = ax_annotation_set_find_group (set, "Lesions");

  g_assert_cmpuint (set->skipped->len, ==, 0);
  g_assert_cmpuint (set->annotations->len, ==, 1);
  g_assert_cmpstr (annotation->name, ==, "A & B");
  g_assert_cmpstr (annotation->group, ==, "Tumor");
  g_assert_cmpint (annotation->kind, ==, AX_SHAPE_POLYGON);
  g_assert_cmphex (annotation->color, ==, 0x00ffaa);
  annot_assert_ring (annot_ring (annotation, 0),
                     "55486.6,59360.2 55512.2,59371 -3,59000");
  g_assert_cmpfloat (annot_ring (annotation, 0)->points[0].x, ==, 55486.6016);

  g_assert_cmpuint (set->groups->len, ==, 2);
  g_assert_cmpstr (tumor->parent, ==, "Lesions");
  g_assert_cmphex (tumor->color, ==, 0xff0000);
  g_assert_cmpuint (tumor->attributes->len, ==, 3);
  g_assert_cmpstr (annot_value (tumor->attributes, "threshold"), ==, "0.5");
  g_assert_cmpstr (annot_value (tumor->attributes, "run"), ==, "7");
  g_assert_null (lesions->parent);
  g_assert_cmpint (lesions->color, ==, -1);
}

static void
test_types (void)
{
  const struct
  {
    const char *type;
    guint n_points;
    AxShapeKind kind;
  } cases[] = {
    { "Polygon", 3, AX_SHAPE_POLYGON },
    { "Spline", 5, AX_SHAPE_SPLINE },
    { "Rectangle", 4, AX_SHAPE_RECTANGLE },
    { "Rectangle", 5, AX_SHAPE_POLYGON },
    { "Dot", 1, AX_SHAPE_DOT },
    { "Dot", 2, AX_SHAPE_POINTS },
    { "PointSet", 1, AX_SHAPE_POINTS },
    { "Measurement", 2, AX_SHAPE_MEASUREMENT },
    { "None", 3, AX_SHAPE_POLYGON },
    { "Blob", 3, AX_SHAPE_POLYGON },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GString) text
          = g_string_new ("<ASAP_Annotations><Annotations>");
      g_autoptr (AxAnnotationSet) set = NULL;

      g_string_append_printf (text, "<Annotation Type=\"%s\"><Coordinates>",
                              cases[i].type);
      for (guint j = 0; j < cases[i].n_points; j++)
        g_string_append_printf (
            text, "<Coordinate Order=\"%u\" X=\"%u\" Y=\"%u\"/>", j, j, j * j);
      g_string_append (text, "</Coordinates></Annotation></Annotations>"
                             "</ASAP_Annotations>");
      set = annot_parse (ASAP, text->str);
      g_assert_cmpint (annot_at (set, 0)->kind, ==, cases[i].kind);
      g_assert_cmpstr (annot_at (set, 0)->name, ==, "");
      g_assert_null (annot_at (set, 0)->group);
    }
}

static void
test_order (void)
{
  g_autoptr (AxAnnotationSet) set = annot_read_case (ASAP, "asap-order.xml");

  g_assert_cmpuint (set->skipped->len, ==, 0);
  annot_assert_ring (annot_ring (annot_at (set, 0), 0), "0,0 1,0 2,0 3,3");
  annot_assert_ring (annot_ring (annot_at (set, 1), 0), "0,0 3,0 1,1 2,1");
  annot_assert_ring (annot_ring (annot_at (set, 2), 0), "2,0 0,0 1,1");
  annot_assert_ring (annot_ring (annot_at (set, 3), 0), "0,0 1,1 2,0");
  annot_assert_ring (annot_ring (annot_at (set, 4), 0), "2,0 0,0 1,1");
}

/* What is left out is listed with its line; the rest is read. */
static void
test_tolerance (void)
{
  g_autoptr (AxAnnotationSet) set
      = annot_read_case (ASAP, "asap-tolerance.xml");

  annot_assert_skipped (
      set->skipped,
      "7: 2 points of 'nan' are left out, the first: X: 'NaN' is not a number\n"
      "17: a point of 'one bad' is left out: Y: '1e300' is not within"
      " -1000000000 to 1000000000\n"
      "21: 'thin' has 2 different corners; an area needs 3\n"
      "28: 'empty' has no points\n"
      "29: 'long' has 3 points; a measurement has 2");
  g_assert_cmpuint (set->annotations->len, ==, 3);
  annot_assert_ring (annot_ring (annot_at (set, 0), 0), "0,0 4,0 4,4");
  annot_assert_ring (annot_ring (annot_at (set, 1), 0), "0,0 4,0 4,4");
  annot_assert_ring (annot_ring (annot_at (set, 2), 0), "0,0 4,0 4,0 0,4");

  /* The file has no AnnotationGroups; the group is made. */
  g_assert_cmpuint (set->groups->len, ==, 1);
  g_assert_nonnull (ax_annotation_set_find_group (set, "_0"));
}

/* ASAP takes a document without its own root, too. */
static void
test_bare_root (void)
{
  g_autoptr (AxAnnotationSet) set
      = annot_parse (ASAP, "<Annotations><Annotation Type=\"Dot\">"
                           "<Coordinates><Coordinate X=\"1\" Y=\"2\"/>"
                           "</Coordinates></Annotation></Annotations>");

  g_assert_cmpuint (set->annotations->len, ==, 1);
}

static void
test_holes (void)
{
  g_autoptr (AxAnnotationSet) set = annot_read_case (ASAP, "asap-holes.xml");

  /* The smallest L1 around it; no other name, group or place will do. */
  g_assert_cmpuint (set->annotations->len, ==, 6);
  g_assert_cmpuint (annot_at (set, 0)->rings->len, ==, 2);
  annot_assert_ring (annot_ring (annot_at (set, 0), 1),
                     "60,60 70,60 70,70 60,70");
  annot_assert_ring (annot_ring (annot_at (set, 1), 1),
                     "20,20 30,20 30,30 20,30");
  g_assert_cmpstr (annot_at (set, 2)->name, ==, "L1 hole 3");
  g_assert_cmpstr (annot_at (set, 3)->name, ==, "L1 hole x");
  g_assert_cmpuint (annot_at (set, 4)->rings->len, ==, 2);
  g_assert_cmpstr (annot_at (set, 5)->name, ==, "L2 hole 1");
  g_assert_cmpstr (annot_at (set, 5)->group, ==, "_2");
  g_assert_nonnull (ax_annotation_set_find_group (set, "_2"));
}

static AxAnnotation *
add_triangle (AxAnnotationSet *set, const char *name, const char *group)
{
  const AxPoint0 outline[] = { { 0, 0 }, { 100, 0.00004 }, { 0.12346, 1e5 } };
  AxAnnotation *annotation
      = ax_annotation_set_add (set, AX_SHAPE_POLYGON, name, group);

  ax_annotation_add_ring (annotation, outline, G_N_ELEMENTS (outline));
  return annotation;
}

static void
add_hole (AxAnnotation *annotation)
{
  const AxPoint0 hole[] = { { 10, 10 }, { 20, 10 }, { 10, 20 } };

  ax_annotation_add_ring (annotation, hole, G_N_ELEMENTS (hole));
}

/* A hole is a polygon whatever its outline is. */
static void
test_hole_of_rectangle (void)
{
  g_autoptr (AxAnnotationSet) set = ax_annotation_set_new ();
  g_autoptr (AxAnnotationSet) read = NULL;
  AxAnnotation *annotation
      = ax_annotation_set_add (set, AX_SHAPE_RECTANGLE, "R", "Tumor");
  const AxPoint0 outline[] = { { 0, 0 }, { 9, 0 }, { 9, 9 }, { 0, 9 } };
  const AxPoint0 hole[] = { { 1, 1 }, { 2, 1 }, { 2, 2 }, { 1, 2 } };

  ax_annotation_add_ring (annotation, outline, 4);
  ax_annotation_add_ring (annotation, hole, 4);
  read = annot_convert (set, ASAP, NULL);
  annot_assert_same_shapes (set, read, 0);
  g_assert_cmpint (annot_at (read, 0)->kind, ==, AX_SHAPE_RECTANGLE);
}

static void
test_island (void)
{
  g_autoptr (AxAnnotationSet) set = ax_annotation_set_new ();
  g_autoptr (GPtrArray) lost = ax_skipped_list_new ();
  g_autofree char *text = NULL;
  const AxPoint0 island[] = { { 11, 11 }, { 14, 11 }, { 11, 14 } };

  add_hole (add_triangle (set, "ring", "Tumor"));
  ax_annotation_add_ring (
      ax_annotation_set_add (set, AX_SHAPE_POLYGON, "island", "Tumor"), island,
      3);
  text = annot_print (set, ASAP, NULL, lost);
  annot_assert_skipped (
      lost,
      "0: in a hole, erased by readers that paint cut-outs last: 'island'");
}

/* Byte for byte what ASAP itself writes, but for the decimals. */
static void
test_write (void)
{
  g_autoptr (AxAnnotationSet) set = ax_annotation_set_new ();
  g_autoptr (GPtrArray) lost = ax_skipped_list_new ();
  AxAnnotationGroup *group
      = ax_annotation_set_add_group (set, "Tumor", 0xff0000);
  g_autofree char *text = NULL;

  ax_annotation_group_add_attribute (group, "model", "a \"b\" <c>\n");
  ax_annotation_group_add_attribute (group, "not a name", "lost");
  add_hole (add_triangle (set, "L1 & co", "Tumor"));
  text = annot_print (set, ASAP, NULL, lost);
  g_assert_cmpstr (
      text, ==,
      "<?xml version=\"1.0\"?>\n"
      "<ASAP_Annotations>\n"
      "\t<Annotations>\n"
      "\t\t<Annotation Name=\"L1 &amp; co\" Type=\"Polygon\""
      " PartOfGroup=\"Tumor\" Color=\"#F4FA58\">\n"
      "\t\t\t<Coordinates>\n"
      "\t\t\t\t<Coordinate Order=\"0\" X=\"0\" Y=\"0\" />\n"
      "\t\t\t\t<Coordinate Order=\"1\" X=\"100\" Y=\"0\" />\n"
      "\t\t\t\t<Coordinate Order=\"2\" X=\"0.1235\" Y=\"100000\" />\n"
      "\t\t\t</Coordinates>\n"
      "\t\t</Annotation>\n"
      "\t\t<Annotation Name=\"L1 &amp; co hole 1\" Type=\"Polygon\""
      " PartOfGroup=\"_2\" Color=\"#F4FA58\">\n"
      "\t\t\t<Coordinates>\n"
      "\t\t\t\t<Coordinate Order=\"0\" X=\"10\" Y=\"10\" />\n"
      "\t\t\t\t<Coordinate Order=\"1\" X=\"20\" Y=\"10\" />\n"
      "\t\t\t\t<Coordinate Order=\"2\" X=\"10\" Y=\"20\" />\n"
      "\t\t\t</Coordinates>\n"
      "\t\t</Annotation>\n"
      "\t</Annotations>\n"
      "\t<AnnotationGroups>\n"
      "\t\t<Group Name=\"Tumor\" PartOfGroup=\"None\" Color=\"#FF0000\">\n"
      "\t\t\t<Attributes>\n"
      "\t\t\t\t<Attribute model=\"a &quot;b&quot; &lt;c&gt;&#10;\" />\n"
      "\t\t\t</Attributes>\n"
      "\t\t</Group>\n"
      "\t\t<Group Name=\"_2\" PartOfGroup=\"None\" Color=\"#64FE2E\">\n"
      "\t\t\t<Attributes>\n"
      "\t\t\t</Attributes>\n"
      "\t\t</Group>\n"
      "\t</AnnotationGroups>\n"
      "</ASAP_Annotations>\n");
  annot_assert_skipped (lost,
                        "0: group attribute that is no XML name: 'not a name'");
}

static void
test_round_trip (void)
{
  g_autoptr (AxAnnotationSet) set = ax_annotation_set_new ();
  g_autoptr (AxAnnotationSet) read = NULL;
  const AxPoint0 line[] = { { 1, 2 }, { 3, 4 } };
  AxAnnotation *annotation = NULL;

  add_hole (add_triangle (set, "L1", "Tumor"));
  add_hole (add_triangle (set, "", NULL));
  annotation = add_triangle (set, "caf\303\251 \x01 <&>\"'\t", "G");
  annotation->kind = AX_SHAPE_SPLINE;
  annotation->color = 0x123456;
  annotation = ax_annotation_set_add (set, AX_SHAPE_MEASUREMENT, "m", "G");
  ax_annotation_add_ring (annotation, line, 2);
  annotation = ax_annotation_set_add (set, AX_SHAPE_DOT, "d", "G");
  ax_annotation_add_ring (annotation, line, 1);
  annotation = ax_annotation_set_add (set, AX_SHAPE_POINTS, "p", "G");
  ax_annotation_add_ring (annotation, line, 2);

  read = annot_convert (set, ASAP, NULL);
  g_assert_cmpstr (annot_at (read, 2)->name, ==,
                   "caf\303\251 \357\277\275 <&>\"'\t");
  g_free (annot_at (set, 2)->name);
  annot_at (set, 2)->name = g_strdup (annot_at (read, 2)->name);
  annot_assert_same_shapes (set, read, 5e-5);
  for (guint i = 0; i < set->annotations->len; i++)
    {
      g_assert_cmpint (annot_at (read, i)->kind, ==, annot_at (set, i)->kind);
      g_assert_cmpint (annot_at (read, i)->color, ==, annot_at (set, i)->color);
    }

  /* The group of the holes was there for them alone. */
  g_assert_null (ax_annotation_set_find_group (read, "_2"));
  g_assert_cmpuint (read->groups->len, ==, 2);
}

/* ASAP throws a file away that names a group it does not define. */
static void
test_groups_are_defined (void)
{
  g_autoptr (AxAnnotationSet) set = ax_annotation_set_new ();
  g_autoptr (GPtrArray) lost = ax_skipped_list_new ();
  g_autofree char *text = NULL;
  AxAnnotationGroup *group = NULL;

  add_triangle (set, "a", "undefined");
  group = ax_annotation_set_add_group (set, "child", -1);
  group->parent = g_strdup ("no such parent");
  group = ax_annotation_set_add_group (set, "egg", -1);
  group->parent = g_strdup ("hen");
  group = ax_annotation_set_add_group (set, "hen", -1);
  group->parent = g_strdup ("egg");
  text = annot_print (set, ASAP, NULL, lost);
  g_assert_nonnull (strstr (text, "<Group Name=\"undefined\""));
  g_assert_nonnull (strstr (text, "<Group Name=\"no such parent\""));
  g_assert_nonnull (
      strstr (text, "<Group Name=\"child\" PartOfGroup=\"no such parent\""));
  g_assert_nonnull (strstr (text, "<Group Name=\"hen\" PartOfGroup=\"None\""));
  annot_assert_skipped (lost, "0: group within itself: 'egg' and 1 more");
}

static void
test_data (void)
{
  g_autoptr (AxAnnotationSet) set = ax_annotation_set_new ();
  g_autoptr (AxAnnotationSet) read = NULL;
  g_autoptr (GPtrArray) lost = ax_skipped_list_new ();
  g_autofree char *text = NULL;
  AxAnnotationGroup *group = ax_annotation_set_add_group (set, "Tumor", -1);
  AxAnnotation *annotation = add_triangle (set, "L01 macro_x 4.12mm", "Tumor");

  ax_annotation_group_add_attribute (group, "measurement.other.x", "1");
  ax_annotation_group_add_attribute (group, "metadata.a_b.c", "2");
  ax_annotation_add_measurement (annotation, "Max score", 0.981);
  ax_annotation_add_measurement (annotation, "Area \302\265m^2", NAN);
  ax_annotation_add_metadata (annotation, "sizeClass", "macro\n&");
  text = annot_print (set, ASAP, NULL, lost);
  g_assert_cmpuint (lost->len, ==, 0);
  g_assert_nonnull (strstr (
      text, "<Attribute measurement.L01_x0020_macro_x005F_x_x0020_4_x002E_12mm"
            ".Max_x0020_score=\"0.981\" />"));
  read = annot_parse (ASAP, text);
  annotation = annot_at (read, 0);
  g_assert_cmpuint (annotation->measurements->len, ==, 2);
  g_assert_cmpfloat (annot_measurement (annotation, "Max score"), ==, 0.981);
  g_assert_true (isnan (annot_measurement (annotation, "Area \302\265m^2")));
  g_assert_cmpstr (annot_value (annotation->metadata, "sizeClass"), ==,
                   "macro\n&");

  /* What is not ours stays with the group. */
  group = read->groups->pdata[0];
  g_assert_cmpuint (group->attributes->len, ==, 2);
  g_assert_cmpstr (annot_value (group->attributes, "metadata.a_b.c"), ==, "2");
}

static void
test_data_lost (void)
{
  g_autoptr (AxAnnotationSet) set = ax_annotation_set_new ();
  g_autoptr (GPtrArray) lost = ax_skipped_list_new ();
  g_autofree char *text = NULL;
  g_autofree char *long_name = g_strnfill (2000, 'x');

  ax_annotation_add_measurement (add_triangle (set, "twin", "Tumor"), "a", 1);
  ax_annotation_add_measurement (add_triangle (set, "twin", "Tumor"), "a", 2);
  ax_annotation_add_metadata (add_triangle (set, "lone", NULL), "a", "b");
  ax_annotation_add_metadata (add_triangle (set, "none", "None"), "a", "b");
  ax_annotation_add_measurement (add_triangle (set, "long", "Tumor"), long_name,
                                 1);
  text = annot_print (set, ASAP, NULL, lost);
  annot_assert_skipped (lost,
                        "0: measurements not written: 'twin' and 1 more\n"
                        "0: metadata not written: 'lone' and 1 more\n"
                        "0: data with an overlong name not written: 'long'");
}

/* Numbers do not follow the user's locale. */
static void
test_locale (void)
{
  g_autoptr (AxAnnotationSet) set = ax_annotation_set_new ();
  const char *const names[] = { "de_DE.UTF-8", "fr_FR.UTF-8", "nl_NL.UTF-8" };
  g_autofree char *text = NULL;
  gboolean found = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (names) && !found; i++)
    found = setlocale (LC_NUMERIC, names[i]) != NULL;
  if (!found)
    {
      g_test_skip ("no locale with a decimal comma is installed");
      return;
    }
  add_triangle (set, "a", NULL);
  text = annot_print (set, ASAP, NULL, NULL);
  setlocale (LC_NUMERIC, "C");
  g_assert_nonnull (strstr (text, "X=\"0.1235\""));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/asap-xml/read", test_read);
  g_test_add_func ("/asap-xml/types", test_types);
  g_test_add_func ("/asap-xml/order", test_order);
  g_test_add_func ("/asap-xml/tolerance", test_tolerance);
  g_test_add_func ("/asap-xml/bare-root", test_bare_root);
  g_test_add_func ("/asap-xml/holes", test_holes);
  g_test_add_func ("/asap-xml/hole-of-rectangle", test_hole_of_rectangle);
  g_test_add_func ("/asap-xml/island", test_island);
  g_test_add_func ("/asap-xml/write", test_write);
  g_test_add_func ("/asap-xml/round-trip", test_round_trip);
  g_test_add_func ("/asap-xml/groups-are-defined", test_groups_are_defined);
  g_test_add_func ("/asap-xml/data", test_data);
  g_test_add_func ("/asap-xml/data-lost", test_data_lost);
  g_test_add_func ("/asap-xml/locale", test_locale);
  return g_test_run ();
}
