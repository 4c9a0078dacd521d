#include "core/nn/ref-node.h"

#include <math.h>

/* Maximum, the first place that holds it, and mean of the cells of one plane
 * that the window at (y, x) covers; cells in the padding do not count. */
typedef struct
{
  double max, mean;
  gint64 place;
  int n;
} Summary;

static Summary
summarise (const double *plane, const AxShape *in, const AxWindow *w, gint64 y,
           gint64 x)
{
  double max = -INFINITY;
  double sum = 0.0;
  gint64 place = -1;
  int n = 0;
  for (int ky = 0; ky < w->kernel_h; ky++)
    for (int kx = 0; kx < w->kernel_w; kx++)
      {
        gint64 in_y = y * w->stride + (gint64)ky * w->dilation - w->pad;
        gint64 in_x = x * w->stride + (gint64)kx * w->dilation - w->pad;
        if (in_y < 0 || in_y >= in->h || in_x < 0 || in_x >= in->w)
          continue;
        double value = plane[in_y * in->w + in_x];
        if (place < 0 || value > max)
          place = in_y * in->w + in_x;
        max = MAX (max, value);
        sum += value;
        n++;
      }
  return (Summary){ max, sum / n, place, n };
}

static void
pool (const AxRefCall *call, gboolean mean)
{
  const AxShape *in = &call->a->shape;
  const AxShape *out = &call->out->shape;
  double *to = call->out->data;
  for (gint64 p = 0; p < out->n * out->c; p++)
    for (gint64 y = 0; y < out->h; y++)
      for (gint64 x = 0; x < out->w; x++)
        {
          Summary s = summarise (call->a->data + p * ax_ref_plane (in), in,
                                 &call->node->u.window, y, x);
          *to++ = mean ? s.mean : s.max;
        }
}

void
ax_ref_max_pool (const AxRefCall *call)
{
  pool (call, FALSE);
}

void
ax_ref_avg_pool (const AxRefCall *call)
{
  pool (call, TRUE);
}

/* out[y][x] = max of in[...] */
void
ax_ref_max_pool_backward (const AxRefBackward *back)
{
  const AxRefCall *call = back->call;
  const AxShape *in = &call->a->shape;
  const AxShape *out = &call->out->shape;
  const double *d_out = back->d_out;
  for (gint64 p = 0; p < out->n * out->c; p++)
    for (gint64 y = 0; y < out->h; y++)
      for (gint64 x = 0; x < out->w; x++)
        {
          Summary s = summarise (call->a->data + p * ax_ref_plane (in), in,
                                 &call->node->u.window, y, x);
          back->d_a[p * ax_ref_plane (in) + s.place] += *d_out++;
        }
}

static void
spread_mean (const AxWindow *w, const AxShape *in, gint64 y, gint64 x,
             double share, double *d_plane)
{
  for (int ky = 0; ky < w->kernel_h; ky++)
    for (int kx = 0; kx < w->kernel_w; kx++)
      {
        gint64 in_y = y * w->stride + (gint64)ky * w->dilation - w->pad;
        gint64 in_x = x * w->stride + (gint64)kx * w->dilation - w->pad;
        if (in_y >= 0 && in_y < in->h && in_x >= 0 && in_x < in->w)
          d_plane[in_y * in->w + in_x] += share;
      }
}

/* out[y][x] = sum of in[...] / n */
void
ax_ref_avg_pool_backward (const AxRefBackward *back)
{
  const AxRefCall *call = back->call;
  const AxShape *in = &call->a->shape;
  const AxShape *out = &call->out->shape;
  const AxWindow *w = &call->node->u.window;
  const double *d_out = back->d_out;
  for (gint64 p = 0; p < out->n * out->c; p++)
    for (gint64 y = 0; y < out->h; y++)
      for (gint64 x = 0; x < out->w; x++)
        {
          gint64 plane = p * ax_ref_plane (in);
          Summary s = summarise (call->a->data + plane, in, w, y, x);
          spread_mean (w, in, y, x, *d_out++ / s.n, back->d_a + plane);
        }
}

/* Entry 4*b + 2*oy + ox is the 2x2/2 pool of entry b that starts at (oy, ox)
 * (algorithms.md 1.4, form B). */
void
ax_ref_fragment (const AxRefCall *call)
{
  static const AxWindow window
      = { .kernel_h = 2, .kernel_w = 2, .stride = 2, .dilation = 1 };
  const AxShape *in = &call->a->shape;
  const AxShape *out = &call->out->shape;
  double *to = call->out->data;
  for (gint64 n = 0; n < out->n; n++)
    for (gint64 c = 0; c < out->c; c++)
      {
        const double *plane
            = call->a->data + (n / 4 * in->c + c) * ax_ref_plane (in);
        const double *start = plane + n / 2 % 2 * in->w + n % 2;
        for (gint64 y = 0; y < out->h; y++)
          for (gint64 x = 0; x < out->w; x++)
            *to++ = summarise (start, in, &window, y, x).max;
      }
}

/* Where fragment @index of 4^depth starts in the whole: its base-4 digits,
 * first FRAGMENT first, are the bits 2*oy + ox of one offset each, and the
 * first FRAGMENT took the finest step. */
static void
get_offset (gint64 index, int depth, gint64 *y, gint64 *x)
{
  *y = *x = 0;
  for (int level = depth - 1; level >= 0; level--)
    {
      *y |= (index / 2 % 2) << level;
      *x |= (index % 2) << level;
      index /= 4;
    }
}

void
ax_ref_defragment (const AxRefCall *call)
{
  const AxShape *in = &call->a->shape;
  const AxShape *out = &call->out->shape;
  int depth = call->node->u.defragment.depth;
  gint64 side = (gint64)1 << depth;
  const double *from = call->a->data;
  for (gint64 n = 0; n < in->n; n++)
    {
      gint64 oy, ox;
      get_offset (n % (side * side), depth, &oy, &ox);
      for (gint64 c = 0; c < in->c; c++)
        {
          double *plane
              = call->out->data
                + (n / (side * side) * out->c + c) * ax_ref_plane (out);
          for (gint64 y = 0; y < in->h; y++)
            for (gint64 x = 0; x < in->w; x++)
              plane[(y * side + oy) * out->w + x * side + ox] = *from++;
        }
    }
}
