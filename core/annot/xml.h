#pragma once

#include "core/annot/point-buffer.h"

G_BEGIN_DECLS

/**
 * AxXmlReader:
 *
 * What the XML formats share: a file read element by element, never as a tree,
 * so that memory follows the annotations and not the text.  Document type
 * declarations are refused, and with them every entity but the five
 * predefined ones; nothing is ever fetched.
 *
 * A reader lives while ax_xml_read() runs and is handed to the callbacks.
 */
typedef struct _AxXmlReader AxXmlReader;

/** @attributes: names and values in turn, NULL at the end, during the call.
 * Elements are known by their name without name space. */
typedef struct
{
  void (*start_element) (AxXmlReader *reader, const char *name,
                         const char *const *attributes, gpointer user_data);
  void (*end_element) (AxXmlReader *reader, const char *name,
                       gpointer user_data);
} AxXmlHandler;

/**
 * ax_xml_read:
 *
 * Errors: AX_ERROR_IO, AX_ERROR_LIMIT, and AX_ERROR_FORMAT with file and line
 * for XML that is not well formed or whatever a callback refused.
 * Thread: any.
 */
gboolean ax_xml_read (const char *path, const AxXmlHandler *handler,
                      gpointer user_data, GError **error);

guint ax_xml_reader_get_line (AxXmlReader *self);

/** Ends reading: ax_xml_read() fails with "FILE:LINE: " and the message. */
void ax_xml_reader_fail (AxXmlReader *self, int code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/** (transfer none) (nullable): the value of the attribute @name. */
const char *ax_xml_find_attribute (const char *const *attributes,
                                   const char *name);

/**
 * Appends the point of the attributes X and Y to @buffer, or counts it there
 * as bad.  A decimal comma ends reading: whoever wrote it wrote every number
 * of the file that way.  Returns whether there is one point more.
 */
gboolean ax_xml_reader_add_point (AxXmlReader *self,
                                  const char *const *attributes,
                                  AxPointBuffer *buffer);

/**
 * Appends ` name="value"`.  Characters that XML cannot hold become U+FFFD.
 */
void ax_xml_append_attribute (GString *text, const char *name,
                              const char *value);

/** Appends ` name="value"` with at most @digits decimals. */
void ax_xml_append_number (GString *text, const char *name, double value,
                           int digits);

G_END_DECLS
