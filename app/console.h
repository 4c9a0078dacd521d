#pragma once

#include "core/export/json-writer.h"

#include <glib.h>

G_BEGIN_DECLS

/**
 * The program's words.  Results go to standard output, everything else to
 * standard error.  All text is UTF-8, whatever the locale.
 */

#define AX_PROGRAM "axilla-cli"

/** "axilla-cli: MESSAGE" on standard error, always one line. */
void ax_console_report (const GError *error);

/** "axilla-cli: note: ..." on standard error: the work goes on. */
void ax_console_note (const char *format, ...) G_GNUC_PRINTF (1, 2);

/** On standard output. */
void ax_console_print (const char *format, ...) G_GNUC_PRINTF (1, 2);

/** Closes the document and prints it on standard output. */
void ax_console_print_json (AxJsonWriter *json);

/** Errors: AX_ERROR_IO when standard output took less than was printed. */
gboolean ax_console_flush (GError **error);

/** (transfer full): "0.8 s", "41 s", "2 min 41 s", "1 h 03 min". */
char *ax_console_describe_duration (double seconds);

/** (transfer full): "850 µm²", "0.034 mm²", "4.12 mm²", "312 mm²". */
char *ax_console_describe_area (double mm2);

G_END_DECLS
