#pragma once

#include "core/nn/engine-api.h"

/**
 * The CPU engine: convolutions of 3x3 by Winograd's algorithm where that is
 * faster (cpu-winograd.h), the others through oneDNN (cpu-dnnl.h), all else
 * row by row (cpu-ops.h); fp32 throughout.  Training: cpu-train.h.
 *
 * Bytes of the output are the same on the same machine whatever runs beside,
 * and for any number of threads as far as the network consists of 3x3
 * convolutions and what is done row by row.  oneDNN promises that for a fixed
 * number of threads only, though no network of ours has shown a difference.
 *
 * Threads are OpenMP's, because oneDNN's are: a pool of our own would have
 * two teams wait for each other on the same cores.  Idle threads of libgomp
 * spin for some milliseconds before they sleep, which steals from threads
 * that read slides.  OMP_WAIT_POLICY=passive in the environment of the
 * program puts them to sleep at once; ScanNet on an ROI of 564 took 0.20 s of
 * two idle cores instead of 0.21, and 0.42 s of processor time instead of
 * 0.52 with six other threads running.  libgomp reads it when it is loaded,
 * so that the program itself cannot set it in time.
 */
const AxEngineOps *ax_engine_cpu_get_ops (void);
