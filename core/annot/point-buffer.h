#pragma once

#include "core/annot/annotation.h"

G_BEGIN_DECLS

/** Most annotations and groups, left out or not, of one file. */
#define AX_SHAPES_MAX 2000000

/** Decimals of the coordinates every format is written with. */
#define AX_COORDINATE_DECIMALS 4

/** Coordinates beyond this, in level-0 pixels either side, are no slide's. */
#define AX_COORDINATE_MAX 1e9

/**
 * AxPointBuffer:
 *
 * The points of one shape while a reader collects them, and a tally of those
 * it could not read.
 *
 * Thread: owner.
 */
typedef struct
{
  GArray *points; /* of AxPoint0 */
  guint n_bad;
  guint bad_line; /* of the first bad one */
  char *bad_why;  /* (nullable) of the first bad one */
} AxPointBuffer;

void ax_point_buffer_init (AxPointBuffer *self);
void ax_point_buffer_clear (AxPointBuffer *self);

/** Empties the buffer for the next shape. */
void ax_point_buffer_reset (AxPointBuffer *self);

void ax_point_buffer_add_bad (AxPointBuffer *self, guint line, const char *why);

/** Lists the bad points of the shape @name as one entry of @set's skipped. */
void ax_point_buffer_report (const AxPointBuffer *self, AxAnnotationSet *set,
                             const char *name);

/**
 * ax_coordinate_parse:
 * @text: (nullable): NULL when it is missing
 * @axis: "X" or "Y"
 *
 * Errors: AX_ERROR_FORMAT when @text is no number within AX_COORDINATE_MAX.
 */
gboolean ax_coordinate_parse (const char *text, const char *axis, double *value,
                              GError **error);

/** Whether @set holds AX_SHAPES_MAX things, so that reading must end. */
gboolean ax_shapes_are_full (const AxAnnotationSet *set);

/**
 * ax_shape_accept:
 * @n_points: how many there are, a closing repetition included
 *
 * Whether the points make a shape of @kind.  If not, the shape @name is listed
 * in @set's skipped.
 */
gboolean ax_shape_accept (AxAnnotationSet *set, AxShapeKind kind,
                          const AxPoint0 *points, guint n_points,
                          const char *name, guint line);

/**
 * ax_ellipse_trace:
 * (transfer full) (element-type AxPoint0): the ellipse inscribed in the
 * bounding box of @points as a polygon that leaves it by at most 0.05 px.
 */
GArray *ax_ellipse_trace (const AxPoint0 *points, guint n_points);

G_END_DECLS
