#pragma once

#include "core/nn/engine-api.h"

#include <glib.h>

G_BEGIN_DECLS

/**
 * AxCpuTrainParams:
 *
 * The parameters of a network that learns, with gradients and moments, in
 * plain order.  Thread: the engine's.
 */
typedef struct
{
  int n_params;
  gint64 *counts;
  gboolean *trained;
  float **states[AX_N_TRAIN_STATES]; /* per parameter */
} AxCpuTrainParams;

/** FALSE: memory is exhausted; clear it all the same. */
gboolean ax_cpu_train_params_init (AxCpuTrainParams *self,
                                   const AxGraphView *graph,
                                   const AxTensorView *params);
void ax_cpu_train_params_clear (AxCpuTrainParams *self);

gsize ax_cpu_train_params_get_bytes (const AxCpuTrainParams *self);

void ax_cpu_train_params_zero_gradients (AxCpuTrainParams *self);

/** The update that AxOptimStep says. */
void ax_cpu_train_params_update (AxCpuTrainParams *self,
                                 const AxOptimStep *step, int n_threads);

G_END_DECLS
