/*
 * Engine "narrow": has memory for small inputs only.  What it says of a cell
 * comes of the first and the last pixel of the cell's field, so that it shows
 * if either is not where it should be.
 *
 * Built with NARROW_QUEUE it is "queue", which may have several passes under
 * way: it looks at nothing before wait(), has NaN in the outputs until then,
 * and fails at once when there are too many passes, or none to wait for.
 *
 *   AX_NARROW_PX    side of the largest input; not set: all fit
 *   AX_NARROW_LATE  set: larger ones fail when they run, not before
 */
#include "core/nn/engine-api.h"

#include <math.h>
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
  AxTensorView inputs[AX_MAX_IN_FLIGHT], outputs[AX_MAX_IN_FLIGHT];
  int n_in_flight;
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
  **plan = (AxEnginePlan){ .context = context, .side_px = height, .step = 1 };
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
compute (AxEnginePlan *plan, const AxTensorView *input,
         const AxTensorView *outputs, AxEngineError *error)
{
  AxStatus status = check (plan->context, plan->side_px, error);
  const uint8_t *rgb = input->data;
  const int64_t n_channels = outputs->shape[1], side = outputs->shape[2];
  const int64_t rest_px = plan->side_px - (side - 1) * plan->step - 1;
  float *values = outputs->data;

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

static AxStatus
narrow_forward (AxEnginePlan *plan, const AxTensorView *input,
                const AxTensorView *outputs, AxEngineError *error)
{
  if (plan->n_in_flight == 0)
    return compute (plan, input, outputs, error);
  strcpy (error->message, "a pass is under way");
  return AX_STATUS_DEVICE;
}

#ifdef NARROW_QUEUE
static int most_in_flight;

int ax_queue_get_most_in_flight (void);

int
ax_queue_get_most_in_flight (void)
{
  return most_in_flight;
}

static AxStatus
queue_submit (AxEnginePlan *plan, const AxTensorView *input,
              const AxTensorView *outputs, AxEngineError *error)
{
  const int64_t count
      = outputs->shape[1] * outputs->shape[2] * outputs->shape[3];

  if (plan->n_in_flight == AX_MAX_IN_FLIGHT)
    {
      strcpy (error->message, "too many passes");
      return AX_STATUS_DEVICE;
    }
  plan->inputs[plan->n_in_flight] = *input;
  plan->outputs[plan->n_in_flight++] = outputs[0];
  for (int64_t i = 0; i < count; i++)
    ((float *)outputs->data)[i] = NAN;
  if (plan->n_in_flight > most_in_flight)
    most_in_flight = plan->n_in_flight;
  return AX_STATUS_OK;
}

static AxStatus
queue_wait (AxEnginePlan *plan, AxEngineError *error)
{
  if (plan->n_in_flight == 0)
    {
      strcpy (error->message, "nothing to wait for");
      return AX_STATUS_DEVICE;
    }
  const AxTensorView input = plan->inputs[0], outputs = plan->outputs[0];

  plan->n_in_flight--;
  plan->inputs[0] = plan->inputs[1];
  plan->outputs[0] = plan->outputs[1];
  return compute (plan, &input, &outputs, error);
}
#endif

const AxEngineOps *ax_engine_ops_v1 (void);

const AxEngineOps *
ax_engine_ops_v1 (void)
{
  static const AxEngineOps ops = {
    .abi = AX_ENGINE_ABI,
    .size = sizeof (AxEngineOps),
#ifdef NARROW_QUEUE
    .name = "queue",
    .submit = queue_submit,
    .wait = queue_wait,
#else
    .name = "narrow",
#endif
    .probe = narrow_probe,
    .create = narrow_create,
    .destroy = narrow_destroy,
    .compile = narrow_compile,
    .plan_free = narrow_plan_free,
    .forward = narrow_forward,
  };

  return &ops;
}
