#pragma once

#include "core/models/model.h"

G_BEGIN_DECLS

/**
 * The self-test of a weights file: its stored tile gives its stored
 * probability, bare glass stays low.
 *
 * The tile is in the tensors `check.input`, U8 (H, W, 3), and `check.prob`,
 * F32 or F64, one value a cell of the tumour class's map at α = 1, row-major.
 */
#define AX_MODEL_CHECK_INPUT "check.input"
#define AX_MODEL_CHECK_PROB "check.prob"

#define AX_MODEL_CHECK_TILE_LIMIT 1e-4
#define AX_MODEL_CHECK_GLASS_LIMIT 0.5

/**
 * @has_tile: the file holds a tile; @tile_difference: the largest absolute
 *   difference of its probabilities
 * @glass: probability of a field of pure white
 */
typedef struct
{
  gboolean has_tile;
  double tile_difference;
  double glass;
} AxModelCheck;

/**
 * Waits for its turn while a scan is running in this process.
 *
 * Errors: AX_ERROR_FORMAT when the tile's tensors do not fit; those of the
 * engine.  Thread: any.
 */
gboolean ax_model_check_run (AxModel *model, const char *engine, int n_threads,
                             AxModelCheck *check, GError **error);

/** FALSE, with the reason, when the network does not work as it should. */
gboolean ax_model_check_judge (const AxModelCheck *check, const char *path,
                               GError **error);

G_END_DECLS
