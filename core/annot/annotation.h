#pragma once

#include "core/base/geometry.h"

#include <glib.h>

G_BEGIN_DECLS

/**
 * Annotations as every reader makes them and every writer takes them: groups
 * and shapes in level-0 pixels, holes explicit.
 */

typedef enum
{
  AX_SHAPE_POLYGON,
  AX_SHAPE_RECTANGLE,   /* four corners */
  AX_SHAPE_SPLINE,      /* control points, read as a closed polygon */
  AX_SHAPE_DOT,         /* one point */
  AX_SHAPE_POINTS,      /* n points */
  AX_SHAPE_MEASUREMENT, /* two points */
} AxShapeKind;

/** AxPolyRing: vertices of a closed line; the first is not repeated. */
typedef struct
{
  AxPoint0 *points; /* (owned) */
  guint n_points;
} AxPolyRing;

/**
 * AxAnnotation:
 *
 * @rings: the outline first, then holes.  Shapes that are not areas have one
 *   ring holding their points.
 * @color: 0xRRGGBB, or -1 for the format's default
 * @measurements: (nullable) name -> double; @metadata: (nullable) text -> text.
 *   GeoJSON carries both, ASAP by way of the group's attributes.
 */
typedef struct
{
  AxShapeKind kind;
  char *name;  /* (owned) never NULL */
  char *group; /* (owned) (nullable) */
  gint32 color;
  GArray *rings;           /* of AxPolyRing */
  GPtrArray *measurements; /* (nullable) of AxMeasurement */
  GPtrArray *metadata;     /* (nullable) of AxMetadata */
} AxAnnotation;

typedef struct
{
  char *name;
  double value;
} AxMeasurement;

typedef struct
{
  char *key, *value;
} AxMetadata;

typedef struct
{
  char *name;            /* (owned) */
  char *parent;          /* (owned) (nullable) */
  gint32 color;          /* 0xRRGGBB or -1 */
  GPtrArray *attributes; /* (nullable) of AxMetadata; ASAP carries those
                            whose keys are XML names */
} AxAnnotationGroup;

/** AxSkipped: something a reader or writer left out, with the reason. */
typedef struct
{
  guint line; /* 0 where the format has no lines */
  char *why;  /* (owned) */
} AxSkipped;

/**
 * AxAnnotationSet:
 *
 * Thread: owner while it is built; immutable (any thread) afterwards.
 */
typedef struct
{
  GPtrArray *annotations;     /* of AxAnnotation */
  GPtrArray *groups;          /* of AxAnnotationGroup */
  GPtrArray *skipped;         /* of AxSkipped */
  GHashTable *groups_by_name; /* private */
} AxAnnotationSet;

AxAnnotationSet *ax_annotation_set_new (void);
AxAnnotationSet *ax_annotation_set_ref (AxAnnotationSet *self);
void ax_annotation_set_unref (AxAnnotationSet *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxAnnotationSet, ax_annotation_set_unref)

/** (transfer none): a new annotation at the end of the set, without rings. */
AxAnnotation *ax_annotation_set_add (AxAnnotationSet *self, AxShapeKind kind,
                                     const char *name, const char *group);

/**
 * (transfer none): the group of that name, made with @color when absent.  An
 * existing one takes @color only if it has none yet.
 */
AxAnnotationGroup *ax_annotation_set_add_group (AxAnnotationSet *self,
                                                const char *name, gint32 color);
/** (transfer none) (nullable). */
const AxAnnotationGroup *
ax_annotation_set_find_group (const AxAnnotationSet *self, const char *name);

void ax_annotation_set_remove_group (AxAnnotationSet *self, const char *name);

void ax_annotation_set_add_skipped (AxAnnotationSet *self, guint line,
                                    const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/** (transfer full) (element-type AxSkipped): an empty array that owns its
 * elements; ax_skipped_list_add() appends to it. */
GPtrArray *ax_skipped_list_new (void);

/** @why: (transfer full): made one line and cut when it is very long. */
void ax_skipped_list_add (GPtrArray *list, guint line, char *why);

/** How many points a ring has without last ones that repeat the first. */
guint ax_ring_count_points (const AxPoint0 *points, guint n_points);

/**
 * Copies @points, of which there is at least one.  Of an area, last points
 * equal to the first are dropped.
 */
void ax_annotation_add_ring (AxAnnotation *self, const AxPoint0 *points,
                             guint n_points);
void ax_annotation_add_measurement (AxAnnotation *self, const char *name,
                                    double value);
void ax_annotation_add_metadata (AxAnnotation *self, const char *key,
                                 const char *value);
void ax_annotation_group_add_attribute (AxAnnotationGroup *self,
                                        const char *key, const char *value);

/** Room for the longest measurement as text. */
#define AX_MEASUREMENT_BUFFER 32

/**
 * A measurement as text: decimal with the fewest digits that give the same
 * number back, or `NaN`, `Infinity`, `-Infinity`.  Reading takes `nan`, `inf`
 * and `-inf` as well; FALSE when the text is no number.
 */
const char *ax_measurement_format (char buffer[AX_MEASUREMENT_BUFFER],
                                   double value);
gboolean ax_measurement_parse (const char *text, double *value);

gboolean ax_annotation_is_area (const AxAnnotation *self);

/** Signed area of a ring in px^2 (shoelace); positive when clockwise on
 * screen (y down). */
double ax_poly_ring_area (const AxPolyRing *ring);

/**
 * ax_annotation_is_tumor:
 * ax_annotation_is_normal:
 *
 * What the annotation marks by its group as CAMELYON16/17 name it: `_0`, `_1`,
 * `Tumor`, `metastases` are tumour; `_2`, `Exclusion`, `None`, `normal` are
 * cut-outs or normal tissue; any other group is neither.  The name is looked
 * at only when there is no group, and then without a number at its end
 * ("Tumor3").  Both are trimmed and case-folded.
 */
gboolean ax_annotation_is_tumor (const AxAnnotation *self);
gboolean ax_annotation_is_normal (const AxAnnotation *self);

G_END_DECLS
