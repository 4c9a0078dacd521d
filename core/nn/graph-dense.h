#pragma once

#include "core/nn/graph.h"

G_BEGIN_DECLS

/**
 * The shared dense transformation (algorithms.md 1.4): a network of valid
 * convolutions and stride-2 2x2 pools, of total stride S, becomes one that
 * gives the output at step S/alpha in one pass, exactly.
 *
 * AX_DENSE_DILATED (form A): the last log2(alpha) pools get stride 1, what
 * follows gets dilated taps; the output is the interleaved map itself.
 * AX_DENSE_FRAGMENTS (form B): those pools become FRAGMENTs, a DEFRAGMENT
 * before each output puts the map together.
 *
 * Literature: Giusti et al. 2013 (fragments); Long et al. 2015 (a trous).
 */
typedef enum
{
  AX_DENSE_DILATED,
  AX_DENSE_FRAGMENTS,
} AxDenseForm;

/**
 * ax_graph_make_dense:
 * @alpha: power of two, up to the stride; 1 returns a new reference
 *
 * Returns: (transfer full): a sealed graph with the same parameter table.
 * Errors: AX_ERROR_UNSUPPORTED naming the node when the graph is not of that
 * kind (padding, other pools, upsampling).  Thread: any.
 */
AxGraph *ax_graph_make_dense (AxGraph *graph, int alpha, AxDenseForm form,
                              GError **error);

G_END_DECLS
