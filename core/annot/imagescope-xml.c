#include "core/annot/imagescope-xml.h"

#include "core/annot/outlines.h"
#include "core/annot/xml.h"
#include "core/base/error.h"
#include "core/base/parse.h"

#include <math.h>
#include <string.h>

#define DEFAULT_COLOR 0x00ff00

#define FIGURE_DECIMALS 2
#define MPP_DECIMALS 6

typedef enum
{
  REGION_POLYGON = 0,
  REGION_RECTANGLE = 1,
  REGION_ELLIPSE = 2,
  REGION_ARROW = 3,
  REGION_RULER = 4,
} RegionType;

/* As HALO spells them. */
static const char *const type_words[] = {
  [REGION_POLYGON] = "polygon", [REGION_RECTANGLE] = "rectangle",
  [REGION_ELLIPSE] = "ellipse", [REGION_ARROW] = "arrow",
  [REGION_RULER] = "ruler",
};

typedef struct
{
  AxAnnotationSet *set;
  guint depth;

  /* the layer being read */
  AxAnnotationGroup *group; /* (nullable) */
  gint32 color;
  AxOutlines *outlines;
  AxAnnotationSet *holes;
  GArray *hole_lines; /* of guint */

  /* the region being read */
  gboolean in_region;
  guint line;
  RegionType type;
  gboolean negative;
  char *name;
  AxPointBuffer points;
} Reader;

static gint32
swap_red_and_blue (gint32 color)
{
  return (color & 0xff) << 16 | (color & 0xff00) | (color >> 16 & 0xff);
}

static gint32
parse_color (const char *text)
{
  gint64 value = 0;

  if (text == NULL
      || !ax_parse_int (text, "LineColor", G_MININT32, G_MAXUINT32, &value,
                        NULL))
    return -1;
  return swap_red_and_blue (value & 0xffffff);
}

static RegionType
parse_type (const char *text)
{
  gint64 number = 0;

  if (text == NULL)
    return REGION_POLYGON;
  for (guint i = 0; i < G_N_ELEMENTS (type_words); i++)
    if (g_ascii_strcasecmp (text, type_words[i]) == 0)
      return i;
  if (ax_parse_int (text, "Type", 0, REGION_RULER, &number, NULL))
    return number;
  return REGION_POLYGON;
}

static gboolean
is_true (const char *text)
{
  return text != NULL
         && (strcmp (text, "1") == 0 || g_ascii_strcasecmp (text, "true") == 0);
}

static void
begin_layer (Reader *self, const char *const *attributes)
{
  const char *name = ax_xml_find_attribute (attributes, "Name");

  self->color = parse_color (ax_xml_find_attribute (attributes, "LineColor"));
  self->group = name != NULL && *name != '\0'
                    ? ax_annotation_set_add_group (self->set, name, self->color)
                    : NULL;
  self->outlines = ax_outlines_new ();
  self->holes = ax_annotation_set_new ();
}

static void
begin_region (Reader *self, AxXmlReader *xml, const char *const *attributes)
{
  const char *text = ax_xml_find_attribute (attributes, "Text");

  self->in_region = TRUE;
  self->line = ax_xml_reader_get_line (xml);
  self->type = parse_type (ax_xml_find_attribute (attributes, "Type"));
  self->negative = is_true (ax_xml_find_attribute (attributes, "NegativeROA"));
  g_free (self->name);
  self->name = g_strdup (text != NULL ? text : "");
  ax_point_buffer_reset (&self->points);
}

static void
add_group_attribute (Reader *self, const char *const *attributes)
{
  const char *name = ax_xml_find_attribute (attributes, "Name");
  const char *value = ax_xml_find_attribute (attributes, "Value");

  if (name != NULL && value != NULL && *value != '\0')
    ax_annotation_group_add_attribute (self->group, name, value);
}

/* Replaces two corners of a box by what they stand for. */
static void
expand_corners (Reader *self)
{
  GArray *points = self->points.points;
  AxPoint0 a, b;

  if (points->len != 2)
    return;
  a = g_array_index (points, AxPoint0, 0);
  b = g_array_index (points, AxPoint0, 1);
  if (self->type == REGION_RECTANGLE)
    {
      AxPoint0 corners[] = { a, { b.x, a.y }, b, { a.x, b.y } };

      g_array_set_size (points, 0);
      g_array_append_vals (points, corners, G_N_ELEMENTS (corners));
    }
  else if (self->type == REGION_ELLIPSE)
    {
      g_autoptr (GArray) outline
          = ax_ellipse_trace ((const AxPoint0 *)points->data, points->len);

      g_array_set_size (points, 0);
      g_array_append_vals (points, outline->data, outline->len);
    }
}

static AxShapeKind
find_kind (RegionType type, guint n_points)
{
  if (n_points == 1)
    return AX_SHAPE_DOT;
  if (n_points == 2 && (type == REGION_ARROW || type == REGION_RULER))
    return AX_SHAPE_MEASUREMENT;
  if (n_points == 4 && type == REGION_RECTANGLE)
    return AX_SHAPE_RECTANGLE;
  return AX_SHAPE_POLYGON;
}

static void
end_region (Reader *self)
{
  GArray *points = self->points.points;
  AxAnnotationSet *set = self->negative ? self->holes : self->set;
  AxAnnotation *annotation = NULL;
  AxShapeKind kind;

  if (!self->in_region)
    return;
  self->in_region = FALSE;
  expand_corners (self);
  kind
      = self->negative ? AX_SHAPE_POLYGON : find_kind (self->type, points->len);
  ax_point_buffer_report (&self->points, self->set, self->name);
  if (!ax_shape_accept (self->set, kind, (const AxPoint0 *)points->data,
                        points->len, self->name, self->line))
    return;

  annotation = ax_annotation_set_add (
      set, kind, self->name, self->group != NULL ? self->group->name : NULL);
  if (self->group == NULL || self->group->color != self->color)
    annotation->color = self->color;
  ax_annotation_add_ring (annotation, (const AxPoint0 *)points->data,
                          points->len);
  if (self->negative)
    g_array_append_val (self->hole_lines, self->line);
  else if (ax_annotation_is_area (annotation))
    ax_outlines_add (self->outlines, annotation);
}

static void
end_layer (Reader *self)
{
  for (guint i = 0; i < self->holes->annotations->len; i++)
    {
      const AxAnnotation *hole = self->holes->annotations->pdata[i];
      const AxPolyRing *ring = &g_array_index (hole->rings, AxPolyRing, 0);
      AxAnnotation *owner = ax_outlines_find (self->outlines, ring, NULL);

      if (owner != NULL)
        ax_annotation_add_ring (owner, ring->points, ring->n_points);
      else
        ax_annotation_set_add_skipped (
            self->set, g_array_index (self->hole_lines, guint, i),
            "the negative region '%s' lies in no area of its layer",
            hole->name);
    }
  g_clear_pointer (&self->outlines, ax_outlines_free);
  g_clear_pointer (&self->holes, ax_annotation_set_unref);
  g_array_set_size (self->hole_lines, 0);
  self->group = NULL;
}

static void
on_start_element (AxXmlReader *xml, const char *name,
                  const char *const *attributes, gpointer user_data)
{
  Reader *self = user_data;
  gboolean in_layer = self->outlines != NULL;

  if (self->depth++ == 0)
    {
      if (strcmp (name, "Annotations") != 0)
        ax_xml_reader_fail (xml, AX_ERROR_FORMAT,
                            "not ImageScope annotations: the document is '%s'",
                            name);
      return;
    }
  if (self->in_region
      && (strcmp (name, "Vertex") == 0 || strcmp (name, "V") == 0))
    ax_xml_reader_add_point (xml, attributes, &self->points);
  else if (ax_shapes_are_full (self->set))
    ax_xml_reader_fail (xml, AX_ERROR_LIMIT,
                        "more than %d annotations and groups", AX_SHAPES_MAX);
  else if (!in_layer && strcmp (name, "Annotation") == 0)
    begin_layer (self, attributes);
  else if (in_layer && strcmp (name, "Region") == 0)
    begin_region (self, xml, attributes);
  else if (self->group != NULL && !self->in_region
           && strcmp (name, "Attribute") == 0)
    add_group_attribute (self, attributes);
  else if (strcmp (name, "Coordinates") == 0)
    ax_xml_reader_fail (xml, AX_ERROR_FORMAT,
                        "not ImageScope annotations: '%s' is of ASAP", name);
}

static void
on_end_element (AxXmlReader *xml, const char *name, gpointer user_data)
{
  Reader *self = user_data;

  self->depth--;
  if (strcmp (name, "Region") == 0)
    end_region (self);
  else if (self->outlines != NULL && strcmp (name, "Annotation") == 0)
    end_layer (self);
}

AxAnnotationSet *
ax_imagescope_xml_read (const char *path, GError **error)
{
  static const AxXmlHandler handler = { on_start_element, on_end_element };
  g_autoptr (AxAnnotationSet) set = ax_annotation_set_new ();
  Reader self = { .set = set };
  gboolean ok = FALSE;

  g_return_val_if_fail (path != NULL, NULL);

  ax_point_buffer_init (&self.points);
  self.hole_lines = g_array_new (FALSE, FALSE, sizeof (guint));
  ok = ax_xml_read (path, &handler, &self, error);
  ax_outlines_free (self.outlines);
  ax_annotation_set_unref (self.holes);
  g_array_unref (self.hole_lines);
  ax_point_buffer_clear (&self.points);
  g_free (self.name);
  return ok ? g_steal_pointer (&set) : NULL;
}

typedef struct
{
  const char *group; /* (nullable) */
  gint32 color;
  GPtrArray *annotations; /* of AxAnnotation, borrowed */
} Layer;

static void
layer_free (gpointer data)
{
  Layer *self = data;

  g_ptr_array_unref (self->annotations);
  g_free (self);
}

static Layer *
get_layer (GPtrArray *layers, GHashTable *index, const char *group,
           gint32 color)
{
  g_autofree char *key
      = g_strdup_printf ("%d\n%s", color, group != NULL ? group : "");
  Layer *layer = g_hash_table_lookup (index, key);

  if (layer == NULL)
    {
      layer = g_new0 (Layer, 1);
      layer->group = group;
      layer->color = color;
      layer->annotations = g_ptr_array_new ();
      g_ptr_array_add (layers, layer);
      g_hash_table_insert (index, g_steal_pointer (&key), layer);
    }
  return layer;
}

static gint32
find_color (const AxAnnotationSet *set, const AxAnnotation *annotation)
{
  const AxAnnotationGroup *group = NULL;

  if (annotation->color >= 0)
    return annotation->color;
  if (annotation->group != NULL)
    group = ax_annotation_set_find_group (set, annotation->group);
  return group != NULL && group->color >= 0 ? group->color : DEFAULT_COLOR;
}

/* (transfer full) (element-type Layer) */
static GPtrArray *
sort_into_layers (const AxAnnotationSet *set, AxLosses *losses)
{
  g_autoptr (GHashTable) index
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GPtrArray *layers = g_ptr_array_new_with_free_func (layer_free);

  for (guint i = 0; i < set->groups->len; i++)
    {
      const AxAnnotationGroup *group = set->groups->pdata[i];

      get_layer (layers, index, group->name,
                 group->color >= 0 ? group->color : DEFAULT_COLOR);
      if (group->parent != NULL)
        ax_losses_add (losses, "group no longer within another", group->name);
    }
  for (guint i = 0; i < set->annotations->len; i++)
    {
      AxAnnotation *annotation = set->annotations->pdata[i];
      Layer *layer = get_layer (layers, index, annotation->group,
                                find_color (set, annotation));

      g_ptr_array_add (layer->annotations, annotation);
    }
  return layers;
}

static double
ring_length (const AxPolyRing *ring, AxScale unit, gboolean closed)
{
  guint n_edges = closed ? ring->n_points : ring->n_points - 1;
  double length = 0;

  for (guint i = 0; i < n_edges; i++)
    {
      AxPoint0 a = ring->points[i];
      AxPoint0 b = ring->points[(i + 1) % ring->n_points];

      length += hypot ((b.x - a.x) * unit.x, (b.y - a.y) * unit.y);
    }
  return length;
}

static gboolean
has_mpp (const AxAnnotContext *context)
{
  return context != NULL && context->mpp_x > 0 && context->mpp_y > 0;
}

static void
append_figures (GString *text, const AxPolyRing *ring, gboolean is_area,
                const AxAnnotContext *context)
{
  double area = is_area ? fabs (ax_poly_ring_area (ring)) : 0;
  AxScale px = { 1, 1 };

  ax_xml_append_number (text, "Length", ring_length (ring, px, is_area),
                        FIGURE_DECIMALS);
  ax_xml_append_number (text, "Area", area, FIGURE_DECIMALS);
  if (has_mpp (context))
    {
      AxScale um = { context->mpp_x, context->mpp_y };

      ax_xml_append_number (text, "LengthMicrons",
                            ring_length (ring, um, is_area), FIGURE_DECIMALS);
      ax_xml_append_number (text, "AreaMicrons", area * um.x * um.y,
                            FIGURE_DECIMALS);
    }
}

static RegionType
find_type (const AxAnnotation *annotation)
{
  switch (annotation->kind)
    {
    case AX_SHAPE_RECTANGLE:
      return REGION_RECTANGLE;
    case AX_SHAPE_MEASUREMENT:
      return REGION_RULER;
    default:
      return REGION_POLYGON;
    }
}

static void
append_region (GString *text, const AxAnnotation *annotation,
               const AxPolyRing *ring, gboolean negative, guint id,
               const AxAnnotContext *context)
{
  g_string_append_printf (text,
                          "      <Region Id=\"%u\" Type=\"%d\" Zoom=\"1\" "
                          "Selected=\"0\" ImageLocation=\"\" "
                          "ImageFocus=\"-1\"",
                          id,
                          negative ? REGION_POLYGON : find_type (annotation));
  append_figures (text, ring, ax_annotation_is_area (annotation), context);
  ax_xml_append_attribute (text, "Text", annotation->name);
  g_string_append_printf (text,
                          " NegativeROA=\"%d\" InputRegionId=\"0\" "
                          "Analyze=\"1\" DisplayId=\"%u\">\n"
                          "        <Attributes/>\n        <Vertices>\n",
                          negative, id);
  for (guint i = 0; i < ring->n_points; i++)
    {
      g_string_append (text, "          <Vertex");
      ax_xml_append_number (text, "X", ring->points[i].x,
                            AX_COORDINATE_DECIMALS);
      ax_xml_append_number (text, "Y", ring->points[i].y,
                            AX_COORDINATE_DECIMALS);
      g_string_append (text, " Z=\"0\"/>\n");
    }
  g_string_append (text, "        </Vertices>\n      </Region>\n");
}

static guint
append_points (GString *text, const AxAnnotation *annotation, guint id,
               const AxAnnotContext *context)
{
  const AxPolyRing *ring = &g_array_index (annotation->rings, AxPolyRing, 0);

  for (guint i = 0; i < ring->n_points; i++)
    {
      AxPolyRing dot = { &ring->points[i], 1 };

      append_region (text, annotation, &dot, FALSE, id++, context);
    }
  return id;
}

/* Returns the id of the next region. */
static guint
append_annotation (GString *text, const AxAnnotation *annotation, guint id,
                   const AxAnnotContext *context, AxLosses *losses)
{
  ax_losses_add_data (losses, annotation);
  if (annotation->kind == AX_SHAPE_SPLINE)
    ax_losses_add (losses, "spline written as a polygon", annotation->name);
  if (annotation->kind == AX_SHAPE_POINTS)
    {
      ax_losses_add (losses, "points written one by one", annotation->name);
      return append_points (text, annotation, id, context);
    }
  for (guint i = 0; i < annotation->rings->len; i++)
    append_region (text, annotation,
                   &g_array_index (annotation->rings, AxPolyRing, i), i > 0,
                   id++, context);
  return id;
}

static void
append_layer_attributes (GString *text, const AxAnnotationGroup *group)
{
  g_string_append (text, "    <Attributes>\n");
  for (guint i = 0;
       group != NULL && group->attributes != NULL && i < group->attributes->len;
       i++)
    {
      const AxMetadata *attribute = group->attributes->pdata[i];

      g_string_append (text, "      <Attribute");
      ax_xml_append_attribute (text, "Name", attribute->key);
      g_string_append_printf (text, " Id=\"%u\"", i);
      ax_xml_append_attribute (text, "Value", attribute->value);
      g_string_append (text, "/>\n");
    }
  g_string_append (text, "    </Attributes>\n");
}

static void
append_layer (GString *text, const Layer *layer, const AxAnnotationGroup *group,
              guint id, const AxAnnotContext *context, AxLosses *losses)
{
  guint next = 1;

  g_string_append_printf (text, "  <Annotation Id=\"%u\"", id);
  ax_xml_append_attribute (text, "Name",
                           layer->group != NULL ? layer->group : "");
  g_string_append_printf (
      text,
      " ReadOnly=\"0\" NameReadOnly=\"0\" LineColorReadOnly=\"0\""
      " Incremental=\"0\" Type=\"4\" LineColor=\"%d\" Visible=\"1\""
      " Selected=\"0\" MarkupImagePath=\"\" MacroName=\"\">\n",
      swap_red_and_blue (layer->color));
  append_layer_attributes (text, group);
  g_string_append (text, "    <Regions>\n      <RegionAttributeHeaders>\n"
                         "        <AttributeHeader Id=\"9999\" Name=\"Region\""
                         " ColumnWidth=\"-1\"/>\n"
                         "        <AttributeHeader Id=\"9997\" Name=\"Length\""
                         " ColumnWidth=\"-1\"/>\n"
                         "        <AttributeHeader Id=\"9996\" Name=\"Area\""
                         " ColumnWidth=\"-1\"/>\n"
                         "        <AttributeHeader Id=\"9998\" Name=\"Text\""
                         " ColumnWidth=\"-1\"/>\n"
                         "      </RegionAttributeHeaders>\n");
  for (guint i = 0; i < layer->annotations->len; i++)
    next = append_annotation (text, layer->annotations->pdata[i], next, context,
                              losses);
  g_string_append (text, "    </Regions>\n    <Plots/>\n  </Annotation>\n");
}

GString *
ax_imagescope_xml_format (const AxAnnotationSet *set,
                          const AxAnnotContext *context, AxLosses *losses)
{
  g_autoptr (GHashTable) described = NULL;
  g_autoptr (GPtrArray) layers = NULL;
  GString *text = NULL;

  g_return_val_if_fail (set != NULL && losses != NULL, NULL);

  text = g_string_new ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                       "<Annotations");
  if (has_mpp (context))
    ax_xml_append_number (text, "MicronsPerPixel",
                          (context->mpp_x + context->mpp_y) / 2, MPP_DECIMALS);
  g_string_append (text, ">\n");

  /* Attributes of a group go to the first of its layers. */
  described = g_hash_table_new (NULL, NULL);
  layers = sort_into_layers (set, losses);
  for (guint i = 0; i < layers->len; i++)
    {
      const Layer *layer = layers->pdata[i];
      const AxAnnotationGroup *group = NULL;

      if (layer->group != NULL)
        group = ax_annotation_set_find_group (set, layer->group);
      if (group != NULL && !g_hash_table_add (described, (gpointer)group))
        group = NULL;
      append_layer (text, layer, group, i + 1, context, losses);
    }
  g_string_append (text, "</Annotations>\n");
  return text;
}
