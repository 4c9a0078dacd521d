#include "core/slide/tiff-directory.h"

#include "core/base/error.h"

#define MAX_DIRECTORIES 1024
#define MIN_TILE 16
#define MAX_TILE 4096

void
ax_tiff_directory_free (AxTiffDirectory *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->tables, g_bytes_unref);
  g_free (self->tile_offsets);
  g_free (self->tile_bytes);
  g_free (self);
}

static int
on_tiff_error (TIFF *tiff, void *user_data, const char *module,
               const char *format, va_list arguments)
{
  GError **error = user_data;

  if (error != NULL && *error == NULL)
    *error = g_error_new_valist (AX_ERROR, AX_ERROR_CORRUPT, format, arguments);
  return 1;
}

TIFF *
ax_tiff_open (const char *path, gboolean mapped, GError **error)
{
  TIFFOpenOptions *options;
  TIFF *tiff;

  g_return_val_if_fail (path != NULL, NULL);

  options = TIFFOpenOptionsAlloc ();
  TIFFOpenOptionsSetErrorHandlerExtR (options, on_tiff_error, error);
  TIFFOpenOptionsSetWarningHandlerExtR (options, on_tiff_error, NULL);
  tiff = TIFFOpenExt (path, mapped ? "r" : "rm", options);
  TIFFOpenOptionsFree (options);
  return tiff;
}

static gboolean
can_read_tiles (TIFF *tiff)
{
  uint16_t orientation, compression;
  char reason[1024];

  TIFFGetFieldDefaulted (tiff, TIFFTAG_ORIENTATION, &orientation);
  TIFFGetFieldDefaulted (tiff, TIFFTAG_COMPRESSION, &compression);
  return TIFFIsTiled (tiff) && orientation == ORIENTATION_TOPLEFT
         && TIFFIsCODECConfigured (compression)
         && TIFFRGBAImageOK (tiff, reason);
}

static gboolean
read_sizes (TIFF *tiff, AxTiffDirectory *self)
{
  uint32_t width = 0, height = 0, tile_width = 0, tile_height = 0;

  TIFFGetField (tiff, TIFFTAG_IMAGEWIDTH, &width);
  TIFFGetField (tiff, TIFFTAG_IMAGELENGTH, &height);
  TIFFGetField (tiff, TIFFTAG_TILEWIDTH, &tile_width);
  TIFFGetField (tiff, TIFFTAG_TILELENGTH, &tile_height);
  if (width == 0 || height == 0 || MIN (tile_width, tile_height) < MIN_TILE
      || MAX (tile_width, tile_height) > MAX_TILE)
    return FALSE;

  self->width = width;
  self->height = height;
  self->tile_width = tile_width;
  self->tile_height = tile_height;
  self->n_cols = (self->width + tile_width - 1) / tile_width;
  self->n_rows = (self->height + tile_height - 1) / tile_height;
  return TRUE;
}

static void
read_coding (TIFF *tiff, AxTiffDirectory *self)
{
  uint16_t compression, photometric = 0, planar, n_samples, n_bits;
  uint32_t n_bytes;
  void *tables;

  TIFFGetFieldDefaulted (tiff, TIFFTAG_COMPRESSION, &compression);
  TIFFGetFieldDefaulted (tiff, TIFFTAG_PLANARCONFIG, &planar);
  TIFFGetFieldDefaulted (tiff, TIFFTAG_SAMPLESPERPIXEL, &n_samples);
  TIFFGetFieldDefaulted (tiff, TIFFTAG_BITSPERSAMPLE, &n_bits);
  TIFFGetField (tiff, TIFFTAG_PHOTOMETRIC, &photometric);
  self->is_uncompressed = compression == COMPRESSION_NONE;
  self->is_rgb = photometric == PHOTOMETRIC_RGB;
  self->is_jpeg = compression == COMPRESSION_JPEG
                  && planar == PLANARCONFIG_CONTIG && n_samples == 3
                  && n_bits == 8
                  && (self->is_rgb || photometric == PHOTOMETRIC_YCBCR);
  if (self->is_jpeg
      && TIFFGetField (tiff, TIFFTAG_JPEGTABLES, &n_bytes, &tables))
    self->tables = g_bytes_new (tables, n_bytes);
}

static guint64 *
copy_tile_field (TIFF *tiff, guint32 tag, gsize n)
{
  uint64_t *values = NULL;

  if (!TIFFGetField (tiff, tag, &values) || values == NULL)
    return NULL;
  return g_memdup2 (values, n * sizeof *values);
}

/* (nullable): the current directory, if its tiles can be read. */
static AxTiffDirectory *
read_directory (TIFF *tiff)
{
  g_autoptr (AxTiffDirectory) self = g_new0 (AxTiffDirectory, 1);
  gsize n;

  if (!can_read_tiles (tiff) || !read_sizes (tiff, self))
    return NULL;
  self->offset = TIFFCurrentDirOffset (tiff);
  read_coding (tiff, self);

  n = self->n_cols * self->n_rows;
  if (TIFFNumberOfTiles (tiff) < n)
    return NULL;
  self->tile_offsets = copy_tile_field (tiff, TIFFTAG_TILEOFFSETS, n);
  self->tile_bytes = copy_tile_field (tiff, TIFFTAG_TILEBYTECOUNTS, n);
  if (self->tile_offsets == NULL || self->tile_bytes == NULL)
    return NULL;
  return g_steal_pointer (&self);
}

GPtrArray *
ax_tiff_read_directories (TIFF *tiff)
{
  GPtrArray *directories;
  int n = 0;

  g_return_val_if_fail (tiff != NULL, NULL);

  directories
      = g_ptr_array_new_with_free_func ((GDestroyNotify)ax_tiff_directory_free);
  do
    {
      AxTiffDirectory *directory = read_directory (tiff);

      if (directory != NULL)
        g_ptr_array_add (directories, directory);
    }
  while (++n < MAX_DIRECTORIES && TIFFReadDirectory (tiff));
  return directories;
}
