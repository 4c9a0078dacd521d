#pragma once

#include "core/nn/graph-shape.h"

G_BEGIN_DECLS

/*
 * The reference engine's operations: one function per kind of node, plain
 * loops in double that follow the definition, whatever they cost.
 *
 * Tensors are (n, c, h, w), row-major.  Shapes are those that
 * ax_graph_infer_shapes() gives; @out is allocated and holds nothing.
 *
 * A _backward function gets the call of the forward pass with the values of
 * then, and the gradient of @out; what it finds is added to the others.
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
  int index;                /* of the node */
  const AxRefTensor *a, *b; /* inputs; @b NULL where there is one */
  double *params[4];        /* NULL where unused */
  AxRefTensor *out;
  guint64 seed; /* of dropout, when learning */
} AxRefCall;

typedef struct
{
  const AxRefCall *call;
  const double *d_out;
  double *d_a, *d_b; /* NULL where not wanted */
  double *d_params[2];
} AxRefBackward;

/**
 * AxRefKind: what there is for a kind of node.  @learn is the forward pass of
 * training, which moves running statistics too; @backward is NULL where a
 * node cannot be trained.
 */
typedef struct
{
  void (*forward) (const AxRefCall *call);
  void (*learn) (const AxRefCall *call);
  void (*backward) (const AxRefBackward *back);
} AxRefKind;

/** (transfer none): of any kind but INPUT. */
const AxRefKind *ax_ref_kind_get (int kind);

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
void ax_ref_conv_backward (const AxRefBackward *back);
void ax_ref_conv_transpose (const AxRefCall *call);
void ax_ref_conv_transpose_backward (const AxRefBackward *back);

void ax_ref_max_pool (const AxRefCall *call);
void ax_ref_max_pool_backward (const AxRefBackward *back);
void ax_ref_avg_pool (const AxRefCall *call);
void ax_ref_avg_pool_backward (const AxRefBackward *back);
void ax_ref_fragment (const AxRefCall *call);
void ax_ref_defragment (const AxRefCall *call);

void ax_ref_copy (const AxRefCall *call);
void ax_ref_dropout_learn (const AxRefCall *call);
void ax_ref_dropout_backward (const AxRefBackward *back);
void ax_ref_relu (const AxRefCall *call);
void ax_ref_relu_backward (const AxRefBackward *back);
void ax_ref_sigmoid (const AxRefCall *call);
void ax_ref_sigmoid_backward (const AxRefBackward *back);
void ax_ref_softmax (const AxRefCall *call);
void ax_ref_softmax_backward (const AxRefBackward *back);
void ax_ref_batch_norm (const AxRefCall *call);
void ax_ref_batch_norm_learn (const AxRefCall *call);
void ax_ref_batch_norm_backward (const AxRefBackward *back);
void ax_ref_channel_mean (const AxRefCall *call);
void ax_ref_channel_mean_backward (const AxRefBackward *back);
void ax_ref_channel_max (const AxRefCall *call);
void ax_ref_channel_max_backward (const AxRefBackward *back);

void ax_ref_concat (const AxRefCall *call);
void ax_ref_concat_backward (const AxRefBackward *back);
void ax_ref_add (const AxRefCall *call);
void ax_ref_add_backward (const AxRefBackward *back);
void ax_ref_mul (const AxRefCall *call);
void ax_ref_mul_backward (const AxRefBackward *back);
void ax_ref_upsample (const AxRefCall *call);
void ax_ref_upsample_backward (const AxRefBackward *back);
void ax_ref_crop (const AxRefCall *call);
void ax_ref_crop_backward (const AxRefBackward *back);

G_END_DECLS
