#include "core/eval/eval-mask.h"

#include "core/base/error.h"
#include "core/eval/ellipse.h"

#include <math.h>
#include <string.h>

#define RIM_UM 75 /* on both sides together */
#define ITC_UM 275
#define TUMOR 255

/* The pixels nearer than @radius, strictly: half the width of each row. */
typedef struct
{
  int reach; /* rows above and below; -1 for an empty disc */
  int *half_widths;
} Disc;

static int
half_width_at (double radius, int dy)
{
  int dx = (int)radius;

  /* Compares as the script does, which takes the root of a whole number. */
  while (dx >= 0 && !(sqrt ((double)dx * dx + (double)dy * dy) < radius))
    dx--;
  return dx;
}

static void
disc_init (Disc *self, double radius)
{
  self->half_widths = g_new (int, (gsize)radius + 1);
  self->reach = -1;
  for (int dy = 0; dy <= (int)radius; dy++)
    {
      self->half_widths[dy] = half_width_at (radius, dy);
      if (self->half_widths[dy] >= 0)
        self->reach = dy;
    }
}

static void
add_run (GArray *runs, gint32 row, gint32 start, gint32 end)
{
  AxRun run = { .row = row, .start = start, .end = end };

  g_array_append_val (runs, run);
}

/* Runs of the pixels of a row that equal @value. */
static void
find_runs (const guint8 *pixels, gint32 row, int width, guint8 value,
           GArray *runs)
{
  for (int col = 0; col < width;)
    {
      int start;

      while (col < width && pixels[col] != value)
        col++;
      start = col;
      while (col < width && pixels[col] == value)
        col++;
      if (col > start)
        add_run (runs, row, start, col);
    }
}

static void
paint_run (guint8 *pixels, int width, const AxRun *run, int grown)
{
  gint32 start = MAX (run->start - grown, 0);
  gint32 end = MIN (run->end + grown, width);

  memset (pixels + start, TUMOR, end - start);
}

/* (transfer full): the runs of @source grown by the disc.  @pixels is a row of
 * memory. */
static GArray *
dilate (const GArray *source, int width, int height, const Disc *disc,
        guint8 *pixels)
{
  GArray *grown = g_array_new (FALSE, FALSE, sizeof (AxRun));
  guint first = 0;

  for (int row = 0; row < height; row++)
    {
      const AxRun *runs = (const AxRun *)source->data;

      while (first < source->len && runs[first].row < row - disc->reach)
        first++;
      if (first == source->len || runs[first].row > row + disc->reach)
        continue;
      memset (pixels, 0, width);
      for (guint i = first; i < source->len && runs[i].row <= row + disc->reach;
           i++)
        paint_run (pixels, width, &runs[i],
                   disc->half_widths[ABS (runs[i].row - row)]);
      find_runs (pixels, row, width, TUMOR, grown);
    }
  return grown;
}

/* (transfer full): what lies between runs. */
static GArray *
complement (const GArray *source, int width, int height)
{
  GArray *gaps = g_array_new (FALSE, FALSE, sizeof (AxRun));
  guint next = 0;

  for (int row = 0; row < height; row++)
    {
      gint32 col = 0;

      for (; next < source->len; next++)
        {
          const AxRun *run = &g_array_index (source, AxRun, next);

          if (run->row != row)
            break;
          if (run->start > col)
            add_run (gaps, row, col, run->start);
          col = run->end;
        }
      if (col < width)
        add_run (gaps, row, col, width);
    }
  return gaps;
}

static gboolean
touches_edge (const AxRun *run, int width, int height)
{
  return run->row == 0 || run->row == height - 1 || run->start == 0
         || run->end == width;
}

/* (transfer full): the runs with their holes. */
static GArray *
fill_holes (const GArray *source, int width, int height, GError **error)
{
  g_autoptr (GArray) gaps = complement (source, width, height);
  g_autoptr (GArray) outside = NULL;
  g_autofree guint8 *is_outside = NULL;
  guint n_gaps = 0;

  if (!ax_runs_label ((AxRun *)gaps->data, gaps->len, AX_CONNECTIVITY_4,
                      &n_gaps, error))
    return NULL;
  is_outside = g_new0 (guint8, n_gaps + 1);
  for (guint i = 0; i < gaps->len; i++)
    {
      const AxRun *gap = &g_array_index (gaps, AxRun, i);

      is_outside[gap->label] |= touches_edge (gap, width, height);
    }

  outside = g_array_new (FALSE, FALSE, sizeof (AxRun));
  for (guint i = 0; i < gaps->len; i++)
    {
      const AxRun *gap = &g_array_index (gaps, AxRun, i);

      if (is_outside[gap->label])
        add_run (outside, gap->row, gap->start, gap->end);
    }
  return complement (outside, width, height);
}

static gboolean
measure_lesions (AxEvalMask *self, double um_per_px, GError **error)
{
  g_autofree AxRun *grouped = g_new (AxRun, self->n_runs + 1);
  g_autofree gsize *offsets = NULL;
  AxScale pixel = { um_per_px, um_per_px };

  if (!ax_runs_label (self->runs, self->n_runs, AX_CONNECTIVITY_8,
                      &self->n_lesions, error))
    return FALSE;
  offsets = g_new (gsize, self->n_lesions + 1);
  ax_runs_group (self->runs, self->n_runs, self->n_lesions, grouped, offsets);

  self->lesions = g_new0 (AxEvalLesion, self->n_lesions);
  for (guint i = 0; i < self->n_lesions; i++)
    {
      AxEvalLesion *lesion = &self->lesions[i];
      AxEllipse ellipse = ax_ellipse_measure (
          grouped + offsets[i], offsets[i + 1] - offsets[i], pixel);

      lesion->n_cells = ellipse.n_cells;
      lesion->major_axis_um = ellipse.major_axis;
      lesion->is_itc = ellipse.major_axis < ITC_UM;
      self->n_itc += lesion->is_itc;
    }
  return TRUE;
}

/* (transfer full) */
static GArray *
find_tumor (const guint8 *tumor, int width, int height)
{
  GArray *runs = g_array_new (FALSE, FALSE, sizeof (AxRun));

  for (int row = 0; row < height; row++)
    find_runs (tumor + (gsize)row * width, row, width, TUMOR, runs);
  return runs;
}

AxEvalMask *
ax_eval_mask_new (const guint8 *tumor, int width, int height, double um_per_px,
                  GError **error)
{
  g_autoptr (AxEvalMask) self = NULL;
  g_autoptr (GArray) runs = NULL;
  g_autoptr (GArray) grown = NULL;
  g_autoptr (GArray) filled = NULL;
  g_autofree guint8 *pixels = NULL;
  Disc disc;

  g_return_val_if_fail (tumor != NULL, NULL);
  g_return_val_if_fail (width > 0 && height > 0, NULL);
  g_return_val_if_fail (um_per_px > 0 && um_per_px <= RIM_UM, NULL);

  runs = find_tumor (tumor, width, height);
  pixels = g_new (guint8, width);
  disc_init (&disc, RIM_UM / (um_per_px * 2));
  grown = dilate (runs, width, height, &disc, pixels);
  g_free (disc.half_widths);
  filled = fill_holes (grown, width, height, error);
  if (filled == NULL)
    return NULL;

  self = g_new0 (AxEvalMask, 1);
  self->width = width;
  self->height = height;
  self->n_runs = filled->len;
  self->runs = (AxRun *)g_array_free (g_steal_pointer (&filled), FALSE);
  if (!measure_lesions (self, um_per_px, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
ax_eval_mask_free (AxEvalMask *self)
{
  if (self == NULL)
    return;
  g_free (self->runs);
  g_free (self->lesions);
  g_free (self);
}

int
ax_eval_mask_at (const AxEvalMask *self, int col, int row)
{
  const AxRun *run = NULL;

  g_return_val_if_fail (self != NULL, -1);
  g_return_val_if_fail (col >= 0 && col < self->width, -1);
  g_return_val_if_fail (row >= 0 && row < self->height, -1);

  run = ax_runs_find (self->runs, self->n_runs, col, row);
  return run != NULL ? (int)run->label : -1;
}
