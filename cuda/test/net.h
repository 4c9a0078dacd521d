#pragma once

#include "core/nn/engine-api.h"

/**
 * Net: a graph with random parameters, for the programs of this folder, which
 * see nothing but the engine interface.
 *
 * net_add_ functions return the new node's number.  Values keep their size
 * from layer to layer.  They end the program when memory runs out.
 */
#define NET_MAX_NODES 128
#define NET_MAX_PARAMS 256

typedef struct
{
  AxNode nodes[NET_MAX_NODES];
  AxTensorView params[NET_MAX_PARAMS]; /* F32 */
  int32_t n_nodes, n_params, n_outputs;
  int32_t outputs[AX_MAX_OUTPUTS];
  uint64_t seed;
} Net;

Net *net_new (uint64_t seed);
void net_free (Net *self);
AxGraphView net_view (const Net *self);

/** A node without parameters; the rest of it is the caller's to set. */
int32_t net_add (Net *self, AxNodeKind kind, int32_t a, int32_t b,
                 int32_t n_channels);
int32_t net_add_conv (Net *self, AxNodeKind kind, int32_t input,
                      int32_t n_channels, AxWindow window);
int32_t net_add_pool (Net *self, AxNodeKind kind, int32_t input,
                      AxWindow window);
int32_t net_add_norm (Net *self, int32_t input);
int32_t net_add_relu (Net *self, int32_t input);
int32_t net_add_softmax (Net *self, int32_t input);
void net_add_output (Net *self, int32_t node);

/**
 * net_new_scannet:
 * @divisor: of the width of every layer
 * @depth: of the last pools so many are FRAGMENTs: alpha is 2^depth
 *
 * ScanNet (Lin et al. 2018) in the form with fragments.
 * net_get_scannet_side(): of the input for @n_cells a side with alpha 1.
 */
Net *net_new_scannet (int32_t divisor, int32_t depth, uint64_t seed);
int32_t net_get_scannet_side (int32_t n_cells, int32_t depth);

/** A U-Net of two floors with a gate of attention, two outputs. */
Net *net_new_branches (uint64_t seed);

/** The networks that people train: four blocks at 10x, plain or with gates of
 * attention; a U-Net of depth 4. */
Net *net_new_small_scannet (int has_attention, uint64_t seed);
Net *net_new_unet (int32_t width, uint64_t seed);

/** 0 to 2^53 - 1 of a sequence that @state holds (SplitMix64). */
uint64_t net_draw (uint64_t *state);
