#include "core/nn/safetensors.h"

#include "tests/support/data.h"
#include "tests/support/expect-error.h"

#include <glib/gstdio.h>

/* A file of this header and so many zero bytes. */
static GBytes *
make_file (const char *header, gsize buffer_bytes)
{
  guint64 length = strlen (header);
  GByteArray *file = g_byte_array_new ();
  g_byte_array_append (file, (const guint8 *)&length, sizeof length);
  g_byte_array_append (file, (const guint8 *)header, (guint)length);
  gsize start = file->len;
  g_byte_array_set_size (file, (guint)(start + buffer_bytes));
  memset (file->data + start, 0, buffer_bytes);
  return g_byte_array_free_to_bytes (file);
}

static AxWeights *
parse (GBytes *file, GError **error)
{
  gsize bytes;
  gconstpointer data = g_bytes_get_data (file, &bytes);
  return ax_safetensors_parse (data, bytes, "case", error);
}

#define ENTRY(name, shape, begin, end)                                         \
  "\"" name "\":{\"dtype\":\"F32\",\"shape\":[" shape "],"                     \
  "\"data_offsets\":[" #begin "," #end "]}"

static const struct
{
  const char *name;
  const char *header;
  gsize buffer_bytes;
  int code;
  const char *regex;
} hostile[] = {
  { "overlap", "{" ENTRY ("a", "2", 0, 8) "," ENTRY ("b", "2", 4, 12) "}", 12,
    AX_ERROR_FORMAT,
    "^case: tensor 'b' begins at 4, overlapping the 8 before it$" },
  { "same-place", "{" ENTRY ("a", "2", 0, 8) "," ENTRY ("b", "2", 0, 8) "}", 8,
    AX_ERROR_FORMAT, "begins at 0, overlapping the 8 before" },
  { "hole", "{" ENTRY ("a", "1", 0, 4) "," ENTRY ("b", "1", 8, 12) "}", 12,
    AX_ERROR_FORMAT, "'b' begins at 8, leaving a hole after the 4 before" },
  { "hole-at-start", "{" ENTRY ("a", "1", 4, 8) "}", 8, AX_ERROR_FORMAT,
    "'a' begins at 4, leaving a hole after the 0 before" },
  { "beyond-end", "{" ENTRY ("a", "3", 0, 12) "}", 9, AX_ERROR_FORMAT,
    "^case: tensor 'a' ends at 12 of 9 bytes$" },
  { "trailing-bytes", "{" ENTRY ("a", "1", 0, 4) "}", 5, AX_ERROR_FORMAT,
    "^case: tensors end at 4 of 5 bytes$" },
  { "no-tensors-but-bytes", "{}", 1, AX_ERROR_FORMAT,
    "tensors end at 0 of 1 bytes" },
  { "wrong-size", "{" ENTRY ("a", "2,3", 0, 20) "}", 20, AX_ERROR_FORMAT,
    "'a' of 2x3 F32 needs 24 bytes, its offsets are 0 to 20" },
  { "end-before-begin", "{" ENTRY ("a", "1", 8, 4) "}", 8, AX_ERROR_FORMAT,
    "'a' of 1 F32 needs 4 bytes, its offsets are 8 to 4" },
  { "huge-offset",
    "{" ENTRY ("a", "1", 9223372036854775803, 9223372036854775807) "}", 4,
    AX_ERROR_FORMAT, "'a' ends at 9223372036854775807 of 4 bytes" },
  { "offset-overflow", "{" ENTRY ("a", "1", 0, 18446744073709551616) "}", 4,
    AX_ERROR_FORMAT, "header, byte 50:.*18446744073709551616.*not within" },
  { "negative-offset", "{" ENTRY ("a", "1", -4, 0) "}", 4, AX_ERROR_FORMAT,
    "'-4' is not a whole number from 0" },
  { "fraction-offset", "{" ENTRY ("a", "1", 0, 4.0) "}", 4, AX_ERROR_FORMAT,
    "'4.0' is not a whole number" },
  { "leading-zero", "{" ENTRY ("a", "1", 0, 04) "}", 4, AX_ERROR_FORMAT,
    "'04' is not a whole number" },
  { "product-overflow",
    "{" ENTRY ("a", "4294967296,4294967296,4294967296", 0, 0) "}", 0,
    AX_ERROR_FORMAT,
    "'a': 4294967296x4294967296x4294967296 elements are too many" },
  { "bytes-overflow", "{" ENTRY ("a", "4611686018427387904", 0, 0) "}", 0,
    AX_ERROR_FORMAT, "'a': 4611686018427387904 elements are too many" },
  { "too-many-sides", "{" ENTRY ("a", "1,1,1,1,1", 0, 4) "}", 4,
    AX_ERROR_UNSUPPORTED, "'a' has 5 sides, more than 4" },
  { "one-offset",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", 4,
    AX_ERROR_FORMAT, "fewer than two data_offsets" },
  { "three-offsets",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,4]}}", 4,
    AX_ERROR_FORMAT, "more than two data_offsets" },
  { "unknown-type",
    "{\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1,
    AX_ERROR_UNSUPPORTED, "'a' has the unsupported type 'F8_E4M3'" },
  { "long-type",
    "{\"a\":{\"dtype\":\"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF\",\"shape\":[],"
    "\"data_offsets\":[0,1]}}",
    1, AX_ERROR_UNSUPPORTED, "unsupported type 'F{16}'$" },
  { "no-type", "{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}", 4,
    AX_ERROR_FORMAT, "tensor 'a' has no dtype" },
  { "no-shape", "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4,
    AX_ERROR_FORMAT, "tensor 'a' has no shape" },
  { "no-offsets", "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4,
    AX_ERROR_FORMAT, "tensor 'a' has no data_offsets" },
  { "unknown-field", "{\"a\":{\"dtype\":\"F32\",\"stride\":[1]}}", 4,
    AX_ERROR_FORMAT, "tensor 'a': unknown field 'stride'" },
  { "second-field", "{\"a\":{\"shape\":[1],\"shape\":[1]}}", 4, AX_ERROR_FORMAT,
    "tensor 'a': second 'shape'" },
  { "second-name", "{" ENTRY ("a", "1", 0, 4) "," ENTRY ("a", "1", 4, 8) "}", 8,
    AX_ERROR_FORMAT, "second entry 'a'" },
  { "second-name-escaped",
    "{" ENTRY ("a", "1", 0, 4) "," ENTRY ("\\u0061", "1", 4, 8) "}", 8,
    AX_ERROR_FORMAT, "second entry 'a'" },
  { "second-metadata", "{\"__metadata__\":{},\"__metadata__\":{}}", 0,
    AX_ERROR_FORMAT, "second entry '__metadata__'" },
  { "second-metadata-key", "{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", 0,
    AX_ERROR_FORMAT, "second metadata key 'a'" },
  { "metadata-number", "{\"__metadata__\":{\"a\":1}}", 0, AX_ERROR_FORMAT,
    "expected '\"'" },
  { "metadata-list", "{\"__metadata__\":[]}", 0, AX_ERROR_FORMAT,
    "expected '\\{'" },
  { "line-break-in-name", "{" ENTRY ("a\\nb", "1", 0, 4) "}", 4,
    AX_ERROR_FORMAT, "a name holds a control character" },
  { "truncated-object", "{" ENTRY ("a", "1", 0, 4), 4, AX_ERROR_FORMAT,
    "ends where ',' was expected" },
  { "truncated-string", "{\"a", 0, AX_ERROR_FORMAT,
    "ends where '\"' was expected" },
  { "truncated-key", "{\"a\"", 0, AX_ERROR_FORMAT,
    "^case: header, byte 4: ends where ':' was expected" },
  { "truncated-escape", "{\"\\u00", 0, AX_ERROR_FORMAT,
    "bad character or escape" },
  { "trailing-garbage", "{} x", 0, AX_ERROR_FORMAT,
    "header, byte 3: text after the end" },
  { "trailing-comma", "{" ENTRY ("a", "1", 0, 4) ",}", 4, AX_ERROR_FORMAT,
    "expected '\"'" },
  { "array", "[]", 0, AX_ERROR_FORMAT, "does not start with '\\{'" },
  { "space-first", " {}", 0, AX_ERROR_FORMAT, "does not start with '\\{'" },
  { "empty-header", "", 8, AX_ERROR_FORMAT, "does not start with '\\{'" },
  { "lone-surrogate", "{\"\\ud800\":1}", 0, AX_ERROR_FORMAT,
    "bad character or escape" },
  { "nul-escape", "{\"\\u0000\":1}", 0, AX_ERROR_FORMAT,
    "bad character or escape" },
  { "bad-utf-8", "{\"\xff\":1}", 0, AX_ERROR_FORMAT, "not UTF-8" },
  { "deep", "{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    0, AX_ERROR_FORMAT, "expected '\\{'" },
};

static void
test_hostile (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) file
      = make_file (hostile[i].header, hostile[i].buffer_bytes);
  g_assert_null (parse (file, &error));
  expect_error (&error, hostile[i].code, hostile[i].regex);
}

static void
test_hostile_length (void)
{
  static const struct
  {
    guint64 length;
    const char *regex;
  } cases[] = {
    { 3, "header length 3 exceeds the file's 10 bytes" },
    { 100000001, "header length 100000001 exceeds the limit of 100000000" },
    { G_MAXUINT64, "header length 18446744073709551615 exceeds the limit" },
    { G_MAXUINT64 - 7, "exceeds the limit" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      guint8 file[10] = { 0 };
      memcpy (file, &cases[i].length, sizeof cases[i].length);
      memcpy (file + 8, "{}", 2);
      g_assert_null (ax_safetensors_parse (file, sizeof file, "case", &error));
      expect_error (&error, AX_ERROR_FORMAT, cases[i].regex);
      g_assert_null (ax_safetensors_parse (file, 7, "case", &error));
      expect_error (&error, AX_ERROR_FORMAT, "^case: 7 bytes, too few");
      g_assert_null (ax_safetensors_parse (NULL, 0, "case", &error));
      expect_error (&error, AX_ERROR_FORMAT, "^case: 0 bytes, too few");
    }
}

/* Every beginning of a good file, and the file with any one byte of its
 * header changed, is read or refused without harm. */
static void
test_mutations (void)
{
  static const char header[]
      = "{\"__metadata__\":{\"k\\u00e9y\":\"va\\\"lue\"}," ENTRY (
          "a", "1,2", 0, 8) "," ENTRY ("b", "", 8, 12) "}  ";
  g_autoptr (GBytes) file = make_file (header, 12);
  gsize bytes;
  const guint8 *data = g_bytes_get_data (file, &bytes);
  g_autoptr (AxWeights) good = ax_safetensors_parse (data, bytes, "x", NULL);
  g_assert_nonnull (good);
  g_assert_cmpstr (ax_weights_get_metadata (good, "kéy"), ==, "va\"lue");
  for (gsize length = 0; length < bytes; length++)
    {
      g_autofree guint8 *copy = g_memdup2 (data, length);
      g_autoptr (GError) error = NULL;
      g_assert_null (ax_safetensors_parse (copy, length, "x", &error));
      g_assert_nonnull (error);
    }
  for (gsize at = 0; at < bytes - 12; at++)
    for (int value = 0; value < 256; value++)
      {
        g_autofree guint8 *copy = g_memdup2 (data, bytes);
        g_autoptr (GError) error = NULL;
        copy[at] = (guint8)value;
        g_autoptr (AxWeights) weights
            = ax_safetensors_parse (copy, bytes, "x", &error);
        g_assert_true ((weights == NULL) == (error != NULL));
      }
}

static AxWeights *
make_weights (void)
{
  AxWeights *weights = ax_weights_new ();
  const guint8 bytes[] = { 1, 2, 3 };
  const double doubles[] = { 0.1, -0.2 };
  ax_weights_add (weights, "z.bytes", AX_DTYPE_U8, 1, (gint64[]){ 3 }, bytes);
  ax_weights_add (weights, "z.doubles", AX_DTYPE_F64, 2, (gint64[]){ 1, 2 },
                  doubles);
  ax_weights_add (weights, "a \"quoted\\\"", AX_DTYPE_F16, 0, NULL, NULL);
  ax_weights_add (weights, "empty", AX_DTYPE_F32, 3, (gint64[]){ 4, 0, 2 },
                  NULL);
  ax_weights_set_metadata (weights, "note", "two\nlines, \"µm\"\x01");
  ax_weights_set_metadata (weights, "empty", "");
  return weights;
}

static void
check_weights (const AxWeights *weights)
{
  const AxTensorView *doubles = ax_weights_find (weights, "z.doubles");
  const AxTensorView *bytes = ax_weights_find (weights, "z.bytes");
  const AxTensorView *empty = ax_weights_find (weights, "empty");
  g_assert_cmpuint (ax_weights_get_n_tensors (weights), ==, 4);
  g_assert_cmpint (doubles->rank, ==, 2);
  g_assert_cmpint (doubles->shape[1], ==, 2);
  g_assert_cmpfloat (ax_tensor_view_get (doubles, 1), ==, -0.2);
  g_assert_cmpfloat (ax_tensor_view_get (bytes, 2), ==, 3);
  g_assert_cmpint (empty->shape[2], ==, 2);
  g_assert_nonnull (ax_weights_find (weights, "a \"quoted\\\""));
  g_assert_cmpstr (ax_weights_get_metadata (weights, "note"), ==,
                   "two\nlines, \"µm\"\x01");
  g_assert_cmpstr (ax_weights_get_metadata (weights, "empty"), ==, "");
}

/* Written and read again; the file's hash is that of its bytes, its header is
 * padded, its tensors are sorted. */
static void
test_round_trip (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxWeights) weights = make_weights ();
  g_autofree char *path = scratch_path ("round-trip.safetensors");
  g_assert_true (ax_safetensors_save (weights, path, &error));
  g_assert_no_error (error);
  g_autoptr (AxWeights) loaded = ax_safetensors_load (path, &error);
  g_assert_no_error (error);
  check_weights (loaded);
  g_assert_cmpstr (ax_weights_get_path (loaded), ==, path);

  g_autofree char *text = NULL;
  gsize length;
  g_assert_true (g_file_get_contents (path, &text, &length, &error));
  g_autofree char *hash = g_compute_checksum_for_data (
      G_CHECKSUM_SHA256, (const guchar *)text, length);
  g_assert_cmpstr (ax_weights_get_hash (loaded), ==, hash);
  guint64 header;
  memcpy (&header, text, sizeof header);
  g_assert_cmpuint (header % 8, ==, 0);
  g_autofree char *json = g_strndup (text + 8, header);
  g_assert_true (strstr (json, "\"empty\":{\"dtype\":\"F32\",\"shape\":"
                               "[4,0,2],\"data_offsets\":[2,2]}")
                 != NULL);
  g_assert_true (strstr (json, "z.bytes") < strstr (json, "z.doubles"));

  g_autoptr (AxWeights) parsed
      = ax_safetensors_parse (text, length, "memory", &error);
  g_assert_no_error (error);
  memset (text, 0xff, length);
  check_weights (parsed);
  g_assert_null (ax_weights_get_path (parsed));
  g_remove (path);
}

static void
test_files (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *absent = scratch_path ("absent.safetensors");
  g_assert_null (ax_safetensors_load (absent, &error));
  expect_error (&error, AX_ERROR_IO, "absent.safetensors.*No such file");
  g_autofree char *empty = scratch_path ("empty.safetensors");
  g_assert_true (g_file_set_contents (empty, "", 0, NULL));
  g_assert_null (ax_safetensors_load (empty, &error));
  expect_error (&error, AX_ERROR_FORMAT, "empty.safetensors: 0 bytes, too");
  g_remove (empty);

  g_autoptr (AxWeights) weights = make_weights ();
  g_autofree char *nowhere = g_build_filename (absent, "x", NULL);
  g_assert_false (ax_safetensors_save (weights, nowhere, &error));
  g_assert_error (error, AX_ERROR, AX_ERROR_IO);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (hostile); i++)
    {
      g_autofree char *path
          = g_strconcat ("/safetensors/hostile/", hostile[i].name, NULL);
      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_hostile);
    }
  g_test_add_func ("/safetensors/hostile-length", test_hostile_length);
  g_test_add_func ("/safetensors/mutations", test_mutations);
  g_test_add_func ("/safetensors/round-trip", test_round_trip);
  g_test_add_func ("/safetensors/files", test_files);
  return g_test_run ();
}
