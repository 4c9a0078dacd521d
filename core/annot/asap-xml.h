#pragma once

#include "core/annot/losses.h"

G_BEGIN_DECLS

/**
 * ASAP annotation XML, the format of the CAMELYON challenges.
 *
 * The format has no holes; they are written as polygons "NAME hole N" of the
 * group `_2` and given back on reading (asap-holes.h).  Every other polygon of
 * `_2` stays what it is.
 *
 * ASAP drops what it does not know of an annotation when it saves, but keeps
 * group attributes, so measurements and metadata travel there (asap-data.h).
 */

/**
 * ax_asap_xml_read:
 *
 * Reads a file; what is left out is listed with its line.  Points are ordered
 * by `Order` where every one of a shape has it, else as they stand.  Groups
 * that annotations name but nobody defines are made.  The colours ASAP gives
 * by default are read as -1.
 *
 * Errors: as ax_annot_read(); a decimal comma is an error of its line.
 * Thread: any.
 */
AxAnnotationSet *ax_asap_xml_read (const char *path, GError **error);

/**
 * ax_asap_xml_format:
 *
 * (transfer full): the set as the text of a file, such that ASAP's own reader
 * takes it: `Order` counts from 0, and every group named is defined.
 */
GString *ax_asap_xml_format (const AxAnnotationSet *set, AxLosses *losses);

G_END_DECLS
