#pragma once

#include "core/nn/engine-api.h"

#include <glib.h>

G_BEGIN_DECLS

/**
 * AxGraph:
 *
 * A network as an array of nodes in topological order, and a table of the
 * parameters they use.  Built by appending; sealed before use.
 *
 * Builders return the new node's index.  They take a structure that makes
 * sense for granted (g_return on misuse); shapes are checked by
 * graph-shape.h, parameters by ax_graph_bind().
 *
 * Thread: owner until sealed; immutable and refcounted (any thread) after.
 */
typedef struct _AxGraph AxGraph;

typedef enum
{
  AX_PARAM_WEIGHT,
  AX_PARAM_BIAS,
  AX_PARAM_NORM_WEIGHT,
  AX_PARAM_NORM_BIAS,
  AX_PARAM_RUNNING_MEAN,
  AX_PARAM_RUNNING_VAR,
} AxParamRole;

typedef struct
{
  char *name; /* of the tensor in the weights file */
  AxParamRole role;
  int rank;
  gint64 shape[AX_MAX_RANK];
} AxGraphParam;

AxGraph *ax_graph_new (const double mean[3], const double std[3]);
/** For transformations: a graph that holds only @source's input node. */
AxGraph *ax_graph_new_like (const AxGraph *source);
AxGraph *ax_graph_ref (AxGraph *self);
void ax_graph_unref (AxGraph *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxGraph, ax_graph_unref)

/** @name: prefix of "NAME.weight" and "NAME.bias". */
int ax_graph_add_conv (AxGraph *self, int input, const char *name,
                       int n_channels, AxWindow window, gboolean bias);
int ax_graph_add_conv_transpose (AxGraph *self, int input, const char *name,
                                 int n_channels, AxWindow window,
                                 gboolean bias);
int ax_graph_add_pool (AxGraph *self, int input, AxNodeKind kind,
                       AxWindow window);
int ax_graph_add_batch_norm (AxGraph *self, int input, const char *name,
                             double epsilon);
/** RELU, SIGMOID, CHANNEL_MEAN, CHANNEL_MAX. */
int ax_graph_add_unary (AxGraph *self, int input, AxNodeKind kind);
int ax_graph_add_softmax (AxGraph *self, int input, double temperature);
int ax_graph_add_dropout (AxGraph *self, int input, double rate);
/** CONCAT, ADD, MUL. */
int ax_graph_add_binary (AxGraph *self, int a, int b, AxNodeKind kind);
int ax_graph_add_upsample (AxGraph *self, int input, int factor);
int ax_graph_add_crop (AxGraph *self, int input, int top, int bottom, int left,
                       int right);
int ax_graph_add_fragment (AxGraph *self, int input);
int ax_graph_add_defragment (AxGraph *self, int input, int depth);

/** For transformations: appends copies.  A node's inputs and parameters are
 * indices into this graph and exist already. */
int ax_graph_add_node (AxGraph *self, const AxNode *node);
int ax_graph_add_param (AxGraph *self, const AxGraphParam *param);

void ax_graph_add_output (AxGraph *self, int node);
void ax_graph_seal (AxGraph *self);

/** Views a sealed graph; valid as long as the graph. */
const AxGraphView *ax_graph_get_view (const AxGraph *self);
guint ax_graph_get_n_params (const AxGraph *self);
const AxGraphParam *ax_graph_get_param (const AxGraph *self, guint index);

/** (transfer none): "conv", "max pool"; how many inputs such a node has. */
const char *ax_node_kind_get_name (AxNodeKind kind);
int ax_node_kind_get_n_inputs (AxNodeKind kind);

G_END_DECLS
