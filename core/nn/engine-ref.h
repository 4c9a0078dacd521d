#pragma once

#include "core/nn/engine-api.h"

/**
 * The reference engine: plain loops in double, every kind of node, the oracle
 * for all others.  Always built, always usable, slow.
 */
const AxEngineOps *ax_engine_ref_get_ops (void);
