#pragma once

#include "core/nn/engine.h"
#include "core/nn/optim.h"

G_BEGIN_DECLS

/**
 * AxTrainPlan:
 *
 * A network that one engine trains, for one size of batch.  The plan owns the
 * parameters, their gradients and the optimiser's moments; what it needs from
 * outside is drawn from the caller's seeds, so that the same calls give the
 * same numbers.  What an engine returns is validated as in engine.h.
 *
 * Thread: the engine's.
 */
typedef struct _AxTrainPlan AxTrainPlan;

/** Whether the engine has what training takes. */
gboolean ax_engine_can_train (const AxEngine *self);

/**
 * ax_train_plan_new:
 * @losses: at least one
 *
 * Errors: those of ax_plan_new(); AX_ERROR_UNSUPPORTED also for an engine
 * that cannot train, and for nodes that cannot be trained.
 */
AxTrainPlan *ax_train_plan_new (AxEngine *engine, AxGraph *graph,
                                const AxWeights *weights, const AxLoss *losses,
                                guint n_losses, int batch, int height,
                                int width, GError **error);
void ax_train_plan_free (AxTrainPlan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxTrainPlan, ax_train_plan_free)

/**
 * ax_train_plan_learn:
 * @input: as ax_plan_forward() takes it
 * @targets: one per loss, as AxLoss says
 * @entry_weights: (nullable): one per entry of the batch
 * @seed: of dropout; another one for each call
 * @values: out, one per loss
 *
 * One forward and backward pass: leaves the gradients for
 * ax_train_plan_step() and moves the running statistics.
 *
 * Errors: AX_ERROR_FORMAT for a class that the network does not have,
 * AX_ERROR_DEVICE for a loss that is no number, which divergence gives.
 */
gboolean ax_train_plan_learn (AxTrainPlan *self, const AxTensorView *input,
                              const AxTensorView *targets,
                              const float *entry_weights, guint64 seed,
                              double *values, GError **error);

/** Updates the parameters from the gradients.  Errors: AX_ERROR_DEVICE. */
gboolean ax_train_plan_step (AxTrainPlan *self, const AxOptimStep *step,
                             GError **error);

/** As ax_plan_forward(), for inference, with the parameters of now. */
gboolean ax_train_plan_forward (AxTrainPlan *self, const AxTensorView *input,
                                const AxTensorView *outputs, GError **error);
void ax_train_plan_get_output_shape (const AxTrainPlan *self, guint index,
                                     gint64 shape[4]);

/**
 * Copies the state of one parameter of the graph's table out of, or into, the
 * plan: @out and @in are F32 or F64 of its shape.  Errors: AX_ERROR_DEVICE.
 */
gboolean ax_train_plan_pull (AxTrainPlan *self, guint param, AxTrainState state,
                             const AxTensorView *out, GError **error);
gboolean ax_train_plan_push (AxTrainPlan *self, guint param, AxTrainState state,
                             const AxTensorView *in, GError **error);

/** (transfer full): the parameters of now, as F32 under their names. */
AxWeights *ax_train_plan_get_weights (AxTrainPlan *self, GError **error);

G_END_DECLS
