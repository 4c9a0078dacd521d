#include "core/nn/cpu-train-conv.h"

#include "core/nn/cpu-dnnl-train.h"
#include "core/nn/cpu-train-upconv.h"

#define N_TAPS 9 /* of what Winograd's algorithm does */

struct _AxCpuTrainConv
{
  const AxCpuMachine *machine;
  AxShape in, out;
  AxWinograd *forward;  /* NULL: through oneDNN */
  AxWinograd *backward; /* of the input; NULL: through oneDNN */
  AxDnnlTrainConv *dnnl;
  AxTrainUpconv *upconv; /* NULL unless it does all, and the others are NULL */
  float *turned;         /* weights for @backward */
};

/* @window: of a plain convolution from @in to @out */
static gboolean
find_winograd (AxCpuTrainConv *self, const AxWindow *window, const AxShape *in,
               const AxShape *out, AxWinograd **winograd)
{
  const AxCpuKernels *kernels = self->machine->kernels;
  if (window->pad < 0 || !ax_winograd_suits (kernels, window, in, out))
    return TRUE;
  const AxWinogradSpec spec = {
    .in = *in, .out = *out, .dilation = window->dilation, .pad = window->pad
  };
  g_autofree float *zeros
      = g_try_new0 (float, (gsize)(in->c * out->c * N_TAPS));
  *winograd = zeros == NULL ? NULL
                            : ax_winograd_new (kernels, &spec, zeros, NULL,
                                               self->machine->n_threads);
  return *winograd != NULL;
}

/* The gradient of the input is a convolution too: of the gradient of the
 * output, with the taps turned about and both kinds of channels exchanged. */
static gboolean
find_backward (AxCpuTrainConv *self, const AxWindow *window)
{
  AxWindow turned = *window;
  turned.pad = window->dilation * (window->kernel_h - 1) - window->pad;
  if (!find_winograd (self, &turned, &self->out, &self->in, &self->backward))
    return FALSE;
  if (self->backward == NULL)
    return TRUE;
  self->turned = g_try_new (float, (gsize)(self->in.c * self->out.c * N_TAPS));
  return self->turned != NULL;
}

static AxStatus
finish (AxCpuTrainConv *conv, AxStatus status, AxCpuTrainConv **self)
{
  if (status != AX_STATUS_OK)
    ax_cpu_train_conv_free (conv);
  else
    *self = conv;
  return status;
}

AxStatus
ax_cpu_train_conv_new (const AxCpuMachine *machine, const AxNode *node,
                       const AxCpuTensor *in, const AxCpuTensor *out,
                       gboolean wants_d_input, AxCpuTrainConv **self,
                       AxEngineError *error)
{
  const gboolean transpose = node->kind == AX_NODE_CONV_TRANSPOSE;
  const AxWindow *window = &node->u.window;
  const AxDnnlConvSpec spec = { .in = in->shape,
                                .out = out->shape,
                                .window = *window,
                                .transpose = transpose,
                                .plain_input = in->lanes == 1 };
  AxCpuTrainConv *conv = g_new0 (AxCpuTrainConv, 1);
  conv->machine = machine;
  conv->in = in->shape;
  conv->out = out->shape;
  if (!transpose
      && !(find_winograd (conv, window, &in->shape, &out->shape, &conv->forward)
           && (!wants_d_input || find_backward (conv, window))))
    {
      ax_cpu_train_conv_free (conv);
      g_strlcpy (error->message, "not enough memory for the weights",
                 sizeof error->message);
      return AX_STATUS_MEMORY;
    }
  if (ax_upconv_suits (&spec))
    {
      AxStatus status = ax_train_upconv_new (machine->dnnl, &spec, out->lanes,
                                             wants_d_input, machine->n_threads,
                                             &conv->upconv, error);
      return finish (conv, status, self);
    }
  const gboolean wanted[AX_DNNL_N_PASSES] = {
    [AX_DNNL_FORWARD] = conv->forward == NULL,
    [AX_DNNL_BACKWARD_DATA] = wants_d_input && conv->backward == NULL,
    [AX_DNNL_BACKWARD_WEIGHTS] = TRUE,
  };
  AxStatus status = ax_dnnl_train_conv_new (machine->dnnl, &spec, out->lanes,
                                            wanted, &conv->dnnl, error);
  return finish (conv, status, self);
}

void
ax_cpu_train_conv_free (AxCpuTrainConv *self)
{
  if (self == NULL)
    return;
  ax_winograd_free (self->forward);
  ax_winograd_free (self->backward);
  ax_dnnl_train_conv_free (self->dnnl);
  ax_train_upconv_free (self->upconv);
  g_free (self->turned);
  g_free (self);
}

gsize
ax_cpu_train_conv_get_scratch_bytes (const AxCpuTrainConv *self)
{
  if (self->upconv != NULL)
    return ax_train_upconv_get_scratch_bytes (self->upconv);
  gsize bytes = ax_dnnl_train_conv_get_scratch_bytes (self->dnnl);
  if (self->forward != NULL)
    bytes = MAX (bytes, ax_winograd_get_scratch_bytes (self->forward));
  if (self->backward != NULL)
    bytes = MAX (bytes, ax_winograd_get_scratch_bytes (self->backward));
  return bytes;
}

static void
turn_weights (AxCpuTrainConv *self, const float *weights)
{
  for (gint64 o = 0; o < self->out.c; o++)
    for (gint64 i = 0; i < self->in.c; i++)
      for (int tap = 0; tap < N_TAPS; tap++)
        self->turned[(i * self->out.c + o) * N_TAPS + N_TAPS - 1 - tap]
            = weights[(o * self->in.c + i) * N_TAPS + tap];
}

AxStatus
ax_cpu_train_conv_set_weights (AxCpuTrainConv *self, const float *weights,
                               const float *bias, AxEngineError *error)
{
  if (self->upconv != NULL)
    return ax_train_upconv_set_weights (self->upconv, weights, bias, error);
  if (self->forward != NULL)
    ax_winograd_set_weights (self->forward, weights, bias);
  if (self->backward != NULL)
    {
      turn_weights (self, weights);
      ax_winograd_set_weights (self->backward, self->turned, NULL);
    }
  return ax_dnnl_train_conv_set_weights (self->dnnl, weights, bias, error);
}

AxStatus
ax_cpu_train_conv_forward (AxCpuTrainConv *self, const float *input,
                           float *output, gpointer scratch,
                           AxEngineError *error)
{
  if (self->upconv != NULL)
    return ax_train_upconv_forward (self->upconv, input, output, scratch,
                                    error);
  if (self->forward == NULL)
    return ax_dnnl_train_conv_forward (self->dnnl, input, output, scratch,
                                       error);
  ax_winograd_run (self->forward, input, output, scratch);
  return AX_STATUS_OK;
}

AxStatus
ax_cpu_train_conv_backward (AxCpuTrainConv *self, const float *input,
                            const float *d_output, float *d_input,
                            float *d_weights, float *d_bias, gpointer scratch,
                            AxEngineError *error)
{
  if (self->upconv != NULL)
    return ax_train_upconv_backward (self->upconv, input, d_output, d_input,
                                     d_weights, d_bias, scratch, error);
  AxStatus status = ax_dnnl_train_conv_backward_weights (
      self->dnnl, input, d_output, d_weights, d_bias, scratch, error);
  if (d_input == NULL || status != AX_STATUS_OK)
    return status;
  if (self->backward == NULL)
    return ax_dnnl_train_conv_backward_data (self->dnnl, d_output, d_input,
                                             scratch, error);
  ax_winograd_run (self->backward, d_output, d_input, scratch);
  return AX_STATUS_OK;
}
