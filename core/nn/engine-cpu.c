#include "core/nn/engine-cpu.h"

#include "core/nn/cpu-plan.h"
#include "core/nn/cpu-train.h"

#include <omp.h>
#include <string.h>
#include <unistd.h>

struct AxEngineContext
{
  AxCpuMachine machine;
};

struct AxEnginePlan
{
  AxEngineContext *context;
  AxCpuPlan *plan;   /* for detection only; NULL in training */
  AxCpuTrain *train; /* NULL otherwise */
};

static gint64
get_physical_memory (void)
{
  return (gint64)sysconf (_SC_PHYS_PAGES) * (gint64)sysconf (_SC_PAGESIZE);
}

/* (transfer full): what the system calls the processor. */
static char *
get_processor_name (void)
{
  static const char key[] = "model name\t: ";
  g_autofree char *text = NULL;
  if (!g_file_get_contents ("/proc/cpuinfo", &text, NULL, NULL))
    return g_strdup ("CPU");
  const char *name = strstr (text, key);
  if (name == NULL)
    return g_strdup ("CPU");
  name += strlen (key);
  return g_strndup (name, strcspn (name, "\n"));
}

static AxStatus
cpu_probe (AxEngineReport *report, AxEngineError *error)
{
  g_autofree char *processor = get_processor_name ();
  memset (report, 0, sizeof *report);
  report->usable = 1;
  g_snprintf (report->device, sizeof report->device, "%s, %d threads, %s",
              processor, omp_get_num_procs (), ax_cpu_kernels_get ()->name);
  ax_dnnl_get_version (report->version, sizeof report->version);
  g_strlcpy (report->precision, "fp32", sizeof report->precision);
  report->memory_bytes = get_physical_memory ();
  return AX_STATUS_OK;
}

static AxStatus
cpu_create (const AxEngineOptions *options, AxEngineContext **context,
            AxEngineError *error)
{
  AxCpuMachine machine = {
    .kernels = ax_cpu_kernels_get (),
    .n_threads
    = options->n_threads > 0 ? options->n_threads : omp_get_num_procs (),
    .memory_bytes = options->memory_bytes > 0 ? options->memory_bytes
                                              : get_physical_memory (),
  };
  AxStatus status = ax_dnnl_new (&machine.dnnl, error);
  if (status != AX_STATUS_OK)
    return status;
  *context = g_new0 (AxEngineContext, 1);
  (*context)->machine = machine;
  return AX_STATUS_OK;
}

static void
cpu_destroy (AxEngineContext *context)
{
  if (context == NULL)
    return;
  ax_dnnl_free (context->machine.dnnl);
  g_free (context);
}

static AxStatus
cpu_compile (AxEngineContext *context, const AxGraphView *graph,
             const AxTensorView *params, int32_t batch, int32_t height,
             int32_t width, AxEnginePlan **plan, AxEngineError *error)
{
  /* oneDNN splits a convolution by the threads it sees when it is made. */
  const int n_threads_before = omp_get_max_threads ();
  AxCpuPlan *made = NULL;
  omp_set_num_threads (context->machine.n_threads);
  AxStatus status = ax_cpu_plan_new (&context->machine, graph, params, batch,
                                     height, width, &made, error);
  omp_set_num_threads (n_threads_before);
  if (status != AX_STATUS_OK)
    return status;
  *plan = g_new0 (AxEnginePlan, 1);
  (*plan)->context = context;
  (*plan)->plan = made;
  return AX_STATUS_OK;
}

static void
cpu_plan_free (AxEnginePlan *plan)
{
  if (plan == NULL)
    return;
  ax_cpu_plan_free (plan->plan);
  ax_cpu_train_free (plan->train);
  g_free (plan);
}

static AxStatus
cpu_forward (AxEnginePlan *plan, const AxTensorView *input,
             const AxTensorView *outputs, AxEngineError *error)
{
  const int n_threads_before = omp_get_max_threads ();
  omp_set_num_threads (plan->context->machine.n_threads);
  AxStatus status
      = plan->train != NULL
            ? ax_cpu_train_forward (plan->train, input, outputs, error)
            : ax_cpu_plan_run (plan->plan, input, outputs, error);
  omp_set_num_threads (n_threads_before);
  return status;
}

static AxStatus
cpu_compile_training (AxEngineContext *context, const AxGraphView *graph,
                      const AxTensorView *params, const AxLoss *losses,
                      int32_t n_losses, int32_t batch, int32_t height,
                      int32_t width, AxEnginePlan **plan, AxEngineError *error)
{
  const int n_threads_before = omp_get_max_threads ();
  AxCpuTrain *made = NULL;
  omp_set_num_threads (context->machine.n_threads);
  AxStatus status
      = ax_cpu_train_new (&context->machine, graph, params, losses, n_losses,
                          batch, height, width, &made, error);
  omp_set_num_threads (n_threads_before);
  if (status != AX_STATUS_OK)
    return status;
  *plan = g_new0 (AxEnginePlan, 1);
  (*plan)->context = context;
  (*plan)->train = made;
  return AX_STATUS_OK;
}

static AxStatus
cpu_learn (AxEnginePlan *plan, const AxTensorView *input,
           const AxTensorView *targets, const float *entry_weights,
           uint64_t seed, double *values, AxEngineError *error)
{
  const int n_threads_before = omp_get_max_threads ();
  omp_set_num_threads (plan->context->machine.n_threads);
  AxStatus status = ax_cpu_train_learn (plan->train, input, targets,
                                        entry_weights, seed, values, error);
  omp_set_num_threads (n_threads_before);
  return status;
}

static AxStatus
cpu_step (AxEnginePlan *plan, const AxOptimStep *step, AxEngineError *error)
{
  ax_cpu_train_update (plan->train, step);
  return AX_STATUS_OK;
}

static AxStatus
cpu_pull (AxEnginePlan *plan, int32_t param, int32_t state,
          const AxTensorView *out, AxEngineError *error)
{
  ax_cpu_train_pull (plan->train, param, (AxTrainState)state, out);
  return AX_STATUS_OK;
}

static AxStatus
cpu_push (AxEnginePlan *plan, int32_t param, int32_t state,
          const AxTensorView *in, AxEngineError *error)
{
  ax_cpu_train_push (plan->train, param, (AxTrainState)state, in);
  return AX_STATUS_OK;
}

const AxEngineOps *
ax_engine_cpu_get_ops (void)
{
  static const AxEngineOps ops = {
    .abi = AX_ENGINE_ABI,
    .size = sizeof ops,
    .name = "cpu",
    .probe = cpu_probe,
    .create = cpu_create,
    .destroy = cpu_destroy,
    .compile = cpu_compile,
    .plan_free = cpu_plan_free,
    .forward = cpu_forward,
    .compile_training = cpu_compile_training,
    .learn = cpu_learn,
    .step = cpu_step,
    .pull = cpu_pull,
    .push = cpu_push,
  };
  return &ops;
}
