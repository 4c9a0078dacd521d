#include "core/nn/cpu-dnnl-train.h"

#include "core/nn/cpu-dnnl-private.h"
#include "core/nn/cpu-memory.h"

#include <string.h>

enum
{
  SOURCE,
  WEIGHTS,
  BIAS,
  DESTINATION,
  SCRATCHPAD,
  N_MEMORIES,
};

/* What a pass calls each memory, and where its description is found; a pass
 * without a bias has 0. */
typedef struct
{
  int argument;
  dnnl_query_t query;
  int index;
} Slot;

static const Slot slots[AX_DNNL_N_PASSES][N_MEMORIES] = {
  [AX_DNNL_FORWARD] = { { DNNL_ARG_SRC, dnnl_query_src_md },
                        { DNNL_ARG_WEIGHTS, dnnl_query_weights_md },
                        { DNNL_ARG_BIAS, dnnl_query_weights_md, 1 },
                        { DNNL_ARG_DST, dnnl_query_dst_md },
                        { DNNL_ARG_SCRATCHPAD, dnnl_query_scratchpad_md } },
  [AX_DNNL_BACKWARD_DATA]
  = { { DNNL_ARG_DIFF_SRC, dnnl_query_diff_src_md },
      { DNNL_ARG_WEIGHTS, dnnl_query_weights_md },
      { 0 },
      { DNNL_ARG_DIFF_DST, dnnl_query_diff_dst_md },
      { DNNL_ARG_SCRATCHPAD, dnnl_query_scratchpad_md } },
  [AX_DNNL_BACKWARD_WEIGHTS]
  = { { DNNL_ARG_SRC, dnnl_query_src_md },
      { DNNL_ARG_DIFF_WEIGHTS, dnnl_query_diff_weights_md },
      { DNNL_ARG_DIFF_BIAS, dnnl_query_diff_weights_md, 1 },
      { DNNL_ARG_DIFF_DST, dnnl_query_diff_dst_md },
      { DNNL_ARG_SCRATCHPAD, dnnl_query_scratchpad_md } },
};

typedef struct
{
  dnnl_primitive_desc_t desc;
  dnnl_primitive_t primitive;
  dnnl_memory_t memories[N_MEMORIES];
  float *weights;           /* oneDNN's order; of the last pass, gradients */
  dnnl_primitive_t reorder; /* from or to the plain order */
} Pass;

struct _AxDnnlTrainConv
{
  AxDnnl *dnnl;
  AxDnnlConvSpec spec, padded;
  float *plain; /* weights of the padded channels, or their gradients */
  float *bias, *d_bias;
  dnnl_memory_t plain_memory;
  Pass passes[AX_DNNL_N_PASSES];
};

/* ------------------------------------------------------------------------ */
/* What oneDNN 3 has changed: see cpu-dnnl.c. */

static dnnl_status_t
init_operation (const AxDnnlConvSpec *spec, AxDnnlPass pass,
                const AxDnnlDesc *d, dnnl_convolution_desc_t *operation)
{
  const AxWindow *w = &spec->window;
  const dnnl_dims_t strides = { w->stride, w->stride };
  const dnnl_dims_t holes = { w->dilation - 1, w->dilation - 1 };
  const dnnl_dims_t pads = { w->pad, w->pad };
  const gboolean t = spec->transpose;
  const dnnl_alg_kind_t way
      = t ? dnnl_deconvolution_direct : dnnl_convolution_direct;
  switch (pass)
    {
    case AX_DNNL_FORWARD:
      return (t ? dnnl_dilated_deconvolution_forward_desc_init
                : dnnl_dilated_convolution_forward_desc_init) (
          operation, dnnl_forward_training, way, &d[SOURCE], &d[WEIGHTS],
          &d[BIAS], &d[DESTINATION], strides, holes, pads, pads);
    case AX_DNNL_BACKWARD_DATA:
      return (t ? dnnl_dilated_deconvolution_backward_data_desc_init
                : dnnl_dilated_convolution_backward_data_desc_init) (
          operation, way, &d[SOURCE], &d[WEIGHTS], &d[DESTINATION], strides,
          holes, pads, pads);
    default:
      return (t ? dnnl_dilated_deconvolution_backward_weights_desc_init
                : dnnl_dilated_convolution_backward_weights_desc_init) (
          operation, way, &d[SOURCE], &d[WEIGHTS], &d[BIAS], &d[DESTINATION],
          strides, holes, pads, pads);
    }
}

static dnnl_status_t
create_desc (AxDnnlTrainConv *self, AxDnnlPass pass, const AxDnnlDesc *descs,
             dnnl_primitive_attr_t attr)
{
  dnnl_convolution_desc_t operation;
  const dnnl_primitive_desc_t forward = self->passes[AX_DNNL_FORWARD].desc;
  dnnl_status_t status
      = init_operation (&self->padded, pass, descs, &operation);
  if (status == dnnl_success)
    status = dnnl_primitive_desc_create (
        &self->passes[pass].desc, &operation, attr, self->dnnl->engine,
        pass == AX_DNNL_FORWARD ? NULL : forward);
  return status;
}

static const AxDnnlDesc *
query_desc (const AxDnnlTrainConv *self, AxDnnlPass pass, int memory)
{
  const Slot *slot = &slots[pass][memory];
  return dnnl_primitive_desc_query_md (self->passes[pass].desc, slot->query,
                                       slot->index);
}

static size_t
get_bytes (const AxDnnlTrainConv *self, AxDnnlPass pass, int memory)
{
  return dnnl_memory_desc_get_size (query_desc (self, pass, memory));
}

/* ------------------------------------------------------------------------ */

static dnnl_status_t
create_reorder (AxDnnlTrainConv *self, AxDnnlPass pass)
{
  const AxDnnlDesc *own = query_desc (self, pass, WEIGHTS);
  const AxDnnlDesc *plain = NULL;
  const gboolean out = pass == AX_DNNL_BACKWARD_WEIGHTS;
  dnnl_primitive_desc_t desc = NULL;
  dnnl_status_t status
      = dnnl_memory_get_memory_desc (self->plain_memory, &plain);
  if (status == dnnl_success)
    status = ax_dnnl_create_reorder_desc (self->dnnl->engine, out ? own : plain,
                                          out ? plain : own, &desc);
  if (status == dnnl_success)
    status = dnnl_primitive_create (&self->passes[pass].reorder, desc);
  dnnl_primitive_desc_destroy (desc);
  return status;
}

static dnnl_status_t
create_pass (AxDnnlTrainConv *self, AxDnnlPass pass)
{
  Pass *made = &self->passes[pass];
  made->weights = ax_cpu_alloc (get_bytes (self, pass, WEIGHTS));
  if (made->weights == NULL)
    return dnnl_out_of_memory;
  dnnl_status_t status = dnnl_primitive_create (&made->primitive, made->desc);
  for (int i = 0; i < N_MEMORIES && status == dnnl_success; i++)
    if (slots[pass][i].argument != 0)
      status
          = dnnl_memory_create (&made->memories[i], query_desc (self, pass, i),
                                self->dnnl->engine, DNNL_MEMORY_NONE);
  if (status == dnnl_success)
    status
        = dnnl_memory_set_data_handle (made->memories[WEIGHTS], made->weights);
  if (status == dnnl_success && made->memories[BIAS] != NULL)
    status = dnnl_memory_set_data_handle (
        made->memories[BIAS],
        pass == AX_DNNL_FORWARD ? self->bias : self->d_bias);
  if (status == dnnl_success)
    status = create_reorder (self, pass);
  return status;
}

static gsize
count_weights (const AxDnnlConvSpec *spec)
{
  return (gsize)(spec->out.c * spec->in.c * spec->window.kernel_h
                 * spec->window.kernel_w);
}

static dnnl_status_t
create_plain (AxDnnlTrainConv *self)
{
  const AxDnnlConvSpec *padded = &self->padded;
  AxDnnlDesc plain;
  self->plain = ax_cpu_alloc (count_weights (padded) * sizeof (float));
  self->bias = ax_cpu_alloc ((gsize)padded->out.c * sizeof (float));
  self->d_bias = ax_cpu_alloc ((gsize)padded->out.c * sizeof (float));
  if (self->plain == NULL || self->bias == NULL || self->d_bias == NULL)
    return dnnl_out_of_memory;
  dnnl_status_t status = ax_dnnl_describe (
      &plain, 4,
      (dnnl_dims_t){ padded->out.c, padded->in.c, padded->window.kernel_h,
                     padded->window.kernel_w },
      padded->transpose ? dnnl_iohw : dnnl_oihw);
  if (status == dnnl_success)
    status = dnnl_memory_create (&self->plain_memory, &plain,
                                 self->dnnl->engine, self->plain);
  return status;
}

/* The forward pass is described even if not wanted: the others ask for it. */
static dnnl_status_t
create_passes (AxDnnlTrainConv *self, int lanes, const gboolean *wanted)
{
  AxDnnlDesc descs[DESTINATION + 1];
  dnnl_primitive_attr_t attr = NULL;
  dnnl_status_t status = ax_dnnl_describe_conv (&self->padded, lanes, descs);
  if (status == dnnl_success)
    status = dnnl_primitive_attr_create (&attr);
  if (status == dnnl_success)
    status = dnnl_primitive_attr_set_scratchpad_mode (
        attr, dnnl_scratchpad_mode_user);
  for (AxDnnlPass pass = 0; pass < AX_DNNL_N_PASSES; pass++)
    {
      if (status == dnnl_success && (wanted[pass] || pass == AX_DNNL_FORWARD))
        status = create_desc (self, pass, descs, attr);
      if (status == dnnl_success && wanted[pass])
        status = create_pass (self, pass);
    }
  dnnl_primitive_attr_destroy (attr);
  return status;
}

AxStatus
ax_dnnl_train_conv_new (AxDnnl *dnnl, const AxDnnlConvSpec *spec, int lanes,
                        const gboolean wanted[AX_DNNL_N_PASSES],
                        AxDnnlTrainConv **self, AxEngineError *error)
{
  AxDnnlTrainConv *conv = g_new0 (AxDnnlTrainConv, 1);
  conv->dnnl = dnnl;
  conv->spec = *spec;
  conv->padded = ax_dnnl_pad_spec (spec, lanes);
  dnnl_status_t status = create_plain (conv);
  if (status == dnnl_success)
    status = create_passes (conv, lanes, wanted);
  if (status != dnnl_success)
    ax_dnnl_train_conv_free (conv);
  else
    *self = conv;
  return ax_dnnl_check (status, "prepare a convolution that learns", error);
}

void
ax_dnnl_train_conv_free (AxDnnlTrainConv *self)
{
  if (self == NULL)
    return;
  for (int i = 0; i < AX_DNNL_N_PASSES; i++)
    {
      Pass *pass = &self->passes[i];
      dnnl_primitive_destroy (pass->reorder);
      for (int k = 0; k < N_MEMORIES; k++)
        dnnl_memory_destroy (pass->memories[k]);
      dnnl_primitive_destroy (pass->primitive);
      dnnl_primitive_desc_destroy (pass->desc);
      ax_cpu_free (pass->weights);
    }
  dnnl_memory_destroy (self->plain_memory);
  ax_cpu_free (self->plain);
  ax_cpu_free (self->bias);
  ax_cpu_free (self->d_bias);
  g_free (self);
}

size_t
ax_dnnl_train_conv_get_scratch_bytes (const AxDnnlTrainConv *self)
{
  size_t bytes = 0;
  for (AxDnnlPass pass = 0; pass < AX_DNNL_N_PASSES; pass++)
    if (self->passes[pass].primitive != NULL)
      bytes = MAX (bytes, get_bytes (self, pass, SCRATCHPAD));
  return bytes;
}

/* Rows of weights that the padding has made longer: @n_rows of @n floats,
 * @n_padded in plain order. */
typedef struct
{
  gsize n_rows, n, n_padded;
} Rows;

static Rows
get_rows (const AxDnnlTrainConv *self)
{
  const gsize kernel
      = (gsize)(self->spec.window.kernel_h * self->spec.window.kernel_w);
  const gboolean t = self->spec.transpose;
  return (Rows){
    .n_rows = (gsize)(t ? self->spec.in.c : self->spec.out.c),
    .n = (gsize)(t ? self->spec.out.c : self->spec.in.c) * kernel,
    .n_padded = (gsize)(t ? self->padded.out.c : self->padded.in.c) * kernel,
  };
}

static dnnl_status_t
run_reorder (AxDnnlTrainConv *self, AxDnnlPass pass)
{
  Pass *p = &self->passes[pass];
  const gboolean out = pass == AX_DNNL_BACKWARD_WEIGHTS;
  dnnl_memory_t own = p->memories[WEIGHTS];
  return dnnl_primitive_execute (
      p->reorder, self->dnnl->stream, 2,
      (dnnl_exec_arg_t[]){ { DNNL_ARG_FROM, out ? own : self->plain_memory },
                           { DNNL_ARG_TO, out ? self->plain_memory : own } });
}

AxStatus
ax_dnnl_train_conv_set_weights (AxDnnlTrainConv *self, const float *weights,
                                const float *bias, AxEngineError *error)
{
  const Rows rows = get_rows (self);
  dnnl_status_t status = dnnl_success;
  memset (self->plain, 0, count_weights (&self->padded) * sizeof (float));
  memset (self->bias, 0, (gsize)self->padded.out.c * sizeof (float));
  for (gsize i = 0; i < rows.n_rows; i++)
    memcpy (self->plain + i * rows.n_padded, weights + i * rows.n,
            rows.n * sizeof (float));
  if (bias != NULL)
    memcpy (self->bias, bias, (gsize)self->spec.out.c * sizeof (float));
  for (AxDnnlPass pass = 0; pass < AX_DNNL_BACKWARD_WEIGHTS; pass++)
    if (self->passes[pass].primitive != NULL && status == dnnl_success)
      status = run_reorder (self, pass);
  if (status == dnnl_success)
    status = dnnl_stream_wait (self->dnnl->stream);
  return ax_dnnl_check (status, "order weights", error);
}

static dnnl_status_t
run_pass (AxDnnlTrainConv *self, AxDnnlPass pass, const float *source,
          const float *destination, void *scratch)
{
  Pass *p = &self->passes[pass];
  dnnl_exec_arg_t arguments[N_MEMORIES];
  int n_arguments = 0;
  for (int i = 0; i < N_MEMORIES; i++)
    if (p->memories[i] != NULL)
      arguments[n_arguments++]
          = (dnnl_exec_arg_t){ slots[pass][i].argument, p->memories[i] };
  dnnl_status_t status
      = dnnl_memory_set_data_handle (p->memories[SOURCE], (void *)source);
  if (status == dnnl_success)
    status = dnnl_memory_set_data_handle (p->memories[DESTINATION],
                                          (void *)destination);
  if (status == dnnl_success)
    status = dnnl_memory_set_data_handle (p->memories[SCRATCHPAD], scratch);
  if (status == dnnl_success)
    status = dnnl_primitive_execute (p->primitive, self->dnnl->stream,
                                     n_arguments, arguments);
  if (status == dnnl_success)
    status = dnnl_stream_wait (self->dnnl->stream);
  return status;
}

AxStatus
ax_dnnl_train_conv_forward (AxDnnlTrainConv *self, const float *input,
                            float *output, void *scratch, AxEngineError *error)
{
  return ax_dnnl_check (
      run_pass (self, AX_DNNL_FORWARD, input, output, scratch),
      "run a convolution", error);
}

AxStatus
ax_dnnl_train_conv_backward_data (AxDnnlTrainConv *self, const float *d_output,
                                  float *d_input, void *scratch,
                                  AxEngineError *error)
{
  return ax_dnnl_check (
      run_pass (self, AX_DNNL_BACKWARD_DATA, d_input, d_output, scratch),
      "find the gradient of a convolution's input", error);
}

AxStatus
ax_dnnl_train_conv_backward_weights (AxDnnlTrainConv *self, const float *input,
                                     const float *d_output, float *d_weights,
                                     float *d_bias, void *scratch,
                                     AxEngineError *error)
{
  const Rows rows = get_rows (self);
  dnnl_status_t status
      = run_pass (self, AX_DNNL_BACKWARD_WEIGHTS, input, d_output, scratch);
  if (status == dnnl_success)
    status = run_reorder (self, AX_DNNL_BACKWARD_WEIGHTS);
  if (status == dnnl_success)
    status = dnnl_stream_wait (self->dnnl->stream);
  if (status != dnnl_success)
    return ax_dnnl_check (status, "find the gradient of weights", error);
  for (gsize i = 0; i < rows.n_rows; i++)
    for (gsize k = 0; k < rows.n; k++)
      d_weights[i * rows.n + k] += self->plain[i * rows.n_padded + k];
  for (gint64 i = 0; d_bias != NULL && i < self->spec.out.c; i++)
    d_bias[i] += self->d_bias[i];
  return AX_STATUS_OK;
}
