#pragma once

#include "core/annot/annotation.h"

G_BEGIN_DECLS

/**
 * The annotation formats as one table, so that commands and viewer name them
 * alike.  Each format reads and writes in a file of its own (asap-xml,
 * imagescope-xml, geojson).
 */
typedef enum
{
  AX_ANNOT_FORMAT_ASAP,
  AX_ANNOT_FORMAT_IMAGESCOPE,
  AX_ANNOT_FORMAT_GEOJSON,
} AxAnnotFormat;

/**
 * AxAnnotContext: what a format needs to know of the slide.
 *
 * @mpp_x, @mpp_y: micrometres per level-0 pixel, 0 when unknown
 * @origin: the slide's bounds origin, which QuPath crops to: subtracted when
 *   writing GeoJSON and added when reading it; zero otherwise
 */
typedef struct
{
  double mpp_x, mpp_y;
  AxPoint0 origin;
} AxAnnotContext;

/** "asap", "imagescope", "geojson"; FALSE when the name is none of them. */
gboolean ax_annot_format_from_name (const char *name, AxAnnotFormat *format);
const char *ax_annot_format_get_name (AxAnnotFormat format);

/**
 * Tells the format of a file by its content (ASAP and ImageScope are both
 * XML), by its extension where content says nothing.
 */
gboolean ax_annot_format_guess (const char *path, AxAnnotFormat *format,
                                GError **error);

/**
 * ax_annot_read:
 * @context: (nullable)
 *
 * Reads a whole file.  What could not be understood is left out and listed in
 * the set's @skipped; only a file that is not of the format at all fails.
 * Files above 512 MiB, after decompression of gzip, and documents with a DTD
 * are refused.
 *
 * Errors: AX_ERROR_IO, AX_ERROR_FORMAT, AX_ERROR_LIMIT with file and line.
 * Thread: any.
 */
AxAnnotationSet *ax_annot_read (const char *path, AxAnnotFormat format,
                                const AxAnnotContext *context, GError **error);

/**
 * ax_annot_write:
 * @set: every annotation has a ring
 * @context: (nullable)
 * @lost: (element-type AxSkipped) (nullable) (out caller-allocated): gets
 *   what the format could not carry
 *
 * Writes a whole file, complete or not at all.  Errors: AX_ERROR_IO.
 */
gboolean ax_annot_write (const AxAnnotationSet *set, const char *path,
                         AxAnnotFormat format, const AxAnnotContext *context,
                         GPtrArray *lost, GError **error);

G_END_DECLS
