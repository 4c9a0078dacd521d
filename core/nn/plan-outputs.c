#include "core/nn/plan-outputs.h"

#include "core/base/error.h"

gboolean
ax_plan_outputs_init (AxPlanOutputs *self, const AxPlan *plan, GError **error)
{
  g_return_val_if_fail (self != NULL && plan != NULL, FALSE);
  *self = (AxPlanOutputs){ { NULL } };
  for (guint i = 0; i < ax_plan_get_n_outputs (plan); i++)
    {
      gint64 s[4];
      ax_plan_get_output_shape (plan, i, s);
      self->values[i] = g_try_new (float, (gsize)(s[0] * s[1] * s[2] * s[3]));
      if (self->values[i] != NULL)
        continue;
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "no memory for a network's output of %" G_GINT64_FORMAT
                   " x %" G_GINT64_FORMAT " x %" G_GINT64_FORMAT
                   " x %" G_GINT64_FORMAT,
                   s[0], s[1], s[2], s[3]);
      ax_plan_outputs_clear (self);
      return FALSE;
    }
  return TRUE;
}

void
ax_plan_outputs_clear (AxPlanOutputs *self)
{
  for (guint i = 0; i < AX_MAX_OUTPUTS; i++)
    g_clear_pointer (&self->values[i], g_free);
}
