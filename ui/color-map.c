#include "ui/color-map.h"

#include <math.h>

/* A table through which colours are interpolated in a straight line. */
typedef struct
{
  double p;
  guint32 rgb;
} Stop;

/* Each sixteenth of matplotlib's 256 colours. */
static const guint32 viridis[]
    = { 0x440154, 0x48186A, 0x472D7B, 0x424086, 0x3B528B, 0x33638D,
        0x2C728E, 0x26828E, 0x21918C, 0x1F9F88, 0x27AD81, 0x3DBC74,
        0x5CC863, 0x81D34D, 0xAADC32, 0xD5E21A, 0xFDE725 };
static const guint32 magma[]
    = { 0x000004, 0x0A0822, 0x1D1147, 0x36106B, 0x51127C, 0x6A1C81,
        0x832681, 0x9C2E7F, 0xB73779, 0xCF4070, 0xE55064, 0xF4695C,
        0xFB8761, 0xFEA571, 0xFEC287, 0xFDE0A1, 0xFCFDBF };
static const guint32 cividis[]
    = { 0x00224E, 0x002E6A, 0x1A386F, 0x32436D, 0x434E6C, 0x535A6D,
        0x61656F, 0x6F7073, 0x7D7C78, 0x8B8778, 0x9A9376, 0xAAA073,
        0xBBAD6D, 0xCCBA64, 0xDDC858, 0xEFD748, 0xFEE838 };

static const Stop traffic[] = {
  { 0, 0x00FF00 },
  { 10 / 255.0, 0x00FF00 },
  { 127 / 255.0, 0xFFFF00 },
  { 1, 0xFF0000 },
};

static guint32
mix_channel (guint32 from, guint32 to, int shift, double share)
{
  int first = from >> shift & 0xFF, last = to >> shift & 0xFF;

  return (guint32)lround (first + (last - first) * share) << shift;
}

static guint32
mix (guint32 from, guint32 to, double share)
{
  return mix_channel (from, to, 16, share) | mix_channel (from, to, 8, share)
         | mix_channel (from, to, 0, share);
}

static guint32
look_up_even (const guint32 *colors, guint n_colors, double p)
{
  double position = p * (n_colors - 1);
  guint index = MIN ((guint)position, n_colors - 2);

  return mix (colors[index], colors[index + 1], position - index);
}

static guint32
look_up_stops (const Stop *stops, double p)
{
  const Stop *stop = stops;

  while (p > stop[1].p)
    stop++;
  return mix (stop->rgb, stop[1].rgb, (p - stop->p) / (stop[1].p - stop->p));
}

guint32
ax_color_map_get_color (AxColorMap map, double p)
{
  p = CLAMP (p, 0, 1);
  switch (map)
    {
    case AX_COLOR_MAP_VIRIDIS:
      return look_up_even (viridis, G_N_ELEMENTS (viridis), p);
    case AX_COLOR_MAP_MAGMA:
      return look_up_even (magma, G_N_ELEMENTS (magma), p);
    case AX_COLOR_MAP_CIVIDIS:
      return look_up_even (cividis, G_N_ELEMENTS (cividis), p);
    case AX_COLOR_MAP_TRAFFIC:
      return look_up_stops (traffic, p);
    }
  g_return_val_if_reached (0);
}

void
ax_color_map_fill_table (AxColorMap map, guint32 table[AX_COLOR_TABLE])
{
  for (int i = 0; i < AX_COLOR_TABLE; i++)
    table[i]
        = 0xFF000000 | ax_color_map_get_color (map, i / (AX_COLOR_TABLE - 1.0));
}
