#pragma once

#include "core/slide/image.h"

G_BEGIN_DECLS

/**
 * The readers behind ax_image_load(), one a format.  They get a file that
 * begins like one of theirs, whole in memory, and @path to name it.
 *
 * Errors: AX_ERROR_FORMAT, AX_ERROR_LIMIT, AX_ERROR_MEMORY.  Thread: any.
 */
typedef AxImage *(*AxImageLoadFunc) (const char *path, const guint8 *bytes,
                                     gsize n_bytes, gint64 max_pixels,
                                     GError **error);

AxImage *ax_image_load_jpeg (const char *path, const guint8 *bytes,
                             gsize n_bytes, gint64 max_pixels, GError **error);
AxImage *ax_image_load_png (const char *path, const guint8 *bytes,
                            gsize n_bytes, gint64 max_pixels, GError **error);

/** Reads the file by its @path. */
AxImage *ax_image_load_tiff (const char *path, const guint8 *bytes,
                             gsize n_bytes, gint64 max_pixels, GError **error);

/** FALSE with AX_ERROR_LIMIT when there is none or more than @max_pixels. */
gboolean ax_image_check_size (const char *path, gint64 width, gint64 height,
                              gint64 max_pixels, GError **error);

/** Bytes of one sample. */
gsize ax_sample_type_get_bytes (AxSampleType type);

G_END_DECLS
