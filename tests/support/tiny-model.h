#pragma once

#include "core/models/model.h"

G_BEGIN_DECLS

/** Of the tiny model: two blocks of one convolution, 14 -> 12 |6| 4 |2| 1. */
#define TINY_MODEL_FIELD 14
#define TINY_MODEL_STRIDE 4

/**
 * A member of the ScanNet family that the reference engine runs in no time,
 * with random weights that depend on @seed and give all sorts of
 * probabilities.  @mpp: µm per model pixel.
 */
AxModel *tiny_model_new (guint64 seed, double mpp);

G_END_DECLS
