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

/**
 * ax_weights_new_mapped:
 * @block: a file's bytes, kept for as long as the weights live
 * @path: (nullable): the file
 *
 * Without tensors yet.  Such weights are not changed once they are read: the
 * bytes may be write protected, and path and hash speak of the file.
 */
AxWeights *ax_weights_new_mapped (GBytes *block, const char *path);

/**
 * ax_weights_add_mapped:
 * @offset: of the first byte in the block, which holds the whole tensor
 *
 * Adds a tensor that lies in the block; one that is not aligned for its type
 * is copied.  The name is new.  FALSE: no memory for the copy.
 */
gboolean ax_weights_add_mapped (AxWeights *self, const char *name,
                                AxDType dtype, int rank, const gint64 *shape,
                                gsize offset);

AxWeights *ax_weights_ref (AxWeights *self);
void ax_weights_unref (AxWeights *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxWeights, ax_weights_unref)

guint ax_weights_get_n_tensors (const AxWeights *self);
const char *ax_weights_get_name (const AxWeights *self, guint index);
/** (transfer container): sorted names. */
GPtrArray *ax_weights_get_sorted_names (const AxWeights *self);
/** (transfer none) (nullable). */
const AxTensorView *ax_weights_find (const AxWeights *self, const char *name);

/**
 * Adds a tensor; @data is copied, or zeroed when NULL.  The name is new.
 *
 * Returns: (transfer none) (nullable): its view, which stays where it is; NULL
 * when memory is exhausted.
 */
AxTensorView *ax_weights_add (AxWeights *self, const char *name, AxDType dtype,
                              int rank, const gint64 *shape,
                              gconstpointer data);

/** (transfer none) (nullable). */
const char *ax_weights_get_metadata (const AxWeights *self, const char *key);
/** @value: (nullable): NULL takes the key away. */
void ax_weights_set_metadata (AxWeights *self, const char *key,
                              const char *value);
/** (transfer container): sorted keys. */
GPtrArray *ax_weights_get_metadata_keys (const AxWeights *self);

/**
 * SHA-256 of the file's bytes, worked out once; or of names, types, shapes and
 * data in order of name when owned, worked out anew by each call of the owner.
 *
 * Returns: (transfer none): valid until the next call when owned.
 */
const char *ax_weights_get_hash (AxWeights *self);
/** (nullable): the file it came from. */
const char *ax_weights_get_path (const AxWeights *self);

/** AX_ERROR_FORMAT naming the tensor when a value is NaN or infinite. */
gboolean ax_weights_check_finite (const AxWeights *self, GError **error);

G_END_DECLS
