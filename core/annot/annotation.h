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
 *   Both are carried by the formats that can (formats.md 3.1, 3.5).
 */
typedef struct
{
  AxShapeKind kind;
  char *name;  /* (owned) never NULL */
  char *group; /* (owned) (nullable) */
  gint32 color;
  GArray *rings;              /* of AxPolyRing */
  GPtrArray *measurements;    /* (nullable) of AxMeasurement */
  GPtrArray *metadata;        /* (nullable) of AxMetadata */
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
  char *name;   /* (owned) */
  char *parent; /* (owned) (nullable) */
  gint32 color; /* 0xRRGGBB or -1 */
  GPtrArray *attributes; /* (nullable) of AxMetadata; keys are XML names */
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
  GPtrArray *annotations; /* of AxAnnotation */
  GPtrArray *groups;      /* of AxAnnotationGroup */
  GPtrArray *skipped;     /* of AxSkipped */
} AxAnnotationSet;

AxAnnotationSet *ax_annotation_set_new (void);
AxAnnotationSet *ax_annotation_set_ref (AxAnnotationSet *self);
void ax_annotation_set_unref (AxAnnotationSet *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxAnnotationSet, ax_annotation_set_unref)

/** (transfer none): a new annotation at the end of the set, without rings. */
AxAnnotation *ax_annotation_set_add (AxAnnotationSet *self, AxShapeKind kind,
                                     const char *name, const char *group);

/** (transfer none): the group of that name, made when absent. */
AxAnnotationGroup *ax_annotation_set_add_group (AxAnnotationSet *self,
                                                const char *name,
                                                gint32 color);
/** (transfer none) (nullable). */
const AxAnnotationGroup *
ax_annotation_set_find_group (const AxAnnotationSet *self, const char *name);

void ax_annotation_set_add_skipped (AxAnnotationSet *self, guint line,
                                    const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/** Copies @points; a last point equal to the first is dropped. */
void ax_annotation_add_ring (AxAnnotation *self, const AxPoint0 *points,
                             guint n_points);
void ax_annotation_add_measurement (AxAnnotation *self, const char *name,
                                    double value);
void ax_annotation_add_metadata (AxAnnotation *self, const char *key,
                                 const char *value);
void ax_annotation_group_add_attribute (AxAnnotationGroup *self,
                                        const char *key, const char *value);

gboolean ax_annotation_is_area (const AxAnnotation *self);

/** Signed area of a ring in px^2 (shoelace); positive when clockwise on
 * screen (y down). */
double ax_poly_ring_area (const AxPolyRing *ring);

/**
 * ax_annotation_is_tumor:
 *
 * Whether the annotation marks tumour by its group as CAMELYON16/17 name it
 * (formats.md 3.2): `_0`, `_1`, `Tumor`, `metastases` are tumour; `_2`,
 * `Exclusion`, `None`, `normal` are not.  The name is looked at only when
 * there is no group; both are trimmed and case-folded.
 */
gboolean ax_annotation_is_tumor (const AxAnnotation *self);

G_END_DECLS
