#pragma once

#include "core/models/model-family.h"

G_BEGIN_DECLS

/** As ax_model_new(); @name: (nullable): NULL for the family's. */
AxModel *ax_model_new_named (AxWeights *weights, const char *name,
                             GError **error);

G_END_DECLS
