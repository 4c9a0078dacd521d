#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AxJsonScan:
 *
 * A strict pull reader for the small, known JSON of hostile files: the header
 * of a weights file and the values of a model card.  It keeps no tree, so
 * that nothing nests deeper than its reader asks for, and nothing is taken
 * twice behind the reader's back: duplicate keys are the reader's to refuse.
 *
 * Errors stick: after the first one every call returns FALSE, loops end, and
 * ax_json_scan_end() hands the error over.
 *
 * |[
 *   ax_json_scan_begin (&scan, '{');
 *   while (ax_json_scan_next_key (&scan, &key))
 *     ...
 *   if (!ax_json_scan_end (&scan, error))
 * ]|
 *
 * Errors: AX_ERROR_FORMAT naming @what, the byte and what was expected.
 * Thread: owner.
 */
typedef struct
{
  const char *what;
  const char *start, *at, *end;
  gboolean first; /* no member of the open bracket was read yet */
  GError *error;
} AxJsonScan;

/** @text and @what must outlive the scan. */
AxJsonScan ax_json_scan_init (const char *text, gsize length, const char *what);

/** Opens an object '{' or an array '['. */
gboolean ax_json_scan_begin (AxJsonScan *self, char bracket);
/** Next member of an object; FALSE when it is closed.  @key is replaced. */
gboolean ax_json_scan_next_key (AxJsonScan *self, char **key);
/** TRUE when another item of an array follows; FALSE when it is closed. */
gboolean ax_json_scan_next_item (AxJsonScan *self);

/** @out is replaced (transfer full); valid UTF-8 without NUL. */
gboolean ax_json_scan_string (AxJsonScan *self, char **out);
/** A whole number from 0, without sign, fraction or exponent. */
gboolean ax_json_scan_count (AxJsonScan *self, gint64 max, gint64 *out);
gboolean ax_json_scan_number (AxJsonScan *self, double min, double max,
                              double *out);
gboolean ax_json_scan_boolean (AxJsonScan *self, gboolean *out);

/** The reader's own complaint, in the same words and place. */
void ax_json_scan_fail (AxJsonScan *self, const char *format, ...)
    G_GNUC_PRINTF (2, 3);

/** Demands that only white space is left; hands over the error. */
gboolean ax_json_scan_end (AxJsonScan *self, GError **error);

G_END_DECLS
