#include "core/nn/json-scan.h"

#include "core/base/error.h"
#include "core/base/parse.h"

#include <string.h>

AxJsonScan
ax_json_scan_init (const char *text, gsize length, const char *what)
{
  return (AxJsonScan){
    .what = what, .start = text, .at = text, .end = text + length
  };
}

void
ax_json_scan_fail (AxJsonScan *self, const char *format, ...)
{
  if (self->error != NULL)
    return;
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  /* Names from the text may hold escaped line breaks. */
  for (char *c = text; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      *c = ' ';
  self->error = g_error_new (AX_ERROR, AX_ERROR_FORMAT,
                             "%s, byte %" G_GSIZE_FORMAT ": %s", self->what,
                             (gsize)(self->at - self->start), text);
}

static void
skip_space (AxJsonScan *self)
{
  while (self->at < self->end && *self->at != '\0'
         && strchr (" \t\r\n", *self->at) != NULL)
    self->at++;
}

/* The next character that matters; NUL at the end. */
static char
peek (AxJsonScan *self)
{
  skip_space (self);
  return self->at < self->end ? *self->at : '\0';
}

static gboolean
expect (AxJsonScan *self, char c)
{
  if (self->error != NULL)
    return FALSE;
  if (peek (self) == c)
    {
      self->at++;
      return TRUE;
    }
  if (self->at >= self->end)
    ax_json_scan_fail (self, "ends where '%c' was expected", c);
  else
    ax_json_scan_fail (self, "expected '%c'", c);
  return FALSE;
}

gboolean
ax_json_scan_begin (AxJsonScan *self, char bracket)
{
  if (!expect (self, bracket))
    return FALSE;
  self->first = TRUE;
  return TRUE;
}

static gboolean
next_member (AxJsonScan *self, char close)
{
  if (self->error != NULL)
    return FALSE;
  gboolean first = self->first;
  self->first = FALSE;
  if (peek (self) == close)
    {
      self->at++;
      return FALSE;
    }
  return first || expect (self, ',');
}

gboolean
ax_json_scan_next_key (AxJsonScan *self, char **key)
{
  return next_member (self, '}') && ax_json_scan_string (self, key)
         && expect (self, ':');
}

gboolean
ax_json_scan_next_item (AxJsonScan *self)
{
  return next_member (self, ']');
}

static gboolean
read_hex4 (AxJsonScan *self, gunichar *out)
{
  gunichar value = 0;
  if (self->end - self->at < 4)
    return FALSE;
  for (int i = 0; i < 4; i++)
    {
      int digit = g_ascii_xdigit_value (*self->at++);
      if (digit < 0)
        return FALSE;
      value = value << 4 | (gunichar)digit;
    }
  *out = value;
  return TRUE;
}

/* After "\u"; a pair of surrogates is one character. */
static gboolean
read_unicode (AxJsonScan *self, GString *text)
{
  gunichar c, low;
  if (!read_hex4 (self, &c))
    return FALSE;
  if (c >= 0xd800 && c < 0xdc00)
    {
      if (self->end - self->at < 2 || self->at[0] != '\\' || self->at[1] != 'u')
        return FALSE;
      self->at += 2;
      if (!read_hex4 (self, &low) || low < 0xdc00 || low > 0xdfff)
        return FALSE;
      c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    }
  if (c == 0 || !g_unichar_validate (c))
    return FALSE;
  g_string_append_unichar (text, c);
  return TRUE;
}

static gboolean
read_escape (AxJsonScan *self, GString *text)
{
  static const char escapes[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
  if (self->at >= self->end)
    return FALSE;
  char c = *self->at++;
  if (c == 'u')
    return read_unicode (self, text);
  for (const char *pair = escapes; *pair != '\0'; pair += 2)
    if (pair[0] == c)
      {
        g_string_append_c (text, pair[1]);
        return TRUE;
      }
  return FALSE;
}

gboolean
ax_json_scan_string (AxJsonScan *self, char **out)
{
  if (!expect (self, '"'))
    return FALSE;
  g_autoptr (GString) text = g_string_new (NULL);
  while (self->at < self->end && *self->at != '"')
    {
      char c = *self->at++;
      if ((guchar)c < 0x20 || (c == '\\' && !read_escape (self, text)))
        {
          ax_json_scan_fail (self, "bad character or escape in a string");
          return FALSE;
        }
      if (c != '\\')
        g_string_append_c (text, c);
    }
  if (!g_utf8_validate_len (text->str, text->len, NULL))
    {
      ax_json_scan_fail (self, "a string is not UTF-8");
      return FALSE;
    }
  if (!expect (self, '"'))
    return FALSE;
  g_free (*out);
  *out = g_string_free (g_steal_pointer (&text), FALSE);
  return TRUE;
}

/* Copies the characters of a number or a word; @size holds any that a
 * double or an int64 needs. */
static gboolean
read_token (AxJsonScan *self, char *token, gsize size, const char *what)
{
  if (self->error != NULL)
    return FALSE;
  gsize length = 0;
  for (peek (self); self->at + length < self->end; length++)
    if (!g_ascii_isalnum (self->at[length])
        && (self->at[length] == '\0'
            || strchr ("+-.", self->at[length]) == NULL))
      break;
  if (length == 0 || length >= size)
    {
      ax_json_scan_fail (self, "expected %s", what);
      return FALSE;
    }
  memcpy (token, self->at, length);
  token[length] = '\0';
  return TRUE;
}

static const char *
skip_digits (const char *text)
{
  return text + strspn (text, "0123456789");
}

/* JSON's grammar is narrower than that of a parser of numbers. */
static gboolean
is_number (const char *text)
{
  const char *whole = text + (*text == '-');
  const char *end = skip_digits (whole);
  if (end == whole || (*whole == '0' && end > whole + 1))
    return FALSE;
  if (*end == '.')
    {
      const char *fraction = end + 1;
      end = skip_digits (fraction);
      if (end == fraction)
        return FALSE;
    }
  if (*end == 'e' || *end == 'E')
    {
      const char *exponent = end + 1;
      exponent += *exponent == '+' || *exponent == '-';
      end = skip_digits (exponent);
      if (end == exponent)
        return FALSE;
    }
  return *end == '\0';
}

gboolean
ax_json_scan_count (AxJsonScan *self, gint64 max, gint64 *out)
{
  char token[32];
  if (!read_token (self, token, sizeof token, "a whole number"))
    return FALSE;
  if (!is_number (token) || *skip_digits (token) != '\0')
    {
      ax_json_scan_fail (self, "'%s' is not a whole number from 0", token);
      return FALSE;
    }
  g_autoptr (GError) error = NULL;
  if (!ax_parse_int (token, "the number", 0, max, out, &error))
    {
      ax_json_scan_fail (self, "%s", error->message);
      return FALSE;
    }
  self->at += strlen (token);
  return TRUE;
}

gboolean
ax_json_scan_number (AxJsonScan *self, double min, double max, double *out)
{
  char token[64];
  if (!read_token (self, token, sizeof token, "a number"))
    return FALSE;
  if (!is_number (token))
    {
      ax_json_scan_fail (self, "'%s' is not a number", token);
      return FALSE;
    }
  g_autoptr (GError) error = NULL;
  if (!ax_parse_double (token, "the number", min, max, out, &error))
    {
      ax_json_scan_fail (self, "%s", error->message);
      return FALSE;
    }
  self->at += strlen (token);
  return TRUE;
}

gboolean
ax_json_scan_boolean (AxJsonScan *self, gboolean *out)
{
  char token[8];
  if (!read_token (self, token, sizeof token, "true or false"))
    return FALSE;
  if (strcmp (token, "true") != 0 && strcmp (token, "false") != 0)
    {
      ax_json_scan_fail (self, "expected true or false");
      return FALSE;
    }
  *out = token[0] == 't';
  self->at += strlen (token);
  return TRUE;
}

gboolean
ax_json_scan_end (AxJsonScan *self, GError **error)
{
  skip_space (self);
  if (self->at < self->end)
    ax_json_scan_fail (self, "text after the end");
  if (self->error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&self->error));
  return FALSE;
}
