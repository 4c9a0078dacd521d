#include "ui/tile-layer.h"

#include "core/base/lru.h"
#include "core/slide/tile-loader.h"
#include "ui/ink.h"
#include "ui/tile-picture.h"
#include "ui/tile-range.h"

#include <math.h>

#define BUDGET_BYTES ((gsize)128 << 20)

/* The coarsest levels stay, unless the file made them too big for that. */
#define N_KEPT_LEVELS 2
#define MAX_KEPT_BYTES ((gsize)48 << 20)

#define GROUND 0xE4E4E7
#define GLASS 0xFFFFFF
#define HATCH 0xB3261E
#define HATCH_ALPHA 0.55

/* The few kept ones first: they cover everything at once. */
enum
{
  CLASS_KEPT,
  CLASS_VISIBLE,
  CLASS_NEAR,
};

/*
 * What the loader knows of its layer.  A loader is freed on a thread of its
 * own, since that waits for tiles in work; until then news may still come.
 */
typedef struct
{
  AxTileLoader *loader;
  AxTileLayer *layer; /* NULL once let go; main thread only */
} Feed;

struct _AxTileLayer
{
  AxLayer parent_instance;

  AxTileCache *tiles; /* (nullable) */
  Feed *feed;         /* (nullable) */
  AxLru *pictures;
  GHashTable *failed;    /* of packed keys */
  AxTileRange requested; /* level -1: nothing is */

  GArray *states; /* of AxTileState: the last snapshot's */
};

G_DEFINE_FINAL_TYPE (AxTileLayer, ax_tile_layer, AX_TYPE_LAYER)

enum
{
  OVERVIEW_CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

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

static gboolean
has_failed (AxTileLayer *self, int level, int col, int row)
{
  gint64 key = failed_key (level, col, row);

  return g_hash_table_contains (self->failed, &key);
}

static void
add_failed (AxTileLayer *self, int level, int col, int row)
{
  gint64 key = failed_key (level, col, row);

  g_hash_table_add (self->failed, g_memdup2 (&key, sizeof key));
}

static AxSlide *
get_slide (AxTileLayer *self)
{
  return ax_tile_cache_get_slide (self->tiles);
}

static gboolean
is_kept (AxTileLayer *self, int level)
{
  AxSlide *slide = get_slide (self);

  return level >= ax_slide_get_n_levels (slide) - N_KEPT_LEVELS
         && ax_tile_range_get_bytes (slide, ax_tile_range_whole (slide, level))
                <= MAX_KEPT_BYTES;
}

static AxTilePicture *
get_picture (AxTileLayer *self, int level, int col, int row)
{
  return ax_lru_get (self->pictures, cell_key (level, col, row));
}

static AxRect0
rect_of_cell (AxTileLayer *self, int level, int col, int row)
{
  return ax_rect0_from_cells (
      col, row, 1, 1, ax_tile_range_get_scale (get_slide (self), level));
}

/* Unlike a rectangle in whole level-0 pixels, exact at any scale. */
static graphene_rect_t
screen_of_cell (AxTileLayer *self, AxViewport *viewport, int level, int col,
                int row, double device_scale)
{
  AxScale cell = ax_tile_range_get_scale (get_slide (self), level);

  return ax_layer_snap (viewport, ax_point0_from_space (col, row, cell),
                        ax_point0_from_space (col + 1, row + 1, cell),
                        device_scale);
}

static void
request_cell (AxTileLayer *self, int level, int col, int row, int class_,
              AxPoint0 center)
{
  g_autoptr (AxTilePicture) picture = get_picture (self, level, col, row);
  AxRect0 rect;

  if (picture != NULL || has_failed (self, level, col, row))
    return;
  rect = rect_of_cell (self, level, col, row);
  ax_tile_loader_request (self->feed->loader, level, col, row, class_,
                          hypot (rect.x + rect.width / 2.0 - center.x,
                                 rect.y + rect.height / 2.0 - center.y));
}

static void
request_range (AxTileLayer *self, AxTileRange range, int class_,
               AxPoint0 center)
{
  for (int row = range.row; row < range.row + range.n_rows; row++)
    for (int col = range.col; col < range.col + range.n_cols; col++)
      request_cell (self, range.level, col, row, class_, center);
}

static void
request_view (AxTileLayer *self, AxViewport *viewport, AxTileRange visible)
{
  AxPoint0 center = ax_viewport_get_center (viewport);

  if (ax_tile_range_equal (visible, self->requested))
    return;
  self->requested = visible;
  ax_lru_set_budget (
      self->pictures,
      MAX (BUDGET_BYTES,
           2 * ax_tile_range_get_bytes (get_slide (self), visible)));
  ax_tile_loader_begin_epoch (self->feed->loader);
  request_range (self, visible, CLASS_VISIBLE, center);
  for (int level = ax_slide_get_n_levels (get_slide (self)) - 1; level >= 0;
       level--)
    if (is_kept (self, level))
      request_range (self, ax_tile_range_whole (get_slide (self), level),
                     CLASS_KEPT, center);
  request_range (self,
                 ax_tile_range_under (get_slide (self), visible.level,
                                      ax_viewport_get_visible (viewport), 1),
                 CLASS_NEAR, center);
}

static void
on_loaded (int level, int col, int row, AxTile *tile, const GError *error,
           gpointer user_data)
{
  Feed *feed = user_data;
  AxTileLayer *self = feed->layer;

  if (self == NULL)
    return;
  if (tile == NULL)
    add_failed (self, level, col, row);
  else
    {
      g_autoptr (AxTilePicture) picture = ax_tile_picture_new (tile);

      ax_lru_put (self->pictures, cell_key (level, col, row), picture,
                  ax_tile_get_bytes (tile), is_kept (self, level));
    }
  if (level == ax_slide_get_n_levels (get_slide (self)) - 1)
    g_signal_emit (self, signals[OVERVIEW_CHANGED], 0);
  ax_layer_changed (AX_LAYER (self));
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
let_go (AxTileLayer *self)
{
  Feed *feed = g_steal_pointer (&self->feed);

  if (feed == NULL)
    return;
  feed->layer = NULL;
  ax_tile_loader_begin_epoch (feed->loader);
  g_thread_unref (g_thread_new ("tile-close", feed_free_thread, feed));
}

void
ax_tile_layer_set_tiles (AxTileLayer *self, AxTileCache *tiles)
{
  g_return_if_fail (AX_IS_TILE_LAYER (self));

  if (self->tiles == tiles)
    return;
  let_go (self);
  ax_lru_clear (self->pictures);
  g_hash_table_remove_all (self->failed);
  g_array_set_size (self->states, 0);
  self->requested.level = -1;
  g_clear_pointer (&self->tiles, ax_tile_cache_unref);
  if (tiles != NULL)
    {
      self->tiles = ax_tile_cache_ref (tiles);
      self->feed = g_new0 (Feed, 1);
      self->feed->layer = self;
      self->feed->loader = ax_tile_loader_new (
          tiles, CLAMP ((int)g_get_num_processors () - 1, 1, 8),
          g_main_context_default (), on_loaded, self->feed);
    }
  g_signal_emit (self, signals[OVERVIEW_CHANGED], 0);
  ax_layer_changed (AX_LAYER (self));
}

void
ax_tile_layer_retry (AxTileLayer *self)
{
  g_return_if_fail (AX_IS_TILE_LAYER (self));

  if (self->tiles == NULL)
    return;
  ax_tile_cache_forget_failures (self->tiles);
  g_hash_table_remove_all (self->failed);
  self->requested.level = -1;
  ax_layer_changed (AX_LAYER (self));
}

/* What one frame is painted with: Cairo, or nodes where @cr is NULL. */
typedef struct
{
  AxTileLayer *layer;
  AxViewport *viewport;
  double device_scale;
  cairo_t *cr;
  GtkSnapshot *snapshot;
} Painter;

/* The view and a pixel around it, where Cairo may blur a picture's edge. */
static graphene_rect_t
view_of (Painter *self)
{
  double width, height;

  ax_viewport_get_size (self->viewport, &width, &height);
  return GRAPHENE_RECT_INIT (-1, -1, width + 2, height + 2);
}

static void
fill (Painter *self, guint32 rgb)
{
  graphene_rect_t view = view_of (self);
  GdkRGBA color = { (rgb >> 16 & 0xFF) / 255.0f, (rgb >> 8 & 0xFF) / 255.0f,
                    (rgb & 0xFF) / 255.0f, 1 };

  if (self->cr == NULL)
    {
      gtk_snapshot_append_color (self->snapshot, &color, &view);
      return;
    }
  gdk_cairo_set_source_rgba (self->cr, &color);
  cairo_paint (self->cr);
}

static void
push_clip (Painter *self, const graphene_rect_t *rect)
{
  if (self->cr == NULL)
    {
      gtk_snapshot_push_clip (self->snapshot, rect);
      return;
    }
  cairo_save (self->cr);
  cairo_set_antialias (self->cr, CAIRO_ANTIALIAS_NONE);
  cairo_rectangle (self->cr, rect->origin.x, rect->origin.y, rect->size.width,
                   rect->size.height);
  cairo_clip (self->cr);
}

static void
pop_clip (Painter *self)
{
  if (self->cr == NULL)
    gtk_snapshot_pop (self->snapshot);
  else
    cairo_restore (self->cr);
}

static void
paint_cell (Painter *self, int level, int col, int row, AxTilePicture *picture)
{
  graphene_rect_t rect = screen_of_cell (self->layer, self->viewport, level,
                                         col, row, self->device_scale);

  if (rect.size.width <= 0 || rect.size.height <= 0)
    return;
  if (self->cr != NULL)
    ax_tile_picture_draw (picture, self->cr, &rect);
  else
    gtk_snapshot_append_texture (self->snapshot,
                                 ax_tile_picture_get_texture (picture), &rect);
}

/* Paints cells of @level, as far as they are here, under @range. */
static void
paint_range (Painter *self, AxTileRange range)
{
  for (int row = range.row; row < range.row + range.n_rows; row++)
    for (int col = range.col; col < range.col + range.n_cols; col++)
      {
        g_autoptr (AxTilePicture) picture
            = get_picture (self->layer, range.level, col, row);

        if (picture != NULL)
          paint_cell (self, range.level, col, row, picture);
      }
}

/* The states of the cells in @range; the part of the view that lacks tiles. */
static AxRect0
list_states (AxTileLayer *self, AxTileRange range)
{
  AxRect0 missing = { 0 };

  g_array_set_size (self->states, 0);
  for (int row = range.row; row < range.row + range.n_rows; row++)
    for (int col = range.col; col < range.col + range.n_cols; col++)
      {
        g_autoptr (AxTilePicture) picture
            = get_picture (self, range.level, col, row);
        AxTileState state = { range.level, col, row };

        state.rect = rect_of_cell (self, range.level, col, row);
        state.is_drawn = picture != NULL;
        state.has_failed = has_failed (self, range.level, col, row);
        state.age_s = picture != NULL ? ax_tile_picture_get_age_s (picture) : 0;
        if (picture == NULL)
          missing = ax_rect0_union (missing, state.rect);
        g_array_append_val (self->states, state);
      }
  return missing;
}

static void
hatch_failed (Painter *self, cairo_t *cr)
{
  GArray *states = self->layer->states;
  cairo_pattern_t *hatch = ax_ink_hatch (HATCH, HATCH_ALPHA);

  for (guint i = 0; i < states->len; i++)
    {
      const AxTileState *state = &g_array_index (states, AxTileState, i);
      graphene_rect_t rect;

      if (!state->has_failed)
        continue;
      rect = screen_of_cell (self->layer, self->viewport, state->level,
                             state->col, state->row, self->device_scale);
      cairo_rectangle (cr, rect.origin.x, rect.origin.y, rect.size.width,
                       rect.size.height);
    }
  cairo_set_source (cr, hatch);
  cairo_fill (cr);
  cairo_pattern_destroy (hatch);
}

static void
paint_failed (Painter *self)
{
  graphene_rect_t view = view_of (self);
  cairo_t *cr;

  if (g_hash_table_size (self->layer->failed) == 0)
    return;
  cr = self->cr != NULL ? cairo_reference (self->cr)
                        : gtk_snapshot_append_cairo (self->snapshot, &view);
  hatch_failed (self, cr);
  cairo_destroy (cr);
}

static void
paint_tiles (Painter *self, AxTileRange visible)
{
  AxTileLayer *layer = self->layer;
  AxRect0 missing = list_states (layer, visible);

  missing
      = ax_rect0_intersect (missing, ax_viewport_get_visible (self->viewport));
  if (!ax_rect0_is_empty (missing))
    for (int level = ax_slide_get_n_levels (get_slide (layer)) - 1;
         level > visible.level; level--)
      paint_range (self,
                   ax_tile_range_under (get_slide (layer), level, missing, 0));
  paint_range (self, visible);
  paint_failed (self);
}

static AxTileRange
find_visible (Painter *self)
{
  AxSlide *slide = get_slide (self->layer);
  double zoom = ax_viewport_get_zoom (self->viewport) * self->device_scale;

  return ax_tile_range_under (slide, ax_slide_get_best_level (slide, 1 / zoom),
                              ax_viewport_get_visible (self->viewport), 0);
}

static void
paint (Painter *self)
{
  AxTileLayer *layer = self->layer;
  AxTileRange visible;
  graphene_rect_t slide;

  fill (self, GROUND);
  if (layer->tiles == NULL)
    return;
  visible = find_visible (self);
  if (!ax_viewport_is_flying (self->viewport))
    request_view (layer, self->viewport, visible);

  slide = ax_layer_snap_rect (self->viewport,
                              ax_slide_get_extent (get_slide (layer)),
                              self->device_scale);
  push_clip (self, &slide);
  fill (self, GLASS);
  paint_tiles (self, visible);
  pop_clip (self);
}

static void
ax_tile_layer_draw (AxLayer *layer, cairo_t *cr, AxViewport *viewport,
                    double device_scale)
{
  Painter painter = { AX_TILE_LAYER (layer), viewport, device_scale, .cr = cr };

  paint (&painter);
}

static void
ax_tile_layer_snapshot (AxLayer *layer, GtkSnapshot *snapshot,
                        AxViewport *viewport, double device_scale)
{
  Painter painter
      = { AX_TILE_LAYER (layer), viewport, device_scale, .snapshot = snapshot };

  paint (&painter);
}

void
ax_tile_layer_get_counts (AxTileLayer *self, guint *n_drawn, guint *n_missing)
{
  g_return_if_fail (AX_IS_TILE_LAYER (self));

  *n_drawn = *n_missing = 0;
  for (guint i = 0; i < self->states->len; i++)
    if (g_array_index (self->states, AxTileState, i).is_drawn)
      ++*n_drawn;
    else
      ++*n_missing;
}

gsize
ax_tile_layer_get_bytes (AxTileLayer *self)
{
  g_return_val_if_fail (AX_IS_TILE_LAYER (self), 0);

  return ax_lru_get_bytes (self->pictures);
}

GArray *
ax_tile_layer_list_cells (AxTileLayer *self)
{
  g_return_val_if_fail (AX_IS_TILE_LAYER (self), NULL);

  return g_array_copy (self->states);
}

static gboolean
is_settled (AxTileLayer *self, AxTileRange range)
{
  for (int row = 0; row < range.n_rows; row++)
    for (int col = 0; col < range.n_cols; col++)
      {
        g_autoptr (AxTilePicture) picture
            = get_picture (self, range.level, col, row);

        if (picture == NULL && !has_failed (self, range.level, col, row))
          return FALSE;
      }
  return TRUE;
}

cairo_surface_t *
ax_tile_layer_create_overview (AxTileLayer *self, AxScale *scale)
{
  const AxSlideLevel *info;
  cairo_surface_t *surface;
  cairo_t *cr;
  AxTileRange range;
  int level;

  g_return_val_if_fail (AX_IS_TILE_LAYER (self) && scale != NULL, NULL);

  if (self->tiles == NULL)
    return NULL;
  level = ax_slide_get_n_levels (get_slide (self)) - 1;
  range = ax_tile_range_whole (get_slide (self), level);
  if (!is_kept (self, level) || !is_settled (self, range))
    return NULL;

  info = ax_slide_get_level (get_slide (self), level);
  *scale = info->scale;
  surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int)info->width,
                                        (int)info->height);
  cr = cairo_create (surface);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_paint (cr);
  for (int row = 0; row < range.n_rows; row++)
    for (int col = 0; col < range.n_cols; col++)
      {
        g_autoptr (AxTilePicture) picture = get_picture (self, level, col, row);

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

static void
ax_tile_layer_finalize (GObject *object)
{
  AxTileLayer *self = AX_TILE_LAYER (object);

  let_go (self);
  g_clear_pointer (&self->tiles, ax_tile_cache_unref);
  ax_lru_free (self->pictures);
  g_hash_table_unref (self->failed);
  g_array_unref (self->states);
  G_OBJECT_CLASS (ax_tile_layer_parent_class)->finalize (object);
}

static void
ax_tile_layer_class_init (AxTileLayerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ax_tile_layer_finalize;
  AX_LAYER_CLASS (klass)->draw = ax_tile_layer_draw;
  AX_LAYER_CLASS (klass)->snapshot = ax_tile_layer_snapshot;
  signals[OVERVIEW_CHANGED]
      = g_signal_new ("overview-changed", AX_TYPE_TILE_LAYER, G_SIGNAL_RUN_LAST,
                      0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ax_tile_layer_init (AxTileLayer *self)
{
  self->pictures
      = ax_lru_new (BUDGET_BYTES, (GBoxedCopyFunc)ax_tile_picture_ref,
                    (GDestroyNotify)ax_tile_picture_unref);
  self->failed
      = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->states = g_array_new (FALSE, FALSE, sizeof (AxTileState));
  self->requested.level = -1;
}

AxTileLayer *
ax_tile_layer_new (void)
{
  return g_object_new (AX_TYPE_TILE_LAYER, NULL);
}
