#pragma once

#include "core/grade/feature-table.h"

G_BEGIN_DECLS

/**
 * AxForestNode: a question, or an answer.
 *
 * @feature: -1 for a leaf
 * @threshold: values up to and with it go left
 * @left, @right: nodes behind this one; of a leaf 0
 */
typedef struct
{
  gint32 feature;
  guint32 left, right;
  double threshold;
} AxForestNode;

/**
 * AxForestTree: node 0 is the root.
 *
 * @counts: (n_nodes, n_labels): training rows, drawn with replacement, of each
 *   class in each node
 */
typedef struct
{
  AxForestNode *nodes; /* (owned) */
  guint32 *counts;     /* (owned) */
  guint n_nodes;
} AxForestTree;

/**
 * AxForestParams: how a forest is grown (Breiman 2001).
 *
 * @min_leaf: rows that a leaf must have; depth has no limit
 * @n_tried: features looked at for a split; 0 for the root of their number,
 *   rounded down
 * @seed: at most AX_FOREST_MAX_SEED; tree t draws from random stream t of it
 */
typedef struct
{
  guint n_trees, min_leaf, n_tried;
  guint64 seed;
} AxForestParams;

#define AX_FOREST_PARAMS_DEFAULT                                               \
  {                                                                            \
    .n_trees = 300, .min_leaf = 1, .n_tried = 0, .seed = 1                     \
  }

#define AX_FOREST_MAX_TREES 100000
/** Exact as a number of JSON. */
#define AX_FOREST_MAX_SEED ((guint64)1 << 53)

/**
 * AxForest: a random forest of classification trees.
 *
 * @oob_error: share of rows that the trees which have not seen them get wrong;
 *   NaN where every tree has seen every row
 * @importance: (n_features): mean over trees of what a feature's splits take
 *   off the Gini impurity, as shares of 1; all 0 where no tree splits
 *
 * Thread: any; immutable.
 */
typedef struct
{
  AxForestParams params;
  GStrv features; /* (owned) */
  GStrv labels;   /* (owned) */
  guint n_features, n_labels;
  AxForestTree *trees; /* (owned) (params.n_trees) */
  double oob_error;
  double *importance; /* (owned) */
} AxForest;

/**
 * ax_forest_grow:
 * @table: with truth
 * @oob: (out) (transfer full) (optional): (n_rows, n_labels) probabilities of
 *   each row by the trees that have not seen it; NaN where there is none
 *
 * Every tree is grown on as many rows as there are, drawn with replacement.  A
 * split is the one, of @n_tried features drawn anew at each node, that lowers
 * the Gini impurity most, half-way between two values; if all of these are
 * constant there, more are looked at.
 *
 * Errors: AX_ERROR_LIMIT for parameters out of range.
 */
AxForest *ax_forest_grow (const AxFeatureTable *table,
                          const AxForestParams *params, double **oob,
                          GError **error);
/** Accepts NULL. */
void ax_forest_free (AxForest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxForest, ax_forest_free)

/**
 * ax_forest_check:
 *
 * Whether a forest read from a file can be walked: children lie behind their
 * parent, features exist, leaves hold rows.  Errors: AX_ERROR_FORMAT.
 */
gboolean ax_forest_check (const AxForest *self, GError **error);

/**
 * ax_forest_predict:
 * @values: (n_features)
 * @probabilities: out, (n_labels): mean over trees of the shares in the leaf
 *
 * Returns: the most probable class, the first of equal ones.
 */
guint ax_forest_predict (const AxForest *self, const double *values,
                         double *probabilities);

G_END_DECLS
