#include "core/nn/ref-node.h"

#include <string.h>

void
ax_ref_concat (const AxRefCall *call)
{
  gsize n_a = (gsize)ax_ref_volume (&call->a->shape);
  gsize n_b = (gsize)ax_ref_volume (&call->b->shape);
  double *to = call->out->data;
  for (gint64 n = 0; n < call->out->shape.n; n++)
    {
      memcpy (to, call->a->data + (gsize)n * n_a, n_a * sizeof *to);
      memcpy (to + n_a, call->b->data + (gsize)n * n_b, n_b * sizeof *to);
      to += n_a + n_b;
    }
}

/* The value that stands at a place of the output; sides of 1 are repeated. */
static double
get_repeated (const AxRefTensor *tensor, gint64 n, gint64 c, gint64 y, gint64 x)
{
  const AxShape *shape = &tensor->shape;
  c = shape->c == 1 ? 0 : c;
  y = shape->h == 1 ? 0 : y;
  x = shape->w == 1 ? 0 : x;
  return tensor->data[((n * shape->c + c) * shape->h + y) * shape->w + x];
}

static void
combine (const AxRefCall *call, gboolean multiply)
{
  const AxShape *out = &call->out->shape;
  double *to = call->out->data;
  for (gint64 n = 0; n < out->n; n++)
    for (gint64 c = 0; c < out->c; c++)
      for (gint64 y = 0; y < out->h; y++)
        for (gint64 x = 0; x < out->w; x++)
          {
            double a = get_repeated (call->a, n, c, y, x);
            double b = get_repeated (call->b, n, c, y, x);
            *to++ = multiply ? a * b : a + b;
          }
}

void
ax_ref_add (const AxRefCall *call)
{
  combine (call, FALSE);
}

void
ax_ref_mul (const AxRefCall *call)
{
  combine (call, TRUE);
}

void
ax_ref_upsample (const AxRefCall *call)
{
  const AxShape *in = &call->a->shape;
  const AxShape *out = &call->out->shape;
  int factor = call->node->u.upsample.factor;
  double *to = call->out->data;
  for (gint64 p = 0; p < out->n * out->c; p++)
    for (gint64 y = 0; y < out->h; y++)
      for (gint64 x = 0; x < out->w; x++)
        *to++ = call->a->data[p * ax_ref_plane (in) + y / factor * in->w
                              + x / factor];
}

void
ax_ref_crop (const AxRefCall *call)
{
  const AxShape *in = &call->a->shape;
  const AxShape *out = &call->out->shape;
  double *to = call->out->data;
  for (gint64 p = 0; p < out->n * out->c; p++)
    for (gint64 y = 0; y < out->h; y++)
      {
        const double *row = call->a->data + p * ax_ref_plane (in)
                            + (y + call->node->u.crop.top) * in->w
                            + call->node->u.crop.left;
        memcpy (to, row, (gsize)out->w * sizeof *to);
        to += out->w;
      }
}
