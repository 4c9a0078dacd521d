#include "core/detect/likelihood-tiff.h"

#include "core/base/error.h"
#include "core/base/output.h"

#include <math.h>
#include <string.h>
#include <tiffio.h>

#define TILE 512
#define UM_PER_CM 10000.
#define CLASSIC_MAX_BYTES 4e9

#define DESCRIPTION                                                            \
  "Tumour probability, 0 to 1. Research use only. Not for diagnosis."

/* One level of the file: nearest samples of a level of the map. */
typedef struct
{
  int level; /* of the map */
  gint64 width, height;
  gint64 *cols, *rows; /* the cell under the middle of each pixel */
} Level;

typedef struct
{
  AxProbMap *map;
  AxRect0 slide;
  gint64 pitch; /* level-0 pixels a pixel of the largest level */
  TIFF *tiff;
  guint16 *cells; /* of the map, under one tile */
  gsize n_cells;
  float *tile;
} Writer;

static int
on_tiff_error (TIFF *tiff, void *user_data, const char *module,
               const char *format, va_list arguments)
{
  char **message = user_data;

  if (message != NULL && *message == NULL)
    *message = g_strdup_vprintf (format, arguments);
  return 1;
}

/* ASAP draws a map magnified by the whole part of slide width over map width,
 * and only where that of the heights is the same.  For cells to lie where they
 * belong the pitch has to be that number, which leaves a last part of a cell
 * out: with one pixel more the quotient would be one less. */
static gboolean
fits_asap (AxRect0 slide, gint64 pitch)
{
  gint64 width = slide.width / pitch, height = slide.height / pitch;

  return width > 0 && height > 0 && slide.width / width == pitch
         && slide.height / height == pitch;
}

/* The fitting pitch nearest to the map's own; 1 always fits. */
static gint64
choose_pitch (const AxProbGeometry *geometry, AxRect0 slide)
{
  gint64 wanted = MAX (lround ((geometry->cell.x + geometry->cell.y) / 2), 1);

  for (gint64 away = 0; away < wanted; away++)
    {
      if (fits_asap (slide, wanted - away))
        return wanted - away;
      if (fits_asap (slide, wanted + away))
        return wanted + away;
    }
  return 1;
}

/* Cells, of size @cell, under pixels of @pitch whose first starts at @origin;
 * both in level-0 pixels. */
static gint64 *
find_samples (gint64 n_pixels, gint64 origin, double pitch, double cell)
{
  gint64 *samples = g_new (gint64, n_pixels);

  for (gint64 i = 0; i < n_pixels; i++)
    samples[i] = (gint64)floor ((origin + (i + 0.5) * pitch) / cell);
  return samples;
}

static void
level_init (Level *self, const Writer *writer, int index)
{
  const AxProbGeometry *geometry = ax_prob_map_get_geometry (writer->map);
  double scale = ldexp (1, index), map_scale;

  self->level = MIN (index, ax_prob_map_get_n_levels (writer->map) - 1);
  map_scale = ldexp (1, self->level);
  self->width = (gint64)ceil (writer->slide.width / writer->pitch / scale);
  self->height = (gint64)ceil (writer->slide.height / writer->pitch / scale);
  self->cols
      = find_samples (self->width, writer->slide.x, writer->pitch * scale,
                      geometry->cell.x * map_scale);
  self->rows
      = find_samples (self->height, writer->slide.y, writer->pitch * scale,
                      geometry->cell.y * map_scale);
}

static void
level_clear (Level *self)
{
  g_free (self->cols);
  g_free (self->rows);
}

static void
set_tags (const Writer *self, const Level *level, int index)
{
  const AxProbGeometry *geometry = ax_prob_map_get_geometry (self->map);
  double pitch = ldexp (self->pitch, index);
  TIFF *tiff = self->tiff;

  TIFFSetField (tiff, TIFFTAG_SUBFILETYPE,
                index > 0 ? FILETYPE_REDUCEDIMAGE : 0);
  TIFFSetField (tiff, TIFFTAG_IMAGEWIDTH, (uint32_t)level->width);
  TIFFSetField (tiff, TIFFTAG_IMAGELENGTH, (uint32_t)level->height);
  TIFFSetField (tiff, TIFFTAG_TILEWIDTH, TILE);
  TIFFSetField (tiff, TIFFTAG_TILELENGTH, TILE);
  TIFFSetField (tiff, TIFFTAG_BITSPERSAMPLE, 32);
  TIFFSetField (tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
  TIFFSetField (tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_IEEEFP);
  TIFFSetField (tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  TIFFSetField (tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField (tiff, TIFFTAG_SMINSAMPLEVALUE, 0.);
  TIFFSetField (tiff, TIFFTAG_SMAXSAMPLEVALUE, 1.);
  /* Of the two numbers for the same method the one that ASAP takes. */
  TIFFSetField (tiff, TIFFTAG_COMPRESSION, COMPRESSION_DEFLATE);
  TIFFSetField (tiff, TIFFTAG_SOFTWARE, "axilla " AX_VERSION);
  TIFFSetField (tiff, TIFFTAG_IMAGEDESCRIPTION, DESCRIPTION);
  if (geometry->mpp.x > 0 && geometry->mpp.y > 0)
    {
      TIFFSetField (tiff, TIFFTAG_RESOLUTIONUNIT, RESUNIT_CENTIMETER);
      TIFFSetField (tiff, TIFFTAG_XRESOLUTION,
                    UM_PER_CM / (pitch * geometry->mpp.x));
      TIFFSetField (tiff, TIFFTAG_YRESOLUTION,
                    UM_PER_CM / (pitch * geometry->mpp.y));
    }
}

/* Fills the tile with pixels from (@left, @top) on. */
static gboolean
fill_tile (Writer *self, const Level *level, gint64 left, gint64 top)
{
  gint64 right = MIN (left + TILE, level->width) - 1;
  gint64 bottom = MIN (top + TILE, level->height) - 1;
  AxCellRect rect = { level->cols[left], level->rows[top],
                      level->cols[right] - level->cols[left] + 1,
                      level->rows[bottom] - level->rows[top] + 1 };
  gsize n_cells = (gsize)rect.n_cols * rect.n_rows;

  if (n_cells > self->n_cells)
    {
      g_free (self->cells);
      self->cells = g_try_new (guint16, n_cells);
      self->n_cells = self->cells != NULL ? n_cells : 0;
    }
  if (self->cells == NULL)
    return FALSE;
  ax_prob_map_read (self->map, level->level, rect, self->cells);

  memset (self->tile, 0, TILE * TILE * sizeof *self->tile);
  for (gint64 row = top; row <= bottom; row++)
    for (gint64 col = left; col <= right; col++)
      {
        guint16 cell = self->cells[(level->rows[row] - rect.row) * rect.n_cols
                                   + level->cols[col] - rect.col];

        if (cell != AX_PROB_NONE)
          self->tile[(row - top) * TILE + col - left]
              = (float)ax_prob_value (cell);
      }
  return TRUE;
}

static gboolean
write_level (Writer *self, const Level *level, int index)
{
  set_tags (self, level, index);
  for (gint64 top = 0; top < level->height; top += TILE)
    for (gint64 left = 0; left < level->width; left += TILE)
      if (!fill_tile (self, level, left, top)
          || TIFFWriteTile (self->tiff, self->tile, left, top, 0, 0) < 0)
        return FALSE;
  return TIFFWriteDirectory (self->tiff);
}

/* Levels until one tile holds the map; ASAP wants each narrower than the one
 * before. */
static gboolean
write_levels (Writer *self)
{
  gboolean written, is_last;

  for (int index = 0;; index++)
    {
      Level level;

      level_init (&level, self, index);
      is_last = MAX (level.width, level.height) <= TILE || level.width == 1;
      written = write_level (self, &level, index);
      level_clear (&level);
      if (!written || is_last)
        return written;
    }
}

static TIFF *
open_tiff (const Writer *self, const char *path, char **message)
{
  double bytes = 4. * sizeof *self->tile / 3
                 * (self->slide.width / self->pitch + TILE)
                 * (self->slide.height / self->pitch + TILE);
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc ();
  TIFF *tiff;

  TIFFOpenOptionsSetErrorHandlerExtR (options, on_tiff_error, message);
  TIFFOpenOptionsSetWarningHandlerExtR (options, on_tiff_error, NULL);
  tiff = TIFFOpenExt (path, bytes < CLASSIC_MAX_BYTES ? "w" : "w8", options);
  TIFFOpenOptionsFree (options);
  return tiff;
}

gboolean
ax_likelihood_tiff_write (AxProbMap *map, AxRect0 slide, const char *path,
                          GError **error)
{
  g_autoptr (AxOutput) output = NULL;
  g_autofree float *tile = NULL;
  g_autofree char *message = NULL;
  Writer writer = { .map = map, .slide = slide };
  gboolean written = FALSE;

  g_return_val_if_fail (map != NULL, FALSE);
  g_return_val_if_fail (!ax_rect0_is_empty (slide), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);

  output = ax_output_new (path, error);
  if (output == NULL)
    return FALSE;
  writer.pitch = choose_pitch (ax_prob_map_get_geometry (map), slide);
  writer.tile = tile = g_new (float, TILE *TILE);
  writer.tiff = open_tiff (&writer, ax_output_get_temp_path (output), &message);
  if (writer.tiff != NULL)
    {
      written = write_levels (&writer);
      TIFFClose (writer.tiff);
      written = written && message == NULL;
    }
  g_free (writer.cells);
  if (!written)
    {
      g_autofree char *name = g_filename_display_name (path);

      g_set_error (error, AX_ERROR, AX_ERROR_IO, "%s: cannot be written: %s",
                   name, message != NULL ? message : "out of memory");
      return FALSE;
    }
  return ax_output_commit (output, error);
}
