#include "core/export/json-writer.h"

#include <math.h>

static void
expect_text (AxJsonWriter *json, const char *text)
{
  g_autofree char *found = ax_json_writer_finish (json);

  g_assert_cmpstr (found, ==, text);
  ax_json_writer_free (json);
}

static void
test_values (void)
{
  AxJsonWriter *json = ax_json_writer_new (FALSE);

  ax_json_writer_begin_object (json, NULL);
  ax_json_writer_add_string (json, "text", "a");
  ax_json_writer_add_string (json, "no text", NULL);
  ax_json_writer_add_int (json, "int", G_MININT64);
  ax_json_writer_add_double (json, "double", 0.1 + 0.2, 6);
  ax_json_writer_add_double (json, "whole", 3, 6);
  ax_json_writer_add_double (json, "nan", NAN, 6);
  ax_json_writer_add_double (json, "infinite", -HUGE_VAL, 6);
  ax_json_writer_add_double (json, "huge", 1e300, 6);
  ax_json_writer_add_bool (json, "yes", TRUE);
  ax_json_writer_add_bool (json, "no", FALSE);
  ax_json_writer_add_null (json, "nothing");
  ax_json_writer_end (json);
  expect_text (json, "{\"text\":\"a\",\"no text\":null,"
                     "\"int\":-9223372036854775808,\"double\":0.3,\"whole\":3,"
                     "\"nan\":null,\"infinite\":null,\"huge\":1e+300,"
                     "\"yes\":true,\"no\":false,\"nothing\":null}\n");
}

static void
test_text (void)
{
  AxJsonWriter *json = ax_json_writer_new (FALSE);

  ax_json_writer_begin_array (json, NULL);
  ax_json_writer_add_string (json, NULL, "\"quoted\\\" µ");
  ax_json_writer_add_string (json, NULL, "line\nbreak\ttab\x01\x7f");
  ax_json_writer_add_string (json, NULL, "no \xff text");
  ax_json_writer_end (json);
  expect_text (json, "[\"\\\"quoted\\\\\\\" µ\","
                     "\"line\\u000abreak\\u0009tab\\u0001\\u007f\","
                     "\"no \xef\xbf\xbd text\"]\n");
}

static void
test_nesting (void)
{
  AxJsonWriter *json = ax_json_writer_new (FALSE);

  ax_json_writer_begin_object (json, NULL);
  ax_json_writer_begin_array (json, "empty");
  ax_json_writer_end (json);
  ax_json_writer_begin_array (json, "objects");
  for (int i = 0; i < 2; i++)
    {
      ax_json_writer_begin_object (json, NULL);
      ax_json_writer_add_int (json, "i", i);
      ax_json_writer_end (json);
    }
  ax_json_writer_end (json);
  ax_json_writer_add_doubles (json, "pair", (double[]){ 1.5, -2 }, 2, 1);
  ax_json_writer_end (json);
  expect_text (json, "{\"empty\":[],\"objects\":[{\"i\":0},{\"i\":1}],"
                     "\"pair\":[1.5,-2]}\n");
}

static void
test_pretty (void)
{
  AxJsonWriter *json = ax_json_writer_new (TRUE);

  ax_json_writer_begin_object (json, NULL);
  ax_json_writer_add_int (json, "a", 1);
  ax_json_writer_begin_array (json, "pairs");
  ax_json_writer_add_doubles (json, NULL, (double[]){ 1, 2 }, 2, 0);
  ax_json_writer_add_doubles (json, NULL, (double[]){ 3, 4 }, 2, 0);
  ax_json_writer_end (json);
  ax_json_writer_begin_object (json, "empty");
  ax_json_writer_end (json);
  ax_json_writer_end (json);
  expect_text (json, "{\n"
                     "  \"a\": 1,\n"
                     "  \"pairs\": [\n"
                     "    [1, 2],\n"
                     "    [3, 4]\n"
                     "  ],\n"
                     "  \"empty\": {}\n"
                     "}\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-writer/values", test_values);
  g_test_add_func ("/json-writer/text", test_text);
  g_test_add_func ("/json-writer/nesting", test_nesting);
  g_test_add_func ("/json-writer/pretty", test_pretty);
  return g_test_run ();
}
