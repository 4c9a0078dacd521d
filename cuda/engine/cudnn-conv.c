#include "cuda/engine/cudnn-conv.h"

#include "cuda/engine/cudnn-graph.h"
#include "cuda/engine/fail.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Asked for of each mode of cuDNN's heuristics.  For floats its first dozens
 * take tensor cores and are passed over. */
#define MAX_CONFIGS 64
/* Of these at most so many from the first mode, to leave room for the last
 * resort. */
#define MAX_RECOMMENDED (AX_CUDNN_MAX_WAYS - 2)

typedef cudnnBackendDescriptor_t Descriptor;

struct AxCudnn
{
  cudnnHandle_t handle; /* NULL: described */
  Descriptor device;
};

struct AxCudnnConv
{
  AxCudnn *cudnn;
  bool has_bias;
  AxCudnnGraph graph; /* empty when loaded */
  Descriptor configs[AX_CUDNN_MAX_WAYS];
  Descriptor plans[AX_CUDNN_MAX_WAYS];
  size_t workspaces[AX_CUDNN_MAX_WAYS];
  int n_ways, n_recommended;
};

static AxStatus
fail (AxEngineError *error, cudnnStatus_t status, const char *what)
{
  AxStatus code = AX_STATUS_DEVICE;
  if (status == CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED
      || status == CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED)
    code = AX_STATUS_MEMORY;
  else if (CUDNN_STATUS_CATEGORY (status) == CUDNN_STATUS_NOT_SUPPORTED)
    code = AX_STATUS_UNSUPPORTED;
  return ax_cuda_fail (error, code, "cuDNN: %s: %s", what,
                       cudnnGetErrorString (status));
}

static void
destroy (Descriptor *descriptor)
{
  if (*descriptor != NULL)
    cudnnBackendDestroyDescriptor (*descriptor);
  *descriptor = NULL;
}

AxStatus
ax_cudnn_new (int32_t id, cudaStream_t stream, AxCudnn **cudnn,
              AxEngineError *error)
{
  AxCudnn *self = calloc (1, sizeof *self);
  if (self == NULL)
    return ax_cuda_fail_memory (error, sizeof *self);
  cudnnStatus_t status = cudnnCreate (&self->handle);
  if (status == CUDNN_STATUS_SUCCESS)
    status = cudnnSetStream (self->handle, stream);
  if (status == CUDNN_STATUS_SUCCESS)
    status = cudnnBackendCreateDescriptor (CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR,
                                           &self->device);
  if (status == CUDNN_STATUS_SUCCESS)
    status = cudnnBackendSetAttribute (self->device,
                                       CUDNN_ATTR_DEVICEPROP_DEVICE_ID,
                                       CUDNN_TYPE_INT32, 1, &id);
  if (status == CUDNN_STATUS_SUCCESS)
    status = cudnnBackendFinalize (self->device);
  if (status == CUDNN_STATUS_SUCCESS)
    {
      *cudnn = self;
      return AX_STATUS_OK;
    }
  ax_cudnn_free (self);
  return fail (error, status, "starting");
}

AxStatus
ax_cudnn_new_described (const char *json, AxCudnn **cudnn, AxEngineError *error)
{
  AxCudnn *self = calloc (1, sizeof *self);
  if (self == NULL)
    return ax_cuda_fail_memory (error, sizeof *self);
  cudnnStatus_t status = cudnnBackendCreateDescriptor (
      CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR, &self->device);
  if (status == CUDNN_STATUS_SUCCESS)
    status = cudnnBackendSetAttribute (
        self->device, CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION,
        CUDNN_TYPE_CHAR, (int64_t)strlen (json), json);
  if (status == CUDNN_STATUS_SUCCESS)
    status = cudnnBackendFinalize (self->device);
  if (status == CUDNN_STATUS_SUCCESS)
    {
      *cudnn = self;
      return AX_STATUS_OK;
    }
  ax_cudnn_free (self);
  return fail (error, status, "the description of a device");
}

void
ax_cudnn_free (AxCudnn *self)
{
  if (self == NULL)
    return;
  destroy (&self->device);
  if (self->handle != NULL)
    cudnnDestroy (self->handle);
  free (self);
}

/* Whether what a note says of an engine's numbers can be had. */
static bool
is_harmless (cudnnBackendNumericalNote_t note, bool is_half)
{
  switch (note)
    {
    case CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC:
    case CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION:
    case CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS:
      return false;
    case CUDNN_NUMERICAL_NOTE_TENSOR_CORE:
      return is_half;
    case CUDNN_NUMERICAL_NOTE_FFT:
    case CUDNN_NUMERICAL_NOTE_WINOGRAD:
      return !is_half;
    default:
      return true;
    }
}

/* Whether an engine gives the numbers that are wanted, each time. */
static bool
is_exact (Descriptor config, bool is_half)
{
  cudnnBackendNumericalNote_t notes[CUDNN_NUMERICAL_NOTE_TYPE_COUNT];
  int64_t n_notes = 0, n_engines = 0;
  Descriptor engine = NULL;
  bool exact
      = cudnnBackendCreateDescriptor (CUDNN_BACKEND_ENGINE_DESCRIPTOR, &engine)
            == CUDNN_STATUS_SUCCESS
        && cudnnBackendGetAttribute (config, CUDNN_ATTR_ENGINECFG_ENGINE,
                                     CUDNN_TYPE_BACKEND_DESCRIPTOR, 1,
                                     &n_engines, &engine)
               == CUDNN_STATUS_SUCCESS
        && cudnnBackendGetAttribute (engine, CUDNN_ATTR_ENGINE_NUMERICAL_NOTE,
                                     CUDNN_TYPE_NUMERICAL_NOTE,
                                     CUDNN_NUMERICAL_NOTE_TYPE_COUNT, &n_notes,
                                     notes)
               == CUDNN_STATUS_SUCCESS;
  for (int64_t i = 0; exact && i < n_notes; i++)
    exact = is_harmless (notes[i], is_half);
  destroy (&engine);
  return exact;
}

/* A way made of @config, which is taken over if there is one. */
static bool
add_way (AxCudnnConv *self, Descriptor config, size_t max_workspace)
{
  int64_t workspace = 0, count = 0;
  Descriptor plan = NULL;
  const bool good
      = cudnnBackendCreateDescriptor (CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR,
                                      &plan)
            == CUDNN_STATUS_SUCCESS
        && cudnnBackendSetAttribute (plan,
                                     CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG,
                                     CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &config)
               == CUDNN_STATUS_SUCCESS
        && cudnnBackendSetAttribute (plan, CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP,
                                     CUDNN_TYPE_BACKEND_DESCRIPTOR, 1,
                                     &self->cudnn->device)
               == CUDNN_STATUS_SUCCESS
        && cudnnBackendFinalize (plan) == CUDNN_STATUS_SUCCESS
        && cudnnBackendGetAttribute (plan,
                                     CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE,
                                     CUDNN_TYPE_INT64, 1, &count, &workspace)
               == CUDNN_STATUS_SUCCESS
        && (size_t)workspace <= max_workspace;
  if (!good)
    {
      destroy (&plan);
      return false;
    }
  self->configs[self->n_ways] = config;
  self->plans[self->n_ways] = plan;
  self->workspaces[self->n_ways++] = (size_t)workspace;
  return true;
}

/* Engines that cannot be had are passed over, as is a mode that knows none. */
static void
ask_heuristics (AxCudnnConv *self, cudnnBackendHeurMode_t mode, bool is_half,
                size_t max_workspace, int max_ways)
{
  Descriptor configs[MAX_CONFIGS] = { NULL };
  int64_t n_configs = 0;
  Descriptor heuristics = NULL;
  const Descriptor graph = self->graph.graph;
  for (int i = 0; i < MAX_CONFIGS; i++)
    cudnnBackendCreateDescriptor (CUDNN_BACKEND_ENGINECFG_DESCRIPTOR,
                                  &configs[i]);
  const bool good
      = cudnnBackendCreateDescriptor (CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR,
                                      &heuristics)
            == CUDNN_STATUS_SUCCESS
        && cudnnBackendSetAttribute (heuristics,
                                     CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH,
                                     CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &graph)
               == CUDNN_STATUS_SUCCESS
        && cudnnBackendSetAttribute (heuristics, CUDNN_ATTR_ENGINEHEUR_MODE,
                                     CUDNN_TYPE_HEUR_MODE, 1, &mode)
               == CUDNN_STATUS_SUCCESS
        && cudnnBackendSetAttribute (
               heuristics, CUDNN_ATTR_ENGINEHEUR_DEVICEPROP,
               CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &self->cudnn->device)
               == CUDNN_STATUS_SUCCESS
        && cudnnBackendFinalize (heuristics) == CUDNN_STATUS_SUCCESS
        && cudnnBackendGetAttribute (heuristics, CUDNN_ATTR_ENGINEHEUR_RESULTS,
                                     CUDNN_TYPE_BACKEND_DESCRIPTOR, MAX_CONFIGS,
                                     &n_configs, configs)
               == CUDNN_STATUS_SUCCESS;
  for (int64_t i = 0; good && i < n_configs && self->n_ways < max_ways; i++)
    if (is_exact (configs[i], is_half)
        && add_way (self, configs[i], max_workspace))
      configs[i] = NULL;
  for (int i = 0; i < MAX_CONFIGS; i++)
    destroy (&configs[i]);
  destroy (&heuristics);
}

static AxCudnnConv *
conv_alloc (AxCudnn *cudnn)
{
  AxCudnnConv *self = calloc (1, sizeof *self);
  if (self != NULL)
    self->cudnn = cudnn;
  return self;
}

AxStatus
ax_cudnn_conv_new (AxCudnn *cudnn, const AxCudaConvSpec *spec,
                   size_t max_workspace, AxCudnnConv **conv,
                   AxEngineError *error)
{
  AxStatus status = AX_STATUS_OK;
  AxCudnnConv *self = conv_alloc (cudnn);
  if (self == NULL)
    return ax_cuda_fail_memory (error, sizeof *self);
  self->has_bias = spec->kind == AX_CUDA_CONV_FORWARD;
  ax_cudnn_graph_init (&self->graph, spec);
  if (self->graph.status != CUDNN_STATUS_SUCCESS)
    status = fail (error, self->graph.status, self->graph.what);
  else
    {
      ask_heuristics (self, CUDNN_HEUR_MODE_B, spec->is_half, max_workspace,
                      MAX_RECOMMENDED);
      self->n_recommended = self->n_ways;
      ask_heuristics (self, CUDNN_HEUR_MODE_FALLBACK, spec->is_half,
                      max_workspace, AX_CUDNN_MAX_WAYS);
      if (self->n_ways == 0)
        status = ax_cuda_fail (
            error, AX_STATUS_UNSUPPORTED,
            "cuDNN: no way to convolve %lld x %lld x %lld x %lld",
            (long long)spec->in.n, (long long)spec->in.c, (long long)spec->in.h,
            (long long)spec->in.w);
    }
  if (status != AX_STATUS_OK)
    ax_cudnn_conv_free (self);
  else
    *conv = self;
  return status;
}

AxStatus
ax_cudnn_conv_load (AxCudnn *cudnn, const AxCudaConvSpec *spec,
                    const char *text, size_t length, AxCudnnConv **conv,
                    AxEngineError *error)
{
  int64_t workspace = 0, count = 0;
  AxCudnnConv *self = conv_alloc (cudnn);
  if (self == NULL)
    return ax_cuda_fail_memory (error, sizeof *self);
  self->has_bias = spec->kind == AX_CUDA_CONV_FORWARD;
  self->n_ways = 1;
  cudnnStatus_t status = cudnnBackendCreateDescriptor (
      CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR, &self->plans[0]);
  if (status == CUDNN_STATUS_SUCCESS)
    status = cudnnBackendSetAttribute (
        self->plans[0], CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP,
        CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &cudnn->device);
  if (status == CUDNN_STATUS_SUCCESS)
    status = cudnnBackendSetAttribute (
        self->plans[0], CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION,
        CUDNN_TYPE_CHAR, (int64_t)length, text);
  if (status == CUDNN_STATUS_SUCCESS)
    status = cudnnBackendFinalize (self->plans[0]);
  if (status == CUDNN_STATUS_SUCCESS)
    status = cudnnBackendGetAttribute (self->plans[0],
                                       CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE,
                                       CUDNN_TYPE_INT64, 1, &count, &workspace);
  if (status != CUDNN_STATUS_SUCCESS)
    {
      ax_cudnn_conv_free (self);
      return fail (error, status, "a plan that was kept");
    }
  self->workspaces[0] = (size_t)workspace;
  *conv = self;
  return AX_STATUS_OK;
}

static void
destroy_way (AxCudnnConv *self, int way)
{
  destroy (&self->plans[way]);
  destroy (&self->configs[way]);
}

void
ax_cudnn_conv_free (AxCudnnConv *self)
{
  if (self == NULL)
    return;
  for (int i = 0; i < self->n_ways; i++)
    destroy_way (self, i);
  ax_cudnn_graph_clear (&self->graph);
  free (self);
}

int
ax_cudnn_conv_get_n_ways (const AxCudnnConv *self)
{
  return self->n_ways;
}

int
ax_cudnn_conv_get_n_recommended (const AxCudnnConv *self)
{
  return self->n_recommended;
}

size_t
ax_cudnn_conv_get_workspace (const AxCudnnConv *self, int way)
{
  return self->workspaces[way];
}

void
ax_cudnn_conv_keep (AxCudnnConv *self, int way)
{
  const Descriptor plan = self->plans[way], config = self->configs[way];
  self->plans[way] = self->configs[way] = NULL;
  for (int i = 0; i < self->n_ways; i++)
    destroy_way (self, i);
  self->plans[0] = plan;
  self->configs[0] = config;
  self->workspaces[0] = self->workspaces[way];
  self->n_ways = 1;
}

char *
ax_cudnn_conv_save (const AxCudnnConv *self, size_t *length)
{
  int64_t count = 0;
  if (cudnnBackendGetAttribute (self->plans[0],
                                CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION,
                                CUDNN_TYPE_CHAR, 0, &count, NULL)
          != CUDNN_STATUS_SUCCESS
      || count <= 0)
    return NULL;
  char *text = calloc ((size_t)count + 1, 1);
  if (text == NULL
      || cudnnBackendGetAttribute (
             self->plans[0], CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION,
             CUDNN_TYPE_CHAR, count, &count, text)
             != CUDNN_STATUS_SUCCESS)
    {
      free (text);
      return NULL;
    }
  *length = (size_t)count;
  return text;
}

AxStatus
ax_cudnn_conv_run (AxCudnnConv *self, int way, const AxCudaConvData *data,
                   void *workspace, AxEngineError *error)
{
  const int64_t uids[] = { AX_CUDNN_UID_IN, AX_CUDNN_UID_FILTER,
                           AX_CUDNN_UID_OUT, AX_CUDNN_UID_BIAS };
  const void *const pointers[]
      = { data->in, data->filter, data->out, data->bias };
  const int64_t n_tensors = self->has_bias ? 4 : 3;
  Descriptor pack = NULL;
  cudnnStatus_t status = cudnnBackendCreateDescriptor (
      CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR, &pack);
  if (status == CUDNN_STATUS_SUCCESS)
    status = cudnnBackendSetAttribute (pack, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS,
                                       CUDNN_TYPE_INT64, n_tensors, uids);
  if (status == CUDNN_STATUS_SUCCESS)
    status
        = cudnnBackendSetAttribute (pack, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS,
                                    CUDNN_TYPE_VOID_PTR, n_tensors, pointers);
  if (status == CUDNN_STATUS_SUCCESS)
    status = cudnnBackendSetAttribute (pack, CUDNN_ATTR_VARIANT_PACK_WORKSPACE,
                                       CUDNN_TYPE_VOID_PTR, 1, &workspace);
  if (status == CUDNN_STATUS_SUCCESS)
    status = cudnnBackendFinalize (pack);
  if (status == CUDNN_STATUS_SUCCESS)
    status = cudnnBackendExecute (self->cudnn->handle, self->plans[way], pack);
  destroy (&pack);
  return status == CUDNN_STATUS_SUCCESS ? AX_STATUS_OK
                                        : fail (error, status, "a convolution");
}
