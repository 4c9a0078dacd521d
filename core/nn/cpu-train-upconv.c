#include "core/nn/cpu-train-upconv.h"

#include "core/nn/cpu-dnnl-train.h"

#include <string.h>

struct _AxTrainUpconv
{
  AxDnnlTrainConv *conv;
  AxUpconvGroups groups;
  float *weights, *bias; /* of @conv, or their gradients */
  int n_threads;
};

static AxStatus
fail_memory (AxEngineError *error)
{
  g_strlcpy (error->message, "not enough memory for the weights",
             sizeof error->message);
  return AX_STATUS_MEMORY;
}

AxStatus
ax_train_upconv_new (AxDnnl *dnnl, const AxDnnlConvSpec *spec, int lanes,
                     gboolean wants_d_input, int n_threads,
                     AxTrainUpconv **self, AxEngineError *error)
{
  AxTrainUpconv *result = g_new0 (AxTrainUpconv, 1);
  const gboolean wanted[AX_DNNL_N_PASSES] = {
    [AX_DNNL_FORWARD] = TRUE,
    [AX_DNNL_BACKWARD_DATA] = wants_d_input,
    [AX_DNNL_BACKWARD_WEIGHTS] = TRUE,
  };
  result->n_threads = n_threads;
  result->groups = ax_upconv_groups_init (spec, lanes);
  result->weights
      = g_try_new (float, ax_upconv_groups_count_weights (&result->groups));
  result->bias
      = g_try_new (float, ax_upconv_groups_count_biases (&result->groups));
  AxStatus status
      = result->weights == NULL || result->bias == NULL
            ? fail_memory (error)
            : ax_dnnl_train_conv_new (dnnl, &result->groups.spec, lanes, wanted,
                                      &result->conv, error);
  if (status == AX_STATUS_OK)
    *self = result;
  else
    ax_train_upconv_free (result);
  return status;
}

void
ax_train_upconv_free (AxTrainUpconv *self)
{
  if (self == NULL)
    return;
  ax_dnnl_train_conv_free (self->conv);
  g_free (self->weights);
  g_free (self->bias);
  g_free (self);
}

/* The groups first; they end where a cache line does. */
gsize
ax_train_upconv_get_scratch_bytes (const AxTrainUpconv *self)
{
  return ax_cpu_tensor_get_bytes (&self->groups.groups)
         + ax_dnnl_train_conv_get_scratch_bytes (self->conv);
}

static void
clear_weights (AxTrainUpconv *self)
{
  memset (self->weights, 0,
          ax_upconv_groups_count_weights (&self->groups) * sizeof (float));
  memset (self->bias, 0,
          ax_upconv_groups_count_biases (&self->groups) * sizeof (float));
}

AxStatus
ax_train_upconv_set_weights (AxTrainUpconv *self, const float *weights,
                             const float *bias, AxEngineError *error)
{
  clear_weights (self);
  ax_upconv_groups_set_weights (&self->groups, weights, bias, self->weights,
                                self->bias);
  return ax_dnnl_train_conv_set_weights (self->conv, self->weights, self->bias,
                                         error);
}

/* Where the convolution itself works. */
static gpointer
divide_scratch (AxTrainUpconv *self, gpointer scratch)
{
  self->groups.groups.data = scratch;
  return (char *)scratch + ax_cpu_tensor_get_bytes (&self->groups.groups);
}

AxStatus
ax_train_upconv_forward (AxTrainUpconv *self, const float *input, float *output,
                         gpointer scratch, AxEngineError *error)
{
  gpointer rest = divide_scratch (self, scratch);
  AxStatus status
      = ax_dnnl_train_conv_forward (self->conv, input, scratch, rest, error);
  self->groups.out.data = output;
  if (status == AX_STATUS_OK)
    ax_upconv_groups_scatter (&self->groups, self->n_threads);
  return status;
}

AxStatus
ax_train_upconv_backward (AxTrainUpconv *self, const float *input,
                          const float *d_output, float *d_input,
                          float *d_weights, float *d_bias, gpointer scratch,
                          AxEngineError *error)
{
  gpointer rest = divide_scratch (self, scratch);
  self->groups.out.data = (float *)d_output; /* only read */
  ax_upconv_groups_gather (&self->groups, self->n_threads);
  clear_weights (self);
  AxStatus status = ax_dnnl_train_conv_backward_weights (
      self->conv, input, scratch, self->weights, self->bias, rest, error);
  if (status == AX_STATUS_OK && d_input != NULL)
    status = ax_dnnl_train_conv_backward_data (self->conv, scratch, d_input,
                                               rest, error);
  if (status == AX_STATUS_OK)
    ax_upconv_groups_add_weights (&self->groups, self->weights, self->bias,
                                  d_weights, d_bias);
  return status;
}
