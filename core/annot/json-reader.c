#include "core/annot/json-reader.h"

#include "core/annot/text-source.h"
#include "core/base/error.h"

#include <string.h>

#define BUFFER_BYTES (64 << 10)
#define END_OF_FILE (-1)
#define REPLACEMENT 0xfffd

struct _AxJsonReader
{
  char *name; /* of the file, as shown in messages */
  AxTextSource *source;
  guint line;
  guint depth;
  char closers[AX_JSON_MAX_DEPTH]; /* of the containers entered */
  gboolean at_first;               /* of the innermost one nothing is read */
  GString *key;
  GString *text;
  GError *error; /* the first one */
  gssize position, length;
  char buffer[BUFFER_BYTES];
};

static gboolean
fill (AxJsonReader *self)
{
  self->position = 0;
  self->length = 0;
  if (self->error == NULL)
    self->length = ax_text_source_read (self->source, self->buffer,
                                        BUFFER_BYTES, &self->error);
  return self->length > 0;
}

AxJsonReader *
ax_json_reader_new (const char *path, GError **error)
{
  static const char byte_order_mark[] = { '\357', '\273', '\277' };
  AxTextSource *source = NULL;
  AxJsonReader *self = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  source = ax_text_source_open (path, error);
  if (source == NULL)
    return NULL;
  self = g_new0 (AxJsonReader, 1);
  self->name = g_filename_display_name (path);
  self->source = source;
  self->line = 1;
  self->key = g_string_new (NULL);
  self->text = g_string_new (NULL);
  if (fill (self) && self->length >= 3
      && memcmp (self->buffer, byte_order_mark, 3) == 0)
    self->position = 3;
  return self;
}

void
ax_json_reader_free (AxJsonReader *self)
{
  if (self == NULL)
    return;
  g_clear_error (&self->error);
  ax_text_source_free (self->source);
  g_string_free (self->key, TRUE);
  g_string_free (self->text, TRUE);
  g_free (self->name);
  g_free (self);
}

guint
ax_json_reader_get_line (AxJsonReader *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->line;
}

void
ax_json_reader_fail (AxJsonReader *self, int code, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  g_return_if_fail (self != NULL && format != NULL);

  if (self->error != NULL)
    return;
  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  self->error = g_error_new (AX_ERROR, code, "%s:%u: %s", self->name,
                             self->line, message);
}

static int
peek_byte (AxJsonReader *self)
{
  if (self->error != NULL || (self->position == self->length && !fill (self)))
    return END_OF_FILE;
  return (guchar)self->buffer[self->position];
}

static int
take_byte (AxJsonReader *self)
{
  int c = peek_byte (self);

  if (c != END_OF_FILE)
    self->position++;
  if (c == '\n')
    self->line++;
  return c;
}

static int
skip_space (AxJsonReader *self)
{
  int c = peek_byte (self);

  while (c == ' ' || c == '\n' || c == '\r' || c == '\t')
    {
      take_byte (self);
      c = peek_byte (self);
    }
  return c;
}

static void
fail_at (AxJsonReader *self, int c, const char *expected)
{
  if (c == END_OF_FILE)
    ax_json_reader_fail (self, AX_ERROR_FORMAT,
                         "the file ends where %s should be", expected);
  else if (g_ascii_isprint (c))
    ax_json_reader_fail (self, AX_ERROR_FORMAT,
                         "'%c' stands where %s should be", c, expected);
  else
    ax_json_reader_fail (self, AX_ERROR_FORMAT,
                         "byte 0x%02x stands where %s should be", c, expected);
}

AxJsonType
ax_json_reader_peek (AxJsonReader *self)
{
  int c = 0;

  g_return_val_if_fail (self != NULL, AX_JSON_NONE);

  c = skip_space (self);
  switch (c)
    {
    case '{':
      return AX_JSON_OBJECT;
    case '[':
      return AX_JSON_ARRAY;
    case '"':
      return AX_JSON_STRING;
    case 't':
    case 'f':
    case 'n':
      return AX_JSON_WORD;
    case '-':
    case 'N':
    case 'I':
      return AX_JSON_NUMBER;
    default:
      if (c != END_OF_FILE && g_ascii_isdigit (c))
        return AX_JSON_NUMBER;
      fail_at (self, c, "a value");
      return AX_JSON_NONE;
    }
}

void
ax_json_reader_enter (AxJsonReader *self)
{
  AxJsonType type = ax_json_reader_peek (self);

  if (type == AX_JSON_NONE)
    return;
  g_return_if_fail (type == AX_JSON_OBJECT || type == AX_JSON_ARRAY);

  if (self->depth == AX_JSON_MAX_DEPTH)
    {
      ax_json_reader_fail (self, AX_ERROR_LIMIT,
                           "nested more than %d levels deep",
                           AX_JSON_MAX_DEPTH);
      return;
    }
  take_byte (self);
  self->closers[self->depth++] = type == AX_JSON_OBJECT ? '}' : ']';
  self->at_first = TRUE;
}

gboolean
ax_json_reader_enter_if (AxJsonReader *self, AxJsonType type)
{
  if (ax_json_reader_peek (self) != type)
    {
      ax_json_reader_skip (self);
      return FALSE;
    }
  ax_json_reader_enter (self);
  return TRUE;
}

static gunichar
take_hex (AxJsonReader *self)
{
  gunichar c = 0;

  for (int i = 0; i < 4; i++)
    {
      int digit = take_byte (self);

      if (digit == END_OF_FILE || !g_ascii_isxdigit (digit))
        {
          fail_at (self, digit, "a hex digit");
          return 0;
        }
      c = c * 16 + g_ascii_xdigit_value (digit);
    }
  return c;
}

static gboolean
is_high_surrogate (gunichar c)
{
  return c >= 0xd800 && c <= 0xdbff;
}

static gboolean
is_low_surrogate (gunichar c)
{
  return c >= 0xdc00 && c <= 0xdfff;
}

static void
take_simple_escape (AxJsonReader *self, GString *text)
{
  static const char letters[] = "\"\\/bfnrt";
  static const char meanings[] = "\"\\/\b\f\n\r\t";
  int c = take_byte (self);
  const char *letter = c > 0 ? strchr (letters, c) : NULL;

  if (letter == NULL)
    fail_at (self, c, "an escaped character");
  else
    g_string_append_c (text, meanings[letter - letters]);
}

/* What follows a backslash. */
static void
take_escape (AxJsonReader *self, GString *text)
{
  gunichar c = 0;

  if (peek_byte (self) != 'u')
    {
      take_simple_escape (self, text);
      return;
    }
  take_byte (self);
  c = take_hex (self);
  while (is_high_surrogate (c) && peek_byte (self) == '\\')
    {
      gunichar high = c;

      take_byte (self);
      if (peek_byte (self) != 'u')
        {
          g_string_append_unichar (text, REPLACEMENT);
          take_simple_escape (self, text);
          return;
        }
      take_byte (self);
      c = take_hex (self);
      if (is_low_surrogate (c))
        c = 0x10000 + ((high - 0xd800) << 10) + (c - 0xdc00);
      else
        g_string_append_unichar (text, REPLACEMENT);
    }
  g_string_append_unichar (text,
                           c != 0 && g_unichar_validate (c) ? c : REPLACEMENT);
}

static void
take_plain_run (AxJsonReader *self, GString *text)
{
  while (peek_byte (self) != END_OF_FILE)
    {
      const char *start = self->buffer + self->position;
      const char *end = self->buffer + self->length;
      const char *next = start;

      while (next < end && *next != '"' && *next != '\\' && *next != '\n')
        next++;
      g_string_append_len (text, start, next - start);
      self->position += next - start;
      if (next < end || text->len > AX_JSON_MAX_TEXT_BYTES)
        return;
    }
}

static void
read_string (AxJsonReader *self, GString *text)
{
  int c = 0;

  g_string_truncate (text, 0);
  take_byte (self);
  while (self->error == NULL)
    {
      take_plain_run (self, text);
      if (text->len > AX_JSON_MAX_TEXT_BYTES)
        ax_json_reader_fail (self, AX_ERROR_LIMIT,
                             "a string is longer than %d bytes",
                             AX_JSON_MAX_TEXT_BYTES);
      c = take_byte (self);
      if (c == '"')
        break;
      if (c == '\\')
        take_escape (self, text);
      else if (c == END_OF_FILE)
        fail_at (self, c, "the end of a string");
      else
        g_string_append_c (text, c);
    }
  if (!g_utf8_validate_len (text->str, text->len, NULL))
    ax_json_reader_fail (self, AX_ERROR_FORMAT, "a string is not UTF-8");
}

static gboolean
is_number_byte (int c)
{
  return c != END_OF_FILE
         && (g_ascii_isalnum (c) || c == '.' || c == '-' || c == '+');
}

static void
read_bare (AxJsonReader *self, AxJsonType type)
{
  static const char *const words[] = { "true", "false", "null", NULL };
  static const char *const numbers[] = { "NaN", "Infinity", "-Infinity", NULL };
  const char *text = NULL;
  gboolean known = FALSE;

  g_string_truncate (self->text, 0);
  while (is_number_byte (peek_byte (self))
         && self->text->len <= AX_JSON_MAX_NUMBER_BYTES)
    g_string_append_c (self->text, take_byte (self));

  text = self->text->str;
  if (type == AX_JSON_WORD)
    known = g_strv_contains (words, text);
  else
    known = g_strv_contains (numbers, text)
            || g_ascii_isdigit (text[text[0] == '-']);
  if (!known || self->text->len > AX_JSON_MAX_NUMBER_BYTES)
    ax_json_reader_fail (self, AX_ERROR_FORMAT, "'%.20s' is no value", text);
}

const char *
ax_json_reader_read_text (AxJsonReader *self)
{
  AxJsonType type = ax_json_reader_peek (self);

  switch (type)
    {
    case AX_JSON_NONE:
      return NULL;
    case AX_JSON_OBJECT:
    case AX_JSON_ARRAY:
      ax_json_reader_skip (self);
      return NULL;
    case AX_JSON_STRING:
      read_string (self, self->text);
      break;
    case AX_JSON_NUMBER:
    case AX_JSON_WORD:
      read_bare (self, type);
      break;
    }
  return self->error == NULL ? self->text->str : NULL;
}

char *
ax_json_reader_dup_string (AxJsonReader *self)
{
  gboolean is_string = ax_json_reader_peek (self) == AX_JSON_STRING;
  const char *text = ax_json_reader_read_text (self);

  return is_string ? g_strdup (text) : NULL;
}

static void
take_key (AxJsonReader *self)
{
  int c = skip_space (self);

  if (c != '"')
    {
      fail_at (self, c, "a key");
      return;
    }
  read_string (self, self->key);
  c = skip_space (self);
  if (c != ':')
    fail_at (self, c, "':'");
  take_byte (self);
}

gboolean
ax_json_reader_next (AxJsonReader *self)
{
  char closer = 0;
  int c = 0;

  g_return_val_if_fail (self != NULL, FALSE);

  if (self->error != NULL)
    return FALSE;
  g_return_val_if_fail (self->depth > 0, FALSE);

  closer = self->closers[self->depth - 1];
  c = skip_space (self);
  if (c == closer)
    {
      take_byte (self);
      self->depth--;
      self->at_first = FALSE;
      return FALSE;
    }
  if (!self->at_first)
    {
      if (c != ',')
        fail_at (self, c, closer == '}' ? "',' or '}'" : "',' or ']'");
      take_byte (self);
    }
  self->at_first = FALSE;
  if (closer == '}')
    take_key (self);
  return self->error == NULL;
}

const char *
ax_json_reader_get_key (AxJsonReader *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->key->str;
}

void
ax_json_reader_skip (AxJsonReader *self)
{
  AxJsonType type = ax_json_reader_peek (self);

  if (type != AX_JSON_OBJECT && type != AX_JSON_ARRAY)
    {
      ax_json_reader_read_text (self);
      return;
    }
  ax_json_reader_enter (self);
  while (ax_json_reader_next (self))
    ax_json_reader_skip (self);
}

gboolean
ax_json_reader_finish (AxJsonReader *self, GError **error)
{
  int c = 0;

  g_return_val_if_fail (self != NULL, FALSE);

  c = skip_space (self);
  if (c != END_OF_FILE)
    fail_at (self, c, "the end of the file");
  if (self->error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&self->error));
      return FALSE;
    }
  return TRUE;
}

void
ax_json_append_string (GString *text, const char *value)
{
  g_autofree char *valid = NULL;

  g_return_if_fail (text != NULL && value != NULL);

  valid = g_utf8_make_valid (value, -1);
  g_string_append_c (text, '"');
  for (const char *next = valid; *next != '\0'; next++)
    {
      if (*next == '"' || *next == '\\')
        g_string_append_c (text, '\\');
      if ((guchar)*next < 0x20)
        g_string_append_printf (text, "\\u%04x", *next);
      else
        g_string_append_c (text, *next);
    }
  g_string_append_c (text, '"');
}
