#pragma once

#include "core/nn/engine-api.h"

/** The CPU engine. */
const AxEngineOps *ax_engine_cpu_get_ops (void);
