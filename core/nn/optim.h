#pragma once

#include "core/nn/engine-api.h"

#include <glib.h>

G_BEGIN_DECLS

/**
 * AxSchedule: what the learning rate is multiplied by at each step of a run.
 *
 * CONSTANT: 1
 * STEP: gamma ^ (number of whole @period done)
 * POLYNOMIAL: final + (1 - final) * (1 - done) ^ power
 * COSINE: final + (1 - final) * (1 + cos (pi * done)) / 2 (Loshchilov & Hutter
 *   2017, without restarts)
 *
 * @done is the share of the steps behind the warm-up that are over: 0 at the
 * first of them, 1 after the last.  In the warm-up, of @n_warm_up steps, step
 * t's factor is t / n_warm_up, the last one's 1 (Goyal et al. 2017).
 *
 * Data only: copied freely.  Thread: any.
 */
typedef enum
{
  AX_SCHEDULE_CONSTANT,
  AX_SCHEDULE_STEP,
  AX_SCHEDULE_POLYNOMIAL,
  AX_SCHEDULE_COSINE,
} AxScheduleKind;

typedef struct
{
  AxScheduleKind kind;
  gint64 n_steps; /* of the run, warm-up included */
  gint64 n_warm_up;
  gint64 period; /* of STEP */
  double gamma;  /* of STEP */
  double power;  /* of POLYNOMIAL */
  double final;  /* of POLYNOMIAL and COSINE */
} AxSchedule;

/** AxOptim: an optimiser's settings; what they do is in engine-api.h. */
typedef struct
{
  AxOptimKind kind;
  gboolean nesterov; /* SGD */
  double rate;       /* before the schedule */
  double momentum;   /* of Adam: beta1 */
  double beta2;      /* Adam */
  double epsilon;    /* Adam */
  double weight_decay;
  AxSchedule schedule;
} AxOptim;

/** Usual settings: SGD with momentum 0.9, Adam with 0.9, 0.999, 1e-8; weight
 * decay 5e-4; at a constant @rate. */
AxOptim ax_optim_init (AxOptimKind kind, double rate);

/** AX_ERROR_LIMIT naming the first setting that is out of its limits. */
gboolean ax_optim_check (const AxOptim *self, GError **error);

/** "constant", "step", "polynomial", "cosine".  Errors: AX_ERROR_NOT_FOUND. */
gboolean ax_schedule_kind_from_name (const char *name, AxScheduleKind *kind,
                                     GError **error);
const char *ax_schedule_kind_get_name (AxScheduleKind kind);

/** @step: from 1; beyond the run's last, the factor stays as at its end. */
double ax_schedule_get_factor (const AxSchedule *self, gint64 step);

/** What update number @step, from 1, is to be; without scales. */
AxOptimStep ax_optim_get_step (const AxOptim *self, gint64 step);

G_END_DECLS
