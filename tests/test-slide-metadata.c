#include "core/slide/slide-metadata.h"

#include "tests/support/data.h"
#include "tests/support/expect-error.h"

/* @text: "name=value name=value" */
static GHashTable *
make_properties (const char *text)
{
  g_auto (GStrv) pairs = g_strsplit (text, " ", -1);
  GHashTable *properties
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (char **pair = pairs; *pair != NULL; pair++)
    {
      g_auto (GStrv) parts = g_strsplit (*pair, "=", 2);

      if (parts[0] != NULL && parts[1] != NULL)
        g_hash_table_insert (properties, g_strdup (parts[0]),
                             g_strdup (parts[1]));
    }
  return properties;
}

static void
test_mpp (void)
{
  static const struct
  {
    const char *text;
    double x, y; /* 0: unknown */
  } cases[] = {
    { "openslide.mpp-x=0.243 openslide.mpp-y=0.25", 0.243, 0.25 },
    { "openslide.mpp-x=0.243", 0, 0 },
    { "openslide.mpp-x=0 openslide.mpp-y=0", 0, 0 },
    { "openslide.mpp-x=nan openslide.mpp-y=0.25", 0, 0 },
    { "openslide.mpp-x=0,25 openslide.mpp-y=0,25", 0, 0 },
    { "openslide.mpp-x=250 openslide.mpp-y=250", 0, 0 },
    { "tiff.ResolutionUnit=centimeter tiff.XResolution=40000 "
      "tiff.YResolution=20000",
      0.25, 0.5 },
    { "tiff.ResolutionUnit=inch tiff.XResolution=101600 "
      "tiff.YResolution=101600",
      0.25, 0.25 },
    /* OpenSlide's come first. */
    { "openslide.mpp-x=0.3 openslide.mpp-y=0.3 tiff.ResolutionUnit=centimeter "
      "tiff.XResolution=40000 tiff.YResolution=40000",
      0.3, 0.3 },
    /* Printers' resolutions: 72, 96, 300 dpi. */
    { "tiff.ResolutionUnit=inch tiff.XResolution=72 tiff.YResolution=72", 0,
      0 },
    { "tiff.ResolutionUnit=inch tiff.XResolution=96 tiff.YResolution=96", 0,
      0 },
    { "tiff.ResolutionUnit=centimeter tiff.XResolution=118.11 "
      "tiff.YResolution=118.11",
      0, 0 },
    /* No unit, no meaning. */
    { "tiff.ResolutionUnit=none tiff.XResolution=40000 "
      "tiff.YResolution=40000",
      0, 0 },
    { "tiff.XResolution=40000 tiff.YResolution=40000", 0, 0 },
    { "tiff.ResolutionUnit=centimeter tiff.XResolution=40000", 0, 0 },
    { "", 0, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GHashTable) properties = make_properties (cases[i].text);
      AxScale mpp = { 0 };

      g_test_message ("%s", cases[i].text);
      g_assert_true (ax_slide_metadata_get_mpp (properties, &mpp)
                     == (cases[i].x > 0));
      g_assert_cmpfloat_with_epsilon (mpp.x, cases[i].x, 1e-12);
      g_assert_cmpfloat_with_epsilon (mpp.y, cases[i].y, 1e-12);
    }
}

static void
test_bounds (void)
{
  static const struct
  {
    const char *text;
    AxRect0 expected;
  } cases[] = {
    { "openslide.bounds-x=10 openslide.bounds-y=20 openslide.bounds-width=30 "
      "openslide.bounds-height=40",
      { 10, 20, 30, 40 } },
    { "openslide.bounds-x=90 openslide.bounds-y=-5 openslide.bounds-width=30 "
      "openslide.bounds-height=40",
      { 90, 0, 10, 35 } },
    { "openslide.bounds-x=10 openslide.bounds-y=20 openslide.bounds-width=30",
      { 0, 0, 100, 200 } },
    { "openslide.bounds-x=10 openslide.bounds-y=20 openslide.bounds-width=x "
      "openslide.bounds-height=40",
      { 0, 0, 100, 200 } },
    { "openslide.bounds-x=500 openslide.bounds-y=20 openslide.bounds-width=30 "
      "openslide.bounds-height=40",
      { 0, 0, 100, 200 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GHashTable) properties = make_properties (cases[i].text);
      AxRect0 bounds = ax_slide_metadata_get_bounds (
          properties, (AxRect0){ 0, 0, 100, 200 });

      g_assert_true (ax_rect0_equal (bounds, cases[i].expected));
    }
}

static void
test_scale (void)
{
  static const struct
  {
    gint64 base_width, base_height, width, height;
    double x, y;
  } cases[] = {
    { 1000, 800, 1000, 800, 1, 1 },
    /* patient_004_node_4 of CAMELYON17, level 8 */
    { 96651, 197226, 377, 770, 256, 256 },
    /* CMU-1: rounded down along one side only */
    { 46000, 32914, 11500, 8228, 4, 4 },
    { 4443, 3567, 2221, 1783, 2, 2 },
    { 300, 250, 37, 31, 8, 8 },
    /* rounded up */
    { 1001, 701, 501, 351, 2, 2 },
    /* whole, but no power of two */
    { 9001, 6000, 3000, 2000, 3, 3 },
    /* anything else is what it is */
    { 1000, 800, 700, 500, 1000. / 700, 1.6 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      AxSlideLevel base = { cases[i].base_width, cases[i].base_height };
      AxSlideLevel level = { cases[i].width, cases[i].height };
      double x = (double)base.width / level.width;
      double y = (double)base.height / level.height;
      AxScale scale = ax_slide_metadata_get_scale (&base, &level, (x + y) / 2);

      g_assert_cmpfloat (scale.x, ==, cases[i].x);
      g_assert_cmpfloat (scale.y, ==, cases[i].y);
    }
}

/* Philips pads its levels and states their scale. */
static void
test_stated_scale (void)
{
  AxSlideLevel base = { 97792, 221184 }, level = { 1024, 1536 };
  AxScale scale = ax_slide_metadata_get_scale (&base, &level, 128);

  g_assert_cmpfloat (scale.x, ==, 128);
  g_assert_cmpfloat (scale.y, ==, 128);
}

/* Worked out with sha256sum: eight bytes of size, then the content twice. */
static void
test_hash (void)
{
  g_autofree char *path = scratch_path ("hashed");
  g_autofree char *missing = scratch_path ("missing");
  g_autofree char *hash = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, "axilla\n", 7, NULL));
  hash = ax_slide_metadata_hash_file (path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (
      hash, ==,
      "5d6445b83d632e1f57c4fb9523dbcbac3fcc70fb619d188b4daa130d77e376f9");

  g_assert_null (ax_slide_metadata_hash_file (missing, &error));
  expect_error (&error, AX_ERROR_IO, "^/.*missing: No such file");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/slide-metadata/mpp", test_mpp);
  g_test_add_func ("/slide-metadata/bounds", test_bounds);
  g_test_add_func ("/slide-metadata/scale", test_scale);
  g_test_add_func ("/slide-metadata/stated-scale", test_stated_scale);
  g_test_add_func ("/slide-metadata/hash", test_hash);
  return g_test_run ();
}
