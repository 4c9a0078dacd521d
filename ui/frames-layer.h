#pragma once

#include "ui/frames.h"
#include "ui/layer.h"

G_BEGIN_DECLS

/**
 * AxFramesLayer: frame times as a plate with a bar for each of the last
 * snapshots.  Hidden until shown.  Thread: main.
 */
#define AX_TYPE_FRAMES_LAYER (ax_frames_layer_get_type ())
G_DECLARE_FINAL_TYPE (AxFramesLayer, ax_frames_layer, AX, FRAMES_LAYER, AxLayer)

/** @frames: outlives the layer. */
AxFramesLayer *ax_frames_layer_new (AxFrames *frames);

G_END_DECLS
