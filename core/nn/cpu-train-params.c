#include "core/nn/cpu-train-params.h"

#include "core/nn/cpu-memory.h"
#include "core/nn/tensor.h"
#include "core/nn/train-loss.h"

#include <math.h>
#include <string.h>

gboolean
ax_cpu_train_params_init (AxCpuTrainParams *self, const AxGraphView *graph,
                          const AxTensorView *params)
{
  *self = (AxCpuTrainParams){ .n_params = graph->n_params };
  self->trained = ax_train_find_trained (graph);
  self->counts = g_new0 (gint64, (gsize)self->n_params);
  for (int state = 0; state < AX_N_TRAIN_STATES; state++)
    self->states[state] = g_new0 (float *, (gsize)self->n_params);
  for (int i = 0; i < self->n_params; i++)
    {
      if (!ax_tensor_view_count (&params[i], &self->counts[i]))
        return FALSE;
      const gsize bytes = (gsize)self->counts[i] * sizeof (float);
      for (int state = 0; state < AX_N_TRAIN_STATES; state++)
        {
          float *values = ax_cpu_alloc (bytes);
          if (values == NULL)
            return FALSE;
          memset (values, 0, bytes);
          self->states[state][i] = values;
        }
      ax_tensor_view_to_f32 (&params[i], self->states[AX_STATE_VALUE][i]);
    }
  return TRUE;
}

void
ax_cpu_train_params_clear (AxCpuTrainParams *self)
{
  for (int state = 0; state < AX_N_TRAIN_STATES; state++)
    {
      for (int i = 0; i < self->n_params; i++)
        ax_cpu_free (self->states[state][i]);
      g_free (self->states[state]);
    }
  g_free (self->counts);
  g_free (self->trained);
}

gsize
ax_cpu_train_params_get_bytes (const AxCpuTrainParams *self)
{
  gsize count = 0;
  for (int i = 0; i < self->n_params; i++)
    count += (gsize)self->counts[i];
  return count * AX_N_TRAIN_STATES * sizeof (float);
}

void
ax_cpu_train_params_zero_gradients (AxCpuTrainParams *self)
{
  for (int i = 0; i < self->n_params; i++)
    memset (self->states[AX_STATE_GRADIENT][i], 0,
            (gsize)self->counts[i] * sizeof (float));
}

/* The numbers of an update of one parameter. */
typedef struct
{
  float rate, decay, momentum, beta2, epsilon;
  float correction1, correction2; /* 1 / (1 - beta^t) */
} Numbers;

static Numbers
get_numbers (const AxOptimStep *step, int param)
{
  const double t = (double)step->step;
  const double rate_scale
      = step->rate_scale != NULL ? (double)step->rate_scale[param] : 1.0;
  const double decay_scale
      = step->decay_scale != NULL ? (double)step->decay_scale[param] : 1.0;
  return (Numbers){
    .rate = (float)(step->rate * rate_scale),
    .decay = (float)(step->weight_decay * decay_scale),
    .momentum = (float)step->momentum,
    .beta2 = (float)step->beta2,
    .epsilon = (float)step->epsilon,
    .correction1 = (float)(1.0 / (1.0 - pow (step->momentum, t))),
    .correction2 = (float)(1.0 / (1.0 - pow (step->beta2, t))),
  };
}

static void
update_sgd (const Numbers *k, gboolean nesterov, gint64 count, int n_threads,
            float *value, const float *gradient, float *m)
{
#pragma omp parallel for simd num_threads(n_threads)
  for (gint64 i = 0; i < count; i++)
    {
      const float g = gradient[i] + k->decay * value[i];
      m[i] = k->momentum * m[i] + g;
      value[i] -= k->rate * (nesterov ? g + k->momentum * m[i] : m[i]);
    }
}

static void
update_adam (const Numbers *k, gint64 count, int n_threads, float *value,
             const float *gradient, float *m, float *v)
{
#pragma omp parallel for simd num_threads(n_threads)
  for (gint64 i = 0; i < count; i++)
    {
      const float g = gradient[i];
      value[i] -= k->rate * k->decay * value[i];
      m[i] = k->momentum * m[i] + (1.0f - k->momentum) * g;
      v[i] = k->beta2 * v[i] + (1.0f - k->beta2) * g * g;
      value[i] -= k->rate * m[i] * k->correction1
                  / (sqrtf (v[i] * k->correction2) + k->epsilon);
    }
}

void
ax_cpu_train_params_update (AxCpuTrainParams *self, const AxOptimStep *step,
                            int n_threads)
{
  for (int i = 0; i < self->n_params; i++)
    {
      const Numbers numbers = get_numbers (step, i);
      float *value = self->states[AX_STATE_VALUE][i];
      const float *gradient = self->states[AX_STATE_GRADIENT][i];
      float *m = self->states[AX_STATE_MOMENT1][i];
      if (!self->trained[i])
        continue;
      if (step->kind == AX_OPTIM_SGD)
        update_sgd (&numbers, step->nesterov, self->counts[i], n_threads, value,
                    gradient, m);
      else
        update_adam (&numbers, self->counts[i], n_threads, value, gradient, m,
                     self->states[AX_STATE_MOMENT2][i]);
    }
}
