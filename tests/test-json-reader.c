#include "core/annot/json-reader.h"

#include "tests/support/annot.h"
#include "tests/support/expect-error.h"

/* The document in a canonical form: what was read, as it was read. */
static void
print_value (AxJsonReader *json, GString *text)
{
  AxJsonType type = ax_json_reader_peek (json);
  gboolean first = TRUE;
  const char *value = NULL;

  if (type != AX_JSON_OBJECT && type != AX_JSON_ARRAY)
    {
      value = ax_json_reader_read_text (json);
      if (value != NULL && type == AX_JSON_STRING)
        ax_json_append_string (text, value);
      else if (value != NULL)
        g_string_append (text, value);
      return;
    }
  g_string_append_c (text, type == AX_JSON_OBJECT ? '{' : '[');
  ax_json_reader_enter (json);
  while (ax_json_reader_next (json))
    {
      if (!first)
        g_string_append_c (text, ',');
      first = FALSE;
      if (type == AX_JSON_OBJECT)
        {
          ax_json_append_string (text, ax_json_reader_get_key (json));
          g_string_append_c (text, ':');
        }
      print_value (json, text);
    }
  g_string_append_c (text, type == AX_JSON_OBJECT ? '}' : ']');
}

/* (transfer full) (nullable) */
static char *
reprint (const char *input, GError **error)
{
  g_autofree char *path = annot_save ("input.json", input);
  g_autoptr (AxJsonReader) json = ax_json_reader_new (path, error);
  g_autoptr (GString) text = g_string_new (NULL);

  g_assert_nonnull (json);
  print_value (json, text);
  return ax_json_reader_finish (json, error) ? g_strdup (text->str) : NULL;
}

static void
test_values (void)
{
  const char *const cases[][2] = {
    { "[]", "[]" },
    { " { } ", "{}" },
    { "[1,-2.5e+3,0.25]", "[1,-2.5e+3,0.25]" },
    { "[NaN,Infinity,-Infinity]", "[NaN,Infinity,-Infinity]" },
    { "[true,false,null]", "[true,false,null]" },
    { "{\"a\":1,\"a\":2}", "{\"a\":1,\"a\":2}" },
    { "\xef\xbb\xbf[\r\n\t1 , [ ] ,{\"b\" : {}}]", "[1,[],{\"b\":{}}]" },
    { "\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"",
      "\"a\\\"\\\\/\\u0008\\u000c\\u000a\\u000d\\u0009\303\251\"" },
    /* A pair is one character; halves and NUL are U+FFFD. */
    { "\"\\ud83d\\ude00\"", "\"\360\237\230\200\"" },
    { "\"\\ud83dx\\ude00\"", "\"\357\277\275x\357\277\275\"" },
    { "\"\\ud83d\\n\"", "\"\357\277\275\\u000a\"" },
    { "\"\\ud83d\\ud83d\\ude00\"", "\"\357\277\275\360\237\230\200\"" },
    { "\"\\u0000\"", "\"\357\277\275\"" },
    { "\"line\nbreak\"", "\"line\\u000abreak\"" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text = reprint (cases[i][0], &error);

      g_assert_no_error (error);
      g_assert_cmpstr (text, ==, cases[i][1]);
    }
}

static void
test_malformed (void)
{
  const char *const cases[][2] = {
    { "", ":1: the file ends where a value should be$" },
    { "[1,]", ":1: '\\]' stands where a value should be$" },
    { "[1 2]", ":1: '2' stands where ',' or '\\]' should be$" },
    { "[1}", ":1: '}' stands where ',' or '\\]' should be$" },
    { "{\"a\" 1}", ":1: '1' stands where ':' should be$" },
    { "{a:1}", ":1: 'a' stands where a key should be$" },
    { "{\"a\":1", ":1: the file ends where ',' or '}' should be$" },
    { "[\n\n1] x", ":3: 'x' stands where the end of the file should be$" },
    { "[\"abc", ":1: the file ends where the end of a string should be$" },
    { "[\"\\x\"]", ":1: 'x' stands where an escaped character should be$" },
    { "[\"\\u12g4\"]", ":1: 'g' stands where a hex digit should be$" },
    { "[\"\xff\"]", ":1: a string is not UTF-8$" },
    { "[nul]", ":1: 'nul' is no value$" },
    { "[Nan]", ":1: 'Nan' is no value$" },
    { "[-]", ":1: '-' is no value$" },
    { "[\x01]", ":1: byte 0x01 stands where a value should be$" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (reprint (cases[i][0], &error));
      expect_error (&error, AX_ERROR_FORMAT, cases[i][1]);
    }
}

static void
test_limits (void)
{
  g_autofree char *deepest = g_strnfill (AX_JSON_MAX_DEPTH, '[');
  g_autofree char *closing = g_strnfill (AX_JSON_MAX_DEPTH, ']');
  g_autofree char *fits = g_strconcat (deepest, closing, NULL);
  g_autofree char *deeper = g_strconcat ("[", fits, "]", NULL);
  g_autofree char *very_deep = g_strnfill (1000000, '[');
  g_autofree char *letters = g_strnfill (AX_JSON_MAX_TEXT_BYTES + 1, 'a');
  g_autofree char *long_text = g_strconcat ("[\"", letters, "\"]", NULL);
  g_autofree char *digits = g_strnfill (AX_JSON_MAX_NUMBER_BYTES + 1, '1');
  g_autofree char *long_number = g_strconcat ("[", digits, "]", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  text = reprint (fits, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, fits);
  g_assert_null (reprint (deeper, &error));
  expect_error (&error, AX_ERROR_LIMIT, ":1: nested more than 64 levels deep$");
  g_assert_null (reprint (very_deep, &error));
  expect_error (&error, AX_ERROR_LIMIT, ":1: nested more than 64 levels deep$");
  g_assert_null (reprint (long_text, &error));
  expect_error (&error, AX_ERROR_LIMIT, ":1: a string is longer than 1048576");
  g_assert_null (reprint (long_number, &error));
  expect_error (&error, AX_ERROR_FORMAT, ":1: '1{20}' is no value$");
}

/* A document larger than the buffer, with tokens across its edges. */
static void
test_long_document (void)
{
  g_autoptr (GString) input = g_string_new ("[");
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  for (int i = 0; i < 20000; i++)
    g_string_append_printf (input, "%s{\"key %d\":\"v\303\251 %d\"}",
                            i > 0 ? "," : "", i, 7 * i);
  g_string_append_c (input, ']');
  text = reprint (input->str, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_equal (text, input->str));
}

static void
test_skip (void)
{
  g_autofree char *path
      = annot_save ("input.json", "{\"a\":{\"b\":[1,{\"c\":2}]},\n\"d\":3}");
  g_autoptr (GError) error = NULL;
  g_autoptr (AxJsonReader) json = ax_json_reader_new (path, &error);

  ax_json_reader_enter (json);
  g_assert_true (ax_json_reader_next (json));
  g_assert_null (ax_json_reader_read_text (json));
  g_assert_true (ax_json_reader_next (json));
  g_assert_cmpstr (ax_json_reader_get_key (json), ==, "d");
  g_assert_cmpuint (ax_json_reader_get_line (json), ==, 2);
  g_assert_false (ax_json_reader_enter_if (json, AX_JSON_OBJECT));
  g_assert_false (ax_json_reader_next (json));
  g_assert_true (ax_json_reader_finish (json, &error));
  g_assert_no_error (error);
}

static void
test_missing_file (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (ax_json_reader_new ("/nowhere/a.json", &error));
  expect_error (&error, AX_ERROR_IO,
                "^/nowhere/a.json: cannot read: No such file or directory$");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-reader/values", test_values);
  g_test_add_func ("/json-reader/malformed", test_malformed);
  g_test_add_func ("/json-reader/limits", test_limits);
  g_test_add_func ("/json-reader/long-document", test_long_document);
  g_test_add_func ("/json-reader/skip", test_skip);
  g_test_add_func ("/json-reader/missing-file", test_missing_file);
  return g_test_run ();
}
