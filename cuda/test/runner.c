#include "cuda/test/runner.h"

#include "cuda/engine/plan.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void *
runner_allocate (int64_t count, size_t size)
{
  void *memory = calloc ((size_t)count, size);
  if (memory != NULL)
    return memory;
  fputs ("out of memory\n", stderr);
  exit (1);
}

const AxEngineOps *
runner_load (const char *path)
{
  AxEngineOpsFunc get_ops = NULL;
  void *module = dlopen (path, RTLD_NOW | RTLD_LOCAL);
  void *symbol = module != NULL ? dlsym (module, AX_ENGINE_SYMBOL) : NULL;
  if (symbol == NULL)
    {
      fprintf (stderr, "%s\n", dlerror ());
      exit (1);
    }
  memcpy (&get_ops, &symbol, sizeof get_ops);
  return get_ops ();
}

/* Shapes as the engine's own plan has them. */
static int64_t
view_outputs (const Net *net, int32_t n, int32_t h, int32_t w,
              AxTensorView *views)
{
  AxEngineError error = { "" };
  AxCudaPlan *plan = NULL;
  int64_t n_values = 0;
  const AxGraphView graph = net_view (net);
  if (ax_cuda_plan_new (&graph, n, h, w, 0, sizeof (float),
                        AX_CUDA_MAX_ELEMENTS, &plan, &error)
      != AX_STATUS_OK)
    {
      fprintf (stderr, "%s\n", error.message);
      exit (1);
    }
  for (int32_t i = 0; i < plan->n_outputs; i++)
    {
      const AxCudaShape *s = &plan->values[plan->outputs[i]].shape;
      views[i] = (AxTensorView){ .dtype = AX_DTYPE_F32,
                                 .rank = 4,
                                 .shape = { s->n, s->c, s->h, s->w } };
      n_values += s->n * s->c * s->h * s->w;
    }
  ax_cuda_plan_free (plan);
  return n_values;
}

AxStatus
runner_init (Runner *self, const AxEngineOps *ops, AxPrecision precision,
             int64_t memory, const Net *net, int32_t n, int32_t h, int32_t w,
             AxEngineError *error)
{
  const AxEngineOptions options
      = { .precision = (int32_t)precision, .memory_bytes = memory };
  const AxGraphView graph = net_view (net);
  AxTensorView views[AX_MAX_OUTPUTS];
  *self = (Runner){ .ops = ops, .net = net, .n = n, .h = h, .w = w };
  self->n_values = view_outputs (net, n, h, w, views);
  AxStatus status = ops->create (&options, &self->context, error);
  if (status != AX_STATUS_OK)
    return status;
  status = ops->compile (self->context, &graph, net->params, n, h, w,
                         &self->plan, error);
  if (status != AX_STATUS_OK)
    ops->destroy (self->context);
  return status;
}

void
runner_clear (Runner *self)
{
  self->ops->plan_free (self->plan);
  self->ops->destroy (self->context);
}

/* The views of a pass. */
static AxTensorView
view_pass (const Runner *self, const uint8_t *rgb, float *values,
           AxTensorView outputs[AX_MAX_OUTPUTS])
{
  view_outputs (self->net, self->n, self->h, self->w, outputs);
  for (int32_t i = 0; i < self->net->n_outputs; i++)
    {
      const int64_t *s = outputs[i].shape;
      outputs[i].data = values;
      values += s[0] * s[1] * s[2] * s[3];
    }
  return (AxTensorView){ .data = (void *)rgb,
                         .dtype = AX_DTYPE_U8,
                         .rank = 4,
                         .shape = { self->n, self->h, self->w, 3 } };
}

AxStatus
runner_forward (const Runner *self, const uint8_t *rgb, float *values,
                AxEngineError *error)
{
  AxTensorView outputs[AX_MAX_OUTPUTS];
  const AxTensorView input = view_pass (self, rgb, values, outputs);
  return self->ops->forward (self->plan, &input, outputs, error);
}

AxStatus
runner_submit (const Runner *self, const uint8_t *rgb, float *values,
               AxEngineError *error)
{
  AxTensorView outputs[AX_MAX_OUTPUTS];
  const AxTensorView input = view_pass (self, rgb, values, outputs);
  return self->ops->submit (self->plan, &input, outputs, error);
}

uint8_t *
runner_make_image (int64_t count, uint64_t seed)
{
  uint8_t *rgb = runner_allocate (count, 1);
  for (int64_t i = 0; i < count; i++)
    rgb[i] = (uint8_t)net_draw (&seed);
  return rgb;
}

float *
runner_make_values (int64_t count)
{
  return runner_allocate (count, sizeof (float));
}

double
runner_get_seconds (void)
{
  struct timespec now;
  clock_gettime (CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}
