#include "core/slide/region.h"

#include "core/base/error.h"

#include <math.h>
#include <string.h>

/* A scale this near to a level's own is taken for it. */
#define SNAP 0.02
#define MIN_SCALE (1.0 / 8)
#define MAX_SCALE 256.0

struct _AxRegionReader
{
  AxTileCache *cache;
  AxScale scale; /* f: level-0 px per model px */
  int level;
  AxScale step; /* level px per model px; 1 copies */
  gint64 width, height;
};

/* Which pixels of the level make one model pixel, along one axis. */
typedef struct
{
  gint64 first;
  int n;
  float *weights;
} Taps;

typedef struct
{
  AxRegionReader *reader;
  GArray *damaged; /* (nullable) */
  AxTile **tiles;  /* of one row of tiles */
  int first_col, n_cols;
} Source;

static gboolean
is_near (double a, double b)
{
  return fabs (a / b - 1.0) < SNAP;
}

/* The level whose pixels are the model's, -1 when there is none. */
static int
find_same_level (AxSlide *slide, AxScale scale)
{
  for (int i = 0; i < ax_slide_get_n_levels (slide); i++)
    {
      const AxSlideLevel *level = ax_slide_get_level (slide, i);

      if (is_near (scale.x, level->scale.x)
          && is_near (scale.y, level->scale.y))
        return i;
    }
  return -1;
}

AxRegionReader *
ax_region_reader_new (AxTileCache *cache, AxScale slide_mpp, double model_mpp,
                      GError **error)
{
  AxSlide *slide;
  const AxSlideLevel *level;
  AxScale f;
  AxRegionReader *self;
  int same;

  g_return_val_if_fail (cache != NULL, NULL);
  g_return_val_if_fail (slide_mpp.x > 0 && slide_mpp.y > 0, NULL);
  g_return_val_if_fail (model_mpp > 0, NULL);
  slide = ax_tile_cache_get_slide (cache);
  f = (AxScale){ model_mpp / slide_mpp.x, model_mpp / slide_mpp.y };
  if (MIN (f.x, f.y) < MIN_SCALE || MAX (f.x, f.y) > MAX_SCALE)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_LIMIT,
                   "%s: %g x %g µm/px is too far from the model's %g µm/px",
                   ax_slide_get_path (slide), slide_mpp.x, slide_mpp.y,
                   model_mpp);
      return NULL;
    }
  same = find_same_level (slide, f);
  self = g_new0 (AxRegionReader, 1);
  self->cache = ax_tile_cache_ref (cache);
  self->level
      = same >= 0 ? same : ax_slide_get_best_level (slide, MIN (f.x, f.y));
  level = ax_slide_get_level (slide, self->level);
  self->scale = same >= 0 ? level->scale : f;
  self->step = (AxScale){ self->scale.x / level->scale.x,
                          self->scale.y / level->scale.y };
  if (same >= 0)
    {
      self->width = level->width;
      self->height = level->height;
    }
  else
    {
      AxRect0 extent = ax_slide_get_extent (slide);

      self->width = (gint64)ceil (extent.width / f.x);
      self->height = (gint64)ceil (extent.height / f.y);
    }
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
  return self->level;
}

/* Rows of tiles */

static const AxSlideLevel *
get_level (const AxRegionReader *self)
{
  return ax_slide_get_level (ax_tile_cache_get_slide (self->cache),
                             self->level);
}

static void
report_damage (Source *source, int col, int row)
{
  const AxRegionReader *reader = source->reader;
  const AxSlideLevel *level = get_level (reader);
  AxRectL tile = { reader->level, (gint64)col * level->tile_width,
                   (gint64)row * level->tile_height, level->tile_width,
                   level->tile_height };
  AxRect0 rect = ax_rect0_from_level (
      tile, (AxScale){ 1.0 / reader->step.x, 1.0 / reader->step.y });

  if (source->damaged != NULL)
    g_array_append_val (source->damaged, rect);
}

/* Takes the tiles of a row; absent ones stay NULL, which is white. */
static gboolean
source_take_row (Source *source, int row, GError **error)
{
  for (int i = 0; i < source->n_cols; i++)
    {
      g_autoptr (GError) fault = NULL;
      int col = source->first_col + i;

      source->tiles[i] = ax_tile_cache_read (
          source->reader->cache, source->reader->level, col, row, &fault);
      if (source->tiles[i] != NULL)
        continue;
      if (!g_error_matches (fault, AX_ERROR, AX_ERROR_CORRUPT))
        {
          g_propagate_error (error, g_steal_pointer (&fault));
          return FALSE;
        }
      report_damage (source, col, row);
    }
  return TRUE;
}

static void
source_drop_row (Source *source)
{
  for (int i = 0; i < source->n_cols; i++)
    g_clear_pointer (&source->tiles[i], ax_tile_unref);
}

/* Columns [from, to) of line @y of the row of tiles, packed RGB. */
static void
source_unpack (const Source *source, int y, gint64 from, gint64 to, guint8 *rgb)
{
  int tile_width = get_level (source->reader)->tile_width;

  while (from < to)
    {
      int i = (int)(from / tile_width) - source->first_col;
      int x = (int)(from % tile_width);
      int n = (int)MIN (to - from, tile_width - x);
      const AxTile *tile = source->tiles[i];

      if (tile == NULL)
        memset (rgb, 255, 3 * (gsize)n);
      else
        for (int k = 0; k < n; k++)
          {
            guint32 p = tile->pixels[y * (tile->stride / 4) + x + k];

            rgb[3 * k] = (guint8)(p >> 16);
            rgb[3 * k + 1] = (guint8)(p >> 8);
            rgb[3 * k + 2] = (guint8)p;
          }
      rgb += 3 * (gsize)n;
      from += n;
    }
}

/* Called with each line [from_x, to_x) of the level that is wanted and
 * exists, top down. */
typedef void (*LineFunc) (gint64 y, const guint8 *rgb, gpointer data);

static gboolean
read_lines (Source *source, gint64 from_x, gint64 to_x, gint64 from_y,
            gint64 to_y, LineFunc func, gpointer data, GError **error)
{
  const AxSlideLevel *level = get_level (source->reader);
  g_autofree guint8 *line = g_malloc (3 * (gsize)(to_x - from_x));
  gboolean ok = TRUE;

  source->first_col = (int)(from_x / level->tile_width);
  source->n_cols
      = (int)((to_x - 1) / level->tile_width) - source->first_col + 1;
  source->tiles = g_new0 (AxTile *, source->n_cols);
  for (gint64 y = from_y; y < to_y && ok;)
    {
      int row = (int)(y / level->tile_height);
      gint64 end = MIN (to_y, (gint64)(row + 1) * level->tile_height);

      ok = source_take_row (source, row, error);
      for (; y < end && ok; y++)
        {
          source_unpack (source, (int)(y % level->tile_height), from_x, to_x,
                         line);
          func (y, line, data);
        }
      source_drop_row (source);
    }
  g_free (source->tiles);
  return ok;
}

/* Copying */

typedef struct
{
  guint8 *rgb;
  gint64 x, y;
  int width;
  gint64 from_x, to_x;
} Copy;

static void
copy_line (gint64 y, const guint8 *rgb, gpointer data)
{
  Copy *copy = data;

  memcpy (copy->rgb
              + 3 * ((y - copy->y) * copy->width + copy->from_x - copy->x),
          rgb, 3 * (gsize)(copy->to_x - copy->from_x));
}

static gboolean
read_copied (Source *source, gint64 x, gint64 y, int width, int height,
             guint8 *rgb, GError **error)
{
  const AxSlideLevel *level = get_level (source->reader);
  Copy copy = { .rgb = rgb, .x = x, .y = y, .width = width };

  copy.from_x = MAX (x, 0);
  copy.to_x = MIN (x + width, level->width);
  memset (rgb, 255, 3 * (gsize)width * height);
  if (copy.from_x >= copy.to_x)
    return TRUE;
  return read_lines (source, copy.from_x, copy.to_x, MAX (y, 0),
                     MIN (y + height, level->height), copy_line, &copy, error);
}

/* Resampling */

/* The share of each level pixel in model pixel @i: by area, or, where the
 * model is finer than the level, by distance to the two nearest centres. */
static void
taps_init (Taps *taps, gint64 i, double step)
{
  double from = i * step, to = (i + 1) * step;

  if (step < 1.0)
    {
      double center = (from + to) / 2 - 0.5;

      taps->first = (gint64)floor (center);
      taps->n = 2;
      taps->weights[1] = (float)(center - taps->first);
      taps->weights[0] = 1.f - taps->weights[1];
      return;
    }
  taps->first = (gint64)floor (from);
  taps->n = (int)((gint64)ceil (to) - taps->first);
  for (int k = 0; k < taps->n; k++)
    {
      double left = MAX (from, (double)(taps->first + k));
      double right = MIN (to, (double)(taps->first + k + 1));

      taps->weights[k] = (float)((right - left) / step);
    }
}

static Taps *
taps_new (gint64 first, int n, double step)
{
  int most = MAX (2, (int)ceil (step) + 1);
  Taps *taps = g_malloc (n * (sizeof (Taps) + most * sizeof (float)));
  float *weights = (float *)(taps + n);

  for (int i = 0; i < n; i++)
    {
      taps[i].weights = weights + (gsize)i * most;
      taps_init (&taps[i], first + i, step);
    }
  return taps;
}

typedef struct
{
  const Taps *columns, *rows;
  int width, height;
  gint64 from_x, to_x; /* of the lines that exist */
  int first_open;      /* first output row not complete yet */
  float *sums;         /* (height, width, 3): how much darker than white */
  float *line;         /* (width, 3) */
} Resample;

static void
resample_line (Resample *self, const guint8 *rgb)
{
  for (int i = 0; i < self->width; i++)
    {
      const Taps *taps = &self->columns[i];
      float sum[3] = { 0.f, 0.f, 0.f };

      for (int k = 0; k < taps->n; k++)
        {
          gint64 x = taps->first + k;
          const guint8 *p = rgb + 3 * (x - self->from_x);

          if (x < self->from_x || x >= self->to_x)
            continue;
          for (int c = 0; c < 3; c++)
            sum[c] += taps->weights[k] * (float)(255 - p[c]);
        }
      memcpy (self->line + 3 * i, sum, sizeof sum);
    }
}

static void
add_line (gint64 y, const guint8 *rgb, gpointer data)
{
  Resample *self = data;

  resample_line (self, rgb);
  for (int j = self->first_open; j < self->height; j++)
    {
      const Taps *taps = &self->rows[j];
      float *sums = self->sums + 3 * (gsize)j * self->width;
      float weight;

      if (taps->first > y)
        break;
      if (taps->first + taps->n <= y)
        {
          self->first_open = j + 1;
          continue;
        }
      weight = taps->weights[y - taps->first];
      for (int i = 0; i < 3 * self->width; i++)
        sums[i] += weight * self->line[i];
    }
}

static gboolean
read_resampled (Source *source, gint64 x, gint64 y, int width, int height,
                guint8 *rgb, GError **error)
{
  const AxRegionReader *reader = source->reader;
  const AxSlideLevel *level = get_level (reader);
  g_autofree Taps *columns = taps_new (x, width, reader->step.x);
  g_autofree Taps *rows = taps_new (y, height, reader->step.y);
  g_autofree float *sums = g_try_new0 (float, 3 * (gsize)width * height);
  g_autofree float *line = g_new (float, 3 * (gsize)width);
  const Taps *right = &columns[width - 1], *bottom = &rows[height - 1];
  Resample resample = { .columns = columns,
                        .rows = rows,
                        .width = width,
                        .height = height,
                        .sums = sums,
                        .line = line };

  if (sums == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "no memory for a region of %d x %d pixels", width, height);
      return FALSE;
    }
  resample.from_x = MAX (columns[0].first, 0);
  resample.to_x = MIN (right->first + right->n, level->width);
  if (resample.from_x < resample.to_x
      && !read_lines (source, resample.from_x, resample.to_x,
                      MAX (rows[0].first, 0),
                      MIN (bottom->first + bottom->n, level->height), add_line,
                      &resample, error))
    return FALSE;
  for (gsize i = 0; i < 3 * (gsize)width * height; i++)
    rgb[i] = (guint8)CLAMP (255.5f - sums[i], 0.f, 255.f);
  return TRUE;
}

gboolean
ax_region_reader_read (AxRegionReader *self, gint64 x, gint64 y, int width,
                       int height, guint8 *rgb, GArray *damaged, GError **error)
{
  Source source = { .reader = self, .damaged = damaged };

  g_return_val_if_fail (self != NULL && rgb != NULL, FALSE);
  g_return_val_if_fail (width > 0 && height > 0, FALSE);
  if (self->step.x == 1.0 && self->step.y == 1.0)
    return read_copied (&source, x, y, width, height, rgb, error);
  return read_resampled (&source, x, y, width, height, rgb, error);
}
