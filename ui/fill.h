#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** AxFill: whether the map is painted, or the lesions' outlines alone speak. */
typedef enum
{
  AX_FILL_AUTO, /* filled when zoomed out, contour from 20x */
  AX_FILL_FILLED,
  AX_FILL_CONTOUR,
} AxFill;

/** @magnification: true one; 0 when unknown. */
static inline gboolean
ax_fill_is_filled (AxFill fill, double magnification)
{
  /* Presets are exact; the grace is for their rounding. */
  return fill == AX_FILL_FILLED
         || (fill == AX_FILL_AUTO && magnification < 20 * 0.999);
}

G_END_DECLS
