#include "core/annot/xml.h"

#include "core/annot/text-source.h"
#include "core/base/error.h"
#include "core/base/parse.h"

#include <libxml/parser.h>

#include <string.h>

#define REPLACEMENT "\357\277\275" /* U+FFFD */

struct _AxXmlReader
{
  char *name; /* of the file, as shown in messages */
  AxTextSource *source;
  xmlParserCtxt *parser;
  const AxXmlHandler *handler;
  gpointer user_data;
  GString *texts;      /* names and values of the element's attributes */
  GPtrArray *pointers; /* to each of them, then NULL */
  GError *error;       /* the first one */
};

static void
init_parser_once (void)
{
  static gsize done = 0;

  if (g_once_init_enter (&done))
    {
      xmlInitParser ();
      g_once_init_leave (&done, 1);
    }
}

guint
ax_xml_reader_get_line (AxXmlReader *self)
{
  return self->parser->input != NULL ? self->parser->input->line : 0;
}

void
ax_xml_reader_fail (AxXmlReader *self, int code, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  if (self->error != NULL)
    return;
  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  self->error = g_error_new (AX_ERROR, code, "%s:%u: %s", self->name,
                             ax_xml_reader_get_line (self), message);
  xmlStopParser (self->parser);
}

static int
on_read (void *user_data, char *buffer, int n_bytes)
{
  AxXmlReader *self = user_data;

  if (self->error != NULL)
    return -1;
  return ax_text_source_read (self->source, buffer, n_bytes, &self->error);
}

static void
on_doctype (void *user_data, const xmlChar *name, const xmlChar *external_id,
            const xmlChar *system_id)
{
  ax_xml_reader_fail (user_data, AX_ERROR_FORMAT,
                      "document type declarations are refused");
}

/* libxml2 gives five pointers an attribute: local name, prefix, name space,
   and the value's beginning and end in a buffer of its own. */
static const char *const *
list_attributes (AxXmlReader *self, guint n_attributes,
                 const xmlChar **attributes)
{
  g_string_truncate (self->texts, 0);
  for (guint i = 0; i < n_attributes; i++)
    {
      const char *const *attribute = (const char *const *)&attributes[5 * i];

      if (attribute[1] != NULL)
        {
          g_string_append (self->texts, attribute[1]);
          g_string_append_c (self->texts, ':');
        }
      g_string_append_len (self->texts, attribute[0],
                           strlen (attribute[0]) + 1);
      g_string_append_len (self->texts, attribute[3],
                           attribute[4] - attribute[3]);
      g_string_append_c (self->texts, '\0');
    }

  g_ptr_array_set_size (self->pointers, 0);
  for (char *next = self->texts->str;
       next < self->texts->str + self->texts->len; next += strlen (next) + 1)
    g_ptr_array_add (self->pointers, next);
  g_ptr_array_add (self->pointers, NULL);
  return (const char *const *)self->pointers->pdata;
}

static void
on_start_element (void *user_data, const xmlChar *name, const xmlChar *prefix,
                  const xmlChar *uri, int n_namespaces,
                  const xmlChar **namespaces, int n_attributes, int n_defaulted,
                  const xmlChar **attributes)
{
  AxXmlReader *self = user_data;

  self->handler->start_element (
      self, (const char *)name,
      list_attributes (self, n_attributes, attributes), self->user_data);
}

static void
on_end_element (void *user_data, const xmlChar *name, const xmlChar *prefix,
                const xmlChar *uri)
{
  AxXmlReader *self = user_data;

  self->handler->end_element (self, (const char *)name, self->user_data);
}

static void
on_error (void *user_data, xmlErrorPtr cause)
{
  /* Of some errors the second line shows the bytes. */
  g_autofree char *message
      = g_strndup (cause->message, strcspn (cause->message, "\n"));

  if (cause->level == XML_ERR_FATAL)
    ax_xml_reader_fail (user_data, AX_ERROR_FORMAT,
                        "not well-formed XML: %.200s", message);
}

static void
reader_clear (AxXmlReader *self)
{
  g_clear_pointer (&self->parser, xmlFreeParserCtxt);
  g_clear_pointer (&self->source, ax_text_source_free);
  g_clear_pointer (&self->name, g_free);
  g_string_free (self->texts, TRUE);
  g_ptr_array_unref (self->pointers);
}

gboolean
ax_xml_read (const char *path, const AxXmlHandler *handler, gpointer user_data,
             GError **error)
{
  AxXmlReader self = { .handler = handler, .user_data = user_data };
  xmlSAXHandler sax = {
    .internalSubset = on_doctype,
    .startElementNs = on_start_element,
    .endElementNs = on_end_element,
    .serror = on_error,
    .initialized = XML_SAX2_MAGIC,
  };

  g_return_val_if_fail (path != NULL && handler != NULL, FALSE);

  init_parser_once ();
  self.source = ax_text_source_open (path, error);
  if (self.source == NULL)
    return FALSE;
  self.name = g_filename_display_name (path);
  self.texts = g_string_new (NULL);
  self.pointers = g_ptr_array_new ();
  self.parser = xmlCreateIOParserCtxt (&sax, &self, on_read, NULL, &self,
                                       XML_CHAR_ENCODING_NONE);
  if (self.parser == NULL)
    {
      if (self.error == NULL)
        g_set_error (&self.error, AX_ERROR, AX_ERROR_MEMORY,
                     "%s: no memory for a parser", self.name);
    }
  else
    {
      /* NOENT is what makes &amp; arrive as one character; other entities
         cannot be declared, see on_doctype(). */
      xmlCtxtUseOptions (self.parser, XML_PARSE_NONET | XML_PARSE_NOENT);
      xmlParseDocument (self.parser);
      if (!self.parser->wellFormed)
        ax_xml_reader_fail (&self, AX_ERROR_FORMAT, "not well-formed XML");
    }
  reader_clear (&self);
  if (self.error != NULL)
    {
      g_propagate_error (error, self.error);
      return FALSE;
    }
  return TRUE;
}

const char *
ax_xml_find_attribute (const char *const *attributes, const char *name)
{
  for (; attributes[0] != NULL; attributes += 2)
    if (strcmp (attributes[0], name) == 0)
      return attributes[1];
  return NULL;
}

gboolean
ax_xml_reader_add_point (AxXmlReader *self, const char *const *attributes,
                         AxPointBuffer *buffer)
{
  const char *x = ax_xml_find_attribute (attributes, "X");
  const char *y = ax_xml_find_attribute (attributes, "Y");
  g_autoptr (GError) error = NULL;
  AxPoint0 point;

  if (ax_coordinate_parse (x, "X", &point.x, &error)
      && ax_coordinate_parse (y, "Y", &point.y, &error))
    {
      g_array_append_val (buffer->points, point);
      return TRUE;
    }
  if ((x != NULL && strchr (x, ',')) || (y != NULL && strchr (y, ',')))
    ax_xml_reader_fail (self, AX_ERROR_FORMAT,
                        "%s; the decimal sign must be a point", error->message);
  else
    ax_point_buffer_add_bad (buffer, ax_xml_reader_get_line (self),
                             error->message);
  return FALSE;
}

static gboolean
is_xml_character (gunichar c)
{
  return c >= 0x20 ? c != 0xfffe && c != 0xffff
                   : c == '\t' || c == '\n' || c == '\r';
}

static void
append_escaped (GString *text, const char *value)
{
  for (const char *next = value; *next != '\0'; next = g_utf8_next_char (next))
    {
      gunichar c = g_utf8_get_char (next);

      if (!is_xml_character (c))
        g_string_append (text, REPLACEMENT);
      else if (c < 0x20)
        g_string_append_printf (text, "&#%u;", c);
      else if (c == '&')
        g_string_append (text, "&amp;");
      else if (c == '<')
        g_string_append (text, "&lt;");
      else if (c == '>')
        g_string_append (text, "&gt;");
      else if (c == '"')
        g_string_append (text, "&quot;");
      else
        g_string_append_unichar (text, c);
    }
}

void
ax_xml_append_attribute (GString *text, const char *name, const char *value)
{
  g_autofree char *valid = NULL;

  valid = g_utf8_make_valid (value, -1);
  g_string_append_printf (text, " %s=\"", name);
  append_escaped (text, valid);
  g_string_append_c (text, '"');
}

void
ax_xml_append_number (GString *text, const char *name, double value, int digits)
{
  char buffer[AX_FORMAT_BUFFER];

  g_string_append_printf (text, " %s=\"%s\"", name,
                          ax_format_decimal (buffer, value, digits));
}
