#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AxCsv:
 *
 * A table of text fields separated by commas, read whole.
 *
 * Understood: a byte-order mark, lines ended by LF or CRLF, fields in double
 * quotes with commas, line ends and doubled quotes inside, empty lines (left
 * out), a last line without an end.
 * White space around a field that is not quoted is not part of it.
 *
 * Refused with file and line: a quote that is not closed or that ends in the
 * middle of a field, a NUL, UTF-16, text that is not UTF-8, and a row that has
 * not as many fields as the first.
 *
 * Thread: immutable after reading; any.
 */
typedef struct _AxCsv AxCsv;

#define AX_CSV_MAX_BYTES (256 << 20)

/** Errors: AX_ERROR_IO, AX_ERROR_FORMAT, AX_ERROR_LIMIT above 256 MiB. */
AxCsv *ax_csv_read (const char *path, GError **error);
/** Accepts NULL. */
void ax_csv_free (AxCsv *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxCsv, ax_csv_free)

guint ax_csv_get_n_rows (const AxCsv *self);
/** Of every row; 0 in a file without rows. */
guint ax_csv_get_n_columns (const AxCsv *self);
/** (transfer none): a field; row 0 is the header where there is one. */
const char *ax_csv_get (const AxCsv *self, guint row, guint column);
/** Where the row starts in the file, from 1. */
guint ax_csv_get_line (const AxCsv *self, guint row);

/** The first column that row 0 names so, whatever the case; -1 for none. */
int ax_csv_find_column (const AxCsv *self, const char *name);

/**
 * The same, a missing one being an error: AX_ERROR_FORMAT naming file, column
 * and the columns there are.
 */
gboolean ax_csv_need_column (const AxCsv *self, const char *name, guint *column,
                             GError **error);

/**
 * A field as a number, by the rules of parse.h: NaN, infinities and empty
 * fields are refused.  Errors: AX_ERROR_FORMAT naming file, line, text and
 * @name, what the column is called.
 */
gboolean ax_csv_get_double (const AxCsv *self, guint row, guint column,
                            const char *name, double *out, GError **error);

/** Sets AX_ERROR_FORMAT, "FILE:LINE: " and the message. */
void ax_csv_set_error (const AxCsv *self, guint row, GError **error,
                       const char *format, ...) G_GNUC_PRINTF (4, 5);

/** Appends a field, quoted where it must be; no comma before it. */
void ax_csv_append (GString *text, const char *field);

G_END_DECLS
