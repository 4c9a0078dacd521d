#include "core/slide/tiff-source.h"

#include "core/base/error.h"
#include "core/slide/tiff-directory.h"

#include <turbojpeg.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* SOI and an Adobe segment take the place of a tile's own SOI. */
#define JPEG_PREFIX_BYTES 18

typedef struct
{
  tjhandle jpeg;
  GByteArray *stream;
  TIFF *tiff; /* (nullable): opened at the first need */
  guint64 directory;
  GError *tiff_error; /* (nullable): libtiff's first since it was cleared */
} Decoder;

struct _AxTiffSource
{
  /* immutable */
  char *path;
  int fd;
  guint64 n_bytes;
  GPtrArray *levels; /* AxTiffDirectory or NULL, by level of the slide */

  /* under lock */
  GMutex lock;
  GPtrArray *idle; /* Decoder */
};

/* Levels. */

/* (nullable): where the only directory of that size stands. */
static gpointer *
find_by_size (GPtrArray *directories, const AxSlideLevel *level)
{
  gpointer *found = NULL;

  for (guint i = 0; i < directories->len; i++)
    {
      const AxTiffDirectory *directory = directories->pdata[i];

      if (directory == NULL || directory->width != level->width
          || directory->height != level->height)
        continue;
      if (found != NULL)
        return NULL;
      found = &directories->pdata[i];
    }
  return found;
}

/* Philips pads each directory to whole tiles, so sizes do not identify it, but
   all tiled directories are levels, in order. */
static gpointer *
find_by_order (GPtrArray *directories, int index, int n_levels,
               const AxSlideLevel *level)
{
  const AxTiffDirectory *directory;

  if ((int)directories->len != n_levels)
    return NULL;
  directory = directories->pdata[index];
  return directory->width >= level->width && directory->height >= level->height
             ? &directories->pdata[index]
             : NULL;
}

/* Moves the directories that are levels over to the source. */
static gboolean
take_levels (AxTiffSource *self, GPtrArray *directories, const char *vendor,
             const AxSlideLevel *levels, int n_levels)
{
  gboolean by_order = g_strcmp0 (vendor, "philips") == 0;
  gboolean any = FALSE;

  if (!by_order && g_strcmp0 (vendor, "aperio") != 0
      && g_strcmp0 (vendor, "generic-tiff") != 0)
    return FALSE;
  for (int i = 0; i < n_levels; i++)
    {
      gpointer *place
          = by_order ? find_by_order (directories, i, n_levels, &levels[i])
                     : find_by_size (directories, &levels[i]);

      g_ptr_array_add (self->levels,
                       place != NULL ? g_steal_pointer (place) : NULL);
      any |= place != NULL;
    }
  return any;
}

AxTiffSource *
ax_tiff_source_new (const char *path, const char *vendor,
                    const AxSlideLevel *levels, int n_levels)
{
  g_autoptr (AxTiffSource) self = NULL;
  g_autoptr (GPtrArray) directories = NULL;
  struct stat info;
  TIFF *tiff;

  g_return_val_if_fail (path != NULL && levels != NULL, NULL);

  tiff = ax_tiff_open (path, FALSE, NULL);
  if (tiff == NULL)
    return NULL;
  directories = ax_tiff_read_directories (tiff);
  TIFFClose (tiff);

  self = g_new0 (AxTiffSource, 1);
  g_mutex_init (&self->lock);
  self->path = g_strdup (path);
  self->levels
      = g_ptr_array_new_with_free_func ((GDestroyNotify)ax_tiff_directory_free);
  self->idle = g_ptr_array_new ();
  self->fd = open (path, O_RDONLY | O_CLOEXEC);
  if (self->fd < 0 || fstat (self->fd, &info) != 0
      || !take_levels (self, directories, vendor, levels, n_levels))
    return NULL;
  self->n_bytes = info.st_size;
  return g_steal_pointer (&self);
}

static void
decoder_free (Decoder *self)
{
  if (self->tiff != NULL)
    TIFFClose (self->tiff);
  if (self->jpeg != NULL)
    tjDestroy (self->jpeg);
  g_clear_error (&self->tiff_error);
  g_byte_array_unref (self->stream);
  g_free (self);
}

void
ax_tiff_source_free (AxTiffSource *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->idle->len; i++)
    decoder_free (self->idle->pdata[i]);
  g_ptr_array_unref (self->idle);
  g_ptr_array_unref (self->levels);
  if (self->fd >= 0)
    close (self->fd);
  g_mutex_clear (&self->lock);
  g_free (self->path);
  g_free (self);
}

static const AxTiffDirectory *
get_directory (const AxTiffSource *self, int level)
{
  g_assert (level >= 0 && level < (int)self->levels->len);
  return self->levels->pdata[level];
}

gboolean
ax_tiff_source_has_level (const AxTiffSource *self, int level, int *tile_width,
                          int *tile_height)
{
  const AxTiffDirectory *directory;

  g_return_val_if_fail (self != NULL, FALSE);

  directory = get_directory (self, level);
  if (directory == NULL)
    return FALSE;
  if (tile_width != NULL)
    *tile_width = directory->tile_width;
  if (tile_height != NULL)
    *tile_height = directory->tile_height;
  return TRUE;
}

static gsize
tile_index (const AxTiffDirectory *directory, int col, int row)
{
  g_assert (col >= 0 && col < directory->n_cols);
  g_assert (row >= 0 && row < directory->n_rows);
  return row * directory->n_cols + col;
}

gboolean
ax_tiff_source_has_tile (const AxTiffSource *self, int level, int col, int row)
{
  const AxTiffDirectory *directory;

  g_return_val_if_fail (self != NULL, FALSE);

  directory = get_directory (self, level);
  return directory->tile_bytes[tile_index (directory, col, row)] > 0;
}

/* Decoders. */

static Decoder *
take_decoder (AxTiffSource *self)
{
  Decoder *decoder = NULL;

  g_mutex_lock (&self->lock);
  if (self->idle->len > 0)
    decoder = g_ptr_array_steal_index_fast (self->idle, self->idle->len - 1);
  g_mutex_unlock (&self->lock);
  if (decoder != NULL)
    return decoder;

  decoder = g_new0 (Decoder, 1);
  decoder->jpeg = tjInitDecompress ();
  decoder->stream = g_byte_array_new ();
  return decoder;
}

static void
give_decoder (AxTiffSource *self, Decoder *decoder)
{
  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->idle, decoder);
  g_mutex_unlock (&self->lock);
}

typedef struct
{
  AxTiffSource *source;
  const AxTiffDirectory *directory;
  Decoder *decoder;
  int level, col, row;
} Job;

static void
set_tile_error (const Job *job, GError **error, AxErrorCode code,
                const char *reason)
{
  g_set_error (error, AX_ERROR, code, "%s: level %d, tile (%d, %d): %s",
               job->source->path, job->level, job->col, job->row, reason);
}

/* JPEG. */

/* Reads the stream and puts an Adobe segment in front, which tells turbojpeg
   what the TIFF says of the colour space.  Markers of the stream's own come
   later and have the last word. */
static gboolean
read_stream (const Job *job, GError **error)
{
  static const guint8 prefix[JPEG_PREFIX_BYTES]
      = { 0xFF, 0xD8, 0xFF, 0xEE, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100 };
  const AxTiffDirectory *directory = job->directory;
  gsize index = tile_index (directory, job->col, job->row);
  guint64 offset = directory->tile_offsets[index];
  guint64 n_bytes = directory->tile_bytes[index];
  gsize own_soi = JPEG_PREFIX_BYTES - 2;
  guint8 *to;
  gssize n_read;

  if (offset > job->source->n_bytes || n_bytes > job->source->n_bytes - offset
      || n_bytes > G_MAXINT32 / 2)
    {
      set_tile_error (job, error, AX_ERROR_CORRUPT,
                      "reaches beyond the end of the file");
      return FALSE;
    }
  g_byte_array_set_size (job->decoder->stream, own_soi + n_bytes);
  to = job->decoder->stream->data;
  n_read = pread (job->source->fd, to + own_soi, n_bytes, offset);
  if (n_read != (gssize)n_bytes)
    {
      set_tile_error (job, error, AX_ERROR_IO,
                      n_read < 0 ? g_strerror (errno) : "the file has shrunk");
      return FALSE;
    }
  if (n_bytes < 2 || to[own_soi] != 0xFF || to[own_soi + 1] != 0xD8)
    {
      set_tile_error (job, error, AX_ERROR_CORRUPT, "not a JPEG stream");
      return FALSE;
    }
  memcpy (to, prefix, sizeof prefix);
  to[sizeof prefix - 1] = directory->is_rgb ? 0 : 1;
  return TRUE;
}

/* FALSE when turbojpeg would see another size or colour space than the TIFF
   states, or nothing. */
static gboolean
jpeg_is_as_stated (const Job *job)
{
  const AxTiffDirectory *directory = job->directory;
  const GByteArray *stream = job->decoder->stream;
  int width = 0, height = 0, subsampling, space;

  /* A tile with tables of its own replaces the shared ones in the decoder, so
     they are fed before each tile: a microsecond. */
  if (directory->tables != NULL)
    {
      gsize n_bytes;
      const guint8 *tables = g_bytes_get_data (directory->tables, &n_bytes);

      tjDecompressHeader3 (job->decoder->jpeg, tables, n_bytes, &width, &height,
                           &subsampling, &space);
    }
  return tjDecompressHeader3 (job->decoder->jpeg, stream->data, stream->len,
                              &width, &height, &subsampling, &space)
             == 0
         && width == directory->tile_width && height == directory->tile_height
         && space == (directory->is_rgb ? TJCS_RGB : TJCS_YCbCr);
}

static int
native_pixel_format (void)
{
  return G_BYTE_ORDER == G_LITTLE_ENDIAN ? TJPF_BGRA : TJPF_ARGB;
}

static gboolean
decode_jpeg (const Job *job, guint32 *pixels, GError **error)
{
  const AxTiffDirectory *directory = job->directory;
  tjhandle jpeg = job->decoder->jpeg;
  const char *message;

  if (tjDecompress2 (jpeg, job->decoder->stream->data,
                     job->decoder->stream->len, (guint8 *)pixels,
                     directory->tile_width, 0, directory->tile_height,
                     native_pixel_format (), TJFLAG_LIMITSCANS)
      == 0)
    return TRUE;

  /* Scanners leave padding behind a tile's data; every other warning means
     that part of the picture was made up. */
  message = tjGetErrorStr2 (jpeg);
  if (tjGetErrorCode (jpeg) == TJERR_WARNING
      && strstr (message, "extraneous bytes") != NULL)
    return TRUE;
  set_tile_error (job, error, AX_ERROR_CORRUPT, message);
  return FALSE;
}

/* Other codings. */

static gboolean
select_directory (const Job *job, GError **error)
{
  Decoder *decoder = job->decoder;

  g_clear_error (&decoder->tiff_error);
  if (decoder->tiff == NULL)
    {
      decoder->tiff
          = ax_tiff_open (job->source->path, FALSE, &decoder->tiff_error);
      decoder->directory = 0;
    }
  if (decoder->tiff != NULL && decoder->directory != job->directory->offset
      && TIFFSetSubDirectory (decoder->tiff, job->directory->offset))
    decoder->directory = job->directory->offset;
  if (decoder->tiff != NULL && decoder->directory == job->directory->offset)
    return TRUE;

  set_tile_error (job, error, AX_ERROR_IO, "the file has changed or gone");
  return FALSE;
}

/* libtiff 4.5 refuses an uncompressed tile unless its buffer has the very size
   of one, and its own has not. */
static void
lend_buffer (Decoder *decoder)
{
  g_byte_array_set_size (decoder->stream, TIFFTileSize (decoder->tiff));
  TIFFReadBufferSetup (decoder->tiff, decoder->stream->data,
                       decoder->stream->len);
}

/* libtiff gives premultiplied words 0xAABBGGRR, the last row first. */
static void
convert_raster (const guint32 *raster, int width, int height, guint32 *pixels)
{
  for (int y = 0; y < height; y++)
    {
      const guint32 *from = raster + (gsize)(height - 1 - y) * width;
      guint32 *to = pixels + (gsize)y * width;

      for (int x = 0; x < width; x++)
        {
          guint32 light = 255 - TIFFGetA (from[x]);

          to[x] = 0xFF000000u | MIN (TIFFGetR (from[x]) + light, 255) << 16
                  | MIN (TIFFGetG (from[x]) + light, 255) << 8
                  | MIN (TIFFGetB (from[x]) + light, 255);
        }
    }
}

static gboolean
decode_with_libtiff (const Job *job, guint32 *pixels, GError **error)
{
  const AxTiffDirectory *directory = job->directory;
  gsize n = (gsize)directory->tile_width * directory->tile_height;
  g_autofree guint32 *raster = g_try_new (guint32, n);

  if (raster == NULL)
    {
      set_tile_error (job, error, AX_ERROR_MEMORY, "out of memory");
      return FALSE;
    }
  if (!select_directory (job, error))
    return FALSE;
  if (directory->is_uncompressed)
    lend_buffer (job->decoder);
  if (!TIFFReadRGBATileExt (job->decoder->tiff,
                            job->col * directory->tile_width,
                            job->row * directory->tile_height, raster, TRUE))
    {
      const GError *reason = job->decoder->tiff_error;

      set_tile_error (job, error, AX_ERROR_CORRUPT,
                      reason != NULL ? reason->message : "cannot be decoded");
      return FALSE;
    }
  convert_raster (raster, directory->tile_width, directory->tile_height,
                  pixels);
  return TRUE;
}

static gboolean
run_job (const Job *job, guint32 *pixels, GError **error)
{
  if (job->directory->is_jpeg)
    {
      if (!read_stream (job, error))
        return FALSE;
      if (jpeg_is_as_stated (job))
        return decode_jpeg (job, pixels, error);
    }
  return decode_with_libtiff (job, pixels, error);
}

gboolean
ax_tiff_source_read_tile (AxTiffSource *self, int level, int col, int row,
                          guint32 *pixels, GError **error)
{
  Job job = { self, .level = level, .col = col, .row = row };
  gboolean done;

  g_return_val_if_fail (self != NULL && pixels != NULL, FALSE);
  g_return_val_if_fail (ax_tiff_source_has_tile (self, level, col, row), FALSE);

  job.directory = get_directory (self, level);
  job.decoder = take_decoder (self);
  done = run_job (&job, pixels, error);
  give_decoder (self, job.decoder);
  return done;
}
