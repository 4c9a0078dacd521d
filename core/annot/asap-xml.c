#include "core/annot/asap-xml.h"

#include "core/annot/asap-data.h"
#include "core/annot/asap-holes.h"
#include "core/annot/xml.h"
#include "core/base/error.h"
#include "core/base/parse.h"

#include <libxml/tree.h>

#include <string.h>

#define MAX_GROUP_DEPTH 64

#define DEFAULT_COLOR 0xf4fa58
#define DEFAULT_GROUP_COLOR 0x64fe2e

static const struct
{
  const char *name;
  AxShapeKind kind;
} types[] = {
  { "Polygon", AX_SHAPE_POLYGON }, { "Rectangle", AX_SHAPE_RECTANGLE },
  { "Spline", AX_SHAPE_SPLINE },   { "Dot", AX_SHAPE_DOT },
  { "PointSet", AX_SHAPE_POINTS }, { "Measurement", AX_SHAPE_MEASUREMENT },
};

typedef struct
{
  gint64 order;
  AxPoint0 point;
} OrderedPoint;

typedef struct
{
  AxAnnotationSet *set;
  AxAnnotationSet *holes; /* polygons named like holes, until all is read */
  guint depth;
  AxAnnotationGroup *group; /* (nullable) the one being read */

  /* the annotation being read */
  gboolean in_annotation;
  guint line;
  AxShapeKind kind;
  char *name;
  char *group_name; /* (nullable) */
  gint32 color;
  AxPointBuffer points;
  GArray *orders; /* of gint64, one a point while every point has one */
} Reader;

static gint32
parse_color (const char *text, gint32 default_color)
{
  gint32 color = 0;

  if (text == NULL || text[0] != '#' || strlen (text) != 7)
    return -1;
  for (const char *digit = text + 1; *digit != '\0'; digit++)
    {
      if (!g_ascii_isxdigit (*digit))
        return -1;
      color = color * 16 + g_ascii_xdigit_value (*digit);
    }
  return color == default_color ? -1 : color;
}

static AxShapeKind
parse_type (const char *text)
{
  for (guint i = 0; text != NULL && i < G_N_ELEMENTS (types); i++)
    if (strcmp (text, types[i].name) == 0)
      return types[i].kind;
  return AX_SHAPE_POLYGON;
}

/* (nullable): the name of a group, NULL for the word that means none. */
static const char *
find_group_name (const char *const *attributes)
{
  const char *name = ax_xml_find_attribute (attributes, "PartOfGroup");

  return name == NULL || *name == '\0' || strcmp (name, AX_ASAP_NO_GROUP) == 0
             ? NULL
             : name;
}

static void
begin_annotation (Reader *self, AxXmlReader *xml, const char *const *attributes)
{
  const char *name = ax_xml_find_attribute (attributes, "Name");

  self->in_annotation = TRUE;
  self->line = ax_xml_reader_get_line (xml);
  self->kind = parse_type (ax_xml_find_attribute (attributes, "Type"));
  self->color = parse_color (ax_xml_find_attribute (attributes, "Color"),
                             DEFAULT_COLOR);
  g_free (self->name);
  self->name = g_strdup (name != NULL ? name : "");
  g_free (self->group_name);
  self->group_name = g_strdup (find_group_name (attributes));
  ax_point_buffer_reset (&self->points);
  g_array_set_size (self->orders, 0);
}

static void
add_point (Reader *self, AxXmlReader *xml, const char *const *attributes)
{
  const char *text = ax_xml_find_attribute (attributes, "Order");
  gint64 order = 0;

  if (ax_xml_reader_add_point (xml, attributes, &self->points) && text != NULL
      && ax_parse_int (text, "Order", G_MININT64, G_MAXINT64, &order, NULL))
    g_array_append_val (self->orders, order);
}

static gint
compare_order (gconstpointer a, gconstpointer b)
{
  gint64 order_a = ((const OrderedPoint *)a)->order;
  gint64 order_b = ((const OrderedPoint *)b)->order;

  return (order_a > order_b) - (order_a < order_b);
}

static gboolean
is_sorted (const GArray *orders)
{
  for (guint i = 1; i < orders->len; i++)
    if (g_array_index (orders, gint64, i)
        < g_array_index (orders, gint64, i - 1))
      return FALSE;
  return TRUE;
}

static void
sort_points (Reader *self)
{
  GArray *points = self->points.points;
  g_autoptr (GArray) sorted = NULL;

  if (self->orders->len != points->len || is_sorted (self->orders))
    return;

  sorted = g_array_sized_new (FALSE, FALSE, sizeof (OrderedPoint), points->len);
  for (guint i = 0; i < points->len; i++)
    {
      OrderedPoint entry = { g_array_index (self->orders, gint64, i),
                             g_array_index (points, AxPoint0, i) };

      g_array_append_val (sorted, entry);
    }
  g_array_sort (sorted, compare_order);
  for (guint i = 0; i < points->len; i++)
    g_array_index (points, AxPoint0, i)
        = g_array_index (sorted, OrderedPoint, i).point;
}

static AxShapeKind
kind_by_count (AxShapeKind kind, guint n_points)
{
  if (kind == AX_SHAPE_DOT && n_points > 1)
    return AX_SHAPE_POINTS;
  if (kind == AX_SHAPE_RECTANGLE && n_points != 4)
    return AX_SHAPE_POLYGON;
  return kind;
}

static void
end_annotation (Reader *self)
{
  const AxPoint0 *points = (const AxPoint0 *)self->points.points->data;
  guint n_points = self->points.points->len;
  AxAnnotation *annotation = NULL;
  AxAnnotationSet *set = NULL;

  if (!self->in_annotation)
    return;
  self->in_annotation = FALSE;
  sort_points (self);
  self->kind = kind_by_count (self->kind, n_points);
  ax_point_buffer_report (&self->points, self->set, self->name);
  if (!ax_shape_accept (self->set, self->kind, points, n_points, self->name,
                        self->line))
    return;

  set = self->kind == AX_SHAPE_POLYGON
                && ax_asap_hole_is_candidate (self->name, self->group_name)
            ? self->holes
            : self->set;
  annotation
      = ax_annotation_set_add (set, self->kind, self->name, self->group_name);
  annotation->color = self->color;
  ax_annotation_add_ring (annotation, points, n_points);
  if (self->group_name != NULL)
    ax_annotation_set_add_group (set, self->group_name, -1);
}

static void
begin_group (Reader *self, const char *const *attributes)
{
  const char *name = ax_xml_find_attribute (attributes, "Name");
  const char *parent = find_group_name (attributes);
  gint32 color = parse_color (ax_xml_find_attribute (attributes, "Color"),
                              DEFAULT_GROUP_COLOR);

  if (name == NULL)
    return;
  self->group = ax_annotation_set_add_group (self->set, name, color);
  if (self->group->parent == NULL)
    self->group->parent = g_strdup (parent);
}

static void
add_attributes (Reader *self, const char *const *attributes)
{
  for (; attributes[0] != NULL; attributes += 2)
    ax_annotation_group_add_attribute (self->group, attributes[0],
                                       attributes[1]);
}

static void
on_start_element (AxXmlReader *xml, const char *name,
                  const char *const *attributes, gpointer user_data)
{
  Reader *self = user_data;

  if (self->depth++ == 0)
    {
      if (strcmp (name, "ASAP_Annotations") != 0
          && strcmp (name, "Annotations") != 0)
        ax_xml_reader_fail (xml, AX_ERROR_FORMAT,
                            "not ASAP annotations: the document is '%s'", name);
      return;
    }
  if (strcmp (name, "Coordinate") == 0 && self->in_annotation)
    add_point (self, xml, attributes);
  else if (ax_shapes_are_full (self->set))
    ax_xml_reader_fail (xml, AX_ERROR_LIMIT,
                        "more than %d annotations and groups", AX_SHAPES_MAX);
  else if (strcmp (name, "Annotation") == 0)
    begin_annotation (self, xml, attributes);
  else if (strcmp (name, "Group") == 0)
    begin_group (self, attributes);
  else if (strcmp (name, "Attribute") == 0 && self->group != NULL)
    add_attributes (self, attributes);
  else if (strcmp (name, "Regions") == 0)
    ax_xml_reader_fail (xml, AX_ERROR_FORMAT,
                        "not ASAP annotations: '%s' is of ImageScope", name);
}

static void
on_end_element (AxXmlReader *xml, const char *name, gpointer user_data)
{
  Reader *self = user_data;

  self->depth--;
  if (strcmp (name, "Annotation") == 0)
    end_annotation (self);
  else if (strcmp (name, "Group") == 0)
    self->group = NULL;
}

AxAnnotationSet *
ax_asap_xml_read (const char *path, GError **error)
{
  static const AxXmlHandler handler = { on_start_element, on_end_element };
  g_autoptr (AxAnnotationSet) set = ax_annotation_set_new ();
  g_autoptr (AxAnnotationSet) holes = ax_annotation_set_new ();
  Reader self = { .set = set, .holes = holes };
  gboolean ok = FALSE;

  g_return_val_if_fail (path != NULL, NULL);

  ax_point_buffer_init (&self.points);
  self.orders = g_array_new (FALSE, FALSE, sizeof (gint64));
  ok = ax_xml_read (path, &handler, &self, error);
  if (ok)
    {
      ax_asap_holes_restore (set, holes);
      ax_asap_data_decode (set);
    }
  ax_point_buffer_clear (&self.points);
  g_array_unref (self.orders);
  g_free (self.name);
  g_free (self.group_name);
  return ok ? g_steal_pointer (&set) : NULL;
}

static const char *
name_of_type (AxShapeKind kind)
{
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (types[i].kind == kind)
      return types[i].name;
  g_return_val_if_reached (types[0].name);
}

static void
append_color (GString *text, gint32 color, gint32 default_color)
{
  g_string_append_printf (text, " Color=\"#%06X\"",
                          color >= 0 ? color : default_color);
}

static void
append_ring (GString *text, const char *name, AxShapeKind kind,
             const char *group, gint32 color, const AxPolyRing *ring)
{
  g_string_append (text, "\t\t<Annotation");
  ax_xml_append_attribute (text, "Name", name);
  ax_xml_append_attribute (text, "Type", name_of_type (kind));
  ax_xml_append_attribute (text, "PartOfGroup",
                           group != NULL ? group : AX_ASAP_NO_GROUP);
  append_color (text, color, DEFAULT_COLOR);
  g_string_append (text, ">\n\t\t\t<Coordinates>\n");
  for (guint i = 0; i < ring->n_points; i++)
    {
      g_string_append_printf (text, "\t\t\t\t<Coordinate Order=\"%u\"", i);
      ax_xml_append_number (text, "X", ring->points[i].x,
                            AX_COORDINATE_DECIMALS);
      ax_xml_append_number (text, "Y", ring->points[i].y,
                            AX_COORDINATE_DECIMALS);
      g_string_append (text, " />\n");
    }
  g_string_append (text, "\t\t\t</Coordinates>\n\t\t</Annotation>\n");
}

static void
append_annotation (GString *text, const AxAnnotation *annotation)
{
  const AxPolyRing *rings = (const AxPolyRing *)annotation->rings->data;

  append_ring (text, annotation->name, annotation->kind, annotation->group,
               annotation->color, &rings[0]);
  for (guint i = 1; i < annotation->rings->len; i++)
    {
      g_autofree char *name = ax_asap_hole_format_name (annotation->name, i);

      append_ring (text, name, AX_SHAPE_POLYGON, AX_ASAP_HOLE_GROUP,
                   annotation->color, &rings[i]);
    }
}

static void
add_name (GPtrArray *names, GHashTable *known, const char *name)
{
  if (name != NULL && strcmp (name, AX_ASAP_NO_GROUP) != 0
      && g_hash_table_add (known, (gpointer)name))
    g_ptr_array_add (names, (gpointer)name);
}

/* (transfer container): every group that is defined, named or needed. */
static GPtrArray *
collect_group_names (const AxAnnotationSet *set)
{
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < set->groups->len; i++)
    {
      const AxAnnotationGroup *group = set->groups->pdata[i];

      add_name (names, known, group->name);
      add_name (names, known, group->parent);
    }
  for (guint i = 0; i < set->annotations->len; i++)
    {
      const AxAnnotation *annotation = set->annotations->pdata[i];

      add_name (names, known, annotation->group);
      if (annotation->rings->len > 1)
        add_name (names, known, AX_ASAP_HOLE_GROUP);
    }
  return names;
}

/* Groups that contain one another would send a reader round for ever. */
static gboolean
is_rooted (const AxAnnotationSet *set, const AxAnnotationGroup *group)
{
  for (guint i = 0; i < MAX_GROUP_DEPTH; i++)
    {
      if (group == NULL || group->parent == NULL)
        return TRUE;
      group = ax_annotation_set_find_group (set, group->parent);
    }
  return FALSE;
}

static void
append_attributes (GString *text, const AxAnnotationGroup *group,
                   AxLosses *losses)
{
  if (group == NULL || group->attributes == NULL)
    return;
  for (guint i = 0; i < group->attributes->len; i++)
    {
      const AxMetadata *attribute = group->attributes->pdata[i];

      if (xmlValidateNCName ((const xmlChar *)attribute->key, 0) != 0
          || strcmp (attribute->key, "xmlns") == 0)
        {
          ax_losses_add (losses, "group attribute that is no XML name",
                         attribute->key);
          continue;
        }
      g_string_append (text, "\t\t\t\t<Attribute");
      ax_xml_append_attribute (text, attribute->key, attribute->value);
      g_string_append (text, " />\n");
    }
}

static void
append_group (GString *text, const AxAnnotationSet *set, const char *name,
              const AxAnnotationGroup *data, AxLosses *losses)
{
  const AxAnnotationGroup *group = ax_annotation_set_find_group (set, name);
  const char *parent = group != NULL ? group->parent : NULL;

  if (!is_rooted (set, group))
    {
      ax_losses_add (losses, "group within itself", name);
      parent = NULL;
    }
  g_string_append (text, "\t\t<Group");
  ax_xml_append_attribute (text, "Name", name);
  ax_xml_append_attribute (text, "PartOfGroup",
                           parent != NULL ? parent : AX_ASAP_NO_GROUP);
  append_color (text, group != NULL ? group->color : -1, DEFAULT_GROUP_COLOR);
  g_string_append (text, ">\n\t\t\t<Attributes>\n");
  append_attributes (text, group, losses);
  append_attributes (text, data, losses);
  g_string_append (text, "\t\t\t</Attributes>\n\t\t</Group>\n");
}

GString *
ax_asap_xml_format (const AxAnnotationSet *set, AxLosses *losses)
{
  g_autoptr (AxAnnotationSet) data = NULL;
  g_autoptr (GPtrArray) groups = NULL;
  GString *text = NULL;

  g_return_val_if_fail (set != NULL && losses != NULL, NULL);

  text = g_string_new ("<?xml version=\"1.0\"?>\n<ASAP_Annotations>\n"
                       "\t<Annotations>\n");
  for (guint i = 0; i < set->annotations->len; i++)
    append_annotation (text, set->annotations->pdata[i]);
  g_string_append (text, "\t</Annotations>\n\t<AnnotationGroups>\n");

  ax_asap_holes_report_islands (set, losses);
  data = ax_asap_data_encode (set, losses);
  groups = collect_group_names (set);
  for (guint i = 0; i < groups->len; i++)
    append_group (text, set, groups->pdata[i],
                  ax_annotation_set_find_group (data, groups->pdata[i]),
                  losses);
  g_string_append (text, "\t</AnnotationGroups>\n</ASAP_Annotations>\n");
  return text;
}
