#pragma once

#include "core/train/validation.h"

G_BEGIN_DECLS

/**
 * ax_train_card_fill:
 * @trained_on, @validated_on: one line each (validated_on nullable)
 * @result: what the weights give on the validation data; empty without any
 * @license: (nullable)
 *
 * Writes into the card what the weights were trained and judged on, with
 * 95 % intervals over resampled pictures, and the operating points (formats.md
 * 3.7).  What the card said of the judgement of other weights goes.
 */
void ax_train_card_fill (AxWeights *weights, const char *trained_on,
                         const char *validated_on,
                         const AxValidationResult *result, const char *license);

G_END_DECLS
