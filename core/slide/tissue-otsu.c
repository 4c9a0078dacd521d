#include "core/slide/tissue-otsu.h"

#include "core/base/error.h"
#include "core/slide/tissue-ink.h"
#include "core/slide/tissue-regions.h"

#include <math.h>
#include <string.h>

/*
 * Otsu always splits in two.  On bare glass it would split noise: glass has a
 * saturation of 0..12, tinted 20, so nothing up to MIN_ is tissue.  On a slide
 * that is all tissue it would give up the paler half: the palest 0.5 % of
 * tissue of three CAMELYON17 centres has 35, so all above MAX_ is tissue.
 */
#define MIN_SATURATION_THRESHOLD 24
#define MAX_SATURATION_THRESHOLD 34
/* Likewise: glass has a luminance above 200, smears and shadows on it 165. */
#define MIN_LUMINANCE_THRESHOLD 80
#define MAX_LUMINANCE_THRESHOLD 150

/* Padding is black or white; JPEG smears black up to here. */
#define MAX_PADDING 12
/* In transmitted light half of what is no padding is brighter; in
   fluorescence most of a slide is ground. */
#define MAX_FLUORESCENCE 48

#define MIN_DARK_UM 100
#define MIN_HOLE_UM2 10000.0
#define MIN_SPECK_UM2 5000.0
/* So that a slide of a few hundred pixels is not one speck. */
#define MAX_SPECK_SHARE 0.01

static guint8
get_saturation (const guint8 *rgb)
{
  int max = MAX (rgb[0], MAX (rgb[1], rgb[2]));
  int min = MIN (rgb[0], MIN (rgb[1], rgb[2]));

  return max > 0 ? (max - min) * 255 / max : 0;
}

/* ITU-R BT.601 */
static guint8
get_luminance (const guint8 *rgb)
{
  return (299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2] + 500) / 1000;
}

static gboolean
is_padding (const guint8 *rgb)
{
  return MAX (rgb[0], MAX (rgb[1], rgb[2])) <= MAX_PADDING
         || MIN (rgb[0], MIN (rgb[1], rgb[2])) == 255;
}

int
ax_tissue_otsu_threshold (const guint64 histogram[256])
{
  double total = 0, sum = 0, n_below = 0, sum_below = 0, best = 0;
  int threshold = 0, last = 0;

  for (int i = 0; i < 256; i++)
    {
      total += histogram[i];
      sum += (double)i * histogram[i];
      if (histogram[i] > 0)
        last = i;
    }
  threshold = last;
  for (int i = 0; i < last; i++)
    {
      double n_above, distance, variance;

      n_below += histogram[i];
      sum_below += (double)i * histogram[i];
      n_above = total - n_below;
      if (n_below == 0)
        continue;
      distance = sum_below / n_below - (sum - sum_below) / n_above;
      variance = n_below * n_above * distance * distance;
      if (variance > best)
        {
          best = variance;
          threshold = i;
        }
    }
  return threshold;
}

static int
get_median (const guint64 histogram[256])
{
  guint64 total = 0, n = 0;
  int i;

  for (i = 0; i < 256; i++)
    total += histogram[i];
  for (i = 0; i < 255; i++)
    {
      n += histogram[i];
      if (2 * n >= total)
        break;
    }
  return i;
}

typedef struct
{
  guint64 saturation[256], luminance[256];
} Histograms;

static void
count (const guint8 *rgb, const guint8 *damaged, const guint8 *ink,
       gsize n_cells, Histograms *histograms)
{
  memset (histograms, 0, sizeof *histograms);
  for (gsize i = 0; i < n_cells; i++, rgb += 3)
    {
      if ((damaged != NULL && damaged[i] != 0) || ink[i] != 0
          || is_padding (rgb))
        continue;
      histograms->saturation[get_saturation (rgb)]++;
      histograms->luminance[get_luminance (rgb)]++;
    }
}

/* Marks cells of tissue in @mask. */
static gboolean
classify (const guint8 *rgb, const guint8 *ink, int width, int height,
          double cell_um, int max_saturation, int max_luminance, guint8 *mask,
          GError **error)
{
  gsize n_cells = (gsize)width * height;
  int radius = MAX (1, (int)lround (MIN_DARK_UM / cell_um / 2));

  for (gsize i = 0; i < n_cells; i++)
    mask[i] = get_luminance (rgb + i * 3) <= max_luminance && ink[i] == 0
                      && !is_padding (rgb + i * 3)
                  ? 255
                  : 0;
  if (!ax_tissue_regions_open (mask, width, height, radius, 1, error))
    return FALSE;
  for (gsize i = 0; i < n_cells; i++)
    if (get_saturation (rgb + i * 3) > max_saturation && ink[i] == 0
        && !is_padding (rgb + i * 3))
      mask[i] = 255;
  return TRUE;
}

static gboolean
find (const guint8 *rgb, const guint8 *ink, int width, int height,
      AxScale cell_um, const Histograms *histograms, int *threshold,
      guint8 *mask, GError **error)
{
  double area_um2 = cell_um.x * cell_um.y;
  int saturation = CLAMP (ax_tissue_otsu_threshold (histograms->saturation),
                          MIN_SATURATION_THRESHOLD, MAX_SATURATION_THRESHOLD);
  int luminance = CLAMP (ax_tissue_otsu_threshold (histograms->luminance),
                         MIN_LUMINANCE_THRESHOLD, MAX_LUMINANCE_THRESHOLD);
  double min_speck
      = MIN (MIN_SPECK_UM2 / area_um2, MAX_SPECK_SHARE * width * height);

  *threshold = saturation;
  if (get_median (histograms->luminance) <= MAX_FLUORESCENCE)
    {
      memset (mask, 0, (gsize)width * height);
      return TRUE;
    }
  return classify (rgb, ink, width, height, sqrt (area_um2), saturation,
                   luminance, mask, error)
         && ax_tissue_regions_drop (mask, width, height, 0,
                                    MIN_HOLE_UM2 / area_um2, NULL, error)
         && ax_tissue_regions_drop (mask, width, height, 255, min_speck, NULL,
                                    error);
}

guint8 *
ax_tissue_otsu_find (const guint8 *rgb, const guint8 *damaged, int width,
                     int height, AxScale cell_um, int *threshold,
                     GError **error)
{
  gsize n_cells = (gsize)width * height;
  g_autofree guint8 *mask = g_try_malloc (n_cells);
  g_autofree guint8 *ink = g_try_malloc (n_cells);
  Histograms histograms;
  int found;

  if (mask == NULL || ink == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "no memory for %d x %d tissue cells", width, height);
      return NULL;
    }
  if (!ax_tissue_ink_find (rgb, width, height, cell_um, ink, error))
    return NULL;
  count (rgb, damaged, ink, n_cells, &histograms);
  if (!find (rgb, ink, width, height, cell_um, &histograms, &found, mask,
             error))
    return NULL;
  for (gsize i = 0; damaged != NULL && i < n_cells; i++)
    if (damaged[i] != 0)
      mask[i] = 255;
  *threshold = found;
  return g_steal_pointer (&mask);
}
