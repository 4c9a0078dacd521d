#include "core/annot/geojson.h"

#include "core/annot/geojson-geometry.h"
#include "core/base/error.h"
#include "core/base/parse.h"

#include <string.h>

typedef struct
{
  guint line;
  gboolean has_members; /* it is a collection, or has children */
  gboolean is_root;
  char *name;  /* (nullable) */
  char *group; /* (nullable) */
  gint32 color, group_color;
  AxPoint0 origin;
  GHashTable *measurements; /* (nullable) name -> AxMeasurement of data */
  GHashTable *metadata;     /* (nullable) key -> AxMetadata of data */
  AxAnnotationSet *data;    /* (nullable) one annotation that holds them */
  AxGeoGeometry geometry;
} Feature;

typedef struct
{
  AxAnnotationSet *set;
  AxJsonReader *json;
  AxPoint0 origin;
} Reader;

static void read_features (Reader *self);

static void
feature_init (Feature *self, const Reader *reader)
{
  *self = (Feature){ .line = ax_json_reader_get_line (reader->json),
                     .color = -1,
                     .group_color = -1,
                     .origin = reader->origin };
  ax_geo_geometry_init (&self->geometry);
}

static void
feature_clear (Feature *self)
{
  g_free (self->name);
  g_free (self->group);
  g_clear_pointer (&self->measurements, g_hash_table_unref);
  g_clear_pointer (&self->metadata, g_hash_table_unref);
  ax_annotation_set_unref (self->data);
  ax_geo_geometry_clear (&self->geometry);
}

static AxAnnotation *
get_data (Feature *self)
{
  if (self->data == NULL)
    {
      self->data = ax_annotation_set_new ();
      ax_annotation_set_add (self->data, AX_SHAPE_POLYGON, "", NULL);
      self->measurements = g_hash_table_new (g_str_hash, g_str_equal);
      self->metadata = g_hash_table_new (g_str_hash, g_str_equal);
    }
  return self->data->annotations->pdata[0];
}

static void
set_measurement (Feature *self, const char *name, double value)
{
  AxAnnotation *data = get_data (self);
  AxMeasurement *entry = g_hash_table_lookup (self->measurements, name);

  if (entry != NULL)
    {
      entry->value = value;
      return;
    }
  ax_annotation_add_measurement (data, name, value);
  entry = data->measurements->pdata[data->measurements->len - 1];
  g_hash_table_insert (self->measurements, entry->name, entry);
}

static void
set_metadata (Feature *self, const char *key, const char *value)
{
  AxAnnotation *data = get_data (self);
  AxMetadata *entry = g_hash_table_lookup (self->metadata, key);

  if (entry != NULL)
    {
      g_free (entry->value);
      entry->value = g_strdup (value);
      return;
    }
  ax_annotation_add_metadata (data, key, value);
  entry = data->metadata->pdata[data->metadata->len - 1];
  g_hash_table_insert (self->metadata, entry->key, entry);
}

/* [r, g, b] or [r, g, b, a]; -1 for anything else. */
static gint32
read_color_list (AxJsonReader *json)
{
  gboolean valid = TRUE;
  gint32 color = 0;
  guint n = 0;

  ax_json_reader_enter (json);
  for (; ax_json_reader_next (json); n++)
    {
      const char *text = ax_json_reader_read_text (json);
      gint64 value = 0;

      valid = valid && text != NULL
              && ax_parse_int (text, "color", 0, 255, &value, NULL);
      if (n < 3)
        color = color << 8 | value;
    }
  return valid && (n == 3 || n == 4) ? color : -1;
}

/* A list or a packed number; -1 for anything else. */
static gint32
read_color (AxJsonReader *json)
{
  const char *text = NULL;
  gint64 value = 0;

  if (ax_json_reader_peek (json) == AX_JSON_ARRAY)
    return read_color_list (json);
  text = ax_json_reader_read_text (json);
  if (text == NULL
      || !ax_parse_int (text, "color", G_MININT32, G_MAXUINT32, &value, NULL))
    return -1;
  return value & 0xffffff;
}

/* (transfer full): the parts of a derived class in one. */
static char *
read_names (AxJsonReader *json)
{
  g_autoptr (GString) names = g_string_new (NULL);

  ax_json_reader_enter (json);
  while (ax_json_reader_next (json))
    {
      g_autofree char *name = ax_json_reader_dup_string (json);

      if (name != NULL)
        g_string_append_printf (names, "%s%s", names->len > 0 ? ": " : "",
                                name);
    }
  return g_strdup (names->str);
}

/* (transfer full) (nullable): a class's name: a string or the parts of one. */
static char *
read_class_name (AxJsonReader *json)
{
  return ax_json_reader_peek (json) == AX_JSON_ARRAY
             ? read_names (json)
             : ax_json_reader_dup_string (json);
}

static void
read_classification (AxJsonReader *json, Feature *feature)
{
  g_clear_pointer (&feature->group, g_free);
  if (ax_json_reader_peek (json) != AX_JSON_OBJECT)
    {
      feature->group = read_class_name (json);
      return;
    }
  ax_json_reader_enter (json);
  while (ax_json_reader_next (json))
    {
      const char *key = ax_json_reader_get_key (json);

      if (strcmp (key, "name") == 0 || strcmp (key, "names") == 0)
        {
          g_free (feature->group);
          feature->group = read_class_name (json);
        }
      else if (strcmp (key, "color") == 0 || strcmp (key, "colorRGB") == 0)
        feature->group_color = read_color (json);
      else
        ax_json_reader_skip (json);
    }
}

/* { "name": ..., "value": ... }, as before QuPath 0.4. */
static void
read_old_measurement (AxJsonReader *json, Feature *feature)
{
  g_autofree char *name = NULL;
  gboolean has_value = FALSE;
  double value = 0;

  if (!ax_json_reader_enter_if (json, AX_JSON_OBJECT))
    return;
  while (ax_json_reader_next (json))
    {
      gboolean is_name = strcmp (ax_json_reader_get_key (json), "name") == 0;
      gboolean is_value = strcmp (ax_json_reader_get_key (json), "value") == 0;
      const char *text = ax_json_reader_read_text (json);

      if (is_name)
        {
          g_free (name);
          name = g_strdup (text);
        }
      else if (is_value && text != NULL)
        has_value = ax_measurement_parse (text, &value);
    }
  if (name != NULL && has_value)
    set_measurement (feature, name, value);
}

static void
read_measurements (AxJsonReader *json, Feature *feature)
{
  AxJsonType type = ax_json_reader_peek (json);
  double value = 0;

  if (type != AX_JSON_OBJECT && type != AX_JSON_ARRAY)
    {
      ax_json_reader_skip (json);
      return;
    }
  ax_json_reader_enter (json);
  while (ax_json_reader_next (json))
    {
      const char *text = NULL;

      if (type == AX_JSON_ARRAY)
        {
          read_old_measurement (json, feature);
          continue;
        }
      text = ax_json_reader_read_text (json);
      if (text != NULL && ax_measurement_parse (text, &value))
        set_measurement (feature, ax_json_reader_get_key (json), value);
    }
}

static gboolean
parse_origin (const char *text, AxPoint0 *origin)
{
  g_auto (GStrv) parts = g_strsplit (text, ",", 3);
  AxPoint0 point;

  if (g_strv_length (parts) != 2
      || !ax_coordinate_parse (parts[0], "X", &point.x, NULL)
      || !ax_coordinate_parse (parts[1], "Y", &point.y, NULL))
    return FALSE;
  *origin = point;
  return TRUE;
}

static void
read_metadata (AxJsonReader *json, Feature *feature)
{
  if (!ax_json_reader_enter_if (json, AX_JSON_OBJECT))
    return;
  while (ax_json_reader_next (json))
    {
      const char *key = ax_json_reader_get_key (json);
      const char *text = ax_json_reader_read_text (json);

      if (text == NULL)
        continue;
      if (strcmp (key, AX_GEOJSON_ORIGIN_KEY) != 0
          || !parse_origin (text, &feature->origin))
        set_metadata (feature, key, text);
    }
}

static void
read_children (Reader *self, Feature *feature)
{
  feature->has_members = TRUE;
  if (ax_json_reader_peek (self->json) == AX_JSON_ARRAY)
    read_features (self);
  else
    ax_json_reader_skip (self->json);
}

static gboolean
is_children_key (const char *key)
{
  return strcmp (key, "childObjects") == 0 || strcmp (key, "children") == 0;
}

static void
read_object_type (AxJsonReader *json, Feature *feature)
{
  feature->is_root = g_strcmp0 (ax_json_reader_read_text (json), "root") == 0;
}

static void
read_properties (Reader *self, Feature *feature)
{
  AxJsonReader *json = self->json;

  if (!ax_json_reader_enter_if (json, AX_JSON_OBJECT))
    return;
  while (ax_json_reader_next (json))
    {
      const char *key = ax_json_reader_get_key (json);

      if (strcmp (key, "name") == 0)
        {
          g_free (feature->name);
          feature->name = ax_json_reader_dup_string (json);
        }
      else if (strcmp (key, "objectType") == 0
               || strcmp (key, "object_type") == 0)
        read_object_type (json, feature);
      else if (strcmp (key, "classification") == 0)
        read_classification (json, feature);
      else if (strcmp (key, "color") == 0)
        feature->color = read_color (json);
      else if (strcmp (key, "measurements") == 0)
        read_measurements (json, feature);
      else if (strcmp (key, "metadata") == 0)
        read_metadata (json, feature);
      else if (is_children_key (key))
        read_children (self, feature);
      else
        ax_json_reader_skip (json);
    }
}

static void
add_annotations (Reader *self, Feature *feature)
{
  GPtrArray *annotations = self->set->annotations;
  guint first = annotations->len;

  ax_geo_geometry_add_to (&feature->geometry, self->set, feature->name,
                          feature->line, feature->origin);
  for (guint i = first; i < annotations->len; i++)
    {
      AxAnnotation *annotation = annotations->pdata[i];

      annotation->group = g_strdup (feature->group);
      annotation->color = feature->color;
      if (i == first && feature->data != NULL)
        {
          AxAnnotation *data = get_data (feature);

          annotation->measurements = g_steal_pointer (&data->measurements);
          annotation->metadata = g_steal_pointer (&data->metadata);
        }
    }
  if (first < annotations->len && feature->group != NULL)
    ax_annotation_set_add_group (self->set, feature->group,
                                 feature->group_color);
}

/* Puts what was added from @end on before what was added from @start on. */
static void
move_before (GPtrArray *annotations, guint start, guint end)
{
  guint n = annotations->len - end;

  if (start == end)
    return;
  for (guint i = 0; i < n; i++)
    g_ptr_array_insert (
        annotations, start,
        g_ptr_array_steal_index (annotations, annotations->len - 1));
}

/* A feature or a collection.  Returns whether it was one of them. */
static gboolean
read_feature (Reader *self)
{
  GPtrArray *annotations = self->set->annotations;
  guint n_before = annotations->len;
  guint n_with_children = 0;
  gboolean known = FALSE;
  Feature feature;

  if (ax_shapes_are_full (self->set))
    ax_json_reader_fail (self->json, AX_ERROR_LIMIT,
                         "more than %d annotations and groups", AX_SHAPES_MAX);
  feature_init (&feature, self);
  ax_json_reader_enter (self->json);
  while (ax_json_reader_next (self->json))
    {
      const char *key = ax_json_reader_get_key (self->json);

      if (strcmp (key, "geometry") == 0)
        {
          known = TRUE;
          ax_geo_geometry_read (&feature.geometry, self->json);
        }
      else if (strcmp (key, "properties") == 0)
        read_properties (self, &feature);
      else if (strcmp (key, "features") == 0 || is_children_key (key))
        {
          known = TRUE;
          read_children (self, &feature);
        }
      else
        ax_json_reader_skip (self->json);
    }

  n_with_children = annotations->len;
  if (feature.name == NULL)
    feature.name = g_strdup ("");
  if (feature.group != NULL && *feature.group == '\0')
    g_clear_pointer (&feature.group, g_free);
  if (known && !feature.is_root
      && (feature.geometry.type != NULL || !feature.has_members))
    add_annotations (self, &feature);
  move_before (annotations, n_before, n_with_children);
  feature_clear (&feature);
  return known;
}

static void
read_features (Reader *self)
{
  ax_json_reader_enter (self->json);
  while (ax_json_reader_next (self->json))
    {
      AxJsonType type = ax_json_reader_peek (self->json);
      guint line = ax_json_reader_get_line (self->json);

      if (type != AX_JSON_OBJECT)
        ax_json_reader_skip (self->json);
      else if (read_feature (self))
        continue;
      ax_annotation_set_add_skipped (self->set, line, "not a feature");
    }
}

AxAnnotationSet *
ax_geojson_read (const char *path, const AxAnnotContext *context,
                 GError **error)
{
  g_autoptr (AxAnnotationSet) set = NULL;
  g_autoptr (AxJsonReader) json = NULL;
  Reader self = { 0 };

  g_return_val_if_fail (path != NULL, NULL);

  json = ax_json_reader_new (path, error);
  if (json == NULL)
    return NULL;
  set = ax_annotation_set_new ();
  self = (Reader){ .set = set, .json = json };
  if (context != NULL)
    self.origin = context->origin;

  switch (ax_json_reader_peek (json))
    {
    case AX_JSON_ARRAY:
      read_features (&self);
      break;
    case AX_JSON_OBJECT:
      if (!read_feature (&self))
        ax_json_reader_fail (json, AX_ERROR_FORMAT,
                             "not GeoJSON: no 'features' and no 'geometry'");
      break;
    default:
      ax_json_reader_fail (json, AX_ERROR_FORMAT,
                           "not GeoJSON: neither an object nor an array");
    }
  if (!ax_json_reader_finish (json, error))
    return NULL;
  return g_steal_pointer (&set);
}
