#include "core/base/parse.h"

#include "core/base/error.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define SHOWN_BYTES 40

/* Whole numbers up to here are exact as double, and sums cannot overflow. */
#define RECT_MAX ((gint64)1 << 53)

/* (transfer full): @text on one line and not longer than a message bears. */
static char *
shorten (const char *text)
{
  g_autofree char *head = g_strndup (text, SHOWN_BYTES);
  g_autofree char *escaped = g_strescape (head, NULL);

  return g_strconcat (escaped, strlen (text) > SHOWN_BYTES ? "..." : "", NULL);
}

static void
set_kind_error (GError **error, const char *what, const char *text,
                const char *kind)
{
  g_autofree char *shown = shorten (text);

  g_set_error (error, AX_ERROR, AX_ERROR_FORMAT, "%s: '%s' is not %s", what,
               shown, kind);
}

static void
set_range_error (GError **error, const char *what, const char *text,
                 const char *min, const char *max)
{
  g_autofree char *shown = shorten (text);

  g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
               "%s: '%s' is not within %s to %s", what, shown, min, max);
}

static const char *
skip_space (const char *text)
{
  while (g_ascii_isspace (*text))
    text++;
  return text;
}

static const char *
skip_sign (const char *text)
{
  return *text == '+' || *text == '-' ? text + 1 : text;
}

static const char *
skip_digits (const char *text)
{
  while (g_ascii_isdigit (*text))
    text++;
  return text;
}

static gboolean
is_whole_number (const char *text)
{
  const char *digits = skip_sign (skip_space (text));
  const char *end = skip_digits (digits);

  return end > digits && *skip_space (end) == '\0';
}

/* Decimal notation only: strtod also takes hex, infinities and NaN. */
static gboolean
is_decimal_number (const char *text)
{
  const char *whole = skip_sign (skip_space (text));
  const char *end = skip_digits (whole);
  gsize n_digits = end - whole;

  if (*end == '.')
    {
      const char *fraction = end + 1;

      end = skip_digits (fraction);
      n_digits += end - fraction;
    }
  if (n_digits > 0 && (*end == 'e' || *end == 'E'))
    {
      const char *exponent = skip_sign (end + 1);

      end = skip_digits (exponent);
      if (end == exponent)
        return FALSE;
    }
  return n_digits > 0 && *skip_space (end) == '\0';
}

gboolean
ax_parse_double (const char *text, const char *what, double min, double max,
                 double *out, GError **error)
{
  double value;

  g_return_val_if_fail (text != NULL && what != NULL && out != NULL, FALSE);

  if (!is_decimal_number (text))
    {
      set_kind_error (error, what, text, "a number");
      return FALSE;
    }
  value = g_ascii_strtod (text, NULL);
  if (!isfinite (value) || !(value >= min && value <= max))
    {
      char low[G_ASCII_DTOSTR_BUF_SIZE], high[G_ASCII_DTOSTR_BUF_SIZE];

      set_range_error (error, what, text,
                       g_ascii_formatd (low, sizeof low, "%.10g", min),
                       g_ascii_formatd (high, sizeof high, "%.10g", max));
      return FALSE;
    }
  *out = value;
  return TRUE;
}

gboolean
ax_parse_int (const char *text, const char *what, gint64 min, gint64 max,
              gint64 *out, GError **error)
{
  gint64 value;

  g_return_val_if_fail (text != NULL && what != NULL && out != NULL, FALSE);

  if (!is_whole_number (text))
    {
      set_kind_error (error, what, text, "a whole number");
      return FALSE;
    }
  errno = 0;
  value = g_ascii_strtoll (text, NULL, 10);
  if (errno == ERANGE || value < min || value > max)
    {
      char low[AX_FORMAT_BUFFER], high[AX_FORMAT_BUFFER];

      g_snprintf (low, sizeof low, "%" G_GINT64_FORMAT, min);
      g_snprintf (high, sizeof high, "%" G_GINT64_FORMAT, max);
      set_range_error (error, what, text, low, high);
      return FALSE;
    }
  *out = value;
  return TRUE;
}

gboolean
ax_parse_rect (const char *text, const char *what, gint64 out[4],
               GError **error)
{
  g_auto (GStrv) parts = NULL;
  gint64 rect[4];

  g_return_val_if_fail (text != NULL && what != NULL && out != NULL, FALSE);

  parts = g_strsplit (text, ",", 5);
  if (g_strv_length (parts) != 4)
    {
      set_kind_error (error, what, text, "a rectangle X,Y,W,H");
      return FALSE;
    }
  for (int i = 0; i < 4; i++)
    {
      gint64 min = i < 2 ? -RECT_MAX : 1;

      if (!ax_parse_int (parts[i], what, min, RECT_MAX, &rect[i], error))
        return FALSE;
    }
  memcpy (out, rect, sizeof rect);
  return TRUE;
}

GArray *
ax_parse_int_list (const char *text, const char *what, gint64 min, gint64 max,
                   GError **error)
{
  g_autoptr (GArray) list = NULL;
  g_auto (GStrv) parts = NULL;

  g_return_val_if_fail (text != NULL && what != NULL, NULL);

  list = g_array_new (FALSE, FALSE, sizeof (gint64));
  parts = g_strsplit (text, ",", -1);
  if (parts[0] == NULL)
    {
      set_kind_error (error, what, text, "a list of whole numbers");
      return NULL;
    }
  for (char **part = parts; *part != NULL; part++)
    {
      gint64 value;

      if (!ax_parse_int (*part, what, min, max, &value, error))
        return NULL;
      g_array_append_val (list, value);
    }
  return g_steal_pointer (&list);
}

const char *
ax_format_decimal (char buffer[AX_FORMAT_BUFFER], double value, int digits)
{
  char format[16];

  /* Fixed notation of anything larger would not fit the buffer. */
  if (!(fabs (value) < 1e15))
    return g_ascii_formatd (buffer, AX_FORMAT_BUFFER, "%.15g", value);

  g_snprintf (format, sizeof format, "%%.%df", CLAMP (digits, 0, 17));
  g_ascii_formatd (buffer, AX_FORMAT_BUFFER, format, value);
  if (strchr (buffer, '.') != NULL)
    {
      char *end = buffer + strlen (buffer);

      while (end[-1] == '0')
        end--;
      if (end[-1] == '.')
        end--;
      *end = '\0';
    }
  if (strcmp (buffer, "-0") == 0)
    strcpy (buffer, "0");
  return buffer;
}
