#pragma once

#include "core/annot/json-reader.h"
#include "core/annot/point-buffer.h"

G_BEGIN_DECLS

/**
 * AxGeoGeometry:
 *
 * The geometry of one GeoJSON feature.  Its members come in any order, so the
 * coordinates are collected first and understood when all is read.
 *
 * @type: (nullable): as written, NULL when there is no geometry
 * @level: how deep the coordinates are nested: 1 for a point
 * @ring_ends: of guint, where rings end in the points
 * @polygon_ends: of guint, where polygons end in @ring_ends
 *
 * Thread: owner.
 */
typedef struct
{
  char *type;
  guint level;
  gboolean is_ellipse;
  AxPointBuffer points;
  GArray *ring_ends;
  GArray *polygon_ends;
} AxGeoGeometry;

void ax_geo_geometry_init (AxGeoGeometry *self);
void ax_geo_geometry_clear (AxGeoGeometry *self);

/** Reads the value of `geometry`; one that was read before is replaced. */
void ax_geo_geometry_read (AxGeoGeometry *self, AxJsonReader *json);

/**
 * ax_geo_geometry_add_to:
 * @origin: added to every point
 *
 * Appends an annotation called @name, without group, for each shape of the
 * geometry, and lists what is left out with @line.  Call it once.
 */
void ax_geo_geometry_add_to (AxGeoGeometry *self, AxAnnotationSet *set,
                             const char *name, guint line, AxPoint0 origin);

/** Appends the geometry object of @annotation, @origin subtracted. */
void ax_geo_geometry_append (GString *text, const AxAnnotation *annotation,
                             AxPoint0 origin);

G_END_DECLS
