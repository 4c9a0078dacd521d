#pragma once

#include "ui/tile-layer.h"

G_BEGIN_DECLS

/**
 * AxGridLayer: a debug view of the tile layer's cells: borders, level, column
 * and row, age, and what is missing or damaged.  Hidden until shown.
 * Thread: main.
 */
#define AX_TYPE_GRID_LAYER (ax_grid_layer_get_type ())
G_DECLARE_FINAL_TYPE (AxGridLayer, ax_grid_layer, AX, GRID_LAYER, AxLayer)

AxGridLayer *ax_grid_layer_new (AxTileLayer *tiles);

G_END_DECLS
