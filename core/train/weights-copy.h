#pragma once

#include "core/nn/weights.h"

G_BEGIN_DECLS

/** (transfer full): the tensors without the text.  Errors: AX_ERROR_MEMORY. */
AxWeights *ax_weights_copy (const AxWeights *self, GError **error);

/** Adds copies of all tensors, their names behind @prefix, which @self does not
 * have yet.  Errors: AX_ERROR_MEMORY. */
gboolean ax_weights_add_copies (AxWeights *self, const char *prefix,
                                const AxWeights *from, GError **error);

/** What both have is overwritten. */
void ax_weights_copy_metadata (const AxWeights *from, AxWeights *to);

G_END_DECLS
