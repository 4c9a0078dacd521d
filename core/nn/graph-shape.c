#include "core/nn/graph-shape.h"

#include "core/base/error.h"
#include "core/nn/tensor.h"

#include <string.h>

/* Sides of any one tensor; products of four stay in int64 by the check of
 * the element count. */
#define MAX_SIDE G_MAXINT32

static void set_node_error (GError **error, int index, const AxNode *node,
                            const char *format, ...) G_GNUC_PRINTF (4, 5);

static void
set_node_error (GError **error, int index, const AxNode *node,
                const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, AX_ERROR, AX_ERROR_FORMAT, "node %d (%s): %s", index,
               ax_node_kind_get_name (node->kind), text);
}

/* Cells of a window of @kernel taps that fit into @side; 0 or less: none. */
static gint64
count_windows (gint64 side, int kernel, const AxWindow *w)
{
  gint64 room = side + 2 * (gint64)w->pad - (gint64)w->dilation * (kernel - 1);
  return room < 1 ? 0 : (room - 1) / w->stride + 1;
}

static gint64
spread_windows (gint64 side, int kernel, const AxWindow *w)
{
  return (side - 1) * w->stride - 2 * (gint64)w->pad
         + (gint64)w->dilation * (kernel - 1) + 1;
}

static gboolean
infer_broadcast (gint64 a, gint64 b, gint64 *out)
{
  *out = MAX (a, b);
  return a == b || a == 1 || b == 1;
}

static const char *
infer_binary (const AxNode *node, const AxShape *a, const AxShape *b,
              AxShape *out)
{
  gint64 channels;
  gboolean fits = node->kind == AX_NODE_CONCAT
                      ? a->h == b->h && a->w == b->w
                      : infer_broadcast (a->c, b->c, &channels)
                            && infer_broadcast (a->h, b->h, &out->h)
                            && infer_broadcast (a->w, b->w, &out->w);
  return fits && a->n == b->n ? NULL : "the inputs disagree";
}

static const char *
infer_defragment (const AxNode *node, AxShape *out)
{
  gint64 side = G_GINT64_CONSTANT (1) << node->u.defragment.depth;
  if (out->n % (side * side) != 0)
    return "the batch is no multiple of the number of fragments";
  out->n /= side * side;
  out->h *= side;
  out->w *= side;
  return NULL;
}

/* @out holds the first input's shape with the node's channels.  Returns what
 * is wrong, or NULL. */
static const char *
infer_node (const AxNode *node, const AxShape *b, AxShape *out)
{
  const AxShape a = *out;
  const AxWindow *w = &node->u.window;
  switch ((AxNodeKind)node->kind)
    {
    case AX_NODE_CONV:
    case AX_NODE_MAX_POOL:
    case AX_NODE_AVG_POOL:
      out->h = count_windows (a.h, w->kernel_h, w);
      out->w = count_windows (a.w, w->kernel_w, w);
      break;
    case AX_NODE_CONV_TRANSPOSE:
      out->h = spread_windows (a.h, w->kernel_h, w);
      out->w = spread_windows (a.w, w->kernel_w, w);
      break;
    case AX_NODE_CONCAT:
    case AX_NODE_ADD:
    case AX_NODE_MUL:
      return infer_binary (node, &a, b, out);
    case AX_NODE_UPSAMPLE:
      out->h = a.h * node->u.upsample.factor;
      out->w = a.w * node->u.upsample.factor;
      break;
    case AX_NODE_CROP:
      out->h = a.h - node->u.crop.top - node->u.crop.bottom;
      out->w = a.w - node->u.crop.left - node->u.crop.right;
      break;
    case AX_NODE_FRAGMENT:
      out->n = a.n * 4;
      out->h = (a.h - 1) / 2;
      out->w = (a.w - 1) / 2;
      if (a.h % 2 == 0 || a.w % 2 == 0)
        return "a side is even";
      break;
    case AX_NODE_DEFRAGMENT:
      return infer_defragment (node, out);
    default:
      break;
    }
  return NULL;
}

static char *
describe_shape (const AxShape *shape)
{
  return ax_shape_describe (
      4, (gint64[]){ shape->n, shape->c, shape->h, shape->w });
}

static void
set_input_error (GError **error, int index, const AxNode *node,
                 const AxShape *a, const AxShape *b, const char *wrong)
{
  g_autofree char *first = describe_shape (a);
  g_autofree char *second = describe_shape (b);
  if (ax_node_kind_get_n_inputs (node->kind) == 2)
    set_node_error (error, index, node, "%s: %s and %s", wrong, first, second);
  else
    set_node_error (error, index, node, "%s: %s", wrong, first);
}

static gboolean
check_shape (int index, const AxNode *node, const AxShape *in,
             const AxShape *out, GError **error)
{
  gint64 count;
  if (out->n < 1 || out->h < 1 || out->w < 1)
    {
      set_input_error (error, index, node, in, in, "the input is too small");
      return FALSE;
    }
  if (out->n > MAX_SIDE || out->h > MAX_SIDE || out->w > MAX_SIDE
      || __builtin_mul_overflow (out->n * out->c, out->h, &count)
      || __builtin_mul_overflow (count, out->w, &count))
    {
      set_node_error (error, index, node, "the output is too large");
      return FALSE;
    }
  return TRUE;
}

gboolean
ax_graph_infer_shapes (const AxGraphView *graph, gint64 batch, gint64 height,
                       gint64 width, AxShape *shapes, GError **error)
{
  g_return_val_if_fail (graph != NULL && shapes != NULL, FALSE);
  const AxShape input = { batch, graph->nodes[0].n_channels, height, width };
  if (!check_shape (0, &graph->nodes[0], &input, &input, error))
    return FALSE;
  shapes[0] = input;
  for (int i = 1; i < graph->n_nodes; i++)
    {
      const AxNode *node = &graph->nodes[i];
      const AxShape *a = &shapes[node->inputs[0]];
      const AxShape *b = node->inputs[1] < 0 ? a : &shapes[node->inputs[1]];
      AxShape out = { a->n, node->n_channels, a->h, a->w };
      const char *wrong = infer_node (node, b, &out);
      if (wrong != NULL)
        {
          set_input_error (error, i, node, a, b, wrong);
          return FALSE;
        }
      if (!check_shape (i, node, a, &out, error))
        return FALSE;
      shapes[i] = out;
    }
  return TRUE;
}

/* Where the cells of one node lie in the input: cell i depends on pixels
 * [offset + i * stride, offset + i * stride + size) and on no others. */
typedef AxReceptiveField Field;

static void
extend_by_windows (Field *field, const AxWindow *w)
{
  field->size += (gint64)w->dilation * (w->kernel_h - 1) * field->stride;
  field->offset -= w->pad * field->stride;
  field->stride *= w->stride;
}

/* Cells that are spread @factor apart: each new cell is reached from at most
 * @taps positions before it. */
static gboolean
extend_by_spreading (Field *field, int factor, gint64 taps, int pad)
{
  if (field->stride % factor != 0)
    return FALSE;
  field->stride /= factor;
  field->size += (taps - 1) * field->stride;
  field->offset -= (taps - 1 - pad) * field->stride;
  return TRUE;
}

static gboolean
extend_by_other (Field *field, const Field *other)
{
  gint64 end = MAX (field->offset + field->size, other->offset + other->size);
  field->offset = MIN (field->offset, other->offset);
  field->size = end - field->offset;
  return field->stride == other->stride;
}

/* FALSE when the node has no field of this kind. */
static gboolean
extend_field (const AxNode *node, const Field *other, Field *field)
{
  const AxWindow *w = &node->u.window;
  switch ((AxNodeKind)node->kind)
    {
    case AX_NODE_CONV:
    case AX_NODE_MAX_POOL:
    case AX_NODE_AVG_POOL:
      extend_by_windows (field, w);
      return w->kernel_h == w->kernel_w;
    case AX_NODE_CONV_TRANSPOSE:
      return w->kernel_h == w->kernel_w
             && extend_by_spreading (
                 field, w->stride, (gint64)w->dilation * (w->kernel_h - 1) + 1,
                 w->pad);
    case AX_NODE_UPSAMPLE:
      return extend_by_spreading (field, node->u.upsample.factor,
                                  node->u.upsample.factor, 0);
    case AX_NODE_CONCAT:
    case AX_NODE_ADD:
    case AX_NODE_MUL:
      return extend_by_other (field, other);
    case AX_NODE_CROP:
      field->offset += node->u.crop.left * field->stride;
      return node->u.crop.left == node->u.crop.top;
    case AX_NODE_FRAGMENT:
      field->size += field->stride;
      field->stride *= 2;
      return TRUE;
    case AX_NODE_DEFRAGMENT:
      field->stride >>= node->u.defragment.depth;
      return field->stride > 0;
    default:
      return TRUE;
    }
}

gboolean
ax_graph_get_receptive_field (const AxGraphView *graph, AxReceptiveField *field,
                              GError **error)
{
  g_return_val_if_fail (graph != NULL && field != NULL, FALSE);
  g_autofree Field *fields = g_new (Field, (gsize)graph->n_nodes);
  fields[0] = (Field){ .size = 1, .stride = 1, .offset = 0 };
  for (int i = 1; i < graph->n_nodes; i++)
    {
      const AxNode *node = &graph->nodes[i];
      const Field *other
          = node->inputs[1] < 0 ? NULL : &fields[node->inputs[1]];
      fields[i] = fields[node->inputs[0]];
      if (extend_field (node, other, &fields[i]))
        continue;
      set_node_error (error, i, node, "has no square receptive field");
      return FALSE;
    }
  *field = fields[graph->outputs[0]];
  return TRUE;
}

double
ax_graph_count_flops (const AxGraphView *graph, const AxShape *shapes)
{
  g_return_val_if_fail (graph != NULL && shapes != NULL, 0.0);
  double flops = 0.0;
  for (int i = 1; i < graph->n_nodes; i++)
    {
      const AxNode *node = &graph->nodes[i];
      const AxShape *in = &shapes[node->inputs[0]];
      const AxShape *out = &shapes[i];
      /* A transposed convolution spreads each input cell over its window. */
      const AxShape *cells = node->kind == AX_NODE_CONV ? out : in;
      if (node->kind != AX_NODE_CONV && node->kind != AX_NODE_CONV_TRANSPOSE)
        continue;
      flops += 2.0 * node->u.window.kernel_h * node->u.window.kernel_w
               * (double)in->c * (double)out->c
               * (double)(cells->n * cells->h * cells->w);
    }
  return flops;
}

static gboolean
has_window (const AxNode *node)
{
  return node->kind == AX_NODE_CONV || node->kind == AX_NODE_CONV_TRANSPOSE
         || node->kind == AX_NODE_MAX_POOL || node->kind == AX_NODE_AVG_POOL;
}

char *
ax_graph_describe (const AxGraph *graph, const AxShape *shapes)
{
  g_return_val_if_fail (graph != NULL && shapes != NULL, NULL);
  const AxGraphView *view = ax_graph_get_view (graph);
  g_autoptr (GString) text = g_string_new (NULL);
  for (int i = 0; i < view->n_nodes; i++)
    {
      const AxNode *node = &view->nodes[i];
      const AxWindow *w = &node->u.window;
      g_autofree char *shape = describe_shape (&shapes[i]);
      g_string_append_printf (text, "%3d %s", i,
                              ax_node_kind_get_name (node->kind));
      if (has_window (node))
        g_string_append_printf (text, " %dx%d/%d", w->kernel_h, w->kernel_w,
                                w->stride);
      if (has_window (node) && w->dilation > 1)
        g_string_append_printf (text, " dilation %d", w->dilation);
      if (has_window (node) && w->pad > 0)
        g_string_append_printf (text, " pad %d", w->pad);
      g_string_append_printf (text, " -> %s\n", shape);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}
