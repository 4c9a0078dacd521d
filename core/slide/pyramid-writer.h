#pragma once

#include "core/base/geometry.h"

#include <glib.h>

G_BEGIN_DECLS

/**
 * AxPyramidWriter:
 *
 * Writes a slide as a tiled pyramidal JPEG TIFF (BigTIFF where needed), each
 * level half the one before, down to one tile.  Tiles come in any order and
 * from any thread; each is compressed by its caller.  Level 0 goes to the file
 * as it comes; the compressed tiles of the other levels, a third as much, are
 * kept in memory until the end.
 *
 * Thread: any for ax_pyramid_writer_put(); owner for the rest.
 */
typedef struct _AxPyramidWriter AxPyramidWriter;

#define AX_PYRAMID_TILE 512

/**
 * @mpp: µm per level-0 pixel, for the resolution tags; 0 leaves them out
 * @quality: of JPEG, 1..100
 * @description: (nullable): ImageDescription of level 0
 *
 * Errors: AX_ERROR_IO.
 */
AxPyramidWriter *ax_pyramid_writer_new (const char *path, gint64 width,
                                        gint64 height, double mpp, int quality,
                                        const char *description,
                                        GError **error);

int ax_pyramid_writer_get_n_levels (const AxPyramidWriter *self);
void ax_pyramid_writer_get_size (const AxPyramidWriter *self, int level,
                                 gint64 *width, gint64 *height);

/**
 * @rgb: (AX_PYRAMID_TILE, AX_PYRAMID_TILE, 3), the part beyond the level's
 *   edge included
 *
 * Each tile of each level is put once.  Errors: AX_ERROR_IO (disk full).
 */
gboolean ax_pyramid_writer_put (AxPyramidWriter *self, int level, int col,
                                int row, const guint8 *rgb, GError **error);

/** Writes what is kept and gives the file its name.  All tiles must have been
 * put.  Errors: AX_ERROR_IO. */
gboolean ax_pyramid_writer_finish (AxPyramidWriter *self, GError **error);

/** Without a finish before, nothing stays.  Accepts NULL. */
void ax_pyramid_writer_free (AxPyramidWriter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxPyramidWriter, ax_pyramid_writer_free)

G_END_DECLS
