#include "core/models/attention.h"

#include "core/base/error.h"

#include <string.h>

#define MAX_CONVS 16
#define MAX_WIDTH 16384
#define NORM_EPSILON 1e-5
#define DROPOUT_RATE 0.5
#define CONV_LAYERS 3 /* convolution, norm, ReLU, as ScanNet counts them */

static const AxAttentionArch standard = {
  .n_blocks = 4,
  .n_convs = { 2, 2, 2, 2 },
  .widths = { 32, 64, 128, 256 },
  .attention = { 0, 0, 1, 1 },
  .reduction = 8,
  .head = 256,
  .n_classes = 2,
};

static const struct
{
  const char *name;
  const AxAttentionArch *arch;
} members[] = {
  { "attention-10x", &standard },
  { "attention-5x", &standard },
};

const AxAttentionArch *
ax_attention_arch_find (const char *name)
{
  g_return_val_if_fail (name != NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (strcmp (name, members[i].name) == 0)
      return members[i].arch;
  return NULL;
}

/* A convolution "block<b>.<layer>"; a window of 1 is a dense layer. */
static int
add_conv (AxGraph *graph, int node, int block, const char *layer, int width,
          int kernel, gboolean bias)
{
  const AxWindow window
      = { .kernel_h = kernel, .kernel_w = kernel, .stride = 1, .dilation = 1 };
  g_autofree char *name = g_strdup_printf ("block%d.%s", block + 1, layer);
  return ax_graph_add_conv (graph, node, name, width, window, bias);
}

static int
add_conv_layer (AxGraph *graph, int node, int block, int index, int width)
{
  g_autofree char *conv = g_strdup_printf ("conv%d", index + 1);
  g_autofree char *norm
      = g_strdup_printf ("block%d.norm%d", block + 1, index + 1);
  node = add_conv (graph, node, block, conv, width, 3, FALSE);
  node = ax_graph_add_batch_norm (graph, node, norm, NORM_EPSILON);
  return ax_graph_add_unary (graph, node, AX_NODE_RELU);
}

/* c of attention.h, for a block that gives @width channels. */
static int
add_channel_gate (AxGraph *graph, int input, int block, int n_squeezed,
                  int width, int window)
{
  const AxWindow pool
      = { .kernel_h = window, .kernel_w = window, .stride = 1, .dilation = 1 };
  int node = add_conv (graph, input, block, "squeeze", n_squeezed, 1, TRUE);
  node = ax_graph_add_pool (graph, node, AX_NODE_AVG_POOL, pool);
  node = ax_graph_add_unary (graph, node, AX_NODE_RELU);
  node = add_conv (graph, node, block, "excite", width, 1, TRUE);
  return ax_graph_add_unary (graph, node, AX_NODE_SIGMOID);
}

/* s of attention.h. */
static int
add_spatial_gate (AxGraph *graph, int input, int block, int window)
{
  const int mean = ax_graph_add_unary (graph, input, AX_NODE_CHANNEL_MEAN);
  const int max = ax_graph_add_unary (graph, input, AX_NODE_CHANNEL_MAX);
  int node = ax_graph_add_binary (graph, mean, max, AX_NODE_CONCAT);
  node = add_conv (graph, node, block, "spatial", 1, window, TRUE);
  return ax_graph_add_unary (graph, node, AX_NODE_SIGMOID);
}

static int
add_block (AxGraph *graph, int input, const AxAttentionArch *arch, int block)
{
  const int width = arch->widths[block];
  const int window = 2 * arch->n_convs[block] + 1;
  const AxWindow halving
      = { .kernel_h = 2, .kernel_w = 2, .stride = 2, .dilation = 1 };
  int node = input;
  for (int i = 0; i < arch->n_convs[block]; i++)
    node = add_conv_layer (graph, node, block, i, width);
  if (arch->attention[block])
    {
      const int n_in = block > 0 ? arch->widths[block - 1] : 3;
      const int n_squeezed = MAX (1, n_in / arch->reduction);
      const int channel
          = add_channel_gate (graph, input, block, n_squeezed, width, window);
      const int spatial = add_spatial_gate (graph, input, block, window);
      node = ax_graph_add_binary (graph, node, channel, AX_NODE_MUL);
      node = ax_graph_add_binary (graph, node, spatial, AX_NODE_MUL);
    }
  return ax_graph_add_pool (graph, node, AX_NODE_MAX_POOL, halving);
}

AxGraph *
ax_attention_build (const AxAttentionArch *arch, const double mean[3],
                    const double std[3], double temperature)
{
  g_return_val_if_fail (arch != NULL, NULL);
  const AxWindow corner
      = { .kernel_h = 2, .kernel_w = 2, .stride = 1, .dilation = 1 };
  const AxWindow cell
      = { .kernel_h = 1, .kernel_w = 1, .stride = 1, .dilation = 1 };
  g_autoptr (AxGraph) graph = ax_graph_new (mean, std);
  int node = 0;
  for (int b = 0; b < arch->n_blocks; b++)
    node = add_block (graph, node, arch, b);
  node = ax_graph_add_conv (graph, node, "head.hidden", arch->head, corner,
                            TRUE);
  node = ax_graph_add_unary (graph, node, AX_NODE_RELU);
  node = ax_graph_add_dropout (graph, node, DROPOUT_RATE);
  const int tumor = ax_graph_add_conv (graph, node, "head.tumor",
                                       arch->n_classes, cell, TRUE);
  const int fraction
      = ax_graph_add_conv (graph, node, "head.fraction", 1, cell, TRUE);
  ax_graph_add_output (graph, ax_graph_add_softmax (graph, tumor, temperature));
  ax_graph_add_output (graph,
                       ax_graph_add_unary (graph, fraction, AX_NODE_SIGMOID));
  ax_graph_seal (graph);
  return g_steal_pointer (&graph);
}

/* "@to.bias" for a @tensor "@from.bias". */
static char *
exchange_layer (const char *tensor, const char *from, const char *to)
{
  const gsize length = strlen (from);
  if (strncmp (tensor, from, length) != 0 || tensor[length] != '.')
    return NULL;
  return g_strconcat (to, tensor + length, NULL);
}

char *
ax_attention_get_scannet_name (const AxAttentionArch *arch, const char *tensor)
{
  g_return_val_if_fail (arch != NULL && tensor != NULL, NULL);
  int layer = 0;
  char *found = exchange_layer (tensor, "head.hidden", "head.0");
  if (found == NULL)
    found = exchange_layer (tensor, "head.tumor", "head.1");
  for (int b = 0; b < arch->n_blocks; b++, layer++)
    for (int i = 0; i < arch->n_convs[b] && found == NULL; i++)
      for (int k = 0; k < CONV_LAYERS; k++, layer++)
        {
          static const char *const kinds[CONV_LAYERS] = { "conv", "norm" };
          if (kinds[k] == NULL || found != NULL)
            continue;
          g_autofree char *own
              = g_strdup_printf ("block%d.%s%d", b + 1, kinds[k], i + 1);
          g_autofree char *other = g_strdup_printf ("features.%d", layer);
          found = exchange_layer (tensor, own, other);
        }
  return found;
}

/* How many numbers each list has; 0 where the key has not come yet. */
typedef struct
{
  int widths, attention;
} Counts;

static void
scan_number (AxJsonScan *scan, const char *key, int *number)
{
  gint64 value = 0;
  if (ax_json_scan_count (scan, MAX_WIDTH, &value) && value == 0)
    ax_json_scan_fail (scan, "'%s' is 0", key);
  *number = (int)value;
}

static void
scan_key (AxJsonScan *scan, const char *key, AxAttentionArch *arch, Counts *n)
{
  if (strcmp (key, "blocks") == 0 && arch->n_blocks == 0)
    arch->n_blocks = ax_arch_scan_list (scan, key, 1, MAX_CONVS, arch->n_convs);
  else if (strcmp (key, "widths") == 0 && n->widths == 0)
    n->widths = ax_arch_scan_list (scan, key, 1, MAX_WIDTH, arch->widths);
  else if (strcmp (key, "attention") == 0 && n->attention == 0)
    n->attention = ax_arch_scan_list (scan, key, 0, 1, arch->attention);
  else if (strcmp (key, "reduction") == 0 && arch->reduction == 0)
    scan_number (scan, key, &arch->reduction);
  else if (strcmp (key, "head") == 0 && arch->head == 0)
    scan_number (scan, key, &arch->head);
  else
    ax_json_scan_fail (scan, "unknown or second key '%s'", key);
}

static gboolean
check_complete (const AxAttentionArch *arch, const Counts *n, GError **error)
{
  const char *missing = arch->n_blocks == 0    ? "blocks"
                        : n->widths == 0       ? "widths"
                        : n->attention == 0    ? "attention"
                        : arch->reduction == 0 ? "reduction"
                        : arch->head == 0      ? "head"
                                               : NULL;
  if (missing != NULL)
    g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                 "axilla.arch: key '%s' is missing", missing);
  else if (n->widths != arch->n_blocks || n->attention != arch->n_blocks)
    g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                 "axilla.arch: %d 'blocks' but %d 'widths' and %d 'attention'",
                 arch->n_blocks, n->widths, n->attention);
  else
    return TRUE;
  return FALSE;
}

gboolean
ax_attention_arch_parse (const char *json, AxAttentionArch *arch,
                         GError **error)
{
  g_return_val_if_fail (json != NULL && arch != NULL, FALSE);
  AxAttentionArch result = { .n_classes = 2 };
  Counts n = { 0 };
  g_autofree char *key = NULL;
  AxJsonScan scan = ax_json_scan_init (json, strlen (json), "axilla.arch");
  ax_json_scan_begin (&scan, '{');
  while (ax_json_scan_next_key (&scan, &key))
    scan_key (&scan, key, &result, &n);
  if (!ax_json_scan_end (&scan, error) || !check_complete (&result, &n, error))
    return FALSE;
  *arch = result;
  return TRUE;
}

char *
ax_attention_arch_to_json (const AxAttentionArch *arch)
{
  g_return_val_if_fail (arch != NULL, NULL);
  g_autoptr (GString) json = g_string_new ("{");
  ax_arch_append_list (json, "blocks", arch->n_convs, arch->n_blocks);
  ax_arch_append_list (json, "widths", arch->widths, arch->n_blocks);
  ax_arch_append_list (json, "attention", arch->attention, arch->n_blocks);
  g_string_append_printf (json, "\"reduction\":%d,\"head\":%d}",
                          arch->reduction, arch->head);
  return g_string_free (g_steal_pointer (&json), FALSE);
}
