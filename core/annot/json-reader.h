#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AxJsonReader:
 *
 * JSON read value by value, never as a tree.  json-glib's tree of 60 MB of
 * GeoJSON, measured, takes 940 MB and three times as long as reading it here,
 * knows no lines, and overruns the stack on deeply nested input; this reader's
 * memory does not grow, and it refuses nesting beyond AX_JSON_MAX_DEPTH.
 *
 *     reader = ax_json_reader_new (path, error);
 *     ax_json_reader_enter (reader);
 *     while (ax_json_reader_next (reader))
 *       ... ax_json_reader_get_key(), then read, enter or skip the value ...
 *     ax_json_reader_finish (reader, error);
 *
 * The first failure sticks: from then on no value follows, every loop ends,
 * and ax_json_reader_finish() says why.  Members may have the same key.  Bare
 * NaN and Infinity, which Python writes, pass as numbers.
 *
 * Thread: owner.
 */
typedef struct _AxJsonReader AxJsonReader;

#define AX_JSON_MAX_DEPTH 64
#define AX_JSON_MAX_TEXT_BYTES (1 << 20)
#define AX_JSON_MAX_NUMBER_BYTES 400

typedef enum
{
  AX_JSON_NONE, /* nothing follows, or reading has failed */
  AX_JSON_OBJECT,
  AX_JSON_ARRAY,
  AX_JSON_STRING,
  AX_JSON_NUMBER,
  AX_JSON_WORD, /* true, false, null */
} AxJsonType;

/** Errors: AX_ERROR_IO.  The file may be gzip. */
AxJsonReader *ax_json_reader_new (const char *path, GError **error);
void ax_json_reader_free (AxJsonReader *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxJsonReader, ax_json_reader_free)

/** What the next value is. */
AxJsonType ax_json_reader_peek (AxJsonReader *self);

/** Goes into the object or array that comes next. */
void ax_json_reader_enter (AxJsonReader *self);

/** The same if it is of @type; anything else is skipped. */
gboolean ax_json_reader_enter_if (AxJsonReader *self, AxJsonType type);

/**
 * Goes to the next member or element of the innermost object or array; its
 * value must then be read, entered or skipped.  FALSE leaves that container.
 */
gboolean ax_json_reader_next (AxJsonReader *self);

/** (transfer none): the member's key, until another member is gone to. */
const char *ax_json_reader_get_key (AxJsonReader *self);

/**
 * (transfer none): the string, or the number or word as it is spelled, until
 * the next call; NULL, the value being skipped, when it is neither.  Half a
 * surrogate pair and U+0000 are U+FFFD.
 */
const char *ax_json_reader_read_text (AxJsonReader *self);

/** (transfer full) (nullable): the string; NULL, the value being skipped, when
 * it is none. */
char *ax_json_reader_dup_string (AxJsonReader *self);

void ax_json_reader_skip (AxJsonReader *self);

guint ax_json_reader_get_line (AxJsonReader *self);

/** Fails reading with "FILE:LINE: " and the message. */
void ax_json_reader_fail (AxJsonReader *self, int code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/**
 * Whether the document was read to its end and nothing follows.
 *
 * Errors: AX_ERROR_IO, AX_ERROR_LIMIT, AX_ERROR_FORMAT with file and line.
 */
gboolean ax_json_reader_finish (AxJsonReader *self, GError **error);

/** Appends @value as a JSON string. */
void ax_json_append_string (GString *text, const char *value);

G_END_DECLS
