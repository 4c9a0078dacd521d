#include "ui/settings-bind.h"

typedef struct
{
  GSettings *settings;
  const char *key;
} Binding;

/* Mapping functions see the nick alone; the schema tells the numbers. */
static gboolean
get_mapping (GValue *value, GVariant *variant, gpointer data)
{
  Binding *binding = data;

  g_value_set_int (value,
                   g_settings_get_enum (binding->settings, binding->key));
  return TRUE;
}

static GVariant *
set_mapping (const GValue *value, const GVariantType *type, gpointer data)
{
  Binding *binding = data;

  /* Stores the value itself; there is nothing left to write. */
  g_settings_set_enum (binding->settings, binding->key,
                       g_value_get_int (value));
  return g_settings_get_value (binding->settings, binding->key);
}

void
ax_settings_bind_enum (GSettings *settings, const char *key, GObject *object,
                       const char *property)
{
  Binding *binding = g_new (Binding, 1);

  binding->settings = settings;
  binding->key = g_intern_string (key);
  g_settings_bind_with_mapping (settings, key, object, property,
                                G_SETTINGS_BIND_DEFAULT, get_mapping,
                                set_mapping, binding, g_free);
}
