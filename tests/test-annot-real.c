#include "core/annot/json-reader.h"
#include "tests/support/annot.h"

#include <string.h>

#define MAX_MOVE_PX 0.01

static const AxAnnotFormat formats[] = {
  AX_ANNOT_FORMAT_ASAP,
  AX_ANNOT_FORMAT_IMAGESCOPE,
  AX_ANNOT_FORMAT_GEOJSON,
};

/* What the data hold, counted once with Python's gzip and json. */
#define N_FILES 20
#define N_POLYGONS 80
#define N_NEGATIVE 1
#define N_VERTICES 44878
#define SUM_OF_COORDINATES 7868943640.0

static double
read_number (AxJsonReader *json)
{
  const char *text = ax_json_reader_read_text (json);
  double value = 0;

  g_assert_true (text != NULL && ax_measurement_parse (text, &value));
  return value;
}

static void
read_vertices (AxJsonReader *json, GArray *points)
{
  ax_json_reader_enter (json);
  while (ax_json_reader_next (json))
    {
      AxPoint0 point;

      ax_json_reader_enter (json);
      g_assert_true (ax_json_reader_next (json));
      point.x = read_number (json);
      g_assert_true (ax_json_reader_next (json));
      point.y = read_number (json);
      g_assert_false (ax_json_reader_next (json));
      g_array_append_val (points, point);
    }
}

static void
read_polygon (AxJsonReader *json, AxAnnotationSet *set, const char *group,
              GArray *all)
{
  g_autoptr (GArray) points = g_array_new (FALSE, FALSE, sizeof (AxPoint0));
  g_autofree char *name = NULL;

  ax_json_reader_enter (json);
  while (ax_json_reader_next (json))
    if (strcmp (ax_json_reader_get_key (json), "name") == 0)
      name = ax_json_reader_dup_string (json);
    else
      read_vertices (json, points);
  g_array_append_vals (all, points->data, points->len);
  ax_annotation_add_ring (
      ax_annotation_set_add (set, AX_SHAPE_POLYGON, name, group),
      (const AxPoint0 *)points->data, points->len);
}

/* One file of camelyon16-polygons; @all gets its vertices as they stand. */
static AxAnnotationSet *
read_polygons (const char *path, GArray *all)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxJsonReader) json = ax_json_reader_new (path, &error);
  AxAnnotationSet *set = ax_annotation_set_new ();

  g_assert_no_error (error);
  ax_json_reader_enter (json);
  while (ax_json_reader_next (json))
    {
      gboolean positive
          = strcmp (ax_json_reader_get_key (json), "positive") == 0;

      ax_json_reader_enter (json);
      while (ax_json_reader_next (json))
        read_polygon (json, set, positive ? "Tumor" : "_2", all);
    }
  g_assert_true (ax_json_reader_finish (json, &error));
  return set;
}

/* Between whole pixels, where the formats have decimals to lose. */
static void
shift_off_grid (AxAnnotationSet *set)
{
  for (guint i = 0; i < set->annotations->len; i++)
    {
      const AxPolyRing *ring = annot_ring (annot_at (set, i), 0);

      for (guint j = 0; j < ring->n_points; j++)
        {
          ring->points[j].x += j % 97 / 97.0;
          ring->points[j].y += j % 89 / 89.0;
        }
    }
}

/* From each format to each. */
static void
check_conversions (const AxAnnotationSet *set)
{
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_autoptr (AxAnnotationSet) once = annot_convert (set, formats[i], NULL);

      annot_assert_same_shapes (set, once, MAX_MOVE_PX);
      for (guint j = 0; j < G_N_ELEMENTS (formats); j++)
        {
          g_autoptr (AxAnnotationSet) twice
              = annot_convert (once, formats[j], NULL);

          annot_assert_same_shapes (set, twice, MAX_MOVE_PX);
        }
    }
}

static void
test_camelyon16 (void)
{
  g_autofree char *folder = data_path ("camelyon16-polygons");
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (AxPoint0));
  g_autoptr (GDir) dir = NULL;
  guint n_files = 0, n_polygons = 0, n_negative = 0;
  double sum = 0;
  const char *name = NULL;

  if (folder == NULL)
    return;
  dir = g_dir_open (folder, 0, NULL);
  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autoptr (AxAnnotationSet) set = NULL;

      if (!g_str_has_suffix (name, ".json.gz"))
        continue;
      g_test_message ("%s", name);
      n_files++;
      set = read_polygons (path, all);
      n_polygons += set->annotations->len;
      for (guint i = 0; i < set->annotations->len; i++)
        n_negative += ax_annotation_is_normal (annot_at (set, i));
      shift_off_grid (set);
      check_conversions (set);
    }
  for (guint i = 0; i < all->len; i++)
    sum += g_array_index (all, AxPoint0, i).x
           + g_array_index (all, AxPoint0, i).y;
  g_assert_cmpuint (n_files, ==, N_FILES);
  g_assert_cmpuint (n_polygons, ==, N_POLYGONS);
  g_assert_cmpuint (n_negative, ==, N_NEGATIVE);
  g_assert_cmpuint (all->len, ==, N_VERTICES);
  g_assert_cmpfloat (sum, ==, SUM_OF_COORDINATES);
}

/* A file that ASAP itself wrote. */
static void
test_camelyon17 (void)
{
  g_autofree char *path
      = data_path ("camelyon17-patient_004_node_4/patient_004_node_4.xml");
  g_autoptr (AxAnnotationSet) set = NULL;
  g_autoptr (GError) error = NULL;
  AxAnnotFormat format = AX_ANNOT_FORMAT_GEOJSON;

  if (path == NULL)
    return;
  g_assert_true (ax_annot_format_guess (path, &format, &error));
  g_assert_cmpint (format, ==, AX_ANNOT_FORMAT_ASAP);
  set = ax_annot_read (path, format, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (set->skipped->len, ==, 0);
  g_assert_cmpuint (set->annotations->len, ==, 3);
  g_assert_cmpuint (annot_ring (annot_at (set, 0), 0)->n_points, ==, 8);
  g_assert_cmpuint (annot_ring (annot_at (set, 1), 0)->n_points, ==, 15);
  g_assert_cmpuint (annot_ring (annot_at (set, 2), 0)->n_points, ==, 12);
  g_assert_cmpfloat (annot_ring (annot_at (set, 2), 0)->points[11].y, ==,
                     75390.7031);
  g_assert_true (ax_annotation_is_tumor (annot_at (set, 0)));
  g_assert_cmphex (ax_annotation_set_find_group (set, "Tumor")->color, ==,
                   0xff0000);
  check_conversions (set);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/annot-real/camelyon16", test_camelyon16);
  g_test_add_func ("/annot-real/camelyon17", test_camelyon17);
  return g_test_run ();
}
