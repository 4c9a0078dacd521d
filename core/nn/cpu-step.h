#pragma once

#include "core/nn/cpu-dnnl.h"
#include "core/nn/cpu-ops.h"
#include "core/nn/cpu-upconv.h"
#include "core/nn/cpu-winograd.h"

G_BEGIN_DECLS

/**
 * AxCpuMachine: what the plans of one context share.
 */
typedef struct
{
  const AxCpuKernels *kernels;
  AxDnnl *dnnl;
  int n_threads;
  gint64 memory_bytes; /* budget of a plan */
} AxCpuMachine;

/**
 * AxCpuStep:
 *
 * One thing that a plan does: a node, or a convolution with the ReLU and the
 * pool behind it.  Its tensors get their memory after it was made.
 *
 * Thread: the engine's.
 */
typedef struct
{
  int node;   /* the first one, for people */
  AxCpuOp op; /* its tensors, whatever the step is */
  AxWinograd *winograd;
  AxDnnlConv *dnnl;
  AxUpconv *upconv;
  float *norm;
} AxCpuStep;

/** What is done in the same go as a convolution. */
typedef struct
{
  gboolean relu, sigmoid, pool;
} AxCpuFusion;

/** Whether a 2x2 pool of stride 2 can be fused with the convolution @node. */
gboolean ax_cpu_step_can_pool (const AxCpuMachine *machine, const AxNode *node,
                               const AxShape *in, const AxShape *out);

/** Whether a sigmoid can be fused with the convolution @node; it would fill the
 * lanes past the last channel. */
gboolean ax_cpu_step_can_sigmoid (const AxCpuMachine *machine,
                                  const AxNode *node, const AxShape *in,
                                  const AxShape *out);

/**
 * ax_cpu_step_init:
 * @self: with op's node, shapes and lanes filled in
 * @params: the graph's table
 *
 * On failure clear it all the same.
 */
AxStatus ax_cpu_step_init (AxCpuStep *self, const AxCpuMachine *machine,
                           AxCpuFusion fusion, const AxTensorView *params,
                           AxEngineError *error);
void ax_cpu_step_clear (AxCpuStep *self);

gsize ax_cpu_step_get_weights_bytes (const AxCpuStep *self);
gsize ax_cpu_step_get_scratch_bytes (const AxCpuStep *self);
/** How it is worked out: "winograd", oneDNN's name,
 * "1x1, scattered" or "row by row". */
const char *ax_cpu_step_get_way (const AxCpuStep *self);

AxStatus ax_cpu_step_run (AxCpuStep *self, const AxCpuMachine *machine,
                          gpointer scratch, AxEngineError *error);

G_END_DECLS
