#include "cuda/test/learner.h"

#include "cuda/test/runner.h"

#include <stdlib.h>

#define RATE 1e-3
#define MOMENTUM 0.9

static void
make_batch (Learner *self)
{
  const int64_t n_places
      = (int64_t)self->n * self->target_side * self->target_side;
  uint64_t seed = 5;
  self->rgb
      = runner_make_image ((int64_t)self->n * self->side * self->side * 3, 1);
  self->classes = runner_allocate (n_places, sizeof (int32_t));
  self->shares = runner_allocate (n_places, sizeof (float));
  for (int64_t i = 0; i < n_places; i++)
    {
      self->classes[i] = (int32_t)(net_draw (&seed) % 2);
      self->shares[i] = (float)(net_draw (&seed) % 1024) / 1023.0f;
    }
}

AxStatus
learner_init (Learner *self, const AxEngineOps *ops, AxPrecision precision,
              const Net *net, int32_t n_losses, int32_t n, int32_t side,
              int32_t target_side, AxEngineError *error)
{
  const AxEngineOptions options = { .precision = (int32_t)precision };
  const AxLoss losses[]
      = { { AX_LOSS_CROSS_ENTROPY, 0, 1.0 }, { AX_LOSS_SMOOTH_L1, 1, 1.0 } };
  const AxGraphView graph = net_view (net);
  *self = (Learner){
    .ops = ops, .net = net, .n = n, .side = side, .target_side = target_side
  };
  AxStatus status = ops->create (&options, &self->context, error);
  if (status != AX_STATUS_OK)
    return status;
  status = ops->compile_training (self->context, &graph, net->params, losses,
                                  n_losses, n, side, side, &self->plan, error);
  if (status == AX_STATUS_OK)
    make_batch (self);
  else
    ops->destroy (self->context);
  return status;
}

void
learner_clear (Learner *self)
{
  self->ops->plan_free (self->plan);
  self->ops->destroy (self->context);
  free (self->rgb);
  free (self->classes);
  free (self->shares);
}

AxStatus
learner_learn (const Learner *self, double *values, AxEngineError *error)
{
  const int64_t n = self->n, side = self->side, out = self->target_side;
  const AxTensorView input = { .data = self->rgb,
                               .dtype = AX_DTYPE_U8,
                               .rank = 4,
                               .shape = { n, side, side, 3 } };
  const AxTensorView targets[] = { { .data = self->classes,
                                     .dtype = AX_DTYPE_I32,
                                     .rank = 3,
                                     .shape = { n, out, out } },
                                   { .data = self->shares,
                                     .dtype = AX_DTYPE_F32,
                                     .rank = 4,
                                     .shape = { n, 1, out, out } } };
  return self->ops->learn (self->plan, &input, targets, NULL, 1, values, error);
}

AxStatus
learner_step (const Learner *self, int64_t step, AxEngineError *error)
{
  const AxOptimStep optim = {
    .kind = AX_OPTIM_SGD, .rate = RATE, .momentum = MOMENTUM, .step = step
  };
  return self->ops->step (self->plan, &optim, error);
}

double *
learner_pull_gradient (const Learner *self, int32_t param, int64_t *count,
                       AxEngineError *error)
{
  AxTensorView view = self->net->params[param];
  *count = 1;
  for (int32_t i = 0; i < view.rank; i++)
    *count *= view.shape[i];
  double *values = runner_allocate (*count, sizeof (double));
  view.dtype = AX_DTYPE_F64;
  view.data = values;
  if (self->ops->pull (self->plan, param, AX_STATE_GRADIENT, &view, error)
      == AX_STATUS_OK)
    return values;
  free (values);
  return NULL;
}
