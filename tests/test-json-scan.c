#include "core/nn/json-scan.h"

#include "tests/support/expect-error.h"

#include <math.h>

static AxJsonScan
scan_text (const char *text)
{
  return ax_json_scan_init (text, strlen (text), "text");
}

/* Nested and empty members, each read once and in order. */
static void
test_members (void)
{
  AxJsonScan scan
      = scan_text (" {\"a\" : [ ] , \"b\":[[1,2],{}],\"c\":true}\n");
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) keys = g_string_new (NULL);
  g_autofree char *key = NULL;
  gint64 sum = 0;
  gboolean truth = FALSE;
  ax_json_scan_begin (&scan, '{');
  while (ax_json_scan_next_key (&scan, &key))
    {
      g_string_append (keys, key);
      if (key[0] == 'a')
        {
          ax_json_scan_begin (&scan, '[');
          g_assert_false (ax_json_scan_next_item (&scan));
        }
      else if (key[0] == 'c')
        ax_json_scan_boolean (&scan, &truth);
      else
        {
          ax_json_scan_begin (&scan, '[');
          g_assert_true (ax_json_scan_next_item (&scan));
          ax_json_scan_begin (&scan, '[');
          for (gint64 value; ax_json_scan_next_item (&scan)
                             && ax_json_scan_count (&scan, 9, &value);)
            sum = sum * 10 + value;
          g_assert_true (ax_json_scan_next_item (&scan));
          ax_json_scan_begin (&scan, '{');
          g_assert_false (ax_json_scan_next_key (&scan, &key));
          g_assert_false (ax_json_scan_next_item (&scan));
        }
    }
  g_assert_true (ax_json_scan_end (&scan, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (keys->str, ==, "abc");
  g_assert_cmpint (sum, ==, 12);
  g_assert_true (truth);
}

static void
test_strings (void)
{
  static const struct
  {
    const char *json, *value;
  } cases[] = {
    { "\"\"", "" },
    { "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t" },
    { "\"\\u00b5m \\u20AC\"", "µm €" },
    { "\"\\ud83d\\udd2c\"", "🔬" },
    { "\"🔬\"", "🔬" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *value = g_strdup ("before");
      AxJsonScan scan = scan_text (cases[i].json);
      g_assert_true (ax_json_scan_string (&scan, &value));
      g_assert_true (ax_json_scan_end (&scan, &error));
      g_assert_no_error (error);
      g_assert_cmpstr (value, ==, cases[i].value);
    }
}

static void
test_strings_refused (void)
{
  static const char *const texts[] = {
    "\"\\x41\"",
    "\"\\u12\"",
    "\"\\u12g4\"",
    "\"\n\"",
    "\"\\udc00\"",
    "\"\\ud800\\u0041\"",
    "\"\\ud800x\"",
    "\"\\",
    "\"\xc3(\"",
    "'a'",
    "",
  };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *value = g_strdup ("before");
      AxJsonScan scan = scan_text (texts[i]);
      g_assert_false (ax_json_scan_string (&scan, &value));
      g_assert_false (ax_json_scan_end (&scan, &error));
      expect_error (&error, AX_ERROR_FORMAT, "^text, byte [0-9]+: ");
      g_assert_cmpstr (value, ==, "before");
    }
}

static void
test_numbers (void)
{
  static const struct
  {
    const char *json;
    double value;
  } cases[] = {
    { "0", 0 },      { "-0.25", -0.25 }, { "10", 10 },        { "1e2", 100 },
    { "1E+2", 100 }, { "0.5e-1", 0.05 }, { " 0.229", 0.229 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      double value = NAN;
      AxJsonScan scan = scan_text (cases[i].json);
      g_assert_true (ax_json_scan_number (&scan, -1e3, 1e3, &value));
      g_assert_true (ax_json_scan_end (&scan, &error));
      g_assert_no_error (error);
      g_assert_cmpfloat (value, ==, cases[i].value);
    }
}

static void
test_numbers_refused (void)
{
  static const char *const texts[] = {
    "",
    "+1",
    ".5",
    "1.",
    "01",
    "-",
    "1e",
    "1e+",
    "0x10",
    "NaN",

    "inf",
    "1.e",
    "--1",
    "1001",
    "1e999",
    "1-1",
    "\"1\"",
    "1111111111111111111111111111111111111111111111111111111111111111111111",
  };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      double value = 7;
      AxJsonScan scan = scan_text (texts[i]);
      g_assert_false (ax_json_scan_number (&scan, -1e3, 1e3, &value));
      g_assert_false (ax_json_scan_end (&scan, &error));
      expect_error (&error, AX_ERROR_FORMAT, "^text, byte 0: ");
      g_assert_cmpfloat (value, ==, 7);
    }
}

/* The first error is the one that is told, and nothing is read after it. */
static void
test_error_sticks (void)
{
  g_autoptr (GError) error = NULL;
  gint64 value = 7;
  AxJsonScan scan = scan_text ("[1, 2]");
  ax_json_scan_begin (&scan, '[');
  g_assert_true (ax_json_scan_next_item (&scan));
  ax_json_scan_fail (&scan, "no %s", "thank\nyou");
  ax_json_scan_fail (&scan, "again");
  g_assert_false (ax_json_scan_count (&scan, 9, &value));
  g_assert_false (ax_json_scan_next_item (&scan));
  g_assert_false (ax_json_scan_begin (&scan, '['));
  g_assert_cmpint (value, ==, 7);
  g_assert_false (ax_json_scan_end (&scan, &error));
  expect_error (&error, AX_ERROR_FORMAT, "^text, byte 1: no thank you$");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-scan/members", test_members);
  g_test_add_func ("/json-scan/strings", test_strings);
  g_test_add_func ("/json-scan/strings/refused", test_strings_refused);
  g_test_add_func ("/json-scan/numbers", test_numbers);
  g_test_add_func ("/json-scan/numbers/refused", test_numbers_refused);
  g_test_add_func ("/json-scan/error-sticks", test_error_sticks);
  return g_test_run ();
}
