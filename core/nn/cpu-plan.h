#pragma once

#include "core/nn/cpu-step.h"

G_BEGIN_DECLS

/**
 * AxCpuPlan:
 *
 * A graph made ready for one input size: steps in the graph's order, weights
 * in the order that each step wants, and one arena for all values between
 * steps, in which a value's place is reused after its last reader (for a
 * chain of layers that is ping and pong).  What it takes is traced with
 * AX_DEBUG=engine, and so is the time of each step.
 *
 * Thread: the engine's.
 */
typedef struct _AxCpuPlan AxCpuPlan;

/** Arguments and errors are those of AxEngineOps.compile() and forward(). */
AxStatus ax_cpu_plan_new (const AxCpuMachine *machine, const AxGraphView *graph,
                          const AxTensorView *params, int batch, int height,
                          int width, AxCpuPlan **self, AxEngineError *error);
void ax_cpu_plan_free (AxCpuPlan *self);

AxStatus ax_cpu_plan_run (AxCpuPlan *self, const AxTensorView *input,
                          const AxTensorView *outputs, AxEngineError *error);

G_END_DECLS
