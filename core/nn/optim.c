#include "core/nn/optim.h"

#include "core/base/error.h"

#include <math.h>
#include <string.h>

static const char *const schedule_names[] = {
  [AX_SCHEDULE_CONSTANT] = "constant",
  [AX_SCHEDULE_STEP] = "step",
  [AX_SCHEDULE_POLYNOMIAL] = "polynomial",
  [AX_SCHEDULE_COSINE] = "cosine",
};

AxOptim
ax_optim_init (AxOptimKind kind, double rate)
{
  return (AxOptim){ .kind = kind,
                    .rate = rate,
                    .momentum = 0.9,
                    .beta2 = 0.999,
                    .epsilon = 1e-8,
                    .weight_decay = 5e-4 };
}

typedef struct
{
  const char *name;
  double value, min, max;
} Setting;

gboolean
ax_optim_check (const AxOptim *self, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);
  const AxSchedule *s = &self->schedule;
  const gboolean steps = s->kind == AX_SCHEDULE_STEP;
  const Setting settings[] = {
    { "rate", self->rate, 0.0, 1e3 },
    { "momentum", self->momentum, 0.0, 0.9999999 },
    { "beta2", self->beta2, 0.0, 0.9999999 },
    { "epsilon", self->epsilon, 1e-30, 1.0 },
    { "weight decay", self->weight_decay, 0.0, 1.0 },
    { "number of steps", (double)s->n_steps,
      s->kind == AX_SCHEDULE_CONSTANT ? 0.0 : 1.0, 1e12 },
    { "number of warm-up steps", (double)s->n_warm_up, 0.0, 1e12 },
    { "period", (double)s->period, steps ? 1.0 : 0.0, 1e12 },
    { "gamma", s->gamma, 0.0, 1.0 },
    { "power", s->power, 0.0, 100.0 },
    { "final factor", s->final, 0.0, 1.0 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      const Setting *setting = &settings[i];
      if (setting->value >= setting->min && setting->value <= setting->max)
        continue;
      g_set_error (error, AX_ERROR, AX_ERROR_LIMIT,
                   "the optimiser's %s is %g, not %g to %.9g", setting->name,
                   setting->value, setting->min, setting->max);
      return FALSE;
    }
  return TRUE;
}

gboolean
ax_schedule_kind_from_name (const char *name, AxScheduleKind *kind,
                            GError **error)
{
  g_return_val_if_fail (name != NULL && kind != NULL, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (schedule_names); i++)
    if (strcmp (name, schedule_names[i]) == 0)
      {
        *kind = (AxScheduleKind)i;
        return TRUE;
      }
  g_set_error (error, AX_ERROR, AX_ERROR_NOT_FOUND,
               "no schedule '%.64s': there are constant, step, polynomial, "
               "cosine",
               name);
  return FALSE;
}

const char *
ax_schedule_kind_get_name (AxScheduleKind kind)
{
  g_return_val_if_fail (kind < G_N_ELEMENTS (schedule_names), NULL);
  return schedule_names[kind];
}

double
ax_schedule_get_factor (const AxSchedule *self, gint64 step)
{
  g_return_val_if_fail (self != NULL && step > 0, 0.0);
  if (step <= self->n_warm_up)
    return (double)step / (double)self->n_warm_up;
  const gint64 n_steps = self->n_steps - self->n_warm_up;
  const gint64 n_done = step - self->n_warm_up - 1;
  const double done = n_done < n_steps ? (double)n_done / (double)n_steps : 1.0;
  switch (self->kind)
    {
    case AX_SCHEDULE_STEP:
      return pow (self->gamma, (double)(n_done / self->period));
    case AX_SCHEDULE_POLYNOMIAL:
      return self->final + (1.0 - self->final) * pow (1.0 - done, self->power);
    case AX_SCHEDULE_COSINE:
      return self->final + (1.0 - self->final) * (1.0 + cos (G_PI * done)) / 2;
    case AX_SCHEDULE_CONSTANT:
      break;
    }
  return 1.0;
}

AxOptimStep
ax_optim_get_step (const AxOptim *self, gint64 step)
{
  AxOptimStep result = { .step = step };
  g_return_val_if_fail (self != NULL && step > 0, result);
  result.kind = (gint32)self->kind;
  result.nesterov = self->nesterov;
  result.rate = self->rate * ax_schedule_get_factor (&self->schedule, step);
  result.momentum = self->momentum;
  result.beta2 = self->beta2;
  result.epsilon = self->epsilon;
  result.weight_decay = self->weight_decay;
  return result;
}
