#include "core/nn/ref-node.h"

#include <string.h>

/* First and last + 1 of the cells x of a row of @n_out for which the tap at
 * x * stride + shift lies within @n_in. */
static void
clip_row (gint64 n_in, gint64 n_out, gint64 stride, gint64 shift, gint64 *begin,
          gint64 *end)
{
  gint64 first = shift < 0 ? (-shift + stride - 1) / stride : 0;
  gint64 last = n_in - shift > 0 ? (n_in - shift - 1) / stride + 1 : 0;
  *begin = first;
  *end = MIN (last, n_out);
}

/* out[x] += weight * in[x * stride + shift], where that tap exists */
static void
add_row (const double *restrict in, gint64 n_in, double weight, gint64 stride,
         gint64 shift, double *restrict out, gint64 n_out)
{
  gint64 begin, end;
  clip_row (n_in, n_out, stride, shift, &begin, &end);
  if (stride == 1)
    for (gint64 x = begin; x < end; x++)
      out[x] += weight * in[x + shift];
  else
    for (gint64 x = begin; x < end; x++)
      out[x] += weight * in[x * stride + shift];
}

/* d_in[x * stride + shift] += weight * d_out[x].  Returns the weight's own
 * gradient, the sum of d_out[x] * in[x * stride + shift]. */
static double
add_row_backward (const double *d_out, gint64 n_out, double weight,
                  gint64 stride, gint64 shift, const double *in, double *d_in,
                  gint64 n_in)
{
  gint64 begin, end;
  double d_weight = 0.0;
  clip_row (n_in, n_out, stride, shift, &begin, &end);
  for (gint64 x = begin; x < end; x++)
    d_weight += d_out[x] * in[x * stride + shift];
  if (d_in != NULL)
    for (gint64 x = begin; x < end; x++)
      d_in[x * stride + shift] += weight * d_out[x];
  return d_weight;
}

/* One row of one output channel, from one entry of the batch. */
static void
conv_row (const AxRefCall *call, const double *entry, const double *weight,
          gint64 y, double *out)
{
  const AxShape *in = &call->a->shape;
  const AxWindow *w = &call->node->u.window;
  for (gint64 c = 0; c < in->c; c++)
    for (int ky = 0; ky < w->kernel_h; ky++)
      {
        gint64 in_y = y * w->stride + (gint64)ky * w->dilation - w->pad;
        const double *taps = weight + (c * w->kernel_h + ky) * w->kernel_w;
        if (in_y < 0 || in_y >= in->h)
          continue;
        for (int kx = 0; kx < w->kernel_w; kx++)
          add_row (entry + (c * in->h + in_y) * in->w, in->w, taps[kx],
                   w->stride, (gint64)kx * w->dilation - w->pad, out,
                   call->out->shape.w);
      }
}

void
ax_ref_conv (const AxRefCall *call)
{
  const AxShape *in = &call->a->shape;
  const AxShape *out = &call->out->shape;
  const AxWindow *w = &call->node->u.window;
  gint64 n_taps = in->c * w->kernel_h * w->kernel_w;
  /* Rows outside channels, so that the input rows stay in the cache. */
  for (gint64 n = 0; n < out->n; n++)
    for (gint64 y = 0; y < out->h; y++)
      for (gint64 o = 0; o < out->c; o++)
        {
          double *row
              = call->out->data + ((n * out->c + o) * out->h + y) * out->w;
          for (gint64 x = 0; x < out->w; x++)
            row[x] = call->params[1] ? call->params[1][o] : 0.0;
          conv_row (call, call->a->data + n * ax_ref_volume (in),
                    call->params[0] + o * n_taps, y, row);
        }
}

/* Of one entry's row @y and channel @o: out[x] += taps[kx] * in[...], for all
 * input channels and taps. */
static void
conv_row_backward (const AxRefBackward *back, gint64 n, gint64 o, gint64 y)
{
  const AxRefCall *call = back->call;
  const AxShape *in = &call->a->shape;
  const AxShape *out = &call->out->shape;
  const AxWindow *w = &call->node->u.window;
  const double *d_row = back->d_out + ((n * out->c + o) * out->h + y) * out->w;
  for (gint64 c = 0; c < in->c; c++)
    for (int ky = 0; ky < w->kernel_h; ky++)
      {
        gint64 in_y = y * w->stride + (gint64)ky * w->dilation - w->pad;
        gint64 row = ((n * in->c + c) * in->h + in_y) * in->w;
        gint64 tap = ((o * in->c + c) * w->kernel_h + ky) * w->kernel_w;
        if (in_y < 0 || in_y >= in->h)
          continue;
        for (int kx = 0; kx < w->kernel_w; kx++)
          back->d_params[0][tap + kx] += add_row_backward (
              d_row, out->w, call->params[0][tap + kx], w->stride,
              (gint64)kx * w->dilation - w->pad, call->a->data + row,
              back->d_a ? back->d_a + row : NULL, in->w);
      }
}

/* out[...] = bias[channel] + ... */
static void
bias_backward (const AxRefBackward *back)
{
  const AxShape *out = &back->call->out->shape;
  gint64 plane = ax_ref_plane (out);
  if (back->d_params[1] != NULL)
    for (gint64 i = 0; i < ax_ref_count (out); i++)
      back->d_params[1][i / plane % out->c] += back->d_out[i];
}

void
ax_ref_conv_backward (const AxRefBackward *back)
{
  const AxShape *out = &back->call->out->shape;
  bias_backward (back);
  for (gint64 n = 0; n < out->n; n++)
    for (gint64 y = 0; y < out->h; y++)
      for (gint64 o = 0; o < out->c; o++)
        conv_row_backward (back, n, o, y);
}

/* out[y * stride + ky * dilation - pad][...x...] += in[y][x] * weight, for
 * one plane of each */
static void
spread_plane (const AxRefCall *call, const double *in, const double *weight,
              double *out)
{
  const AxShape *from = &call->a->shape;
  const AxShape *to = &call->out->shape;
  const AxWindow *w = &call->node->u.window;
  for (gint64 y = 0; y < from->h; y++)
    for (gint64 x = 0; x < from->w; x++)
      for (int ky = 0; ky < w->kernel_h; ky++)
        for (int kx = 0; kx < w->kernel_w; kx++)
          {
            gint64 to_y = y * w->stride + (gint64)ky * w->dilation - w->pad;
            gint64 to_x = x * w->stride + (gint64)kx * w->dilation - w->pad;
            if (to_y >= 0 && to_y < to->h && to_x >= 0 && to_x < to->w)
              out[to_y * to->w + to_x]
                  += in[y * from->w + x] * weight[ky * w->kernel_w + kx];
          }
}

void
ax_ref_conv_transpose (const AxRefCall *call)
{
  const AxShape *in = &call->a->shape;
  const AxShape *out = &call->out->shape;
  const AxWindow *w = &call->node->u.window;
  gint64 n_taps = (gint64)w->kernel_h * w->kernel_w;
  for (gint64 n = 0; n < out->n; n++)
    for (gint64 o = 0; o < out->c; o++)
      {
        double *plane = call->out->data + (n * out->c + o) * ax_ref_plane (out);
        for (gint64 i = 0; i < ax_ref_plane (out); i++)
          plane[i] = call->params[1] ? call->params[1][o] : 0.0;
        for (gint64 c = 0; c < in->c; c++)
          spread_plane (call,
                        call->a->data + (n * in->c + c) * ax_ref_plane (in),
                        call->params[0] + (c * out->c + o) * n_taps, plane);
      }
}

/* out[to_y][to_x] += in[y][x] * weight, for one plane of each */
static void
spread_plane_backward (const AxRefBackward *back, const double *d_out,
                       gint64 in_plane, gint64 tap)
{
  const AxRefCall *call = back->call;
  const AxShape *from = &call->a->shape;
  const AxShape *to = &call->out->shape;
  const AxWindow *w = &call->node->u.window;
  for (gint64 y = 0; y < from->h; y++)
    for (gint64 x = 0; x < from->w; x++)
      for (int ky = 0; ky < w->kernel_h; ky++)
        for (int kx = 0; kx < w->kernel_w; kx++)
          {
            gint64 to_y = y * w->stride + (gint64)ky * w->dilation - w->pad;
            gint64 to_x = x * w->stride + (gint64)kx * w->dilation - w->pad;
            gint64 in = in_plane + y * from->w + x;
            gint64 weight = tap + ky * w->kernel_w + kx;
            if (to_y < 0 || to_y >= to->h || to_x < 0 || to_x >= to->w)
              continue;
            double d = d_out[to_y * to->w + to_x];
            back->d_params[0][weight] += d * call->a->data[in];
            if (back->d_a != NULL)
              back->d_a[in] += d * call->params[0][weight];
          }
}

void
ax_ref_conv_transpose_backward (const AxRefBackward *back)
{
  const AxShape *in = &back->call->a->shape;
  const AxShape *out = &back->call->out->shape;
  const AxWindow *w = &back->call->node->u.window;
  gint64 n_taps = (gint64)w->kernel_h * w->kernel_w;
  bias_backward (back);
  for (gint64 n = 0; n < out->n; n++)
    for (gint64 o = 0; o < out->c; o++)
      for (gint64 c = 0; c < in->c; c++)
        spread_plane_backward (
            back, back->d_out + (n * out->c + o) * ax_ref_plane (out),
            (n * in->c + c) * ax_ref_plane (in), (c * out->c + o) * n_taps);
}
