#include "core/slide/slide.h"

#include "tests/support/data.h"
#include "tests/support/expect-error.h"
#include "tests/support/slide-writer.h"

#include <glib/gstdio.h>
#include <openslide.h>

#include <string.h>
#include <unistd.h>

/* What OpenSlide asks of a Philips slide with two levels. */
#define PHILIPS_LEVEL(number, spacing)                                         \
  "<DataObject ObjectType='PixelDataRepresentation'>"                          \
  "<Attribute Name='PIIM_PIXEL_DATA_REPRESENTATION_NUMBER'>" number            \
  "</Attribute><Attribute Name='DICOM_PIXEL_SPACING'>\"" spacing               \
  "\" \"" spacing "\"</Attribute></DataObject>"
#define PHILIPS_XML                                                            \
  "<?xml version='1.0' encoding='UTF-8' ?><DataObject "                        \
  "ObjectType='DPUfsImport'><Attribute Name='PIM_DP_SCANNED_IMAGES'><Array>"   \
  "<DataObject ObjectType='DPScannedImage'>"                                   \
  "<Attribute Name='PIM_DP_IMAGE_TYPE'>WSI</Attribute>"                        \
  "<Attribute Name='DICOM_PIXEL_SPACING'>\"0.00025\" \"0.00025\"</Attribute>"  \
  "<Attribute "                                                                \
  "Name='PIIM_PIXEL_DATA_REPRESENTATION_SEQUENCE'><Array>" PHILIPS_LEVEL (     \
      "0", "0.00025")                                                          \
      PHILIPS_LEVEL ("1", "0.0005") "</Array></Attribute></DataObject></"      \
                                    "Array></Attribute></DataObject>"

/* A smooth picture that JPEG keeps well, different in every tile. */
static void
draw_waves (int level, gint64 x, gint64 y, int width, int height, guint8 *rgb,
            gpointer user_data)
{
  for (int i = 0; i < height; i++)
    for (int j = 0; j < width; j++)
      {
        gint64 u = (x + j) % 512, v = (y + i) % 512;

        *rgb++ = 100 + (u < 256 ? u : 511 - u) / 2;
        *rgb++ = 60 + (v < 256 ? v : 511 - v) / 2;
        *rgb++ = 120 + (x + j + y + i) % 1024 / 8;
      }
}

static AxSlide *
open_spec (const AxSlideSpec *spec, const char *name)
{
  g_autofree char *path = scratch_path (name);
  g_autoptr (GError) error = NULL;
  AxSlide *slide;

  ax_slide_spec_write (spec, path, &error);
  g_assert_no_error (error);
  slide = ax_slide_open (path, &error);
  g_assert_no_error (error);
  return slide;
}

static AxSlide *
open_data (const char *name)
{
  g_autofree char *path = data_path (name);
  g_autoptr (GError) error = NULL;
  AxSlide *slide;

  if (path == NULL)
    return NULL;
  slide = ax_slide_open (path, &error);
  g_assert_no_error (error);
  return slide;
}

static int
count (gint64 pixels, int tile)
{
  return (int)((pixels + tile - 1) / tile);
}

/* Compares a tile with OpenSlide's, bit by bit (both decode with
   libjpeg-turbo), and with white where that is transparent or the level ends.
 */
static void
assert_tile_is_openslides (AxSlide *slide, openslide_t *peer, int index,
                           int col, int row)
{
  const AxSlideLevel *level = ax_slide_get_level (slide, index);
  double downsample = openslide_get_level_downsample (peer, index);
  gsize n = (gsize)level->tile_width * level->tile_height;
  g_autofree guint32 *expected = g_new (guint32, n);
  guint n_wrong = 0;
  g_autoptr (GError) error = NULL;
  g_autoptr (AxTile) tile = ax_slide_read_tile (slide, index, col, row, &error);

  g_assert_no_error (error);
  g_assert_cmpint (tile->width, ==, level->tile_width);
  g_assert_cmpint (tile->height, ==, level->tile_height);
  openslide_read_region (peer, expected,
                         (gint64)(col * level->tile_width * downsample + 0.5),
                         (gint64)(row * level->tile_height * downsample + 0.5),
                         index, level->tile_width, level->tile_height);
  g_assert_cmpstr (openslide_get_error (peer), ==, NULL);
  for (gsize i = 0; i < n; i++)
    {
      gint64 x = col * level->tile_width + (gint64)(i % level->tile_width);
      gint64 y = row * level->tile_height + (gint64)(i / level->tile_width);
      gboolean inside
          = x < level->width && y < level->height && expected[i] != 0;

      n_wrong += tile->pixels[i] != (inside ? expected[i] : 0xFFFFFFFF);
    }
  g_assert_cmpuint (n_wrong, ==, 0);
}

/* Levels whose pixels OpenSlide can place exactly. */
static void
assert_level_is_openslides (AxSlide *slide, int index)
{
  openslide_t *peer = openslide_open (ax_slide_get_path (slide));
  const AxSlideLevel *level = ax_slide_get_level (slide, index);

  for (int row = 0; row < count (level->height, level->tile_height); row++)
    for (int col = 0; col < count (level->width, level->tile_width); col++)
      assert_tile_is_openslides (slide, peer, index, col, row);
  openslide_close (peer);
}

/* All tiles of a level side by side. */
typedef struct
{
  guint32 *pixels;
  gint64 width, height;
} Plane;

static Plane
read_plane (AxSlide *slide, int index)
{
  const AxSlideLevel *level = ax_slide_get_level (slide, index);
  int n_cols = count (level->width, level->tile_width);
  int n_rows = count (level->height, level->tile_height);
  Plane plane = { .width = (gint64)n_cols * level->tile_width,
                  .height = (gint64)n_rows * level->tile_height };

  plane.pixels = g_new (guint32, plane.width * plane.height);
  for (int row = 0; row < n_rows; row++)
    for (int col = 0; col < n_cols; col++)
      {
        g_autoptr (GError) error = NULL;
        g_autoptr (AxTile) tile
            = ax_slide_read_tile (slide, index, col, row, &error);

        g_assert_no_error (error);
        for (gint64 y = 0; y < tile->height; y++)
          memcpy (plane.pixels + (row * tile->height + y) * plane.width
                      + col * tile->width,
                  tile->pixels + y * tile->width, tile->stride);
      }
  return plane;
}

static guint32
plane_at (Plane plane, gint64 x, gint64 y)
{
  g_assert_true (x < plane.width && y < plane.height);
  return plane.pixels[y * plane.width + x];
}

static guint32
get_pixel (AxSlide *slide, int index, gint64 x, gint64 y)
{
  Plane plane = read_plane (slide, index);
  guint32 pixel = plane_at (plane, x, y);

  g_free (plane.pixels);
  return pixel;
}

static void
test_small_region (void)
{
  g_autoptr (AxSlide) slide = open_data ("slides/CMU-1-Small-Region.svs");
  g_autoptr (GError) error = NULL;
  const AxSlideLevel *level;
  AxScale mpp = { 0 };

  if (slide == NULL)
    return;
  level = ax_slide_get_level (slide, 0);
  g_assert_cmpstr (ax_slide_get_vendor (slide), ==, "aperio");
  g_assert_cmpint (ax_slide_get_n_levels (slide), ==, 1);
  g_assert_cmpint (level->width, ==, 2220);
  g_assert_cmpint (level->height, ==, 2967);
  g_assert_cmpint (level->tile_width, ==, 240);
  g_assert_true (ax_slide_has_fast_tiles (slide, 0));
  g_assert_true (ax_slide_get_mpp (slide, &mpp));
  g_assert_cmpfloat (mpp.x, ==, 0.499);
  g_assert_cmpfloat (mpp.y, ==, 0.499);
  g_assert_cmpfloat (ax_slide_get_objective (slide), ==, 20);
  g_assert_cmpstr (
      ax_slide_get_hash (slide), ==,
      "6335ea0e6cc54c2cba64bb265d3c713a50cd84484924e3a9c109558c13521d5c");
  g_assert_cmpstr (ax_slide_get_property (slide, "aperio.Date"), ==,
                   "12/29/09");
  g_assert_true (
      g_strv_contains (ax_slide_get_property_names (slide), "aperio.AppMag"));
  g_assert_true (ax_rect0_equal (ax_slide_get_bounds (slide),
                                 (AxRect0){ 0, 0, 2220, 2967 }));
  assert_level_is_openslides (slide, 0);
}

static void
test_associated (void)
{
  g_autoptr (AxSlide) slide = open_data ("slides/CMU-1-Small-Region.svs");
  static const struct
  {
    const char *name;
    int width, height;
  } expected[] = { { "label", 387, 463 },
                   { "macro", 1280, 431 },
                   { "thumbnail", 574, 768 } };
  g_autoptr (GError) error = NULL;

  if (slide == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autoptr (AxTile) image = NULL;

      g_assert_cmpstr (ax_slide_get_associated_names (slide)[i], ==,
                       expected[i].name);
      image = ax_slide_read_associated (slide, expected[i].name, &error);
      g_assert_no_error (error);
      g_assert_cmpint (image->width, ==, expected[i].width);
      g_assert_cmpint (image->height, ==, expected[i].height);
      g_assert_cmphex (image->pixels[0] >> 24, ==, 0xFF);
    }
  g_assert_null (ax_slide_read_associated (slide, "lid", &error));
  expect_error (&error, AX_ERROR_NOT_FOUND,
                "^/.*Region.svs: no associated image \"lid\"$");
}

/* SHA-256 of each level's packed RGB, as Pillow 9.4 reads the file. */
static void
assert_level_hash (AxSlide *slide, int index, const char *expected)
{
  const AxSlideLevel *level = ax_slide_get_level (slide, index);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  Plane plane = read_plane (slide, index);

  for (gint64 y = 0; y < level->height; y++)
    for (gint64 x = 0; x < level->width; x++)
      {
        guint32 pixel = plane_at (plane, x, y);

        g_checksum_update (checksum,
                           (const guint8[]){ pixel >> 16 & 0xFF,
                                             pixel >> 8 & 0xFF, pixel & 0xFF },
                           3);
      }
  g_assert_cmpstr (g_checksum_get_string (checksum), ==, expected);
  g_free (plane.pixels);
}

static void
test_boxes (void)
{
  g_autoptr (AxSlide) slide = open_data ("slides/boxes.tiff");
  static const char *const hashes[]
      = { "992e67f877e0c98d62d74820b6d02dd5603b0a95a01dad9ce035a30512ad4f09",
          "e92aa3c45bb26734d93effbd2088ebe25b39cd2e992baeec0bfa978f96e86195",
          "0d68bada8ee892b6178a31bbd2f5aa760aa03a447f34c6e3b60480e2d0f99b1d",
          "94847c5a7337ecc0977b703584ee27a9a466c76351601644be2c94dc752c4933" };
  AxScale mpp;

  if (slide == NULL)
    return;
  g_assert_cmpint (ax_slide_get_n_levels (slide), ==, 4);
  for (int i = 0; i < 4; i++)
    {
      const AxSlideLevel *level = ax_slide_get_level (slide, i);

      g_assert_cmpfloat (level->scale.x, ==, 1 << i);
      g_assert_cmpfloat (level->scale.y, ==, 1 << i);
      assert_level_hash (slide, i, hashes[i]);
    }
  /* 28.35 pixels per cm, the 72 dpi of a screen. */
  g_assert_false (ax_slide_get_mpp (slide, &mpp));
  g_assert_cmpfloat (ax_slide_get_objective (slide), ==, 0);
}

/* Levels smaller than a tile; each keeps every second pixel of the last. */
static void
test_patch (void)
{
  g_autoptr (AxSlide) slide = open_data ("slides/patch-8-level.tif");
  Plane base;

  if (slide == NULL)
    return;
  g_assert_cmpint (ax_slide_get_n_levels (slide), ==, 9);
  assert_level_is_openslides (slide, 0);
  base = read_plane (slide, 0);
  for (int i = 1; i < 9; i++)
    {
      Plane plane = read_plane (slide, i);

      for (gint64 y = 0; y < 256 >> i; y++)
        for (gint64 x = 0; x < 256 >> i; x++)
          g_assert_cmphex (plane_at (plane, x, y), ==,
                           plane_at (base, x << i, y << i));
      g_free (plane.pixels);
    }
  g_free (base.pixels);
}

static void
test_jpeg2000 (void)
{
  g_autoptr (AxSlide) slide = open_data ("slides/tcga-cr-7395-01a-01-ts1.svs");
  AxScale mpp;

  if (slide == NULL)
    return;
  g_assert_false (ax_slide_has_fast_tiles (slide, 0));
  g_assert_false (ax_slide_get_mpp (slide, &mpp));
  g_assert_cmpint (ax_slide_get_n_levels (slide), ==, 2);
  g_assert_cmpfloat (ax_slide_get_level (slide, 1)->scale.x, ==, 2);
  g_assert_cmpint (ax_slide_get_best_level (slide, 1.9), ==, 0);
  g_assert_cmpint (ax_slide_get_best_level (slide, 2), ==, 1);
  g_assert_cmphex (get_pixel (slide, 0, 0, 0), ==, 0xFFFFFFFF);
  g_assert_cmphex (get_pixel (slide, 0, 4442, 3566) >> 24, ==, 0xFF);
}

static void
test_ndpi (void)
{
  g_autoptr (AxSlide) slide = open_data ("slides/fluorescence-dapi.ndpi");
  AxScale mpp = { 0 };

  if (slide == NULL)
    return;
  g_assert_cmpstr (ax_slide_get_vendor (slide), ==, "hamamatsu");
  g_assert_cmpint (ax_slide_get_n_levels (slide), ==, 7);
  /* OpenSlide's own tiles are 3968 x 8. */
  g_assert_cmpint (ax_slide_get_level (slide, 0)->tile_width, ==, 512);
  g_assert_cmpint (ax_slide_get_level (slide, 0)->tile_height, ==, 512);
  g_assert_false (ax_slide_has_fast_tiles (slide, 0));
  g_assert_true (ax_slide_get_mpp (slide, &mpp));
  g_assert_cmpfloat_with_epsilon (mpp.x, 0.228175, 1e-6);
  assert_level_is_openslides (slide, 3);
}

/* Every coding, told and untold, shared tables and not, classic and big. */
static void
test_codings (void)
{
  static const struct
  {
    AxSlideCoding coding;
    AxSlideMarker marker;
    gboolean tagged_rgb;
  } cases[] = {
    { AX_SLIDE_JPEG, AX_SLIDE_MARKER_JFIF, FALSE },
    { AX_SLIDE_JPEG, AX_SLIDE_MARKER_NONE, FALSE },
    { AX_SLIDE_JPEG, AX_SLIDE_MARKER_ADOBE_YCBCR, FALSE },
    { AX_SLIDE_JPEG_444, AX_SLIDE_MARKER_JFIF, FALSE },
    { AX_SLIDE_JPEG_RGB, AX_SLIDE_MARKER_NONE, TRUE },
    { AX_SLIDE_JPEG_RGB, AX_SLIDE_MARKER_ADOBE_RGB, TRUE },
    /* The tag says one thing, the tile another: the tag is right. */
    { AX_SLIDE_JPEG_444, AX_SLIDE_MARKER_JFIF, TRUE },
    { AX_SLIDE_JPEG_444, AX_SLIDE_MARKER_NONE, TRUE },
    { AX_SLIDE_JPEG_444, AX_SLIDE_MARKER_ADOBE_YCBCR, TRUE },
    { AX_SLIDE_JPEG_444, AX_SLIDE_MARKER_ADOBE_RGB, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (int variant = 0; variant < 4; variant++)
      {
        AxSlideSpec spec = { .width = 600,
                             .height = 300,
                             .tile = 128,
                             .n_levels = 3,
                             .coding = cases[i].coding,
                             .marker = cases[i].marker,
                             .tagged_rgb = cases[i].tagged_rgb,
                             .shared_tables = variant % 2,
                             .big = variant / 2,
                             .pixels = draw_waves };
        g_autoptr (AxSlide) slide = open_spec (&spec, "coding.tif");

        for (int level = 0; level < 3; level++)
          {
            g_assert_true (ax_slide_has_fast_tiles (slide, level));
            assert_level_is_openslides (slide, level);
          }
      }
}

/* Tiles of 6912 bytes: no multiple of what libtiff's buffers are rounded to. */
static void
test_raw_is_exact (void)
{
  AxSlideSpec spec = { .width = 333,
                       .height = 290,
                       .tile = 48,
                       .n_levels = 1,
                       .coding = AX_SLIDE_RAW,
                       .mpp = 0.25,
                       .pixels = draw_waves };
  g_autoptr (AxSlide) slide = open_spec (&spec, "raw.tif");
  Plane plane = read_plane (slide, 0);
  AxScale mpp = { 0 };

  for (gint64 y = 0; y < plane.height; y++)
    for (gint64 x = 0; x < plane.width; x++)
      {
        guint8 rgb[3] = { 255, 255, 255 };

        if (x < 333 && y < 290)
          draw_waves (0, x, y, 1, 1, rgb, NULL);
        g_assert_cmphex (plane_at (plane, x, y), ==,
                         0xFF000000u | rgb[0] << 16 | rgb[1] << 8 | rgb[2]);
      }
  g_free (plane.pixels);
  g_assert_true (ax_slide_get_mpp (slide, &mpp));
  g_assert_cmpfloat_with_epsilon (mpp.x, 0.25, 1e-7);
}

static void
test_one_pixel (void)
{
  AxSlideSpec spec = { .width = 1, .height = 1, .pixels = draw_waves };
  g_autoptr (AxSlide) slide = open_spec (&spec, "pixel.tif");

  g_assert_cmpint (ax_slide_get_n_levels (slide), ==, 1);
  assert_level_is_openslides (slide, 0);
}

/* Philips pads its levels to whole tiles and says their scale in XML. */
static void
test_philips (void)
{
  AxSlideSpec spec
      = { .width = 1024,
          .height = 768,
          .n_levels = 2,
          .software = "Philips DP v1.0",
          .description = PHILIPS_XML,
          .damages = (AxSlideDamage[]){ { AX_SLIDE_DAMAGE_ABSENT, 0, 1, 1 } },
          .n_damages = 1,
          .pixels = draw_waves };
  g_autoptr (AxSlide) slide = open_spec (&spec, "philips.tiff");
  AxScale mpp = { 0 };

  g_assert_cmpstr (ax_slide_get_vendor (slide), ==, "philips");
  g_assert_true (ax_slide_get_mpp (slide, &mpp));
  g_assert_cmpfloat (mpp.x, ==, 0.25);
  g_assert_true (ax_slide_has_fast_tiles (slide, 1));
  assert_level_is_openslides (slide, 0);
  assert_level_is_openslides (slide, 1);
  g_assert_cmphex (get_pixel (slide, 0, 300, 300), ==, 0xFFFFFFFF);
}

static void
test_absent_tile_is_white (void)
{
  AxSlideSpec spec
      = { .width = 600,
          .height = 600,
          .n_levels = 2,
          .damages = (AxSlideDamage[]){ { AX_SLIDE_DAMAGE_ABSENT, 0, 1, 0 } },
          .n_damages = 1,
          .pixels = draw_waves };
  g_autoptr (AxSlide) slide = open_spec (&spec, "sparse.tif");

  g_assert_cmphex (get_pixel (slide, 0, 256, 0), ==, 0xFFFFFFFF);
  g_assert_cmphex (get_pixel (slide, 0, 511, 255), ==, 0xFFFFFFFF);
  g_assert_cmphex (get_pixel (slide, 0, 255, 0), !=, 0xFFFFFFFF);
}

/* OpenSlide draws it from the level before. */
static void
test_absent_aperio_tile (void)
{
  AxSlideSpec spec
      = { .width = 1024,
          .height = 512,
          .n_levels = 2,
          .description = "Aperio Image Library v1\r\n1024x512",
          .damages = (AxSlideDamage[]){ { AX_SLIDE_DAMAGE_ABSENT, 1, 1, 0 } },
          .n_damages = 1,
          .pixels = draw_waves };
  g_autoptr (AxSlide) slide = open_spec (&spec, "aperio.svs");

  g_assert_cmpstr (ax_slide_get_vendor (slide), ==, "aperio");
  assert_level_is_openslides (slide, 1);
  g_assert_cmphex (get_pixel (slide, 1, 300, 100), !=, 0xFFFFFFFF);
}

static void
test_damaged_tiles (void)
{
  static const struct
  {
    AxSlideDamageKind kind;
    const char *regex;
  } cases[] = {
    { AX_SLIDE_DAMAGE_GARBAGE,
      "^/.*cut.tif: level 0, tile \\(1, 2\\): .*JPEG" },
    { AX_SLIDE_DAMAGE_CUT, "tile \\(1, 2\\): .*[Pp]remature end" },
    { AX_SLIDE_DAMAGE_BEYOND_END, "tile \\(1, 2\\): .*beyond the end" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      AxSlideDamage damage = { cases[i].kind, 0, 1, 2 };
      AxSlideSpec spec = { .width = 800,
                           .height = 800,
                           .damages = &damage,
                           .n_damages = 1,
                           .pixels = draw_waves };
      g_autoptr (AxSlide) slide = open_spec (&spec, "cut.tif");
      openslide_t *peer = openslide_open (ax_slide_get_path (slide));
      g_autoptr (GError) error = NULL;

      for (int round = 0; round < 2; round++)
        {
          g_assert_null (ax_slide_read_tile (slide, 0, 1, 2, &error));
          expect_error (&error, AX_ERROR_CORRUPT, cases[i].regex);
        }
      for (int row = 0; row < 2; row++)
        for (int col = 0; col < 4; col++)
          assert_tile_is_openslides (slide, peer, 0, col, row);
      openslide_close (peer);
    }
}

static void
test_file_that_shrinks (void)
{
  AxSlideSpec spec = { .width = 800, .height = 800, .pixels = draw_waves };
  g_autoptr (AxSlide) slide = open_spec (&spec, "shrinks.tif");
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (truncate (ax_slide_get_path (slide), 100), ==, 0);
  g_assert_null (ax_slide_read_tile (slide, 0, 1, 1, &error));
  expect_error (&error, AX_ERROR_IO, "shrinks.tif: level 0.*has shrunk");
}

static void
test_unreadable_svs (void)
{
  g_autoptr (AxSlide) slide = open_data ("slides/unreadable.svs");
  g_autoptr (GError) error = NULL;

  if (slide == NULL)
    return;
  g_assert_null (ax_slide_read_tile (slide, 0, 0, 0, &error));
  expect_error (&error, AX_ERROR_CORRUPT,
                "^/.*unreadable.svs: level 0, tile \\(0, 0\\): ");
}

static void
test_bad_files (void)
{
  static const struct
  {
    const char *name;
    const char *content; /* NULL: not written */
    AxErrorCode code;
    const char *regex;
  } cases[] = {
    { "missing.tif", NULL, AX_ERROR_IO, "^/.*missing.tif: No such file" },
    { ".", NULL, AX_ERROR_IO, "^/.*: a folder, not a slide$" },
    { "empty.tif", "", AX_ERROR_FORMAT, "^/.*empty.tif: the file is empty$" },
    { "text.svs", "Dear colleague,\n", AX_ERROR_FORMAT,
      "^/.*text.svs: not a slide" },
    { "header.tif", "II*", AX_ERROR_FORMAT, "^/.*header.tif: not a slide" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = scratch_path (cases[i].name);
      g_autoptr (GError) error = NULL;

      if (cases[i].content != NULL)
        g_assert_true (g_file_set_contents (path, cases[i].content, -1, NULL));
      g_assert_null (ax_slide_open (path, &error));
      expect_error (&error, cases[i].code, cases[i].regex);
    }
}

static void
test_cut_file (void)
{
  AxSlideSpec spec = { .width = 800, .height = 800, .pixels = draw_waves };
  g_autofree char *path = scratch_path ("short.tif");
  g_autoptr (GError) error = NULL;

  g_assert_true (ax_slide_spec_write (&spec, path, NULL));
  g_assert_cmpint (truncate (path, 20000), ==, 0);
  g_assert_null (ax_slide_open (path, &error));
  expect_error (&error, AX_ERROR_FORMAT, "^/.*short.tif: not a slide");
}

static void
test_unopenable (void)
{
  g_autofree char *path = data_path ("slides/unopenable.tiff");
  g_autoptr (GError) error = NULL;

  if (path == NULL)
    return;
  g_assert_null (ax_slide_open (path, &error));
  expect_error (&error, AX_ERROR_FORMAT,
                "^/.*unopenable.tiff: .*compression: 52479");
}

static guint64
get_tile_id (int level, gint64 col, gint64 row, gpointer user_data)
{
  return (col + 3 * row) % 20;
}

static void
draw_tile_id (int level, gint64 x, gint64 y, int width, int height, guint8 *rgb,
              gpointer user_data)
{
  guint64 id = get_tile_id (level, x / width, y / height, NULL);

  memset (rgb, (int)(10 * id), 3 * (gsize)width * height);
}

/* 20 gigapixels, its far corner included. */
static void
test_giant (void)
{
  AxSlideSpec spec = { .width = 200000,
                       .height = 100000,
                       .tile = 512,
                       .big = TRUE,
                       .mpp = 0.243,
                       .pixels = draw_tile_id,
                       .tile_id = get_tile_id };
  g_autoptr (AxSlide) slide = open_spec (&spec, "giant.tif");
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (ax_slide_get_n_levels (slide), ==, 10);
  g_assert_cmpfloat (ax_slide_get_level (slide, 9)->scale.x, ==, 512);
  for (int i = 0; i < 10; i++)
    {
      const AxSlideLevel *level = ax_slide_get_level (slide, i);
      int col = count (level->width, 512) - 1;
      int row = count (level->height, 512) - 1;
      g_autoptr (AxTile) tile = ax_slide_read_tile (slide, i, col, row, &error);
      guint8 value = (guint8)(10 * get_tile_id (i, col, row, NULL));

      g_assert_no_error (error);
      g_assert_true (ax_slide_has_fast_tiles (slide, i));
      g_assert_cmpint (ABS ((int)(tile->pixels[0] & 0xFF) - value), <=, 1);
    }
}

typedef struct
{
  AxSlide *slide;
  int first;
  guint n_damaged;
} Reader;

static gpointer
reader_thread (gpointer data)
{
  Reader *reader = data;

  for (int i = 0; i < 16; i++)
    {
      int at = (reader->first + i) % 16;
      g_autoptr (GError) error = NULL;
      g_autoptr (AxTile) tile
          = ax_slide_read_tile (reader->slide, 0, at % 4, at / 4, &error);

      if (tile == NULL)
        {
          g_assert_error (error, AX_ERROR, AX_ERROR_CORRUPT);
          g_assert_cmpint (at, ==, 6);
          reader->n_damaged++;
        }
    }
  return NULL;
}

static void
test_threads (void)
{
  AxSlideSpec spec
      = { .width = 512,
          .height = 512,
          .tile = 128,
          .damages = (AxSlideDamage[]){ { AX_SLIDE_DAMAGE_GARBAGE, 0, 2, 1 } },
          .n_damages = 1,
          .pixels = draw_waves };
  g_autoptr (AxSlide) slide = open_spec (&spec, "threads.tif");
  Reader readers[4];
  GThread *threads[4];

  for (int i = 0; i < 4; i++)
    {
      readers[i] = (Reader){ slide, 4 * i, 0 };
      threads[i] = g_thread_new ("reader", reader_thread, &readers[i]);
    }
  for (int i = 0; i < 4; i++)
    {
      g_thread_join (threads[i]);
      g_assert_cmpuint (readers[i].n_damaged, ==, 1);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/slide/small-region", test_small_region);
  g_test_add_func ("/slide/associated", test_associated);
  g_test_add_func ("/slide/boxes", test_boxes);
  g_test_add_func ("/slide/patch", test_patch);
  g_test_add_func ("/slide/jpeg2000", test_jpeg2000);
  g_test_add_func ("/slide/ndpi", test_ndpi);
  g_test_add_func ("/slide/codings", test_codings);
  g_test_add_func ("/slide/raw-is-exact", test_raw_is_exact);
  g_test_add_func ("/slide/one-pixel", test_one_pixel);
  g_test_add_func ("/slide/philips", test_philips);
  g_test_add_func ("/slide/absent-tile", test_absent_tile_is_white);
  g_test_add_func ("/slide/absent-aperio-tile", test_absent_aperio_tile);
  g_test_add_func ("/slide/damaged-tiles", test_damaged_tiles);
  g_test_add_func ("/slide/file-that-shrinks", test_file_that_shrinks);
  g_test_add_func ("/slide/unreadable-svs", test_unreadable_svs);
  g_test_add_func ("/slide/bad-files", test_bad_files);
  g_test_add_func ("/slide/cut-file", test_cut_file);
  g_test_add_func ("/slide/unopenable", test_unopenable);
  g_test_add_func ("/slide/giant", test_giant);
  g_test_add_func ("/slide/threads", test_threads);
  return g_test_run ();
}
