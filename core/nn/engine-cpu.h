#pragma once

#include "core/nn/engine-api.h"

/**
 * The CPU engine: convolutions of 3x3 by Winograd's algorithm where that is
 * faster (cpu-winograd.h), the others through oneDNN (cpu-dnnl.h), all else
 * row by row (cpu-ops.h); fp32 throughout.
 *
 * Bytes of the output are the same on the same machine whatever runs beside,
 * and whatever the number of threads as far as the network consists of 3x3
 * convolutions and what is done row by row; oneDNN promises that for a fixed
 * number of threads only.
 *
 * Threads are OpenMP's, because oneDNN's are: a pool of our own would have
 * the two teams wait for each other on the same cores.  Between two steps
 * idle threads spin; when a run is over they sleep after some milliseconds,
 * or at once with OMP_WAIT_POLICY=passive.
 */
const AxEngineOps *ax_engine_cpu_get_ops (void);
