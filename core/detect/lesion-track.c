#include "core/detect/lesion-private.h"

/* Cells that a lesion shares with one of the previous set; both by index. */
typedef struct
{
  guint lesion, previous;
  guint previous_id;
  gint64 n_cells;
} Overlap;

static void
add_overlap (GArray *overlaps, guint lesion, guint previous, gint64 n_cells)
{
  Overlap overlap = { lesion, previous, 0, n_cells };

  if (overlaps->len > 0)
    {
      Overlap *last = &g_array_index (overlaps, Overlap, overlaps->len - 1);

      if (last->lesion == lesion && last->previous == previous)
        {
          last->n_cells += n_cells;
          return;
        }
    }
  g_array_append_val (overlaps, overlap);
}

/* Run by run, so that a pair of lesions comes many times. */
static GArray *
find_overlaps (const AxLesionSet *self, const AxLesionSet *previous)
{
  GArray *overlaps = g_array_new (FALSE, FALSE, sizeof (Overlap));
  const AxRun *run = self->runs, *end = run + self->n_runs;
  const AxRun *other = previous->runs, *other_end = other + previous->n_runs;

  while (run < end && other < other_end)
    {
      gboolean ends_first;

      if (run->row == other->row)
        {
          gint32 common
              = MIN (run->end, other->end) - MAX (run->start, other->start);

          if (common > 0)
            add_overlap (overlaps, run->label, other->label, common);
        }
      ends_first = run->row < other->row
                   || (run->row == other->row && run->end < other->end);
      if (ends_first)
        run++;
      else
        other++;
    }
  return overlaps;
}

/* One overlap a pair of lesions. */
static GArray *
sum_overlaps (GArray *parts, const AxLesionSet *self,
              const AxLesionSet *previous)
{
  GArray *sums = g_array_new (FALSE, FALSE, sizeof (Overlap));
  g_autofree guint *next = g_new0 (guint, self->n_lesions + 1);
  g_autofree guint *order = g_new (guint, parts->len);
  g_autofree guint *sum_of = g_new0 (guint, previous->n_lesions);

  for (guint i = 0; i < parts->len; i++)
    next[g_array_index (parts, Overlap, i).lesion + 1]++;
  for (guint i = 0; i < self->n_lesions; i++)
    next[i + 1] += next[i];
  for (guint i = 0; i < parts->len; i++)
    order[next[g_array_index (parts, Overlap, i).lesion]++] = i;

  for (guint i = 0; i < parts->len; i++)
    {
      const Overlap *part = &g_array_index (parts, Overlap, order[i]);
      guint *sum = &sum_of[part->previous]; /* index + 1 in sums, or 0 */

      if (*sum > 0
          && g_array_index (sums, Overlap, *sum - 1).lesion == part->lesion)
        {
          g_array_index (sums, Overlap, *sum - 1).n_cells += part->n_cells;
          continue;
        }
      g_array_append_vals (sums, part, 1);
      *sum = sums->len;
      g_array_index (sums, Overlap, *sum - 1).previous_id
          = previous->lesions[part->previous].id;
    }
  return sums;
}

static int
compare_overlaps (gconstpointer a, gconstpointer b)
{
  const Overlap *left = a, *right = b;

  if (left->n_cells != right->n_cells)
    return left->n_cells > right->n_cells ? -1 : 1;
  if (left->previous_id != right->previous_id)
    return left->previous_id < right->previous_id ? -1 : 1;
  return left->lesion < right->lesion ? -1 : left->lesion > right->lesion;
}

static gboolean
has_same_cells (const AxProbGeometry *a, const AxProbGeometry *b)
{
  return a->width == b->width && a->height == b->height
         && a->cell.x == b->cell.x && a->cell.y == b->cell.y;
}

static void
hand_over_ids (AxLesionSet *self, const AxLesionSet *previous)
{
  g_autoptr (GArray) parts = find_overlaps (self, previous);
  g_autoptr (GArray) sums = sum_overlaps (parts, self, previous);
  g_autofree guint8 *is_taken = g_new0 (guint8, previous->n_lesions);

  g_array_sort (sums, compare_overlaps);
  for (guint i = 0; i < sums->len; i++)
    {
      const Overlap *overlap = &g_array_index (sums, Overlap, i);
      AxLesion *lesion = &self->lesions[overlap->lesion];

      if (lesion->id == 0 && !is_taken[overlap->previous])
        {
          lesion->id = overlap->previous_id;
          is_taken[overlap->previous] = TRUE;
        }
    }
}

void
ax_lesion_set_track (AxLesionSet *self, const AxLesionSet *previous)
{
  self->next_id = 1;
  if (previous != NULL && has_same_cells (&self->geometry, &previous->geometry))
    {
      self->next_id = previous->next_id;
      hand_over_ids (self, previous);
    }
  for (guint i = 0; i < self->n_lesions; i++)
    if (self->lesions[i].id == 0)
      self->lesions[i].id = self->next_id++;
}
