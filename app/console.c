#include "app/console.h"

#include "core/base/error.h"
#include "core/base/parse.h"

#include <errno.h>
#include <stdio.h>

/* Messages quote file names and other people's files, which may hold
   anything. */
static void
print_line (const char *prefix, const char *message)
{
  g_autofree char *line = g_utf8_make_valid (message, -1);

  for (char *c = line; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      *c = ' ';
  fprintf (stderr, AX_PROGRAM ": %s%s\n", prefix, line);
}

void
ax_console_report (const GError *error)
{
  print_line ("", error->message);
}

void
ax_console_note (const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  print_line ("note: ", message);
}

void
ax_console_print (const char *format, ...)
{
  va_list args;

  va_start (args, format);
  vprintf (format, args);
  va_end (args);
}

void
ax_console_print_json (AxJsonWriter *json)
{
  g_autofree char *text = NULL;

  ax_json_writer_end (json);
  text = ax_json_writer_finish (json);
  fputs (text, stdout);
}

gboolean
ax_console_flush (GError **error)
{
  if (fflush (stdout) == 0 && !ferror (stdout))
    return TRUE;
  g_set_error (error, AX_ERROR, AX_ERROR_IO, "standard output: %s",
               g_strerror (errno));
  return FALSE;
}

char *
ax_console_describe_duration (double seconds)
{
  gint64 whole = (gint64)(seconds + 0.5);

  if (seconds < 10)
    {
      char number[AX_FORMAT_BUFFER];

      return g_strdup_printf ("%s s", ax_format_decimal (number, seconds, 1));
    }
  if (whole < 60)
    return g_strdup_printf ("%d s", (int)whole);
  if (whole < 3600)
    return g_strdup_printf ("%d min %02d s", (int)(whole / 60),
                            (int)(whole % 60));
  return g_strdup_printf ("%" G_GINT64_FORMAT " h %02d min", whole / 3600,
                          (int)(whole % 3600 / 60));
}

char *
ax_console_describe_area (double mm2)
{
  char number[AX_FORMAT_BUFFER];

  if (mm2 > 0 && mm2 < 0.01)
    return g_strdup_printf ("%s µm²", ax_format_decimal (number, mm2 * 1e6, 0));
  return g_strdup_printf ("%s mm²", ax_format_decimal (number, mm2,
                                                       mm2 < 1     ? 3
                                                       : mm2 < 100 ? 2
                                                                   : 0));
}
