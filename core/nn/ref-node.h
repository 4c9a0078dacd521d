#pragma once

#include "core/nn/graph-shape.h"

G_BEGIN_DECLS

/*
 * The reference engine's operations: one function per kind of node, plain
 * loops in double that follow the definition, whatever they cost.
 *
 * Tensors are (n, c, h, w), row-major.  Shapes are those that
 * ax_graph_infer_shapes() gives; @out is allocated and holds nothing.
 * Thread: any.
 */
typedef struct
{
  AxShape shape;
  double *data;
} AxRefTensor;

typedef struct
{
  const AxNode *node;
  const AxRefTensor *a, *b; /* inputs; @b NULL where there is one */
  const double *params[4];  /* NULL where unused */
  AxRefTensor *out;
} AxRefCall;

/** Number of cells of one plane, of one entry of the batch, of all. */
static inline gint64
ax_ref_plane (const AxShape *shape)
{
  return shape->h * shape->w;
}

static inline gint64
ax_ref_volume (const AxShape *shape)
{
  return shape->c * ax_ref_plane (shape);
}

static inline gint64
ax_ref_count (const AxShape *shape)
{
  return shape->n * ax_ref_volume (shape);
}

void ax_ref_conv (const AxRefCall *call);
void ax_ref_conv_transpose (const AxRefCall *call);

void ax_ref_max_pool (const AxRefCall *call);
void ax_ref_avg_pool (const AxRefCall *call);
void ax_ref_fragment (const AxRefCall *call);
void ax_ref_defragment (const AxRefCall *call);

void ax_ref_copy (const AxRefCall *call);
void ax_ref_relu (const AxRefCall *call);
void ax_ref_sigmoid (const AxRefCall *call);
void ax_ref_softmax (const AxRefCall *call);
void ax_ref_batch_norm (const AxRefCall *call);
void ax_ref_channel_mean (const AxRefCall *call);
void ax_ref_channel_max (const AxRefCall *call);

void ax_ref_concat (const AxRefCall *call);
void ax_ref_add (const AxRefCall *call);
void ax_ref_mul (const AxRefCall *call);
void ax_ref_upsample (const AxRefCall *call);
void ax_ref_crop (const AxRefCall *call);

G_END_DECLS
