#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * Binds an enumerated key to an int property, both ways; g_settings_bind()
 * knows enumerated properties only.  Thread: main.
 */
void ax_settings_bind_enum (GSettings *settings, const char *key,
                            GObject *object, const char *property);

G_END_DECLS
