#pragma once

#include "core/models/model.h"

G_BEGIN_DECLS

/**
 * AxWeightsTaken: what became of a network's tensors when it was given those
 * of another file: names, owned.
 *
 * @taken: of the network, found with the same shape
 * @reshaped: of the network, found with another shape and left as they were
 * @missing: of the network, not found and left as they were
 * @unused: of the file
 */
typedef struct
{
  GPtrArray *taken, *reshaped, *missing, *unused;
} AxWeightsTaken;

void ax_weights_taken_clear (AxWeightsTaken *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AxWeightsTaken, ax_weights_taken_clear)

/**
 * ax_model_init_from:
 * @source: of any kind, e.g. torchvision's VGG-16, whose names the ScanNet
 *   family uses (formats.md 3.7)
 * @taken: out, cleared by ax_weights_taken_clear()
 *
 * (transfer full): @model's network and card with the tensors of @source whose
 * names and shapes agree; the attention network also takes those that a ScanNet
 * of the same blocks has in their place.
 *
 * Errors: AX_ERROR_FORMAT when nothing agrees; those of ax_model_new().
 */
AxModel *ax_model_init_from (AxModel *model, const AxWeights *source,
                             AxWeightsTaken *taken, GError **error);

G_END_DECLS
