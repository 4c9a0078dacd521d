#include "core/nn/weights.h"

#include "core/base/error.h"

#include <math.h>
#include <string.h>

typedef struct
{
  char *name;
  AxTensorView view;
  gpointer owned; /* (nullable): the view's data when not in the block */
} Tensor;

struct _AxWeights
{
  gatomicrefcount refs;
  GBytes *block; /* (nullable) */
  char *path;
  GPtrArray *tensors;
  GHashTable *by_name;
  GHashTable *metadata;
  char *hash;
};

static void
tensor_free (gpointer data)
{
  Tensor *tensor = data;
  g_free (tensor->owned);
  g_free (tensor->name);
  g_free (tensor);
}

AxWeights *
ax_weights_new (void)
{
  AxWeights *self = g_new0 (AxWeights, 1);
  g_atomic_ref_count_init (&self->refs);
  self->tensors = g_ptr_array_new_with_free_func (tensor_free);
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  self->metadata
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

AxWeights *
ax_weights_new_mapped (GBytes *block, const char *path)
{
  g_return_val_if_fail (block != NULL, NULL);
  AxWeights *self = ax_weights_new ();
  self->block = g_bytes_ref (block);
  self->path = g_strdup (path);
  return self;
}

AxWeights *
ax_weights_ref (AxWeights *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
ax_weights_unref (AxWeights *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->refs))
    return;
  g_hash_table_unref (self->metadata);
  g_hash_table_unref (self->by_name);
  g_ptr_array_unref (self->tensors);
  g_clear_pointer (&self->block, g_bytes_unref);
  g_free (self->path);
  g_free (self->hash);
  g_free (self);
}

guint
ax_weights_get_n_tensors (const AxWeights *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->tensors->len;
}

const char *
ax_weights_get_name (const AxWeights *self, guint index)
{
  g_return_val_if_fail (self != NULL && index < self->tensors->len, NULL);
  const Tensor *tensor = g_ptr_array_index (self->tensors, index);
  return tensor->name;
}

const AxTensorView *
ax_weights_find (const AxWeights *self, const char *name)
{
  g_return_val_if_fail (self != NULL && name != NULL, NULL);
  const Tensor *tensor = g_hash_table_lookup (self->by_name, name);
  return tensor ? &tensor->view : NULL;
}

static AxTensorView *
add (AxWeights *self, const char *name, const AxTensorView *view,
     gpointer owned)
{
  Tensor *tensor = g_new0 (Tensor, 1);
  tensor->name = g_strdup (name);
  tensor->view = *view;
  tensor->owned = owned;
  g_ptr_array_add (self->tensors, tensor);
  g_hash_table_insert (self->by_name, tensor->name, tensor);
  return &tensor->view;
}

static AxTensorView *
add_copy (AxWeights *self, const char *name, AxTensorView view,
          gconstpointer data)
{
  gsize bytes = ax_tensor_view_get_bytes (&view);
  gpointer owned = g_try_malloc0 (MAX (bytes, 1));
  if (owned == NULL)
    return NULL;
  if (data != NULL && bytes > 0)
    memcpy (owned, data, bytes);
  view.data = owned;
  return add (self, name, &view, owned);
}

static AxTensorView
make_view (AxDType dtype, int rank, const gint64 *shape)
{
  AxTensorView view = { .dtype = dtype, .rank = rank };
  for (int i = 0; i < rank; i++)
    view.shape[i] = shape[i];
  return view;
}

AxTensorView *
ax_weights_add (AxWeights *self, const char *name, AxDType dtype, int rank,
                const gint64 *shape, gconstpointer data)
{
  g_return_val_if_fail (self != NULL && name != NULL, NULL);
  g_return_val_if_fail (rank >= 0 && rank <= AX_MAX_RANK, NULL);
  g_return_val_if_fail (!g_hash_table_contains (self->by_name, name), NULL);
  return add_copy (self, name, make_view (dtype, rank, shape), data);
}

gboolean
ax_weights_add_mapped (AxWeights *self, const char *name, AxDType dtype,
                       int rank, const gint64 *shape, gsize offset)
{
  g_return_val_if_fail (self != NULL && self->block != NULL, FALSE);
  g_return_val_if_fail (rank >= 0 && rank <= AX_MAX_RANK, FALSE);
  g_return_val_if_fail (!g_hash_table_contains (self->by_name, name), FALSE);
  gsize block_bytes;
  const guint8 *block = g_bytes_get_data (self->block, &block_bytes);
  AxTensorView view = make_view (dtype, rank, shape);
  g_return_val_if_fail (offset <= block_bytes
                            && ax_tensor_view_get_bytes (&view)
                                   <= block_bytes - offset,
                        FALSE);
  const guint8 *data = block + offset;
  if ((guintptr)data % ax_dtype_get_size (dtype) != 0)
    return add_copy (self, name, view, data) != NULL;
  view.data = (gpointer)data;
  add (self, name, &view, NULL);
  return TRUE;
}

const char *
ax_weights_get_metadata (const AxWeights *self, const char *key)
{
  g_return_val_if_fail (self != NULL && key != NULL, NULL);
  return g_hash_table_lookup (self->metadata, key);
}

void
ax_weights_set_metadata (AxWeights *self, const char *key, const char *value)
{
  g_return_if_fail (self != NULL && key != NULL);
  if (value != NULL)
    g_hash_table_replace (self->metadata, g_strdup (key), g_strdup (value));
  else
    g_hash_table_remove (self->metadata, key);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static GPtrArray *
get_sorted_keys (GHashTable *table)
{
  GPtrArray *keys = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer key;
  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_ptr_array_add (keys, key);
  g_ptr_array_sort (keys, compare_names);
  return keys;
}

GPtrArray *
ax_weights_get_metadata_keys (const AxWeights *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return get_sorted_keys (self->metadata);
}

GPtrArray *
ax_weights_get_sorted_names (const AxWeights *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return get_sorted_keys (self->by_name);
}

static char *
hash_tensors (const AxWeights *self)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autoptr (GPtrArray) names = ax_weights_get_sorted_names (self);
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      const AxTensorView *view = ax_weights_find (self, name);
      g_autofree char *shape = ax_tensor_view_describe (view);
      g_autofree char *line = g_strdup_printf (
          "%s %s %s\n", name, ax_dtype_get_name (view->dtype), shape);
      g_checksum_update (sum, (const guchar *)line, -1);
      /* The length of one update is signed. */
      const guchar *data = view->data;
      for (gsize left = ax_tensor_view_get_bytes (view); left > 0;)
        {
          gssize part = (gssize)MIN (left, (gsize)1 << 30);
          g_checksum_update (sum, data, part);
          data += part;
          left -= (gsize)part;
        }
    }
  return g_strdup (g_checksum_get_string (sum));
}

const char *
ax_weights_get_hash (AxWeights *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  if (self->block == NULL)
    {
      g_free (self->hash);
      self->hash = hash_tensors (self);
    }
  else if (g_once_init_enter (&self->hash))
    g_once_init_leave (&self->hash, g_compute_checksum_for_bytes (
                                        G_CHECKSUM_SHA256, self->block));
  return self->hash;
}

const char *
ax_weights_get_path (const AxWeights *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->path;
}

gboolean
ax_weights_check_finite (const AxWeights *self, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);
  for (guint i = 0; i < self->tensors->len; i++)
    {
      const Tensor *tensor = g_ptr_array_index (self->tensors, i);
      gint64 count;
      if (!ax_dtype_is_float (tensor->view.dtype)
          || !ax_tensor_view_count (&tensor->view, &count))
        continue;
      for (gint64 j = 0; j < count; j++)
        {
          double value = ax_tensor_view_get (&tensor->view, j);
          if (isfinite (value))
            continue;
          g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                       "%s: tensor '%s' holds %s at element %" G_GINT64_FORMAT,
                       self->path ? self->path : "weights", tensor->name,
                       isnan (value) ? "NaN" : "an infinite value", j);
          return FALSE;
        }
    }
  return TRUE;
}
