#include "core/models/model-family.h"

#include "core/base/error.h"
#include "core/models/attention.h"
#include "core/models/scannet.h"
#include "core/models/unet.h"
#include "core/nn/graph-cells.h"
#include "core/nn/graph-shape.h"

#include <string.h>

static AxGraph *
build_scannet (const AxModelCard *card, GError **error)
{
  AxScannetArch arch;
  if (!ax_scannet_arch_parse (card->arch, &arch, error))
    return NULL;
  arch.n_classes = (int)card->classes->len;
  return ax_scannet_build (&arch, card->mean, card->std, card->temperature);
}

static char *
describe_scannet (const char *member)
{
  const AxScannetArch *arch = ax_scannet_arch_find (member);
  return arch != NULL ? ax_scannet_arch_to_json (arch) : NULL;
}

static AxGraph *
build_unet (const AxModelCard *card, GError **error)
{
  AxUnetArch arch;
  if (!ax_unet_arch_parse (card->arch, &arch, error))
    return NULL;
  arch.n_classes = (int)card->classes->len;
  return ax_unet_build (&arch, card->mean, card->std, card->temperature);
}

static char *
describe_unet (const char *member)
{
  const AxUnetArch *arch = ax_unet_arch_find (member);
  return arch != NULL ? ax_unet_arch_to_json (arch) : NULL;
}

static AxGraph *
build_attention (const AxModelCard *card, GError **error)
{
  AxAttentionArch arch;
  if (!ax_attention_arch_parse (card->arch, &arch, error))
    return NULL;
  arch.n_classes = (int)card->classes->len;
  return ax_attention_build (&arch, card->mean, card->std, card->temperature);
}

static char *
describe_attention (const char *member)
{
  const AxAttentionArch *arch = ax_attention_arch_find (member);
  return arch != NULL ? ax_attention_arch_to_json (arch) : NULL;
}

static char *
alias_attention (const AxModelCard *card, const char *tensor)
{
  AxAttentionArch arch;
  return ax_attention_arch_parse (card->arch, &arch, NULL)
             ? ax_attention_get_scannet_name (&arch, tensor)
             : NULL;
}

static const AxModelTask scannet_tasks[] = {
  { .name = "tumor",
    .target = AX_TARGET_CLASS,
    .loss = { .kind = AX_LOSS_CROSS_ENTROPY, .output = 0, .weight = 1.0 } },
};

static const AxModelTask unet_tasks[] = {
  { .name = "tumor",
    .target = AX_TARGET_MASK,
    .loss = { .kind = AX_LOSS_CROSS_ENTROPY, .output = 0, .weight = 1.0 } },
};

static const AxModelTask attention_tasks[] = {
  { .name = "tumor",
    .target = AX_TARGET_CLASS,
    .loss = { .kind = AX_LOSS_CROSS_ENTROPY, .output = 0, .weight = 1.0 } },
  { .name = "fraction",
    .target = AX_TARGET_FRACTION,
    .loss = { .kind = AX_LOSS_SMOOTH_L1, .output = 1, .weight = 1.0 } },
};

static const AxModelFamily families[] = {
  { .name = "scannet",
    .tasks = scannet_tasks,
    .n_tasks = G_N_ELEMENTS (scannet_tasks),
    .build = build_scannet,
    .describe = describe_scannet },
  { .name = "unet",
    .tasks = unet_tasks,
    .n_tasks = G_N_ELEMENTS (unet_tasks),
    .build = build_unet,
    .describe = describe_unet },
  { .name = "attention",
    .tasks = attention_tasks,
    .n_tasks = G_N_ELEMENTS (attention_tasks),
    .build = build_attention,
    .describe = describe_attention,
    .alias = alias_attention },
};

const AxModelFamily *
ax_model_family_find (const char *name, GError **error)
{
  g_return_val_if_fail (name != NULL, NULL);
  g_autoptr (GString) known = g_string_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    {
      if (strcmp (name, families[i].name) == 0)
        return &families[i];
      g_string_append_printf (known, " %s", families[i].name);
    }
  g_autofree char *shown = g_strescape (name, NULL);
  g_set_error (error, AX_ERROR, AX_ERROR_UNSUPPORTED,
               "axilla.family '%.64s' is none of:%s", shown, known->str);
  return NULL;
}

gboolean
ax_model_family_gives_pixels (const AxModelFamily *self)
{
  g_return_val_if_fail (self != NULL, FALSE);
  return self->tasks[0].target == AX_TARGET_MASK;
}

gboolean
ax_model_family_measure (const AxModelFamily *self, const AxGraph *graph,
                         gint64 *field, gint64 *stride, GError **error)
{
  g_return_val_if_fail (self != NULL && graph != NULL, FALSE);
  const AxGraphView *view = ax_graph_get_view (graph);
  if (ax_model_family_gives_pixels (self))
    {
      AxCells cells;
      if (!ax_cells_measure (view, &cells, error))
        return FALSE;
      *field = 2 * cells.margin + cells.period;
      *stride = cells.period;
      return TRUE;
    }
  AxReceptiveField found;
  if (!ax_graph_get_receptive_field (view, &found, error))
    return FALSE;
  *field = found.size;
  *stride = found.stride;
  return TRUE;
}
