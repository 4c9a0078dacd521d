#include "core/base/csv.h"
#include "tests/support/data.h"
#include "tests/support/expect-error.h"

static char *
write_file (const char *text, gssize length)
{
  char *path = scratch_path ("table.csv");

  g_assert_true (g_file_set_contents (path, text, length, NULL));
  return path;
}

static AxCsv *
read_text (const char *text, gssize length, GError **error)
{
  g_autofree char *path = write_file (text, length);

  return ax_csv_read (path, error);
}

static void
test_plain (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxCsv) csv = read_text (
      "name,score\na, 0.5 \n\n\"b, c\",\"1\"\"2\"\nd,", -1, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (ax_csv_get_n_rows (csv), ==, 4);
  g_assert_cmpuint (ax_csv_get_n_columns (csv), ==, 2);
  g_assert_cmpstr (ax_csv_get (csv, 1, 1), ==, "0.5");
  g_assert_cmpstr (ax_csv_get (csv, 2, 0), ==, "b, c");
  g_assert_cmpstr (ax_csv_get (csv, 2, 1), ==, "1\"2");
  g_assert_cmpstr (ax_csv_get (csv, 3, 1), ==, "");
  g_assert_cmpuint (ax_csv_get_line (csv, 1), ==, 2);
  g_assert_cmpuint (ax_csv_get_line (csv, 2), ==, 4);
  g_assert_cmpint (ax_csv_find_column (csv, "Score"), ==, 1);
  g_assert_cmpint (ax_csv_find_column (csv, "label"), ==, -1);
}

static void
test_windows (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxCsv) csv = read_text (
      "\xef\xbb\xbfname,score\r\n\"two\r\nlines\" ,1\r\nb,2\r\n", -1, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (ax_csv_get_n_rows (csv), ==, 3);
  g_assert_cmpstr (ax_csv_get (csv, 0, 0), ==, "name");
  g_assert_cmpstr (ax_csv_get (csv, 0, 1), ==, "score");
  g_assert_cmpstr (ax_csv_get (csv, 1, 0), ==, "two\r\nlines");
  g_assert_cmpstr (ax_csv_get (csv, 2, 1), ==, "2");
  g_assert_cmpuint (ax_csv_get_line (csv, 2), ==, 4);
}

static void
test_empty (void)
{
  static const char *const texts[] = { "", "\n\n", "\xef\xbb\xbf" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AxCsv) csv = read_text (texts[i], -1, &error);
      guint column = 0;

      g_assert_no_error (error);
      g_assert_cmpuint (ax_csv_get_n_rows (csv), ==, 0);
      g_assert_false (ax_csv_need_column (csv, "score", &column, &error));
      expect_error (&error, AX_ERROR_FORMAT, "no column 'score'");
    }
}

static void
test_numbers (void)
{
  static const char *const bad[] = { "nan", "NaN", "inf", "", "1,5", "0x1" };
  g_autoptr (GError) error = NULL;
  g_autoptr (AxCsv) csv = read_text ("score\n-1.5e-3\n", -1, &error);
  double value = 0;

  g_assert_no_error (error);
  g_assert_true (ax_csv_get_double (csv, 1, 0, "score", &value, &error));
  g_assert_cmpfloat (value, ==, -1.5e-3);

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *text = g_strdup_printf ("n,score\nx,\"%s\"\n", bad[i]);
      g_autoptr (AxCsv) table = read_text (text, -1, &error);

      g_assert_no_error (error);
      g_assert_false (ax_csv_get_double (table, 1, 1, "score", &value, &error));
      expect_error (&error, AX_ERROR_FORMAT,
                    "table.csv:2: column 'score': '.*' is not a number$");
      g_assert_cmpfloat (value, ==, -1.5e-3);
    }
}

static void
test_hostile (void)
{
  static const struct
  {
    const char *text;
    gssize length;
    const char *regex;
  } cases[] = {
    { "a,b\nc,\"d\ne\n", -1, "table.csv:2: a quote is not closed$" },
    { "a,b\n\"c\"d,e\n", -1, "table.csv:2: a quote ends in the middle" },
    { "a,b\n\nc\n", -1, "table.csv:3: 1 field where the first row has 2$" },
    { "a,b\nc,d,e\n", -1, "table.csv:2: 3 fields where the first row has 2$" },
    { "a\nb\0c\n", 6, "table.csv:2: holds a NUL" },
    { "a\nb\xe4\n", -1, "table.csv:2: is not UTF-8$" },
    { "\xff\xfe"
      "a\0b\0",
      6, "table.csv: is UTF-16; save it as UTF-8$" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (read_text (cases[i].text, cases[i].length, &error));
      expect_error (&error, AX_ERROR_FORMAT, cases[i].regex);
    }
}

static void
test_missing_file (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (ax_csv_read ("/nowhere/a.csv", &error));
  expect_error (&error, AX_ERROR_IO, "^/nowhere/a.csv: ");
  g_assert_null (ax_csv_read ("/", &error));
  expect_error (&error, AX_ERROR_IO, "^/: ");
}

static void
test_append (void)
{
  static const char *const fields[]
      = { "plain", "a,b", "say \"x\"", " blank", "", "two\nlines" };
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (AxCsv) csv = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      if (i > 0)
        g_string_append_c (text, ',');
      ax_csv_append (text, fields[i]);
    }
  g_string_append_c (text, '\n');
  g_assert_true (g_str_has_prefix (text->str, "plain,\"a,b\","));
  csv = read_text (text->str, text->len, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    g_assert_cmpstr (ax_csv_get (csv, 0, i), ==, fields[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/csv/plain", test_plain);
  g_test_add_func ("/csv/windows", test_windows);
  g_test_add_func ("/csv/empty", test_empty);
  g_test_add_func ("/csv/numbers", test_numbers);
  g_test_add_func ("/csv/hostile", test_hostile);
  g_test_add_func ("/csv/missing-file", test_missing_file);
  g_test_add_func ("/csv/append", test_append);
  return g_test_run ();
}
