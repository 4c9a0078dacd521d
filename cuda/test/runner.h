#pragma once

#include "cuda/test/net.h"

/**
 * Runner: a net that one engine module runs, for the programs that need a GPU.
 * They end the program when a module cannot be loaded or memory runs out.
 */
typedef struct
{
  const AxEngineOps *ops;
  AxEngineContext *context;
  AxEnginePlan *plan;
  const Net *net;
  int32_t n, h, w;
  int64_t n_values; /* of all outputs */
} Runner;

/** The table of the module at @path. */
const AxEngineOps *runner_load (const char *path);

/** @memory: budget in bytes, 0: none.  On failure @error says why and there is
 * nothing to clear. */
AxStatus runner_init (Runner *self, const AxEngineOps *ops,
                      AxPrecision precision, int64_t memory, const Net *net,
                      int32_t n, int32_t h, int32_t w, AxEngineError *error);
void runner_clear (Runner *self);

/** @values: n_values floats, one output behind the other.
 * runner_submit(): ends with the engine's own wait(). */
AxStatus runner_forward (const Runner *self, const uint8_t *rgb, float *values,
                         AxEngineError *error);
AxStatus runner_submit (const Runner *self, const uint8_t *rgb, float *values,
                        AxEngineError *error);

/** (transfer full): zeroed memory; bytes that the seed gives; zeroed floats. */
void *runner_allocate (int64_t count, size_t size);
uint8_t *runner_make_image (int64_t count, uint64_t seed);
float *runner_make_values (int64_t count);

double runner_get_seconds (void);
