#include "core/train/weights-copy.h"

#include "core/base/error.h"

gboolean
ax_weights_add_copies (AxWeights *self, const char *prefix,
                       const AxWeights *from, GError **error)
{
  g_return_val_if_fail (self != NULL && prefix != NULL && from != NULL, FALSE);
  for (guint i = 0; i < ax_weights_get_n_tensors (from); i++)
    {
      const char *name = ax_weights_get_name (from, i);
      const AxTensorView *view = ax_weights_find (from, name);
      g_autofree char *full = g_strconcat (prefix, name, NULL);
      if (ax_weights_add (self, full, view->dtype, view->rank, view->shape,
                          view->data)
          == NULL)
        {
          g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                       "no memory for a copy of tensor '%s'", full);
          return FALSE;
        }
    }
  return TRUE;
}

AxWeights *
ax_weights_copy (const AxWeights *self, GError **error)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_autoptr (AxWeights) copy = ax_weights_new ();
  if (!ax_weights_add_copies (copy, "", self, error))
    return NULL;
  return g_steal_pointer (&copy);
}

void
ax_weights_copy_metadata (const AxWeights *from, AxWeights *to)
{
  g_return_if_fail (from != NULL && to != NULL);
  g_autoptr (GPtrArray) keys = ax_weights_get_metadata_keys (from);
  for (guint i = 0; i < keys->len; i++)
    {
      const char *key = g_ptr_array_index (keys, i);
      ax_weights_set_metadata (to, key, ax_weights_get_metadata (from, key));
    }
}
