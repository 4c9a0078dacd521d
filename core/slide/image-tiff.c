#include "core/slide/image-formats.h"

#include "core/base/error.h"
#include "core/slide/tiff-directory.h"

#include <string.h>

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
  gsize row = (gsize)image->width * ax_sample_type_get_bytes (image->type);

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
  gsize bytes = ax_sample_type_get_bytes (image->type);
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
                                     ORIENTATION_TOPLEFT, 1))
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
  if (!ax_image_check_size (path, width, height, max_pixels, error))
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
  g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
               "%s: damaged TIFF, or of an unknown kind", path);
  return NULL;
}

AxImage *
ax_image_load_tiff (const char *path, const guint8 *bytes, gsize n_bytes,
                    gint64 max_pixels, GError **error)
{
  TIFF *tiff = ax_tiff_open (path, TRUE, NULL);
  AxImage *image;

  if (tiff == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT, "%s: not a readable TIFF",
                   path);
      return NULL;
    }
  image = read_tiff (tiff, path, max_pixels, error);
  TIFFClose (tiff);
  return image;
}
