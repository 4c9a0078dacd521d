#include "core/slide/tissue-ink.h"

#include "core/base/error.h"
#include "core/slide/tissue-regions.h"

#include <math.h>

/*
 * Hues in degrees, saturation 0..255.  Stained tissue of three CAMELYON17
 * centres and 20,000 PatchCamelyon patches, averaged to 8 µm, lies between
 * hues 262 and 340 (99 % of it), with a saturation below 180; blood reaches
 * hue 5 with a saturation of 165.  The borders keep a distance from both.
 */
#define GREEN_FIRST 70
#define BLUE_FIRST 170
#define BLUE_LAST 245
#define RED_FIRST 345
#define RED_LAST 30
#define MIN_GREEN_SATURATION 50
#define MIN_BLUE_SATURATION 90
#define MIN_RED_SATURATION 172
/* Black ink: the brightest channel, and its distance from the darkest. */
#define MAX_BLACK 85
#define MAX_BLACK_CHROMA 30

/* The rim of a stroke, where ink and glass or tissue share a cell. */
#define MIN_RIM_SATURATION 25
#define MAX_BLACK_RIM 170

#define MIN_STROKE_UM 200
/* Of a stroke's width that is strong ink: pens leave streaks. */
#define STROKE_SHARE 0.75
#define RIM_UM 100

typedef enum
{
  INK_NONE,
  INK_GREEN,
  INK_BLUE,
  INK_RED,
  INK_BLACK,
} InkColour;

/* Hue of a coloured pixel (Smith 1978). */
static double
get_hue (int red, int green, int blue, int max, int chroma)
{
  double sixths;

  if (max == red)
    sixths = (double)(green - blue) / chroma;
  else if (max == green)
    sixths = 2 + (double)(blue - red) / chroma;
  else
    sixths = 4 + (double)(red - green) / chroma;
  return sixths < 0 ? (sixths + 6) * 60 : sixths * 60;
}

/* What ink a pixel may be, and whether it is no more than a rim of it. */
static InkColour
classify (const guint8 *rgb, gboolean *is_rim)
{
  int max = MAX (rgb[0], MAX (rgb[1], rgb[2]));
  int chroma = max - MIN (rgb[0], MIN (rgb[1], rgb[2]));
  int saturation = max > 0 ? chroma * 255 / max : 0;
  double hue;

  *is_rim = FALSE;
  if (chroma <= MAX_BLACK_CHROMA && max <= MAX_BLACK_RIM)
    {
      *is_rim = max > MAX_BLACK;
      return INK_BLACK;
    }
  if (saturation < MIN_RIM_SATURATION)
    return INK_NONE;
  hue = get_hue (rgb[0], rgb[1], rgb[2], max, chroma);
  if (hue >= GREEN_FIRST && hue < BLUE_FIRST)
    {
      *is_rim = saturation < MIN_GREEN_SATURATION;
      return INK_GREEN;
    }
  if (hue >= BLUE_FIRST && hue <= BLUE_LAST)
    {
      *is_rim = saturation < MIN_BLUE_SATURATION;
      return INK_BLUE;
    }
  if (hue >= RED_FIRST || hue <= RED_LAST)
    {
      *is_rim = saturation < MIN_RED_SATURATION;
      return INK_RED;
    }
  return INK_NONE;
}

static int
to_cells (double um, AxScale cell_um)
{
  return (int)lround (um / sqrt (cell_um.x * cell_um.y));
}

/* Adds the strokes of one colour to @ink. */
static gboolean
add_strokes (const guint8 *rgb, int width, int height, AxScale cell_um,
             InkColour colour, guint8 *strokes, guint8 *ink, GError **error)
{
  gsize n_cells = (gsize)width * height;
  int radius = MAX (1, to_cells (MIN_STROKE_UM / 2.0, cell_um));
  int rim = MAX (1, to_cells (RIM_UM, cell_um));
  gboolean is_rim;

  for (gsize i = 0; i < n_cells; i++)
    strokes[i] = classify (rgb + i * 3, &is_rim) == colour && !is_rim ? 255 : 0;
  if (!ax_tissue_regions_open (strokes, width, height, radius, STROKE_SHARE,
                               error)
      || !ax_tissue_regions_grow (strokes, width, height, rim, error))
    return FALSE;
  for (gsize i = 0; i < n_cells; i++)
    if (strokes[i] != 0 && classify (rgb + i * 3, &is_rim) == colour)
      ink[i] = 255;
  return TRUE;
}

gboolean
ax_tissue_ink_find (const guint8 *rgb, int width, int height, AxScale cell_um,
                    guint8 *ink, GError **error)
{
  gsize n_cells = (gsize)width * height;
  g_autofree guint8 *strokes = g_try_malloc (n_cells);
  guint n_of[INK_BLACK + 1] = { 0 };
  gboolean is_rim;

  if (strokes == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "no memory for the ink in %d x %d tissue cells", width,
                   height);
      return FALSE;
    }
  for (gsize i = 0; i < n_cells; i++)
    {
      InkColour colour = classify (rgb + i * 3, &is_rim);

      n_of[colour] += !is_rim;
      ink[i] = 0;
    }
  for (InkColour colour = INK_GREEN; colour <= INK_BLACK; colour++)
    if (n_of[colour] > 0
        && !add_strokes (rgb, width, height, cell_um, colour, strokes, ink,
                         error))
      return FALSE;
  return TRUE;
}
