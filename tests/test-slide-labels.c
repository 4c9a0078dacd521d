#include "core/grade/slide-labels.h"
#include "core/grade/exclusions.h"
#include "core/grade/slide-name.h"
#include "tests/support/data.h"
#include "tests/support/expect-error.h"

static AxSlideLabels *
read_labels (const char *text, const char *column, GError **error)
{
  g_autofree char *path = scratch_path ("labels.csv");

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return ax_slide_labels_read (path, column, error);
}

static AxExclusions *
read_exclusions (const char *text, GError **error)
{
  g_autofree char *path = scratch_path ("exclusions.csv");

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return ax_exclusions_read (path, error);
}

static void
test_names (void)
{
  static const char *const names[][2] = {
    { "patient_000_node_0.tif", "patient_000_node_0" },
    { "Test_001", "test_001" },
    { "a/b/Tumor_010.TIF", "tumor_010" },
    { "TCGA-AB.1234", "tcga-ab.1234" },
    { "TCGA-AB.1234.svs", "tcga-ab.1234" },
    { "x.ome.tiff", "x.ome" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *folded = ax_slide_name_fold (names[i][0]);

      g_assert_cmpstr (folded, ==, names[i][1]);
    }
}

/* CAMELYON16's reference.csv, CAMELYON17's stages.csv, one as spreadsheets
 * write it. */
static void
test_layouts (void)
{
  static const struct
  {
    const char *text, *column, *slide, *label;
  } cases[] = {
    { "test_001,Tumor,IDC,Macro\ntest_003,Normal,None,None\n", NULL,
      "Test_003.tif", "Normal" },
    { "patient,stage\npatient_000.zip,pN0\npatient_000_node_0.tif,negative\n",
      NULL, "patient_000_node_0", "negative" },
    { "\xef\xbb\xbfstage,center,patient\r\nitc,0,\"a, b.tif\"\r\n", NULL,
      "a, b", "itc" },
    { "name,tumor,stage\nx,1,macro\n", "tumor", "x.svs", "1" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AxSlideLabels) labels
          = read_labels (cases[i].text, cases[i].column, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (ax_slide_labels_find (labels, cases[i].slide), ==,
                       cases[i].label);
      g_assert_null (ax_slide_labels_find (labels, "patient_000.zip"));
    }
}

static void
test_tumor (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxSlideLabels) labels
      = read_labels ("a,Normal\nb,Tumor\nc,itc\nd,odd\n", NULL, &error);
  g_autoptr (GList) slides = ax_slide_labels_list (labels);
  gboolean has_tumor = TRUE;

  g_assert_no_error (error);
  g_assert_cmpuint (g_list_length (slides), ==, 4);
  g_assert_cmpstr (slides->data, ==, "a");
  g_assert_true (
      ax_slide_labels_find_tumor (labels, "a.tif", &has_tumor, NULL));
  g_assert_false (has_tumor);
  g_assert_true (ax_slide_labels_find_tumor (labels, "b", &has_tumor, NULL));
  g_assert_true (has_tumor);
  g_assert_true (ax_slide_labels_find_tumor (labels, "c", &has_tumor, NULL));
  g_assert_true (has_tumor);
  g_assert_false (ax_slide_labels_find_tumor (labels, "d", &has_tumor, &error));
  expect_error (&error, AX_ERROR_FORMAT,
                "labels.csv: slide 'd' is 'odd', which is not one of normal");
  g_assert_false (ax_slide_labels_find_tumor (labels, "e", &has_tumor, &error));
  expect_error (&error, AX_ERROR_NOT_FOUND, "labels.csv: has no slide 'e'$");
}

static void
test_hostile_labels (void)
{
  static const struct
  {
    const char *text, *column, *regex;
  } cases[] = {
    { "", NULL, "labels.csv: has no columns of slides and labels$" },
    { "a\nb\n", NULL, "labels.csv: has no columns of slides and labels$" },
    { "patient,class\na,itc\n", NULL, "labels.csv: has no column 'stage'" },
    { "a,itc\n", "class", "labels.csv: has no column 'class'" },
    { "patient,stage\n", NULL, "labels.csv: has no slides$" },
    { "p.zip,pN0\n", NULL, "labels.csv: has no slides$" },
    { "a,itc\nA.tif,itc\n", NULL,
      "labels.csv:2: 'A.tif' comes a second time$" },
    { "a,\n", NULL, "labels.csv:1: 'a' has no label$" },
    { "a,itc\nb\n", NULL, "labels.csv:2: 1 field where the first row has 2$" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (read_labels (cases[i].text, cases[i].column, &error));
      expect_error (&error, AX_ERROR_FORMAT, cases[i].regex);
    }
}

static void
test_exclusions (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxExclusions) exclusions
      = read_exclusions ("slide,what,why,source\ntumor_010,lesions,some,x\n"
                         "test_049.tif,SLIDE,\"twice, really\",x\n",
                         &error);

  g_assert_no_error (error);
  g_assert_cmpstr (
      ax_exclusions_find (exclusions, "Tumor_010.tif", AX_EXCLUDE_LESIONS), ==,
      "some");
  g_assert_null (
      ax_exclusions_find (exclusions, "Tumor_010.tif", AX_EXCLUDE_SLIDE));
  g_assert_cmpstr (
      ax_exclusions_find (exclusions, "test_049", AX_EXCLUDE_LESIONS), ==,
      "twice, really");
  g_assert_cmpstr (
      ax_exclusions_find (exclusions, "test_049", AX_EXCLUDE_SLIDE), ==,
      "twice, really");
  g_assert_null (ax_exclusions_find (exclusions, "x", AX_EXCLUDE_LESIONS));
  g_assert_null (ax_exclusions_find (NULL, "test_049", AX_EXCLUDE_SLIDE));
}

static void
test_hostile_exclusions (void)
{
  static const struct
  {
    const char *text, *regex;
  } cases[] = {
    { "slide,why\na,b\n", "exclusions.csv: has no column 'what'" },
    { "slide,what,why\na,all,b\n",
      "exclusions.csv:2: 'all' is not one of lesions, slide$" },
    { "slide,what,why\na,slide,b\na.tif,lesions,b\n",
      "exclusions.csv:3: 'a.tif' comes a second time$" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (read_exclusions (cases[i].text, &error));
      expect_error (&error, AX_ERROR_FORMAT, cases[i].regex);
    }
}

/* The file that is shipped. */
static void
test_camelyon_exclusions (void)
{
  g_autofree char *path = g_test_build_filename (
      G_TEST_DIST, "..", "data", "camelyon-exclusions.csv", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (AxExclusions) exclusions = ax_exclusions_read (path, &error);

  g_assert_no_error (error);
  g_assert_nonnull (
      ax_exclusions_find (exclusions, "tumor_110.tif", AX_EXCLUDE_LESIONS));
  g_assert_null (ax_exclusions_find (exclusions, "test_114", AX_EXCLUDE_SLIDE));
  g_assert_nonnull (
      ax_exclusions_find (exclusions, "Normal_086.tif", AX_EXCLUDE_SLIDE));
  g_assert_nonnull (
      ax_exclusions_find (exclusions, "Test_049.tif", AX_EXCLUDE_SLIDE));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/slide-labels/names", test_names);
  g_test_add_func ("/slide-labels/layouts", test_layouts);
  g_test_add_func ("/slide-labels/tumor", test_tumor);
  g_test_add_func ("/slide-labels/hostile", test_hostile_labels);
  g_test_add_func ("/exclusions/scopes", test_exclusions);
  g_test_add_func ("/exclusions/hostile", test_hostile_exclusions);
  g_test_add_func ("/exclusions/camelyon", test_camelyon_exclusions);
  return g_test_run ();
}
