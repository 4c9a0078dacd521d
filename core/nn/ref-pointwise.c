#include "core/nn/ref-node.h"

#include <math.h>
#include <string.h>

void
ax_ref_copy (const AxRefCall *call)
{
  memcpy (call->out->data, call->a->data,
          (gsize)ax_ref_count (&call->out->shape) * sizeof (double));
}

void
ax_ref_relu (const AxRefCall *call)
{
  /* NaN passes, as it should. */
  for (gint64 i = 0; i < ax_ref_count (&call->out->shape); i++)
    call->out->data[i] = call->a->data[i] < 0.0 ? 0.0 : call->a->data[i];
}

void
ax_ref_sigmoid (const AxRefCall *call)
{
  for (gint64 i = 0; i < ax_ref_count (&call->out->shape); i++)
    call->out->data[i] = 1.0 / (1.0 + exp (-call->a->data[i]));
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
