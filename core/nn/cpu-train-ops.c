#include "core/nn/cpu-train-ops.h"

#include "core/base/rng.h"

#include <math.h>

typedef AxCpuOpBackward Back;

/* Works out what one entry of the batch gets: in one block of channels of the
 * input, or, where channels mix (@block is 0), in all. */
typedef void (*PartFunc) (const Back *back, gint64 n, gint64 block);

static gint64
count_plane (const AxCpuTensor *tensor)
{
  return tensor->shape.h * tensor->shape.w;
}

/* Where channel @c of entry @n starts; its cells are lanes apart. */
static gint64
get_place (const AxCpuTensor *tensor, gint64 n, gint64 c)
{
  return ((n * ax_cpu_tensor_get_n_blocks (tensor) + c / tensor->lanes)
          * count_plane (tensor) * tensor->lanes)
         + c % tensor->lanes;
}

/* Where block @block of entry @n starts. */
static gint64
get_block_place (const AxCpuTensor *tensor, gint64 n, gint64 block)
{
  return get_place (tensor, n, block * tensor->lanes);
}

/* The tap of a window that reads cell (out_y, out_x): its place in the plane,
 * or -1 in the padding. */
static gint64
get_tap (const AxCpuOp *op, gint64 out_y, gint64 out_x, int tap)
{
  const AxWindow *w = &op->node->u.window;
  const AxShape *in = &op->in[0].shape;
  const gint64 y
      = out_y * w->stride - w->pad + (gint64)(tap / w->kernel_w) * w->dilation;
  const gint64 x
      = out_x * w->stride - w->pad + (gint64)(tap % w->kernel_w) * w->dilation;
  return y < 0 || y >= in->h || x < 0 || x >= in->w ? -1 : y * in->w + x;
}

static int
count_taps (const AxCpuOp *op)
{
  return op->node->u.window.kernel_h * op->node->u.window.kernel_w;
}

/* out = max of in[...]; the first of equal ones */
static void
max_pool_cell (const AxCpuOp *op, const float *in, const float *d_out,
               float *d_in, gint64 y, gint64 x)
{
  const int lanes = op->out.lanes, n_taps = count_taps (op);
  for (int lane = 0; lane < lanes; lane++)
    {
      gint64 best = -1;
      for (int tap = 0; tap < n_taps; tap++)
        {
          const gint64 place = get_tap (op, y, x, tap);
          if (place >= 0
              && (best < 0
                  || in[place * lanes + lane] > in[best * lanes + lane]))
            best = place;
        }
      d_in[best * lanes + lane] += d_out[lane];
    }
}

static void
max_pool (const Back *back, gint64 n, gint64 block)
{
  const AxCpuOp *op = back->op;
  const gint64 place = get_block_place (&op->in[0], n, block);
  const float *d_out = back->d_out + get_block_place (&op->out, n, block);
  for (gint64 y = 0; y < op->out.shape.h; y++)
    for (gint64 x = 0; x < op->out.shape.w; x++, d_out += op->out.lanes)
      max_pool_cell (op, op->in[0].data + place, d_out, back->d_in[0] + place,
                     y, x);
}

/* out = sum of in[...] / their number */
static void
avg_pool (const Back *back, gint64 n, gint64 block)
{
  const AxCpuOp *op = back->op;
  const int lanes = op->out.lanes, n_taps = count_taps (op);
  float *d_in = back->d_in[0] + get_block_place (&op->in[0], n, block);
  const float *d_out = back->d_out + get_block_place (&op->out, n, block);
  for (gint64 y = 0; y < op->out.shape.h; y++)
    for (gint64 x = 0; x < op->out.shape.w; x++, d_out += lanes)
      {
        int n_inside = 0;
        for (int tap = 0; tap < n_taps; tap++)
          n_inside += get_tap (op, y, x, tap) >= 0;
        for (int tap = 0; tap < n_taps; tap++)
          {
            const gint64 place = get_tap (op, y, x, tap);
            for (int lane = 0; place >= 0 && lane < lanes; lane++)
              d_in[place * lanes + lane] += d_out[lane] / (float)n_inside;
          }
      }
}

/* out = 1 / (1 + exp (-in)) */
static void
sigmoid (const Back *back, gint64 n, gint64 block)
{
  const AxCpuTensor *out = &back->op->out;
  const gint64 first = get_block_place (out, n, block);
  const gint64 end = first + count_plane (out) * out->lanes;
  for (gint64 i = first; i < end; i++)
    back->d_in[0][i] += back->d_out[i] * out->data[i] * (1.0f - out->data[i]);
}

/* out[c] = exp (in[c] / temperature) / sum of exp (in[...] / temperature) */
static void
softmax (const Back *back, gint64 n, gint64 block)
{
  const AxCpuTensor *out = &back->op->out;
  const float sharpness = (float)(1.0 / back->op->node->u.softmax.temperature);
  for (gint64 i = 0; i < count_plane (out); i++)
    {
      float sum = 0.0f;
      for (gint64 c = 0; c < out->shape.c; c++)
        {
          const gint64 place = get_place (out, n, c) + i * out->lanes;
          sum += back->d_out[place] * out->data[place];
        }
      for (gint64 c = 0; c < out->shape.c; c++)
        {
          const gint64 place = get_place (out, n, c) + i * out->lanes;
          back->d_in[0][place]
              += out->data[place] * (back->d_out[place] - sum) * sharpness;
        }
    }
}

/* out = in * drawn: 0, or 1 / (1 - rate) */
static void
drop (const AxCpuOp *op, int index, guint64 seed, gint64 n, gint64 block,
      const float *from, float *to, gboolean add)
{
  const AxShape *s = &op->out.shape;
  const int lanes = op->out.lanes;
  const double rate = op->node->u.dropout.rate;
  const float kept = (float)(1.0 / (1.0 - rate));
  const gint64 last = MIN ((block + 1) * lanes, s->c);
  for (gint64 c = block * lanes; c < last; c++)
    {
      const gint64 place = get_place (&op->out, n, c);
      AxRng rng = ax_rng_init (seed, (guint64)index);
      rng.index = (guint64)((n * s->c + c) * count_plane (&op->out));
      for (gint64 i = 0; i < count_plane (&op->out); i++)
        {
          const gint64 at = place + i * lanes;
          const float value
              = ax_rng_uniform (&rng) < rate ? 0.0f : from[at] * kept;
          to[at] = add ? to[at] + value : value;
        }
    }
}

static void
dropout (const Back *back, gint64 n, gint64 block)
{
  drop (back->op, back->index, back->seed, n, block, back->d_out, back->d_in[0],
        TRUE);
}

/* out[first + c] = in[c]; whole blocks that go to whole blocks lie together */
static void
take_channels (const Back *back, gint64 n, int input, gint64 first)
{
  const AxCpuTensor *in = &back->op->in[input], *out = &back->op->out;
  const gint64 n_together
      = first % in->lanes == 0 ? in->shape.c - in->shape.c % in->lanes : 0;
  if (back->d_in[input] == NULL)
    return;
  const float *block = back->d_out + get_place (out, n, first);
  float *to_block = back->d_in[input] + get_place (in, n, 0);
  for (gint64 i = 0; i < n_together * count_plane (in); i++)
    to_block[i] += block[i];
  for (gint64 c = n_together; c < in->shape.c; c++)
    {
      const float *from = back->d_out + get_place (out, n, first + c);
      float *to = back->d_in[input] + get_place (in, n, c);
      for (gint64 i = 0; i < count_plane (in) * in->lanes; i += in->lanes)
        to[i] += from[i];
    }
}

static void
concat (const Back *back, gint64 n, gint64 block)
{
  take_channels (back, n, 0, 0);
  take_channels (back, n, 1, back->op->in[0].shape.c);
}

/* Where the row of an input lies that a row of the output was made of, and how
 * far apart its cells are: 0 where one is repeated. */
typedef struct
{
  gint64 place, step;
} Row;

static Row
get_row (const AxCpuTensor *in, gint64 n, gint64 c, gint64 y)
{
  const AxShape *s = &in->shape;
  return (Row){ get_place (in, n, s->c == 1 ? 0 : c)
                    + (s->h == 1 ? 0 : y) * s->w * in->lanes,
                s->w == 1 ? 0 : in->lanes };
}

/* d_a[...] += d_out * (1 or b); a value that the whole row was made of gets
 * the row's sum, taken in double. */
static void
combine_row (const float *d_out, gint64 width, int lanes, const float *other,
             gint64 other_step, float *d_in, gint64 step)
{
  double sum = 0.0;
  for (gint64 x = 0; x < width; x++)
    {
      const float d
          = d_out[x * lanes] * (other != NULL ? other[x * other_step] : 1.0f);
      if (step != 0)
        d_in[x * step] += d;
      else
        sum += (double)d;
    }
  if (step == 0)
    d_in[0] += (float)sum;
}

/* out = a + b, out = a * b */
static void
combine (const Back *back, gint64 n, gint64 block)
{
  const AxCpuOp *op = back->op;
  const AxShape *out = &op->out.shape;
  const int lanes = op->out.lanes;
  for (gint64 c = 0; c < out->c; c++)
    for (gint64 y = 0; y < out->h; y++)
      for (int input = 0; input < 2; input++)
        {
          const Row own = get_row (&op->in[input], n, c, y);
          const Row other = get_row (&op->in[1 - input], n, c, y);
          if (back->d_in[input] == NULL)
            continue;
          combine_row (back->d_out + get_place (&op->out, n, c)
                           + y * out->w * lanes,
                       out->w, lanes,
                       op->node->kind == AX_NODE_MUL
                           ? op->in[1 - input].data + other.place
                           : NULL,
                       other.step, back->d_in[input] + own.place, own.step);
        }
}

/* out[y][x] = in[y / factor][x / factor] */
static void
upsample (const Back *back, gint64 n, gint64 block)
{
  const AxCpuTensor *in = &back->op->in[0], *out = &back->op->out;
  const int factor = back->op->node->u.upsample.factor, lanes = out->lanes;
  const float *d_out = back->d_out + get_block_place (out, n, block);
  float *d_in = back->d_in[0] + get_block_place (in, n, block);
  for (gint64 y = 0; y < out->shape.h; y++)
    for (gint64 x = 0; x < out->shape.w; x++, d_out += lanes)
      {
        float *to = d_in + (y / factor * in->shape.w + x / factor) * lanes;
        for (int lane = 0; lane < lanes; lane++)
          to[lane] += d_out[lane];
      }
}

/* out[y][x] = in[y + top][x + left] */
static void
crop (const Back *back, gint64 n, gint64 block)
{
  const AxCpuTensor *in = &back->op->in[0], *out = &back->op->out;
  const AxNode *node = back->op->node;
  const gint64 row = out->shape.w * out->lanes;
  const float *d_out = back->d_out + get_block_place (out, n, block);
  float *d_in = back->d_in[0] + get_block_place (in, n, block);
  for (gint64 y = 0; y < out->shape.h; y++, d_out += row)
    {
      float *to = d_in
                  + ((y + node->u.crop.top) * in->shape.w + node->u.crop.left)
                        * in->lanes;
      for (gint64 i = 0; i < row; i++)
        to[i] += d_out[i];
    }
}

/* out = sum of in[c] / number of channels */
static void
channel_mean (const Back *back, gint64 n, gint64 block)
{
  const AxCpuTensor *in = &back->op->in[0];
  const float *d_out = back->d_out + get_place (&back->op->out, n, 0);
  for (gint64 c = 0; c < in->shape.c; c++)
    {
      float *d_in = back->d_in[0] + get_place (in, n, c);
      for (gint64 i = 0; i < count_plane (in) * in->lanes; i += in->lanes)
        d_in[i] += d_out[i] / (float)in->shape.c;
    }
}

/* out = max of in[c]; the first of equal ones */
static void
channel_max (const Back *back, gint64 n, gint64 block)
{
  const AxCpuTensor *in = &back->op->in[0];
  const float *d_out = back->d_out + get_place (&back->op->out, n, 0);
  for (gint64 i = 0; i < count_plane (in) * in->lanes; i += in->lanes)
    {
      gint64 best = get_place (in, n, 0) + i;
      for (gint64 c = 1; c < in->shape.c; c++)
        if (in->data[get_place (in, n, c) + i] > in->data[best])
          best = get_place (in, n, c) + i;
      back->d_in[0][best] += d_out[i];
    }
}

static const struct
{
  PartFunc part;
  gboolean mixes_channels;
} operations[] = {
  [AX_NODE_MAX_POOL] = { max_pool, FALSE },
  [AX_NODE_AVG_POOL] = { avg_pool, FALSE },
  [AX_NODE_SIGMOID] = { sigmoid, FALSE },
  [AX_NODE_SOFTMAX] = { softmax, TRUE },
  [AX_NODE_DROPOUT] = { dropout, FALSE },
  [AX_NODE_CONCAT] = { concat, TRUE },
  [AX_NODE_ADD] = { combine, TRUE },
  [AX_NODE_MUL] = { combine, TRUE },
  [AX_NODE_UPSAMPLE] = { upsample, FALSE },
  [AX_NODE_CROP] = { crop, FALSE },
  [AX_NODE_CHANNEL_MEAN] = { channel_mean, TRUE },
  [AX_NODE_CHANNEL_MAX] = { channel_max, TRUE },
};

gboolean
ax_cpu_op_backward_exists (int kind)
{
  return kind >= 0 && kind < (int)G_N_ELEMENTS (operations)
         && operations[kind].part != NULL;
}

void
ax_cpu_op_backward_run (const AxCpuOpBackward *self, int n_threads)
{
  const AxCpuTensor *in = &self->op->in[0];
  const PartFunc work_out = operations[self->op->node->kind].part;
  const gint64 n_parts = operations[self->op->node->kind].mixes_channels
                             ? 1
                             : ax_cpu_tensor_get_n_blocks (in);
#pragma omp parallel for num_threads(n_threads)
  for (gint64 i = 0; i < in->shape.n * n_parts; i++)
    work_out (self, i / n_parts, i % n_parts);
}

/* Lanes past the last channel are zero as in all tensors. */
void
ax_cpu_dropout_learn (const AxCpuOp *op, int index, guint64 seed, int n_threads)
{
  const gint64 n_blocks = ax_cpu_tensor_get_n_blocks (&op->out);
  const gint64 floats = count_plane (&op->out) * op->out.lanes;
#pragma omp parallel for num_threads(n_threads)
  for (gint64 i = 0; i < op->out.shape.n * n_blocks; i++)
    {
      float *to = op->out.data + i * floats;
      for (gint64 k = 0; k < floats; k++)
        to[k] = 0.0f;
      drop (op, index, seed, i / n_blocks, i % n_blocks, op->in[0].data,
            op->out.data, FALSE);
    }
}
