#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AxColorMap: the colour of a probability, bound to the probability itself and
 * never stretched to what a slide happens to hold.  Thread: any.
 *
 * VIRIDIS  matplotlib's viridis (Smith and van der Walt, 2015; CC0) through
 *          seventeen of its colours: even in lightness, safe for the colour
 *          blind.
 * MAGMA, CIVIDIS likewise; cividis (Nunez et al. 2018) looks the same to those
 *          who see no red or green.
 * TRAFFIC  the look-up table of ASAP, "Traffic Light (0 - 1)": green from
 *          10/255, yellow at 127/255, red at 1 (formats.md 3.3).
 */
typedef enum
{
  AX_COLOR_MAP_VIRIDIS,
  AX_COLOR_MAP_TRAFFIC,
  AX_COLOR_MAP_MAGMA,
  AX_COLOR_MAP_CIVIDIS,
} AxColorMap;

#define AX_N_COLOR_MAPS 4

#define AX_COLOR_TABLE 256

/** The colour of @p, clamped to 0..1, as 0xRRGGBB. */
guint32 ax_color_map_get_color (AxColorMap map, double p);

/** Colours of p = i / 255 as opaque words for Cairo, 0xFFRRGGBB. */
void ax_color_map_fill_table (AxColorMap map, guint32 table[AX_COLOR_TABLE]);

G_END_DECLS
