#include "core/annot/raster.h"
#include "core/base/rng.h"
#include "tests/support/annot.h"
#include "tests/support/expect-error.h"

#include <gio/gio.h>

static void
test_names (void)
{
  AxAnnotFormat format = AX_ANNOT_FORMAT_GEOJSON;

  g_assert_true (ax_annot_format_from_name ("asap", &format));
  g_assert_cmpint (format, ==, AX_ANNOT_FORMAT_ASAP);
  g_assert_true (ax_annot_format_from_name ("geojson", &format));
  g_assert_cmpint (format, ==, AX_ANNOT_FORMAT_GEOJSON);
  g_assert_false (ax_annot_format_from_name ("ASAP", &format));
  g_assert_false (ax_annot_format_from_name ("", &format));
  g_assert_cmpint (format, ==, AX_ANNOT_FORMAT_GEOJSON);
  g_assert_cmpstr (ax_annot_format_get_name (AX_ANNOT_FORMAT_IMAGESCOPE), ==,
                   "imagescope");
}

static void
test_guess (void)
{
  const struct
  {
    const char *name, *text;
    AxAnnotFormat format;
  } cases[] = {
    { "a.json", "<?xml version=\"1.0\"?>\n<ASAP_Annotations>",
      AX_ANNOT_FORMAT_ASAP },
    { "b.json", "<Annotations><Annotation><Coordinates/>",
      AX_ANNOT_FORMAT_ASAP },
    { "c.json", "<Annotations MicronsPerPixel=\"0.25\"/>",
      AX_ANNOT_FORMAT_IMAGESCOPE },
    { "d.json", "\xef\xbb\xbf<Annotations><Annotation><Regions/>",
      AX_ANNOT_FORMAT_IMAGESCOPE },
    { "e.xml", " \n{\"<ASAP_Annotations\":1}", AX_ANNOT_FORMAT_GEOJSON },
    { "f.xml", "[]", AX_ANNOT_FORMAT_GEOJSON },
    { "g.xml", "<Annotations/>", AX_ANNOT_FORMAT_ASAP },
    { "h.imagescope.XML", "<Annotations/>", AX_ANNOT_FORMAT_IMAGESCOPE },
    { "i.geojson", "", AX_ANNOT_FORMAT_GEOJSON },
  };
  g_autofree char *other = annot_save ("j.txt", "<html/>");
  g_autoptr (GError) error = NULL;
  AxAnnotFormat format;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = annot_save (cases[i].name, cases[i].text);

      g_test_message ("%s", cases[i].name);
      g_assert_true (ax_annot_format_guess (path, &format, &error));
      g_assert_no_error (error);
      g_assert_cmpint (format, ==, cases[i].format);
    }
  g_assert_false (ax_annot_format_guess (other, &format, &error));
  expect_error (&error, AX_ERROR_FORMAT,
                "j.txt: neither ASAP XML, ImageScope XML nor GeoJSON$");
}

static AxAnnotationSet *
make_set (void)
{
  AxAnnotationSet *set = ax_annotation_set_new ();
  const AxPoint0 points[] = { { 0, 0 }, { 9, 0 }, { 9, 9 } };

  ax_annotation_add_ring (
      ax_annotation_set_add (set, AX_SHAPE_POLYGON, "a", "Tumor"), points, 3);
  return set;
}

static void
compress (const char *from, const char *to)
{
  g_autoptr (GFile) file = g_file_new_for_path (to);
  g_autoptr (GZlibCompressor) deflate
      = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, -1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileOutputStream) raw
      = g_file_replace (file, NULL, FALSE, 0, NULL, &error);
  g_autoptr (GOutputStream) stream = g_converter_output_stream_new (
      G_OUTPUT_STREAM (raw), G_CONVERTER (deflate));
  g_autofree char *text = NULL;
  gsize n_bytes = 0;

  g_file_get_contents (from, &text, &n_bytes, &error);
  g_output_stream_write_all (stream, text, n_bytes, NULL, NULL, &error);
  g_output_stream_close (stream, NULL, &error);
  g_assert_no_error (error);
}

static void
test_gzip (void)
{
  g_autoptr (AxAnnotationSet) set = make_set ();

  for (AxAnnotFormat format = AX_ANNOT_FORMAT_ASAP;
       format <= AX_ANNOT_FORMAT_GEOJSON; format++)
    {
      g_autofree char *plain = scratch_path ("plain");
      g_autofree char *packed = scratch_path ("packed");
      g_autoptr (AxAnnotationSet) read = NULL;
      g_autoptr (GError) error = NULL;
      AxAnnotFormat guessed;

      ax_annot_write (set, plain, format, NULL, NULL, &error);
      compress (plain, packed);
      g_assert_true (ax_annot_format_guess (packed, &guessed, &error));
      g_assert_cmpint (guessed, ==, format);
      read = ax_annot_read (packed, format, NULL, &error);
      g_assert_no_error (error);
      annot_assert_same_shapes (set, read, 0);
    }
}

/* A failed write changes neither the file there is nor the list. */
static void
test_failed_write (void)
{
  g_autoptr (AxAnnotationSet) set = make_set ();
  g_autoptr (GPtrArray) lost = ax_skipped_list_new ();
  g_autoptr (GError) error = NULL;

  ax_annotation_add_metadata (annot_at (set, 0), "k", "v");
  g_assert_false (ax_annot_write (
      set, "/nowhere/a.xml", AX_ANNOT_FORMAT_IMAGESCOPE, NULL, lost, &error));
  expect_error (&error, AX_ERROR_IO, "^/nowhere/a.xml: ");
  g_assert_cmpuint (lost->len, ==, 0);
}

/* What each format carries of a set that holds everything. */
static void
test_lost_list (void)
{
  g_autoptr (AxAnnotationSet) set = make_set ();
  g_autoptr (GPtrArray) lost = ax_skipped_list_new ();
  g_autofree char *path = scratch_path ("lost");
  g_autofree char *long_name = g_strnfill (1000, 'n');
  g_autoptr (GError) error = NULL;

  ax_annotation_add_metadata (annot_at (set, 0), "k", "v");
  g_free (annot_at (set, 0)->name);
  annot_at (set, 0)->name = g_strconcat ("a\nb", long_name, NULL);
  ax_annot_write (set, path, AX_ANNOT_FORMAT_IMAGESCOPE, NULL, lost, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (lost->len, ==, 1);
  g_assert_true (g_str_has_prefix (((AxSkipped *)lost->pdata[0])->why,
                                   "metadata not written: 'a bnnn"));
  g_assert_cmpuint (strlen (((AxSkipped *)lost->pdata[0])->why), <=, 300);
}

static AxMask *
random_mask (AxRng *rng, double density)
{
  AxMask *mask = ax_mask_new (40, 30, NULL);

  for (int i = 0; i < 40 * 30; i++)
    mask->data[i] = ax_rng_uniform (rng) < density ? 255 : 0;
  return mask;
}

static AxAnnotationSet *
annotate (const AxMask *mask, AxPoint0 origin, AxScale cell)
{
  g_autoptr (GPtrArray) components = ax_mask_trace (mask, origin, cell, NULL);
  AxAnnotationSet *set = ax_annotation_set_new ();

  for (guint i = 0; i < components->len; i++)
    {
      const GArray *rings = components->pdata[i];
      AxAnnotation *annotation
          = ax_annotation_set_add (set, AX_SHAPE_POLYGON, "L", "Tumor");

      for (guint j = 0; j < rings->len; j++)
        {
          const AxPolyRing *ring = &g_array_index (rings, AxPolyRing, j);

          ax_annotation_add_ring (annotation, ring->points, ring->n_points);
        }
    }
  return set;
}

/* Holes find their way home even in noise, where areas lie in holes of areas,
   touch them in corners, and are all called the same. */
static void
test_traced_masks (void)
{
  AxRng rng = ax_rng_init (5, 0);
  const AxPoint0 origin = { 1000, 2000 };
  const AxScale cell = { 8, 16 };

  for (int round = 0; round < 12; round++)
    {
      g_autoptr (AxMask) mask = random_mask (&rng, 0.3 + 0.05 * round);
      g_autoptr (AxAnnotationSet) set = annotate (mask, origin, cell);

      for (AxAnnotFormat format = 0; format <= AX_ANNOT_FORMAT_GEOJSON;
           format++)
        {
          g_autoptr (AxAnnotationSet) read = annot_convert (set, format, NULL);
          g_autoptr (AxMask) filled = ax_mask_new (40, 30, NULL);

          annot_assert_same_shapes (set, read, 0);
          ax_mask_fill_annotations (filled, read, origin, cell);
          g_assert_cmpmem (filled->data, 40 * 30, mask->data, 40 * 30);
        }
    }
}

#define N_READERS 4

static gpointer
reader_thread (gpointer data)
{
  const char *path = data;
  g_autoptr (GError) error = NULL;
  AxAnnotFormat format;

  g_assert_true (ax_annot_format_guess (path, &format, &error));
  for (int i = 0; i < 20; i++)
    {
      g_autoptr (AxAnnotationSet) set
          = ax_annot_read (path, format, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (set->annotations->len, ==, 1);
    }
  return NULL;
}

static void
test_threads (void)
{
  g_autoptr (AxAnnotationSet) set = make_set ();
  char *paths[AX_ANNOT_FORMAT_GEOJSON + 1];
  GThread *threads[G_N_ELEMENTS (paths)][N_READERS];

  for (AxAnnotFormat format = 0; format < G_N_ELEMENTS (paths); format++)
    {
      g_autoptr (GError) error = NULL;

      paths[format] = scratch_path (ax_annot_format_get_name (format));
      ax_annot_write (set, paths[format], format, NULL, NULL, &error);
      g_assert_no_error (error);
    }
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    for (guint j = 0; j < N_READERS; j++)
      threads[i][j] = g_thread_new ("reader", reader_thread, paths[i]);
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      for (guint j = 0; j < N_READERS; j++)
        g_thread_join (threads[i][j]);
      g_free (paths[i]);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/annot-format/names", test_names);
  g_test_add_func ("/annot-format/guess", test_guess);
  g_test_add_func ("/annot-format/gzip", test_gzip);
  g_test_add_func ("/annot-format/failed-write", test_failed_write);
  g_test_add_func ("/annot-format/lost-list", test_lost_list);
  g_test_add_func ("/annot-format/traced-masks", test_traced_masks);
  g_test_add_func ("/annot-format/threads", test_threads);
  return g_test_run ();
}
