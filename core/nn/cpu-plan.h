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

/* What both kinds of plans ask of a graph. */

/** The node of @kind that alone reads @index, or -1. */
int ax_cpu_plan_find_follower (const AxGraphView *graph, int index,
                               AxNodeKind kind);

/** Whether a pool is 2x2 of stride 2. */
gboolean ax_cpu_plan_is_halving (const AxWindow *w);

/** The image stays in plain order where only convolutions read it: oneDNN has
 * code for that, and three channels in a block are mostly padding. */
int ax_cpu_plan_choose_image_lanes (const AxGraphView *graph, int lanes);

G_END_DECLS
