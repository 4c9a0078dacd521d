#include "core/detect/bit-plane.h"

#include "core/base/error.h"

#include <string.h>

#define TILE_WORDS (AX_PROB_TILE / 64)

AxBitPlane *
ax_bit_plane_new (gint32 width, gint32 height, GError **error)
{
  g_autoptr (AxBitPlane) self = NULL;

  g_return_val_if_fail (width > 0 && height > 0, NULL);

  self = g_new0 (AxBitPlane, 1);
  self->width = width;
  self->height = height;
  self->n_words = (width - 1) / 64 + 1;
  self->words = g_try_new (guint64, (gsize)height * self->n_words);
  self->spans = g_try_new0 (AxBitSpan, height);
  if (self->words == NULL || self->spans == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "no memory for a bit plane of %d x %d cells", width, height);
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
ax_bit_plane_free (AxBitPlane *self)
{
  if (self == NULL)
    return;
  g_free (self->words);
  g_free (self->spans);
  g_free (self);
}

/* Bit i is set where cell i of 64 is at least @threshold. */
static guint64
pack_word (const guint16 *cells, guint16 threshold)
{
  guint8 is_in[64];
  guint64 word = 0;

  for (int i = 0; i < 64; i++)
    is_in[i] = cells[i] >= threshold;
  for (int i = 0; i < 64; i += 8)
    {
      guint64 bytes;

      /* The product's top byte gathers the lowest bits of the eight bytes. */
      memcpy (&bytes, is_in + i, sizeof bytes);
      bytes = GUINT64_FROM_LE (bytes) * 0x0102040810204080 >> 56;
      word |= bytes << i;
    }
  return word;
}

void
ax_bit_plane_extend (AxBitPlane *self, gint32 row, gint32 first, gint32 end)
{
  guint64 *words = ax_bit_plane_row (self, row);
  AxBitSpan *span = &self->spans[row];

  if (span->first >= span->end)
    *span = (AxBitSpan){ first, first };
  while (span->first > first)
    words[--span->first] = 0;
  while (span->end < end)
    words[span->end++] = 0;
}

/* Adds a row of a tile, words [first, first + n_words) of the plane's row;
 * FALSE when none of its cells is in. */
static gboolean
add_cells (AxBitPlane *self, gint32 row, gint32 first, gint32 n_words,
           const guint16 *cells, guint16 threshold)
{
  guint64 packed[TILE_WORDS], any = 0;

  for (gint32 i = 0; i < n_words; i++)
    {
      packed[i] = pack_word (cells + 64 * i, threshold);
      any |= packed[i];
    }
  if (any == 0)
    return FALSE;
  ax_bit_plane_extend (self, row, first, first + n_words);
  for (gint32 i = 0; i < n_words; i++)
    ax_bit_plane_row (self, row)[first + i] |= packed[i];
  return TRUE;
}

void
ax_bit_planes_add_tile (AxBitPlane *const *planes, const guint16 *thresholds,
                        guint n_planes, const AxProbTile *tile, gint32 tile_col,
                        gint32 tile_row)
{
  gint32 first = tile_col * TILE_WORDS, top = tile_row * AX_PROB_TILE;
  gint32 n_words;

  g_return_if_fail (planes != NULL && thresholds != NULL && n_planes > 0);
  g_return_if_fail (tile != NULL);
  g_return_if_fail (first >= 0 && first < planes[0]->n_words);
  g_return_if_fail (top >= 0 && top < planes[0]->height);

  n_words = MIN (TILE_WORDS, planes[0]->n_words - first);
  for (gint32 row = 0; row < MIN (AX_PROB_TILE, planes[0]->height - top); row++)
    for (guint i = 0; i < n_planes && tile->max >= thresholds[i]; i++)
      if (!add_cells (planes[i], top + row, first, n_words,
                      tile->cells + row * AX_PROB_TILE, thresholds[i]))
        break;
}

void
ax_bit_plane_add_run (AxBitPlane *self, const AxRun *run)
{
  guint64 *words;
  gint32 first, last;

  g_return_if_fail (self != NULL);
  g_return_if_fail (run->row >= 0 && run->row < self->height);
  g_return_if_fail (run->start >= 0 && run->start < run->end);
  g_return_if_fail (run->end <= self->width);

  words = ax_bit_plane_row (self, run->row);
  first = run->start / 64;
  last = (run->end - 1) / 64;
  ax_bit_plane_extend (self, run->row, first, last + 1);
  for (gint32 i = first; i <= last; i++)
    {
      guint64 word = G_MAXUINT64;

      if (i == first)
        word &= G_MAXUINT64 << run->start % 64;
      if (i == last)
        word &= G_MAXUINT64 >> (63 - (run->end - 1) % 64);
      words[i] |= word;
    }
}

/* A growing array of runs that says so when memory is out. */
typedef struct
{
  AxRun *runs;
  gsize n_runs, n_allocated;
} RunList;

static gboolean
run_list_add (RunList *self, gint32 row, gint32 start, gint32 end)
{
  if (self->n_runs == self->n_allocated)
    {
      gsize n_allocated = MAX (1024, 2 * self->n_allocated);
      AxRun *runs = g_try_renew (AxRun, self->runs, n_allocated);

      if (runs == NULL)
        return FALSE;
      self->runs = runs;
      self->n_allocated = n_allocated;
    }
  self->runs[self->n_runs++]
      = (AxRun){ .row = row, .start = start, .end = end };
  return TRUE;
}

static gboolean
find_row_runs (const AxBitPlane *self, gint32 row, RunList *list)
{
  const guint64 *words = ax_bit_plane_row (self, row);
  AxBitSpan span = self->spans[row];
  gint32 open = -1; /* start of a run that reaches into this word */

  for (gint32 i = span.first; i < span.end; i++)
    {
      guint64 word = words[i];

      if (open >= 0)
        {
          gint32 length;

          if (word == G_MAXUINT64)
            continue;
          length = __builtin_ctzll (~word);
          if (!run_list_add (list, row, open, 64 * i + length))
            return FALSE;
          word &= word + 1;
          open = -1;
        }
      while (word != 0)
        {
          /* Adding its lowest bit carries through the lowest run. */
          guint64 carried = word + (word & -word);
          gint32 start = 64 * i + __builtin_ctzll (word);

          if (carried == 0)
            {
              open = start;
              break;
            }
          if (!run_list_add (list, row, start,
                             64 * i + __builtin_ctzll (carried)))
            return FALSE;
          word &= carried;
        }
    }
  return open < 0 || run_list_add (list, row, open, 64 * span.end);
}

gint64
ax_bit_plane_count (const AxBitPlane *self)
{
  gint64 n = 0;

  g_return_val_if_fail (self != NULL, 0);

  for (gint32 row = 0; row < self->height; row++)
    {
      const guint64 *words = ax_bit_plane_row (self, row);

      for (gint32 i = self->spans[row].first; i < self->spans[row].end; i++)
        n += __builtin_popcountll (words[i]);
    }
  return n;
}

AxRun *
ax_bit_plane_find_runs (const AxBitPlane *self, gsize *n_runs, GError **error)
{
  RunList list = { 0 };
  gboolean done = TRUE;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (n_runs != NULL, NULL);

  for (gint32 row = 0; done && row < self->height; row++)
    done = find_row_runs (self, row, &list);
  if (!done || list.n_runs >= G_MAXINT32)
    {
      g_set_error (error, AX_ERROR, done ? AX_ERROR_LIMIT : AX_ERROR_MEMORY,
                   "no room for the runs of %d x %d cells, %" G_GSIZE_FORMAT
                   " so far",
                   self->width, self->height, list.n_runs);
      g_free (list.runs);
      return NULL;
    }
  *n_runs = list.n_runs;
  return list.runs != NULL ? list.runs : g_new0 (AxRun, 1);
}
