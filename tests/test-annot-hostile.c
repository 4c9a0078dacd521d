#include "core/annot/asap-xml.h"
#include "core/annot/text-source.h"
#include "core/base/rng.h"
#include "tests/support/annot.h"
#include "tests/support/expect-error.h"

#include <gio/gio.h>

#include <string.h>

#define N_MUTANTS 2000

static char *
case_path (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "cases", "annot", name, NULL);
}

static AxAnnotFormat
format_named (const char *name)
{
  AxAnnotFormat format;

  g_assert_true (ax_annot_format_from_name (name, &format));
  return format;
}

static int
code_named (const char *name)
{
  if (g_str_equal (name, "FORMAT"))
    return AX_ERROR_FORMAT;
  g_assert_cmpstr (name, ==, "LIMIT");
  return AX_ERROR_LIMIT;
}

/* Each file of the folder, as its line of expected.tsv says. */
static void
test_case (gconstpointer data)
{
  const char *const *columns = data;
  g_autofree char *path = case_path (columns[0]);
  g_autoptr (GError) error = NULL;

  g_assert_null (ax_annot_read (path, format_named (columns[1]), NULL, &error));
  expect_error (&error, code_named (columns[2]), columns[3]);
}

static void
add_cases (GPtrArray *rows)
{
  g_autofree char *path = case_path ("expected.tsv");
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      char **columns = NULL;
      g_autofree char *name = NULL;

      if (**line == '#' || **line == '\0')
        continue;
      columns = g_strsplit (*line, "\t", 4);
      g_assert_cmpuint (g_strv_length (columns), ==, 4);
      g_ptr_array_add (rows, columns);
      name = g_strconcat ("/annot-hostile/", columns[0], NULL);
      g_test_add_data_func (name, columns, test_case);
    }
}

static void
test_missing (void)
{
  g_autoptr (GError) error = NULL;
  AxAnnotFormat format;

  for (format = AX_ANNOT_FORMAT_ASAP; format <= AX_ANNOT_FORMAT_GEOJSON;
       format++)
    {
      g_assert_null (ax_annot_read ("/nowhere/a.xml", format, NULL, &error));
      expect_error (&error, AX_ERROR_IO,
                    "^/nowhere/a.xml: cannot read: No such file");
      g_assert_null (ax_annot_read ("/", format, NULL, &error));
      expect_error (&error, AX_ERROR_IO, "^/: cannot read: Is a directory$");
    }
  g_assert_false (ax_annot_format_guess ("/nowhere/a.xml", &format, &error));
  expect_error (&error, AX_ERROR_IO, "^/nowhere/a.xml: cannot read: ");
}

/* (transfer full): @text as a gzip file. */
static GBytes *
compress (const char *text, gsize n_bytes)
{
  g_autoptr (GZlibCompressor) deflate
      = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, -1);
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) stream
      = g_converter_output_stream_new (memory, G_CONVERTER (deflate));
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all (stream, text, n_bytes, NULL, NULL, &error);
  g_output_stream_close (stream, NULL, &error);
  g_assert_no_error (error);
  return g_memory_output_stream_steal_as_bytes (
      G_MEMORY_OUTPUT_STREAM (memory));
}

/* Half a megabyte that unpacks to more than is read: gzip files may follow
   one another in one file. */
static void
test_gzip_bomb (void)
{
  g_autofree char *path = scratch_path ("bomb.gz");
  g_autofree char *spaces = g_strnfill (1 << 20, ' ');
  g_autoptr (GBytes) packed = compress (spaces, 1 << 20);
  g_autoptr (GByteArray) bomb = g_byte_array_new ();
  g_autoptr (AxTextSource) source = NULL;
  g_autoptr (GError) error = NULL;
  gssize n_read = 0;
  gint64 total = 0;

  for (int i = 0; i < 513; i++)
    g_byte_array_append (bomb, g_bytes_get_data (packed, NULL),
                         g_bytes_get_size (packed));
  g_file_set_contents (path, (const char *)bomb->data, bomb->len, &error);
  g_assert_no_error (error);

  source = ax_text_source_open (path, &error);
  g_assert_no_error (error);
  while ((n_read = ax_text_source_read (source, spaces, 1 << 20, &error)) > 0)
    total += n_read;
  g_assert_cmpint (total, ==, AX_TEXT_SOURCE_MAX_BYTES);
  expect_error (&error, AX_ERROR_LIMIT,
                "bomb.gz: longer than the 512 MiB read of an annotation"
                " file$");
}

static char *
sample_text (AxAnnotFormat format)
{
  g_autoptr (AxAnnotationSet) set = ax_annotation_set_new ();
  const AxPoint0 outline[] = { { 0, 0 }, { 90, 0 }, { 90, 90 }, { 0, 90 } };
  const AxPoint0 hole[] = { { 10, 10 }, { 20, 10 }, { 20, 20 } };
  AxAnnotation *annotation
      = ax_annotation_set_add (set, AX_SHAPE_POLYGON, "L01 & co", "Tumor");

  ax_annotation_add_ring (annotation, outline, 4);
  ax_annotation_add_ring (annotation, hole, 3);
  ax_annotation_add_measurement (annotation, "score", 0.5);
  ax_annotation_add_metadata (annotation, "class", "micro");
  annotation = ax_annotation_set_add (set, AX_SHAPE_MEASUREMENT, "m", "Tumor");
  ax_annotation_add_ring (annotation, outline, 2);
  return annot_print (set, format, NULL, NULL);
}

static void
mutate (GString *text, const GString *original, AxRng *rng)
{
  guint n_changes = 1 + ax_rng_below (rng, 4);

  g_string_truncate (text, 0);
  g_string_append_len (text, original->str, original->len);
  for (guint i = 0; i < n_changes && text->len > 1; i++)
    {
      gsize at = ax_rng_below (rng, text->len);
      gsize n = 1 + ax_rng_below (rng, MIN (40, text->len - at));

      switch (ax_rng_below (rng, 4))
        {
        case 0:
          text->str[at] = ax_rng_below (rng, 256);
          break;
        case 1:
          g_string_erase (text, at, n);
          break;
        case 2:
          {
            g_autofree char *piece = g_memdup2 (text->str + at, n);

            g_string_insert_len (text, ax_rng_below (rng, text->len), piece, n);
            break;
          }
        default:
          g_string_truncate (text, at);
        }
    }
}

/* Damaged files are read or refused with a reason, and that is all. */
static void
test_mutants (gconstpointer data)
{
  AxAnnotFormat format = GPOINTER_TO_INT (data);
  g_autofree char *sample = sample_text (format);
  g_autoptr (GString) original = g_string_new (sample);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *path = scratch_path ("mutant");
  g_autoptr (AxLosses) losses = ax_losses_new ();
  AxRng rng = ax_rng_init (1, format);

  for (int i = 0; i < N_MUTANTS; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AxAnnotationSet) set = NULL;

      mutate (text, original, &rng);
      g_file_set_contents_full (path, text->str, text->len,
                                G_FILE_SET_CONTENTS_NONE, 0600, &error);
      g_assert_no_error (error);
      set = ax_annot_read (path, format, NULL, &error);
      g_assert_true ((set == NULL) == (error != NULL));
      if (error != NULL)
        g_assert_true (error->domain == AX_ERROR);
      if (set != NULL)
        g_string_free (ax_asap_xml_format (set, losses), TRUE);
    }
}

int
main (int argc, char *argv[])
{
  g_autoptr (GPtrArray) rows
      = g_ptr_array_new_with_free_func ((GDestroyNotify)g_strfreev);

  g_test_init (&argc, &argv, NULL);
  add_cases (rows);
  g_test_add_func ("/annot-hostile/missing", test_missing);
  g_test_add_func ("/annot-hostile/gzip-bomb", test_gzip_bomb);
  g_test_add_data_func ("/annot-hostile/mutants/asap",
                        GINT_TO_POINTER (AX_ANNOT_FORMAT_ASAP), test_mutants);
  g_test_add_data_func ("/annot-hostile/mutants/imagescope",
                        GINT_TO_POINTER (AX_ANNOT_FORMAT_IMAGESCOPE),
                        test_mutants);
  g_test_add_data_func ("/annot-hostile/mutants/geojson",
                        GINT_TO_POINTER (AX_ANNOT_FORMAT_GEOJSON),
                        test_mutants);
  return g_test_run ();
}
