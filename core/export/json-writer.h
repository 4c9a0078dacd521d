#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AxJsonWriter:
 *
 * JSON text, written front to back.  Numbers are decimal with a stated number
 * of digits and independent of the locale; what is not finite becomes null.
 * Text that is not UTF-8 is repaired.
 *
 * A value has a name inside an object and NULL inside an array; the first
 * object or array is the document and has none.
 *
 * Thread: owner.
 */
typedef struct _AxJsonWriter AxJsonWriter;

/** @pretty: objects over several lines; arrays of plain values stay on one. */
AxJsonWriter *ax_json_writer_new (gboolean pretty);
/** Accepts NULL. */
void ax_json_writer_free (AxJsonWriter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxJsonWriter, ax_json_writer_free)

void ax_json_writer_begin_object (AxJsonWriter *self, const char *name);
void ax_json_writer_begin_array (AxJsonWriter *self, const char *name);
/** Closes the innermost object or array. */
void ax_json_writer_end (AxJsonWriter *self);

/** @value: (nullable): NULL becomes null. */
void ax_json_writer_add_string (AxJsonWriter *self, const char *name,
                                const char *value);
void ax_json_writer_add_int (AxJsonWriter *self, const char *name,
                             gint64 value);
/** @digits: at most that many decimals, see ax_format_decimal(). */
void ax_json_writer_add_double (AxJsonWriter *self, const char *name,
                                double value, int digits);
/** 17 significant digits: reads back as the same number. */
void ax_json_writer_add_exact (AxJsonWriter *self, const char *name,
                               double value);
void ax_json_writer_add_bool (AxJsonWriter *self, const char *name,
                              gboolean value);
void ax_json_writer_add_null (AxJsonWriter *self, const char *name);
/** [value, value, ...] */
void ax_json_writer_add_doubles (AxJsonWriter *self, const char *name,
                                 const double *values, guint n_values,
                                 int digits);

/** (transfer full): the document, which must be closed; ends in a newline. */
char *ax_json_writer_finish (AxJsonWriter *self);

G_END_DECLS
