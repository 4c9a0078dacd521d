#pragma once

#include "core/annot/annot-format.h"
#include "core/annot/losses.h"

G_BEGIN_DECLS

/**
 * GeoJSON as QuPath writes and reads it.
 *
 * A group is a QuPath class.  QuPath's origin is the slide's bounds origin
 * (AxAnnotContext); what was subtracted on writing is stated in each
 * feature's metadata as AX_GEOJSON_ORIGIN_KEY, and on reading that statement
 * counts before the context.
 */
#define AX_GEOJSON_ORIGIN_KEY "axilla.origin"

/**
 * ax_geojson_read:
 * @context: (nullable)
 *
 * Reads a FeatureCollection, a bare array of features or a single feature,
 * plain or gzip.  Of members that occur twice the last counts.  Features
 * within features (childObjects) come after the one that holds them.
 *
 * A MultiPolygon becomes as many areas of one name; the feature's measurements
 * and metadata, which are those of the whole, go to the first.  An ellipse is
 * the one inscribed in the box of its points.  A LineString of two points is a
 * measurement; other lines are left out.
 *
 * Errors: as ax_annot_read().  Thread: any.
 */
AxAnnotationSet *ax_geojson_read (const char *path,
                                  const AxAnnotContext *context,
                                  GError **error);

/**
 * ax_geojson_format:
 * @context: (nullable)
 *
 * (transfer full): the set as the text of a FeatureCollection.  The ids are
 * UUIDs (RFC 9562, version 5) of what the features hold, so that the same set
 * gives the same text.
 */
GString *ax_geojson_format (const AxAnnotationSet *set,
                            const AxAnnotContext *context, AxLosses *losses);

G_END_DECLS
