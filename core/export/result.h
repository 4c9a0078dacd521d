#pragma once

#include "core/annot/annot-format.h"
#include "core/detect/lesion.h"
#include "core/detect/scan.h"
#include "core/export/json-writer.h"

G_BEGIN_DECLS

/** Stands in every file that can hold it. */
#define AX_RESULT_NOTICE "Research use only. Not for diagnosis."

/**
 * AxResultCascade: what a first network has left out (core/detect/screen.h).
 *
 * @threshold: below it a cell was confidently negative
 * @skipped_mm2: tissue that was not examined
 * @seconds: of the first network's scan; 0 when all came from a store
 */
typedef struct
{
  const char *model_name, *model_hash;
  double threshold, skipped_mm2, seconds;
} AxResultCascade;

/**
 * AxResult:
 *
 * What a run leaves behind for people and programs: the lesions of one slide
 * with everything needed to trust them.  Commands and viewer write the same
 * files through it.
 *
 * @model_name .. @device: (nullable): NULL for a map made elsewhere
 * @shows: (nullable): which of the network's outputs the map holds, "tumor" or
 *   "fraction"; NULL for a map made elsewhere
 * @alpha: 0 for a map made elsewhere
 * @cascade: (nullable): NULL when all tissue was examined
 * @seconds, @mpx_per_s: of the work done here; 0 when all came from a store
 *
 * Thread: owner.
 */
typedef struct
{
  const char *slide_path;
  AxRect0 extent;
  AxPoint0 bounds_origin;
  AxScale mpp; /* 0 when unknown */
  const char *model_name, *model_hash;
  const char *engine, *device;
  const char *shows;
  int alpha;
  const AxResultCascade *cascade;
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

/**
 * ax_export_flags_parse:
 * @text: "xml,geojson,imagescope,tiff,csv,json", any of them in any order
 *
 * Errors: AX_ERROR_FORMAT naming the word.
 */
gboolean ax_export_flags_parse (const char *text, AxExportFlags *flags,
                                GError **error);

/** (transfer full): where one file of a result goes, of a single flag. */
char *ax_export_get_path (const char *slide_path, const char *folder,
                          AxExportFlags flag);

/**
 * ax_result_to_annotations:
 *
 * (transfer full): lesions as polygons of the group "Tumor", with score, class
 * and diameter in name, measurements and metadata; what they were made with is
 * in the group's attributes (formats.md 3.1, 3.5).  A lesion of several
 * outlines becomes as many annotations.
 */
AxAnnotationSet *ax_result_to_annotations (const AxResult *self);

/**
 * Whether all of a set was made by ax_result_to_annotations(), also read back
 * from a file.  GeoJSON has no groups; without annotations it says nothing.
 */
gboolean ax_result_owns_annotations (const AxAnnotationSet *set);

/**
 * ax_result_check_targets:
 *
 * Ground truth and what a person has drawn in ASAP or QuPath have the names of
 * our files: refuses to replace annotations that ax_result_write() has not
 * written, or that somebody has added to.
 *
 * Errors: AX_ERROR_IO naming the file.
 */
gboolean ax_result_check_targets (const char *slide_path, const char *folder,
                                  AxExportFlags flags, GError **error);

/** (transfer full): the object of formats.md 4, `detect`, as JSON text. */
char *ax_result_to_json (const AxResult *self, gboolean pretty);

/** The same as a value of a larger document. */
void ax_result_add_json (const AxResult *self, AxJsonWriter *json,
                         const char *name);

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
