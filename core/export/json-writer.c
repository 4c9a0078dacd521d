#include "core/export/json-writer.h"

#include "core/base/parse.h"

#include <math.h>

/* An open object or array. */
typedef struct
{
  char closer;
  gboolean is_empty;
  gboolean is_broken; /* its values stand on lines of their own */
} Level;

struct _AxJsonWriter
{
  GString *text;
  GArray *levels; /* of Level */
  gboolean pretty;
};

AxJsonWriter *
ax_json_writer_new (gboolean pretty)
{
  AxJsonWriter *self = g_new0 (AxJsonWriter, 1);

  self->text = g_string_new (NULL);
  self->levels = g_array_new (FALSE, FALSE, sizeof (Level));
  self->pretty = pretty;
  return self;
}

void
ax_json_writer_free (AxJsonWriter *self)
{
  if (self == NULL)
    return;
  if (self->text != NULL)
    g_string_free (self->text, TRUE);
  g_array_unref (self->levels);
  g_free (self);
}

static void
append_line_break (AxJsonWriter *self)
{
  g_string_append_c (self->text, '\n');
  for (guint i = 0; i < self->levels->len; i++)
    g_string_append (self->text, "  ");
}

static void
append_quoted (GString *text, const char *value)
{
  g_autofree char *valid = g_utf8_make_valid (value, -1);

  g_string_append_c (text, '"');
  for (const char *c = valid; *c != '\0'; c++)
    if (*c == '"' || *c == '\\')
      g_string_append_printf (text, "\\%c", *c);
    else if ((guchar)*c < 0x20 || *c == 0x7f)
      g_string_append_printf (text, "\\u%04x", *c);
    else
      g_string_append_c (text, *c);
  g_string_append_c (text, '"');
}

/* What stands before a value: separator, line break, name. */
static void
begin_value (AxJsonWriter *self, const char *name, gboolean is_container)
{
  Level *level;

  if (self->levels->len == 0)
    {
      g_return_if_fail (name == NULL && self->text->len == 0);
      return;
    }

  level = &g_array_index (self->levels, Level, self->levels->len - 1);
  g_return_if_fail ((name != NULL) == (level->closer == '}'));

  if (!level->is_empty)
    g_string_append_c (self->text, ',');
  if (self->pretty && (level->closer == '}' || is_container))
    {
      level->is_broken = TRUE;
      append_line_break (self);
    }
  else if (self->pretty && !level->is_empty)
    g_string_append_c (self->text, ' ');
  level->is_empty = FALSE;

  if (name != NULL)
    {
      append_quoted (self->text, name);
      g_string_append (self->text, self->pretty ? ": " : ":");
    }
}

static void
begin_container (AxJsonWriter *self, const char *name, const char *brackets)
{
  Level level = { .closer = brackets[1], .is_empty = TRUE };

  begin_value (self, name, TRUE);
  g_string_append_c (self->text, brackets[0]);
  g_array_append_val (self->levels, level);
}

void
ax_json_writer_begin_object (AxJsonWriter *self, const char *name)
{
  g_return_if_fail (self != NULL);

  begin_container (self, name, "{}");
}

void
ax_json_writer_begin_array (AxJsonWriter *self, const char *name)
{
  g_return_if_fail (self != NULL);

  begin_container (self, name, "[]");
}

void
ax_json_writer_end (AxJsonWriter *self)
{
  Level level;

  g_return_if_fail (self != NULL && self->levels->len > 0);

  level = g_array_index (self->levels, Level, self->levels->len - 1);
  g_array_set_size (self->levels, self->levels->len - 1);
  if (level.is_broken)
    append_line_break (self);
  g_string_append_c (self->text, level.closer);
}

void
ax_json_writer_add_string (AxJsonWriter *self, const char *name,
                           const char *value)
{
  g_return_if_fail (self != NULL);

  if (value == NULL)
    {
      ax_json_writer_add_null (self, name);
      return;
    }
  begin_value (self, name, FALSE);
  append_quoted (self->text, value);
}

void
ax_json_writer_add_int (AxJsonWriter *self, const char *name, gint64 value)
{
  g_return_if_fail (self != NULL);

  begin_value (self, name, FALSE);
  g_string_append_printf (self->text, "%" G_GINT64_FORMAT, value);
}

void
ax_json_writer_add_double (AxJsonWriter *self, const char *name, double value,
                           int digits)
{
  char buffer[AX_FORMAT_BUFFER];

  g_return_if_fail (self != NULL);

  if (!isfinite (value))
    {
      ax_json_writer_add_null (self, name);
      return;
    }
  begin_value (self, name, FALSE);
  g_string_append (self->text, ax_format_decimal (buffer, value, digits));
}

void
ax_json_writer_add_exact (AxJsonWriter *self, const char *name, double value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  g_return_if_fail (self != NULL);

  if (!isfinite (value))
    {
      ax_json_writer_add_null (self, name);
      return;
    }
  begin_value (self, name, FALSE);
  g_string_append (self->text, g_ascii_dtostr (buffer, sizeof buffer, value));
}

void
ax_json_writer_add_bool (AxJsonWriter *self, const char *name, gboolean value)
{
  g_return_if_fail (self != NULL);

  begin_value (self, name, FALSE);
  g_string_append (self->text, value ? "true" : "false");
}

void
ax_json_writer_add_null (AxJsonWriter *self, const char *name)
{
  g_return_if_fail (self != NULL);

  begin_value (self, name, FALSE);
  g_string_append (self->text, "null");
}

void
ax_json_writer_add_doubles (AxJsonWriter *self, const char *name,
                            const double *values, guint n_values, int digits)
{
  ax_json_writer_begin_array (self, name);
  for (guint i = 0; i < n_values; i++)
    ax_json_writer_add_double (self, NULL, values[i], digits);
  ax_json_writer_end (self);
}

char *
ax_json_writer_finish (AxJsonWriter *self)
{
  g_return_val_if_fail (self != NULL && self->text != NULL, NULL);
  g_return_val_if_fail (self->levels->len == 0, NULL);

  g_string_append_c (self->text, '\n');
  return g_string_free (g_steal_pointer (&self->text), FALSE);
}
