#include "cuda/engine/shape.h"

#include "cuda/engine/fail.h"

/* Cells of a window of @kernel taps that fit into @side; 0: none. */
static int64_t
count_windows (int64_t side, int32_t kernel, const AxWindow *w)
{
  const int64_t room
      = side + 2 * (int64_t)w->pad - (int64_t)w->dilation * (kernel - 1);
  return room < 1 ? 0 : (room - 1) / w->stride + 1;
}

static int64_t
spread_windows (int64_t side, int32_t kernel, const AxWindow *w)
{
  return (side - 1) * w->stride - 2 * (int64_t)w->pad
         + (int64_t)w->dilation * (kernel - 1) + 1;
}

/* Whether sides of 1 can be repeated to the other's. */
static int
broadcast (int64_t a, int64_t b, int64_t *out)
{
  *out = a > b ? a : b;
  return a == b || a == 1 || b == 1;
}

static const char *
infer_binary (const AxNode *node, const AxCudaShape *a, const AxCudaShape *b,
              AxCudaShape *out)
{
  const int fits = node->kind == AX_NODE_CONCAT
                       ? a->h == b->h && a->w == b->w
                       : broadcast (a->c, b->c, &out->c)
                             && broadcast (a->h, b->h, &out->h)
                             && broadcast (a->w, b->w, &out->w);
  return fits && a->n == b->n ? NULL : "the inputs disagree";
}

static const char *
infer_fragment (const AxCudaShape *a, AxCudaShape *out)
{
  out->n = a->n * 4;
  out->h = (a->h - 1) / 2;
  out->w = (a->w - 1) / 2;
  return a->h % 2 == 0 || a->w % 2 == 0 ? "a side is even" : NULL;
}

static const char *
infer_defragment (const AxNode *node, AxCudaShape *out)
{
  const int64_t side = (int64_t)1 << node->u.defragment.depth;
  const int64_t n_fragments = side * side;
  if (out->n % n_fragments != 0)
    return "the batch is no multiple of the number of fragments";
  out->n /= n_fragments;
  out->h *= side;
  out->w *= side;
  return NULL;
}

/* @out holds the first input's shape with the node's channels.  Returns what
 * is wrong, or NULL. */
static const char *
infer_node (const AxNode *node, const AxCudaShape *b, AxCudaShape *out)
{
  const AxCudaShape a = *out;
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
      return infer_fragment (&a, out);
    case AX_NODE_DEFRAGMENT:
      return infer_defragment (node, out);
    default:
      break;
    }
  return NULL;
}

static AxStatus
check_shape (int32_t index, const AxCudaShape *s, AxEngineError *error)
{
  int64_t count;
  if (s->n < 1 || s->c < 1 || s->h < 1 || s->w < 1)
    return ax_cuda_fail (error, AX_STATUS_ARGUMENT,
                         "node %d: the input is too small", index);
  /* Kernels count rows, and the elements of one, in 31 bits. */
  if (s->n > INT32_MAX / s->h || s->w > INT32_MAX / s->c / AX_CUDA_LANES
      || __builtin_mul_overflow (s->n * s->h,
                                 s->w * ax_cuda_shape_get_stored (s), &count))
    return ax_cuda_fail (error, AX_STATUS_MEMORY,
                         "node %d: %lld x %lld x %lld x %lld is too large",
                         index, (long long)s->n, (long long)s->c,
                         (long long)s->h, (long long)s->w);
  return AX_STATUS_OK;
}

AxStatus
ax_cuda_shape_infer (const AxGraphView *graph, AxCudaShape *shapes,
                     AxEngineError *error)
{
  AxStatus status = check_shape (0, &shapes[0], error);
  for (int32_t i = 1; i < graph->n_nodes && status == AX_STATUS_OK; i++)
    {
      const AxNode *node = &graph->nodes[i];
      if (node->kind <= AX_NODE_INPUT || node->kind > AX_NODE_DEFRAGMENT)
        return ax_cuda_fail (error, AX_STATUS_UNSUPPORTED,
                             "node %d: unknown kind %d", i, node->kind);
      const AxCudaShape *a = &shapes[node->inputs[0]];
      const AxCudaShape *b = node->inputs[1] < 0 ? a : &shapes[node->inputs[1]];
      AxCudaShape out = { a->n, node->n_channels, a->h, a->w };
      const char *wrong = infer_node (node, b, &out);
      if (wrong != NULL)
        return ax_cuda_fail (error, AX_STATUS_ARGUMENT,
                             "node %d: %s: %lld x %lld x %lld x %lld", i, wrong,
                             (long long)a->n, (long long)a->c, (long long)a->h,
                             (long long)a->w);
      status = check_shape (i, &out, error);
      shapes[i] = out;
    }
  return status;
}
