#pragma once

#include "core/models/model.h"
#include "tests/support/small-networks.h"

/**
 * Members of the families as models.  U-Net: field 52 and stride 4 at alpha 1;
 * attention: 18 and 4.  @mpp: µm per model pixel.
 */
static inline AxModel *
small_model_new (const char *family, const char *arch, AxGraph *graph,
                 const char *field, double mpp)
{
  g_autoptr (AxWeights) weights = small_weights_new (graph);
  g_autoptr (GError) error = NULL;
  g_autofree char *um = g_strdup_printf ("%.3f", mpp);
  AxModel *model = NULL;

  ax_weights_set_metadata (weights, "axilla.family", family);
  ax_weights_set_metadata (weights, "axilla.arch", arch);
  ax_weights_set_metadata (weights, "mpp", um);
  ax_weights_set_metadata (weights, "field", field);
  ax_weights_set_metadata (weights, "stride", "4");
  ax_weights_set_metadata (weights, "mean", "[0.5,0.5,0.5]");
  ax_weights_set_metadata (weights, "std", "[0.25,0.25,0.25]");
  ax_weights_set_metadata (weights, "classes", "[\"normal\",\"tumor\"]");
  ax_weights_set_metadata (weights, "temperature", "1");
  model = ax_model_new (weights, &error);
  g_assert_no_error (error);
  return model;
}

static inline AxModel *
small_unet_model_new (double mpp)
{
  g_autoptr (AxGraph) graph = small_unet_build ();
  g_autofree char *arch = ax_unet_arch_to_json (&small_unet);

  return small_model_new ("unet", arch, graph, "52", mpp);
}

static inline AxModel *
small_attention_model_new (double mpp)
{
  g_autoptr (AxGraph) graph = small_attention_build ();
  g_autofree char *arch = ax_attention_arch_to_json (&small_attention);

  return small_model_new ("attention", arch, graph, "18", mpp);
}
