#include "core/grade/forest-grow.h"

#include "core/base/rng.h"

#include <stdlib.h>
#include <string.h>

typedef struct
{
  double value;
  guint row;
} Sample;

/* A node that waits to be split: its rows are [first, end). */
typedef struct
{
  guint node, first, end;
} Task;

typedef struct
{
  gint32 feature; /* -1: none */
  double threshold;
  double purity; /* sum of squares over size, of both sides together */
} Split;

typedef struct
{
  const AxFeatureTable *table;
  const AxForestParams *params;
  AxRng rng;
  const guint32 *drawn; /* (n_rows) */
  guint *rows;          /* those drawn, by node */
  Sample *samples;      /* of one node */
  guint *features;      /* in an order that is shuffled at each node */
  guint32 *left;        /* (n_labels): classes left of a place */
  GArray *nodes;        /* of AxForestNode */
  GArray *counts;       /* of guint32 */
  GArray *tasks;        /* of Task */
  double *importance;
} Growing;

static int
compare_samples (const void *a, const void *b)
{
  const Sample *x = a, *y = b;

  if (x->value != y->value)
    return x->value < y->value ? -1 : 1;
  return (x->row > y->row) - (x->row < y->row);
}

static const guint32 *
node_counts (const Growing *self, guint node)
{
  return &g_array_index (self->counts, guint32,
                         (gsize)node * self->table->n_labels);
}

/* The size of a node, and the sum of squares of its classes. */
static guint32
sum_counts (const guint32 *counts, guint n_labels, double *squares)
{
  guint32 size = 0;

  *squares = 0;
  for (guint i = 0; i < n_labels; i++)
    {
      size += counts[i];
      *squares += (double)counts[i] * counts[i];
    }
  return size;
}

/* Adds a node for rows [first, end), which waits to be split. */
static guint
add_node (Growing *self, guint first, guint end)
{
  const AxFeatureTable *table = self->table;
  AxForestNode node = { .feature = -1 };
  Task task = { self->nodes->len, first, end };
  guint32 *counts;

  g_array_append_val (self->nodes, node);
  g_array_append_val (self->tasks, task);
  g_array_set_size (self->counts, self->nodes->len * table->n_labels);
  counts = (guint32 *)node_counts (self, task.node);
  for (guint i = first; i < end; i++)
    counts[table->truth[self->rows[i]]] += self->drawn[self->rows[i]];
  return task.node;
}

/* FALSE where the feature is the same for all rows of the node. */
static gboolean
sort_by_feature (Growing *self, const Task *task, guint feature)
{
  const AxFeatureTable *table = self->table;
  guint n_samples = task->end - task->first;

  for (guint i = 0; i < n_samples; i++)
    {
      guint row = self->rows[task->first + i];

      self->samples[i]
          = (Sample){ table->values[(gsize)row * table->n_features + feature],
                      row };
    }
  qsort (self->samples, n_samples, sizeof *self->samples, compare_samples);
  return self->samples[0].value < self->samples[n_samples - 1].value;
}

static double
halfway (double low, double high)
{
  double middle = low / 2 + high / 2;

  return middle >= low && middle < high ? middle : low;
}

/* Keeps the best place to split the sorted samples if it beats @best. */
static void
search_feature (Growing *self, const Task *task, guint feature, Split *best)
{
  const AxFeatureTable *table = self->table;
  const guint32 *all = node_counts (self, task->node);
  guint n_samples = task->end - task->first;
  double left_squares = 0, right_squares;
  guint32 n_left = 0, n_all = sum_counts (all, table->n_labels, &right_squares);

  memset (self->left, 0, table->n_labels * sizeof *self->left);
  for (guint i = 0; i + 1 < n_samples; i++)
    {
      guint label = table->truth[self->samples[i].row];
      double weight = self->drawn[self->samples[i].row];
      double on_left = self->left[label], on_right = all[label] - on_left;
      double purity;

      left_squares += weight * (2 * on_left + weight);
      right_squares -= weight * (2 * on_right - weight);
      self->left[label] += weight;
      n_left += weight;
      if (!(self->samples[i].value < self->samples[i + 1].value)
          || n_left < self->params->min_leaf
          || n_all - n_left < self->params->min_leaf)
        continue;
      purity = left_squares / n_left + right_squares / (n_all - n_left);
      if (best->feature < 0 || purity > best->purity)
        *best = (Split){
          feature, halfway (self->samples[i].value, self->samples[i + 1].value),
          purity
        };
    }
}

static Split
find_split (Growing *self, const Task *task)
{
  Split best = { .feature = -1 };
  guint n_features = self->table->n_features;
  gboolean varies = FALSE;

  for (guint tried = 0;
       tried < n_features && (tried < self->params->n_tried || !varies);
       tried++)
    {
      guint chosen = tried + ax_rng_below (&self->rng, n_features - tried);
      guint feature = self->features[chosen];

      self->features[chosen] = self->features[tried];
      self->features[tried] = feature;
      if (sort_by_feature (self, task, feature))
        {
          varies = TRUE;
          search_feature (self, task, feature, &best);
        }
    }
  return best;
}

/* Moves the rows that go left to the front; where the others start. */
static guint
partition (Growing *self, const Task *task, const Split *split)
{
  const AxFeatureTable *table = self->table;
  guint middle = task->first;

  for (guint i = task->first; i < task->end; i++)
    {
      guint row = self->rows[i];

      if (table->values[(gsize)row * table->n_features + split->feature]
          <= split->threshold)
        {
          self->rows[i] = self->rows[middle];
          self->rows[middle++] = row;
        }
    }
  return middle;
}

static void
split_node (Growing *self, const Task *task)
{
  double squares;
  guint32 size = sum_counts (node_counts (self, task->node),
                             self->table->n_labels, &squares);
  AxForestNode *node = NULL;
  guint left, right, middle;
  Split split;

  if (squares == (double)size * size || size < 2 * self->params->min_leaf)
    return;
  split = find_split (self, task);
  if (split.feature < 0)
    return;

  middle = partition (self, task, &split);
  left = add_node (self, task->first, middle);
  right = add_node (self, middle, task->end);
  node = &g_array_index (self->nodes, AxForestNode, task->node);
  *node = (AxForestNode){ split.feature, left, right, split.threshold };
  self->importance[split.feature] += split.purity - squares / size;
}

/* Draws the bag; rows drawn at least once go into the root. */
static void
draw_rows (Growing *self, guint32 *drawn)
{
  guint n_rows = self->table->n_rows, n_distinct = 0;

  memset (drawn, 0, n_rows * sizeof *drawn);
  for (guint i = 0; i < n_rows; i++)
    drawn[ax_rng_below (&self->rng, n_rows)]++;
  for (guint row = 0; row < n_rows; row++)
    if (drawn[row] > 0)
      self->rows[n_distinct++] = row;
  add_node (self, 0, n_distinct);
}

static void
normalise (double *values, guint n_values)
{
  double sum = 0;

  for (guint i = 0; i < n_values; i++)
    sum += values[i];
  for (guint i = 0; i < n_values && sum > 0; i++)
    values[i] /= sum;
}

AxForestTree
ax_forest_grow_tree (const AxFeatureTable *table, const AxForestParams *params,
                     guint index, guint32 *drawn, double *importance)
{
  Growing growing = { .table = table,
                      .params = params,
                      .rng = ax_rng_init (params->seed, index),
                      .drawn = drawn,
                      .rows = g_new (guint, table->n_rows),
                      .samples = g_new (Sample, table->n_rows),
                      .features = g_new (guint, table->n_features),
                      .left = g_new (guint32, table->n_labels),
                      .nodes = g_array_new (FALSE, TRUE, sizeof (AxForestNode)),
                      .counts = g_array_new (FALSE, TRUE, sizeof (guint32)),
                      .tasks = g_array_new (FALSE, FALSE, sizeof (Task)),
                      .importance = importance };
  AxForestTree tree;

  memset (importance, 0, table->n_features * sizeof *importance);
  for (guint i = 0; i < table->n_features; i++)
    growing.features[i] = i;
  draw_rows (&growing, drawn);
  while (growing.tasks->len > 0)
    {
      Task task = g_array_index (growing.tasks, Task, growing.tasks->len - 1);

      g_array_set_size (growing.tasks, growing.tasks->len - 1);
      split_node (&growing, &task);
    }
  normalise (importance, table->n_features);

  g_free (growing.rows);
  g_free (growing.samples);
  g_free (growing.features);
  g_free (growing.left);
  g_array_unref (growing.tasks);
  tree.n_nodes = growing.nodes->len;
  tree.nodes = (AxForestNode *)g_array_free (growing.nodes, FALSE);
  tree.counts = (guint32 *)g_array_free (growing.counts, FALSE);
  return tree;
}
