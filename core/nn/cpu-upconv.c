#include "core/nn/cpu-upconv.h"

#include "core/nn/cpu-tensor.h"

#include <string.h>

#define N_PLACES 4

struct _AxUpconv
{
  AxDnnlConv *conv;
  AxCpuTensor groups; /* what it gives, in the scratch */
  AxCpuTensor out;
};

gboolean
ax_upconv_suits (const AxDnnlConvSpec *spec)
{
  const AxWindow *w = &spec->window;
  return spec->transpose && !spec->plain_input && w->kernel_h == 2
         && w->kernel_w == 2 && w->stride == 2 && w->dilation == 1
         && w->pad == 0;
}

/* (I, O, 2, 2) to (4 * n_padded, I): a group's channels fill whole blocks. */
static void
group_weights (const AxDnnlConvSpec *spec, gint64 n_padded,
               const float *weights, float *grouped)
{
  const gint64 n_in = spec->in.c, n_out = spec->out.c;
  for (gint64 i = 0; i < n_in; i++)
    for (gint64 o = 0; o < n_out; o++)
      for (gint64 place = 0; place < N_PLACES; place++)
        grouped[(place * n_padded + o) * n_in + i]
            = weights[(i * n_out + o) * N_PLACES + place];
}

static void
group_bias (gint64 n_out, gint64 n_padded, const float *bias, float *grouped)
{
  for (gint64 place = 0; bias != NULL && place < N_PLACES; place++)
    memcpy (grouped + place * n_padded, bias, (gsize)n_out * sizeof *bias);
}

AxStatus
ax_upconv_new (AxDnnl *dnnl, const AxDnnlConvSpec *spec, int lanes,
               const float *weights, const float *bias, AxUpconv **self,
               AxEngineError *error)
{
  AxUpconv *result = g_new0 (AxUpconv, 1);
  AxDnnlConvSpec grouped = *spec;
  result->out = (AxCpuTensor){ .shape = spec->out, .lanes = lanes };
  const gint64 n_padded = ax_cpu_tensor_get_n_blocks (&result->out) * lanes;
  const gsize n_channels = (gsize)(N_PLACES * n_padded);
  grouped.transpose = FALSE;
  grouped.window
      = (AxWindow){ .kernel_h = 1, .kernel_w = 1, .stride = 1, .dilation = 1 };
  grouped.out = spec->in;
  grouped.out.c = N_PLACES * n_padded;
  result->groups = (AxCpuTensor){ .shape = grouped.out, .lanes = lanes };
  g_autofree float *all_weights
      = g_try_new0 (float, n_channels *(gsize)spec->in.c);
  g_autofree float *all_biases = g_new0 (float, n_channels);
  AxStatus status = AX_STATUS_MEMORY;
  if (all_weights != NULL)
    {
      group_weights (spec, n_padded, weights, all_weights);
      group_bias (spec->out.c, n_padded, bias, all_biases);
      status = ax_dnnl_conv_new (dnnl, &grouped, lanes, all_weights, all_biases,
                                 &result->conv, error);
    }
  else
    g_snprintf (error->message, sizeof error->message,
                "not enough memory for the weights");
  if (status == AX_STATUS_OK)
    *self = result;
  else
    ax_upconv_free (result);
  return status;
}

void
ax_upconv_free (AxUpconv *self)
{
  if (self == NULL)
    return;
  ax_dnnl_conv_free (self->conv);
  g_free (self);
}

gsize
ax_upconv_get_weights_bytes (const AxUpconv *self)
{
  return ax_dnnl_conv_get_weights_bytes (self->conv);
}

/* The groups first; they end where a cache line does. */
gsize
ax_upconv_get_scratch_bytes (const AxUpconv *self)
{
  return ax_cpu_tensor_get_bytes (&self->groups)
         + ax_dnnl_conv_get_scratch_bytes (self->conv);
}

/* Row @y of a block of the output, from two groups in turn. */
static void
scatter_row (const AxUpconv *self, gint64 n, gint64 block, gint64 y)
{
  const gint64 n_blocks = ax_cpu_tensor_get_n_blocks (&self->out);
  const int lanes = self->out.lanes;
  const gint64 left_group = y % 2 * 2;
  const float *left = ax_cpu_tensor_get_row (
      &self->groups, n, left_group * n_blocks + block, y / 2);
  const float *right = ax_cpu_tensor_get_row (
      &self->groups, n, (left_group + 1) * n_blocks + block, y / 2);
  float *to = ax_cpu_tensor_get_row (&self->out, n, block, y);
  const gsize bytes = (gsize)lanes * sizeof *to;
  for (gint64 x = 0; x < self->groups.shape.w; x++, to += 2 * lanes)
    {
      memcpy (to, left + x * lanes, bytes);
      memcpy (to + lanes, right + x * lanes, bytes);
    }
}

AxStatus
ax_upconv_run (AxUpconv *self, const float *input, float *output,
               gpointer scratch, int n_threads, AxEngineError *error)
{
  const gsize groups_bytes = ax_cpu_tensor_get_bytes (&self->groups);
  self->groups.data = scratch;
  self->out.data = output;
  AxStatus status = ax_dnnl_conv_run (self->conv, input, self->groups.data,
                                      (char *)scratch + groups_bytes, error);
  if (status != AX_STATUS_OK)
    return status;
  const gint64 n_blocks = ax_cpu_tensor_get_n_blocks (&self->out);
  const gint64 height = self->out.shape.h;
#pragma omp parallel for num_threads(n_threads)
  for (gint64 i = 0; i < self->out.shape.n * n_blocks * height; i++)
    scatter_row (self, i / height / n_blocks, i / height % n_blocks,
                 i % height);
  return AX_STATUS_OK;
}
