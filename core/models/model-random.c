#include "core/models/model-private.h"

#include "core/base/error.h"
#include "core/base/parse.h"
#include "core/base/rng.h"

#include <math.h>
#include <string.h>

static const struct
{
  const char *name, *family;
  double mpp;
} random_members[] = {
  { "scannet", "scannet", 0.243 },
  { "scannet-10x", "scannet", 0.972 },
  { "unet", "unet", 0.486 },
  { "unet-16", "unet", 0.486 },
  { "attention-10x", "attention", 0.972 },
  { "attention-5x", "attention", 1.944 },
};

/* Everything but field and stride, which the network gives. */
static void
set_card (AxWeights *weights, const char *family, const char *arch, double mpp)
{
  char buffer[AX_FORMAT_BUFFER];
  ax_weights_set_metadata (weights, "axilla.family", family);
  ax_weights_set_metadata (weights, "axilla.arch", arch);
  ax_weights_set_metadata (weights, "mpp", ax_format_decimal (buffer, mpp, 6));
  ax_weights_set_metadata (weights, "mean", "[0.485,0.456,0.406]");
  ax_weights_set_metadata (weights, "std", "[0.229,0.224,0.225]");
  ax_weights_set_metadata (weights, "classes", "[\"normal\",\"tumor\"]");
  ax_weights_set_metadata (weights, "temperature", "1");
  ax_weights_set_metadata (weights, "trained_on", "nothing: random weights");
}

static void
set_field (AxWeights *weights, gint64 field, gint64 stride)
{
  g_autofree char *size = g_strdup_printf ("%" G_GINT64_FORMAT, field);
  g_autofree char *step = g_strdup_printf ("%" G_GINT64_FORMAT, stride);
  ax_weights_set_metadata (weights, "field", size);
  ax_weights_set_metadata (weights, "stride", step);
}

/* He initialisation: normal with variance 2 / fan-in; norms do nothing. */
static gboolean
add_random_param (AxWeights *weights, const AxGraphParam *param, AxRng *rng,
                  GError **error)
{
  AxTensorView *view = ax_weights_add (weights, param->name, AX_DTYPE_F32,
                                       param->rank, param->shape, NULL);
  gint64 count;
  if (view == NULL || !ax_tensor_view_count (view, &count))
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "no memory for tensor '%s'", param->name);
      return FALSE;
    }
  float *values = view->data;
  double scale = sqrt (2.0 * (double)param->shape[0] / (double)count);
  for (gint64 i = 0; i < count; i++)
    if (param->role == AX_PARAM_WEIGHT)
      values[i] = (float)(scale * ax_rng_normal (rng));
    else if (param->role == AX_PARAM_NORM_WEIGHT
             || param->role == AX_PARAM_RUNNING_VAR)
      values[i] = 1.0f;
  return TRUE;
}

/* Field and stride are set last: the card is not read without any. */
static gboolean
add_random_network (AxWeights *weights, const AxModelFamily *family,
                    guint64 seed, GError **error)
{
  g_auto (AxModelCard) card = { 0 };
  gint64 field = 1, stride = 1;
  set_field (weights, field, stride);
  if (!ax_model_card_read (weights, &card, error))
    return FALSE;
  g_autoptr (AxGraph) graph = family->build (&card, error);
  if (graph == NULL
      || !ax_model_family_measure (family, graph, &field, &stride, error))
    return FALSE;
  set_field (weights, field, stride);
  for (guint i = 0; i < ax_graph_get_n_params (graph); i++)
    {
      AxRng rng = ax_rng_init (seed, i);
      if (!add_random_param (weights, ax_graph_get_param (graph, i), &rng,
                             error))
        return FALSE;
    }
  return TRUE;
}

AxModel *
ax_model_new_random (const char *name, guint64 seed, GError **error)
{
  g_return_val_if_fail (name != NULL, NULL);
  guint m = 0;
  while (m < G_N_ELEMENTS (random_members)
         && strcmp (name, random_members[m].name) != 0)
    m++;
  if (m == G_N_ELEMENTS (random_members))
    {
      g_set_error (error, AX_ERROR, AX_ERROR_NOT_FOUND,
                   "no network '%.64s' to make up", name);
      return NULL;
    }
  const AxModelFamily *family
      = ax_model_family_find (random_members[m].family, error);
  g_return_val_if_fail (family != NULL, NULL);
  g_autofree char *arch = family->describe (name);
  g_autoptr (AxWeights) weights = ax_weights_new ();
  set_card (weights, family->name, arch, random_members[m].mpp);
  return add_random_network (weights, family, seed, error)
             ? ax_model_new_named (weights, name, error)
             : NULL;
}
