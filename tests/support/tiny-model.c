#include "tests/support/tiny-model.h"

#include "core/base/parse.h"
#include "core/base/rng.h"
#include "core/models/scannet.h"
#include "core/nn/tensor.h"

static const AxScannetArch arch = {
  .n_blocks = 2,
  .n_convs = { 1, 1 },
  .widths = { 4, 4 },
  .n_heads = 1,
  .heads = { 4 },
  .n_classes = 2,
};

static void
set_card (AxWeights *weights, double mpp)
{
  g_autofree char *json = ax_scannet_arch_to_json (&arch);
  char buffer[AX_FORMAT_BUFFER];

  ax_weights_set_metadata (weights, "axilla.family", "scannet");
  ax_weights_set_metadata (weights, "axilla.arch", json);
  ax_weights_set_metadata (weights, "mpp", ax_format_decimal (buffer, mpp, 6));
  ax_weights_set_metadata (weights, "field", G_STRINGIFY (TINY_MODEL_FIELD));
  ax_weights_set_metadata (weights, "stride", G_STRINGIFY (TINY_MODEL_STRIDE));
  ax_weights_set_metadata (weights, "mean", "[0.5,0.5,0.5]");
  ax_weights_set_metadata (weights, "std", "[0.25,0.25,0.25]");
  ax_weights_set_metadata (weights, "classes", "[\"normal\",\"tumor\"]");
  ax_weights_set_metadata (weights, "temperature", "1");
}

AxModel *
tiny_model_new (guint64 seed, double mpp)
{
  const double zeros[3] = { 0, 0, 0 }, ones[3] = { 1, 1, 1 };
  g_autoptr (AxGraph) graph = ax_scannet_build (&arch, zeros, ones, 1);
  g_autoptr (AxWeights) weights = ax_weights_new ();
  g_autoptr (GError) error = NULL;
  AxModel *model;

  set_card (weights, mpp);
  for (guint i = 0; i < ax_graph_get_n_params (graph); i++)
    {
      const AxGraphParam *param = ax_graph_get_param (graph, i);
      AxRng rng = ax_rng_init (seed, i);
      AxTensorView *view = ax_weights_add (weights, param->name, AX_DTYPE_F32,
                                           param->rank, param->shape, NULL);
      gint64 count = 0;

      g_assert_true (ax_tensor_view_count (view, &count));
      for (gint64 j = 0; j < count; j++)
        ((float *)view->data)[j] = 0.5 * ax_rng_normal (&rng);
    }
  model = ax_model_new (weights, &error);
  g_assert_no_error (error);
  return model;
}
