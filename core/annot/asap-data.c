#include "core/annot/asap-data.h"

#include <string.h>

#define MEASUREMENT "measurement"
#define METADATA "metadata"

/* Far below what XML parsers take for a name. */
#define MAX_KEY_BYTES 1000

static char *
full_name (const char *group, const char *name)
{
  return g_strconcat (group, "\n", name, NULL);
}

/* Full name -> annotation, NULL where several share it. */
static GHashTable *
index_by_name (const AxAnnotationSet *set)
{
  GHashTable *index
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < set->annotations->len; i++)
    {
      AxAnnotation *annotation = set->annotations->pdata[i];
      char *key = NULL;

      if (annotation->group == NULL)
        continue;
      key = full_name (annotation->group, annotation->name);
      if (g_hash_table_contains (index, key))
        annotation = NULL;
      g_hash_table_replace (index, key, annotation);
    }
  return index;
}

static void
append_encoded (GString *key, const char *part)
{
  for (const char *next = part; *next != '\0'; next = g_utf8_next_char (next))
    {
      gunichar c = g_utf8_get_char (next);

      if (c < 0x80 && (g_ascii_isalnum (c) || c == '-'))
        g_string_append_c (key, c);
      else
        g_string_append_printf (key, "_x%04X_", c);
    }
}

/* (nullable): the character of `_xHHHH_` at @text; moves @text behind it. */
static gunichar
take_code_point (const char **text)
{
  const char *next = *text;
  gunichar c = 0;

  if (next[0] != '_' || next[1] != 'x')
    return 0;
  for (next += 2; g_ascii_isxdigit (*next) && c <= 0x10ffff; next++)
    c = c * 16 + g_ascii_xdigit_value (*next);
  if (*next != '_' || !g_unichar_validate (c))
    return 0;
  *text = next + 1;
  return c;
}

static char *
decode (const char *part)
{
  g_autoptr (GString) text = g_string_new (NULL);

  while (*part != '\0')
    {
      gunichar c = take_code_point (&part);

      if (c != 0)
        g_string_append_unichar (text, c);
      else if (*part == '_')
        return NULL;
      else
        g_string_append_c (text, *part++);
    }
  return g_strdup (text->str);
}

static void
add_entry (AxAnnotationGroup *group, const char *type, const char *name,
           const char *key, const char *value, AxLosses *losses)
{
  g_autoptr (GString) attribute = g_string_new (type);

  g_string_append_c (attribute, '.');
  append_encoded (attribute, name);
  g_string_append_c (attribute, '.');
  append_encoded (attribute, key);
  if (attribute->len > MAX_KEY_BYTES)
    ax_losses_add (losses, "data with an overlong name not written", name);
  else
    ax_annotation_group_add_attribute (group, attribute->str, value);
}

static void
add_data (AxAnnotationGroup *group, const AxAnnotation *annotation,
          AxLosses *losses)
{
  const GPtrArray *measurements = annotation->measurements;
  const GPtrArray *metadata = annotation->metadata;

  for (guint i = 0; measurements != NULL && i < measurements->len; i++)
    {
      const AxMeasurement *entry = measurements->pdata[i];
      char value[AX_MEASUREMENT_BUFFER];

      add_entry (group, MEASUREMENT, annotation->name, entry->name,
                 ax_measurement_format (value, entry->value), losses);
    }
  for (guint i = 0; metadata != NULL && i < metadata->len; i++)
    {
      const AxMetadata *entry = metadata->pdata[i];

      add_entry (group, METADATA, annotation->name, entry->key, entry->value,
                 losses);
    }
}

AxAnnotationSet *
ax_asap_data_encode (const AxAnnotationSet *set, AxLosses *losses)
{
  g_autoptr (GHashTable) index = NULL;
  AxAnnotationSet *data = NULL;

  g_return_val_if_fail (set != NULL && losses != NULL, NULL);

  index = index_by_name (set);
  data = ax_annotation_set_new ();
  for (guint i = 0; i < set->annotations->len; i++)
    {
      const AxAnnotation *annotation = set->annotations->pdata[i];
      g_autofree char *key = NULL;

      if (annotation->measurements == NULL && annotation->metadata == NULL)
        continue;
      if (annotation->group != NULL
          && strcmp (annotation->group, AX_ASAP_NO_GROUP) != 0)
        key = full_name (annotation->group, annotation->name);
      if (key != NULL && g_hash_table_lookup (index, key) == annotation)
        add_data (ax_annotation_set_add_group (data, annotation->group, -1),
                  annotation, losses);
      else
        ax_losses_add_data (losses, annotation);
    }
  return data;
}

/* Whether @attribute was one of ours and has gone to its annotation. */
static gboolean
give_back (GHashTable *index, const char *group, const AxMetadata *attribute)
{
  g_auto (GStrv) parts = g_strsplit (attribute->key, ".", 4);
  g_autofree char *name = NULL;
  g_autofree char *key = NULL;
  g_autofree char *full = NULL;
  AxAnnotation *annotation = NULL;
  double number = 0;

  if (g_strv_length (parts) != 3)
    return FALSE;
  name = decode (parts[1]);
  key = decode (parts[2]);
  if (name == NULL || key == NULL)
    return FALSE;
  full = full_name (group, name);
  annotation = g_hash_table_lookup (index, full);
  if (annotation == NULL)
    return FALSE;

  if (strcmp (parts[0], METADATA) == 0)
    ax_annotation_add_metadata (annotation, key, attribute->value);
  else if (strcmp (parts[0], MEASUREMENT) == 0
           && ax_measurement_parse (attribute->value, &number))
    ax_annotation_add_measurement (annotation, key, number);
  else
    return FALSE;
  return TRUE;
}

void
ax_asap_data_decode (AxAnnotationSet *set)
{
  g_autoptr (GHashTable) index = NULL;

  g_return_if_fail (set != NULL);

  index = index_by_name (set);
  for (guint i = 0; i < set->groups->len; i++)
    {
      AxAnnotationGroup *group = set->groups->pdata[i];
      g_autoptr (GPtrArray) all = g_steal_pointer (&group->attributes);

      for (guint j = 0; all != NULL && j < all->len; j++)
        {
          const AxMetadata *attribute = all->pdata[j];

          if (!give_back (index, group->name, attribute))
            ax_annotation_group_add_attribute (group, attribute->key,
                                               attribute->value);
        }
    }
}
