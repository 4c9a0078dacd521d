#include "ui/tile-layer.h"

#include "core/base/lru.h"
#include "core/base/trace.h"
#include "core/slide/tile-loader.h"
#include "ui/ink.h"

#include <math.h>

#define BUDGET_BYTES ((gsize)128 << 20)

/* The coarsest levels stay, unless the file made them too big for that. */
#define N_KEPT_LEVELS 2
#define MAX_KEPT_TILES 64

#define GROUND 0xE4E4E7
#define HATCH 0xB3261E
#define HATCH_ALPHA 0.55

/* The few kept ones first: they cover everything at once. */
enum
{
  CLASS_KEPT,
  CLASS_VISIBLE,
  CLASS_NEAR,
};

/* A decoded tile in the two forms that it is painted from; neither copies. */
typedef struct
{
  AxTile *tile;
  GdkTexture *texture;      /* made when first wanted */
  cairo_surface_t *surface; /* likewise */
  gint64 decoded_us;
} Cell;

/*
 * What the loader knows of its layer.  A loader is freed on a thread of its
 * own, since that waits for tiles in work; until then news may still come.
 */
typedef struct
{
  AxTileLoader *loader;
  AxTileLayer *layer; /* NULL once let go; main thread only */
} Feed;

/* The cells of one level that the view touches. */
typedef struct
{
  int level;
  int col, row, n_cols, n_rows;
} Range;

struct _AxTileLayer
{
  AxLayer parent_instance;

  AxTileCache *tiles; /* (nullable) */
  Feed *feed;         /* (nullable) */
  AxLru *cells;
  GHashTable *failed; /* of packed keys */
  Range requested;    /* level -1: nothing is */

  GArray *states; /* of AxTileState: the last snapshot's */
};

G_DEFINE_FINAL_TYPE (AxTileLayer, ax_tile_layer, AX_TYPE_LAYER)

enum
{
  OVERVIEW_CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
cell_clear (gpointer data)
{
  Cell *self = data;

  g_clear_object (&self->texture);
  g_clear_pointer (&self->surface, cairo_surface_destroy);
  ax_tile_unref (self->tile);
}

static void
cell_release (gpointer data)
{
  g_atomic_rc_box_release_full (data, cell_clear);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Cell, cell_release)

static Cell *
cell_new (AxTile *tile)
{
  Cell *self = g_atomic_rc_box_new0 (Cell);

  self->tile = ax_tile_ref (tile);
  self->decoded_us = ax_trace_now_us ();
  return self;
}

static GdkTexture *
cell_get_texture (Cell *self)
{
  AxTile *tile = self->tile;
  g_autoptr (GBytes) bytes = NULL;

  if (self->texture != NULL)
    return self->texture;
  bytes = g_bytes_new_with_free_func (tile->pixels, tile->stride * tile->height,
                                      (GDestroyNotify)ax_tile_unref,
                                      ax_tile_ref (tile));
  self->texture = gdk_memory_texture_new (
      tile->width, tile->height, GDK_MEMORY_DEFAULT, bytes, tile->stride);
  return self->texture;
}

static cairo_surface_t *
cell_get_surface (Cell *self)
{
  static const cairo_user_data_key_t key;
  AxTile *tile = self->tile;

  if (self->surface != NULL)
    return self->surface;
  self->surface = cairo_image_surface_create_for_data (
      (guchar *)tile->pixels, CAIRO_FORMAT_RGB24, tile->width, tile->height,
      (int)tile->stride);
  cairo_surface_set_user_data (self->surface, &key, ax_tile_ref (tile),
                               (cairo_destroy_func_t)ax_tile_unref);
  return self->surface;
}

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

static const AxSlideLevel *
get_level (AxTileLayer *self, int level)
{
  return ax_slide_get_level (ax_tile_cache_get_slide (self->tiles), level);
}

static int
get_n_levels (AxTileLayer *self)
{
  return ax_slide_get_n_levels (ax_tile_cache_get_slide (self->tiles));
}

static Range
whole_level (AxTileLayer *self, int level)
{
  const AxSlideLevel *info = get_level (self, level);

  return (Range){
    .level = level,
    .n_cols = (int)((info->width + info->tile_width - 1) / info->tile_width),
    .n_rows = (int)((info->height + info->tile_height - 1) / info->tile_height),
  };
}

static gboolean
is_kept (AxTileLayer *self, int level)
{
  Range range;

  if (level < get_n_levels (self) - N_KEPT_LEVELS)
    return FALSE;
  range = whole_level (self, level);
  return (gint64)range.n_cols * range.n_rows <= MAX_KEPT_TILES;
}

static gboolean
range_equal (const Range *a, const Range *b)
{
  return a->level == b->level && a->col == b->col && a->row == b->row
         && a->n_cols == b->n_cols && a->n_rows == b->n_rows;
}

/* Narrows [first, first + n) to [0, limit). */
static void
clip_span (gint64 first, gint64 n, int limit, int *clipped, int *n_clipped)
{
  gint64 start = CLAMP (first, 0, limit), end = CLAMP (first + n, 0, limit);

  *clipped = (int)start;
  *n_clipped = (int)(end - start);
}

/* Cells of @level under @rect, and @margin more on each side. */
static Range
range_of_rect (AxTileLayer *self, int level, AxRect0 rect, int margin)
{
  const AxSlideLevel *info = get_level (self, level);
  AxScale cell
      = { info->scale.x * info->tile_width, info->scale.y * info->tile_height };
  AxRectL cells = ax_rect0_to_level (rect, level, cell);
  Range whole = whole_level (self, level);
  Range range = { .level = level };

  clip_span (cells.x - margin, cells.width + 2 * margin, whole.n_cols,
             &range.col, &range.n_cols);
  clip_span (cells.y - margin, cells.height + 2 * margin, whole.n_rows,
             &range.row, &range.n_rows);
  return range;
}

static AxRect0
rect_of_cell (AxTileLayer *self, int level, int col, int row)
{
  const AxSlideLevel *info = get_level (self, level);
  AxRectL pixels = { level, (gint64)col * info->tile_width,
                     (gint64)row * info->tile_height, info->tile_width,
                     info->tile_height };

  return ax_rect0_from_level (pixels, info->scale);
}

static graphene_rect_t
screen_of_rect (AxViewport *viewport, AxRect0 rect, double device_scale)
{
  return ax_layer_snap (viewport, (AxPoint0){ rect.x, rect.y },
                        (AxPoint0){ rect.x + rect.width, rect.y + rect.height },
                        device_scale);
}

/* Unlike a rectangle in whole level-0 pixels, exact at any scale. */
static graphene_rect_t
screen_of_cell (AxTileLayer *self, AxViewport *viewport, int level, int col,
                int row, double device_scale)
{
  const AxSlideLevel *info = get_level (self, level);
  AxScale cell
      = { info->scale.x * info->tile_width, info->scale.y * info->tile_height };

  return ax_layer_snap (viewport, ax_point0_from_space (col, row, cell),
                        ax_point0_from_space (col + 1, row + 1, cell),
                        device_scale);
}

static void
request_cell (AxTileLayer *self, int level, int col, int row, int class_,
              AxPoint0 center)
{
  g_autoptr (Cell) cell = ax_lru_get (self->cells, cell_key (level, col, row));
  AxRect0 rect;

  if (cell != NULL || has_failed (self, level, col, row))
    return;
  rect = rect_of_cell (self, level, col, row);
  ax_tile_loader_request (self->feed->loader, level, col, row, class_,
                          hypot (rect.x + rect.width / 2.0 - center.x,
                                 rect.y + rect.height / 2.0 - center.y));
}

static void
request_range (AxTileLayer *self, Range range, int class_, AxPoint0 center)
{
  for (int row = range.row; row < range.row + range.n_rows; row++)
    for (int col = range.col; col < range.col + range.n_cols; col++)
      request_cell (self, range.level, col, row, class_, center);
}

static void
request_view (AxTileLayer *self, AxViewport *viewport, Range visible)
{
  AxPoint0 center = ax_viewport_get_center (viewport);

  if (range_equal (&visible, &self->requested))
    return;
  self->requested = visible;
  ax_tile_loader_begin_epoch (self->feed->loader);
  request_range (self, visible, CLASS_VISIBLE, center);
  for (int level = get_n_levels (self) - 1; level >= 0; level--)
    if (is_kept (self, level))
      request_range (self, whole_level (self, level), CLASS_KEPT, center);
  request_range (self,
                 range_of_rect (self, visible.level,
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
      g_autoptr (Cell) cell = cell_new (tile);

      ax_lru_put (self->cells, cell_key (level, col, row), cell,
                  ax_tile_get_bytes (tile), is_kept (self, level));
    }
  if (level == get_n_levels (self) - 1)
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
  ax_lru_clear (self->cells);
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

/* What one snapshot paints. */
typedef struct
{
  AxTileLayer *layer;
  GtkSnapshot *snapshot;
  AxViewport *viewport;
  double device_scale;
  graphene_rect_t slide; /* on screen; nothing is painted outside */
  cairo_t *cr;           /* NULL: textures */
} Painter;

static void
paint_cell (Painter *self, int level, int col, int row, Cell *cell)
{
  graphene_rect_t rect = screen_of_cell (self->layer, self->viewport, level,
                                         col, row, self->device_scale);
  const AxTile *tile = cell->tile;
  cairo_pattern_t *pattern;

  if (self->cr == NULL)
    {
      gtk_snapshot_append_texture (self->snapshot, cell_get_texture (cell),
                                   &rect);
      return;
    }
  cairo_save (self->cr);
  cairo_translate (self->cr, rect.origin.x, rect.origin.y);
  cairo_rectangle (self->cr, 0, 0, rect.size.width, rect.size.height);
  cairo_scale (self->cr, rect.size.width / tile->width,
               rect.size.height / tile->height);
  cairo_set_source_surface (self->cr, cell_get_surface (cell), 0, 0);
  pattern = cairo_get_source (self->cr);
  cairo_pattern_set_filter (pattern, CAIRO_FILTER_BILINEAR);
  cairo_pattern_set_extend (pattern, CAIRO_EXTEND_PAD);
  cairo_fill (self->cr);
  cairo_restore (self->cr);
}

/* Paints cells of @level, as far as they are here, under @range. */
static void
paint_range (Painter *self, Range range)
{
  for (int row = range.row; row < range.row + range.n_rows; row++)
    for (int col = range.col; col < range.col + range.n_cols; col++)
      {
        g_autoptr (Cell) cell
            = ax_lru_get (self->layer->cells, cell_key (range.level, col, row));

        if (cell != NULL)
          paint_cell (self, range.level, col, row, cell);
      }
}

/* The states of the cells in @range; the part of the view that lacks tiles. */
static AxRect0
list_states (AxTileLayer *self, Range range)
{
  gint64 now_us = ax_trace_now_us ();
  AxRect0 missing = { 0 };

  g_array_set_size (self->states, 0);
  for (int row = range.row; row < range.row + range.n_rows; row++)
    for (int col = range.col; col < range.col + range.n_cols; col++)
      {
        g_autoptr (Cell) cell
            = ax_lru_get (self->cells, cell_key (range.level, col, row));
        AxTileState state = { range.level, col, row };

        state.rect = rect_of_cell (self, range.level, col, row);
        state.is_drawn = cell != NULL;
        state.has_failed = has_failed (self, range.level, col, row);
        state.age_s = cell != NULL ? (now_us - cell->decoded_us) / 1e6 : 0;
        if (cell == NULL)
          missing = ax_rect0_union (missing, state.rect);
        g_array_append_val (self->states, state);
      }
  return missing;
}

static void
paint_failed (Painter *self)
{
  GArray *states = self->layer->states;
  cairo_pattern_t *hatch = NULL;
  cairo_t *cr = NULL;

  for (guint i = 0; i < states->len; i++)
    {
      const AxTileState *state = &g_array_index (states, AxTileState, i);
      graphene_rect_t rect;

      if (!state->has_failed)
        continue;
      if (cr == NULL)
        {
          cr = gtk_snapshot_append_cairo (self->snapshot, &self->slide);
          hatch = ax_ink_hatch (HATCH, HATCH_ALPHA);
          cairo_set_source (cr, hatch);
        }
      rect = screen_of_cell (self->layer, self->viewport, state->level,
                             state->col, state->row, self->device_scale);
      cairo_rectangle (cr, rect.origin.x, rect.origin.y, rect.size.width,
                       rect.size.height);
      cairo_fill (cr);
    }
  g_clear_pointer (&hatch, cairo_pattern_destroy);
  g_clear_pointer (&cr, cairo_destroy);
}

static void
paint_tiles (Painter *self, Range visible)
{
  AxTileLayer *layer = self->layer;
  AxRect0 missing = list_states (layer, visible);

  missing
      = ax_rect0_intersect (missing, ax_viewport_get_visible (self->viewport));
  if (ax_layer_get_software (AX_LAYER (layer)))
    self->cr = gtk_snapshot_append_cairo (self->snapshot, &self->slide);
  if (!ax_rect0_is_empty (missing))
    for (int level = get_n_levels (layer) - 1; level > visible.level; level--)
      paint_range (self, range_of_rect (layer, level, missing, 0));
  paint_range (self, visible);
  g_clear_pointer (&self->cr, cairo_destroy);
  paint_failed (self);
}

static void
paint_color (GtkSnapshot *snapshot, guint32 rgb, const graphene_rect_t *rect)
{
  GdkRGBA color = { (rgb >> 16 & 0xFF) / 255.0f, (rgb >> 8 & 0xFF) / 255.0f,
                    (rgb & 0xFF) / 255.0f, 1 };

  gtk_snapshot_append_color (snapshot, &color, rect);
}

static void
ax_tile_layer_snapshot (AxLayer *layer, GtkSnapshot *snapshot,
                        AxViewport *viewport, double device_scale)
{
  AxTileLayer *self = AX_TILE_LAYER (layer);
  Painter painter = { self, snapshot, viewport, device_scale };
  graphene_rect_t view;
  AxSlide *slide;
  Range visible;
  double width, height;
  int level;

  ax_viewport_get_size (viewport, &width, &height);
  view = GRAPHENE_RECT_INIT (0, 0, width, height);
  paint_color (snapshot, GROUND, &view);
  if (self->tiles == NULL)
    return;

  slide = ax_tile_cache_get_slide (self->tiles);
  painter.slide
      = screen_of_rect (viewport, ax_slide_get_extent (slide), device_scale);
  if (!graphene_rect_intersection (&painter.slide, &view, &painter.slide))
    return;
  level = ax_slide_get_best_level (
      slide, 1 / (ax_viewport_get_zoom (viewport) * device_scale));
  visible = range_of_rect (self, level, ax_viewport_get_visible (viewport), 0);
  if (!ax_viewport_is_flying (viewport))
    request_view (self, viewport, visible);

  gtk_snapshot_push_clip (snapshot, &painter.slide);
  paint_color (snapshot, 0xFFFFFF, &painter.slide);
  paint_tiles (&painter, visible);
  gtk_snapshot_pop (snapshot);
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

  return ax_lru_get_bytes (self->cells);
}

GArray *
ax_tile_layer_list_cells (AxTileLayer *self)
{
  g_return_val_if_fail (AX_IS_TILE_LAYER (self), NULL);

  return g_array_copy (self->states);
}

static gboolean
is_settled (AxTileLayer *self, Range range)
{
  for (int row = 0; row < range.n_rows; row++)
    for (int col = 0; col < range.n_cols; col++)
      {
        g_autoptr (Cell) cell
            = ax_lru_get (self->cells, cell_key (range.level, col, row));

        if (cell == NULL && !has_failed (self, range.level, col, row))
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
  Range range;
  int level;

  g_return_val_if_fail (AX_IS_TILE_LAYER (self) && scale != NULL, NULL);

  if (self->tiles == NULL)
    return NULL;
  level = get_n_levels (self) - 1;
  range = whole_level (self, level);
  if (!is_kept (self, level) || !is_settled (self, range))
    return NULL;

  info = get_level (self, level);
  *scale = info->scale;
  surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int)info->width,
                                        (int)info->height);
  cr = cairo_create (surface);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_paint (cr);
  for (int row = 0; row < range.n_rows; row++)
    for (int col = 0; col < range.n_cols; col++)
      {
        g_autoptr (Cell) cell
            = ax_lru_get (self->cells, cell_key (level, col, row));

        if (cell == NULL)
          continue;
        cairo_set_source_surface (cr, cell_get_surface (cell),
                                  (double)col * info->tile_width,
                                  (double)row * info->tile_height);
        cairo_paint (cr);
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
  ax_lru_free (self->cells);
  g_hash_table_unref (self->failed);
  g_array_unref (self->states);
  G_OBJECT_CLASS (ax_tile_layer_parent_class)->finalize (object);
}

static void
ax_tile_layer_class_init (AxTileLayerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ax_tile_layer_finalize;
  AX_LAYER_CLASS (klass)->snapshot = ax_tile_layer_snapshot;
  signals[OVERVIEW_CHANGED]
      = g_signal_new ("overview-changed", AX_TYPE_TILE_LAYER, G_SIGNAL_RUN_LAST,
                      0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ax_tile_layer_init (AxTileLayer *self)
{
  self->cells
      = ax_lru_new (BUDGET_BYTES, g_atomic_rc_box_acquire, cell_release);
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
