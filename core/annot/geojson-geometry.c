#include "core/annot/geojson-geometry.h"

#include "core/base/parse.h"

#include <string.h>

enum
{
  LEVEL_POINT = 1,
  LEVEL_LINE,
  LEVEL_POLYGON,
  LEVEL_POLYGONS,
};

typedef struct
{
  const char *name;
  guint level;
  AxShapeKind kind;
} GeometryType;

static const GeometryType types[] = {
  { "Polygon", LEVEL_POLYGON, AX_SHAPE_POLYGON },
  { "MultiPolygon", LEVEL_POLYGONS, AX_SHAPE_POLYGON },
  { "Point", LEVEL_POINT, AX_SHAPE_DOT },
  { "MultiPoint", LEVEL_LINE, AX_SHAPE_POINTS },
  { "LineString", LEVEL_LINE, AX_SHAPE_MEASUREMENT },
};

void
ax_geo_geometry_init (AxGeoGeometry *self)
{
  *self = (AxGeoGeometry){ 0 };
  ax_point_buffer_init (&self->points);
  self->ring_ends = g_array_new (FALSE, FALSE, sizeof (guint));
  self->polygon_ends = g_array_new (FALSE, FALSE, sizeof (guint));
}

void
ax_geo_geometry_clear (AxGeoGeometry *self)
{
  g_clear_pointer (&self->type, g_free);
  ax_point_buffer_clear (&self->points);
  g_clear_pointer (&self->ring_ends, g_array_unref);
  g_clear_pointer (&self->polygon_ends, g_array_unref);
}

static void
read_point (AxJsonReader *json, AxPointBuffer *points)
{
  const char *const axes[] = { "X", "Y" };
  double values[2] = { 0, 0 };
  guint n = 0;
  g_autoptr (GError) error = NULL;

  do
    {
      const char *text = ax_json_reader_read_text (json);

      if (n < 2 && error == NULL)
        ax_coordinate_parse (text, axes[n], &values[n], &error);
      n++;
    }
  while (ax_json_reader_next (json));

  if (error == NULL && n < 2)
    ax_coordinate_parse (NULL, axes[n], &values[n], &error);
  if (error != NULL)
    {
      ax_point_buffer_add_bad (points, ax_json_reader_get_line (json),
                               error->message);
      return;
    }
  g_array_append_vals (points->points, &(AxPoint0){ values[0], values[1] }, 1);
}

/* Returns how deep the arrays are nested. */
static guint
read_coordinates (AxGeoGeometry *self, AxJsonReader *json)
{
  guint level = LEVEL_POINT;

  ax_json_reader_enter (json);
  while (ax_json_reader_next (json))
    {
      guint inner = 0;

      if (ax_json_reader_peek (json) != AX_JSON_ARRAY)
        {
          read_point (json, &self->points);
          return LEVEL_POINT;
        }
      inner = read_coordinates (self, json);
      level = MAX (level, inner + 1);
    }
  if (level == LEVEL_LINE)
    g_array_append_val (self->ring_ends, self->points.points->len);
  else if (level == LEVEL_POLYGON)
    g_array_append_val (self->polygon_ends, self->ring_ends->len);
  return level;
}

void
ax_geo_geometry_read (AxGeoGeometry *self, AxJsonReader *json)
{
  if (!ax_json_reader_enter_if (json, AX_JSON_OBJECT))
    return;
  ax_geo_geometry_clear (self);
  ax_geo_geometry_init (self);
  while (ax_json_reader_next (json))
    {
      const char *key = ax_json_reader_get_key (json);

      if (strcmp (key, "type") == 0)
        {
          g_free (self->type);
          self->type = ax_json_reader_dup_string (json);
        }
      else if (strcmp (key, "isEllipse") == 0)
        self->is_ellipse
            = g_strcmp0 (ax_json_reader_read_text (json), "true") == 0;
      else if (strcmp (key, "coordinates") == 0
               && ax_json_reader_peek (json) == AX_JSON_ARRAY)
        self->level = read_coordinates (self, json);
      else
        ax_json_reader_skip (json);
    }
}

/* (nullable): NULL, said why, when the geometry is of no type read here. */
static const GeometryType *
find_type (const AxGeoGeometry *self, AxAnnotationSet *set, const char *name,
           guint line)
{
  if (self->type == NULL)
    {
      ax_annotation_set_add_skipped (set, line, "'%s' has no geometry", name);
      return NULL;
    }
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      if (strcmp (self->type, types[i].name) != 0)
        continue;
      if (self->level == types[i].level)
        return &types[i];
      ax_annotation_set_add_skipped (
          set, line,
          "'%s': the coordinates of a %s are nested %u deep, here %u", name,
          self->type, types[i].level, self->level);
      return NULL;
    }
  ax_annotation_set_add_skipped (set, line, "'%s': a %.40s is not read", name,
                                 self->type);
  return NULL;
}

static void
shift_points (GArray *points, AxPoint0 origin)
{
  for (guint i = 0; i < points->len; i++)
    {
      g_array_index (points, AxPoint0, i).x += origin.x;
      g_array_index (points, AxPoint0, i).y += origin.y;
    }
}

/* The rings [first, end) as one annotation, none without an outline. */
static void
add_shape (const AxGeoGeometry *self, guint first, guint end,
           AxAnnotationSet *set, AxShapeKind kind, const char *name, guint line)
{
  AxAnnotation *annotation = NULL;

  for (guint i = first; i < end; i++)
    {
      guint start = i > 0 ? g_array_index (self->ring_ends, guint, i - 1) : 0;
      guint n = g_array_index (self->ring_ends, guint, i) - start;
      const AxPoint0 *points
          = (const AxPoint0 *)self->points.points->data + start;
      g_autoptr (GArray) ellipse = NULL;

      if (self->is_ellipse && n > 1)
        {
          ellipse = ax_ellipse_trace (points, n);
          points = (const AxPoint0 *)ellipse->data;
          n = ellipse->len;
        }
      if (ax_shape_accept (set, kind, points, n, name, line))
        {
          if (annotation == NULL)
            annotation = ax_annotation_set_add (set, kind, name, NULL);
          ax_annotation_add_ring (annotation, points, n);
        }
      else if (annotation == NULL)
        return;
    }
}

void
ax_geo_geometry_add_to (AxGeoGeometry *self, AxAnnotationSet *set,
                        const char *name, guint line, AxPoint0 origin)
{
  const GeometryType *type = find_type (self, set, name, line);
  guint start = 0;

  if (type == NULL)
    return;
  if (self->level < LEVEL_LINE)
    g_array_append_val (self->ring_ends, self->points.points->len);
  if (self->level < LEVEL_POLYGON)
    g_array_append_val (self->polygon_ends, self->ring_ends->len);
  shift_points (self->points.points, origin);
  ax_point_buffer_report (&self->points, set, name);

  for (guint i = 0; i < self->polygon_ends->len; i++)
    {
      guint end = g_array_index (self->polygon_ends, guint, i);

      add_shape (self, start, end, set, type->kind, name, line);
      start = end;
    }
}

static const char *
name_of_kind (AxShapeKind kind)
{
  switch (kind)
    {
    case AX_SHAPE_DOT:
      return "Point";
    case AX_SHAPE_POINTS:
      return "MultiPoint";
    case AX_SHAPE_MEASUREMENT:
      return "LineString";
    default:
      return "Polygon";
    }
}

static void
append_point (GString *text, AxPoint0 point, AxPoint0 origin)
{
  char x[AX_FORMAT_BUFFER], y[AX_FORMAT_BUFFER];

  g_string_append_printf (
      text, "[%s,%s]",
      ax_format_decimal (x, point.x - origin.x, AX_COORDINATE_DECIMALS),
      ax_format_decimal (y, point.y - origin.y, AX_COORDINATE_DECIMALS));
}

static void
append_points (GString *text, const AxPolyRing *ring, AxPoint0 origin,
               gboolean closed)
{
  g_string_append_c (text, '[');
  for (guint i = 0; i < ring->n_points; i++)
    {
      if (i > 0)
        g_string_append_c (text, ',');
      append_point (text, ring->points[i], origin);
    }
  if (closed)
    {
      g_string_append_c (text, ',');
      append_point (text, ring->points[0], origin);
    }
  g_string_append_c (text, ']');
}

void
ax_geo_geometry_append (GString *text, const AxAnnotation *annotation,
                        AxPoint0 origin)
{
  const AxPolyRing *rings = (const AxPolyRing *)annotation->rings->data;

  g_string_append_printf (text, "{\"type\":\"%s\",\"coordinates\":",
                          name_of_kind (annotation->kind));
  if (ax_annotation_is_area (annotation))
    {
      g_string_append_c (text, '[');
      for (guint i = 0; i < annotation->rings->len; i++)
        {
          if (i > 0)
            g_string_append_c (text, ',');
          append_points (text, &rings[i], origin, TRUE);
        }
      g_string_append_c (text, ']');
    }
  else if (annotation->kind == AX_SHAPE_DOT)
    append_point (text, rings[0].points[0], origin);
  else
    append_points (text, &rings[0], origin, FALSE);
  g_string_append_c (text, '}');
}
