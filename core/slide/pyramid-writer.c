#include "core/slide/pyramid-writer.h"

#include "core/base/error.h"
#include "core/base/output.h"

#include <tiffio.h>
#include <turbojpeg.h>

#include <errno.h>

#define MAX_LEVELS 32
#define CLASSIC_LIMIT (G_GINT64_CONSTANT (2) << 30)

typedef struct
{
  gint64 width, height;
  int n_cols, n_rows;
  GBytes **tiles; /* kept until the level is written; NULL for level 0 */
} Level;

struct _AxPyramidWriter
{
  /* immutable */
  char *path, *description;
  double mpp;
  int quality, n_levels;

  /* under lock */
  GMutex lock;
  AxOutput *output;
  TIFF *tiff;
  int problem; /* errno of the first failure */
  Level levels[MAX_LEVELS];
};

/* libtiff would print; the system's reason is all that is wanted. */
static int
on_tiff_error (TIFF *tiff, void *data, const char *module, const char *format,
               va_list arguments)
{
  AxPyramidWriter *self = data;

  if (self->problem == 0)
    self->problem = errno;
  return 1;
}

static TIFF *
open_tiff (AxPyramidWriter *self, gint64 n_pixels)
{
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc ();
  TIFF *tiff;

  TIFFOpenOptionsSetErrorHandlerExtR (options, on_tiff_error, self);
  tiff = TIFFOpenExt (ax_output_get_temp_path (self->output),
                      n_pixels > CLASSIC_LIMIT ? "w8" : "w", options);
  TIFFOpenOptionsFree (options);
  return tiff;
}

static void
set_io_error (const AxPyramidWriter *self, const char *what, GError **error)
{
  g_set_error (error, AX_ERROR, AX_ERROR_IO, "%s: cannot write %s: %s",
               self->path, what, g_strerror (self->problem));
}

static void
set_directory (AxPyramidWriter *self, int level)
{
  const Level *l = &self->levels[level];
  TIFF *tiff = self->tiff;

  TIFFSetField (tiff, TIFFTAG_SUBFILETYPE,
                level > 0 ? FILETYPE_REDUCEDIMAGE : 0);
  TIFFSetField (tiff, TIFFTAG_IMAGEWIDTH, (guint32)l->width);
  TIFFSetField (tiff, TIFFTAG_IMAGELENGTH, (guint32)l->height);
  TIFFSetField (tiff, TIFFTAG_TILEWIDTH, AX_PYRAMID_TILE);
  TIFFSetField (tiff, TIFFTAG_TILELENGTH, AX_PYRAMID_TILE);
  TIFFSetField (tiff, TIFFTAG_BITSPERSAMPLE, 8);
  TIFFSetField (tiff, TIFFTAG_SAMPLESPERPIXEL, 3);
  TIFFSetField (tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField (tiff, TIFFTAG_COMPRESSION, COMPRESSION_JPEG);
  TIFFSetField (tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_YCBCR);
  TIFFSetField (tiff, TIFFTAG_YCBCRSUBSAMPLING, 2, 2);
  /* The tables are in every tile. */
  TIFFSetField (tiff, TIFFTAG_JPEGTABLESMODE, 0);
  TIFFSetField (tiff, TIFFTAG_SOFTWARE, "Axilla " AX_VERSION);
  if (self->description != NULL && level == 0)
    TIFFSetField (tiff, TIFFTAG_IMAGEDESCRIPTION, self->description);
  if (self->mpp > 0)
    {
      double per_cm
          = 1e4 / self->mpp * (double)l->width / (double)self->levels[0].width;

      TIFFSetField (tiff, TIFFTAG_RESOLUTIONUNIT, RESUNIT_CENTIMETER);
      TIFFSetField (tiff, TIFFTAG_XRESOLUTION, per_cm);
      TIFFSetField (tiff, TIFFTAG_YRESOLUTION, per_cm);
    }
}

static void
lay_out_levels (AxPyramidWriter *self, gint64 width, gint64 height)
{
  for (;;)
    {
      Level *level = &self->levels[self->n_levels++];

      level->width = width;
      level->height = height;
      level->n_cols = (int)((width + AX_PYRAMID_TILE - 1) / AX_PYRAMID_TILE);
      level->n_rows = (int)((height + AX_PYRAMID_TILE - 1) / AX_PYRAMID_TILE);
      if (self->n_levels > 1)
        level->tiles = g_new0 (GBytes *, (gsize)level->n_cols * level->n_rows);
      if (level->n_cols == 1 && level->n_rows == 1)
        return;
      width = MAX (1, width / 2);
      height = MAX (1, height / 2);
    }
}

AxPyramidWriter *
ax_pyramid_writer_new (const char *path, gint64 width, gint64 height,
                       double mpp, int quality, const char *description,
                       GError **error)
{
  g_autoptr (AxPyramidWriter) self = g_new0 (AxPyramidWriter, 1);

  g_return_val_if_fail (width > 0 && width <= G_MAXINT32, NULL);
  g_return_val_if_fail (height > 0 && height <= G_MAXINT32, NULL);
  g_return_val_if_fail (quality >= 1 && quality <= 100, NULL);
  g_mutex_init (&self->lock);
  self->path = g_strdup (path);
  self->description = g_strdup (description);
  self->mpp = mpp;
  self->quality = quality;
  lay_out_levels (self, width, height);
  self->output = ax_output_new (path, error);
  if (self->output == NULL)
    return NULL;
  self->tiff = open_tiff (self, width * height);
  if (self->tiff == NULL)
    {
      set_io_error (self, "the file", error);
      return NULL;
    }
  set_directory (self, 0);
  return g_steal_pointer (&self);
}

int
ax_pyramid_writer_get_n_levels (const AxPyramidWriter *self)
{
  return self->n_levels;
}

void
ax_pyramid_writer_get_size (const AxPyramidWriter *self, int level,
                            gint64 *width, gint64 *height)
{
  *width = self->levels[level].width;
  *height = self->levels[level].height;
}

static GBytes *
compress (const AxPyramidWriter *self, const guint8 *rgb, GError **error)
{
  tjhandle handle = tjInitCompress ();
  unsigned char *jpeg = NULL;
  unsigned long bytes = 0;
  GBytes *result = NULL;

  if (handle != NULL
      && tjCompress2 (handle, rgb, AX_PYRAMID_TILE, 0, AX_PYRAMID_TILE,
                      TJPF_RGB, &jpeg, &bytes, TJSAMP_420, self->quality, 0)
             == 0)
    result = g_bytes_new (jpeg, bytes);
  else
    g_set_error (error, AX_ERROR, AX_ERROR_IO, "%s: cannot compress a tile: %s",
                 self->path, tjGetErrorStr2 (handle));
  tjFree (jpeg);
  if (handle != NULL)
    tjDestroy (handle);
  return result;
}

static gboolean
write_tile (AxPyramidWriter *self, guint32 index, GBytes *tile, GError **error)
{
  gsize bytes;
  gconstpointer data = g_bytes_get_data (tile, &bytes);

  if (TIFFWriteRawTile (self->tiff, index, (void *)data, (tmsize_t)bytes)
      == (tmsize_t)bytes)
    return TRUE;
  set_io_error (self, "a tile", error);
  return FALSE;
}

gboolean
ax_pyramid_writer_put (AxPyramidWriter *self, int level, int col, int row,
                       const guint8 *rgb, GError **error)
{
  Level *l = &self->levels[level];
  guint32 index = (guint32)(row * l->n_cols + col);
  g_autoptr (GBytes) tile = NULL;
  gboolean ok = TRUE;

  g_return_val_if_fail (level >= 0 && level < self->n_levels, FALSE);
  g_return_val_if_fail (col >= 0 && col < l->n_cols, FALSE);
  g_return_val_if_fail (row >= 0 && row < l->n_rows, FALSE);
  tile = compress (self, rgb, error);
  if (tile == NULL)
    return FALSE;
  g_mutex_lock (&self->lock);
  if (level == 0)
    ok = write_tile (self, index, tile, error);
  else
    l->tiles[index] = g_steal_pointer (&tile);
  g_mutex_unlock (&self->lock);
  return ok;
}

static gboolean
write_level (AxPyramidWriter *self, int level, GError **error)
{
  Level *l = &self->levels[level];

  set_directory (self, level);
  for (guint32 i = 0; i < (guint32)(l->n_cols * l->n_rows); i++)
    {
      g_return_val_if_fail (l->tiles[i] != NULL, FALSE);
      if (!write_tile (self, i, l->tiles[i], error))
        return FALSE;
      g_clear_pointer (&l->tiles[i], g_bytes_unref);
    }
  return TRUE;
}

gboolean
ax_pyramid_writer_finish (AxPyramidWriter *self, GError **error)
{
  for (int level = 0; level < self->n_levels; level++)
    {
      if (level > 0 && !write_level (self, level, error))
        return FALSE;
      if (!TIFFWriteDirectory (self->tiff))
        {
          set_io_error (self, "a directory", error);
          return FALSE;
        }
    }
  g_clear_pointer (&self->tiff, TIFFClose);
  return ax_output_commit (self->output, error);
}

void
ax_pyramid_writer_free (AxPyramidWriter *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->tiff, TIFFClose);
  ax_output_free (self->output);
  for (int level = 1; level < self->n_levels; level++)
    {
      Level *l = &self->levels[level];

      for (int i = 0; i < l->n_cols * l->n_rows; i++)
        g_clear_pointer (&l->tiles[i], g_bytes_unref);
      g_free (l->tiles);
    }
  g_mutex_clear (&self->lock);
  g_free (self->path);
  g_free (self->description);
  g_free (self);
}
