#pragma once

#include "core/nn/tensor.h"

G_BEGIN_DECLS

/**
 * AxWeights:
 *
 * Named tensors in one block, mapped from a file or owned, with the file's
 * text metadata (the model card).
 *
 * Thread: any may read once built; a trainer owns its own and writes.
 */
typedef struct _AxWeights AxWeights;

AxWeights *ax_weights_new (void);
AxWeights *ax_weights_ref (AxWeights *self);
void ax_weights_unref (AxWeights *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxWeights, ax_weights_unref)

guint ax_weights_get_n_tensors (const AxWeights *self);
const char *ax_weights_get_name (const AxWeights *self, guint index);
/** (transfer none) (nullable). */
const AxTensorView *ax_weights_find (const AxWeights *self, const char *name);

/** Adds a tensor; @data is copied, or zeroed when NULL.  The name is new. */
AxTensorView *ax_weights_add (AxWeights *self, const char *name, AxDType dtype,
                              int rank, const gint64 *shape,
                              gconstpointer data);

/** (transfer none) (nullable). */
const char *ax_weights_get_metadata (const AxWeights *self, const char *key);
void ax_weights_set_metadata (AxWeights *self, const char *key,
                              const char *value);
/** (transfer container): sorted keys. */
GPtrArray *ax_weights_get_metadata_keys (const AxWeights *self);

/** SHA-256 of the file's bytes, or of names, shapes and data when owned. */
const char *ax_weights_get_hash (AxWeights *self);
/** (nullable): the file it came from. */
const char *ax_weights_get_path (const AxWeights *self);

/** FALSE, naming the tensor, when a value is NaN or infinite. */
gboolean ax_weights_check_finite (const AxWeights *self, GError **error);

G_END_DECLS
