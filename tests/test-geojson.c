#include "core/annot/geojson.h"
#include "tests/support/annot.h"
#include "tests/support/expect-error.h"

#include <string.h>

#define GEOJSON AX_ANNOT_FORMAT_GEOJSON

#define FEATURE(geometry, properties)                                          \
  "{\"type\":\"Feature\",\"id\":\"PathAnnotationObject\","                     \
  "\"geometry\":" geometry ",\"properties\":{" properties "}}"
#define TRIANGLE                                                               \
  "{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[4,0],[4,3.5],[0,0]]]}"
#define COLLECTION(features)                                                   \
  "{\"type\":\"FeatureCollection\",\"features\":[" features "]}"

static AxAnnotationSet *
read_one (const char *properties)
{
  g_autofree char *text
      = g_strdup_printf ("[" FEATURE (TRIANGLE, "%s") "]", properties);
  AxAnnotationSet *set = annot_parse (GEOJSON, text);

  g_assert_cmpuint (set->annotations->len, ==, 1);
  return set;
}

static void
test_document (void)
{
  const char *const cases[] = {
    COLLECTION (FEATURE (TRIANGLE, "\"name\":\"a\"")),
    "[" FEATURE (TRIANGLE, "\"name\":\"a\"") "]",
    FEATURE (TRIANGLE, "\"name\":\"a\""),
    /* Members in another order, and unknown ones. */
    "{\"bbox\":[0,1],\"features\":[{\"properties\":{\"name\":\"a\",\"x\":{}},"
    "\"plane\":{\"c\":-1,\"z\":0,\"t\":0},\"geometry\":{\"plane\":[],"
    "\"coordinates\":[[[0,0,7],[4,0],[4,3.5]]],\"type\":\"Polygon\"}}],"
    "\"type\":\"FeatureCollection\"}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AxAnnotationSet) set = annot_parse (GEOJSON, cases[i]);

      g_assert_cmpuint (set->skipped->len, ==, 0);
      g_assert_cmpuint (set->annotations->len, ==, 1);
      g_assert_cmpstr (annot_at (set, 0)->name, ==, "a");
      annot_assert_ring (annot_ring (annot_at (set, 0), 0), "0,0 4,0 4,3.5");
    }
}

static void
test_empty (void)
{
  g_autoptr (AxAnnotationSet) a = annot_parse (GEOJSON, COLLECTION (""));
  g_autoptr (AxAnnotationSet) b = annot_parse (GEOJSON, "[]");

  g_assert_cmpuint (a->annotations->len + a->skipped->len, ==, 0);
  g_assert_cmpuint (b->annotations->len + b->skipped->len, ==, 0);
}

static void
test_classification (void)
{
  const struct
  {
    const char *text, *group;
    gint32 color;
  } cases[] = {
    { "\"Tumor\"", "Tumor", -1 },
    { "\"Tumor: Positive\"", "Tumor: Positive", -1 },
    { "{\"name\":\"Tumor\",\"color\":[200,0,0]}", "Tumor", 0xc80000 },
    { "{\"color\":[1,2,3,255],\"name\":\"Tumor\"}", "Tumor", 0x010203 },
    { "{\"name\":\"Tumor\"}", "Tumor", -1 },
    { "{\"names\":[\"Tumor\",\"Positive\"]}", "Tumor: Positive", -1 },
    { "[\"Tumor\",\"Positive\"]", "Tumor: Positive", -1 },
    { "{\"name\":\"Tumor\",\"colorRGB\":-3670016}", "Tumor", 0xc80000 },
    { "{\"name\":\"Tumor\",\"color\":[200,0]}", "Tumor", -1 },
    { "{\"name\":\"Tumor\",\"color\":[200,0,256]}", "Tumor", -1 },
    { "{\"name\":\"Tumor\",\"color\":\"red\"}", "Tumor", -1 },
    { "null", NULL, -1 },
    { "\"\"", NULL, -1 },
    { "7", NULL, -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *properties
          = g_strdup_printf ("\"classification\":%s", cases[i].text);
      g_autoptr (AxAnnotationSet) set = read_one (properties);

      g_assert_cmpstr (annot_at (set, 0)->group, ==, cases[i].group);
      if (cases[i].group == NULL)
        g_assert_cmpuint (set->groups->len, ==, 0);
      else
        g_assert_cmphex (
            ax_annotation_set_find_group (set, cases[i].group)->color, ==,
            cases[i].color);
    }
}

static void
test_properties (void)
{
  g_autoptr (AxAnnotationSet) set = read_one (
      "\"objectType\":\"annotation\",\"name\":\"first\",\"color\":-16776961,"
      "\"isLocked\":true,\"name\":\"L01\","
      "\"measurements\":{\"a\":1.5,\"b\":\"NaN\",\"c\":\"-Infinity\","
      "\"d\":NaN,\"e\":\"inf\",\"a\":2.5,\"bad\":\"x\",\"null\":null},"
      "\"metadata\":{\"k\":\"old\",\"n\":7},"
      "\"metadata\":{\"k\":\"new\",\"l\":\"m\",\"l\":\"n\"}");
  const AxAnnotation *annotation = annot_at (set, 0);

  g_assert_cmpstr (annotation->name, ==, "L01");
  g_assert_cmphex (annotation->color, ==, 0x0000ff);
  g_assert_cmpuint (annotation->measurements->len, ==, 5);
  g_assert_cmpfloat (annot_measurement (annotation, "a"), ==, 2.5);
  g_assert_true (isnan (annot_measurement (annotation, "b")));
  g_assert_cmpfloat (annot_measurement (annotation, "c"), ==, -INFINITY);
  g_assert_true (isnan (annot_measurement (annotation, "d")));
  g_assert_cmpfloat (annot_measurement (annotation, "e"), ==, INFINITY);

  /* QuPath writes keys twice; the last counts. */
  g_assert_cmpuint (annotation->metadata->len, ==, 3);
  g_assert_cmpstr (annot_value (annotation->metadata, "k"), ==, "new");
  g_assert_cmpstr (annot_value (annotation->metadata, "l"), ==, "n");
  g_assert_cmpstr (annot_value (annotation->metadata, "n"), ==, "7");
}

/* Before QuPath 0.4. */
static void
test_old_measurements (void)
{
  g_autoptr (AxAnnotationSet) set = read_one (
      "\"measurements\":[{\"name\":\"a\",\"value\":1.5},{\"value\":2,"
      "\"name\":\"b\"},{\"name\":\"c\"},{\"value\":\"x\",\"name\":\"d\"},7]");

  g_assert_cmpuint (annot_at (set, 0)->measurements->len, ==, 2);
  g_assert_cmpfloat (annot_measurement (annot_at (set, 0), "a"), ==, 1.5);
  g_assert_cmpfloat (annot_measurement (annot_at (set, 0), "b"), ==, 2);
}

static void
test_geometries (void)
{
  g_autoptr (AxAnnotationSet) set
      = annot_read_case (GEOJSON, "geojson-geometries.json");
  const AxPolyRing *ellipse = NULL;

  g_assert_cmpuint (set->skipped->len, ==, 0);
  g_assert_cmpuint (set->annotations->len, ==, 7);
  g_assert_cmpint (annot_at (set, 0)->kind, ==, AX_SHAPE_DOT);
  annot_assert_ring (annot_ring (annot_at (set, 0), 0), "1,2");
  g_assert_cmpint (annot_at (set, 1)->kind, ==, AX_SHAPE_POINTS);
  annot_assert_ring (annot_ring (annot_at (set, 1), 0), "1,2 3,4");
  g_assert_cmpint (annot_at (set, 2)->kind, ==, AX_SHAPE_MEASUREMENT);
  annot_assert_ring (annot_ring (annot_at (set, 3), 1), "5,1 6,1 6,2");

  g_assert_cmpuint (annot_at (set, 4)->rings->len, ==, 2);
  g_assert_cmpuint (annot_at (set, 5)->rings->len, ==, 1);
  g_assert_cmpstr (annot_at (set, 5)->name, ==, "two");
  g_assert_cmpstr (annot_at (set, 5)->group, ==, "Tumor");
  annot_assert_ring (annot_ring (annot_at (set, 5), 0), "20,0 29,0 29,9");
  g_assert_cmpfloat (annot_measurement (annot_at (set, 4), "area"), ==, 3);
  g_assert_null (annot_at (set, 5)->measurements);

  ellipse = annot_ring (annot_at (set, 6), 0);
  g_assert_cmpuint (ellipse->n_points, >=, 32);
  for (guint i = 0; i < ellipse->n_points; i++)
    g_assert_cmpfloat_with_epsilon (hypot ((ellipse->points[i].x - 20) / 10,
                                           (ellipse->points[i].y - 40) / 20),
                                    1, 1e-12);
}

static void
test_children (void)
{
  g_autoptr (AxAnnotationSet) set
      = annot_read_case (GEOJSON, "geojson-children.json");

  g_assert_cmpuint (set->skipped->len, ==, 0);
  g_assert_cmpuint (set->annotations->len, ==, 6);
  for (guint i = 0; i < 6; i++)
    g_assert_cmpint (annot_at (set, i)->name[0], ==, "abcdef"[i]);
}

static void
test_tolerance (void)
{
  g_autoptr (AxAnnotationSet) set
      = annot_read_case (GEOJSON, "geojson-tolerance.json");

  annot_assert_skipped (
      set->skipped,
      "3: 4 points of 'holed' are left out, the first: Y: 'x' is not a number\n"
      "6: 'line' has 3 points; a measurement has 2\n"
      "8: 'lines': a MultiLineString is not read\n"
      "10: 'all': a GeometryCollection is not read\n"
      "12: 'flat': the coordinates of a Polygon are nested 3 deep, here 2\n"
      "14: 'void' has no geometry\n"
      "15: not a feature\n"
      "16: not a feature\n"
      "17: 'slit' has 2 different corners; an area needs 3");
  g_assert_cmpuint (set->annotations->len, ==, 2);
  annot_assert_ring (annot_ring (annot_at (set, 0), 0), "0,0 4,0 4,4");
  g_assert_cmpuint (annot_at (set, 1)->rings->len, ==, 1);
}

static AxAnnotation *
add_annotation (AxAnnotationSet *set, const char *name, const char *group)
{
  const AxPoint0 outline[]
      = { { 100, 200 }, { 340.25, 200 }, { 340.25, 410.12346 } };
  const AxPoint0 hole[] = { { 300, 210 }, { 310, 210 }, { 310, 220 } };
  AxAnnotation *annotation
      = ax_annotation_set_add (set, AX_SHAPE_POLYGON, name, group);

  ax_annotation_add_ring (annotation, outline, 3);
  ax_annotation_add_ring (annotation, hole, 3);
  return annotation;
}

/* The id was worked out with Python:
   uuid.uuid5 (uuid.UUID ("6b0d5c1e-1f5a-4b0c-9a2e-4158494c4c41"), text). */
static void
test_write (void)
{
  g_autoptr (AxAnnotationSet) set = ax_annotation_set_new ();
  g_autoptr (GPtrArray) lost = ax_skipped_list_new ();
  g_autofree char *text = NULL;
  AxAnnotation *annotation = add_annotation (set, "L\"01\"\n", "Tumor");

  annotation->color = 0x010203;
  ax_annotation_add_measurement (annotation, "Max score", 0.981);
  ax_annotation_add_measurement (annotation, "none", NAN);
  ax_annotation_add_metadata (annotation, "sizeClass", "macro");
  add_annotation (set, "", NULL);
  text = annot_print (set, GEOJSON, NULL, lost);
  g_assert_cmpstr (
      text, ==,
      "{\"type\":\"FeatureCollection\",\"features\":[\n"
      "{\"type\":\"Feature\",\"id\":\"0749403b-239f-5e5b-b4c7-3fd2874253dc\","
      "\"geometry\":{\"type\":"
      "\"Polygon\",\"coordinates\":[[[100,200],[340.25,200],"
      "[340.25,410.1235],[100,200]],[[300,210],[310,210],[310,220],"
      "[300,210]]]},\"properties\":{\"objectType\":\"annotation\","
      "\"name\":\"L\\\"01\\\"\\u000a\",\"classification\":{"
      "\"name\":\"Tumor\",\"color\":[200,0,0]},\"color\":[1,2,3],"
      "\"isLocked\":true,\"measurements\":{\"Max score\":0.981,"
      "\"none\":\"NaN\"},\"metadata\":{\"sizeClass\":\"macro\"}}},\n"
      "{\"type\":\"Feature\",\"id\":\"beb63c76-ffb5-579e-bb9d-1aa448fb2480\","
      "\"geometry\":{\"type\":"
      "\"Polygon\",\"coordinates\":[[[100,200],[340.25,200],"
      "[340.25,410.1235],[100,200]],[[300,210],[310,210],[310,220],"
      "[300,210]]]},\"properties\":{\"objectType\":\"annotation\","
      "\"name\":\"\",\"isLocked\":true}}\n"
      "]}\n");
  g_assert_cmpuint (lost->len, ==, 0);
}

static void
test_round_trip (void)
{
  g_autoptr (AxAnnotationSet) set = ax_annotation_set_new ();
  g_autoptr (AxAnnotationSet) read = NULL;
  AxAnnotation *annotation = add_annotation (set, "a\\\t\xc3\xa9", "Tumor");
  const AxPoint0 points[] = { { 1.5, -2 }, { 3, 4 } };

  annotation->color = 0xabcdef;
  ax_annotation_add_measurement (annotation, "x", 0.1);
  ax_annotation_add_measurement (annotation, "inf", INFINITY);
  ax_annotation_add_metadata (annotation, "k:\"", "v");
  ax_annotation_set_add_group (set, "Tumor", 0x123456);
  annotation = ax_annotation_set_add (set, AX_SHAPE_DOT, "d", "Other");
  ax_annotation_add_ring (annotation, points, 1);
  annotation = ax_annotation_set_add (set, AX_SHAPE_POINTS, "p", NULL);
  ax_annotation_add_ring (annotation, points, 2);
  annotation = ax_annotation_set_add (set, AX_SHAPE_MEASUREMENT, "m", NULL);
  ax_annotation_add_ring (annotation, points, 2);

  read = annot_convert (set, GEOJSON, NULL);
  annot_assert_same_shapes (set, read, 5e-5);
  for (guint i = 0; i < 4; i++)
    {
      g_assert_cmpint (annot_at (read, i)->kind, ==, annot_at (set, i)->kind);
      g_assert_cmphex (annot_at (read, i)->color, ==, annot_at (set, i)->color);
    }
  g_assert_cmphex (ax_annotation_set_find_group (read, "Tumor")->color, ==,
                   0x123456);
  g_assert_cmpfloat (annot_measurement (annot_at (read, 0), "x"), ==, 0.1);
  g_assert_cmpfloat (annot_measurement (annot_at (read, 0), "inf"), ==,
                     INFINITY);
  g_assert_cmpstr (annot_value (annot_at (read, 0)->metadata, "k:\""), ==, "v");
}

/* (transfer full) (element-type utf8) */
static GPtrArray *
find_ids (const char *text)
{
  GPtrArray *ids = g_ptr_array_new_with_free_func (g_free);
  static const char mark[] = "\"id\":\"";

  for (const char *next = strstr (text, mark); next != NULL;
       next = strstr (next + 1, mark))
    g_ptr_array_add (ids, g_strndup (next + strlen (mark), 36));
  return ids;
}

/* The same content gives the same id, but no id twice. */
static void
test_ids (void)
{
  g_autoptr (AxAnnotationSet) set = ax_annotation_set_new ();
  g_autoptr (AxAnnotationSet) more = ax_annotation_set_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) one = NULL;
  g_autoptr (GPtrArray) six = NULL;
  g_autofree char *text = NULL;
  g_autofree char *longer = NULL;

  add_annotation (set, "x", NULL);
  add_annotation (more, "before", NULL);
  for (int i = 0; i < 5; i++)
    add_annotation (more, "x", NULL);
  text = annot_print (set, GEOJSON, NULL, NULL);
  longer = annot_print (more, GEOJSON, NULL, NULL);
  one = find_ids (text);
  six = find_ids (longer);
  g_assert_cmpuint (six->len, ==, 6);
  for (guint i = 0; i < six->len; i++)
    {
      g_assert_true (g_uuid_string_is_valid (six->pdata[i]));
      g_assert_true (g_hash_table_add (seen, six->pdata[i]));
    }
  g_assert_cmpstr (one->pdata[0], ==, six->pdata[1]);
}

static void
test_origin (void)
{
  g_autoptr (AxAnnotationSet) set = ax_annotation_set_new ();
  g_autoptr (AxAnnotationSet) read = NULL;
  g_autoptr (AxAnnotationSet) read_without = NULL;
  g_autoptr (AxAnnotationSet) foreign = NULL;
  const AxAnnotContext context = { .origin = { 50, 60.5 } };
  g_autofree char *path
      = annot_save ("qupath.geojson", FEATURE (TRIANGLE, "\"name\":\"a\""));
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  ax_annotation_add_metadata (add_annotation (set, "a", NULL), "k", "v");
  text = annot_print (set, GEOJSON, &context, NULL);
  g_assert_nonnull (strstr (text, "[[[50,139.5],[290.25,139.5],"));
  g_assert_nonnull (strstr (text,
                            "\"metadata\":{\"k\":\"v\",\"" AX_GEOJSON_ORIGIN_KEY
                            "\":\"50,60.5\"}"));

  read = annot_convert (set, GEOJSON, &context);
  annot_assert_same_shapes (set, read, 5e-5);
  g_assert_cmpuint (annot_at (read, 0)->metadata->len, ==, 1);

  /* What the file says of itself counts, whatever the caller knows. */
  read_without = annot_parse (GEOJSON, text);
  annot_assert_same_shapes (set, read_without, 5e-5);

  /* QuPath's own files do not say. */
  foreign = ax_annot_read (path, GEOJSON, &context, &error);
  g_assert_no_error (error);
  annot_assert_ring (annot_ring (annot_at (foreign, 0), 0),
                     "50,60.5 54,60.5 54,64");
}

static void
test_lost (void)
{
  g_autoptr (AxAnnotationSet) set = ax_annotation_set_new ();
  g_autoptr (GPtrArray) lost = ax_skipped_list_new ();
  g_autofree char *text = NULL;
  AxAnnotationGroup *group = ax_annotation_set_add_group (set, "A\nB", -1);

  group->parent = g_strdup ("C");
  ax_annotation_group_add_attribute (group, "k", "v");
  ax_annotation_set_add_group (set, "C", -1);
  add_annotation (set, "a", "A\nB")->kind = AX_SHAPE_RECTANGLE;
  add_annotation (set, "b", "A\nB")->kind = AX_SHAPE_RECTANGLE;
  add_annotation (set, "c", NULL)->kind = AX_SHAPE_SPLINE;
  text = annot_print (set, GEOJSON, NULL, lost);
  annot_assert_skipped (
      lost, "0: group no longer within another: 'A B'\n"
            "0: group attributes not written: 'A B'\n"
            "0: group without annotations not written: 'C'\n"
            "0: rectangle written as a polygon: 'a' and 1 more\n"
            "0: line break in a class name is a space: 'A B' and 1 more\n"
            "0: spline written as a polygon: 'c'");
  g_assert_nonnull (strstr (text, "\"name\":\"A B\""));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/geojson/document", test_document);
  g_test_add_func ("/geojson/empty", test_empty);
  g_test_add_func ("/geojson/classification", test_classification);
  g_test_add_func ("/geojson/properties", test_properties);
  g_test_add_func ("/geojson/old-measurements", test_old_measurements);
  g_test_add_func ("/geojson/geometries", test_geometries);
  g_test_add_func ("/geojson/children", test_children);
  g_test_add_func ("/geojson/tolerance", test_tolerance);
  g_test_add_func ("/geojson/write", test_write);
  g_test_add_func ("/geojson/round-trip", test_round_trip);
  g_test_add_func ("/geojson/ids", test_ids);
  g_test_add_func ("/geojson/origin", test_origin);
  g_test_add_func ("/geojson/lost", test_lost);
  return g_test_run ();
}
