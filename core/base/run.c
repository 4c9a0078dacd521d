#include "core/base/run.h"

#include "core/base/error.h"

#include <string.h>

static guint32
find_root (guint32 *parents, guint32 label)
{
  while (parents[label] != label)
    label = parents[label] = parents[parents[label]];
  return label;
}

/* The smaller root wins, so that a root is its component's first label. */
static guint32
join (guint32 *parents, guint32 a, guint32 b)
{
  a = find_root (parents, a);
  b = find_root (parents, b);
  parents[MAX (a, b)] = MIN (a, b);
  return MIN (a, b);
}

/* Gives each run a label whose root names its component. */
static guint32
label_provisionally (AxRun *runs, gsize n_runs, gint32 reach, guint32 *parents)
{
  guint32 n_labels = 0;
  gsize above = 0; /* the first run that this one or a later one can touch */

  for (AxRun *run = runs; run < runs + n_runs; run++)
    {
      gboolean touches = FALSE;

      while (runs[above].row < run->row - 1
             || (runs[above].row == run->row - 1
                 && runs[above].end + reach <= run->start))
        above++;
      for (const AxRun *other = &runs[above];
           other->row == run->row - 1 && other->start < run->end + reach;
           other++)
        {
          run->label = touches ? join (parents, run->label, other->label)
                               : find_root (parents, other->label);
          touches = TRUE;
        }
      if (!touches)
        {
          parents[n_labels] = n_labels;
          run->label = n_labels++;
        }
    }
  return n_labels;
}

gboolean
ax_runs_label (AxRun *runs, gsize n_runs, AxConnectivity connectivity,
               guint *n_labels, GError **error)
{
  g_autofree guint32 *parents = NULL;
  guint32 n_provisional, n_final = 0;

  g_return_val_if_fail (runs != NULL || n_runs == 0, FALSE);
  g_return_val_if_fail (n_runs < G_MAXUINT32, FALSE);
  g_return_val_if_fail (n_labels != NULL, FALSE);

  parents = g_try_new (guint32, MAX (n_runs, 1));
  if (parents == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "no memory to label %" G_GSIZE_FORMAT " runs", n_runs);
      return FALSE;
    }

  n_provisional = label_provisionally (
      runs, n_runs, connectivity == AX_CONNECTIVITY_8 ? 1 : 0, parents);
  /* A parent is smaller than its child, so it has its final number already. */
  for (guint32 i = 0; i < n_provisional; i++)
    parents[i] = parents[i] == i ? n_final++ : parents[parents[i]];
  for (gsize i = 0; i < n_runs; i++)
    runs[i].label = parents[runs[i].label];
  *n_labels = n_final;
  return TRUE;
}

void
ax_runs_group (const AxRun *runs, gsize n_runs, guint n_labels, AxRun *grouped,
               gsize *offsets)
{
  g_return_if_fail (runs != NULL || n_runs == 0);
  g_return_if_fail (grouped != NULL || n_runs == 0);
  g_return_if_fail (offsets != NULL);

  memset (offsets, 0, (n_labels + 1) * sizeof *offsets);
  for (gsize i = 0; i < n_runs; i++)
    offsets[runs[i].label + 1]++;
  for (guint label = 0; label < n_labels; label++)
    offsets[label + 1] += offsets[label];

  for (gsize i = 0; i < n_runs; i++)
    grouped[offsets[runs[i].label]++] = runs[i];
  memmove (offsets + 1, offsets, n_labels * sizeof *offsets);
  offsets[0] = 0;
}

const AxRun *
ax_runs_find (const AxRun *runs, gsize n_runs, gint32 col, gint32 row)
{
  gsize first = 0, end = n_runs;

  g_return_val_if_fail (runs != NULL || n_runs == 0, NULL);

  /* The first run that does not end before the cell. */
  while (first < end)
    {
      gsize middle = first + (end - first) / 2;
      const AxRun *run = &runs[middle];

      if (run->row < row || (run->row == row && run->end <= col))
        first = middle + 1;
      else
        end = middle;
    }
  if (first == n_runs || runs[first].row != row || runs[first].start > col)
    return NULL;
  return &runs[first];
}
