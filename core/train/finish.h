#pragma once

#include "core/train/validation.h"

G_BEGIN_DECLS

/**
 * ax_train_finish:
 * @model: as trained
 * @validation: (nullable)
 * @half: store convolutions as F16, all else, and everything otherwise, as F32
 * @result: out, what the returned weights give on the validation data, cleared
 *   by ax_validation_result_clear(); empty without any
 *
 * (transfer full): the weights as they are to be kept: rounded, with the
 * temperature fitted on the validation data in the card, or that at which they
 * were trained, and a drawn tile with its probabilities for the self-test
 * (core/detect/model-check.h).
 *
 * Errors: those of ax_validation_run().  Thread: the engine's.
 */
AxWeights *ax_train_finish (AxModel *model, AxEngine *engine,
                            AxValidation *validation, gboolean half,
                            GCancellable *cancellable,
                            AxValidationResult *result, GError **error);

G_END_DECLS
