#include "core/base/error.h"
#include "core/detect/likelihood-tiff.h"
#include "core/slide/image.h"
#include "core/slide/tiff-directory.h"

#include <math.h>

#define MAX_PIXELS ((gint64)1 << 30)
#define UM_PER_CM 10000.
#define UM_PER_INCH 25400.

/* A pitch this near to a whole number is one: resolution tags are quotients of
 * 32-bit numbers. */
#define WHOLE_PITCH 1e-4

static const double default_scale_max[] = {
  [AX_SAMPLE_U8] = 255,
  [AX_SAMPLE_U16] = 65535,
  [AX_SAMPLE_F32] = 1,
};

/* µm per pixel by the file's tags; zero without them. */
static AxScale
read_spacing (const char *path)
{
  TIFF *tiff = ax_tiff_open (path, FALSE, NULL);
  AxScale spacing = { 0, 0 };
  float x = 0, y = 0;
  uint16_t unit = RESUNIT_NONE;
  double um;

  if (tiff == NULL)
    return spacing;
  TIFFGetField (tiff, TIFFTAG_XRESOLUTION, &x);
  TIFFGetField (tiff, TIFFTAG_YRESOLUTION, &y);
  TIFFGetFieldDefaulted (tiff, TIFFTAG_RESOLUTIONUNIT, &unit);
  um = unit == RESUNIT_CENTIMETER ? UM_PER_CM
       : unit == RESUNIT_INCH     ? UM_PER_INCH
                                  : 0;
  if (x > 0 && y > 0 && um > 0)
    spacing = (AxScale){ um / x, um / y };
  TIFFClose (tiff);
  return spacing;
}

static double
snap (double pitch)
{
  return fabs (pitch - round (pitch)) < WHOLE_PITCH ? round (pitch) : pitch;
}

static gboolean
find_cell_size (const char *path, const char *name, double step, AxScale mpp,
                AxScale *cell, GError **error)
{
  AxScale spacing;

  *cell = (AxScale){ step, step };
  if (step > 0)
    return TRUE;

  spacing = read_spacing (path);
  if (spacing.x == 0 || mpp.x == 0 || mpp.y == 0)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                   "%s: how many slide pixels a cell has is not known: %s",
                   name,
                   spacing.x == 0 ? "the file has no spacing"
                                  : "the slide has no µm/px");
      return FALSE;
    }
  *cell = (AxScale){ snap (spacing.x / mpp.x), snap (spacing.y / mpp.y) };
  return TRUE;
}

static double
sample_at (const AxImage *image, gsize index)
{
  switch (image->type)
    {
    case AX_SAMPLE_U8:
      return ((const guint8 *)image->data)[index];
    case AX_SAMPLE_U16:
      return ((const guint16 *)image->data)[index];
    case AX_SAMPLE_F32:
      return ((const float *)image->data)[index];
    }
  g_return_val_if_reached (0);
}

/* Some programs store a grey picture as RGB. */
static gboolean
is_grey (const AxImage *image)
{
  gsize n_samples = (gsize)image->width * image->height * image->n_channels;

  for (gsize i = 0; i < n_samples; i += image->n_channels)
    for (int channel = 1; channel < image->n_channels; channel++)
      if (sample_at (image, i + channel) != sample_at (image, i))
        return FALSE;
  return TRUE;
}

/* Cells of an image row; FALSE, with the column, at a value that is no
 * probability.  Whole numbers beyond the scale are what JPEG makes of its
 * end. */
static gboolean
quantize_row (const AxImage *image, int row, double scale_max, guint16 *cells,
              int *wrong_col)
{
  gboolean is_float = image->type == AX_SAMPLE_F32;

  for (int col = 0; col < image->width; col++)
    {
      gsize index = (gsize)row * image->width + col;
      double value = sample_at (image, index * image->n_channels) / scale_max;

      *wrong_col = col;
      if (is_float && !(value >= 0 && value <= 1))
        return FALSE;
      cells[col]
          = is_float && value == 0 ? AX_PROB_NONE : ax_prob_quantize (value);
    }
  return TRUE;
}

static gboolean
fill_map (AxProbMap *map, const AxImage *image, const char *name,
          double scale_max, GError **error)
{
  gsize n_cells = (gsize)image->width * AX_PROB_TILE;
  g_autofree guint16 *cells = g_try_new (guint16, n_cells);

  if (cells == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "%s: no memory for a row of tiles", name);
      return FALSE;
    }

  for (int top = 0; top < image->height; top += AX_PROB_TILE)
    {
      int n_rows = MIN (AX_PROB_TILE, image->height - top);

      for (int row = 0; row < n_rows; row++)
        {
          int col;

          if (!quantize_row (image, top + row, scale_max,
                             cells + (gsize)row * image->width, &col))
            {
              g_set_error (
                  error, AX_ERROR, AX_ERROR_FORMAT,
                  "%s: the value %g at %d, %d is outside of 0 to %g", name,
                  sample_at (image, ((gsize)(top + row) * image->width + col)
                                        * image->n_channels),
                  col, top + row, scale_max);
              return FALSE;
            }
        }
      if (!ax_prob_map_write (map, (AxCellRect){ 0, top, image->width, n_rows },
                              cells, error))
        return FALSE;
    }
  return TRUE;
}

AxProbMap *
ax_likelihood_read (const char *path, double scale_max, double step,
                    AxScale mpp, GError **error)
{
  g_autoptr (AxImage) image = NULL;
  g_autoptr (AxProbMap) map = NULL;
  g_autofree char *name = NULL;
  AxProbGeometry geometry = { .mpp = mpp };

  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (scale_max >= 0 && step >= 0, NULL);
  g_return_val_if_fail (mpp.x >= 0 && mpp.y >= 0, NULL);

  name = g_filename_display_name (path);
  image = ax_image_load (path, MAX_PIXELS, error);
  if (image == NULL
      || !find_cell_size (path, name, step, mpp, &geometry.cell, error))
    return NULL;
  if (!is_grey (image))
    {
      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                   "%s: a map has one channel, this picture has %d", name,
                   image->n_channels);
      return NULL;
    }

  geometry.width = image->width;
  geometry.height = image->height;
  map = ax_prob_map_new (geometry, 0, error);
  if (map == NULL
      || !fill_map (map, image, name,
                    scale_max > 0 ? scale_max : default_scale_max[image->type],
                    error))
    return NULL;
  return g_steal_pointer (&map);
}
