#include "core/base/csv.h"

#include "core/base/error.h"
#include "core/base/parse.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#define NAMES_SHOWN 200

/* Fields are offsets into the text, in which each ends in a NUL. */
struct _AxCsv
{
  char *name;     /* (owned): of the file, for messages */
  char *text;     /* (owned) */
  GArray *fields; /* of gsize, row by row */
  GArray *lines;  /* of guint, one a row */
  guint n_columns;
};

/* A cursor over the text; fields are unquoted in place, so what is written
 * never overtakes what is read. */
typedef struct
{
  AxCsv *csv;
  char *at, *end;
  guint line;
} Parser;

void
ax_csv_free (AxCsv *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->text);
  g_clear_pointer (&self->fields, g_array_unref);
  g_clear_pointer (&self->lines, g_array_unref);
  g_free (self);
}

static void
set_line_error (const AxCsv *self, guint line, GError **error, const char *why)
{
  g_set_error (error, AX_ERROR, AX_ERROR_FORMAT, "%s:%u: %s", self->name, line,
               why);
}

void
ax_csv_set_error (const AxCsv *self, guint row, GError **error,
                  const char *format, ...)
{
  g_autofree char *why = NULL;
  va_list args;

  g_return_if_fail (self != NULL);

  va_start (args, format);
  why = g_strdup_vprintf (format, args);
  va_end (args);
  set_line_error (self, ax_csv_get_line (self, row), error, why);
}

static gboolean
is_field_end (const Parser *parser)
{
  return parser->at == parser->end || *parser->at == ',' || *parser->at == '\n'
         || (*parser->at == '\r'
             && (parser->at + 1 == parser->end || parser->at[1] == '\n'));
}

static void
skip_blanks (Parser *parser)
{
  while (parser->at < parser->end
         && (*parser->at == ' ' || *parser->at == '\t'))
    parser->at++;
}

/* The cursor is behind the opening quote; (nullable): where the text ends. */
static char *
parse_quoted (Parser *parser, GError **error)
{
  guint first_line = parser->line;
  char *out = parser->at;

  for (;; parser->at++)
    {
      if (parser->at == parser->end)
        {
          set_line_error (parser->csv, first_line, error,
                          "a quote is not closed");
          return NULL;
        }
      if (*parser->at == '"')
        {
          parser->at++;
          if (parser->at == parser->end || *parser->at != '"')
            break;
        }
      if (*parser->at == '\n')
        parser->line++;
      *out++ = *parser->at;
    }
  skip_blanks (parser);
  if (is_field_end (parser))
    return out;
  set_line_error (parser->csv, parser->line, error,
                  "a quote ends in the middle of a field");
  return NULL;
}

static char *
parse_bare (Parser *parser)
{
  char *start = parser->at, *out;

  while (!is_field_end (parser))
    parser->at++;
  out = parser->at;
  while (out > start && (out[-1] == ' ' || out[-1] == '\t'))
    out--;
  return out;
}

/* Adds a field and goes behind its separator, which is '\n' at the end. */
static gboolean
parse_field (Parser *parser, char *separator, GError **error)
{
  gsize offset;
  char *field_end;

  skip_blanks (parser);
  if (parser->at < parser->end && *parser->at == '"')
    {
      parser->at++;
      offset = parser->at - parser->csv->text;
      field_end = parse_quoted (parser, error);
    }
  else
    {
      offset = parser->at - parser->csv->text;
      field_end = parse_bare (parser);
    }
  if (field_end == NULL)
    return FALSE;

  *separator = '\n';
  if (parser->at < parser->end)
    {
      if (*parser->at == '\r')
        parser->at++;
      if (parser->at < parser->end)
        *separator = *parser->at++;
    }
  *field_end = '\0';
  g_array_append_val (parser->csv->fields, offset);
  return TRUE;
}

static gboolean
parse_row (Parser *parser, GError **error)
{
  AxCsv *csv = parser->csv;
  guint first_field = csv->fields->len, line = parser->line, n_fields;
  char separator = ',';

  while (separator == ',')
    if (!parse_field (parser, &separator, error))
      return FALSE;
  parser->line++;

  n_fields = csv->fields->len - first_field;
  if (n_fields == 1
      && csv->text[g_array_index (csv->fields, gsize, first_field)] == '\0')
    {
      g_array_set_size (csv->fields, first_field);
      return TRUE;
    }
  if (csv->lines->len == 0)
    csv->n_columns = n_fields;
  if (n_fields != csv->n_columns)
    {
      g_autofree char *why
          = g_strdup_printf ("%u field%s where the first row has %u", n_fields,
                             n_fields == 1 ? "" : "s", csv->n_columns);

      set_line_error (csv, line, error, why);
      return FALSE;
    }
  g_array_append_val (csv->lines, line);
  return TRUE;
}

static guint
count_lines (const char *text, const char *end)
{
  guint n_lines = 1;

  for (; text < end; text++)
    n_lines += *text == '\n';
  return n_lines;
}

static gboolean
check_text (const AxCsv *self, gsize length, GError **error)
{
  const char *bad = NULL;

  if (length >= 2
      && (memcmp (self->text, "\xff\xfe", 2) == 0
          || memcmp (self->text, "\xfe\xff", 2) == 0))
    {
      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                   "%s: is UTF-16; save it as UTF-8", self->name);
      return FALSE;
    }
  if (g_utf8_validate_len (self->text, length, &bad))
    return TRUE;
  set_line_error (self, count_lines (self->text, bad), error,
                  *bad == '\0' ? "holds a NUL: no text" : "is not UTF-8");
  return FALSE;
}

static gboolean
load_text (AxCsv *self, const char *path, gsize *length, GError **error)
{
  g_autoptr (GError) local = NULL;
  GStatBuf info;

  if (g_stat (path, &info) != 0)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_IO, "%s: %s", self->name,
                   g_strerror (errno));
      return FALSE;
    }
  if (info.st_size > AX_CSV_MAX_BYTES)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_LIMIT,
                   "%s: %" G_GINT64_FORMAT " bytes are more than %d",
                   self->name, (gint64)info.st_size, AX_CSV_MAX_BYTES);
      return FALSE;
    }
  if (g_file_get_contents (path, &self->text, length, &local))
    return TRUE;
  g_set_error (error, AX_ERROR, AX_ERROR_IO, "%s: %s", self->name,
               local->message);
  return FALSE;
}

AxCsv *
ax_csv_read (const char *path, GError **error)
{
  g_autoptr (AxCsv) self = NULL;
  Parser parser = { 0 };
  gsize length = 0;

  g_return_val_if_fail (path != NULL, NULL);

  self = g_new0 (AxCsv, 1);
  self->name = g_filename_display_name (path);
  self->fields = g_array_new (FALSE, FALSE, sizeof (gsize));
  self->lines = g_array_new (FALSE, FALSE, sizeof (guint));
  if (!load_text (self, path, &length, error)
      || !check_text (self, length, error))
    return NULL;

  parser = (Parser){ .csv = self, .at = self->text, .line = 1 };
  parser.end = self->text + length;
  if (g_str_has_prefix (self->text, "\xef\xbb\xbf"))
    parser.at += 3;
  while (parser.at < parser.end)
    if (!parse_row (&parser, error))
      return NULL;
  return g_steal_pointer (&self);
}

guint
ax_csv_get_n_rows (const AxCsv *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->lines->len;
}

guint
ax_csv_get_n_columns (const AxCsv *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->n_columns;
}

const char *
ax_csv_get (const AxCsv *self, guint row, guint column)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (row < self->lines->len, NULL);
  g_return_val_if_fail (column < self->n_columns, NULL);

  return self->text
         + g_array_index (self->fields, gsize,
                          (gsize)row * self->n_columns + column);
}

guint
ax_csv_get_line (const AxCsv *self, guint row)
{
  g_return_val_if_fail (self != NULL, 0);
  g_return_val_if_fail (row < self->lines->len, 0);
  return g_array_index (self->lines, guint, row);
}

int
ax_csv_find_column (const AxCsv *self, const char *name)
{
  g_return_val_if_fail (self != NULL && name != NULL, -1);

  for (guint column = 0; column < self->n_columns; column++)
    if (g_ascii_strcasecmp (ax_csv_get (self, 0, column), name) == 0)
      return column;
  return -1;
}

gboolean
ax_csv_need_column (const AxCsv *self, const char *name, guint *column,
                    GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);
  int found;

  g_return_val_if_fail (self != NULL && name != NULL, FALSE);
  g_return_val_if_fail (column != NULL, FALSE);

  found = ax_csv_find_column (self, name);
  if (found >= 0)
    {
      *column = found;
      return TRUE;
    }
  for (guint i = 0; i < self->n_columns && names->len < NAMES_SHOWN; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "",
                            ax_csv_get (self, 0, i));
  g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
               "%s: has no column '%s' (it has: %s%s)", self->name, name,
               names->str, names->len >= NAMES_SHOWN ? ", ..." : "");
  return FALSE;
}

gboolean
ax_csv_get_double (const AxCsv *self, guint row, guint column, const char *name,
                   double *out, GError **error)
{
  g_autofree char *what = NULL;

  g_return_val_if_fail (self != NULL && name != NULL && out != NULL, FALSE);

  what = g_strdup_printf ("%s:%u: column '%s'", self->name,
                          ax_csv_get_line (self, row), name);
  return ax_parse_double (ax_csv_get (self, row, column), what, -G_MAXDOUBLE,
                          G_MAXDOUBLE, out, error);
}

void
ax_csv_append (GString *text, const char *field)
{
  g_return_if_fail (text != NULL && field != NULL);

  if (strpbrk (field, ",\"\r\n") == NULL && !g_ascii_isspace (*field)
      && (*field == '\0' || !g_ascii_isspace (field[strlen (field) - 1])))
    {
      g_string_append (text, field);
      return;
    }
  g_string_append_c (text, '"');
  for (const char *c = field; *c != '\0'; c++)
    {
      if (*c == '"')
        g_string_append_c (text, '"');
      g_string_append_c (text, *c);
    }
  g_string_append_c (text, '"');
}
