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

/* d_out is of @n_out values an entry, of which @d_in is those from @first on:
 * out[first + i] = in[i] */
static void
take_part (const AxRefBackward *back, gint64 first, gint64 n_in, double *d_in)
{
  gint64 n_out = ax_ref_volume (&back->call->out->shape);
  for (gint64 n = 0; d_in != NULL && n < back->call->out->shape.n; n++)
    for (gint64 i = 0; i < n_in; i++)
      d_in[n * n_in + i] += back->d_out[n * n_out + first + i];
}

void
ax_ref_concat_backward (const AxRefBackward *back)
{
  gint64 n_a = ax_ref_volume (&back->call->a->shape);
  gint64 n_b = ax_ref_volume (&back->call->b->shape);
  take_part (back, 0, n_a, back->d_a);
  take_part (back, n_a, n_b, back->d_b);
}

/* Where the value for a place of the output stands; sides of 1 are repeated. */
static gint64
get_repeated (const AxShape *shape, gint64 n, gint64 c, gint64 y, gint64 x)
{
  c = shape->c == 1 ? 0 : c;
  y = shape->h == 1 ? 0 : y;
  x = shape->w == 1 ? 0 : x;
  return ((n * shape->c + c) * shape->h + y) * shape->w + x;
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
            double a
                = call->a->data[get_repeated (&call->a->shape, n, c, y, x)];
            double b
                = call->b->data[get_repeated (&call->b->shape, n, c, y, x)];
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

/* out = a + b, out = a * b */
static void
combine_backward (const AxRefBackward *back, gboolean multiply)
{
  const AxRefTensor *a = back->call->a, *b = back->call->b;
  const AxShape *out = &back->call->out->shape;
  const double *d_out = back->d_out;
  for (gint64 n = 0; n < out->n; n++)
    for (gint64 c = 0; c < out->c; c++)
      for (gint64 y = 0; y < out->h; y++)
        for (gint64 x = 0; x < out->w; x++, d_out++)
          {
            gint64 at_a = get_repeated (&a->shape, n, c, y, x);
            gint64 at_b = get_repeated (&b->shape, n, c, y, x);
            if (back->d_a != NULL)
              back->d_a[at_a] += *d_out * (multiply ? b->data[at_b] : 1.0);
            if (back->d_b != NULL)
              back->d_b[at_b] += *d_out * (multiply ? a->data[at_a] : 1.0);
          }
}

void
ax_ref_add_backward (const AxRefBackward *back)
{
  combine_backward (back, FALSE);
}

void
ax_ref_mul_backward (const AxRefBackward *back)
{
  combine_backward (back, TRUE);
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

/* out[y][x] = in[y / factor][x / factor] */
void
ax_ref_upsample_backward (const AxRefBackward *back)
{
  const AxShape *in = &back->call->a->shape;
  const AxShape *out = &back->call->out->shape;
  int factor = back->call->node->u.upsample.factor;
  const double *d_out = back->d_out;
  for (gint64 p = 0; p < out->n * out->c; p++)
    for (gint64 y = 0; y < out->h; y++)
      for (gint64 x = 0; x < out->w; x++)
        back->d_a[p * ax_ref_plane (in) + y / factor * in->w + x / factor]
            += *d_out++;
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

/* out[y][x] = in[y + top][x + left] */
void
ax_ref_crop_backward (const AxRefBackward *back)
{
  const AxNode *node = back->call->node;
  const AxShape *in = &back->call->a->shape;
  const AxShape *out = &back->call->out->shape;
  const double *d_out = back->d_out;
  for (gint64 p = 0; p < out->n * out->c; p++)
    for (gint64 y = 0; y < out->h; y++)
      for (gint64 x = 0; x < out->w; x++)
        back->d_a[p * ax_ref_plane (in) + (y + node->u.crop.top) * in->w
                  + node->u.crop.left + x]
            += *d_out++;
}
