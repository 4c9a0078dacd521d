#include "core/models/scannet.h"

#include "core/base/error.h"
#include "core/models/arch-scan.h"

#include <string.h>

#define MAX_CONVS 16
#define MAX_WIDTH 16384
#define NORM_EPSILON 1e-5
#define DROPOUT_RATE 0.5

static const struct
{
  const char *name;
  AxScannetArch arch;
} members[] = {
  { "scannet",
    { .n_blocks = 5,
      .n_convs = { 2, 2, 3, 3, 3 },
      .widths = { 64, 128, 256, 512, 512 },
      .n_heads = 2,
      .heads = { 1024, 1024 },
      .n_classes = 2 } },
  { "scannet-10x",
    { .n_blocks = 4,
      .n_convs = { 2, 2, 2, 2 },
      .widths = { 32, 64, 128, 256 },
      .n_heads = 1,
      .heads = { 256 },
      .n_classes = 2,
      .batch_norm = TRUE } },
};

const AxScannetArch *
ax_scannet_arch_find (const char *name)
{
  g_return_val_if_fail (name != NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (strcmp (name, members[i].name) == 0)
      return &members[i].arch;
  return NULL;
}

static AxWindow
make_window (int kernel, int stride)
{
  return (AxWindow){
    .kernel_h = kernel, .kernel_w = kernel, .stride = stride, .dilation = 1
  };
}

/* conv, [batch norm,] relu; each counts in VGG's numbering. */
static int
add_conv_layer (AxGraph *graph, int node, int *layer, int width,
                gboolean batch_norm)
{
  g_autofree char *conv = g_strdup_printf ("features.%d", (*layer)++);
  node = ax_graph_add_conv (graph, node, conv, width, make_window (3, 1),
                            !batch_norm);
  if (batch_norm)
    {
      g_autofree char *norm = g_strdup_printf ("features.%d", (*layer)++);
      node = ax_graph_add_batch_norm (graph, node, norm, NORM_EPSILON);
    }
  (*layer)++;
  return ax_graph_add_unary (graph, node, AX_NODE_RELU);
}

static int
add_head_conv (AxGraph *graph, int node, int index, int width)
{
  g_autofree char *name = g_strdup_printf ("head.%d", index);
  return ax_graph_add_conv (graph, node, name, width,
                            make_window (index == 0 ? 2 : 1, 1), TRUE);
}

AxGraph *
ax_scannet_build (const AxScannetArch *arch, const double mean[3],
                  const double std[3], double temperature)
{
  g_return_val_if_fail (arch != NULL, NULL);
  g_autoptr (AxGraph) graph = ax_graph_new (mean, std);
  int node = 0;
  int layer = 0;
  for (int b = 0; b < arch->n_blocks; b++)
    {
      for (int i = 0; i < arch->n_convs[b]; i++)
        node = add_conv_layer (graph, node, &layer, arch->widths[b],
                               arch->batch_norm);
      node = ax_graph_add_pool (graph, node, AX_NODE_MAX_POOL,
                                make_window (2, 2));
      layer++;
    }
  for (int i = 0; i < arch->n_heads; i++)
    {
      node = add_head_conv (graph, node, i, arch->heads[i]);
      node = ax_graph_add_unary (graph, node, AX_NODE_RELU);
      node = ax_graph_add_dropout (graph, node, DROPOUT_RATE);
    }
  node = add_head_conv (graph, node, arch->n_heads, arch->n_classes);
  node = ax_graph_add_softmax (graph, node, temperature);
  ax_graph_add_output (graph, node);
  ax_graph_seal (graph);
  return g_steal_pointer (&graph);
}

gboolean
ax_scannet_arch_parse (const char *json, AxScannetArch *arch, GError **error)
{
  g_return_val_if_fail (json != NULL && arch != NULL, FALSE);
  AxScannetArch result = { 0 };
  int n_widths = 0;
  gboolean has_norm = FALSE;
  g_autofree char *key = NULL;
  AxJsonScan scan = ax_json_scan_init (json, strlen (json), "axilla.arch");
  ax_json_scan_begin (&scan, '{');
  while (ax_json_scan_next_key (&scan, &key))
    if (strcmp (key, "blocks") == 0 && result.n_blocks == 0)
      result.n_blocks
          = ax_arch_scan_list (&scan, key, 1, MAX_CONVS, result.n_convs);
    else if (strcmp (key, "widths") == 0 && n_widths == 0)
      n_widths = ax_arch_scan_list (&scan, key, 1, MAX_WIDTH, result.widths);
    else if (strcmp (key, "head") == 0 && result.n_heads == 0)
      result.n_heads
          = ax_arch_scan_list (&scan, key, 1, MAX_WIDTH, result.heads);
    else if (strcmp (key, "batch_norm") == 0 && !has_norm)
      has_norm = ax_json_scan_boolean (&scan, &result.batch_norm);
    else
      ax_json_scan_fail (&scan, "unknown or second key '%s'", key);
  if (!ax_json_scan_end (&scan, error))
    return FALSE;

  const char *missing = result.n_blocks == 0  ? "blocks"
                        : n_widths == 0       ? "widths"
                        : result.n_heads == 0 ? "head"
                        : !has_norm           ? "batch_norm"
                                              : NULL;
  if (missing != NULL || n_widths != result.n_blocks)
    {
      if (missing != NULL)
        g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                     "axilla.arch: key '%s' is missing", missing);
      else
        g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                     "axilla.arch: %d 'blocks' but %d 'widths'",
                     result.n_blocks, n_widths);
      return FALSE;
    }
  result.n_classes = 2;
  *arch = result;
  return TRUE;
}

char *
ax_scannet_arch_to_json (const AxScannetArch *arch)
{
  g_return_val_if_fail (arch != NULL, NULL);
  g_autoptr (GString) json = g_string_new ("{");
  ax_arch_append_list (json, "blocks", arch->n_convs, arch->n_blocks);
  ax_arch_append_list (json, "widths", arch->widths, arch->n_blocks);
  ax_arch_append_list (json, "head", arch->heads, arch->n_heads);
  g_string_append_printf (json, "\"batch_norm\":%s}",
                          arch->batch_norm ? "true" : "false");
  return g_string_free (g_steal_pointer (&json), FALSE);
}
