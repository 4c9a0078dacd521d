#pragma once

#include "core/detect/model-check.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * AxSelfTest:
 *
 * Whether a model gives on an engine what its file says it should, and stays
 * low on bare glass (core/detect/model-check.h).  Done in the background, once
 * for each model and engine in a process; it takes its turn with the scans.
 *
 * Properties, with notify:
 *   "text" (string)  what came of it, for people
 *
 * Thread: main.
 */
#define AX_TYPE_SELF_TEST (ax_self_test_get_type ())
G_DECLARE_FINAL_TYPE (AxSelfTest, ax_self_test, AX, SELF_TEST, GObject)

/** (transfer none): begins it when it was not asked for before. */
AxSelfTest *ax_self_test_get (AxModel *model, const char *engine);

const char *ax_self_test_get_text (AxSelfTest *self);
/** FALSE also while it is under way. */
gboolean ax_self_test_has_failed (AxSelfTest *self);

G_END_DECLS
