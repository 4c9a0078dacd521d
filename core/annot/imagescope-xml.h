#pragma once

#include "core/annot/annot-format.h"
#include "core/annot/losses.h"

G_BEGIN_DECLS

/**
 * ImageScope (Aperio) annotation XML, which has no published schema, and
 * HALO's dialect of it.
 *
 * A layer is a group with one colour: annotations of one group in two colours
 * make two layers of one name, and those without a group layers without one.
 * Colours are decimal and blue comes first: 255 is red.
 *
 * A hole is a region of its own with NegativeROA="1".  Its owner is not
 * stated; reading gives it to the smallest area of the layer that contains it.
 */

/**
 * ax_imagescope_xml_read:
 *
 * Reads a file; what is left out is listed with its line.  The region's type
 * is a hint where the number of vertices leaves room: two corners of a
 * rectangle or an ellipse, or the ends of a ruler.  One vertex is a dot.
 *
 * Errors: as ax_annot_read(); a decimal comma is an error of its line.
 * Thread: any.
 */
AxAnnotationSet *ax_imagescope_xml_read (const char *path, GError **error);

/**
 * ax_imagescope_xml_format:
 * @context: (nullable): micrometres per pixel, without which lengths and areas
 *   are given in pixels only
 *
 * (transfer full): the set as the text of a file.
 */
GString *ax_imagescope_xml_format (const AxAnnotationSet *set,
                                   const AxAnnotContext *context,
                                   AxLosses *losses);

G_END_DECLS
