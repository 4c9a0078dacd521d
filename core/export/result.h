#pragma once

#include "core/annot/annot-format.h"
#include "core/detect/lesion.h"
#include "core/detect/scan.h"

G_BEGIN_DECLS

/**
 * AxResult:
 *
 * What a run leaves behind for people and programs: the lesions of one slide
 * with everything needed to trust them.  Commands and viewer write the same
 * files through it.
 *
 * Thread: owner.
 */
typedef struct
{
  const char *slide_path;
  AxRect0 extent;
  AxPoint0 bounds_origin;
  AxScale mpp;          /* 0 when unknown */
  const char *model_name, *model_hash;
  const char *engine, *device;
  int alpha;
  double seconds, mpx_per_s;
  double tissue_mm2, analysed_mm2, failed_mm2;
  AxProbMap *map;
  AxLesionSet *lesions;
} AxResult;

typedef enum
{
  AX_EXPORT_ASAP = 1 << 0,       /* DIR/<stem>.xml */
  AX_EXPORT_GEOJSON = 1 << 1,    /* DIR/<stem>.geojson */
  AX_EXPORT_IMAGESCOPE = 1 << 2, /* DIR/<stem>.imagescope.xml */
  AX_EXPORT_TIFF = 1 << 3,       /* DIR/<stem>_likelihood_map.tif */
  AX_EXPORT_CSV = 1 << 4,        /* DIR/<stem>.csv */
  AX_EXPORT_JSON = 1 << 5,       /* DIR/<stem>.json */
  AX_EXPORT_ALL = (1 << 6) - 1,
} AxExportFlags;

/** "xml,geojson,imagescope,tiff,csv,json". */
gboolean ax_export_flags_parse (const char *text, AxExportFlags *flags,
                                GError **error);

/** (transfer full): lesions as polygons with score, class and diameter in
 * name, group attributes, measurements and metadata (formats.md 3.1, 3.5). */
AxAnnotationSet *ax_result_to_annotations (const AxResult *self);

/** (transfer full): the object of formats.md 4, `detect`, as JSON text. */
char *ax_result_to_json (const AxResult *self, gboolean pretty);

/**
 * ax_result_write:
 * @written: (element-type filename) (nullable): gets the paths written
 * @lost: (element-type AxSkipped) (nullable): what a format could not carry
 *
 * Each file complete or not at all.  Errors: AX_ERROR_IO.
 */
gboolean ax_result_write (const AxResult *self, const char *folder,
                          AxExportFlags flags, GPtrArray *written,
                          GPtrArray *lost, GError **error);

G_END_DECLS
