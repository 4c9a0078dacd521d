#include "core/base/parse.h"

#include "tests/support/expect-error.h"

#include <float.h>
#include <locale.h>
#include <math.h>

static void
test_double (void)
{
  static const struct
  {
    const char *text;
    double value;
  } cases[] = {
    { "0", 0 },
    { "-0.25", -0.25 },
    { "+3", 3 },
    { " \t12.5\n", 12.5 },
    { ".5", 0.5 },
    { "5.", 5 },
    { "0.2425", 0.2425 },
    { "1e3", 1000 },
    { "1E-2", 0.01 },
    { "2.5e+1", 25 },
    { "0.1", 0.1 },
    { "9007199254740993", 9007199254740992. },
    { "1.7976931348623157e308", DBL_MAX },
    { "1e-400", 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      double value = -1;

      g_assert_true (ax_parse_double (cases[i].text, "mpp", -DBL_MAX, DBL_MAX,
                                      &value, &error));
      g_assert_no_error (error);
      g_assert_cmpfloat (value, ==, cases[i].value);
    }
}

static void
test_double_refused (void)
{
  static const char *const texts[] = {
    "",      " ",     ".",         "-",   "+-1",    "1,5", "1.5.2", "0x10",
    "0x1p3", "inf",   "-INFINITY", "nan", "NaN(1)", "1e",  "1e+",   "e5",
    "1 2",   "12abc", "1_0",       "١",   "1d3",    "- 1", "1e 5",  "infinity",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      double value = 7;

      g_assert_false (
          ax_parse_double (texts[i], "mpp", -10, 10, &value, &error));
      expect_error (&error, AX_ERROR_FORMAT, "^mpp: '.*' is not a number$");
      g_assert_cmpfloat (value, ==, 7);
    }
}

static void
test_double_limits (void)
{
  static const char *const texts[] = { "-0.01", "10.001", "1e999", "-1e999" };
  g_autoptr (GError) error = NULL;
  double value = 7;

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_assert_false (ax_parse_double (texts[i], "mpp", 0, 10, &value, &error));
      expect_error (&error, AX_ERROR_FORMAT,
                    "^mpp: '-?[0-9.e]+' is not within 0 to 10$");
      g_assert_cmpfloat (value, ==, 7);
    }
  g_assert_false (
      ax_parse_double ("1e999", "mpp", 0, INFINITY, &value, &error));
  expect_error (&error, AX_ERROR_FORMAT, "'1e999' is not within 0 to inf$");
  g_assert_false (ax_parse_double ("1", "mpp", NAN, 10, &value, &error));
  g_clear_error (&error);

  g_assert_true (ax_parse_double ("0", "mpp", 0, 10, &value, NULL));
  g_assert_true (ax_parse_double ("10", "mpp", 0, 10, &value, NULL));
  g_assert_cmpfloat (value, ==, 10);
}

static void
test_int (void)
{
  static const struct
  {
    const char *text;
    gint64 value;
  } cases[] = {
    { "0", 0 },
    { "-12", -12 },
    { "+7", 7 },
    { "007", 7 },
    { "\r\n42 ", 42 },
    { "9223372036854775807", G_MAXINT64 },
    { "-9223372036854775808", G_MININT64 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      gint64 value = 1;

      g_assert_true (ax_parse_int (cases[i].text, "level", G_MININT64,
                                   G_MAXINT64, &value, &error));
      g_assert_no_error (error);
      g_assert_cmpint (value, ==, cases[i].value);
    }
}

static void
test_int_refused (void)
{
  static const char *const malformed[]
      = { "", "-", "1.0", "1e3", "0x10", "1 2", "a", "12a", "+-1", "1," };
  static const char *const outside[]
      = { "-1", "13", "9223372036854775808", "-9223372036854775809",
          "99999999999999999999999999999999" };
  gint64 value = 7;

  for (gsize i = 0; i < G_N_ELEMENTS (malformed); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (
          ax_parse_int (malformed[i], "level", 0, 12, &value, &error));
      expect_error (&error, AX_ERROR_FORMAT,
                    "^level: '.*' is not a whole number$");
    }
  for (gsize i = 0; i < G_N_ELEMENTS (outside); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (
          ax_parse_int (outside[i], "level", 0, 12, &value, &error));
      expect_error (&error, AX_ERROR_FORMAT,
                    "^level: '-?[0-9]+' is not within 0 to 12$");
    }
  g_assert_cmpint (value, ==, 7);

  g_assert_false (ax_parse_int ("9223372036854775808", "level", G_MININT64,
                                G_MAXINT64, &value, NULL));
  g_assert_false (ax_parse_int ("-9223372036854775809", "level", G_MININT64,
                                G_MAXINT64, &value, NULL));
}

static void
test_message (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *flood = g_strnfill (100000, '9');
  gint64 value = 0;

  g_assert_false (ax_parse_int (flood, "n", 0, 1, &value, &error));
  g_assert_cmpuint (strlen (error->message), <, 100);
  expect_error (&error, AX_ERROR_FORMAT, "^n: '9{40}\\.\\.\\.' is not within");

  g_assert_false (ax_parse_int ("1\n2\xff\x1b[2J", "n", 0, 1, &value, &error));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  expect_error (&error, AX_ERROR_FORMAT, "'1\\\\n2\\\\377\\\\033\\[2J'");
}

static void
test_rect (void)
{
  static const char *const malformed[]
      = { "", "1,2,3", "1,2,3,4,5", "1;2;3;4", "1,2,3,4," };
  static const char *const bad_parts[] = { "1,2,0,4",
                                           "1,2,3,-4",
                                           "1,2,,4",
                                           "1.5,2,3,4",
                                           "9007199254740993,0,1,1",
                                           "0,0,9223372036854775807,1" };
  gint64 rect[4] = { 9, 9, 9, 9 };

  for (gsize i = 0; i < G_N_ELEMENTS (malformed); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (ax_parse_rect (malformed[i], "--region", rect, &error));
      expect_error (&error, AX_ERROR_FORMAT,
                    "^--region: '.*' is not a rectangle X,Y,W,H$");
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad_parts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (ax_parse_rect (bad_parts[i], "--region", rect, &error));
      expect_error (&error, AX_ERROR_FORMAT,
                    "^--region: '.*' is not (a whole number|within)");
    }
  for (int i = 0; i < 4; i++)
    g_assert_cmpint (rect[i], ==, 9);

  g_assert_true (ax_parse_rect ("-1, 2 ,3,4", "--region", rect, NULL));
  g_assert_cmpint (rect[0], ==, -1);
  g_assert_cmpint (rect[1], ==, 2);
  g_assert_cmpint (rect[2], ==, 3);
  g_assert_cmpint (rect[3], ==, 4);
}

static void
test_int_list (void)
{
  static const char *const bad[]
      = { "", " ", "1,,2", ",", "1,2,", "1,x", "1,9" };
  g_autoptr (GArray) list = ax_parse_int_list ("3, 1,2", "levels", 0, 8, NULL);

  g_assert_nonnull (list);
  g_assert_cmpuint (list->len, ==, 3);
  g_assert_cmpint (g_array_index (list, gint64, 0), ==, 3);
  g_assert_cmpint (g_array_index (list, gint64, 1), ==, 1);
  g_assert_cmpint (g_array_index (list, gint64, 2), ==, 2);

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (ax_parse_int_list (bad[i], "levels", 0, 8, &error));
      expect_error (&error, AX_ERROR_FORMAT, "^levels: '.*' is not ");
    }
}

static void
test_format (void)
{
  static const struct
  {
    double value;
    int digits;
    const char *text;
  } cases[] = {
    { 0.5, 3, "0.5" },
    { 0.2425, 4, "0.2425" },
    { 0.2425, 2, "0.24" },
    { 100, 2, "100" },
    { 1200, 0, "1200" },
    { 2.5, 0, "2" },
    { -1.5, 1, "-1.5" },
    { -0.0001, 2, "0" },
    { -0.0, 0, "0" },
    { 0.999, 2, "1" },
    { 1. / 3, 17, "0.33333333333333331" },
    { 1. / 3, 99, "0.33333333333333331" },
    { 3, -4, "3" },
    { 123456789012345.67, 1, "123456789012345.7" },
    { 1e15, 3, "1e+15" },
    { -DBL_MAX, 17, "-1.79769313486232e+308" },
    { INFINITY, 2, "inf" },
    { NAN, 2, "nan" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      char buffer[AX_FORMAT_BUFFER];

      g_assert_cmpstr (
          ax_format_decimal (buffer, cases[i].value, cases[i].digits), ==,
          cases[i].text);
    }
}

static void
test_locale (void)
{
  static const char *const names[]
      = { "de_DE.UTF-8", "fr_FR.UTF-8", "nl_NL.UTF-8", "de_DE" };
  char buffer[AX_FORMAT_BUFFER];
  const char *name = NULL;
  double value = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (names) && name == NULL; i++)
    name = setlocale (LC_NUMERIC, names[i]);
  if (name == NULL)
    {
      g_test_skip ("no locale with a decimal comma is installed");
      return;
    }
  g_assert_cmpstr (localeconv ()->decimal_point, ==, ",");

  g_assert_true (ax_parse_double ("1.5", "mpp", 0, 2, &value, NULL));
  g_assert_cmpfloat (value, ==, 1.5);
  g_assert_false (ax_parse_double ("1,5", "mpp", 0, 2, &value, NULL));
  g_assert_cmpstr (ax_format_decimal (buffer, 0.25, 3), ==, "0.25");
  setlocale (LC_NUMERIC, "C");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/parse/double", test_double);
  g_test_add_func ("/parse/double-refused", test_double_refused);
  g_test_add_func ("/parse/double-limits", test_double_limits);
  g_test_add_func ("/parse/int", test_int);
  g_test_add_func ("/parse/int-refused", test_int_refused);
  g_test_add_func ("/parse/message", test_message);
  g_test_add_func ("/parse/rect", test_rect);
  g_test_add_func ("/parse/int-list", test_int_list);
  g_test_add_func ("/parse/format", test_format);
  g_test_add_func ("/parse/locale", test_locale);
  return g_test_run ();
}
