#include "core/train/weights-init.h"

#include "core/base/error.h"
#include "core/models/model-family.h"
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

/* What is taken from; @used: its tensors (AxTensorView) that were found. */
typedef struct
{
  const AxWeights *weights;
  const AxModelFamily *family;
  const AxModelCard *card;
  GHashTable *used;
} Source;

/* Under its own name or under that of another family. */
static const AxTensorView *
find_tensor (const Source *source, const char *name)
{
  const AxTensorView *view = ax_weights_find (source->weights, name);
  if (view == NULL && source->family->alias != NULL)
    {
      g_autofree char *alias = source->family->alias (source->card, name);
      view = alias != NULL ? ax_weights_find (source->weights, alias) : NULL;
    }
  if (view != NULL)
    g_hash_table_add (source->used, (gpointer)view);
  return view;
}

/* The source's tensor where it fits, else the network's own. */
static const AxTensorView *
choose_tensor (const AxGraphParam *param, const AxWeights *own,
               const Source *source, AxWeightsTaken *taken)
{
  const AxTensorView *view = find_tensor (source, param->name);
  const gboolean fits
      = view != NULL && ax_dtype_is_float (view->dtype)
        && ax_tensor_view_same_shape (view, param->rank, param->shape);
  g_ptr_array_add (fits           ? taken->taken
                   : view != NULL ? taken->reshaped
                                  : taken->missing,
                   g_strdup (param->name));
  return fits ? view : ax_weights_find (own, param->name);
}

static void
find_unused (const Source *source, GPtrArray *unused)
{
  for (guint i = 0; i < ax_weights_get_n_tensors (source->weights); i++)
    {
      const char *name = ax_weights_get_name (source->weights, i);
      if (!g_hash_table_contains (source->used,
                                  ax_weights_find (source->weights, name)))
        g_ptr_array_add (unused, g_strdup (name));
    }
}

/* @weights: out, empty */
static gboolean
take_tensors (AxModel *model, const AxWeights *from, AxWeights *weights,
              AxWeightsTaken *taken, GError **error)
{
  AxGraph *graph = ax_model_get_graph (model);
  AxWeights *own = ax_model_get_weights (model);
  g_auto (AxModelCard) card = { 0 };
  g_autoptr (GHashTable) used = g_hash_table_new (NULL, NULL);
  if (!ax_model_card_read (own, &card, error))
    return FALSE;
  const Source source = { .weights = from,
                          .family = ax_model_family_find (card.family, error),
                          .card = &card,
                          .used = used };
  if (source.family == NULL)
    return FALSE;
  for (guint i = 0; i < ax_graph_get_n_params (graph); i++)
    {
      const AxGraphParam *param = ax_graph_get_param (graph, i);
      if (!add_param (weights, param,
                      choose_tensor (param, own, &source, taken), error))
        return FALSE;
    }
  find_unused (&source, taken->unused);
  ax_weights_copy_metadata (own, weights);
  return TRUE;
}

AxModel *
ax_model_init_from (AxModel *model, const AxWeights *source,
                    AxWeightsTaken *taken, GError **error)
{
  g_return_val_if_fail (model != NULL && source != NULL && taken != NULL, NULL);
  g_autoptr (AxWeights) weights = ax_weights_new ();
  g_auto (AxWeightsTaken) found = { 0 };
  taken_init (&found);
  if (!take_tensors (model, source, weights, &found, error))
    return NULL;
  if (found.taken->len == 0)
    {
      const char *path = ax_weights_get_path (source);
      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                   "%s: none of its %u tensors has a name and shape of the "
                   "network's %u",
                   path ? path : "weights", ax_weights_get_n_tensors (source),
                   ax_graph_get_n_params (ax_model_get_graph (model)));
      return NULL;
    }
  AxModel *begun = ax_model_new (weights, error);
  if (begun == NULL)
    return NULL;
  *taken = found;
  found = (AxWeightsTaken){ 0 };
  return begun;
}
