#include "core/nn/cpu-upconv.h"

struct _AxUpconv
{
  AxDnnlConv *conv;
  AxUpconvGroups groups;
};

AxStatus
ax_upconv_new (AxDnnl *dnnl, const AxDnnlConvSpec *spec, int lanes,
               const float *weights, const float *bias, AxUpconv **self,
               AxEngineError *error)
{
  AxUpconv *result = g_new0 (AxUpconv, 1);
  result->groups = ax_upconv_groups_init (spec, lanes);
  g_autofree float *all_weights
      = g_try_new0 (float, ax_upconv_groups_count_weights (&result->groups));
  g_autofree float *all_biases
      = g_new0 (float, ax_upconv_groups_count_biases (&result->groups));
  AxStatus status = AX_STATUS_MEMORY;
  if (all_weights != NULL)
    {
      ax_upconv_groups_set_weights (&result->groups, weights, bias, all_weights,
                                    all_biases);
      status = ax_dnnl_conv_new (dnnl, &result->groups.spec, lanes, all_weights,
                                 all_biases, &result->conv, error);
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
  return ax_cpu_tensor_get_bytes (&self->groups.groups)
         + ax_dnnl_conv_get_scratch_bytes (self->conv);
}

AxStatus
ax_upconv_run (AxUpconv *self, const float *input, float *output,
               gpointer scratch, int n_threads, AxEngineError *error)
{
  const gsize bytes = ax_cpu_tensor_get_bytes (&self->groups.groups);
  self->groups.groups.data = scratch;
  self->groups.out.data = output;
  AxStatus status = ax_dnnl_conv_run (self->conv, input, scratch,
                                      (char *)scratch + bytes, error);
  if (status == AX_STATUS_OK)
    ax_upconv_groups_scatter (&self->groups, n_threads);
  return status;
}
