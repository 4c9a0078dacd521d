#pragma once

#include "core/nn/graph.h"

G_BEGIN_DECLS

/**
 * Shapes, receptive field, stride and cost, computed from the graph.
 */
typedef struct
{
  gint64 n, c, h, w;
} AxShape;

/**
 * ax_graph_infer_shapes:
 * @shapes: out, one per node
 *
 * Errors: AX_ERROR_FORMAT naming the node when the input is too small, sizes
 * of two inputs disagree, or a FRAGMENT gets an even side.
 */
gboolean ax_graph_infer_shapes (const AxGraphView *graph, gint64 batch,
                                gint64 height, gint64 width, AxShape *shapes,
                                GError **error);

/**
 * AxReceptiveField: of output 0.  @size: side of the field in input pixels,
 * @stride: input pixels per output cell, @offset: first input pixel of the
 * first output's field (negative with padding).  @stride 1/k (upsampling) does
 * not occur at outputs of this project.
 */
typedef struct
{
  gint64 size, stride, offset;
} AxReceptiveField;

gboolean ax_graph_get_receptive_field (const AxGraphView *graph,
                                       AxReceptiveField *field, GError **error);

/** Floating point operations (2 per multiply-add) of one forward pass. */
double ax_graph_count_flops (const AxGraphView *graph, const AxShape *shapes);

/** A line per node: index, kind, window, output shape. */
char *ax_graph_describe (const AxGraph *graph, const AxShape *shapes);

G_END_DECLS
