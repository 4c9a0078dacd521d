/*
 * Engine "narrow": has memory for small inputs only.  What it says of a cell
 * comes of the first and the last pixel of the cell's field, so that it shows
 * if either is not where it should be.
 *
 *   AX_NARROW_PX    side of the largest input; not set: all fit
 *   AX_NARROW_LATE  set: larger ones fail when they run, not before
 */
#include "core/nn/engine-api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct AxEngineContext
{
  long max_px; /* 0: any */
  int is_late;
};

struct AxEnginePlan
{
  AxEngineContext *context;
  int32_t side_px;
  int32_t step; /* pixels from cell to cell */
};

static AxStatus
narrow_probe (AxEngineReport *report, AxEngineError *error)
{
  memset (report, 0, sizeof *report);
  report->usable = 1;
  return AX_STATUS_OK;
}

static AxStatus
narrow_create (const AxEngineOptions *options, AxEngineContext **context,
               AxEngineError *error)
{
  const char *max_px = getenv ("AX_NARROW_PX");

  *context = calloc (1, sizeof **context);
  if (*context == NULL)
    return AX_STATUS_MEMORY;
  (*context)->max_px = max_px != NULL ? strtol (max_px, NULL, 10) : 0;
  (*context)->is_late = getenv ("AX_NARROW_LATE") != NULL;
  return AX_STATUS_OK;
}

static void
narrow_destroy (AxEngineContext *context)
{
  free (context);
}

static AxStatus
check (const AxEngineContext *context, int32_t side_px, AxEngineError *error)
{
  if (context->max_px == 0 || side_px <= context->max_px)
    return AX_STATUS_OK;
  snprintf (error->message, sizeof error->message, "no memory for %d pixels",
            side_px);
  return AX_STATUS_MEMORY;
}

static AxStatus
narrow_compile (AxEngineContext *context, const AxGraphView *graph,
                const AxTensorView *params, int32_t batch, int32_t height,
                int32_t width, AxEnginePlan **plan, AxEngineError *error)
{
  AxStatus status
      = context->is_late ? AX_STATUS_OK : check (context, height, error);

  if (status != AX_STATUS_OK)
    return status;
  *plan = calloc (1, sizeof **plan);
  if (*plan == NULL)
    return AX_STATUS_MEMORY;
  **plan = (AxEnginePlan){ context, height, 1 };
  for (int32_t i = 1; i < graph->n_nodes; i++)
    if (graph->nodes[i].kind == AX_NODE_CONV
        || graph->nodes[i].kind == AX_NODE_MAX_POOL)
      (*plan)->step *= graph->nodes[i].u.window.stride;
  return AX_STATUS_OK;
}

static void
narrow_plan_free (AxEnginePlan *plan)
{
  free (plan);
}

static AxStatus
narrow_forward (AxEnginePlan *plan, const AxTensorView *input,
                const AxTensorView *outputs, AxEngineError *error)
{
  AxStatus status = check (plan->context, plan->side_px, error);
  const uint8_t *rgb = input->data;
  const int64_t n_channels = outputs[0].shape[1], side = outputs[0].shape[2];
  const int64_t rest_px = plan->side_px - (side - 1) * plan->step - 1;
  float *values = outputs[0].data;

  for (int64_t i = 0; status == AX_STATUS_OK && i < n_channels * side * side;
       i++)
    {
      const int64_t y = i / side % side * plan->step;
      const int64_t x = i % side * plan->step;
      const uint8_t *first = rgb + 3 * (y * plan->side_px + x);
      const uint8_t *last
          = rgb + 3 * ((y + rest_px) * plan->side_px + x + rest_px);

      values[i] = (float)((first[0] + 7 * last[1]) % 256) / 255.0f;
    }
  return status;
}

const AxEngineOps *ax_engine_ops_v1 (void);

const AxEngineOps *
ax_engine_ops_v1 (void)
{
  static const AxEngineOps ops = {
    .abi = AX_ENGINE_ABI,
    .size = sizeof (AxEngineOps),
    .name = "narrow",
    .probe = narrow_probe,
    .create = narrow_create,
    .destroy = narrow_destroy,
    .compile = narrow_compile,
    .plan_free = narrow_plan_free,
    .forward = narrow_forward,
  };

  return &ops;
}
