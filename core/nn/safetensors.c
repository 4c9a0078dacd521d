#include "core/nn/safetensors.h"

#include "core/base/error.h"
#include "core/base/output.h"
#include "core/nn/json-scan.h"

#include <string.h>

#if G_BYTE_ORDER != G_LITTLE_ENDIAN
#error "tensors are little endian in the file and mapped as they are"
#endif

#define LENGTH_BYTES 8
#define HEADER_MAX_BYTES 100000000
#define METADATA_KEY "__metadata__"

typedef struct
{
  char *name;
  char *dtype_name;
  AxDType dtype;
  gint64 rank; /* as in the file; shape holds the first AX_MAX_RANK sides */
  gint64 shape[AX_MAX_RANK];
  gint64 begin, end;
} Entry;

static void
entry_clear (gpointer data)
{
  Entry *entry = data;
  g_free (entry->name);
  g_free (entry->dtype_name);
}

static void
scan_shape (AxJsonScan *scan, Entry *entry)
{
  ax_json_scan_begin (scan, '[');
  while (ax_json_scan_next_item (scan))
    {
      gint64 side;
      if (!ax_json_scan_count (scan, G_MAXINT64, &side))
        return;
      if (entry->rank < AX_MAX_RANK)
        entry->shape[entry->rank] = side;
      entry->rank++;
    }
}

static void
scan_offsets (AxJsonScan *scan, Entry *entry)
{
  gint64 *offsets[] = { &entry->begin, &entry->end };
  guint n_offsets = 0;
  ax_json_scan_begin (scan, '[');
  while (ax_json_scan_next_item (scan))
    {
      if (n_offsets == G_N_ELEMENTS (offsets))
        ax_json_scan_fail (scan, "more than two data_offsets");
      else if (ax_json_scan_count (scan, G_MAXINT64, offsets[n_offsets]))
        n_offsets++;
    }
  if (n_offsets < G_N_ELEMENTS (offsets))
    ax_json_scan_fail (scan, "fewer than two data_offsets");
}

/* Names are shown in messages of one line. */
static void
check_name (AxJsonScan *scan, const char *name)
{
  for (const char *c = name; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      ax_json_scan_fail (scan, "a name holds a control character");
}

static void
scan_entry (AxJsonScan *scan, Entry *entry)
{
  static const char *const fields[] = { "dtype", "shape", "data_offsets" };
  gboolean seen[G_N_ELEMENTS (fields)] = { FALSE };
  g_autofree char *key = NULL;
  ax_json_scan_begin (scan, '{');
  while (ax_json_scan_next_key (scan, &key))
    {
      guint field = 0;
      while (field < G_N_ELEMENTS (fields) && strcmp (key, fields[field]) != 0)
        field++;
      if (field == G_N_ELEMENTS (fields) || seen[field])
        {
          ax_json_scan_fail (
              scan, "tensor '%s': %s '%s'", entry->name,
              field == G_N_ELEMENTS (fields) ? "unknown field" : "second", key);
          return;
        }
      seen[field] = TRUE;
      if (field == 0 && ax_json_scan_string (scan, &entry->dtype_name))
        check_name (scan, entry->dtype_name);
      else if (field == 1)
        scan_shape (scan, entry);
      else if (field == 2)
        scan_offsets (scan, entry);
    }
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    if (!seen[i])
      ax_json_scan_fail (scan, "tensor '%s' has no %s", entry->name, fields[i]);
}

static void
scan_metadata (AxJsonScan *scan, AxWeights *weights)
{
  g_autofree char *key = NULL;
  g_autofree char *value = NULL;
  ax_json_scan_begin (scan, '{');
  while (ax_json_scan_next_key (scan, &key)
         && ax_json_scan_string (scan, &value))
    {
      if (ax_weights_get_metadata (weights, key) != NULL)
        ax_json_scan_fail (scan, "second metadata key '%s'", key);
      ax_weights_set_metadata (weights, key, value);
    }
}

static gboolean
scan_header (const char *text, gsize length, const char *name,
             AxWeights *weights, GArray *entries, GError **error)
{
  g_autofree char *what = g_strconcat (name, ": header", NULL);
  g_autoptr (GHashTable) seen
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  AxJsonScan scan = ax_json_scan_init (text, length, what);
  g_autofree char *key = NULL;
  ax_json_scan_begin (&scan, '{');
  while (ax_json_scan_next_key (&scan, &key))
    {
      check_name (&scan, key);
      if (!g_hash_table_add (seen, g_strdup (key)))
        ax_json_scan_fail (&scan, "second entry '%s'", key);
      if (strcmp (key, METADATA_KEY) == 0)
        {
          scan_metadata (&scan, weights);
          continue;
        }
      g_array_set_size (entries, entries->len + 1);
      Entry *entry = &g_array_index (entries, Entry, entries->len - 1);
      entry->name = g_strdup (key);
      scan_entry (&scan, entry);
    }
  return ax_json_scan_end (&scan, error);
}

static gboolean
check_entry (Entry *entry, const char *name, GError **error)
{
  if (!ax_dtype_from_name (entry->dtype_name, &entry->dtype))
    {
      g_set_error (error, AX_ERROR, AX_ERROR_UNSUPPORTED,
                   "%s: tensor '%s' has the unsupported type '%.16s'", name,
                   entry->name, entry->dtype_name);
      return FALSE;
    }
  if (entry->rank > AX_MAX_RANK)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_UNSUPPORTED,
                   "%s: tensor '%s' has %" G_GINT64_FORMAT
                   " sides, more than %d",
                   name, entry->name, entry->rank, AX_MAX_RANK);
      return FALSE;
    }
  g_autofree char *shape = ax_shape_describe ((int)entry->rank, entry->shape);
  AxTensorView view = { .dtype = entry->dtype, .rank = (gint32)entry->rank };
  memcpy (view.shape, entry->shape, sizeof view.shape);
  gint64 bytes;
  if (!ax_tensor_view_count (&view, &bytes)
      || __builtin_mul_overflow (
          bytes, (gint64)ax_dtype_get_size (entry->dtype), &bytes))
    {
      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                   "%s: tensor '%s': %s elements are too many", name,
                   entry->name, shape);
      return FALSE;
    }
  if (entry->end < entry->begin || entry->end - entry->begin != bytes)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                   "%s: tensor '%s' of %s %s needs %" G_GINT64_FORMAT
                   " bytes, its offsets are %" G_GINT64_FORMAT
                   " to %" G_GINT64_FORMAT,
                   name, entry->name, shape, entry->dtype_name, bytes,
                   entry->begin, entry->end);
      return FALSE;
    }
  return TRUE;
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const Entry *x = a, *y = b;
  if (x->begin != y->begin)
    return x->begin < y->begin ? -1 : 1;
  return (x->end > y->end) - (x->end < y->end);
}

/* The tensors must tile the buffer: no hole, no overlap, no rest. */
static gboolean
check_entries (GArray *entries, gsize buffer_bytes, const char *name,
               GError **error)
{
  g_array_sort (entries, compare_entries);
  gint64 position = 0;
  for (guint i = 0; i < entries->len; i++)
    {
      Entry *entry = &g_array_index (entries, Entry, i);
      if (!check_entry (entry, name, error))
        return FALSE;
      if ((guint64)entry->end > buffer_bytes)
        {
          g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                       "%s: tensor '%s' ends at %" G_GINT64_FORMAT
                       " of %" G_GSIZE_FORMAT " bytes",
                       name, entry->name, entry->end, buffer_bytes);
          return FALSE;
        }
      if (entry->begin != position)
        {
          g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                       "%s: tensor '%s' begins at %" G_GINT64_FORMAT
                       ", %s the %" G_GINT64_FORMAT " before it",
                       name, entry->name, entry->begin,
                       entry->begin < position ? "overlapping"
                                               : "leaving a hole after",
                       position);
          return FALSE;
        }
      position = entry->end;
    }
  if ((guint64)position != buffer_bytes)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                   "%s: tensors end at %" G_GINT64_FORMAT " of %" G_GSIZE_FORMAT
                   " bytes",
                   name, position, buffer_bytes);
      return FALSE;
    }
  return TRUE;
}

static gboolean
read_header_length (const guint8 *data, gsize bytes, const char *name,
                    gsize *length, GError **error)
{
  if (bytes < LENGTH_BYTES)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                   "%s: %" G_GSIZE_FORMAT
                   " bytes, too few for a safetensors file",
                   name, bytes);
      return FALSE;
    }
  guint64 value;
  memcpy (&value, data, sizeof value);
  if (value > HEADER_MAX_BYTES || value > bytes - LENGTH_BYTES)
    {
      g_set_error (
          error, AX_ERROR, AX_ERROR_FORMAT,
          "%s: header length %" G_GUINT64_FORMAT " exceeds %s %" G_GSIZE_FORMAT
          " bytes: not a safetensors file",
          name, value, value > HEADER_MAX_BYTES ? "the limit of" : "the file's",
          value > HEADER_MAX_BYTES ? (gsize)HEADER_MAX_BYTES : bytes);
      return FALSE;
    }
  if (value == 0 || data[LENGTH_BYTES] != '{')
    {
      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                   "%s: header does not start with '{': not a safetensors "
                   "file",
                   name);
      return FALSE;
    }
  *length = (gsize)value;
  return TRUE;
}

static AxWeights *
parse_block (GBytes *block, const char *name, const char *path, GError **error)
{
  gsize bytes, length;
  const guint8 *data = g_bytes_get_data (block, &bytes);
  if (!read_header_length (data, bytes, name, &length, error))
    return NULL;
  g_autoptr (AxWeights) weights = ax_weights_new_mapped (block, path);
  g_autoptr (GArray) entries = g_array_new (FALSE, TRUE, sizeof (Entry));
  g_array_set_clear_func (entries, entry_clear);
  gsize buffer_start = LENGTH_BYTES + length;
  if (!scan_header ((const char *)data + LENGTH_BYTES, length, name, weights,
                    entries, error)
      || !check_entries (entries, bytes - buffer_start, name, error))
    return NULL;
  for (guint i = 0; i < entries->len; i++)
    {
      const Entry *entry = &g_array_index (entries, Entry, i);
      if (ax_weights_add_mapped (weights, entry->name, entry->dtype,
                                 (int)entry->rank, entry->shape,
                                 buffer_start + (gsize)entry->begin))
        continue;
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "%s: no memory for tensor '%s'", name, entry->name);
      return NULL;
    }
  return g_steal_pointer (&weights);
}

AxWeights *
ax_safetensors_load (const char *path, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);
  g_autofree char *name = g_filename_display_name (path);
  g_autoptr (GError) reason = NULL;
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, &reason);
  if (file == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_IO, "%s: %s", name,
                   reason->message);
      return NULL;
    }
  g_autoptr (GBytes) block = g_mapped_file_get_bytes (file);
  return parse_block (block, name, path, error);
}

AxWeights *
ax_safetensors_parse (gconstpointer data, gsize bytes, const char *name,
                      GError **error)
{
  g_return_val_if_fail (data != NULL || bytes == 0, NULL);
  g_return_val_if_fail (name != NULL, NULL);
  gpointer copy = g_try_malloc (MAX (bytes, 1));
  if (copy == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "%s: no memory for %" G_GSIZE_FORMAT " bytes", name, bytes);
      return NULL;
    }
  if (bytes > 0)
    memcpy (copy, data, bytes);
  g_autoptr (GBytes) block = g_bytes_new_take (copy, bytes);
  return parse_block (block, name, NULL, error);
}

static void
append_string (GString *json, const char *text)
{
  g_string_append_c (json, '"');
  for (const char *c = text; *c != '\0'; c++)
    if ((guchar)*c < 0x20)
      g_string_append_printf (json, "\\u%04x", (guint)*c);
    else
      {
        if (*c == '"' || *c == '\\')
          g_string_append_c (json, '\\');
        g_string_append_c (json, *c);
      }
  g_string_append_c (json, '"');
}

static void
append_metadata (GString *json, const AxWeights *weights)
{
  g_autoptr (GPtrArray) keys = ax_weights_get_metadata_keys (weights);
  if (keys->len == 0)
    return;
  g_string_append (json, "\"" METADATA_KEY "\":");
  for (guint i = 0; i < keys->len; i++)
    {
      const char *key = g_ptr_array_index (keys, i);
      g_string_append_c (json, i == 0 ? '{' : ',');
      append_string (json, key);
      g_string_append_c (json, ':');
      append_string (json, ax_weights_get_metadata (weights, key));
    }
  g_string_append_c (json, '}');
}

/* Appends the entry and returns the offset behind the tensor. */
static gsize
append_entry (GString *json, const char *name, const AxTensorView *view,
              gsize begin)
{
  gsize end = begin + ax_tensor_view_get_bytes (view);
  append_string (json, name);
  g_string_append_printf (json, ":{\"dtype\":\"%s\",\"shape\":[",
                          ax_dtype_get_name (view->dtype));
  for (int i = 0; i < view->rank; i++)
    g_string_append_printf (json, "%s%" G_GINT64_FORMAT, i > 0 ? "," : "",
                            view->shape[i]);
  g_string_append_printf (
      json, "],\"data_offsets\":[%" G_GSIZE_FORMAT ",%" G_GSIZE_FORMAT "]}",
      begin, end);
  return end;
}

gboolean
ax_safetensors_save (const AxWeights *weights, const char *path, GError **error)
{
  g_return_val_if_fail (weights != NULL && path != NULL, FALSE);
  g_autoptr (GPtrArray) names = ax_weights_get_sorted_names (weights);
  g_autoptr (GString) json = g_string_new ("{");
  append_metadata (json, weights);
  gsize offset = 0;
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      if (json->len > 1)
        g_string_append_c (json, ',');
      offset
          = append_entry (json, name, ax_weights_find (weights, name), offset);
    }
  g_string_append_c (json, '}');
  while (json->len % LENGTH_BYTES != 0)
    g_string_append_c (json, ' ');

  g_autoptr (AxOutput) output = ax_output_new (path, error);
  guint64 length = json->len;
  if (output == NULL || !ax_output_write (output, &length, sizeof length, error)
      || !ax_output_write (output, json->str, json->len, error))
    return FALSE;
  for (guint i = 0; i < names->len; i++)
    {
      const AxTensorView *view
          = ax_weights_find (weights, g_ptr_array_index (names, i));
      if (!ax_output_write (output, view->data, ax_tensor_view_get_bytes (view),
                            error))
        return FALSE;
    }
  return ax_output_commit (output, error);
}
