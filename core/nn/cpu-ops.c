#include "core/nn/cpu-ops.h"

#include <math.h>
#include <string.h>

/* The loops over a row's floats are plain enough for the compiler's vectors. */
#pragma GCC optimize("O3")

/* Less than this is done before other threads are awake. */
#define LARGE_FLOATS 32768

/* Works out a row of the output: of one block of channels, or, where
 * channels mix (@block is 0), of all. */
typedef void (*RowFunc) (const AxCpuOp *op, gint64 n, gint64 block, gint64 y);

static gsize
get_row_floats (const AxCpuTensor *tensor)
{
  return (gsize)(tensor->shape.w * tensor->lanes);
}

static float *
get_out_row (const AxCpuOp *op, gint64 n, gint64 block, gint64 y)
{
  return ax_cpu_tensor_get_row (&op->out, n, block, y);
}

static const float *
get_in_row (const AxCpuOp *op, int input, gint64 n, gint64 block, gint64 y)
{
  return ax_cpu_tensor_get_row (&op->in[input], n, block, y);
}

static void
copy_row (const AxCpuOp *op, gint64 n, gint64 block, gint64 y)
{
  memcpy (get_out_row (op, n, block, y), get_in_row (op, 0, n, block, y),
          get_row_floats (&op->out) * sizeof (float));
}

static void
relu_row (const AxCpuOp *op, gint64 n, gint64 block, gint64 y)
{
  const float *from = get_in_row (op, 0, n, block, y);
  float *to = get_out_row (op, n, block, y);
  for (gsize i = 0; i < get_row_floats (&op->out); i++)
    to[i] = from[i] < 0.0f ? 0.0f : from[i];
}

static void
sigmoid_row (const AxCpuOp *op, gint64 n, gint64 block, gint64 y)
{
  const int lanes = op->out.lanes;
  const gint64 n_channels = MIN (lanes, op->out.shape.c - block * lanes);
  const float *from = get_in_row (op, 0, n, block, y);
  float *to = get_out_row (op, n, block, y);
  for (gint64 x = 0; x < op->out.shape.w; x++, from += lanes, to += lanes)
    for (gint64 lane = 0; lane < n_channels; lane++)
      to[lane] = 1.0f / (1.0f + expf (-from[lane]));
}

static void
batch_norm_row (const AxCpuOp *op, gint64 n, gint64 block, gint64 y)
{
  const int lanes = op->out.lanes;
  const float *mean = op->norm.mean + block * lanes;
  const float *scale = op->norm.scale + block * lanes;
  const float *bias = op->norm.bias + block * lanes;
  const float *from = get_in_row (op, 0, n, block, y);
  float *to = get_out_row (op, n, block, y);
  for (gint64 x = 0; x < op->out.shape.w; x++, from += lanes, to += lanes)
    for (int lane = 0; lane < lanes; lane++)
      to[lane] = (from[lane] - mean[lane]) * scale[lane] + bias[lane];
}

/* Taps first, ..., last - 1 of a window of @kernel lie inside a side. */
static void
clip_window (const AxWindow *w, int kernel, gint64 start, gint64 side,
             int *first, int *last)
{
  const gint64 d = w->dilation;
  *first = (int)(start < 0 ? (-start + d - 1) / d : 0);
  *last = (int)MIN (kernel, (side - start + d - 1) / d);
}

static void
pool_cell (const AxCpuOp *op, gint64 n, gint64 block, gint64 out_y,
           gint64 out_x, float *to)
{
  const AxWindow *w = &op->node->u.window;
  const AxShape *in = &op->in[0].shape;
  const int lanes = op->out.lanes;
  const gboolean mean = op->node->kind == AX_NODE_AVG_POOL;
  const gint64 y = out_y * w->stride - w->pad;
  const gint64 x = out_x * w->stride - w->pad;
  int first_y, last_y, first_x, last_x;
  clip_window (w, w->kernel_h, y, in->h, &first_y, &last_y);
  clip_window (w, w->kernel_w, x, in->w, &first_x, &last_x);
  for (int lane = 0; lane < lanes; lane++)
    to[lane] = mean ? 0.0f : -INFINITY;
  for (int i = first_y; i < last_y; i++)
    for (int j = first_x; j < last_x; j++)
      {
        const float *from
            = get_in_row (op, 0, n, block, y + (gint64)i * w->dilation)
              + (x + (gint64)j * w->dilation) * lanes;
        for (int lane = 0; lane < lanes; lane++)
          to[lane] = mean                    ? to[lane] + from[lane]
                     : from[lane] > to[lane] ? from[lane]
                                             : to[lane];
      }
  const float share = 1.0f / (float)((last_y - first_y) * (last_x - first_x));
  for (int lane = 0; mean && lane < lanes; lane++)
    to[lane] *= share;
}

/* A window that moves by a pixel and never reaches the padding: a row of the
 * output is the sum of rows of the input. */
static void
mean_row (const AxCpuOp *op, gint64 n, gint64 block, gint64 y)
{
  const AxWindow *w = &op->node->u.window;
  const gsize n_floats = get_row_floats (&op->out);
  const float share = 1.0f / (float)(w->kernel_h * w->kernel_w);
  float *restrict to = get_out_row (op, n, block, y);
  memset (to, 0, n_floats * sizeof *to);
  for (int i = 0; i < w->kernel_h; i++)
    for (int j = 0; j < w->kernel_w; j++)
      {
        const float *restrict from
            = get_in_row (op, 0, n, block, y + (gint64)i * w->dilation)
              + (gint64)j * w->dilation * op->out.lanes;
        for (gsize k = 0; k < n_floats; k++)
          to[k] += from[k];
      }
  for (gsize k = 0; k < n_floats; k++)
    to[k] *= share;
}

static void
pool_row (const AxCpuOp *op, gint64 n, gint64 block, gint64 y)
{
  float *to = get_out_row (op, n, block, y);
  for (gint64 x = 0; x < op->out.shape.w; x++, to += op->out.lanes)
    pool_cell (op, n, block, y, x, to);
}

static void
avg_pool_row (const AxCpuOp *op, gint64 n, gint64 block, gint64 y)
{
  const AxWindow *w = &op->node->u.window;
  if (w->stride == 1 && w->pad == 0)
    mean_row (op, n, block, y);
  else
    pool_row (op, n, block, y);
}

static float
max4 (float a, float b, float c, float d)
{
  const float e = a > b ? a : b;
  const float f = c > d ? c : d;
  return e > f ? e : f;
}

/* The maxima of 2x2 windows whose taps are @tap_x, rows @below apart. */
static void
max_2x2_row (const AxCpuOp *op, const float *from, ptrdiff_t tap_x,
             ptrdiff_t below, int stride, float *to)
{
  const int lanes = op->out.lanes;
  const gint64 width = op->out.shape.w;
  for (gint64 x = 0; x < width; x++, from += stride * lanes, to += lanes)
    for (int lane = 0; lane < lanes; lane++)
      to[lane] = max4 (from[lane], from[tap_x + lane], from[below + lane],
                       from[below + tap_x + lane]);
}

static void
max_pool_row (const AxCpuOp *op, gint64 n, gint64 block, gint64 y)
{
  const AxWindow *w = &op->node->u.window;
  if (w->kernel_h != 2 || w->kernel_w != 2 || w->pad != 0)
    {
      pool_row (op, n, block, y);
      return;
    }
  const ptrdiff_t row = (ptrdiff_t)get_row_floats (&op->in[0]);
  max_2x2_row (op, get_in_row (op, 0, n, block, y * w->stride),
               w->dilation * op->out.lanes, w->dilation * row, w->stride,
               get_out_row (op, n, block, y));
}

static void
fragment_row (const AxCpuOp *op, gint64 n, gint64 block, gint64 y)
{
  const int lanes = op->out.lanes;
  const gint64 offset_y = n / 2 % 2, offset_x = n % 2;
  max_2x2_row (
      op, get_in_row (op, 0, n / 4, block, 2 * y + offset_y) + offset_x * lanes,
      lanes, (ptrdiff_t)get_row_floats (&op->in[0]), 2,
      get_out_row (op, n, block, y));
}

/* Which of the 4^depth fragments holds the pixel (y, x): the first FRAGMENT
 * split the lowest bits of the coordinates and gives the highest digit. */
static gint64
get_fragment (int depth, gint64 y, gint64 x)
{
  gint64 index = 0;
  for (int level = 0; level < depth; level++)
    index = index * 4 + (y >> level & 1) * 2 + (x >> level & 1);
  return index;
}

static void
defragment_row (const AxCpuOp *op, gint64 n, gint64 block, gint64 y)
{
  const int depth = op->node->u.defragment.depth, lanes = op->out.lanes;
  const gint64 first = n << 2 * depth;
  float *to = get_out_row (op, n, block, y);
  for (gint64 x = 0; x < op->out.shape.w; x++, to += lanes)
    memcpy (to,
            get_in_row (op, 0, first + get_fragment (depth, y, x), block,
                        y >> depth)
                + (x >> depth) * lanes,
            (gsize)lanes * sizeof *to);
}

static void
copy_lane (const float *from, float *to, int lanes, gint64 width)
{
  for (gint64 x = 0; x < width; x++)
    to[x * lanes] = from[x * lanes];
}

static void
concat_row (const AxCpuOp *op, gint64 n, gint64 block, gint64 y)
{
  const int lanes = op->out.lanes;
  const gint64 n_first = op->in[0].shape.c;
  float *to = get_out_row (op, n, block, y);
  if (n_first % lanes == 0)
    {
      const gint64 n_before = n_first / lanes;
      const int input = block < n_before ? 0 : 1;
      memcpy (to, get_in_row (op, input, n, block - input * n_before, y),
              get_row_floats (&op->out) * sizeof *to);
      return;
    }
  const gint64 last = MIN ((block + 1) * lanes, op->out.shape.c);
  for (gint64 c = block * lanes; c < last; c++)
    {
      const int input = c < n_first ? 0 : 1;
      const gint64 channel = input == 0 ? c : c - n_first;
      copy_lane (get_in_row (op, input, n, channel / lanes, y)
                     + channel % lanes,
                 to + c % lanes, lanes, op->out.shape.w);
    }
}

/* A row of an input of which sides of 1 are repeated. */
typedef struct
{
  const float *row;
  gint64 step_x;
  int step_lane;
} Repeated;

static Repeated
repeat (const AxCpuOp *op, int input, gint64 n, gint64 block, gint64 y)
{
  const AxShape *s = &op->in[input].shape;
  return (Repeated){
    .row = get_in_row (op, input, n, s->c == 1 ? 0 : block, s->h == 1 ? 0 : y),
    .step_x = s->w == 1 ? 0 : op->out.lanes,
    .step_lane = s->c == 1 ? 0 : 1,
  };
}

static gboolean
is_same_shape (const AxShape *a, const AxShape *b)
{
  return a->c == b->c && a->h == b->h && a->w == b->w;
}

static void
combine_rows (gboolean add, const float *restrict a, const float *restrict b,
              gsize n_floats, float *restrict to)
{
  if (add)
    for (gsize i = 0; i < n_floats; i++)
      to[i] = a[i] + b[i];
  else
    for (gsize i = 0; i < n_floats; i++)
      to[i] = a[i] * b[i];
}

static void
combine_row (const AxCpuOp *op, gint64 n, gint64 block, gint64 y)
{
  const gboolean add = op->node->kind == AX_NODE_ADD;
  const Repeated a = repeat (op, 0, n, block, y);
  const Repeated b = repeat (op, 1, n, block, y);
  float *to = get_out_row (op, n, block, y);
  if (is_same_shape (&op->in[0].shape, &op->in[1].shape))
    {
      combine_rows (add, a.row, b.row, get_row_floats (&op->out), to);
      return;
    }
  for (gint64 x = 0; x < op->out.shape.w; x++)
    for (int lane = 0; lane < op->out.lanes; lane++)
      {
        const float p = a.row[x * a.step_x + lane * a.step_lane];
        const float q = b.row[x * b.step_x + lane * b.step_lane];
        *to++ = add ? p + q : p * q;
      }
}

static void
upsample_row (const AxCpuOp *op, gint64 n, gint64 block, gint64 y)
{
  const int factor = op->node->u.upsample.factor, lanes = op->out.lanes;
  const float *from = get_in_row (op, 0, n, block, y / factor);
  float *to = get_out_row (op, n, block, y);
  for (gint64 x = 0; x < op->out.shape.w; x++, to += lanes)
    memcpy (to, from + x / factor * lanes, (gsize)lanes * sizeof *to);
}

static void
crop_row (const AxCpuOp *op, gint64 n, gint64 block, gint64 y)
{
  memcpy (get_out_row (op, n, block, y),
          get_in_row (op, 0, n, block, y + op->node->u.crop.top)
              + (gint64)op->node->u.crop.left * op->out.lanes,
          get_row_floats (&op->out) * sizeof (float));
}

/* Floats from a block of channels to the next. */
static gint64
get_plane (const AxCpuTensor *tensor)
{
  return tensor->shape.h * tensor->shape.w * tensor->lanes;
}

/* Over the channels of one pixel, of which @cell is block 0. */
static float
max_channel (const AxCpuTensor *tensor, const float *cell)
{
  const gint64 plane = get_plane (tensor);
  float max = cell[0];
  for (gint64 left = tensor->shape.c; left > 0;
       left -= tensor->lanes, cell += plane)
    for (int lane = 0; lane < MIN (left, tensor->lanes); lane++)
      max = cell[lane] > max ? cell[lane] : max;
  return max;
}

/* The lanes past the last channel hold zero. */
static double
sum_channels (const AxCpuTensor *tensor, const float *cell)
{
  const gint64 plane = get_plane (tensor);
  double sum = 0.0;
  for (gint64 left = tensor->shape.c; left > 0;
       left -= tensor->lanes, cell += plane)
    for (int lane = 0; lane < tensor->lanes; lane++)
      sum += (double)cell[lane];
  return sum;
}

static void
reduce_row (const AxCpuOp *op, gint64 n, gint64 block, gint64 y)
{
  const AxCpuTensor *in = &op->in[0];
  const gboolean mean = op->node->kind == AX_NODE_CHANNEL_MEAN;
  const int lanes = op->out.lanes;
  const float *from = get_in_row (op, 0, n, 0, y);
  float *to = get_out_row (op, n, 0, y);
  for (gint64 x = 0; x < op->out.shape.w; x++, from += lanes, to += lanes)
    to[0] = mean ? (float)(sum_channels (in, from) / (double)in->shape.c)
                 : max_channel (in, from);
}

static void
softmax_cell (const AxCpuTensor *in, const float *from, float sharpness,
              float *to)
{
  const gint64 plane = get_plane (in);
  const float max = max_channel (in, from);
  float sum = 0.0f;
  for (gint64 c = 0; c < in->shape.c; c++)
    {
      const gint64 place = c / in->lanes * plane + c % in->lanes;
      to[place] = expf ((from[place] - max) * sharpness);
      sum += to[place];
    }
  for (gint64 c = 0; c < in->shape.c; c++)
    to[c / in->lanes * plane + c % in->lanes] /= sum;
}

static void
softmax_row (const AxCpuOp *op, gint64 n, gint64 block, gint64 y)
{
  const int lanes = op->out.lanes;
  const float sharpness = (float)(1.0 / op->node->u.softmax.temperature);
  const float *from = get_in_row (op, 0, n, 0, y);
  float *to = get_out_row (op, n, 0, y);
  for (gint64 x = 0; x < op->out.shape.w; x++, from += lanes, to += lanes)
    softmax_cell (&op->in[0], from, sharpness, to);
}

static const struct
{
  RowFunc row;
  gboolean mixes_channels;
} operations[] = {
  [AX_NODE_MAX_POOL] = { max_pool_row, FALSE },
  [AX_NODE_AVG_POOL] = { avg_pool_row, FALSE },
  [AX_NODE_BATCH_NORM] = { batch_norm_row, FALSE },
  [AX_NODE_RELU] = { relu_row, FALSE },
  [AX_NODE_SIGMOID] = { sigmoid_row, FALSE },
  [AX_NODE_SOFTMAX] = { softmax_row, TRUE },
  [AX_NODE_DROPOUT] = { copy_row, FALSE },
  [AX_NODE_CONCAT] = { concat_row, FALSE },
  [AX_NODE_ADD] = { combine_row, FALSE },
  [AX_NODE_MUL] = { combine_row, FALSE },
  [AX_NODE_UPSAMPLE] = { upsample_row, FALSE },
  [AX_NODE_CROP] = { crop_row, FALSE },
  [AX_NODE_CHANNEL_MEAN] = { reduce_row, TRUE },
  [AX_NODE_CHANNEL_MAX] = { reduce_row, TRUE },
  [AX_NODE_FRAGMENT] = { fragment_row, FALSE },
  [AX_NODE_DEFRAGMENT] = { defragment_row, FALSE },
};

gboolean
ax_cpu_op_exists (int kind)
{
  return kind >= 0 && kind < (int)G_N_ELEMENTS (operations)
         && operations[kind].row != NULL;
}

/* The lanes past the last channel of a row of the last block. */
static void
clear_padding (const AxCpuTensor *tensor, float *row)
{
  for (gint64 x = 0; x < tensor->shape.w; x++, row += tensor->lanes)
    for (gint64 lane = tensor->shape.c % tensor->lanes; lane < tensor->lanes;
         lane++)
      row[lane] = 0.0f;
}

void
ax_cpu_op_run (const AxCpuOp *self, int n_threads)
{
  const AxShape *out = &self->out.shape;
  const gboolean mixes = operations[self->node->kind].mixes_channels;
  const RowFunc work_out = operations[self->node->kind].row;
  const gint64 n_blocks = ax_cpu_tensor_get_n_blocks (&self->out);
  const gint64 n_parts = mixes ? 1 : n_blocks;
  const gboolean padded = out->c % self->out.lanes != 0;
  const gint64 n_rows = out->n * n_parts * out->h;
  const gboolean large
      = n_rows * (gint64)get_row_floats (&self->out) >= LARGE_FLOATS;
#pragma omp parallel for num_threads(n_threads) if (large)
  for (gint64 i = 0; i < n_rows; i++)
    {
      const gint64 y = i % out->h;
      const gint64 part = i / out->h % n_parts;
      const gint64 n = i / out->h / n_parts;
      work_out (self, n, part, y);
      if (padded && part == n_parts - 1)
        clear_padding (&self->out, get_out_row (self, n, n_blocks - 1, y));
    }
}
