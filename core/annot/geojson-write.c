#include "core/annot/geojson.h"

#include "core/annot/geojson-geometry.h"
#include "core/base/parse.h"

#include <math.h>
#include <string.h>

/* QuPath's own colour of the class Tumor; any other class gets ASAP's. */
#define TUMOR_COLOR 0xc80000
#define OTHER_COLOR 0x64fe2e

#define UUID_BYTES 16

typedef struct
{
  const AxAnnotationSet *set;
  AxPoint0 origin;
  AxLosses *losses;
  GHashTable *seen; /* id of a content -> how often it was written */
} Writer;

/* (transfer full): the UUID of the bytes of @content, RFC 9562 version 5. */
static char *
make_uuid (const char *content, guint occurrence)
{
  /* 6b0d5c1e-1f5a-4b0c-9a2e-4158494c4c41 */
  static const guint8 name_space[UUID_BYTES]
      = { 0x6b, 0x0d, 0x5c, 0x1e, 0x1f, 0x5a, 0x4b, 0x0c,
          0x9a, 0x2e, 0x41, 0x58, 0x49, 0x4c, 0x4c, 0x41 };
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
  guint8 id[20];
  gsize n_bytes = sizeof id;

  g_checksum_update (checksum, name_space, sizeof name_space);
  g_checksum_update (checksum, (const guchar *)content, -1);
  if (occurrence > 0)
    g_checksum_update (checksum,
                       (const guchar *)&(guint32){ GUINT32_TO_BE (occurrence) },
                       sizeof (guint32));
  g_checksum_get_digest (checksum, id, &n_bytes);
  id[6] = (id[6] & 0x0f) | 0x50;
  id[8] = (id[8] & 0x3f) | 0x80;
  return g_strdup_printf (
      "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
      id[0], id[1], id[2], id[3], id[4], id[5], id[6], id[7], id[8], id[9],
      id[10], id[11], id[12], id[13], id[14], id[15]);
}

/* (transfer full): the same for the same content, but never twice. */
static char *
next_uuid (Writer *self, const char *content)
{
  g_autofree char *first = make_uuid (content, 0);
  guint n_before = GPOINTER_TO_UINT (g_hash_table_lookup (self->seen, first));
  char *id = n_before > 0 ? make_uuid (content, n_before) : g_strdup (first);

  g_hash_table_insert (self->seen, g_steal_pointer (&first),
                       GUINT_TO_POINTER (n_before + 1));
  return id;
}

static void
append_color (GString *text, gint32 color)
{
  g_string_append_printf (text, "\"color\":[%d,%d,%d]", color >> 16 & 0xff,
                          color >> 8 & 0xff, color & 0xff);
}

/* Both name and colour: QuPath fails on a class that has no colour. */
static void
append_class (Writer *self, GString *text, const AxAnnotation *annotation)
{
  const AxAnnotationGroup *group
      = ax_annotation_set_find_group (self->set, annotation->group);
  g_autofree char *name = g_strdup (annotation->group);
  gint32 color = group != NULL ? group->color : -1;

  if (strpbrk (name, "\r\n") != NULL)
    ax_losses_add (self->losses, "line break in a class name is a space",
                   g_strdelimit (name, "\r\n", ' '));
  if (color < 0)
    color = ax_annotation_is_tumor (annotation) ? TUMOR_COLOR : OTHER_COLOR;
  g_string_append (text, ",\"classification\":{\"name\":");
  ax_json_append_string (text, name);
  g_string_append_c (text, ',');
  append_color (text, color);
  g_string_append_c (text, '}');
}

static void
append_measurements (GString *text, const GPtrArray *measurements)
{
  g_string_append (text, ",\"measurements\":{");
  for (guint i = 0; i < measurements->len; i++)
    {
      const AxMeasurement *entry = measurements->pdata[i];
      char buffer[AX_MEASUREMENT_BUFFER];
      const char *value = ax_measurement_format (buffer, entry->value);
      const char *quote = isfinite (entry->value) ? "" : "\"";

      if (i > 0)
        g_string_append_c (text, ',');
      ax_json_append_string (text, entry->name);
      g_string_append_printf (text, ":%s%s%s", quote, value, quote);
    }
  g_string_append_c (text, '}');
}

static void
append_entry (GString *text, const char *key, const char *value)
{
  if (text->str[text->len - 1] != '{')
    g_string_append_c (text, ',');
  ax_json_append_string (text, key);
  g_string_append_c (text, ':');
  ax_json_append_string (text, value);
}

static void
append_metadata (Writer *self, GString *text, const AxAnnotation *annotation)
{
  gboolean shifted = self->origin.x != 0 || self->origin.y != 0;
  const GPtrArray *metadata = annotation->metadata;

  if (metadata == NULL && !shifted)
    return;
  g_string_append (text, ",\"metadata\":{");
  for (guint i = 0; metadata != NULL && i < metadata->len; i++)
    {
      const AxMetadata *entry = metadata->pdata[i];

      append_entry (text, entry->key, entry->value);
    }
  if (shifted)
    {
      char x[AX_FORMAT_BUFFER], y[AX_FORMAT_BUFFER];
      g_autofree char *origin = g_strdup_printf (
          "%s,%s",
          ax_format_decimal (x, self->origin.x, AX_COORDINATE_DECIMALS),
          ax_format_decimal (y, self->origin.y, AX_COORDINATE_DECIMALS));

      append_entry (text, AX_GEOJSON_ORIGIN_KEY, origin);
    }
  g_string_append_c (text, '}');
}

static void
append_properties (Writer *self, GString *text, const AxAnnotation *annotation)
{
  g_string_append (text,
                   "\"properties\":{\"objectType\":\"annotation\",\"name\":");
  ax_json_append_string (text, annotation->name);
  if (annotation->group != NULL)
    append_class (self, text, annotation);
  if (annotation->color >= 0)
    {
      g_string_append_c (text, ',');
      append_color (text, annotation->color);
    }
  g_string_append (text, ",\"isLocked\":true");
  if (annotation->measurements != NULL)
    append_measurements (text, annotation->measurements);
  append_metadata (self, text, annotation);
  g_string_append_c (text, '}');
}

static void
append_feature (Writer *self, GString *text, const AxAnnotation *annotation)
{
  g_autoptr (GString) content = g_string_new ("\"geometry\":");
  g_autofree char *id = NULL;

  if (annotation->kind == AX_SHAPE_RECTANGLE)
    ax_losses_add (self->losses, "rectangle written as a polygon",
                   annotation->name);
  else if (annotation->kind == AX_SHAPE_SPLINE)
    ax_losses_add (self->losses, "spline written as a polygon",
                   annotation->name);
  ax_geo_geometry_append (content, annotation, self->origin);
  g_string_append_c (content, ',');
  append_properties (self, content, annotation);
  id = next_uuid (self, content->str);
  g_string_append_printf (text, "{\"type\":\"Feature\",\"id\":\"%s\",", id);
  g_string_append_len (text, content->str, content->len);
  g_string_append_c (text, '}');
}

static void
report_groups (const AxAnnotationSet *set, AxLosses *losses)
{
  g_autoptr (GHashTable) used = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < set->annotations->len; i++)
    {
      const AxAnnotation *annotation = set->annotations->pdata[i];

      if (annotation->group != NULL)
        g_hash_table_add (used, annotation->group);
    }
  for (guint i = 0; i < set->groups->len; i++)
    {
      const AxAnnotationGroup *group = set->groups->pdata[i];

      if (!g_hash_table_contains (used, group->name))
        ax_losses_add (losses, "group without annotations not written",
                       group->name);
      if (group->parent != NULL)
        ax_losses_add (losses, "group no longer within another", group->name);
      if (group->attributes != NULL)
        ax_losses_add (losses, "group attributes not written", group->name);
    }
}

GString *
ax_geojson_format (const AxAnnotationSet *set, const AxAnnotContext *context,
                   AxLosses *losses)
{
  g_autoptr (GHashTable) seen = NULL;
  Writer self = { .set = set, .losses = losses };
  GString *text = NULL;

  g_return_val_if_fail (set != NULL && losses != NULL, NULL);

  seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self.seen = seen;
  if (context != NULL)
    self.origin = context->origin;
  report_groups (set, losses);
  text = g_string_new ("{\"type\":\"FeatureCollection\",\"features\":[");
  for (guint i = 0; i < set->annotations->len; i++)
    {
      g_string_append (text, i > 0 ? ",\n" : "\n");
      append_feature (&self, text, set->annotations->pdata[i]);
    }
  g_string_append (text, "\n]}\n");
  return text;
}
