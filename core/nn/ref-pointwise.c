#include "core/nn/ref-node.h"

#include "core/base/rng.h"

#include <math.h>
#include <string.h>

void
ax_ref_copy (const AxRefCall *call)
{
  memcpy (call->out->data, call->a->data,
          (gsize)ax_ref_count (&call->out->shape) * sizeof (double));
}

/* What the values of one entry after the other are multiplied by: 0 for a
 * share @rate of them, which the seed chooses. */
static double
draw_dropout (const AxRefCall *call, AxRng *rng)
{
  double rate = call->node->u.dropout.rate;
  return ax_rng_uniform (rng) < rate ? 0.0 : 1.0 / (1.0 - rate);
}

void
ax_ref_dropout_learn (const AxRefCall *call)
{
  AxRng rng = ax_rng_init (call->seed, (guint64)call->index);
  for (gint64 i = 0; i < ax_ref_count (&call->out->shape); i++)
    call->out->data[i] = call->a->data[i] * draw_dropout (call, &rng);
}

/* out = in * drawn */
void
ax_ref_dropout_backward (const AxRefBackward *back)
{
  AxRng rng = ax_rng_init (back->call->seed, (guint64)back->call->index);
  for (gint64 i = 0; i < ax_ref_count (&back->call->out->shape); i++)
    back->d_a[i] += back->d_out[i] * draw_dropout (back->call, &rng);
}

void
ax_ref_relu (const AxRefCall *call)
{
  /* NaN passes, as it should. */
  for (gint64 i = 0; i < ax_ref_count (&call->out->shape); i++)
    call->out->data[i] = call->a->data[i] < 0.0 ? 0.0 : call->a->data[i];
}

/* out = in < 0 ? 0 : in; at 0 the slope is taken as 0 */
void
ax_ref_relu_backward (const AxRefBackward *back)
{
  for (gint64 i = 0; i < ax_ref_count (&back->call->out->shape); i++)
    back->d_a[i] += back->call->a->data[i] <= 0.0 ? 0.0 : back->d_out[i];
}

void
ax_ref_sigmoid (const AxRefCall *call)
{
  for (gint64 i = 0; i < ax_ref_count (&call->out->shape); i++)
    call->out->data[i] = 1.0 / (1.0 + exp (-call->a->data[i]));
}

/* out = 1 / (1 + exp (-in)) */
void
ax_ref_sigmoid_backward (const AxRefBackward *back)
{
  const double *out = back->call->out->data;
  for (gint64 i = 0; i < ax_ref_count (&back->call->out->shape); i++)
    back->d_a[i] += back->d_out[i] * out[i] * (1.0 - out[i]);
}

/* Over channels; @in and @out point at channel 0 of one cell. */
static void
softmax_cell (const double *in, double *out, gint64 n_channels, gint64 plane,
              double temperature)
{
  double max = in[0];
  double sum = 0.0;
  for (gint64 c = 1; c < n_channels; c++)
    max = MAX (max, in[c * plane]);
  for (gint64 c = 0; c < n_channels; c++)
    {
      out[c * plane] = exp ((in[c * plane] - max) / temperature);
      sum += out[c * plane];
    }
  for (gint64 c = 0; c < n_channels; c++)
    out[c * plane] /= sum;
}

void
ax_ref_softmax (const AxRefCall *call)
{
  const AxShape *shape = &call->out->shape;
  gint64 plane = ax_ref_plane (shape);
  for (gint64 n = 0; n < shape->n; n++)
    for (gint64 i = 0; i < plane; i++)
      {
        gint64 at = n * ax_ref_volume (shape) + i;
        softmax_cell (call->a->data + at, call->out->data + at, shape->c, plane,
                      call->node->u.softmax.temperature);
      }
}

/* out[c] = exp (in[c] / temperature) / sum of exp (in[...] / temperature) */
void
ax_ref_softmax_backward (const AxRefBackward *back)
{
  const AxShape *shape = &back->call->out->shape;
  const double *out = back->call->out->data;
  double temperature = back->call->node->u.softmax.temperature;
  gint64 plane = ax_ref_plane (shape);
  for (gint64 i = 0; i < shape->n * plane; i++)
    {
      gint64 first = i / plane * ax_ref_volume (shape) + i % plane;
      gint64 end = first + ax_ref_volume (shape);
      double sum = 0.0;
      for (gint64 at = first; at < end; at += plane)
        sum += back->d_out[at] * out[at];
      for (gint64 at = first; at < end; at += plane)
        back->d_a[at] += out[at] * (back->d_out[at] - sum) / temperature;
    }
}

/* y = (x - mean) / sqrt (var + eps) * weight + bias */
void
ax_ref_batch_norm (const AxRefCall *call)
{
  const AxShape *shape = &call->out->shape;
  gint64 plane = ax_ref_plane (shape);
  for (gint64 p = 0; p < shape->n * shape->c; p++)
    {
      gint64 c = p % shape->c;
      double scale
          = call->params[0][c]
            / sqrt (call->params[3][c] + call->node->u.batch_norm.epsilon);
      for (gint64 i = p * plane; i < (p + 1) * plane; i++)
        call->out->data[i] = (call->a->data[i] - call->params[2][c]) * scale
                             + call->params[1][c];
    }
}

/* Mean and variance of a channel over the batch. */
typedef struct
{
  double mean, variance;
} Moments;

static Moments
get_moments (const AxRefTensor *tensor, gint64 channel)
{
  const AxShape *shape = &tensor->shape;
  gint64 plane = ax_ref_plane (shape);
  double count = (double)(shape->n * plane);
  double sum = 0.0, sum2 = 0.0;
  for (gint64 n = 0; n < shape->n; n++)
    for (gint64 i = 0; i < plane; i++)
      sum += tensor->data[(n * shape->c + channel) * plane + i];
  for (gint64 n = 0; n < shape->n; n++)
    for (gint64 i = 0; i < plane; i++)
      {
        double x = tensor->data[(n * shape->c + channel) * plane + i];
        sum2 += (x - sum / count) * (x - sum / count);
      }
  return (Moments){ sum / count, sum2 / count };
}

void
ax_ref_batch_norm_learn (const AxRefCall *call)
{
  const AxShape *shape = &call->out->shape;
  gint64 plane = ax_ref_plane (shape);
  double count = (double)(shape->n * plane);
  double momentum = call->node->u.batch_norm.momentum;
  for (gint64 c = 0; c < shape->c; c++)
    {
      Moments m = get_moments (call->a, c);
      double unbiased = m.variance * count / (count - 1.0);
      double scale = call->params[0][c]
                     / sqrt (m.variance + call->node->u.batch_norm.epsilon);
      for (gint64 n = 0; n < shape->n; n++)
        for (gint64 i = 0; i < plane; i++)
          {
            gint64 at = (n * shape->c + c) * plane + i;
            call->out->data[at]
                = (call->a->data[at] - m.mean) * scale + call->params[1][c];
          }
      call->params[2][c] += momentum * (m.mean - call->params[2][c]);
      call->params[3][c] += momentum * (unbiased - call->params[3][c]);
    }
}

/* z = (x - mean (x)) / sqrt (variance (x) + eps), y = z * weight + bias, so
 * d_x = (d_y - mean (d_y) - z * mean (d_y * z)) * weight / sqrt (...)
 * (Ioffe & Szegedy 2015). */
static void
norm_channel_backward (const AxRefBackward *back, gint64 c)
{
  const AxRefCall *call = back->call;
  const AxShape *shape = &call->out->shape;
  gint64 plane = ax_ref_plane (shape);
  double count = (double)(shape->n * plane);
  Moments m = get_moments (call->a, c);
  double sharpness = 1.0 / sqrt (m.variance + call->node->u.batch_norm.epsilon);
  double sum = 0.0, sum_z = 0.0;
  for (gint64 n = 0; n < shape->n; n++)
    for (gint64 i = 0; i < plane; i++)
      {
        gint64 at = (n * shape->c + c) * plane + i;
        sum += back->d_out[at];
        sum_z += back->d_out[at] * (call->a->data[at] - m.mean) * sharpness;
      }
  back->d_params[0][c] += sum_z;
  back->d_params[1][c] += sum;
  for (gint64 n = 0; back->d_a != NULL && n < shape->n; n++)
    for (gint64 i = 0; i < plane; i++)
      {
        gint64 at = (n * shape->c + c) * plane + i;
        double z = (call->a->data[at] - m.mean) * sharpness;
        back->d_a[at] += (back->d_out[at] - sum / count - z * sum_z / count)
                         * call->params[0][c] * sharpness;
      }
}

void
ax_ref_batch_norm_backward (const AxRefBackward *back)
{
  for (gint64 c = 0; c < back->call->out->shape.c; c++)
    norm_channel_backward (back, c);
}

void
ax_ref_channel_mean (const AxRefCall *call)
{
  const AxShape *in = &call->a->shape;
  gint64 plane = ax_ref_plane (in);
  for (gint64 n = 0; n < in->n; n++)
    for (gint64 i = 0; i < plane; i++)
      {
        double sum = 0.0;
        for (gint64 c = 0; c < in->c; c++)
          sum += call->a->data[(n * in->c + c) * plane + i];
        call->out->data[n * plane + i] = sum / (double)in->c;
      }
}

/* out = sum of in[c] / n_channels */
void
ax_ref_channel_mean_backward (const AxRefBackward *back)
{
  const AxShape *in = &back->call->a->shape;
  gint64 plane = ax_ref_plane (in);
  for (gint64 i = 0; i < ax_ref_count (in); i++)
    back->d_a[i] += back->d_out[i / ax_ref_volume (in) * plane + i % plane]
                    / (double)in->c;
}

void
ax_ref_channel_max (const AxRefCall *call)
{
  const AxShape *in = &call->a->shape;
  gint64 plane = ax_ref_plane (in);
  for (gint64 n = 0; n < in->n; n++)
    for (gint64 i = 0; i < plane; i++)
      {
        double max = -INFINITY;
        for (gint64 c = 0; c < in->c; c++)
          max = MAX (max, call->a->data[(n * in->c + c) * plane + i]);
        call->out->data[n * plane + i] = max;
      }
}

/* out = max of in[c] */
void
ax_ref_channel_max_backward (const AxRefBackward *back)
{
  const AxShape *in = &back->call->a->shape;
  const double *data = back->call->a->data;
  gint64 plane = ax_ref_plane (in);
  for (gint64 i = 0; i < in->n * plane; i++)
    {
      gint64 first = i / plane * ax_ref_volume (in) + i % plane;
      gint64 best = first;
      for (gint64 c = 1; c < in->c; c++)
        if (data[first + c * plane] > data[best])
          best = first + c * plane;
      back->d_a[best] += back->d_out[i];
    }
}
