#pragma once

#include "core/detect/lesion.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * Ink: what everything drawn over the tissue has in common, so that it is
 * legible on pale and on dark tissue: class colours, class marks, lines with a
 * halo, labels on a plate.
 *
 * A size class is told by shape as well as by colour: ring ITC, diamond
 * micro, square macro; a lesion of unknown size has a triangle.
 *
 * Units: the context's.  Thread: main.
 */

/** 0xRRGGBB; chosen to differ for the colour blind too (Okabe and Ito 2008). */
guint32 ax_ink_class_color (AxSizeClass size_class);

/** Colour of reference annotations, which no class has. */
#define AX_INK_REFERENCE 0xF5D90A

/** Sets @rgb (0xRRGGBB) as source. */
void ax_ink_set_color (cairo_t *cr, guint32 rgb, double alpha);

/**
 * Strokes the current path and drops it: @width in @rgb over a wider halo, a
 * pale one for dark colours, a dark one for pale colours.
 */
void ax_ink_stroke (cairo_t *cr, guint32 rgb, double width, double opacity);

/**
 * ax_ink_mark:
 *
 * The mark of a class around (@x, @y), all of it within @radius plus a pixel
 * of halo.  @strong: filled, for the selected one.
 */
void ax_ink_mark (cairo_t *cr, AxSizeClass size_class, double x, double y,
                  double radius, gboolean strong);

/** Where a label's anchor lies on its plate. */
typedef enum
{
  AX_INK_LEFT,
  AX_INK_CENTER,
  AX_INK_RIGHT,
} AxInkAlign;

/**
 * Text on a rounded plate: (@x, @y) is on its vertical middle.  Follows the
 * desktop's font size.
 */
void ax_ink_label (cairo_t *cr, const char *text, double x, double y,
                   AxInkAlign align);

/** Size of the plate that ax_ink_label() draws. */
void ax_ink_measure_label (const char *text, double *width, double *height);

/**
 * (transfer full): diagonal lines in @rgb, each with a pale line beside it, or
 * a dark one where @rgb is pale, on nothing; repeats without a seam, fixed to
 * the origin of the context's user space.
 */
cairo_pattern_t *ax_ink_hatch (guint32 rgb, double alpha);

G_END_DECLS
