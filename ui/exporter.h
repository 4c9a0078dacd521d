#pragma once

#include "core/export/result.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ax_export_async:
 * @result: what to write; its text, map and lesions are copied or referenced
 * @threshold: lesions from there on; the set's own leaves them as they are
 *
 * Writes files off the main thread.  Thread: main.
 */
void ax_export_async (const AxResult *result, const char *folder,
                      AxExportFlags flags, double threshold,
                      GAsyncReadyCallback ready, gpointer user_data);

/** (transfer full): one sentence on what was written and what was lost. */
char *ax_export_finish (GAsyncResult *result, GError **error);

G_END_DECLS
