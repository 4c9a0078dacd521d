#include "core/train/weights-init.h"

#include "core/base/error.h"
#include "core/nn/tensor.h"
#include "core/train/weights-copy.h"

void
ax_weights_taken_clear (AxWeightsTaken *self)
{
  g_clear_pointer (&self->taken, g_ptr_array_unref);
  g_clear_pointer (&self->reshaped, g_ptr_array_unref);
  g_clear_pointer (&self->missing, g_ptr_array_unref);
  g_clear_pointer (&self->unused, g_ptr_array_unref);
}

static void
taken_init (AxWeightsTaken *self)
{
  self->taken = g_ptr_array_new_with_free_func (g_free);
  self->reshaped = g_ptr_array_new_with_free_func (g_free);
  self->missing = g_ptr_array_new_with_free_func (g_free);
  self->unused = g_ptr_array_new_with_free_func (g_free);
}

static gboolean
add_param (AxWeights *weights, const AxGraphParam *param,
           const AxTensorView *view, GError **error)
{
  AxTensorView *added = ax_weights_add (weights, param->name, AX_DTYPE_F32,
                                        param->rank, param->shape, NULL);
  if (added == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "no memory for tensor '%s'", param->name);
      return FALSE;
    }
  ax_tensor_view_to_f32 (view, added->data);
  return TRUE;
}

/* The source's tensor where it fits, else the network's own. */
static const AxTensorView *
choose_tensor (const AxGraphParam *param, const AxWeights *own,
               const AxWeights *source, AxWeightsTaken *taken)
{
  const AxTensorView *view = ax_weights_find (source, param->name);
  const gboolean fits
      = view != NULL && ax_dtype_is_float (view->dtype)
        && ax_tensor_view_same_shape (view, param->rank, param->shape);
  g_ptr_array_add (fits           ? taken->taken
                   : view != NULL ? taken->reshaped
                                  : taken->missing,
                   g_strdup (param->name));
  return fits ? view : ax_weights_find (own, param->name);
}

AxModel *
ax_model_init_from (AxModel *model, const AxWeights *source,
                    AxWeightsTaken *taken, GError **error)
{
  g_return_val_if_fail (model != NULL && source != NULL && taken != NULL, NULL);
  AxGraph *graph = ax_model_get_graph (model);
  AxWeights *own = ax_model_get_weights (model);
  g_autoptr (AxWeights) weights = ax_weights_new ();
  g_auto (AxWeightsTaken) found = { 0 };
  taken_init (&found);
  for (guint i = 0; i < ax_graph_get_n_params (graph); i++)
    {
      const AxGraphParam *param = ax_graph_get_param (graph, i);
      if (!add_param (weights, param,
                      choose_tensor (param, own, source, &found), error))
        return NULL;
    }
  for (guint i = 0; i < ax_weights_get_n_tensors (source); i++)
    if (ax_weights_find (weights, ax_weights_get_name (source, i)) == NULL)
      g_ptr_array_add (found.unused,
                       g_strdup (ax_weights_get_name (source, i)));
  if (found.taken->len == 0)
    {
      const char *path = ax_weights_get_path (source);
      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                   "%s: none of its %u tensors has a name and shape of the "
                   "network's %u",
                   path ? path : "weights", ax_weights_get_n_tensors (source),
                   ax_graph_get_n_params (graph));
      return NULL;
    }
  ax_weights_copy_metadata (own, weights);
  AxModel *begun = ax_model_new (weights, error);
  if (begun == NULL)
    return NULL;
  *taken = found;
  found = (AxWeightsTaken){ 0 };
  return begun;
}
