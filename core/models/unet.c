#include "core/models/unet.h"

#include "core/base/error.h"
#include "core/base/parse.h"
#include "core/nn/json-scan.h"

#include <string.h>

#define MAX_DEPTH 6
#define MAX_WIDTH 256
#define MAX_DROPOUT 0.9
#define NORM_EPSILON 1e-5

static const struct
{
  const char *name;
  AxUnetArch arch;
} members[] = {
  { "unet", { .depth = 4, .width = 32, .dropout = 0.5, .n_classes = 2 } },
  { "unet-16", { .depth = 4, .width = 16, .dropout = 0.5, .n_classes = 2 } },
};

const AxUnetArch *
ax_unet_arch_find (const char *name)
{
  g_return_val_if_fail (name != NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (strcmp (name, members[i].name) == 0)
      return &members[i].arch;
  return NULL;
}

static int
add_block (AxGraph *graph, int node, const char *block, int width)
{
  const AxWindow window
      = { .kernel_h = 3, .kernel_w = 3, .stride = 1, .dilation = 1, .pad = 1 };
  for (int i = 1; i <= 2; i++)
    {
      g_autofree char *conv = g_strdup_printf ("%s.conv%d", block, i);
      g_autofree char *norm = g_strdup_printf ("%s.norm%d", block, i);
      node = ax_graph_add_conv (graph, node, conv, width, window, FALSE);
      node = ax_graph_add_batch_norm (graph, node, norm, NORM_EPSILON);
      node = ax_graph_add_unary (graph, node, AX_NODE_RELU);
    }
  return node;
}

static int
add_down (AxGraph *graph, int node, const AxUnetArch *arch, int level)
{
  g_autofree char *block = g_strdup_printf ("down%d", level + 1);
  node = add_block (graph, node, block, arch->width << level);
  return level == arch->depth - 1
             ? ax_graph_add_dropout (graph, node, arch->dropout)
             : node;
}

/* @beside: what the block of this level gave on the way down. */
static int
add_up (AxGraph *graph, int node, int beside, const AxUnetArch *arch, int level)
{
  const AxWindow doubling
      = { .kernel_h = 2, .kernel_w = 2, .stride = 2, .dilation = 1 };
  g_autofree char *block = g_strdup_printf ("up%d", level + 1);
  g_autofree char *transpose = g_strdup_printf ("%s.transpose", block);
  node = ax_graph_add_conv_transpose (graph, node, transpose,
                                      arch->width << level, doubling, TRUE);
  node = ax_graph_add_binary (graph, beside, node, AX_NODE_CONCAT);
  return add_block (graph, node, block, arch->width << level);
}

AxGraph *
ax_unet_build (const AxUnetArch *arch, const double mean[3],
               const double std[3], double temperature)
{
  g_return_val_if_fail (arch != NULL && arch->depth <= MAX_DEPTH, NULL);
  const AxWindow halving
      = { .kernel_h = 2, .kernel_w = 2, .stride = 2, .dilation = 1 };
  const AxWindow pixel
      = { .kernel_h = 1, .kernel_w = 1, .stride = 1, .dilation = 1 };
  g_autoptr (AxGraph) graph = ax_graph_new (mean, std);
  int beside[MAX_DEPTH];
  int node = 0;
  for (int l = 0; l < arch->depth; l++)
    {
      beside[l] = add_down (graph, node, arch, l);
      node = ax_graph_add_pool (graph, beside[l], AX_NODE_MAX_POOL, halving);
    }
  node = add_block (graph, node, "bottom", arch->width << arch->depth);
  node = ax_graph_add_dropout (graph, node, arch->dropout);
  for (int l = arch->depth - 1; l >= 0; l--)
    node = add_up (graph, node, beside[l], arch, l);
  node = ax_graph_add_conv (graph, node, "head", arch->n_classes, pixel, TRUE);
  ax_graph_add_output (graph, ax_graph_add_softmax (graph, node, temperature));
  ax_graph_seal (graph);
  return g_steal_pointer (&graph);
}

static void
scan_size (AxJsonScan *scan, const char *key, int max, int *size)
{
  gint64 value = 0;
  if (ax_json_scan_count (scan, max, &value) && value == 0)
    ax_json_scan_fail (scan, "'%s' is 0", key);
  *size = (int)value;
}

gboolean
ax_unet_arch_parse (const char *json, AxUnetArch *arch, GError **error)
{
  g_return_val_if_fail (json != NULL && arch != NULL, FALSE);
  AxUnetArch result = { .dropout = -1.0, .n_classes = 2 };
  g_autofree char *key = NULL;
  AxJsonScan scan = ax_json_scan_init (json, strlen (json), "axilla.arch");
  ax_json_scan_begin (&scan, '{');
  while (ax_json_scan_next_key (&scan, &key))
    if (strcmp (key, "depth") == 0 && result.depth == 0)
      scan_size (&scan, key, MAX_DEPTH, &result.depth);
    else if (strcmp (key, "width") == 0 && result.width == 0)
      scan_size (&scan, key, MAX_WIDTH, &result.width);
    else if (strcmp (key, "dropout") == 0 && result.dropout < 0.0)
      ax_json_scan_number (&scan, 0.0, MAX_DROPOUT, &result.dropout);
    else
      ax_json_scan_fail (&scan, "unknown or second key '%s'", key);
  if (!ax_json_scan_end (&scan, error))
    return FALSE;

  const char *missing = result.depth == 0      ? "depth"
                        : result.width == 0    ? "width"
                        : result.dropout < 0.0 ? "dropout"
                                               : NULL;
  if (missing != NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                   "axilla.arch: key '%s' is missing", missing);
      return FALSE;
    }
  *arch = result;
  return TRUE;
}

char *
ax_unet_arch_to_json (const AxUnetArch *arch)
{
  g_return_val_if_fail (arch != NULL, NULL);
  char buffer[AX_FORMAT_BUFFER];
  return g_strdup_printf ("{\"depth\":%d,\"width\":%d,\"dropout\":%s}",
                          arch->depth, arch->width,
                          ax_format_decimal (buffer, arch->dropout, 4));
}
