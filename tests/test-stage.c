#include "core/grade/patient.h"
#include "tests/support/data.h"
#include "tests/support/expect-error.h"

#include <string.h>

static GPtrArray *
read_text (const char *text, gboolean any_nodes, GError **error)
{
  g_autofree char *path = scratch_path ("nodes.csv");

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return ax_patients_read ((const char *const *)&path, 1, any_nodes, NULL,
                           error);
}

/* Negative, ITC, micro, macro; algorithms.md 6.4. */
static void
test_rule (void)
{
  static const struct
  {
    guint counts[AX_N_NODE_CLASSES];
    const char *stage, *explanation;
  } cases[] = {
    { { 5, 0, 0, 0 }, "pN0", "no positive node, no ITC: pN0" },
    { { 3, 2, 0, 0 },
      "pN0(i+)",
      "no positive node, but ITC: pN0(i+); 2 with ITC alone not counted" },
    { { 0, 0, 5, 0 },
      "pN1mi",
      "5 positive nodes (0 macro, 5 micro), none macro: pN1mi" },
    { { 4, 0, 0, 1 },
      "pN1",
      "1 positive node (1 macro, 0 micro), at least one macro: pN1 (1 to 3)" },
    { { 0, 2, 2, 1 },
      "pN1",
      "3 positive nodes (1 macro, 2 micro), at least one macro: pN1 (1 to 3); "
      "2 with ITC alone not counted" },
    { { 1, 0, 3, 1 },
      "pN2",
      "4 positive nodes (1 macro, 3 micro), at least one macro: pN2 (4 or "
      "more)" },
    { { 1, 1, 0, 3 }, "pN1", NULL },
    { { 0, 1, 0, 4 }, "pN2", NULL },
    { { 3, 1, 1, 0 }, "pN1mi", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      AxStage stage = ax_stage_from_nodes (cases[i].counts);
      g_autofree char *text = ax_stage_explain (cases[i].counts);

      g_assert_cmpstr (ax_stage_get_name (stage), ==, cases[i].stage);
      if (cases[i].explanation != NULL)
        g_assert_cmpstr (text, ==, cases[i].explanation);
    }
}

/* Stages of 50 patients from their nodes are those of the organisers. */
static void
test_real (void)
{
  g_autofree char *path = data_path ("camelyon17-stages-000-049.csv");
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) patients = NULL;
  g_autoptr (GPtrArray) stages = NULL;
  g_autofree char *text = NULL;
  g_autofree char *original = NULL;
  g_auto (GStrv) lines = NULL;

  if (path == NULL)
    return;
  patients
      = ax_patients_read ((const char *const *)&path, 1, FALSE, NULL, &error);
  g_assert_no_error (error);
  stages = ax_patient_stages_read (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (patients->len, ==, 50);
  g_assert_cmpuint (stages->len, ==, 50);
  for (guint i = 0; i < 50; i++)
    {
      const AxPatient *patient = patients->pdata[i];
      const AxPatientStage *truth = stages->pdata[i];

      g_assert_cmpstr (patient->id, ==, truth->id);
      g_assert_cmpint (patient->stage, ==, truth->stage);
      g_assert_cmpuint (patient->nodes->len, ==, 5);
    }

  text = ax_patients_to_csv (patients);
  g_assert_true (g_file_get_contents (path, &original, NULL, NULL));
  lines = g_strsplit (original, "\r\n", -1);
  g_free (original);
  original = g_strjoinv ("\n", lines);
  g_assert_true (g_str_equal (text, original));
}

static void
test_layouts (void)
{
  static const char *const texts[] = {
    "p_node_0.tif,Macro\np_node_1.tif,itc\n",
    "\xef\xbb\xbfpatient,center,stage\r\np.zip,0,pN1\r\n"
    "p_node_1.tif,0,itc\r\np_node_0.tif,0,macro\r\n",
    "stage,patient\nitc,p_node_1\nmacro,\"p_node_0.ome.tif\"\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) patients = read_text (texts[i], FALSE, &error);
      const AxPatient *patient = NULL;

      g_assert_no_error (error);
      g_assert_cmpuint (patients->len, ==, 1);
      patient = patients->pdata[0];
      g_assert_cmpstr (patient->id, ==, "p");
      g_assert_cmpint (patient->stage, ==, AX_STAGE_PN1);
      g_assert_cmpint (((AxNode *)patient->nodes->pdata[1])->node_class, ==,
                       AX_NODE_ITC);
    }
}

static void
test_hostile (void)
{
  static const struct
  {
    const char *text, *regex;
  } cases[] = {
    { "", "nodes.csv: has no columns 'patient' and 'stage'$" },
    { "patient,stage\n", "nodes.csv: has no nodes$" },
    { "name,stage\na_node_0,itc\n", "nodes.csv: has no column 'patient'" },
    { "a_node_0.tif,tiny\n",
      "nodes.csv:1: 'tiny' is not one of negative, itc, micro, macro$" },
    { "a.tif,itc\n", "nodes.csv:1: 'a.tif' is not named PATIENT_node_NUMBER$" },
    { "_node_1,itc\n", "nodes.csv:1: '_node_1' is not named" },
    { "a_node_x,itc\n", "nodes.csv:1: 'a_node_x' is not named" },
    { "a_node_0.tif,itc\na_node_0.svs,itc\n",
      "nodes.csv:2: node 0 of a comes a second time$" },
    { "a_node_0,itc\na_node_2,itc\n", "nodes.csv: node 1 of a is missing" },
    { "a_node_0,itc\na_node_1,itc\nb_node_0,itc\n",
      "nodes.csv: node 1 of b is missing \\(it has 1, others up to 2\\)$" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (read_text (cases[i].text, FALSE, &error));
      expect_error (&error, AX_ERROR_FORMAT, cases[i].regex);
    }
}

static void
test_any_nodes (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) patients
      = read_text ("a_node_0,itc\na_node_1,itc\nb_node_0,itc\n", TRUE, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (patients->len, ==, 2);
  g_assert_null (read_text ("a_node_0,itc\na_node_2,itc\n", TRUE, &error));
  expect_error (&error, AX_ERROR_FORMAT, "node 1 of a is missing");
}

static void
test_stages_hostile (void)
{
  static const struct
  {
    const char *text, *regex;
  } cases[] = {
    { "patient,stage\na_node_0,itc\n", "nodes.csv: has no patients" },
    { "a.zip,pN3\n", "nodes.csv:1: 'pN3' is not one of pN0, pN0\\(i\\+\\)," },
    { "a.zip,pN0\na.zip,pN1\n", "nodes.csv:2: a comes a second time$" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = scratch_path ("nodes.csv");
      g_autoptr (GError) error = NULL;

      g_assert_true (g_file_set_contents (path, cases[i].text, -1, NULL));
      g_assert_null (ax_patient_stages_read (path, &error));
      expect_error (&error, AX_ERROR_FORMAT, cases[i].regex);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stage/rule", test_rule);
  g_test_add_func ("/stage/real", test_real);
  g_test_add_func ("/stage/layouts", test_layouts);
  g_test_add_func ("/stage/hostile", test_hostile);
  g_test_add_func ("/stage/any-nodes", test_any_nodes);
  g_test_add_func ("/stage/stages-hostile", test_stages_hostile);
  return g_test_run ();
}
