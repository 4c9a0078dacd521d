#include "core/slide/region.h"

#include "core/base/error.h"
#include "core/slide/resample.h"

#include <math.h>
#include <string.h>

#define MIN_SCALE (1.0 / 8)
#define MAX_SCALE 256.0

/* A scale this near to a level's own is taken for it. */
#define SNAP 0.02

/* Level pixels side by side that are resampled at once: as many rows of tiles
   are held meanwhile, and a line of sums stays in the processor's cache. */
#define STRIPE_PX 8192

/* The four bytes of a pixel side by side, blue first: one of them idles, but
   together they are a vector. */
typedef guint8 Bytes __attribute__ ((vector_size (16)));
typedef guint16 Halves __attribute__ ((vector_size (16)));
typedef gint32 Words __attribute__ ((vector_size (16)));
typedef float Lanes __attribute__ ((vector_size (16)));

struct _AxRegionReader
{
  /* immutable */
  AxTileCache *cache;
  const AxSlideLevel *level;
  int level_index;
  AxScale scale; /* f: level-0 px per model px */
  AxScale ratio; /* level px per model px; 1 and 1: pixels are copied */
  gint64 width, height;
};

typedef struct
{
  const AxRegionReader *reader;
  gint64 x, y;
  int width, height;
  guint8 *rgb;
  GArray *damaged; /* (nullable) */
} Job;

static gboolean
is_near (double a, double b)
{
  return fabs (a - b) <= SNAP * b;
}

/* The level whose pixels are the model's; -1 when there is none. */
static int
find_same_level (const AxSlide *slide, AxScale scale)
{
  for (int i = 0; i < ax_slide_get_n_levels (slide); i++)
    {
      AxScale its = ax_slide_get_level (slide, i)->scale;

      if (is_near (scale.x, its.x) && is_near (scale.y, its.y))
        return i;
    }
  return -1;
}

AxRegionReader *
ax_region_reader_new (AxTileCache *cache, AxScale slide_mpp, double model_mpp,
                      GError **error)
{
  AxRegionReader *self;
  AxSlide *slide;
  AxRect0 extent;
  AxScale scale;
  int same;

  g_return_val_if_fail (cache != NULL, NULL);
  g_return_val_if_fail (slide_mpp.x > 0 && slide_mpp.y > 0, NULL);
  g_return_val_if_fail (model_mpp > 0, NULL);

  slide = ax_tile_cache_get_slide (cache);
  scale = (AxScale){ model_mpp / slide_mpp.x, model_mpp / slide_mpp.y };
  if (!(MIN (scale.x, scale.y) >= MIN_SCALE
        && MAX (scale.x, scale.y) <= MAX_SCALE))
    {
      gboolean finer = MAX (scale.x, scale.y) > MAX_SCALE;

      g_set_error (error, AX_ERROR, AX_ERROR_LIMIT,
                   "%s: %g x %g µm/px is more than %g times %s than the "
                   "model's %g µm/px",
                   ax_slide_get_path (slide), slide_mpp.x, slide_mpp.y,
                   finer ? MAX_SCALE : 1 / MIN_SCALE,
                   finer ? "finer" : "coarser", model_mpp);
      return NULL;
    }

  self = g_new0 (AxRegionReader, 1);
  self->cache = ax_tile_cache_ref (cache);
  same = find_same_level (slide, scale);
  self->level_index
      = same >= 0 ? same
                  : ax_slide_get_best_level (slide, MIN (scale.x, scale.y));
  self->level = ax_slide_get_level (slide, self->level_index);
  self->scale = same >= 0 ? self->level->scale : scale;
  self->ratio = (AxScale){ self->scale.x / self->level->scale.x,
                           self->scale.y / self->level->scale.y };
  extent = ax_slide_get_extent (slide);
  self->width = (gint64)ceil (extent.width / self->scale.x);
  self->height = (gint64)ceil (extent.height / self->scale.y);
  return self;
}

void
ax_region_reader_free (AxRegionReader *self)
{
  if (self == NULL)
    return;
  ax_tile_cache_unref (self->cache);
  g_free (self);
}

AxScale
ax_region_reader_get_scale (const AxRegionReader *self)
{
  g_return_val_if_fail (self != NULL, (AxScale){ 0 });

  return self->scale;
}

void
ax_region_reader_get_size (const AxRegionReader *self, gint64 *width,
                           gint64 *height)
{
  g_return_if_fail (self != NULL);

  *width = self->width;
  *height = self->height;
}

int
ax_region_reader_get_level (const AxRegionReader *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->level_index;
}

/* Tiles. */

/* The tile's part of the job, in model pixels. */
static AxRect0
find_tile_in_job (const Job *job, int col, int row)
{
  const AxRegionReader *reader = job->reader;
  AxScale cell = { 1 / reader->ratio.x, 1 / reader->ratio.y };
  AxRect0 tile = ax_rect0_from_cells ((gint64)col * reader->level->tile_width,
                                      (gint64)row * reader->level->tile_height,
                                      reader->level->tile_width,
                                      reader->level->tile_height, cell);

  return ax_rect0_intersect (
      tile, (AxRect0){ job->x, job->y, job->width, job->height });
}

static void
report_damage (const Job *job, int col, int row)
{
  AxRect0 rect = find_tile_in_job (job, col, row);

  if (job->damaged == NULL || ax_rect0_is_empty (rect))
    return;
  for (guint i = 0; i < job->damaged->len; i++)
    if (ax_rect0_equal (g_array_index (job->damaged, AxRect0, i), rect))
      return;
  g_array_append_val (job->damaged, rect);
}

/* @tile: out, (transfer full) (nullable): NULL for a damaged one. */
static gboolean
read_tile (const Job *job, int col, int row, AxTile **tile, GError **error)
{
  g_autoptr (GError) failure = NULL;

  *tile = ax_tile_cache_read (job->reader->cache, job->reader->level_index, col,
                              row, &failure);
  if (*tile != NULL)
    return TRUE;
  if (!g_error_matches (failure, AX_ERROR, AX_ERROR_CORRUPT))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  report_damage (job, col, row);
  return TRUE;
}

/* Copying. */

static void
copy_pixels (const guint32 *from, gint64 n, guint8 *to)
{
  for (gint64 i = 0; i < n; i++)
    {
      to[3 * i] = (guint8)(from[i] >> 16);
      to[3 * i + 1] = (guint8)(from[i] >> 8);
      to[3 * i + 2] = (guint8)from[i];
    }
}

static gboolean
copy_tile (const Job *job, int col, int row, GError **error)
{
  AxRect0 part = find_tile_in_job (job, col, row);
  gint64 x = part.x - (gint64)col * job->reader->level->tile_width;
  gint64 y = part.y - (gint64)row * job->reader->level->tile_height;
  g_autoptr (AxTile) tile = NULL;

  if (!read_tile (job, col, row, &tile, error))
    return FALSE;
  for (gint64 i = 0; tile != NULL && i < part.height; i++)
    copy_pixels (
        tile->pixels + (y + i) * tile->width + x, part.width,
        job->rgb + 3 * ((part.y - job->y + i) * job->width + part.x - job->x));
  return TRUE;
}

/* Numbers of the tiles that hold pixels [first, end) of an axis @length long;
   none where the two do not meet. */
static void
find_tiles (gint64 first, gint64 end, gint64 length, int tile, int *from,
            int *to)
{
  first = MAX (first, 0);
  end = MIN (end, length);
  *from = (int)(first / tile);
  *to = first < end ? (int)((end - 1) / tile) + 1 : *from;
}

static gboolean
copy_region (const Job *job, GError **error)
{
  const AxSlideLevel *level = job->reader->level;
  int from_col, to_col, from_row, to_row;

  find_tiles (job->x, job->x + job->width, level->width, level->tile_width,
              &from_col, &to_col);
  find_tiles (job->y, job->y + job->height, level->height, level->tile_height,
              &from_row, &to_row);
  for (int row = from_row; row < to_row; row++)
    for (int col = from_col; col < to_col; col++)
      if (!copy_tile (job, col, row, error))
        return FALSE;
  return TRUE;
}

/* Resampling.  A pixel's terms are added from top to bottom, then from left to
   right, whatever the rectangle: so rectangles read apart agree in each bit.
   Sums say how much darker than white; what is not there adds nothing. */

typedef struct
{
  const Job *job;
  const AxTaps *columns, *rows;
  int from, to;       /* model columns, counted from the job's */
  gint64 left, right; /* level columns they need, as far as they are there */
  int from_col, n_cols;
  AxTile **tiles; /* n_cols of one row of tiles, NULL where damaged */
  Lanes *lines;   /* (n_lines, right - left): sums of model rows by level
                     column, row i in line i % n_lines */
  int n_lines;
  int n_begun; /* model rows before this one have had their line cleared */
} Stripe;

/* Bytes become halves, halves become words: each an instruction. */
static Lanes
get_darkness (guint32 pixel)
{
  const Bytes zero = { 0 };
  const Bytes with_bytes
      = { 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23 };
  const Halves with_halves = { 0, 8, 1, 9, 2, 10, 3, 11 };
  Words word = { (gint32)~pixel };
  Bytes bytes = __builtin_shuffle ((Bytes)word, zero, with_bytes);
  Halves halves = __builtin_shuffle ((Halves)bytes, (Halves)zero, with_halves);

  return __builtin_convertvector((Words)halves, Lanes);
}

static Lanes *
get_line (const Stripe *self, int row)
{
  return self->lines + (row % self->n_lines) * (self->right - self->left);
}

/* Adds line @y of the level, of which the tiles are held, to @line. */
static void
add_level_line (const Stripe *self, gint64 y, float weight, Lanes *line)
{
  const AxSlideLevel *level = self->job->reader->level;

  for (int i = 0; i < self->n_cols; i++)
    {
      const AxTile *tile = self->tiles[i];
      gint64 tile_left = (gint64)(self->from_col + i) * level->tile_width;
      gint64 first = MAX (tile_left, self->left);
      gint64 end = MIN (tile_left + level->tile_width, self->right);
      Lanes *to = line + (first - self->left);
      const guint32 *pixels;

      if (tile == NULL)
        continue;
      pixels = tile->pixels + y % level->tile_height * level->tile_width
               + (first - tile_left);
      for (gint64 x = 0; x < end - first; x++)
        to[x] += weight * get_darkness (pixels[x]);
    }
}

static void
finish_row (const Stripe *self, int row)
{
  const Lanes *line = get_line (self, row);
  const AxTaps *columns = self->columns;
  guint8 *to
      = self->job->rgb + 3 * ((gsize)row * self->job->width + self->from);

  for (int i = self->from; i < self->to; i++, to += 3)
    {
      gint64 first = ax_taps_get_first (columns, i);
      gint64 begin = MAX (first, self->left);
      gint64 end = MIN (ax_taps_get_end (columns, i), self->right);
      const float *weights = columns->weights + columns->offset[i];
      Lanes sum = { 0 };

      for (gint64 x = begin; x < end; x++)
        sum += weights[x - first] * line[x - self->left];
      sum = 255.5f - sum;
      to[0] = (guint8)sum[2];
      to[1] = (guint8)sum[1];
      to[2] = (guint8)sum[0];
    }
}

/* Adds what the level's lines [top, bottom) hold of model row @row. */
static void
add_to_row (Stripe *self, int row, gint64 top, gint64 bottom)
{
  const AxTaps *rows = self->rows;
  gint64 first = ax_taps_get_first (rows, row);
  const float *weights = rows->weights + rows->offset[row];
  Lanes *line = get_line (self, row);

  if (row >= self->n_begun)
    {
      memset (line, 0, (self->right - self->left) * sizeof *line);
      self->n_begun = row + 1;
    }
  for (gint64 y = MAX (first, top);
       y < MIN (ax_taps_get_end (rows, row), bottom); y++)
    add_level_line (self, y, weights[y - first], line);
}

static gboolean
take_tiles (Stripe *self, int row, GError **error)
{
  for (int i = 0; i < self->n_cols; i++)
    if (!read_tile (self->job, self->from_col + i, row, &self->tiles[i], error))
      return FALSE;
  return TRUE;
}

static void
drop_tiles (Stripe *self)
{
  for (int i = 0; i < self->n_cols; i++)
    g_clear_pointer (&self->tiles[i], ax_tile_unref);
}

static gboolean
resample_tile_row (Stripe *self, int tile_row, gboolean is_last, GError **error)
{
  const AxSlideLevel *level = self->job->reader->level;
  gint64 top = (gint64)tile_row * level->tile_height;
  gint64 bottom = MIN (top + level->tile_height, level->height);
  gboolean taken = take_tiles (self, tile_row, error);
  int from, to;

  if (taken)
    {
      ax_taps_find (self->rows, top, bottom, &from, &to);
      for (int row = from; row < to; row++)
        {
          add_to_row (self, row, top, bottom);
          if (is_last || ax_taps_get_end (self->rows, row) <= bottom)
            finish_row (self, row);
        }
    }
  drop_tiles (self);
  return taken;
}

static gboolean
resample_stripe (Stripe *self, GError **error)
{
  const AxSlideLevel *level = self->job->reader->level;
  g_autofree AxTile **tiles = NULL;
  g_autofree Lanes *lines = NULL;
  int to_col, from_row, to_row;
  gint64 first = ax_taps_get_first (self->columns, self->from);
  gint64 end = ax_taps_get_end (self->columns, self->to - 1);

  find_tiles (first, end, level->width, level->tile_width, &self->from_col,
              &to_col);
  find_tiles (ax_taps_get_first (self->rows, 0),
              ax_taps_get_end (self->rows, self->rows->n - 1), level->height,
              level->tile_height, &from_row, &to_row);
  self->n_cols = to_col - self->from_col;
  if (self->n_cols == 0)
    return TRUE;

  self->left = MAX (first, 0);
  self->right = MIN (end, level->width);
  /* Rows that share a level line, and the one begun next. */
  self->n_lines = (int)ceil (1 / self->job->reader->ratio.y) + 2;
  self->n_begun = 0;
  self->tiles = tiles = g_new0 (AxTile *, self->n_cols);
  self->lines = lines
      = g_try_new (Lanes, self->n_lines * (self->right - self->left));
  if (lines == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "no memory to resample %d columns", self->to - self->from);
      return FALSE;
    }
  for (int row = from_row; row < to_row; row++)
    if (!resample_tile_row (self, row, row == to_row - 1, error))
      return FALSE;
  return TRUE;
}

static gboolean
resample_region (const Job *job, GError **error)
{
  AxScale ratio = job->reader->ratio;
  int n_stripe = MAX ((int)(STRIPE_PX / ratio.x), 1);
  g_autoptr (AxTaps) columns = NULL;
  g_autoptr (AxTaps) rows = NULL;

  columns = ax_taps_new (job->x, job->width, ratio.x, error);
  if (columns == NULL)
    return FALSE;
  rows = ax_taps_new (job->y, job->height, ratio.y, error);
  if (rows == NULL)
    return FALSE;
  for (int from = 0; from < job->width; from += n_stripe)
    {
      Stripe stripe
          = { job, columns, rows, from, MIN (from + n_stripe, job->width) };

      if (!resample_stripe (&stripe, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
ax_region_reader_read (AxRegionReader *self, gint64 x, gint64 y, int width,
                       int height, guint8 *rgb, GArray *damaged, GError **error)
{
  Job job = { self, x, y, width, height, rgb, damaged };

  g_return_val_if_fail (self != NULL && rgb != NULL, FALSE);
  g_return_val_if_fail (width > 0 && height > 0, FALSE);

  memset (rgb, 255, 3 * (gsize)width * height);
  if (self->ratio.x == 1 && self->ratio.y == 1)
    return copy_region (&job, error);
  return resample_region (&job, error);
}
