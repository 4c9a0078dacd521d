#include "core/nn/engine-api.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/*
 * An engine that does one thing wrong.  It is built once for each of these,
 * with FAKE_FAULT set to the number and FAKE_NAME to the name.
 */
typedef enum
{
  FAULT_NONE,
  FAULT_ABI,         /* built for another interface */
  FAULT_SIZE,        /* a table too small */
  FAULT_SLOT,        /* forward() is missing */
  FAULT_TABLE,       /* no table at all */
  FAULT_DEVICE,      /* no device, and it says so */
  FAULT_PROBE,       /* not usable, but no word why */
  FAULT_MESSAGE,     /* its message has line breaks and no end */
  FAULT_CREATE,      /* no memory for a context */
  FAULT_CONTEXT,     /* success without a context */
  FAULT_PLAN,        /* success without a plan */
  FAULT_FORWARD,     /* fails without a message */
  FAULT_NAN,         /* returns NaN */
  FAULT_RANGE,       /* returns 1.5 as a probability */
  FAULT_ROUNDING,    /* returns 1 + 2^-21 as a probability */
  FAULT_HOST_MEMORY, /* a table that ends before the optional operations */
} Fault;

static const Fault fault = FAKE_FAULT;

struct AxEngineContext
{
  int unused;
};

struct AxEnginePlan
{
  int unused;
};

static AxEngineContext the_context;
static AxEnginePlan the_plan;

static AxStatus
fake_probe (AxEngineReport *report, AxEngineError *error)
{
  if (fault == FAULT_MESSAGE)
    {
      memset (error->message, 'x', sizeof error->message);
      memcpy (error->message, "two\nlines \xff", 11);
      return AX_STATUS_DEVICE;
    }
  report->usable = fault != FAULT_DEVICE && fault != FAULT_PROBE;
  if (fault != FAULT_DEVICE)
    return AX_STATUS_OK;
  strcpy (report->why, "no such card in this computer");
  return AX_STATUS_NO_DEVICE;
}

static AxStatus
fake_create (const AxEngineOptions *options, AxEngineContext **context,
             AxEngineError *error)
{
  if (fault == FAULT_CREATE)
    {
      strcpy (error->message, "out of device memory");
      return AX_STATUS_MEMORY;
    }
  *context = fault == FAULT_CONTEXT ? NULL : &the_context;
  return AX_STATUS_OK;
}

static void
fake_destroy (AxEngineContext *context)
{
}

static AxStatus
fake_compile (AxEngineContext *context, const AxGraphView *graph,
              const AxTensorView *params, int32_t batch, int32_t height,
              int32_t width, AxEnginePlan **plan, AxEngineError *error)
{
  *plan = fault == FAULT_PLAN ? NULL : &the_plan;
  return AX_STATUS_OK;
}

static void
fake_plan_free (AxEnginePlan *plan)
{
}

/* Fills output 0 with one value, which is 0.5 where nothing is wrong. */
static AxStatus
fake_forward (AxEnginePlan *plan, const AxTensorView *input,
              const AxTensorView *outputs, AxEngineError *error)
{
  float value = fault == FAULT_NAN        ? NAN
                : fault == FAULT_RANGE    ? 1.5f
                : fault == FAULT_ROUNDING ? 1.0f + 0x1p-21f
                                          : 0.5f;
  int64_t count = 1;
  if (fault == FAULT_FORWARD)
    return AX_STATUS_DEVICE;
  for (int i = 0; i < outputs->rank; i++)
    count *= outputs->shape[i];
  for (int64_t i = 0; i < count; i++)
    ((float *)outputs->data)[i] = value;
  return AX_STATUS_OK;
}

/* Memory that tells where it came from. */
static void *
fake_host_alloc (AxEngineContext *context, size_t bytes)
{
  char *memory = malloc (bytes + 1);
  if (memory == NULL)
    return NULL;
  memory[0] = 'h';
  return memory + 1;
}

static void
fake_host_free (AxEngineContext *context, void *memory)
{
  free ((char *)memory - 1);
}

static const AxEngineOps ops = {
  .abi = FAKE_FAULT == FAULT_ABI ? AX_ENGINE_ABI + 98 : AX_ENGINE_ABI,
  .size = FAKE_FAULT == FAULT_SIZE          ? 16
          : FAKE_FAULT == FAULT_HOST_MEMORY ? offsetof (AxEngineOps, host_alloc)
                                            : sizeof ops,
  .name = FAKE_NAME,
  .probe = fake_probe,
  .create = fake_create,
  .destroy = fake_destroy,
  .compile = fake_compile,
  .plan_free = fake_plan_free,
  .forward = FAKE_FAULT == FAULT_SLOT ? NULL : fake_forward,
  .host_alloc = fake_host_alloc,
  .host_free = fake_host_free,
};

const AxEngineOps *ax_engine_ops_v1 (void);

const AxEngineOps *
ax_engine_ops_v1 (void)
{
  return fault == FAULT_TABLE ? NULL : &ops;
}
