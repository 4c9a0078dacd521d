#include "core/slide/image.h"

#include "core/base/error.h"
#include "core/base/output.h"

#include <png.h>
#include <stdio.h>
#include <string.h>
#include <tiffio.h>
#include <turbojpeg.h>

static gsize
sample_bytes (AxSampleType type)
{
  switch (type)
    {
    case AX_SAMPLE_U8:
      return 1;
    case AX_SAMPLE_U16:
      return 2;
    default:
      return 4;
    }
}

static gboolean
check_size (const char *path, gint64 width, gint64 height, gint64 max_pixels,
            GError **error)
{
  if (width > 0 && height > 0 && width <= G_MAXINT && height <= G_MAXINT
      && width <= max_pixels / height)
    return TRUE;
  g_set_error (error, AX_ERROR, AX_ERROR_LIMIT,
               "%s: %" G_GINT64_FORMAT " x %" G_GINT64_FORMAT
               " pixels, more than the %" G_GINT64_FORMAT " allowed",
               path, width, height, max_pixels);
  return FALSE;
}

static void
set_format_error (GError **error, const char *path, const char *why)
{
  g_set_error (error, AX_ERROR, AX_ERROR_FORMAT, "%s: %s", path, why);
}

AxImage *
ax_image_new (int width, int height, int n_channels, AxSampleType type,
              GError **error)
{
  AxImage *self;
  gpointer data;

  g_return_val_if_fail (width > 0 && height > 0, NULL);
  g_return_val_if_fail (n_channels == 1 || n_channels == 3, NULL);
  data = g_try_malloc0_n ((gsize)width * height,
                          n_channels * sample_bytes (type));
  if (data == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "no memory for a picture of %d x %d pixels", width, height);
      return NULL;
    }
  self = g_new0 (AxImage, 1);
  *self = (AxImage){ .width = width,
                     .height = height,
                     .n_channels = n_channels,
                     .type = type,
                     .data = data };
  return self;
}

void
ax_image_free (AxImage *self)
{
  if (self == NULL)
    return;
  g_free (self->data);
  g_free (self);
}

/* JPEG */

static AxImage *
load_jpeg (const char *path, const guint8 *bytes, gsize n_bytes,
           gint64 max_pixels, GError **error)
{
  tjhandle handle = tjInitDecompress ();
  int width = 0, height = 0, subsampling = 0, space = 0;
  gboolean is_grey;
  AxImage *image = NULL;

  if (handle == NULL
      || tjDecompressHeader3 (handle, bytes, n_bytes, &width, &height,
                              &subsampling, &space)
             != 0)
    set_format_error (error, path, "not a readable JPEG");
  else if (check_size (path, width, height, max_pixels, error))
    {
      is_grey = space == TJCS_GRAY;
      image
          = ax_image_new (width, height, is_grey ? 1 : 3, AX_SAMPLE_U8, error);
      if (image != NULL
          && tjDecompress2 (handle, bytes, n_bytes, image->data, width, 0,
                            height, is_grey ? TJPF_GRAY : TJPF_RGB, 0)
                 != 0)
        {
          g_set_error (error, AX_ERROR, AX_ERROR_FORMAT, "%s: damaged JPEG: %s",
                       path, tjGetErrorStr2 (handle));
          g_clear_pointer (&image, ax_image_free);
        }
    }
  if (handle != NULL)
    tjDestroy (handle);
  return image;
}

/* PNG.  libpng leaves by longjmp, so what it must not lose lives here. */

typedef struct
{
  const guint8 *bytes;
  gsize n_bytes, at;
  png_structp png;
  png_infop info;
  png_bytep *rows;
  AxImage *image;
  GError *error;
  const char *path;
} PngReader;

static void
png_read (png_structp png, png_bytep out, size_t n)
{
  PngReader *reader = png_get_io_ptr (png);

  if (n > reader->n_bytes - reader->at)
    png_error (png, "ends too early");
  memcpy (out, reader->bytes + reader->at, n);
  reader->at += n;
}

static void
on_png_error (png_structp png, const char *message)
{
  PngReader *reader = png_get_error_ptr (png);

  if (reader->error == NULL)
    g_set_error (&reader->error, AX_ERROR, AX_ERROR_FORMAT,
                 "%s: damaged PNG: %s", reader->path, message);
  png_longjmp (png, 1);
}

static void
on_png_warning (png_structp png, const char *message)
{
}

/* Asks libpng for 1 or 3 channels of 8 or 16 bits, alpha on white. */
static void
set_png_transformations (PngReader *reader)
{
  png_structp png = reader->png;
  png_color_16 white = { 0, 0xffff, 0xffff, 0xffff, 0xffff };
  int color = png_get_color_type (png, reader->info);

  png_set_expand (png);
  if (color & PNG_COLOR_MASK_ALPHA
      || png_get_valid (png, reader->info, PNG_INFO_tRNS))
    png_set_background (png, &white, PNG_BACKGROUND_GAMMA_SCREEN, 0, 1.0);
  if (G_BYTE_ORDER == G_LITTLE_ENDIAN
      && png_get_bit_depth (png, reader->info) == 16)
    png_set_swap (png);
  png_set_interlace_handling (png);
  png_read_update_info (png, reader->info);
}

static void
read_png (PngReader *reader, gint64 max_pixels)
{
  png_structp png = reader->png;
  int width, height, n_channels, depth;

  png_set_read_fn (png, reader, png_read);
  png_read_info (png, reader->info);
  width = (int)png_get_image_width (png, reader->info);
  height = (int)png_get_image_height (png, reader->info);
  if (!check_size (reader->path, width, height, max_pixels, &reader->error))
    return;
  set_png_transformations (reader);
  depth = png_get_bit_depth (png, reader->info);
  n_channels = png_get_channels (png, reader->info);
  if (n_channels != 1 && n_channels != 3)
    png_error (png, "neither grey nor RGB");
  reader->image = ax_image_new (width, height, n_channels,
                                depth == 16 ? AX_SAMPLE_U16 : AX_SAMPLE_U8,
                                &reader->error);
  if (reader->image == NULL)
    return;
  reader->rows = g_new (png_bytep, height);
  for (int y = 0; y < height; y++)
    reader->rows[y] = (png_bytep)reader->image->data
                      + (gsize)y * width * n_channels * (depth / 8);
  png_read_image (png, reader->rows);
}

static AxImage *
load_png (const char *path, const guint8 *bytes, gsize n_bytes,
          gint64 max_pixels, GError **error)
{
  PngReader reader = { .bytes = bytes, .n_bytes = n_bytes, .path = path };

  reader.png = png_create_read_struct (PNG_LIBPNG_VER_STRING, &reader,
                                       on_png_error, on_png_warning);
  reader.info = png_create_info_struct (reader.png);
  if (setjmp (png_jmpbuf (reader.png)) == 0)
    read_png (&reader, max_pixels);
  png_destroy_read_struct (&reader.png, &reader.info, NULL);
  g_free (reader.rows);
  if (reader.error != NULL)
    {
      g_clear_pointer (&reader.image, ax_image_free);
      g_propagate_error (error, reader.error);
    }
  return reader.image;
}

/* TIFF */

static gboolean
get_tiff_type (TIFF *tiff, AxSampleType *type)
{
  guint16 bits = 1, format = SAMPLEFORMAT_UINT;

  TIFFGetFieldDefaulted (tiff, TIFFTAG_BITSPERSAMPLE, &bits);
  TIFFGetFieldDefaulted (tiff, TIFFTAG_SAMPLEFORMAT, &format);
  if (format == SAMPLEFORMAT_IEEEFP && bits == 32)
    *type = AX_SAMPLE_F32;
  else if (format == SAMPLEFORMAT_UINT && bits == 16)
    *type = AX_SAMPLE_U16;
  else if (format == SAMPLEFORMAT_UINT && bits == 8)
    *type = AX_SAMPLE_U8;
  else
    return FALSE;
  return TRUE;
}

static gboolean
read_tiff_strips (TIFF *tiff, AxImage *image)
{
  gsize row = (gsize)image->width * sample_bytes (image->type);

  if ((gsize)TIFFScanlineSize (tiff) != row)
    return FALSE;
  for (int y = 0; y < image->height; y++)
    if (TIFFReadScanline (tiff, (guint8 *)image->data + y * row, y, 0) < 0)
      return FALSE;
  return TRUE;
}

static gboolean
read_tiff_tiles (TIFF *tiff, AxImage *image)
{
  gsize bytes = sample_bytes (image->type);
  gsize tile_bytes = (gsize)TIFFTileSize (tiff);
  g_autofree guint8 *tile = g_try_malloc (tile_bytes);
  guint32 width = 0, height = 0;

  TIFFGetField (tiff, TIFFTAG_TILEWIDTH, &width);
  TIFFGetField (tiff, TIFFTAG_TILELENGTH, &height);
  if (tile == NULL || width == 0 || height == 0
      || tile_bytes < (gsize)width * height * bytes)
    return FALSE;
  for (guint32 y = 0; y < (guint32)image->height; y += height)
    for (guint32 x = 0; x < (guint32)image->width; x += width)
      {
        gsize n = MIN (width, image->width - x) * bytes;

        if (TIFFReadTile (tiff, tile, x, y, 0, 0) < 0)
          return FALSE;
        for (guint32 j = 0; j < height && y + j < (guint32)image->height; j++)
          memcpy ((guint8 *)image->data
                      + ((gsize)(y + j) * image->width + x) * bytes,
                  tile + (gsize)j * width * bytes, n);
      }
  return TRUE;
}

/* Through libtiff's own conversion, whatever the colours are stored as. */
static gboolean
read_tiff_rgb (TIFF *tiff, AxImage *image)
{
  gsize n = (gsize)image->width * image->height;
  g_autofree guint32 *pixels = g_try_new (guint32, n);
  guint8 *out = image->data;

  if (pixels == NULL
      || !TIFFReadRGBAImageOriented (tiff, image->width, image->height, pixels,
                                     ORIENTATION_TOPLEFT, 0))
    return FALSE;
  for (gsize i = 0; i < n; i++)
    {
      guint transparent = 255 - TIFFGetA (pixels[i]);

      out[3 * i] = (guint8)MIN (255, TIFFGetR (pixels[i]) + transparent);
      out[3 * i + 1] = (guint8)MIN (255, TIFFGetG (pixels[i]) + transparent);
      out[3 * i + 2] = (guint8)MIN (255, TIFFGetB (pixels[i]) + transparent);
    }
  return TRUE;
}

static AxImage *
read_tiff (TIFF *tiff, const char *path, gint64 max_pixels, GError **error)
{
  guint32 width = 0, height = 0;
  guint16 n_samples = 1, photometric = PHOTOMETRIC_MINISBLACK;
  AxSampleType type = AX_SAMPLE_U8;
  AxImage *image;
  gboolean is_grey, ok;

  TIFFGetField (tiff, TIFFTAG_IMAGEWIDTH, &width);
  TIFFGetField (tiff, TIFFTAG_IMAGELENGTH, &height);
  TIFFGetFieldDefaulted (tiff, TIFFTAG_SAMPLESPERPIXEL, &n_samples);
  TIFFGetField (tiff, TIFFTAG_PHOTOMETRIC, &photometric);
  if (!check_size (path, width, height, max_pixels, error))
    return NULL;
  is_grey = n_samples == 1 && photometric == PHOTOMETRIC_MINISBLACK
            && get_tiff_type (tiff, &type);
  image = ax_image_new ((int)width, (int)height, is_grey ? 1 : 3, type, error);
  if (image == NULL)
    return NULL;
  if (!is_grey)
    ok = read_tiff_rgb (tiff, image);
  else if (TIFFIsTiled (tiff))
    ok = read_tiff_tiles (tiff, image);
  else
    ok = read_tiff_strips (tiff, image);
  if (ok)
    return image;
  ax_image_free (image);
  set_format_error (error, path, "damaged TIFF, or of an unknown kind");
  return NULL;
}

static AxImage *
load_tiff (const char *path, gint64 max_pixels, GError **error)
{
  TIFF *tiff = TIFFOpen (path, "rm");
  AxImage *image;

  if (tiff == NULL)
    {
      set_format_error (error, path, "not a readable TIFF");
      return NULL;
    }
  image = read_tiff (tiff, path, max_pixels, error);
  TIFFClose (tiff);
  return image;
}

/* All */

static gboolean
starts_with (const guint8 *bytes, gsize n_bytes, const char *magic, gsize n)
{
  return n_bytes >= n && memcmp (bytes, magic, n) == 0;
}

static GMappedFile *
map_file (const char *path, GError **error)
{
  g_autoptr (GError) fault = NULL;
  GMappedFile *file;

  /* Mapping a folder fails with words about mapping. */
  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      g_set_error (error, AX_ERROR, AX_ERROR_IO, "%s: is a folder", path);
      return NULL;
    }
  file = g_mapped_file_new (path, FALSE, &fault);
  if (file == NULL)
    g_set_error (error, AX_ERROR, AX_ERROR_IO, "%s: cannot be read: %s", path,
                 fault->message);
  return file;
}

AxImage *
ax_image_load (const char *path, gint64 max_pixels, GError **error)
{
  g_autoptr (GMappedFile) file = NULL;
  const guint8 *bytes;
  gsize n_bytes;

  g_return_val_if_fail (path != NULL && max_pixels > 0, NULL);
  file = map_file (path, error);
  if (file == NULL)
    return NULL;
  bytes = (const guint8 *)g_mapped_file_get_contents (file);
  n_bytes = g_mapped_file_get_length (file);
  if (starts_with (bytes, n_bytes, "\xff\xd8\xff", 3))
    return load_jpeg (path, bytes, n_bytes, max_pixels, error);
  if (starts_with (bytes, n_bytes, "\x89PNG\r\n\x1a\n", 8))
    return load_png (path, bytes, n_bytes, max_pixels, error);
  if (starts_with (bytes, n_bytes, "II", 2)
      || starts_with (bytes, n_bytes, "MM", 2))
    return load_tiff (path, max_pixels, error);
  set_format_error (error, path,
                    n_bytes == 0 ? "is empty" : "not a JPEG, PNG or TIFF");
  return NULL;
}

static guint8
get_u8 (const AxImage *image, gsize i)
{
  switch (image->type)
    {
    case AX_SAMPLE_U8:
      return ((const guint8 *)image->data)[i];
    case AX_SAMPLE_U16:
      return (guint8)(((const guint16 *)image->data)[i] >> 8);
    default:
      return (guint8)(CLAMP (((const float *)image->data)[i], 0.f, 1.f) * 255.f
                      + 0.5f);
    }
}

AxImage *
ax_image_load_rgb (const char *path, gint64 max_pixels, GError **error)
{
  g_autoptr (AxImage) image = ax_image_load (path, max_pixels, error);
  AxImage *rgb;
  gsize n;

  if (image == NULL)
    return NULL;
  if (image->n_channels == 3 && image->type == AX_SAMPLE_U8)
    return g_steal_pointer (&image);
  rgb = ax_image_new (image->width, image->height, 3, AX_SAMPLE_U8, error);
  if (rgb == NULL)
    return NULL;
  n = (gsize)image->width * image->height;
  for (gsize i = 0; i < 3 * n; i++)
    ((guint8 *)rgb->data)[i]
        = get_u8 (image, image->n_channels == 3 ? i : i / 3);
  return rgb;
}

gboolean
ax_image_save_png (const AxImage *self, const char *path, GError **error)
{
  png_image png = { .version = PNG_IMAGE_VERSION };
  g_autofree guint8 *memory = NULL;
  png_alloc_size_t bytes = 0;

  g_return_val_if_fail (self != NULL && path != NULL, FALSE);
  g_return_val_if_fail (self->type == AX_SAMPLE_U8, FALSE);
  png.width = (png_uint_32)self->width;
  png.height = (png_uint_32)self->height;
  png.format = self->n_channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  bytes = PNG_IMAGE_PNG_SIZE_MAX (png);
  memory = g_try_malloc (bytes);
  if (memory == NULL
      || !png_image_write_to_memory (&png, memory, &bytes, 0, self->data, 0,
                                     NULL))
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "%s: cannot make a PNG of %d x %d pixels", path, self->width,
                   self->height);
      return FALSE;
    }
  return ax_output_write_file (path, memory, bytes, error);
}
