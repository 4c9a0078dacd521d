#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** Largest annotation file read, after decompression. */
#define AX_TEXT_SOURCE_MAX_BYTES ((gint64)512 << 20)

/**
 * AxTextSource:
 *
 * The bytes of a file from its beginning, decompressed when it is gzip.
 *
 * Thread: owner.
 */
typedef struct _AxTextSource AxTextSource;

/** Errors: AX_ERROR_IO naming @path and the system's reason. */
AxTextSource *ax_text_source_open (const char *path, GError **error);
void ax_text_source_free (AxTextSource *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxTextSource, ax_text_source_free)

/**
 * The next bytes, at most @n_bytes: how many were read, 0 at the end of the
 * file, -1 on failure.
 *
 * Errors: AX_ERROR_IO; AX_ERROR_FORMAT when compressed data is damaged;
 * AX_ERROR_LIMIT above AX_TEXT_SOURCE_MAX_BYTES.
 */
gssize ax_text_source_read (AxTextSource *self, char *buffer, gsize n_bytes,
                            GError **error);

G_END_DECLS
