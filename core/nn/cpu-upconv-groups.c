#include "core/nn/cpu-upconv-groups.h"

#include <string.h>

#define N_PLACES 4

gboolean
ax_upconv_suits (const AxDnnlConvSpec *spec)
{
  const AxWindow *w = &spec->window;
  return spec->transpose && !spec->plain_input && w->kernel_h == 2
         && w->kernel_w == 2 && w->stride == 2 && w->dilation == 1
         && w->pad == 0;
}

AxUpconvGroups
ax_upconv_groups_init (const AxDnnlConvSpec *spec, int lanes)
{
  AxUpconvGroups self = { .spec = *spec };
  self.out = (AxCpuTensor){ .shape = spec->out, .lanes = lanes };
  self.spec.transpose = FALSE;
  self.spec.window
      = (AxWindow){ .kernel_h = 1, .kernel_w = 1, .stride = 1, .dilation = 1 };
  self.spec.out = spec->in;
  self.spec.out.c = N_PLACES * ax_cpu_tensor_get_n_blocks (&self.out) * lanes;
  self.groups = (AxCpuTensor){ .shape = self.spec.out, .lanes = lanes };
  return self;
}

gsize
ax_upconv_groups_count_weights (const AxUpconvGroups *self)
{
  return (gsize)(self->spec.out.c * self->spec.in.c);
}

gsize
ax_upconv_groups_count_biases (const AxUpconvGroups *self)
{
  return (gsize)self->spec.out.c;
}

/* Of output channel @o at @place. */
static gint64
get_channel (const AxUpconvGroups *self, gint64 place, gint64 o)
{
  return self->spec.out.c / N_PLACES * place + o;
}

void
ax_upconv_groups_set_weights (const AxUpconvGroups *self, const float *weights,
                              const float *bias, float *grouped,
                              float *grouped_bias)
{
  const gint64 n_in = self->spec.in.c, n_out = self->out.shape.c;
  for (gint64 i = 0; i < n_in; i++)
    for (gint64 o = 0; o < n_out; o++)
      for (gint64 place = 0; place < N_PLACES; place++)
        grouped[get_channel (self, place, o) * n_in + i]
            = weights[(i * n_out + o) * N_PLACES + place];
  for (gint64 place = 0; bias != NULL && place < N_PLACES; place++)
    memcpy (grouped_bias + get_channel (self, place, 0), bias,
            (gsize)n_out * sizeof *bias);
}

void
ax_upconv_groups_add_weights (const AxUpconvGroups *self, const float *grouped,
                              const float *grouped_bias, float *d_weights,
                              float *d_bias)
{
  const gint64 n_in = self->spec.in.c, n_out = self->out.shape.c;
  for (gint64 i = 0; i < n_in; i++)
    for (gint64 o = 0; o < n_out; o++)
      for (gint64 place = 0; place < N_PLACES; place++)
        d_weights[(i * n_out + o) * N_PLACES + place]
            += grouped[get_channel (self, place, o) * n_in + i];
  for (gint64 place = 0; d_bias != NULL && place < N_PLACES; place++)
    for (gint64 o = 0; o < n_out; o++)
      d_bias[o] += grouped_bias[get_channel (self, place, o)];
}

/* Row @y of a block of the output, to or from two groups in turn. */
static void
move_row (const AxUpconvGroups *self, gint64 n, gint64 block, gint64 y,
          gboolean scatter)
{
  const gint64 n_blocks = ax_cpu_tensor_get_n_blocks (&self->out);
  const int lanes = self->out.lanes;
  const gint64 left_group = y % 2 * 2;
  float *left = ax_cpu_tensor_get_row (&self->groups, n,
                                       left_group * n_blocks + block, y / 2);
  float *right = ax_cpu_tensor_get_row (
      &self->groups, n, (left_group + 1) * n_blocks + block, y / 2);
  float *whole = ax_cpu_tensor_get_row (&self->out, n, block, y);
  const gsize bytes = (gsize)lanes * sizeof *whole;
  for (gint64 x = 0; x < self->groups.shape.w; x++, whole += 2 * lanes)
    if (scatter)
      {
        memcpy (whole, left + x * lanes, bytes);
        memcpy (whole + lanes, right + x * lanes, bytes);
      }
    else
      {
        memcpy (left + x * lanes, whole, bytes);
        memcpy (right + x * lanes, whole + lanes, bytes);
      }
}

static void
move_rows (const AxUpconvGroups *self, gboolean scatter, int n_threads)
{
  const gint64 n_blocks = ax_cpu_tensor_get_n_blocks (&self->out);
  const gint64 height = self->out.shape.h;
#pragma omp parallel for num_threads(n_threads)
  for (gint64 i = 0; i < self->out.shape.n * n_blocks * height; i++)
    move_row (self, i / height / n_blocks, i / height % n_blocks, i % height,
              scatter);
}

void
ax_upconv_groups_scatter (const AxUpconvGroups *self, int n_threads)
{
  move_rows (self, TRUE, n_threads);
}

void
ax_upconv_groups_gather (const AxUpconvGroups *self, int n_threads)
{
  move_rows (self, FALSE, n_threads);
}
