#pragma once

#include "core/detect/prob-map.h"
#include "core/slide/tissue.h"
#include "ui/color-map.h"
#include "ui/fill.h"
#include "ui/layer.h"

G_BEGIN_DECLS

/**
 * AxHeatmapLayer:
 *
 * The probability map in colour, from the level of its pyramid that fits the
 * zoom.  Under the threshold nothing is painted.  While a scan is under way,
 * tissue that is not analysed yet is lightly hatched.
 *
 * Pictures of map tiles are kept for as long as the map holds those tiles;
 * another threshold or colour map paints those on screen anew.
 *
 * Thread: main.
 */
#define AX_TYPE_HEATMAP_LAYER (ax_heatmap_layer_get_type ())
G_DECLARE_FINAL_TYPE (AxHeatmapLayer, ax_heatmap_layer, AX, HEATMAP_LAYER,
                      AxLayer)

AxHeatmapLayer *ax_heatmap_layer_new (void);

/** @map: (nullable). */
void ax_heatmap_layer_set_map (AxHeatmapLayer *self, AxProbMap *map);

/** @tissue: (nullable): what is hatched where the map has no value; NULL while
 * nothing is waiting to be analysed. */
void ax_heatmap_layer_set_pending (AxHeatmapLayer *self, AxTissue *tissue);
void ax_heatmap_layer_set_threshold (AxHeatmapLayer *self, double threshold);
void ax_heatmap_layer_set_color_map (AxHeatmapLayer *self, AxColorMap map);
void ax_heatmap_layer_set_opacity (AxHeatmapLayer *self, double opacity);
void ax_heatmap_layer_set_fill (AxHeatmapLayer *self, AxFill fill);

/** The map has changed inside @rect: draws again if that is on screen. */
void ax_heatmap_layer_update (AxHeatmapLayer *self, AxRect0 rect);

G_END_DECLS
