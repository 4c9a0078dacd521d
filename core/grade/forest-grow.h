#pragma once

#include "core/grade/forest.h"

G_BEGIN_DECLS

/**
 * ax_forest_grow_tree:
 * @params: with @n_tried set
 * @index: of the tree
 * @drawn: out, (n_rows): how often each row was drawn; 0 is out of bag
 * @importance: (n_features): gets what the splits take off the impurity, as
 *   shares of 1
 *
 * Grows one tree.  Thread: any.
 */
AxForestTree ax_forest_grow_tree (const AxFeatureTable *table,
                                  const AxForestParams *params, guint index,
                                  guint32 *drawn, double *importance);

G_END_DECLS
