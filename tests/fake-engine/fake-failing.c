/*
 * Engine "failing": says 1/2 for every class and cell, until the forward pass
 * that the environment names; that one and all after it fail.  Built as an
 * engine module is, with nothing but the engine interface.
 *
 *   AX_FAILING_AT      number of the first pass that fails, counted from 1
 *                      per engine; 0: creation fails; not set: none does
 *   AX_FAILING_STATUS  "memory"; else the device fails
 *   AX_FAILING_MS      how long a forward pass takes
 */
#include "core/nn/engine-api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct AxEngineContext
{
  long fail_at;
  struct timespec pass_time;
  long n_forward;
};

struct AxEnginePlan
{
  AxEngineContext *context;
};

static AxStatus
fail (AxEngineError *error)
{
  const char *status = getenv ("AX_FAILING_STATUS");

  snprintf (error->message, sizeof error->message, "told to fail");
  return status != NULL && strcmp (status, "memory") == 0 ? AX_STATUS_MEMORY
                                                          : AX_STATUS_DEVICE;
}

static AxStatus
failing_probe (AxEngineReport *report, AxEngineError *error)
{
  memset (report, 0, sizeof *report);
  report->usable = 1;
  snprintf (report->device, sizeof report->device, "thin air");
  return AX_STATUS_OK;
}

/* A number of the environment, or @fallback. */
static long
read_number (const char *name, long fallback)
{
  const char *text = getenv (name);

  return text != NULL ? strtol (text, NULL, 10) : fallback;
}

static AxStatus
failing_create (const AxEngineOptions *options, AxEngineContext **context,
                AxEngineError *error)
{
  long fail_at = read_number ("AX_FAILING_AT", -1);
  long ms = read_number ("AX_FAILING_MS", 0);

  if (fail_at == 0)
    return fail (error);
  *context = calloc (1, sizeof **context);
  if (*context == NULL)
    return AX_STATUS_MEMORY;
  (*context)->fail_at = fail_at;
  (*context)->pass_time.tv_sec = ms / 1000;
  (*context)->pass_time.tv_nsec = ms % 1000 * 1000000;
  return AX_STATUS_OK;
}

static void
failing_destroy (AxEngineContext *context)
{
  free (context);
}

static AxStatus
failing_compile (AxEngineContext *context, const AxGraphView *graph,
                 const AxTensorView *params, int32_t batch, int32_t height,
                 int32_t width, AxEnginePlan **plan, AxEngineError *error)
{
  *plan = calloc (1, sizeof **plan);
  if (*plan == NULL)
    return AX_STATUS_MEMORY;
  (*plan)->context = context;
  return AX_STATUS_OK;
}

static void
failing_plan_free (AxEnginePlan *plan)
{
  free (plan);
}

static AxStatus
failing_forward (AxEnginePlan *plan, const AxTensorView *input,
                 const AxTensorView *outputs, AxEngineError *error)
{
  int64_t count = 1;
  float *values = outputs[0].data;

  nanosleep (&plan->context->pass_time, NULL);
  if (++plan->context->n_forward >= plan->context->fail_at
      && plan->context->fail_at > 0)
    return fail (error);
  for (int i = 0; i < outputs[0].rank; i++)
    count *= outputs[0].shape[i];
  for (int64_t i = 0; i < count; i++)
    values[i] = 0.5f;
  return AX_STATUS_OK;
}

const AxEngineOps *ax_engine_ops_v1 (void);

const AxEngineOps *
ax_engine_ops_v1 (void)
{
  static const AxEngineOps ops = {
    .abi = AX_ENGINE_ABI,
    .size = sizeof (AxEngineOps),
    .name = "failing",
    .probe = failing_probe,
    .create = failing_create,
    .destroy = failing_destroy,
    .compile = failing_compile,
    .plan_free = failing_plan_free,
    .forward = failing_forward,
  };

  return &ops;
}
