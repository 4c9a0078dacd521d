#pragma once

#include "core/nn/engine.h"
#include "core/nn/graph-shape.h"

G_BEGIN_DECLS

/*
 * What train-plan.c shares with engine.c.  Thread: as in engine.h.
 */
struct _AxEngine
{
  const AxEngineOps *ops;
  const AxEngineInfo *info;
  AxEngineContext *context;
};

struct _AxPlan
{
  AxEngine *engine;
  AxEnginePlan *plan;
  AxGraph *graph;
  AxShape input;
  AxShape outputs[AX_MAX_OUTPUTS];
  gboolean bounded[AX_MAX_OUTPUTS]; /* values lie in [0, 1] */

  /* Outputs of what is under way, the oldest first. */
  AxTensorView in_flight[AX_MAX_IN_FLIGHT][AX_MAX_OUTPUTS];
  guint n_in_flight;
};

/* Optional slots lie behind the required ones and may be absent altogether. */
#define AX_ENGINE_HAS_SLOT(ops, slot)                                          \
  ((ops)->size >= offsetof (AxEngineOps, slot) + sizeof (ops)->slot            \
   && (ops)->slot != NULL)

/** ax_plan_new(), for training on @losses unless that is NULL. */
AxPlan *ax_plan_make (AxEngine *engine, AxGraph *graph,
                      const AxWeights *weights, const AxLoss *losses,
                      guint n_losses, int batch, int height, int width,
                      GError **error);

gboolean ax_plan_is_input_view (const AxPlan *self, const AxTensorView *view);

G_END_DECLS
