#pragma once

#include "cuda/test/runner.h"

/**
 * overlap_run:
 * @runner: of one entry a batch
 * @n_wrong: out: passes that give other bits than when nothing else is under
 *   way
 *
 * As many passes under way as may be, as in a scan: memory that the engine gave
 * is filled again as soon as its pass has been waited for.
 */
AxStatus overlap_run (const Runner *runner, int n_passes, int *n_wrong,
                      AxEngineError *error);
