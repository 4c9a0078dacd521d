#include "core/nn/cpu-dnnl-private.h"

#include "core/nn/cpu-memory.h"

#include <string.h>

/*
 * Written for oneDNN 2.  What oneDNN 3 has changed is all in the part between
 * the two rulers: memory descriptors are handles there, operation descriptors
 * are gone (dnnl_convolution_forward_primitive_desc_create () takes their
 * arguments and the attributes), and post-ops have lost their scale.
 */

enum
{
  SOURCE,
  WEIGHTS,
  BIAS,
  DESTINATION,
  SCRATCHPAD,
  N_MEMORIES,
};

static const int argument_names[N_MEMORIES] = {
  [SOURCE] = DNNL_ARG_SRC,
  [WEIGHTS] = DNNL_ARG_WEIGHTS,
  [BIAS] = DNNL_ARG_BIAS,
  [DESTINATION] = DNNL_ARG_DST,
  [SCRATCHPAD] = DNNL_ARG_SCRATCHPAD,
};

struct _AxDnnlConv
{
  AxDnnl *dnnl;
  dnnl_primitive_desc_t desc;
  dnnl_primitive_t primitive;
  dnnl_memory_t memories[N_MEMORIES];
  gpointer weights; /* oneDNN's order */
  gpointer bias;
  size_t weights_bytes, scratch_bytes;
};

AxStatus
ax_dnnl_check (dnnl_status_t status, const char *what, AxEngineError *error)
{
  if (status == dnnl_success)
    return AX_STATUS_OK;
  g_snprintf (error->message, sizeof error->message,
              "oneDNN failed to %s (status %d)", what, (int)status);
  return status == dnnl_out_of_memory   ? AX_STATUS_MEMORY
         : status == dnnl_unimplemented ? AX_STATUS_UNSUPPORTED
                                        : AX_STATUS_DEVICE;
}

/* ------------------------------------------------------------------------ */

typedef AxDnnlDesc Desc;

dnnl_status_t
ax_dnnl_describe (Desc *desc, int rank, const dnnl_dims_t sides,
                  dnnl_format_tag_t order)
{
  return dnnl_memory_desc_init_by_tag (desc, rank, sides, dnnl_f32, order);
}

static const Desc *
query_desc (const AxDnnlConv *self, int memory)
{
  static const struct
  {
    dnnl_query_t what;
    int index;
  } queries[N_MEMORIES] = {
    [SOURCE] = { dnnl_query_src_md, 0 },
    [WEIGHTS] = { dnnl_query_weights_md, 0 },
    [BIAS] = { dnnl_query_weights_md, 1 },
    [DESTINATION] = { dnnl_query_dst_md, 0 },
    [SCRATCHPAD] = { dnnl_query_scratchpad_md, 0 },
  };
  return dnnl_primitive_desc_query_md (self->desc, queries[memory].what,
                                       queries[memory].index);
}

static size_t
get_bytes (const Desc *desc)
{
  return dnnl_memory_desc_get_size (desc);
}

static dnnl_status_t
append_eltwise (dnnl_post_ops_t operations, dnnl_alg_kind_t kind)
{
  return dnnl_post_ops_append_eltwise (operations, 1.0f, kind, 0.0f, 0.0f);
}

static dnnl_status_t
create_conv_desc (dnnl_engine_t engine, const AxDnnlConvSpec *spec,
                  Desc descs[DESTINATION + 1], dnnl_primitive_attr_t attr,
                  dnnl_primitive_desc_t *desc)
{
  const AxWindow *w = &spec->window;
  const dnnl_dims_t strides = { w->stride, w->stride };
  /* oneDNN counts the holes between taps. */
  const dnnl_dims_t holes = { w->dilation - 1, w->dilation - 1 };
  const dnnl_dims_t pads = { w->pad, w->pad };
  dnnl_convolution_desc_t operation; /* transposed ones are of this type too */
  dnnl_status_t status
      = (spec->transpose ? dnnl_dilated_deconvolution_forward_desc_init
                         : dnnl_dilated_convolution_forward_desc_init) (
          &operation, dnnl_forward_inference,
          spec->transpose ? dnnl_deconvolution_direct : dnnl_convolution_direct,
          &descs[SOURCE], &descs[WEIGHTS], &descs[BIAS], &descs[DESTINATION],
          strides, holes, pads, pads);
  if (status == dnnl_success)
    status = dnnl_primitive_desc_create (desc, &operation, attr, engine, NULL);
  return status;
}

dnnl_status_t
ax_dnnl_create_reorder_desc (dnnl_engine_t engine, const Desc *from,
                             const Desc *to, dnnl_primitive_desc_t *desc)
{
  return dnnl_reorder_primitive_desc_create (desc, from, engine, to, engine,
                                             NULL);
}

/* ------------------------------------------------------------------------ */

void
ax_dnnl_limit_isa (const char *isa)
{
  if (g_str_equal (isa, "generic"))
    (void)dnnl_set_max_cpu_isa (dnnl_cpu_isa_sse41);
  else if (g_str_equal (isa, "avx2"))
    (void)dnnl_set_max_cpu_isa (dnnl_cpu_isa_avx2);
}

gboolean
ax_dnnl_has_avx512 (void)
{
  const int wanted = dnnl_cpu_isa_avx512_core;
  return ((int)dnnl_get_effective_cpu_isa () & wanted) == wanted;
}

void
ax_dnnl_get_version (char *buffer, size_t size)
{
  const dnnl_version_t *version = dnnl_version ();
  g_snprintf (buffer, size, "oneDNN %d.%d.%d", version->major, version->minor,
              version->patch);
}

AxStatus
ax_dnnl_new (AxDnnl **self, AxEngineError *error)
{
  AxDnnl *dnnl = g_new0 (AxDnnl, 1);
  dnnl_status_t status = dnnl_engine_create (&dnnl->engine, dnnl_cpu, 0);
  if (status == dnnl_success)
    status = dnnl_stream_create (&dnnl->stream, dnnl->engine,
                                 dnnl_stream_default_flags);
  if (status != dnnl_success)
    ax_dnnl_free (dnnl);
  else
    *self = dnnl;
  return ax_dnnl_check (status, "start", error);
}

void
ax_dnnl_free (AxDnnl *self)
{
  if (self == NULL)
    return;
  dnnl_stream_destroy (self->stream);
  dnnl_engine_destroy (self->engine);
  g_free (self);
}

dnnl_status_t
ax_dnnl_describe_conv (const AxDnnlConvSpec *spec, int lanes,
                       Desc descs[DESTINATION + 1])
{
  const AxShape *in = &spec->in, *out = &spec->out;
  const dnnl_format_tag_t blocked = lanes == 16 ? dnnl_nChw16c : dnnl_nChw8c;
  dnnl_status_t status = ax_dnnl_describe (
      &descs[SOURCE], 4, (dnnl_dims_t){ in->n, in->c, in->h, in->w },
      spec->plain_input ? dnnl_nchw : blocked);
  if (status == dnnl_success)
    status
        = ax_dnnl_describe (&descs[WEIGHTS], 4,
                            (dnnl_dims_t){ out->c, in->c, spec->window.kernel_h,
                                           spec->window.kernel_w },
                            dnnl_format_tag_any);
  if (status == dnnl_success)
    status
        = ax_dnnl_describe (&descs[BIAS], 1, (dnnl_dims_t){ out->c }, dnnl_x);
  if (status == dnnl_success)
    status = ax_dnnl_describe (&descs[DESTINATION], 4,
                               (dnnl_dims_t){ out->n, out->c, out->h, out->w },
                               blocked);
  return status;
}

static dnnl_status_t
create_primitive (AxDnnlConv *self, const AxDnnlConvSpec *spec, int lanes)
{
  Desc descs[DESTINATION + 1];
  dnnl_primitive_attr_t attr = NULL;
  dnnl_post_ops_t operations = NULL;
  dnnl_status_t status = ax_dnnl_describe_conv (spec, lanes, descs);
  if (status == dnnl_success)
    status = dnnl_primitive_attr_create (&attr);
  if (status == dnnl_success)
    status = dnnl_primitive_attr_set_scratchpad_mode (
        attr, dnnl_scratchpad_mode_user);
  if (status == dnnl_success)
    status = dnnl_post_ops_create (&operations);
  if (status == dnnl_success && spec->relu)
    status = append_eltwise (operations, dnnl_eltwise_relu);
  if (status == dnnl_success && spec->sigmoid)
    status = append_eltwise (operations, dnnl_eltwise_logistic);
  if (status == dnnl_success)
    status = dnnl_primitive_attr_set_post_ops (attr, operations);
  if (status == dnnl_success)
    status
        = create_conv_desc (self->dnnl->engine, spec, descs, attr, &self->desc);
  if (status == dnnl_success)
    status = dnnl_primitive_create (&self->primitive, self->desc);
  dnnl_post_ops_destroy (operations);
  dnnl_primitive_attr_destroy (attr);
  return status;
}

static dnnl_status_t
create_memories (AxDnnlConv *self)
{
  dnnl_status_t status = dnnl_success;
  for (int i = 0; i < N_MEMORIES && status == dnnl_success; i++)
    status = dnnl_memory_create (&self->memories[i], query_desc (self, i),
                                 self->dnnl->engine, DNNL_MEMORY_NONE);
  return status;
}

/* Puts weights into the order that the primitive wants. */
static dnnl_status_t
reorder_weights (AxDnnlConv *self, const AxDnnlConvSpec *spec,
                 const float *weights)
{
  dnnl_engine_t engine = self->dnnl->engine;
  Desc plain;
  dnnl_memory_t from = NULL;
  dnnl_primitive_desc_t desc = NULL;
  dnnl_primitive_t reorder = NULL;
  dnnl_status_t status = ax_dnnl_describe (
      &plain, 4,
      (dnnl_dims_t){ spec->out.c, spec->in.c, spec->window.kernel_h,
                     spec->window.kernel_w },
      spec->transpose ? dnnl_iohw : dnnl_oihw);
  if (status == dnnl_success)
    status = dnnl_memory_create (&from, &plain, engine, (void *)weights);
  if (status == dnnl_success)
    status = ax_dnnl_create_reorder_desc (engine, &plain,
                                          query_desc (self, WEIGHTS), &desc);
  if (status == dnnl_success)
    status = dnnl_primitive_create (&reorder, desc);
  if (status == dnnl_success)
    status = dnnl_primitive_execute (
        reorder, self->dnnl->stream, 2,
        (dnnl_exec_arg_t[]){ { DNNL_ARG_FROM, from },
                             { DNNL_ARG_TO, self->memories[WEIGHTS] } });
  dnnl_primitive_destroy (reorder);
  dnnl_primitive_desc_destroy (desc);
  dnnl_memory_destroy (from);
  return status;
}

static dnnl_status_t
attach_parameters (AxDnnlConv *self, const AxDnnlConvSpec *spec,
                   const float *weights)
{
  self->weights_bytes = get_bytes (query_desc (self, WEIGHTS));
  self->scratch_bytes = get_bytes (query_desc (self, SCRATCHPAD));
  self->weights = ax_cpu_alloc (self->weights_bytes);
  if (self->weights == NULL)
    return dnnl_out_of_memory;
  dnnl_status_t status
      = dnnl_memory_set_data_handle (self->memories[WEIGHTS], self->weights);
  if (status == dnnl_success)
    status = dnnl_memory_set_data_handle (self->memories[BIAS], self->bias);
  if (status == dnnl_success)
    status = reorder_weights (self, spec, weights);
  return status;
}

/* Weights with channels up to those of @padded, the new ones zero. */
static float *
pad_weights (const AxDnnlConvSpec *spec, const AxDnnlConvSpec *padded,
             const float *weights)
{
  const gboolean swap = spec->transpose;
  const gint64 n_rows = swap ? spec->in.c : spec->out.c;
  const gint64 n_columns = swap ? spec->out.c : spec->in.c;
  const gint64 n_padded_rows = swap ? padded->in.c : padded->out.c;
  const gint64 n_padded_columns = swap ? padded->out.c : padded->in.c;
  const gint64 kernel = spec->window.kernel_h * spec->window.kernel_w;
  float *to
      = g_try_new0 (float, (gsize)(n_padded_rows * n_padded_columns * kernel));
  for (gint64 i = 0; to != NULL && i < n_rows; i++)
    memcpy (to + i * n_padded_columns * kernel,
            weights + i * n_columns * kernel,
            (gsize)(n_columns * kernel) * sizeof (float));
  return to;
}

static float *
pad_bias (const AxDnnlConvSpec *spec, const AxDnnlConvSpec *padded,
          const float *bias)
{
  const gsize bytes = (gsize)padded->out.c * sizeof (float);
  float *to = ax_cpu_alloc (bytes);
  if (to == NULL)
    return NULL;
  memset (to, 0, bytes);
  if (bias != NULL)
    memcpy (to, bias, (gsize)spec->out.c * sizeof (float));
  return to;
}

/* To oneDNN the lanes past the last channel are channels: told of a number of
 * channels that does not fill its blocks, it resorts to code that is a
 * thousand times slower. */
AxDnnlConvSpec
ax_dnnl_pad_spec (const AxDnnlConvSpec *spec, int lanes)
{
  AxDnnlConvSpec padded = *spec;
  padded.out.c = (spec->out.c + lanes - 1) / lanes * lanes;
  if (!spec->plain_input)
    padded.in.c = (spec->in.c + lanes - 1) / lanes * lanes;
  return padded;
}

AxStatus
ax_dnnl_conv_new (AxDnnl *dnnl, const AxDnnlConvSpec *spec, int lanes,
                  const float *weights, const float *bias, AxDnnlConv **self,
                  AxEngineError *error)
{
  const AxDnnlConvSpec padded = ax_dnnl_pad_spec (spec, lanes);
  AxDnnlConv *conv = g_new0 (AxDnnlConv, 1);
  conv->dnnl = dnnl;
  g_autofree float *padded_weights = pad_weights (spec, &padded, weights);
  conv->bias = pad_bias (spec, &padded, bias);
  dnnl_status_t status = padded_weights != NULL && conv->bias != NULL
                             ? create_primitive (conv, &padded, lanes)
                             : dnnl_out_of_memory;
  if (status == dnnl_success)
    status = create_memories (conv);
  if (status == dnnl_success)
    status = attach_parameters (conv, &padded, padded_weights);
  if (status != dnnl_success)
    ax_dnnl_conv_free (conv);
  else
    *self = conv;
  return ax_dnnl_check (status, "prepare a convolution", error);
}

void
ax_dnnl_conv_free (AxDnnlConv *self)
{
  if (self == NULL)
    return;
  for (int i = 0; i < N_MEMORIES; i++)
    dnnl_memory_destroy (self->memories[i]);
  dnnl_primitive_destroy (self->primitive);
  dnnl_primitive_desc_destroy (self->desc);
  ax_cpu_free (self->weights);
  ax_cpu_free (self->bias);
  g_free (self);
}

const char *
ax_dnnl_conv_get_name (const AxDnnlConv *self)
{
  const char *name = NULL;
  (void)dnnl_primitive_desc_query (self->desc, dnnl_query_impl_info_str, 0,
                                   &name);
  return name != NULL ? name : "unnamed";
}

size_t
ax_dnnl_conv_get_weights_bytes (const AxDnnlConv *self)
{
  return self->weights_bytes;
}

size_t
ax_dnnl_conv_get_scratch_bytes (const AxDnnlConv *self)
{
  return self->scratch_bytes;
}

AxStatus
ax_dnnl_conv_run (AxDnnlConv *self, const float *input, float *output,
                  void *scratch, AxEngineError *error)
{
  dnnl_exec_arg_t arguments[N_MEMORIES];
  for (int i = 0; i < N_MEMORIES; i++)
    arguments[i] = (dnnl_exec_arg_t){ argument_names[i], self->memories[i] };
  dnnl_status_t status
      = dnnl_memory_set_data_handle (self->memories[SOURCE], (void *)input);
  if (status == dnnl_success)
    status = dnnl_memory_set_data_handle (self->memories[DESTINATION], output);
  if (status == dnnl_success)
    status = dnnl_memory_set_data_handle (self->memories[SCRATCHPAD], scratch);
  if (status == dnnl_success)
    status = dnnl_primitive_execute (self->primitive, self->dnnl->stream,
                                     N_MEMORIES, arguments);
  if (status == dnnl_success)
    status = dnnl_stream_wait (self->dnnl->stream);
  return ax_dnnl_check (status, "run a convolution", error);
}
