#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * Locale-free numbers.  The only string-to-number code of the project.
 *
 * Each takes a NUL-terminated @text, allows surrounding ASCII white space,
 * demands that nothing else follows, and refuses values outside [@min, @max],
 * NaN included.  On failure @out is untouched and the error names @what, the
 * text (shortened) and the limit.  Errors: AX_ERROR_FORMAT.  Thread: any.
 *
 * Numbers are decimal: no hex, no infinity, no grouping.  A double too small to
 * represent is the nearest one, 0 included; one too large is an error.
 */
gboolean ax_parse_double (const char *text, const char *what, double min,
                          double max, double *out, GError **error);
gboolean ax_parse_int (const char *text, const char *what, gint64 min,
                       gint64 max, gint64 *out, GError **error);

/**
 * ax_parse_rect: "X,Y,W,H" of whole numbers of at most 2^53, W and H positive.
 * ax_parse_int_list: whole numbers separated by commas, each within the limits
 *   (transfer full): a GArray of gint64.
 */
gboolean ax_parse_rect (const char *text, const char *what, gint64 out[4],
                        GError **error);
GArray *ax_parse_int_list (const char *text, const char *what, gint64 min,
                           gint64 max, GError **error);

#define AX_FORMAT_BUFFER 48

/**
 * Writes @value with at most @digits (0 to 17) decimals and no trailing zeros,
 * dot as decimal point; from 1e15 on with 15 significant digits and exponent.
 * (transfer none): @buffer.
 */
const char *ax_format_decimal (char buffer[AX_FORMAT_BUFFER], double value,
                               int digits);

G_END_DECLS
