#include "core/export/result.h"

#include "tests/support/expect-error.h"

#include <glib/gstdio.h>

#include <math.h>

#define CELL 8
#define MPP 0.5

/* A map of 64 x 48 cells of 8 pixels with a ring of 20 x 10 cells and, apart
   from it, a block of 4 x 4; nothing is analysed in the last column. */
static guint16
draw_cell (gint64 col, gint64 row)
{
  gboolean in_ring = col >= 10 && col < 30 && row >= 10 && row < 20;
  gboolean in_hole = col >= 16 && col < 24 && row >= 14 && row < 16;
  gboolean in_block = col >= 40 && col < 44 && row >= 30 && row < 34;

  if (col == 63)
    return AX_PROB_NONE;
  if (in_ring && !in_hole)
    return ax_prob_quantize (0.5);
  return ax_prob_quantize (in_block ? 1 : 0.125);
}

typedef struct
{
  char *folder;
  AxProbMap *map;
  AxLesionSet *lesions;
  AxResult result;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer mpp_known)
{
  const AxLesionParams params = { .threshold = 0.5 };
  static const AxResultCascade cascade = { .model_name = "quick",
                                           .model_hash = "def",
                                           .threshold = 0.02,
                                           .skipped_mm2 = 1.25,
                                           .seconds = 0.5 };
  const double mpp = mpp_known != NULL ? MPP : 0;
  const AxProbGeometry geometry = {
    .width = 64, .height = 48, .cell = { CELL, CELL }, .mpp = { mpp, mpp }
  };
  const AxCellRect rect = { 0, 0, 64, 48 };
  guint16 cells[64 * 48];
  GError *error = NULL;

  for (int i = 0; i < 64 * 48; i++)
    cells[i] = draw_cell (i % 64, i / 64);

  fixture->map = ax_prob_map_new (geometry, 0, &error);
  g_assert_no_error (error);
  g_assert_true (ax_prob_map_write (fixture->map, rect, cells, &error));
  fixture->lesions
      = ax_lesion_set_extract (fixture->map, &params, NULL, &error);
  g_assert_no_error (error);

  fixture->folder = g_dir_make_tmp ("axilla-result-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->result = (AxResult){
    .slide_path = "/slides/node.1.svs",
    .extent = { 0, 0, 512, 384 },
    .bounds_origin = { 16, 32 },
    .mpp = { mpp, mpp },
    .model_name = "net",
    .model_hash = "abc",
    .engine = "cpu",
    .device = "machine",
    .shows = "tumor",
    .alpha = 2,
    .cascade = &cascade,
    .seconds = 1.5,
    .mpx_per_s = 2.25,
    .tissue_mm2 = 3,
    .analysed_mm2 = 3.5,
    .map = fixture->map,
    .lesions = fixture->lesions,
  };
}

static void
tear_down (Fixture *fixture, gconstpointer mpp_known)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

      g_assert_cmpint (g_remove (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
  ax_lesion_set_unref (fixture->lesions);
  ax_prob_map_unref (fixture->map);
}

static void
test_flags (void)
{
  AxExportFlags flags = 0;
  GError *error = NULL;

  g_assert_true (ax_export_flags_parse ("xml,geojson,imagescope,tiff,csv,json",
                                        &flags, &error));
  g_assert_cmpint (flags, ==, AX_EXPORT_ALL);
  g_assert_true (ax_export_flags_parse ("json, csv", &flags, &error));
  g_assert_cmpint (flags, ==, AX_EXPORT_CSV | AX_EXPORT_JSON);

  g_assert_false (ax_export_flags_parse ("csv,pdf", &flags, &error));
  expect_error (&error, AX_ERROR_FORMAT, "^'pdf' is not one of xml, ");
  g_assert_false (ax_export_flags_parse ("csv,", &flags, &error));
  expect_error (&error, AX_ERROR_FORMAT, "^'' is not one of xml, ");
  g_assert_false (ax_export_flags_parse ("", &flags, &error));
  expect_error (&error, AX_ERROR_FORMAT, "^no format given$");
  g_assert_cmpint (flags, ==, AX_EXPORT_CSV | AX_EXPORT_JSON);
}

static void
test_paths (void)
{
  static const struct
  {
    const char *slide;
    AxExportFlags flag;
    const char *path;
  } cases[] = {
    { "a/b.svs", AX_EXPORT_ASAP, "out/b.xml" },
    { "b.ome.tif", AX_EXPORT_GEOJSON, "out/b.ome.geojson" },
    { "b", AX_EXPORT_IMAGESCOPE, "out/b.imagescope.xml" },
    { ".b", AX_EXPORT_TIFF, "out/.b_likelihood_map.tif" },
    { "b.c/d", AX_EXPORT_CSV, "out/d.csv" },
    { "b.", AX_EXPORT_JSON, "out/b.json" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path
          = ax_export_get_path (cases[i].slide, "out", cases[i].flag);

      g_assert_cmpstr (path, ==, cases[i].path);
    }
}

static void
test_annotations (Fixture *fixture, gconstpointer mpp_known)
{
  g_autoptr (AxAnnotationSet) set = ax_result_to_annotations (&fixture->result);
  const AxAnnotation *ring, *block;
  const AxPolyRing *rings;

  g_assert_cmpuint (set->annotations->len, ==, 2);
  g_assert_cmpuint (set->groups->len, ==, 1);
  g_assert_true (ax_result_owns_annotations (set));

  ring = set->annotations->pdata[0];
  block = set->annotations->pdata[1];
  /* 20 x 10 cells of 4 µm: hypot (80, 40) = 89.4; 4 x 4: 22.6. */
  g_assert_cmpstr (ring->name, ==,
                   mpp_known != NULL ? "L01 itc 89um p=0.5" : "L01 p=0.5");
  g_assert_cmpstr (block->name, ==,
                   mpp_known != NULL ? "L02 itc 23um p=1" : "L02 p=1");
  g_assert_true (ax_annotation_is_tumor (ring));
  g_assert_cmpuint (ring->rings->len, ==, 2);
  g_assert_cmpuint (block->rings->len, ==, 1);

  rings = (const AxPolyRing *)ring->rings->data;
  g_assert_cmpfloat (fabs (ax_poly_ring_area (&rings[0])), ==,
                     20 * 10 * CELL * CELL);
  g_assert_cmpfloat (fabs (ax_poly_ring_area (&rings[1])), ==,
                     8 * 2 * CELL * CELL);
  g_assert_cmpuint (ring->measurements->len, ==, mpp_known != NULL ? 6 : 2);
}

static void
test_json (Fixture *fixture, gconstpointer mpp_known)
{
  g_autofree char *text = ax_result_to_json (&fixture->result, FALSE);
  static const char *const wanted[] = {
    "{\"file\":\"/slides/node.1.svs\",\"width\":512,\"height\":384,"
    "\"mpp\":0.5,\"mpp_x\":0.5,\"mpp_y\":0.5,\"model\":\"net\","
    "\"model_hash\":\"abc\",\"engine\":\"cpu\",\"device\":\"machine\","
    "\"shows\":\"tumor\",\"alpha\":2,\"tissue_mm2\":3,\"analysed_mm2\":3.5,"
    "\"failed_mm2\":0,"
    "\"seconds\":1.5,\"mpx_per_s\":2.25,\"cascade\":{"
    "\"model\":\"quick\",\"model_hash\":\"def\",\"threshold\":0.02,"
    "\"skipped_mm2\":1.25,\"seconds\":0.5},\"threshold\":0.5,"
    "\"size_mode\":\"ajcc\",\"opening\":0,\"slide_score\":1",
    "\"class\":\"itc\",\"borderline\":false,\"diameter_um\":89.44,"
    "\"diameter_px\":178.89,",
    "\"area_um2\":2944,",
    "\"bbox\":[80,80,160,80]}",
    "\"counts\":{\"itc\":2,\"micro\":0,\"macro\":0,\"unknown\":0}",
    "\"notice\":\"Research use only. Not for diagnosis.\"}",
  };
  static const char *const wanted_without_mpp[] = {
    "\"mpp\":null,\"mpp_x\":null,\"mpp_y\":null,",
    "\"class\":\"unknown\",\"borderline\":false,\"diameter_um\":null,"
    "\"diameter_px\":178.89,\"interval_um\":null,\"area_um2\":null,",
    "\"counts\":{\"itc\":0,\"micro\":0,\"macro\":0,\"unknown\":2}",
  };

  if (mpp_known != NULL)
    for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
      g_assert_nonnull (strstr (text, wanted[i]));
  else
    for (guint i = 0; i < G_N_ELEMENTS (wanted_without_mpp); i++)
      g_assert_nonnull (strstr (text, wanted_without_mpp[i]));
}

static AxAnnotationSet *
read_back (const char *path, AxAnnotFormat format)
{
  const AxAnnotContext context
      = { .mpp_x = MPP, .mpp_y = MPP, .origin = { 16, 32 } };
  GError *error = NULL;
  AxAnnotationSet *set = ax_annot_read (path, format, &context, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (set->skipped->len, ==, 0);
  return set;
}

/* The outline of the block is where the map has it. */
static void
expect_block (const AxAnnotationSet *set, guint index)
{
  const AxAnnotation *block = set->annotations->pdata[index];
  const AxPolyRing *ring = (const AxPolyRing *)block->rings->data;

  g_assert_cmpuint (ring->n_points, ==, 4);
  for (guint i = 0; i < 4; i++)
    {
      double x = ring->points[i].x / CELL, y = ring->points[i].y / CELL;

      g_assert_true (x == 40 || x == 44);
      g_assert_true (y == 30 || y == 34);
    }
}

static void
test_write (Fixture *fixture, gconstpointer mpp_known)
{
  g_autoptr (GPtrArray) written = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) lost = ax_skipped_list_new ();
  g_autoptr (AxAnnotationSet) asap = NULL;
  g_autoptr (AxAnnotationSet) geojson = NULL;
  g_autoptr (AxAnnotationSet) imagescope = NULL;
  g_autofree char *rows = NULL;
  GError *error = NULL;

  g_assert_true (ax_result_write (&fixture->result, fixture->folder,
                                  AX_EXPORT_ALL, written, lost, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (written->len, ==, 6);

  asap = read_back (written->pdata[0], AX_ANNOT_FORMAT_ASAP);
  geojson = read_back (written->pdata[1], AX_ANNOT_FORMAT_GEOJSON);
  imagescope = read_back (written->pdata[2], AX_ANNOT_FORMAT_IMAGESCOPE);
  g_assert_true (ax_result_owns_annotations (asap));
  g_assert_true (ax_result_owns_annotations (geojson));
  g_assert_true (ax_result_owns_annotations (imagescope));
  expect_block (geojson, 1);
  expect_block (imagescope, 1);
  expect_block (asap, asap->annotations->len - 1);

  g_assert_true (g_file_get_contents (written->pdata[4], &rows, NULL, NULL));
  g_assert_true (g_str_has_prefix (rows, "0.5,"));
  g_assert_nonnull (strstr (rows, "\n1,"));
}

static void
test_foreign_annotations (void)
{
  g_autoptr (AxAnnotationSet) set = ax_annotation_set_new ();
  AxAnnotationGroup *group = NULL;

  g_assert_false (ax_result_owns_annotations (set));
  group = ax_annotation_set_add_group (set, "Tumor", 0xff0000);
  g_assert_false (ax_result_owns_annotations (set));
  ax_annotation_group_add_attribute (group, "program", "another");
  g_assert_false (ax_result_owns_annotations (set));
}

static gboolean
check_targets (Fixture *fixture, GError **error)
{
  return ax_result_check_targets (fixture->result.slide_path, fixture->folder,
                                  AX_EXPORT_ALL, error);
}

/* An outline of a person's is in the file as well. */
static void
add_by_hand (Fixture *fixture, AxExportFlags flag, AxAnnotFormat format)
{
  const AxPoint0 points[] = { { 1, 1 }, { 9, 1 }, { 9, 9 } };
  g_autofree char *path
      = ax_export_get_path (fixture->result.slide_path, fixture->folder, flag);
  g_autoptr (AxAnnotationSet) set = read_back (path, format);
  GError *error = NULL;

  ax_annotation_add_ring (
      ax_annotation_set_add (set, AX_SHAPE_POLYGON, "mine", "Reference"),
      points, G_N_ELEMENTS (points));
  g_assert_true (ax_annot_write (set, path, format, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (check_targets (fixture, &error));
  g_assert_error (error, AX_ERROR, AX_ERROR_IO);
  g_assert_nonnull (strstr (error->message, path));
  g_clear_error (&error);
  g_assert_cmpint (g_remove (path), ==, 0);
}

static void
test_keeps_what_others_wrote (Fixture *fixture, gconstpointer mpp_known)
{
  GError *error = NULL;

  g_assert_true (check_targets (fixture, &error));
  for (guint i = 0; i < 2; i++)
    {
      g_assert_true (ax_result_write (&fixture->result, fixture->folder,
                                      AX_EXPORT_ALL, NULL, NULL, &error));
      g_assert_true (check_targets (fixture, &error));
    }
  g_assert_no_error (error);
  add_by_hand (fixture, AX_EXPORT_ASAP, AX_ANNOT_FORMAT_ASAP);
  add_by_hand (fixture, AX_EXPORT_GEOJSON, AX_ANNOT_FORMAT_GEOJSON);
  add_by_hand (fixture, AX_EXPORT_IMAGESCOPE, AX_ANNOT_FORMAT_IMAGESCOPE);
}

static void
test_unwritable_folder (Fixture *fixture, gconstpointer mpp_known)
{
  g_autofree char *folder = g_build_filename (fixture->folder, "missing", NULL);

  for (guint i = 0; i < 6; i++)
    {
      g_autoptr (GPtrArray) written = g_ptr_array_new_with_free_func (g_free);
      GError *error = NULL;

      g_assert_false (ax_result_write (&fixture->result, folder, 1 << i,
                                       written, NULL, &error));
      expect_error (&error, AX_ERROR_IO, "^/.*/missing/node\\.1[._]");
      g_assert_cmpuint (written->len, ==, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/result/flags", test_flags);
  g_test_add_func ("/result/paths", test_paths);
  g_test_add_func ("/result/foreign-annotations", test_foreign_annotations);
#define ADD(name, mpp, function)                                               \
  g_test_add ("/result/" name, Fixture, mpp, set_up, function, tear_down)
  ADD ("annotations", "known", test_annotations);
  ADD ("annotations-without-mpp", NULL, test_annotations);
  ADD ("json", "known", test_json);
  ADD ("json-without-mpp", NULL, test_json);
  ADD ("write", "known", test_write);
  ADD ("keeps-what-others-wrote", "known", test_keeps_what_others_wrote);
  ADD ("unwritable-folder", "known", test_unwritable_folder);
#undef ADD
  return g_test_run ();
}
