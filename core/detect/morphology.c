#include "core/detect/morphology.h"

#include "core/base/error.h"

#include <math.h>
#include <string.h>

typedef enum
{
  ERODE,
  DILATE,
} Operation;

/* Half the width of an ellipse's row at each distance from its middle row. */
typedef struct
{
  int reach;
  int *half_widths; /* reach + 1 */
} Disc;

/* A row that is eroded or dilated further and further sideways.  Words just
 * outside its span are 0, at index -1 and n_words too. */
typedef struct
{
  guint64 *words, *spare;
  AxBitSpan span;
  int half_width; /* so far, in cells */
} Spread;

static void
disc_init (Disc *self, double radius, AxScale cell)
{
  /* Absorbs the rounding of µm/px times cell size. */
  double limit = radius * (1 + 1e-9);

  self->reach = (int)floor (limit / cell.y);
  self->half_widths = g_new (int, self->reach + 1);
  for (int i = 0; i <= self->reach; i++)
    {
      double dy = i * cell.y;

      self->half_widths[i]
          = (int)floor (sqrt (MAX (limit * limit - dy * dy, 0)) / cell.x);
    }
}

static void
disc_clear (Disc *self)
{
  g_free (self->half_widths);
}

/* Rows are short; the planes are what takes memory. */
static void
spread_init (Spread *self, gint32 n_words)
{
  self->words = g_new (guint64, n_words + 2) + 1;
  self->spare = g_new (guint64, n_words + 2) + 1;
}

static void
spread_clear (Spread *self)
{
  g_free (self->words - 1);
  g_free (self->spare - 1);
}

static AxBitSpan
widen_span (AxBitSpan span, gint32 n_words, int half_width)
{
  gint32 grown = (half_width + 63) / 64;

  if (span.first >= span.end)
    return (AxBitSpan){ 0, 0 };
  return (AxBitSpan){ MAX (span.first - grown, 0),
                      MIN (span.end + grown, n_words) };
}

/* Rows outside the plane are empty. */
static void
spread_load (Spread *self, const AxBitPlane *plane, gint32 row,
             int half_width_max)
{
  AxBitSpan filled = { 0, 0 };

  if (row >= 0 && row < plane->height)
    filled = plane->spans[row];
  self->half_width = 0;
  self->span = widen_span (filled, plane->n_words, half_width_max);
  if (self->span.first >= self->span.end)
    return;

  for (gint32 i = self->span.first - 1; i < filled.first; i++)
    self->words[i] = self->spare[i] = 0;
  for (gint32 i = filled.end; i <= self->span.end; i++)
    self->words[i] = self->spare[i] = 0;
  memcpy (self->words + filled.first,
          ax_bit_plane_row (plane, row) + filled.first,
          (filled.end - filled.first) * sizeof *self->words);
}

static void
spread_to (Spread *self, int half_width, Operation operation)
{
  while (self->half_width < half_width)
    {
      /* Not 2 * half_width + 1: at the edge of the map half of the spread is
       * cut off and would leave a gap. */
      int step
          = MIN (half_width - self->half_width, MIN (self->half_width + 1, 63));
      const guint64 *words = self->words;
      guint64 *spare = self->spare;

      for (gint32 i = self->span.first; i < self->span.end; i++)
        {
          guint64 left = words[i] << step | words[i - 1] >> (64 - step);
          guint64 right = words[i] >> step | words[i + 1] << (64 - step);

          spare[i] = operation == ERODE ? words[i] & left & right
                                        : words[i] | left | right;
        }
      self->spare = self->words;
      self->words = spare;
      self->half_width += step;
    }
}

static void
merge_dilated (AxBitPlane *self, gint32 row, const Spread *spread)
{
  guint64 *words = ax_bit_plane_row (self, row);

  ax_bit_plane_extend (self, row, spread->span.first, spread->span.end);
  for (gint32 i = spread->span.first; i < spread->span.end; i++)
    words[i] |= spread->words[i];
}

static void
merge_eroded (AxBitPlane *self, gint32 row, const Spread *spread)
{
  guint64 *words = ax_bit_plane_row (self, row);
  AxBitSpan *span = &self->spans[row];

  span->first = MAX (span->first, spread->span.first);
  span->end = MIN (span->end, spread->span.end);
  for (gint32 i = span->first; i < span->end; i++)
    words[i] &= spread->words[i];
}

static void
assign (AxBitPlane *self, gint32 row, const Spread *spread)
{
  guint64 *words = ax_bit_plane_row (self, row);

  self->spans[row] = spread->span;
  for (gint32 i = spread->span.first; i < spread->span.end; i++)
    words[i] = spread->words[i];
}

static void
clear_beyond_width (AxBitPlane *self)
{
  guint64 mask = G_MAXUINT64 >> (63 - (self->width - 1) % 64);

  for (gint32 row = 0; row < self->height; row++)
    if (self->spans[row].end == self->n_words)
      ax_bit_plane_row (self, row)[self->n_words - 1] &= mask;
}

/* Lets a row of the target meet a spread row of its disc. */
static void
meet (AxBitPlane *target, gint32 row, const Spread *spread, gboolean is_first,
      Operation operation)
{
  if (row < 0 || row >= target->height)
    return;
  if (is_first)
    assign (target, row, spread);
  else if (operation == ERODE)
    merge_eroded (target, row, spread);
  else if (spread->span.first < spread->span.end)
    merge_dilated (target, row, spread);
}

/* Applies @operation to @source; @target's cells are replaced.  The first that
 * a row of it meets is the topmost row of its disc. */
static void
apply (const AxBitPlane *source, AxBitPlane *target, const Disc *disc,
       Operation operation, Spread *spread)
{
  int reach = disc->reach;
  int grown = operation == DILATE ? disc->half_widths[0] : 0;

  for (gint32 row = -reach; row < source->height + reach; row++)
    {
      spread_load (spread, source, row, grown);
      for (int dy = reach; dy >= 0; dy--)
        {
          spread_to (spread, disc->half_widths[dy], operation);
          meet (target, row + dy, spread, dy == reach, operation);
          if (dy > 0)
            meet (target, row - dy, spread, FALSE, operation);
        }
    }
  if (operation == DILATE)
    clear_beyond_width (target);
}

static void
swap_cells (AxBitPlane *a, AxBitPlane *b)
{
  AxBitPlane held = *a;

  *a = *b;
  *b = held;
}

gboolean
ax_bit_plane_open (AxBitPlane *self, int radius, GError **error)
{
  g_autoptr (AxBitPlane) eroded = NULL;
  Spread spread = { 0 };
  Disc disc;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (radius >= 0, FALSE);

  if (radius == 0)
    return TRUE;
  eroded = ax_bit_plane_new (self->width, self->height, error);
  if (eroded == NULL)
    return FALSE;

  disc_init (&disc, radius, (AxScale){ 1, 1 });
  spread_init (&spread, self->n_words);
  apply (self, eroded, &disc, ERODE, &spread);
  apply (eroded, self, &disc, DILATE, &spread);
  spread_clear (&spread);
  disc_clear (&disc);
  return TRUE;
}

gboolean
ax_bit_plane_dilate (AxBitPlane *self, double radius, AxScale cell,
                     GError **error)
{
  g_autoptr (AxBitPlane) dilated = NULL;
  Spread spread = { 0 };
  Disc disc;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (radius > 0 && cell.x > 0 && cell.y > 0, FALSE);

  dilated = ax_bit_plane_new (self->width, self->height, error);
  if (dilated == NULL)
    return FALSE;

  disc_init (&disc, radius, cell);
  spread_init (&spread, self->n_words);
  apply (self, dilated, &disc, DILATE, &spread);
  swap_cells (self, dilated);
  spread_clear (&spread);
  disc_clear (&disc);
  return TRUE;
}

/* The runs between @runs: all that is not in the plane. */
static gsize
complement_runs (const AxBitPlane *self, const AxRun *runs, gsize n_runs,
                 AxRun *background)
{
  gsize next = 0, n_background = 0;

  for (gint32 row = 0; row < self->height; row++)
    {
      gint32 start = 0;

      for (; next < n_runs && runs[next].row == row; next++)
        {
          if (runs[next].start > start)
            background[n_background++] = (AxRun){ .row = row,
                                                  .start = start,
                                                  .end = runs[next].start };
          start = runs[next].end;
        }
      if (start < self->width)
        background[n_background++]
            = (AxRun){ .row = row, .start = start, .end = self->width };
    }
  return n_background;
}

gboolean
ax_bit_plane_fill_holes (AxBitPlane *self, GError **error)
{
  g_autofree AxRun *runs = NULL;
  g_autofree AxRun *background = NULL;
  g_autofree guint8 *is_outside = NULL;
  gsize n_runs, n_background;
  guint n_labels;

  g_return_val_if_fail (self != NULL, FALSE);

  runs = ax_bit_plane_find_runs (self, &n_runs, error);
  if (runs == NULL)
    return FALSE;
  background = g_try_new (AxRun, n_runs + self->height);
  is_outside = g_try_new0 (guint8, n_runs + self->height);
  if (background == NULL || is_outside == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "no memory for the holes of %d x %d cells", self->width,
                   self->height);
      return FALSE;
    }

  n_background = complement_runs (self, runs, n_runs, background);
  if (!ax_runs_label (background, n_background, AX_CONNECTIVITY_4, &n_labels,
                      error))
    return FALSE;
  for (const AxRun *run = background; run < background + n_background; run++)
    if (run->start == 0 || run->end == self->width || run->row == 0
        || run->row == self->height - 1)
      is_outside[run->label] = TRUE;
  for (const AxRun *run = background; run < background + n_background; run++)
    if (!is_outside[run->label])
      ax_bit_plane_add_run (self, run);
  return TRUE;
}
