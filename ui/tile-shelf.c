#include "ui/tile-shelf.h"

#include "core/base/lru.h"
#include "core/slide/tile-loader.h"

#include <math.h>

/* Beside the cache of the loader, which shares its tiles. */
#define BUDGET_BYTES ((gsize)64 << 20)

#define N_KEPT_LEVELS 2
#define MAX_KEPT_BYTES ((gsize)48 << 20)

/* The few kept ones first: they cover everything at once. */
enum
{
  CLASS_KEPT,
  CLASS_VISIBLE,
  CLASS_NEAR,
};

/*
 * What the loader knows of its shelf.  A loader is freed on a thread of its
 * own, since that waits for tiles in work; until then news may still come.
 */
typedef struct
{
  AxTileLoader *loader;
  AxTileShelf *shelf; /* NULL once let go; main thread only */
} Feed;

struct _AxTileShelf
{
  AxTileShelfFunc changed;
  gpointer user_data;

  AxTileCache *tiles; /* (nullable) */
  Feed *feed;         /* (nullable) */
  AxLru *pictures;
  GHashTable *failed;    /* of packed keys */
  AxTileRange requested; /* level -1: nothing is */
};

static AxLruKey
cell_key (int level, int col, int row)
{
  return (AxLruKey){ (guint64)level, (guint64)row << 32 | (guint32)col };
}

static gint64
failed_key (int level, int col, int row)
{
  return (gint64)level << 56 | (gint64)row << 28 | col;
}

gboolean
ax_tile_shelf_has_failed (AxTileShelf *self, int level, int col, int row)
{
  gint64 key = failed_key (level, col, row);

  return g_hash_table_contains (self->failed, &key);
}

guint
ax_tile_shelf_get_n_failed (AxTileShelf *self)
{
  return g_hash_table_size (self->failed);
}

static void
add_failed (AxTileShelf *self, int level, int col, int row)
{
  gint64 key = failed_key (level, col, row);

  g_hash_table_add (self->failed, g_memdup2 (&key, sizeof key));
}

AxSlide *
ax_tile_shelf_get_slide (const AxTileShelf *self)
{
  return self->tiles != NULL ? ax_tile_cache_get_slide (self->tiles) : NULL;
}

gboolean
ax_tile_shelf_keeps (AxTileShelf *self, int level)
{
  AxSlide *slide = ax_tile_shelf_get_slide (self);

  return level >= ax_slide_get_n_levels (slide) - N_KEPT_LEVELS
         && ax_tile_range_get_bytes (slide, ax_tile_range_whole (slide, level))
                <= MAX_KEPT_BYTES;
}

AxTilePicture *
ax_tile_shelf_get (AxTileShelf *self, int level, int col, int row)
{
  return ax_lru_get (self->pictures, cell_key (level, col, row));
}

gsize
ax_tile_shelf_get_bytes (AxTileShelf *self)
{
  return ax_lru_get_bytes (self->pictures);
}

static void
request_cell (AxTileShelf *self, int level, int col, int row, int class_,
              AxPoint0 center)
{
  g_autoptr (AxTilePicture) picture = ax_tile_shelf_get (self, level, col, row);
  AxRect0 rect;

  if (picture != NULL || ax_tile_shelf_has_failed (self, level, col, row))
    return;
  rect = ax_rect0_from_cells (
      col, row, 1, 1,
      ax_tile_range_get_scale (ax_tile_shelf_get_slide (self), level));
  ax_tile_loader_request (self->feed->loader, level, col, row, class_,
                          hypot (rect.x + rect.width / 2.0 - center.x,
                                 rect.y + rect.height / 2.0 - center.y));
}

static void
request_range (AxTileShelf *self, AxTileRange range, int class_,
               AxPoint0 center)
{
  for (int row = range.row; row < range.row + range.n_rows; row++)
    for (int col = range.col; col < range.col + range.n_cols; col++)
      request_cell (self, range.level, col, row, class_, center);
}

void
ax_tile_shelf_request (AxTileShelf *self, AxTileRange visible, AxRect0 view)
{
  AxSlide *slide = ax_tile_shelf_get_slide (self);
  AxPoint0 center = { view.x + view.width / 2.0, view.y + view.height / 2.0 };

  g_return_if_fail (slide != NULL);

  if (ax_tile_range_equal (visible, self->requested))
    return;
  self->requested = visible;
  ax_lru_set_budget (
      self->pictures,
      MAX (BUDGET_BYTES, 2 * ax_tile_range_get_bytes (slide, visible)));
  ax_tile_loader_begin_epoch (self->feed->loader);
  request_range (self, visible, CLASS_VISIBLE, center);
  for (int level = ax_slide_get_n_levels (slide) - 1; level >= 0; level--)
    if (ax_tile_shelf_keeps (self, level))
      request_range (self, ax_tile_range_whole (slide, level), CLASS_KEPT,
                     center);
  request_range (self, ax_tile_range_under (slide, visible.level, view, 1),
                 CLASS_NEAR, center);
}

static void
on_loaded (int level, int col, int row, AxTile *tile, const GError *error,
           gpointer user_data)
{
  Feed *feed = user_data;
  AxTileShelf *self = feed->shelf;

  if (self == NULL)
    return;
  if (tile == NULL)
    add_failed (self, level, col, row);
  else
    {
      g_autoptr (AxTilePicture) picture = ax_tile_picture_new (tile);

      ax_lru_put (self->pictures, cell_key (level, col, row), picture,
                  ax_tile_get_bytes (tile), ax_tile_shelf_keeps (self, level));
    }
  self->changed (level, self->user_data);
}

static gpointer
feed_free_thread (gpointer data)
{
  Feed *feed = data;

  ax_tile_loader_free (feed->loader);
  g_free (feed);
  return NULL;
}

static void
let_go (AxTileShelf *self)
{
  Feed *feed = g_steal_pointer (&self->feed);

  if (feed == NULL)
    return;
  feed->shelf = NULL;
  ax_tile_loader_begin_epoch (feed->loader);
  g_thread_unref (g_thread_new ("tile-close", feed_free_thread, feed));
}

void
ax_tile_shelf_set_tiles (AxTileShelf *self, AxTileCache *tiles)
{
  if (self->tiles == tiles)
    return;
  let_go (self);
  ax_lru_clear (self->pictures);
  g_hash_table_remove_all (self->failed);
  self->requested.level = -1;
  g_clear_pointer (&self->tiles, ax_tile_cache_unref);
  if (tiles != NULL)
    {
      self->tiles = ax_tile_cache_ref (tiles);
      self->feed = g_new0 (Feed, 1);
      self->feed->shelf = self;
      self->feed->loader = ax_tile_loader_new (
          tiles, CLAMP ((int)g_get_num_processors () - 1, 1, 8),
          g_main_context_default (), on_loaded, self->feed);
    }
  self->changed (-1, self->user_data);
}

void
ax_tile_shelf_retry (AxTileShelf *self)
{
  if (self->tiles == NULL)
    return;
  ax_tile_cache_forget_failures (self->tiles);
  g_hash_table_remove_all (self->failed);
  self->requested.level = -1;
  self->changed (-1, self->user_data);
}

static gboolean
is_settled (AxTileShelf *self, AxTileRange range)
{
  for (int row = 0; row < range.n_rows; row++)
    for (int col = 0; col < range.n_cols; col++)
      {
        g_autoptr (AxTilePicture) picture
            = ax_tile_shelf_get (self, range.level, col, row);

        if (picture == NULL
            && !ax_tile_shelf_has_failed (self, range.level, col, row))
          return FALSE;
      }
  return TRUE;
}

cairo_surface_t *
ax_tile_shelf_create_overview (AxTileShelf *self, AxScale *scale)
{
  AxSlide *slide = ax_tile_shelf_get_slide (self);
  const AxSlideLevel *info;
  cairo_surface_t *surface;
  cairo_t *cr;
  AxTileRange range;
  int level;

  if (slide == NULL)
    return NULL;
  level = ax_slide_get_n_levels (slide) - 1;
  range = ax_tile_range_whole (slide, level);
  if (!ax_tile_shelf_keeps (self, level) || !is_settled (self, range))
    return NULL;

  info = ax_slide_get_level (slide, level);
  *scale = info->scale;
  surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int)info->width,
                                        (int)info->height);
  cr = cairo_create (surface);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_paint (cr);
  for (int row = 0; row < range.n_rows; row++)
    for (int col = 0; col < range.n_cols; col++)
      {
        g_autoptr (AxTilePicture) picture
            = ax_tile_shelf_get (self, level, col, row);

        if (picture == NULL)
          continue;
        ax_tile_picture_draw (picture, cr,
                              &GRAPHENE_RECT_INIT (col * info->tile_width,
                                                   row * info->tile_height,
                                                   info->tile_width,
                                                   info->tile_height));
      }
  cairo_destroy (cr);
  return surface;
}

AxTileShelf *
ax_tile_shelf_new (AxTileShelfFunc changed, gpointer user_data)
{
  AxTileShelf *self = g_new0 (AxTileShelf, 1);

  self->changed = changed;
  self->user_data = user_data;
  self->pictures
      = ax_lru_new (BUDGET_BYTES, (GBoxedCopyFunc)ax_tile_picture_ref,
                    (GDestroyNotify)ax_tile_picture_unref);
  self->failed
      = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->requested.level = -1;
  return self;
}

void
ax_tile_shelf_free (AxTileShelf *self)
{
  let_go (self);
  g_clear_pointer (&self->tiles, ax_tile_cache_unref);
  ax_lru_free (self->pictures);
  g_hash_table_unref (self->failed);
  g_free (self);
}
