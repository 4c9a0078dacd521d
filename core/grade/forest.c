#include "core/grade/forest.h"

#include "core/base/error.h"
#include "core/grade/forest-grow.h"

#include <math.h>
#include <string.h>

void
ax_forest_free (AxForest *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; self->trees != NULL && i < self->params.n_trees; i++)
    {
      g_free (self->trees[i].nodes);
      g_free (self->trees[i].counts);
    }
  g_free (self->trees);
  g_strfreev (self->features);
  g_strfreev (self->labels);
  g_free (self->importance);
  g_free (self);
}

/* The counts of the leaf that the values lead to. */
static const guint32 *
walk (const AxForest *self, const AxForestTree *tree, const double *values)
{
  guint at = 0;

  while (tree->nodes[at].feature >= 0)
    at = values[tree->nodes[at].feature] <= tree->nodes[at].threshold
             ? tree->nodes[at].left
             : tree->nodes[at].right;
  return tree->counts + (gsize)at * self->n_labels;
}

static void
add_shares (const guint32 *counts, guint n_labels, double *probabilities)
{
  double size = 0;

  for (guint i = 0; i < n_labels; i++)
    size += counts[i];
  for (guint i = 0; i < n_labels; i++)
    probabilities[i] += counts[i] / size;
}

static guint
find_most (const double *probabilities, guint n_labels)
{
  guint most = 0;

  for (guint i = 1; i < n_labels; i++)
    if (probabilities[i] > probabilities[most])
      most = i;
  return most;
}

guint
ax_forest_predict (const AxForest *self, const double *values,
                   double *probabilities)
{
  g_return_val_if_fail (self != NULL && values != NULL, 0);
  g_return_val_if_fail (probabilities != NULL, 0);

  memset (probabilities, 0, self->n_labels * sizeof *probabilities);
  for (guint i = 0; i < self->params.n_trees; i++)
    add_shares (walk (self, &self->trees[i], values), self->n_labels,
                probabilities);
  for (guint i = 0; i < self->n_labels; i++)
    probabilities[i] /= self->params.n_trees;
  return find_most (probabilities, self->n_labels);
}

static gboolean
check_params (const AxFeatureTable *table, const AxForestParams *params,
              GError **error)
{
  if (params->n_trees >= 1 && params->n_trees <= AX_FOREST_MAX_TREES
      && params->min_leaf >= 1 && params->n_tried <= table->n_features)
    return TRUE;
  g_set_error (error, AX_ERROR, AX_ERROR_LIMIT,
               "forest of %u trees, leaves of %u rows, %u of %u features a "
               "split: need 1 to %d trees, at least 1 row, at most all "
               "features",
               params->n_trees, params->min_leaf, params->n_tried,
               table->n_features, AX_FOREST_MAX_TREES);
  return FALSE;
}

/* Turns sums over trees into probabilities; the share that is wrong. */
static double
finish_oob (const AxFeatureTable *table, const guint *n_votes, double *oob)
{
  guint n_judged = 0, n_wrong = 0;

  for (guint row = 0; row < table->n_rows; row++)
    {
      double *probabilities = oob + (gsize)row * table->n_labels;

      for (guint i = 0; i < table->n_labels; i++)
        probabilities[i] /= n_votes[row];
      if (n_votes[row] == 0)
        continue;
      n_judged++;
      n_wrong
          += find_most (probabilities, table->n_labels) != table->truth[row];
    }
  return (double)n_wrong / n_judged;
}

static void
grow_trees (AxForest *self, const AxFeatureTable *table, double *oob)
{
  g_autofree guint32 *drawn = g_new (guint32, table->n_rows);
  g_autofree guint *n_votes = g_new0 (guint, table->n_rows);
  g_autofree double *importance = g_new (double, table->n_features);

  for (guint t = 0; t < self->params.n_trees; t++)
    {
      self->trees[t]
          = ax_forest_grow_tree (table, &self->params, t, drawn, importance);
      for (guint i = 0; i < table->n_features; i++)
        self->importance[i] += importance[i];
      for (guint row = 0; row < table->n_rows; row++)
        if (drawn[row] == 0)
          {
            const double *values
                = table->values + (gsize)row * table->n_features;

            add_shares (walk (self, &self->trees[t], values), table->n_labels,
                        oob + (gsize)row * table->n_labels);
            n_votes[row]++;
          }
    }
  self->oob_error = finish_oob (table, n_votes, oob);
}

AxForest *
ax_forest_grow (const AxFeatureTable *table, const AxForestParams *params,
                double **oob, GError **error)
{
  g_autoptr (AxForest) self = NULL;
  g_autofree double *probabilities = NULL;
  double sum = 0;

  g_return_val_if_fail (table != NULL && table->truth != NULL, NULL);
  g_return_val_if_fail (params != NULL, NULL);

  if (!check_params (table, params, error))
    return NULL;
  self = g_new0 (AxForest, 1);
  self->params = *params;
  if (self->params.n_tried == 0)
    self->params.n_tried = (guint)sqrt (table->n_features);
  self->features = g_strdupv (table->features);
  self->labels = g_strdupv (table->labels);
  self->n_features = table->n_features;
  self->n_labels = table->n_labels;
  self->trees = g_new0 (AxForestTree, params->n_trees);
  self->importance = g_new0 (double, table->n_features);

  probabilities = g_new0 (double, (gsize)table->n_rows * table->n_labels);
  grow_trees (self, table, probabilities);
  for (guint i = 0; i < self->n_features; i++)
    sum += self->importance[i];
  for (guint i = 0; i < self->n_features && sum > 0; i++)
    self->importance[i] /= sum;
  if (oob != NULL)
    *oob = g_steal_pointer (&probabilities);
  return g_steal_pointer (&self);
}

static gboolean
check_node (const AxForest *self, const AxForestTree *tree, guint index)
{
  const AxForestNode *node = &tree->nodes[index];
  const guint32 *counts = tree->counts + (gsize)index * self->n_labels;

  if (node->feature >= 0)
    return node->feature < (gint64)self->n_features && node->left > index
           && node->left < tree->n_nodes && node->right > index
           && node->right < tree->n_nodes && isfinite (node->threshold);
  for (guint i = 0; i < self->n_labels; i++)
    if (counts[i] > 0)
      return TRUE;
  return FALSE;
}

gboolean
ax_forest_check (const AxForest *self, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);

  for (guint t = 0; t < self->params.n_trees; t++)
    for (guint i = 0; i < MAX (self->trees[t].n_nodes, 1); i++)
      if (self->trees[t].n_nodes == 0 || !check_node (self, &self->trees[t], i))
        {
          g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                       "node %u of tree %u is not one", i, t);
          return FALSE;
        }
  return TRUE;
}
