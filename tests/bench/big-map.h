#pragma once

#include "core/detect/prob-map.h"

/** A slide of 200,000 x 100,000 pixels at 16 pixels a cell. */
#define BIG_MAP_WIDTH 12500
#define BIG_MAP_HEIGHT 6250

/**
 * big_map_new:
 * @n_foci: blurred discs of up to 40 cells, six of 300
 * @n_crosses: of five cells, which the opening leaves alone
 *
 * (transfer full): a map with 30 % tissue under a low, skewed noise.
 */
AxProbMap *big_map_new (int n_foci, int n_crosses);
