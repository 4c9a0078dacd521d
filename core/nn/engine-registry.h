#pragma once

#include "core/nn/engine.h"

G_BEGIN_DECLS

/*
 * What engine.c needs of the table behind ax_engine_list().  Thread: any.
 */

/** (transfer none) (nullable): of engine @index; NULL when it was refused. */
const AxEngineOps *ax_engine_registry_get_ops (guint index);

/**
 * Turns what an engine said into an error: its status as a code, its message
 * made one line, or words for its silence.
 */
void ax_engine_set_error (GError **error, const char *engine, AxStatus status,
                          AxEngineError *reason);

G_END_DECLS
