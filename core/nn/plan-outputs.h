#pragma once

#include "core/nn/engine.h"

G_BEGIN_DECLS

/**
 * AxPlanOutputs:
 *
 * A buffer for each output of a plan, (n, c, h, w), as ax_plan_forward_rgb()
 * fills them.  Thread: owner.
 */
typedef struct
{
  float *values[AX_MAX_OUTPUTS];
} AxPlanOutputs;

/** Errors: AX_ERROR_MEMORY; @self is then cleared. */
gboolean ax_plan_outputs_init (AxPlanOutputs *self, const AxPlan *plan,
                               GError **error);
void ax_plan_outputs_clear (AxPlanOutputs *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AxPlanOutputs, ax_plan_outputs_clear)

G_END_DECLS
