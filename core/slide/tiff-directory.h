#pragma once

#include <glib.h>
#include <tiffio.h>

G_BEGIN_DECLS

/**
 * AxTiffDirectory: one tiled picture of a TIFF, with the places of its tiles.
 *
 * Thread: immutable.
 */
typedef struct
{
  guint64 offset; /* of the directory in the file */
  gint64 width, height;
  int tile_width, tile_height;
  gint64 n_cols, n_rows;

  gboolean is_uncompressed;
  gboolean is_jpeg; /* 8-bit RGB or YCbCr, interleaved */
  gboolean is_rgb;  /* of JPEG: what the TIFF says its colour space is */
  GBytes *tables;   /* (nullable): JPEGTables */

  guint64 *tile_offsets; /* n_cols * n_rows, row-major */
  guint64 *tile_bytes;   /* 0: left out of the file */
} AxTiffDirectory;

/** Accepts NULL. */
void ax_tiff_directory_free (AxTiffDirectory *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxTiffDirectory, ax_tiff_directory_free)

/**
 * ax_tiff_open:
 * @mapped: to map the file, which must not shrink meanwhile: the system would
 *   answer with a signal
 * @error: (nullable): gets libtiff's first error, AX_ERROR_CORRUPT, at any
 *   time until the handle is closed
 *
 * (transfer full) (nullable): a handle that prints nothing.
 */
TIFF *ax_tiff_open (const char *path, gboolean mapped, GError **error);

/**
 * (transfer full) (element-type AxTiffDirectory): in order, the pictures that
 * libtiff can turn into RGB tile by tile.
 */
GPtrArray *ax_tiff_read_directories (TIFF *tiff);

G_END_DECLS
