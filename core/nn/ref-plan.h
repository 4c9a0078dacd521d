#pragma once

#include "core/nn/ref-node.h"

G_BEGIN_DECLS

/*
 * The reference engine's plan, as engine-ref.c runs it and ref-train.c trains
 * it.  Thread: the engine's.
 */
typedef struct _AxRefTraining AxRefTraining;

struct AxEnginePlan
{
  AxGraphView graph;
  AxNode *nodes;
  AxRefTensor *tensors; /* one per node; data only while it is needed */
  int *last_reader;     /* per node; n_nodes for outputs */
  double **params;
  AxRefTraining *training; /* NULL when only forward() is wanted */
};

AxStatus ax_ref_fail (AxEngineError *error, AxStatus status, const char *format,
                      ...) G_GNUC_PRINTF (3, 4);

AxStatus ax_ref_compile (AxEngineContext *context, const AxGraphView *graph,
                         const AxTensorView *params, int32_t batch,
                         int32_t height, int32_t width, AxEnginePlan **plan,
                         AxEngineError *error);
void ax_ref_plan_free (AxEnginePlan *plan);

/** The call of a node's functions, with the tensors as they are. */
AxRefCall ax_ref_plan_get_call (AxEnginePlan *plan, int index);

/** Allocates the value of node @index; of node 0, fills it from @input. */
AxStatus ax_ref_plan_begin_node (AxEnginePlan *plan, int index,
                                 const AxTensorView *input,
                                 AxEngineError *error);
void ax_ref_plan_drop_tensors (AxEnginePlan *plan);

void ax_ref_training_free (AxRefTraining *self);

/* The training operations of engine-api.h. */
AxStatus ax_ref_compile_training (AxEngineContext *context,
                                  const AxGraphView *graph,
                                  const AxTensorView *params,
                                  const AxLoss *losses, int32_t n_losses,
                                  int32_t batch, int32_t height, int32_t width,
                                  AxEnginePlan **plan, AxEngineError *error);
AxStatus ax_ref_learn (AxEnginePlan *plan, const AxTensorView *input,
                       const AxTensorView *targets, const float *entry_weights,
                       uint64_t seed, double *values, AxEngineError *error);
AxStatus ax_ref_step (AxEnginePlan *plan, const AxOptimStep *step,
                      AxEngineError *error);
AxStatus ax_ref_pull (AxEnginePlan *plan, int32_t param, int32_t state,
                      const AxTensorView *out, AxEngineError *error);
AxStatus ax_ref_push (AxEnginePlan *plan, int32_t param, int32_t state,
                      const AxTensorView *in, AxEngineError *error);

G_END_DECLS
