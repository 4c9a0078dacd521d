#include "core/slide/image.h"

#include "tests/support/data.h"
#include "tests/support/expect-error.h"

#include <png.h>
#include <tiffio.h>
#include <turbojpeg.h>

#include <string.h>
#include <unistd.h>

#define MAX_PIXELS (1 << 24)

static AxImage *
load (const char *path)
{
  g_autoptr (GError) error = NULL;
  AxImage *image = ax_image_load (path, MAX_PIXELS, &error);

  g_assert_no_error (error);
  return image;
}

static void
assert_kind (const AxImage *image, int width, int height, int n_channels,
             AxSampleType type)
{
  g_assert_cmpint (image->width, ==, width);
  g_assert_cmpint (image->height, ==, height);
  g_assert_cmpint (image->n_channels, ==, n_channels);
  g_assert_cmpint (image->type, ==, type);
}

/* (transfer full): where a PNG of @format was written. */
static char *
write_png (const char *name, guint32 format, int width, int height,
           const void *samples)
{
  png_image png = { .version = PNG_IMAGE_VERSION,
                    .width = width,
                    .height = height,
                    .format = format };
  char *path = scratch_path (name);

  g_assert_true (png_image_write_to_file (&png, path, 0, samples, 0, NULL)
                 != 0);
  return path;
}

static void
test_png_round_trip (void)
{
  g_autofree char *path = scratch_path ("round.png");

  for (int n_channels = 1; n_channels <= 3; n_channels += 2)
    {
      g_autoptr (AxImage) image
          = ax_image_new (7, 5, n_channels, AX_SAMPLE_U8, NULL);
      g_autoptr (AxImage) back = NULL, rgb = NULL;
      g_autoptr (GError) error = NULL;
      guint8 *samples = image->data;

      for (int i = 0; i < 35 * n_channels; i++)
        samples[i] = (guint8)(i * 37);
      g_assert_true (ax_image_save_png (image, path, &error));
      g_assert_no_error (error);
      back = load (path);
      assert_kind (back, 7, 5, n_channels, AX_SAMPLE_U8);
      g_assert_cmpmem (back->data, 35 * n_channels, samples, 35 * n_channels);

      rgb = ax_image_load_rgb (path, MAX_PIXELS, &error);
      g_assert_no_error (error);
      assert_kind (rgb, 7, 5, 3, AX_SAMPLE_U8);
      for (int i = 0; i < 105; i++)
        g_assert_cmpint (((guint8 *)rgb->data)[i], ==,
                         samples[n_channels == 3 ? i : i / 3]);
    }
}

/* Alpha a over white: (c * a + 255 * (255 - a)) / 255. */
static void
test_png_alpha (void)
{
  static const guint8 rgba[] = { 100, 0,  255, 128, /**/
                                 10,  20, 30,  0,   /**/
                                 10,  20, 30,  255 };
  static const guint8 expected[] = { 177, 127, 255, 255, 255, 255, 10, 20, 30 };
  static const guint8 grey_alpha[] = { 0, 51, 200, 255 };
  g_autofree char *path = write_png ("alpha.png", PNG_FORMAT_RGBA, 3, 1, rgba);
  g_autofree char *grey_path
      = write_png ("grey-alpha.png", PNG_FORMAT_GA, 2, 1, grey_alpha);
  g_autoptr (AxImage) image = load (path);
  g_autoptr (AxImage) grey = load (grey_path);

  assert_kind (image, 3, 1, 3, AX_SAMPLE_U8);
  for (int i = 0; i < 9; i++)
    g_assert_cmpint (ABS (((guint8 *)image->data)[i] - expected[i]), <=, 1);
  assert_kind (grey, 2, 1, 1, AX_SAMPLE_U8);
  g_assert_cmpint (ABS (((guint8 *)grey->data)[0] - 204), <=, 1);
  g_assert_cmpint (((guint8 *)grey->data)[1], ==, 200);
}

static void
test_png_16_bits (void)
{
  static const guint16 samples[] = { 0, 1, 255, 256, 40000, 65535 };
  g_autofree char *path
      = write_png ("deep.png", PNG_FORMAT_LINEAR_Y, 3, 2, samples);
  g_autoptr (AxImage) image = load (path);
  g_autoptr (AxImage) rgb = ax_image_load_rgb (path, MAX_PIXELS, NULL);

  assert_kind (image, 3, 2, 1, AX_SAMPLE_U16);
  g_assert_cmpmem (image->data, 12, samples, 12);
  g_assert_cmpint (((guint8 *)rgb->data)[3 * 4], ==, 40000 >> 8);
}

static void
test_png_of_slide (void)
{
  g_autofree char *path = data_path ("slides/boxes.png");
  g_autoptr (AxImage) image = NULL;

  if (path == NULL)
    return;
  image = load (path); /* a palette */
  assert_kind (image, 300, 250, 3, AX_SAMPLE_U8);
}

static char *
write_jpeg (const char *name, int pixel_format, int subsampling,
            const guint8 *pixels)
{
  tjhandle handle = tjInitCompress ();
  guint8 *jpeg = NULL;
  unsigned long n_bytes = 0;
  char *path = scratch_path (name);

  g_assert_cmpint (tjCompress2 (handle, pixels, 16, 0, 16, pixel_format, &jpeg,
                                &n_bytes, subsampling, 95, 0),
                   ==, 0);
  g_assert_true (g_file_set_contents (path, (char *)jpeg, n_bytes, NULL));
  tjFree (jpeg);
  tjDestroy (handle);
  return path;
}

static void
test_jpeg (void)
{
  guint8 rgb[16 * 16 * 3], grey[16 * 16];
  g_autofree char *path = NULL, *grey_path = NULL;
  g_autoptr (AxImage) image = NULL, grey_image = NULL;

  for (int i = 0; i < 256; i++)
    {
      memcpy (rgb + 3 * i, (guint8[]){ 200, 90, 160 }, 3);
      grey[i] = (guint8)(i / 16 * 10);
    }
  path = write_jpeg ("colour.jpg", TJPF_RGB, TJSAMP_420, rgb);
  image = load (path);
  assert_kind (image, 16, 16, 3, AX_SAMPLE_U8);
  for (int i = 0; i < 768; i++)
    g_assert_cmpint (ABS (((guint8 *)image->data)[i] - rgb[i]), <=, 2);

  grey_path = write_jpeg ("grey.jpg", TJPF_GRAY, TJSAMP_GRAY, grey);
  grey_image = load (grey_path);
  assert_kind (grey_image, 16, 16, 1, AX_SAMPLE_U8);
  for (int i = 0; i < 256; i++)
    g_assert_cmpint (ABS (((guint8 *)grey_image->data)[i] - grey[i]), <=, 3);
}

typedef struct
{
  int bits, format, n_samples, tile; /* tile 0: strips */
  int compression;
} TiffKind;

/* Writes 40 x 24 samples, of which number i is i times 3 in its own type. */
static char *
write_tiff (const char *name, TiffKind kind)
{
  char *path = scratch_path (name);
  TIFF *tiff = TIFFOpen (path, "w");
  gsize bytes = kind.bits / 8 * kind.n_samples;
  g_autofree guint8 *samples = g_malloc (40 * 24 * bytes);

  for (int i = 0; i < 40 * 24 * kind.n_samples; i++)
    if (kind.format == SAMPLEFORMAT_IEEEFP)
      ((float *)samples)[i] = i * 3;
    else if (kind.bits == 16)
      ((guint16 *)samples)[i] = (guint16)(i * 3);
    else
      samples[i] = (guint8)(i * 3);

  TIFFSetField (tiff, TIFFTAG_IMAGEWIDTH, 40);
  TIFFSetField (tiff, TIFFTAG_IMAGELENGTH, 24);
  TIFFSetField (tiff, TIFFTAG_BITSPERSAMPLE, kind.bits);
  TIFFSetField (tiff, TIFFTAG_SAMPLEFORMAT, kind.format);
  TIFFSetField (tiff, TIFFTAG_SAMPLESPERPIXEL, kind.n_samples);
  TIFFSetField (tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField (tiff, TIFFTAG_COMPRESSION, kind.compression);
  TIFFSetField (tiff, TIFFTAG_PHOTOMETRIC,
                kind.n_samples == 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK);
  if (kind.tile == 0)
    for (int y = 0; y < 24; y++)
      TIFFWriteScanline (tiff, samples + y * 40 * bytes, y, 0);
  else
    {
      g_autofree guint8 *tile = g_malloc0 (kind.tile * kind.tile * bytes);

      TIFFSetField (tiff, TIFFTAG_TILEWIDTH, kind.tile);
      TIFFSetField (tiff, TIFFTAG_TILELENGTH, kind.tile);
      for (int y = 0; y < 24; y += kind.tile)
        for (int x = 0; x < 40; x += kind.tile)
          {
            for (int i = 0; i < MIN (kind.tile, 24 - y); i++)
              memcpy (tile + i * kind.tile * bytes,
                      samples + ((y + i) * 40 + x) * bytes,
                      MIN (kind.tile, 40 - x) * bytes);
            TIFFWriteTile (tiff, tile, x, y, 0, 0);
          }
    }
  TIFFClose (tiff);
  return path;
}

static void
test_tiff (void)
{
  static const struct
  {
    TiffKind kind;
    AxSampleType type;
  } cases[] = {
    { { 8, SAMPLEFORMAT_UINT, 1, 0, COMPRESSION_NONE }, AX_SAMPLE_U8 },
    { { 8, SAMPLEFORMAT_UINT, 1, 16, COMPRESSION_LZW }, AX_SAMPLE_U8 },
    { { 8, SAMPLEFORMAT_UINT, 3, 0, COMPRESSION_LZW }, AX_SAMPLE_U8 },
    { { 8, SAMPLEFORMAT_UINT, 3, 16, COMPRESSION_NONE }, AX_SAMPLE_U8 },
    { { 8, SAMPLEFORMAT_UINT, 3, 0, COMPRESSION_NONE }, AX_SAMPLE_U8 },
    { { 16, SAMPLEFORMAT_UINT, 1, 0, COMPRESSION_LZW }, AX_SAMPLE_U16 },
    { { 16, SAMPLEFORMAT_UINT, 1, 16, COMPRESSION_NONE }, AX_SAMPLE_U16 },
    { { 32, SAMPLEFORMAT_IEEEFP, 1, 0, COMPRESSION_NONE }, AX_SAMPLE_F32 },
    { { 32, SAMPLEFORMAT_IEEEFP, 1, 32, COMPRESSION_LZW }, AX_SAMPLE_F32 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      TiffKind kind = cases[i].kind;
      g_autofree char *path = write_tiff ("picture.tif", kind);
      g_autoptr (AxImage) image = load (path);

      assert_kind (image, 40, 24, kind.n_samples, cases[i].type);
      for (int j = 0; j < 40 * 24 * kind.n_samples; j++)
        if (image->type == AX_SAMPLE_U8)
          g_assert_cmpint (((guint8 *)image->data)[j], ==, (guint8)(j * 3));
        else if (image->type == AX_SAMPLE_U16)
          g_assert_cmpint (((guint16 *)image->data)[j], ==, j * 3);
        else
          g_assert_cmpfloat (((float *)image->data)[j], ==, j * 3);
    }
}

static void
test_too_large (void)
{
  g_autoptr (AxImage) image = ax_image_new (9, 7, 1, AX_SAMPLE_U8, NULL);
  g_autofree char *path = scratch_path ("large.png");
  g_autofree char *tiff = write_tiff (
      "large.tif", (TiffKind){ 8, SAMPLEFORMAT_UINT, 1, 0, COMPRESSION_NONE });
  g_autoptr (GError) error = NULL;

  g_assert_true (ax_image_save_png (image, path, NULL));
  g_assert_null (ax_image_load (path, 62, &error));
  expect_error (&error, AX_ERROR_LIMIT,
                "^/.*large.png: 9 x 7 pixels, more than the 62 allowed$");
  g_assert_null (ax_image_load (tiff, 62, &error));
  expect_error (&error, AX_ERROR_LIMIT, "^/.*large.tif: 40 x 24 pixels");
}

static void
test_bad_files (void)
{
  static const struct
  {
    const char *name, *content;
    gssize n_bytes;
    AxErrorCode code;
    const char *regex;
  } cases[] = {
    { "absent.png", NULL, 0, AX_ERROR_IO, "^/.*absent.png: .*No such file" },
    { ".", NULL, 0, AX_ERROR_IO, "^/.*: is a folder$" },
    { "empty.png", "", 0, AX_ERROR_FORMAT, "^/.*empty.png: is empty$" },
    { "text.png", "Dear", 4, AX_ERROR_FORMAT, "not a JPEG, PNG or TIFF$" },
    { "cut.png", "\x89PNG\r\n\x1a\n\0\0", 10, AX_ERROR_FORMAT,
      "^/.*cut.png: damaged PNG: " },
    { "cut.jpg", "\xff\xd8\xff\xe0", 4, AX_ERROR_FORMAT,
      "^/.*cut.jpg: not a readable JPEG" },
    { "cut.tif", "II*\0\x08\0\0\0", 8, AX_ERROR_FORMAT,
      "^/.*cut.tif: not a readable TIFF" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = scratch_path (cases[i].name);
      g_autoptr (GError) error = NULL;

      if (cases[i].content != NULL)
        g_assert_true (g_file_set_contents (path, cases[i].content,
                                            cases[i].n_bytes, NULL));
      g_assert_null (ax_image_load (path, MAX_PIXELS, &error));
      expect_error (&error, cases[i].code, cases[i].regex);
    }
}

/* Good files without their second half. */
static void
test_cut_files (void)
{
  g_autoptr (AxImage) image = ax_image_new (64, 64, 3, AX_SAMPLE_U8, NULL);
  guint8 noise[16 * 16 * 3];
  g_autofree char *png = scratch_path ("half.png");
  g_autofree char *jpeg = NULL;
  g_autofree char *tiff
      = write_tiff ("half.tif", (TiffKind){ 32, SAMPLEFORMAT_IEEEFP, 1, 16,
                                            COMPRESSION_NONE });
  const char *paths[3];
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 64 * 64 * 3; i++)
    ((guint8 *)image->data)[i] = (guint8)(i * i % 251);
  memcpy (noise, image->data, sizeof noise);
  g_assert_true (ax_image_save_png (image, png, NULL));
  jpeg = write_jpeg ("half.jpg", TJPF_RGB, TJSAMP_444, noise);
  paths[0] = png;
  paths[1] = jpeg;
  paths[2] = tiff;
  for (int i = 0; i < 3; i++)
    {
      g_autofree char *content = NULL;
      gsize n_bytes;

      g_assert_true (g_file_get_contents (paths[i], &content, &n_bytes, NULL));
      g_assert_cmpint (truncate (paths[i], n_bytes * 4 / 5), ==, 0);
      g_assert_null (ax_image_load (paths[i], MAX_PIXELS, &error));
      expect_error (&error, AX_ERROR_FORMAT, "^/.*half\\.(png|jpg|tif): .");
    }
}

static void
test_save_errors (void)
{
  g_autoptr (AxImage) image = ax_image_new (2, 2, 1, AX_SAMPLE_U8, NULL);
  g_autofree char *path = scratch_path ("no-such-folder/mask.png");
  g_autoptr (GError) error = NULL;

  g_assert_false (ax_image_save_png (image, path, &error));
  expect_error (&error, AX_ERROR_IO, "^/.*no-such-folder/mask.png: ");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/image/png-round-trip", test_png_round_trip);
  g_test_add_func ("/image/png-alpha", test_png_alpha);
  g_test_add_func ("/image/png-16-bits", test_png_16_bits);
  g_test_add_func ("/image/png-of-slide", test_png_of_slide);
  g_test_add_func ("/image/jpeg", test_jpeg);
  g_test_add_func ("/image/tiff", test_tiff);
  g_test_add_func ("/image/too-large", test_too_large);
  g_test_add_func ("/image/bad-files", test_bad_files);
  g_test_add_func ("/image/cut-files", test_cut_files);
  g_test_add_func ("/image/save-errors", test_save_errors);
  return g_test_run ();
}
