#pragma once

#include "core/nn/weights.h"

G_BEGIN_DECLS

/**
 * safetensors files (formats.md 3.7), taken as hostile: header length, JSON,
 * types, shapes, and offsets that must tile the buffer without hole or
 * overlap are all checked before a byte is used.
 *
 * Errors: AX_ERROR_IO, AX_ERROR_FORMAT, AX_ERROR_UNSUPPORTED (a type), with
 * the file, the tensor and the limit.  Thread: any.
 */

/** Maps the file; the bytes are hashed when first asked for. */
AxWeights *ax_safetensors_load (const char *path, GError **error);

/** The same from memory, which is copied; @name stands for the file. */
AxWeights *ax_safetensors_parse (gconstpointer data, gsize bytes,
                                 const char *name, GError **error);

/** Writes tensors sorted by name, header padded to 8; complete or not at all.
 */
gboolean ax_safetensors_save (const AxWeights *weights, const char *path,
                              GError **error);

G_END_DECLS
