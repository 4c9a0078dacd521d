#include "ui/heatmap-layer.h"

#include "ui/ink.h"

#include <math.h>

#define MAX_PICTURES 256
#define HATCH 0x26324D
#define HATCH_ALPHA 0.6
#define N_CELLS (AX_PROB_TILE * AX_PROB_TILE)

/*
 * A map tile as painted.  Map tiles never change once published, so a picture
 * is good for as long as the map still has the tile it was painted from.
 */
typedef struct
{
  AxProbTile *tile;        /* (nullable) */
  cairo_surface_t *color;  /* NULL: no cell reaches the threshold */
  cairo_region_t *pending; /* NULL, or the cells that are waited for */
  guint frame;             /* last one it was used in */
} Picture;

struct _AxHeatmapLayer
{
  AxLayer parent_instance;

  AxProbMap *map;    /* (nullable) */
  AxTissue *pending; /* (nullable) */
  double threshold;
  AxColorMap color_map;
  double opacity;
  AxFill fill;

  guint32 table[AX_COLOR_TABLE]; /* premultiplied */
  GHashTable *pictures;          /* gint64 -> Picture */
  guint frame;
  AxRect0 visible; /* in the last snapshot */
};

G_DEFINE_FINAL_TYPE (AxHeatmapLayer, ax_heatmap_layer, AX_TYPE_LAYER)

static void
picture_free (gpointer data)
{
  Picture *self = data;

  ax_prob_tile_unref (self->tile);
  g_clear_pointer (&self->color, cairo_surface_destroy);
  g_clear_pointer (&self->pending, cairo_region_destroy);
  g_free (self);
}

static void
forget_pictures (AxHeatmapLayer *self)
{
  g_hash_table_remove_all (self->pictures);
  ax_layer_changed (AX_LAYER (self));
}

static guint32
premultiply (guint32 rgb, double alpha)
{
  guint32 word = (guint32)lround (alpha * 255) << 24;

  for (int shift = 0; shift <= 16; shift += 8)
    word |= (guint32)lround ((rgb >> shift & 0xFF) * alpha) << shift;
  return word;
}

static void
fill_table (AxHeatmapLayer *self)
{
  ax_color_map_fill_table (self->color_map, self->table);
  for (int i = 0; i < AX_COLOR_TABLE; i++)
    self->table[i] = premultiply (self->table[i], self->opacity);
  forget_pictures (self);
}

void
ax_heatmap_layer_set_map (AxHeatmapLayer *self, AxProbMap *map)
{
  g_return_if_fail (AX_IS_HEATMAP_LAYER (self));

  if (self->map == map)
    return;
  g_clear_pointer (&self->map, ax_prob_map_unref);
  if (map != NULL)
    self->map = ax_prob_map_ref (map);
  forget_pictures (self);
}

void
ax_heatmap_layer_set_pending (AxHeatmapLayer *self, AxTissue *tissue)
{
  g_return_if_fail (AX_IS_HEATMAP_LAYER (self));

  if (self->pending == tissue)
    return;
  g_clear_pointer (&self->pending, ax_tissue_unref);
  if (tissue != NULL)
    self->pending = ax_tissue_ref (tissue);
  forget_pictures (self);
}

void
ax_heatmap_layer_set_threshold (AxHeatmapLayer *self, double threshold)
{
  g_return_if_fail (AX_IS_HEATMAP_LAYER (self));

  if (self->threshold == threshold)
    return;
  self->threshold = threshold;
  forget_pictures (self);
}

void
ax_heatmap_layer_set_color_map (AxHeatmapLayer *self, AxColorMap map)
{
  g_return_if_fail (AX_IS_HEATMAP_LAYER (self));

  if (self->color_map == map)
    return;
  self->color_map = map;
  fill_table (self);
}

void
ax_heatmap_layer_set_opacity (AxHeatmapLayer *self, double opacity)
{
  g_return_if_fail (AX_IS_HEATMAP_LAYER (self));

  opacity = CLAMP (opacity, 0, 1);
  if (self->opacity == opacity)
    return;
  self->opacity = opacity;
  fill_table (self);
}

void
ax_heatmap_layer_set_fill (AxHeatmapLayer *self, AxFill fill)
{
  g_return_if_fail (AX_IS_HEATMAP_LAYER (self));

  if (self->fill == fill)
    return;
  self->fill = fill;
  ax_layer_changed (AX_LAYER (self));
}

void
ax_heatmap_layer_update (AxHeatmapLayer *self, AxRect0 rect)
{
  g_return_if_fail (AX_IS_HEATMAP_LAYER (self));

  if (!ax_rect0_is_empty (ax_rect0_intersect (rect, self->visible)))
    ax_layer_changed (AX_LAYER (self));
}

/* NULL when no cell reaches the threshold. */
static cairo_surface_t *
paint_color (AxHeatmapLayer *self, const AxProbTile *tile)
{
  guint16 threshold = ax_prob_threshold (self->threshold);
  cairo_surface_t *surface;
  guint32 *words;
  int first = 0;

  while (first < N_CELLS && tile->cells[first] < threshold)
    first++;
  if (first == N_CELLS)
    return NULL;

  surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, AX_PROB_TILE,
                                        AX_PROB_TILE);
  words = (guint32 *)(gpointer)cairo_image_surface_get_data (surface);
  for (int i = first; i < N_CELLS; i++)
    if (tile->cells[i] >= threshold)
      words[i] = self->table[tile->cells[i] >> 8];
  cairo_surface_mark_dirty (surface);
  return surface;
}

static AxScale
cell_at_level (AxHeatmapLayer *self, int level)
{
  AxScale cell = ax_prob_map_get_geometry (self->map)->cell;

  return (AxScale){ ldexp (cell.x, level), ldexp (cell.y, level) };
}

/* Column of the tissue mask under the middle of each of a tile's columns, or
 * row; -1 outside. */
static void
find_mask_cells (gint64 tile, double cell, double mask_cell, int n_mask_cells,
                 int found[AX_PROB_TILE])
{
  for (int i = 0; i < AX_PROB_TILE; i++)
    {
      double middle = (tile * AX_PROB_TILE + i + 0.5) * cell / mask_cell;

      found[i] = middle < n_mask_cells ? (int)middle : -1;
    }
}

/* What tells whether a cell of a tile is tissue that has no value. */
typedef struct
{
  const guint8 *mask;
  int mask_width;
  int columns[AX_PROB_TILE], rows[AX_PROB_TILE];
  const AxProbTile *tile; /* (nullable) */
} Pending;

static gboolean
is_pending (const Pending *self, int col, int row)
{
  int x = self->columns[col], y = self->rows[row];

  return x >= 0 && y >= 0 && self->mask[(gsize)y * self->mask_width + x] != 0
         && (self->tile == NULL
             || self->tile->cells[row * AX_PROB_TILE + col] == AX_PROB_NONE);
}

static void
append_runs (const Pending *self, int row, GArray *runs)
{
  for (int col = 0; col < AX_PROB_TILE; col++)
    {
      cairo_rectangle_int_t run = { col, row, 0, 1 };

      while (col < AX_PROB_TILE && is_pending (self, col, row))
        col++;
      run.width = col - run.x;
      if (run.width > 0)
        g_array_append_val (runs, run);
    }
}

static cairo_region_t *
find_pending (AxHeatmapLayer *self, int level, gint64 col, gint64 row,
              const AxProbTile *tile)
{
  AxScale cell = cell_at_level (self, level), scale;
  g_autoptr (GArray) runs
      = g_array_new (FALSE, FALSE, sizeof (cairo_rectangle_int_t));
  Pending pending = { .tile = tile };
  int height;

  pending.mask = ax_tissue_get_mask (self->pending, &pending.mask_width,
                                     &height, &scale);
  find_mask_cells (col, cell.x, scale.x, pending.mask_width, pending.columns);
  find_mask_cells (row, cell.y, scale.y, height, pending.rows);
  for (int i = 0; i < AX_PROB_TILE; i++)
    append_runs (&pending, i, runs);
  return cairo_region_create_rectangles (
      (const cairo_rectangle_int_t *)(gpointer)runs->data, (int)runs->len);
}

static Picture *
picture_new (AxHeatmapLayer *self, int level, gint64 col, gint64 row,
             AxProbTile *tile)
{
  Picture *picture = g_new0 (Picture, 1);

  picture->tile = tile;
  if (tile != NULL)
    picture->color = paint_color (self, tile);
  if (self->pending != NULL)
    picture->pending = find_pending (self, level, col, row, tile);
  return picture;
}

static const Picture *
get_picture (AxHeatmapLayer *self, int level, gint64 col, gint64 row)
{
  gint64 key = (gint64)level << 56 | row << 28 | col;
  AxProbTile *tile = ax_prob_map_get_tile (self->map, level, col, row);
  Picture *picture = g_hash_table_lookup (self->pictures, &key);

  if (picture != NULL && picture->tile == tile)
    ax_prob_tile_unref (tile);
  else
    {
      picture = picture_new (self, level, col, row, tile);
      g_hash_table_insert (self->pictures, g_memdup2 (&key, sizeof key),
                           picture);
    }
  picture->frame = self->frame;
  return picture;
}

static gboolean
is_stale (gpointer key, gpointer picture, gpointer layer)
{
  return ((Picture *)picture)->frame != AX_HEATMAP_LAYER (layer)->frame;
}

/* What one snapshot paints with. */
typedef struct
{
  AxHeatmapLayer *layer;
  AxViewport *viewport;
  double device_scale;
  gboolean is_filled;
  int level;
  cairo_t *cr;
  cairo_pattern_t *hatch;
} Painter;

static graphene_rect_t
screen_of_tile (Painter *self, gint64 col, gint64 row)
{
  AxScale cell = cell_at_level (self->layer, self->level);
  AxScale tile = { cell.x * AX_PROB_TILE, cell.y * AX_PROB_TILE };

  return ax_layer_snap (self->viewport, ax_point0_from_space (col, row, tile),
                        ax_point0_from_space (col + 1, row + 1, tile),
                        self->device_scale);
}

/* (transfer full): @surface stretched over @rect, its pixels sharp. */
static cairo_pattern_t *
stretch (cairo_surface_t *surface, const graphene_rect_t *rect)
{
  cairo_pattern_t *pattern = cairo_pattern_create_for_surface (surface);
  cairo_matrix_t matrix;

  cairo_matrix_init_scale (&matrix, AX_PROB_TILE / rect->size.width,
                           AX_PROB_TILE / rect->size.height);
  cairo_matrix_translate (&matrix, -rect->origin.x, -rect->origin.y);
  cairo_pattern_set_matrix (pattern, &matrix);
  cairo_pattern_set_filter (pattern, CAIRO_FILTER_NEAREST);
  return pattern;
}

/* Screen position of a tile's cell edge, on a device pixel's edge. */
static double
edge_at (Painter *self, double origin, double size, int cell)
{
  return round ((origin + size * cell / AX_PROB_TILE) * self->device_scale)
         / self->device_scale;
}

/* Filling rectangles is far faster than painting through a mask. */
static void
hatch_region (Painter *self, const cairo_region_t *region,
              const graphene_rect_t *rect)
{
  for (int i = 0; i < cairo_region_num_rectangles (region); i++)
    {
      cairo_rectangle_int_t cells;
      double left, top;

      cairo_region_get_rectangle (region, i, &cells);
      left = edge_at (self, rect->origin.x, rect->size.width, cells.x);
      top = edge_at (self, rect->origin.y, rect->size.height, cells.y);
      cairo_rectangle (self->cr, left, top,
                       edge_at (self, rect->origin.x, rect->size.width,
                                cells.x + cells.width)
                           - left,
                       edge_at (self, rect->origin.y, rect->size.height,
                                cells.y + cells.height)
                           - top);
    }
  cairo_set_source (self->cr, self->hatch);
  cairo_fill (self->cr);
}

static void
paint_tile (Painter *self, gint64 col, gint64 row)
{
  const Picture *picture = get_picture (self->layer, self->level, col, row);
  graphene_rect_t rect = screen_of_tile (self, col, row);
  cairo_pattern_t *pattern;

  if (picture->color != NULL && self->is_filled)
    {
      pattern = stretch (picture->color, &rect);
      cairo_set_source (self->cr, pattern);
      cairo_rectangle (self->cr, rect.origin.x, rect.origin.y, rect.size.width,
                       rect.size.height);
      cairo_fill (self->cr);
      cairo_pattern_destroy (pattern);
    }
  if (picture->pending != NULL)
    hatch_region (self, picture->pending, &rect);
}

/* The coarsest level whose cells are no larger than a device pixel, or the one
 * above it: cells take between one and two pixels, or more at level 0. */
static int
level_for_zoom (AxHeatmapLayer *self, double device_zoom)
{
  double cell_px = cell_at_level (self, 0).x * device_zoom;
  int level = (int)ceil (-log2 (cell_px));

  return CLAMP (level, 0, ax_prob_map_get_n_levels (self->map) - 1);
}

static AxRectL
visible_tiles (Painter *self)
{
  AxHeatmapLayer *layer = self->layer;
  const AxProbGeometry *geometry = ax_prob_map_get_geometry (layer->map);
  AxRect0 extent = ax_rect0_from_cells (0, 0, geometry->width, geometry->height,
                                        geometry->cell);
  AxScale cell = cell_at_level (layer, self->level);
  AxScale tile = { cell.x * AX_PROB_TILE, cell.y * AX_PROB_TILE };

  return ax_rect0_to_level (ax_rect0_intersect (layer->visible, extent),
                            self->level, tile);
}

/* The hatch moves with the slide. */
static cairo_pattern_t *
hatch_new (AxViewport *viewport)
{
  cairo_pattern_t *hatch = ax_ink_hatch (HATCH, HATCH_ALPHA);
  cairo_matrix_t matrix;
  double x, y;

  ax_viewport_to_screen (viewport, (AxPoint0){ 0, 0 }, &x, &y);
  cairo_matrix_init_translate (&matrix, -round (x), -round (y));
  cairo_pattern_set_matrix (hatch, &matrix);
  return hatch;
}

/* The last cells may reach beyond the slide. */
static void
clip_to_slide (Painter *self)
{
  AxRect0 extent = ax_viewport_get_extent (self->viewport);
  graphene_rect_t rect
      = ax_layer_snap_rect (self->viewport, extent, self->device_scale);

  cairo_rectangle (self->cr, rect.origin.x, rect.origin.y, rect.size.width,
                   rect.size.height);
  cairo_clip (self->cr);
}

static void
ax_heatmap_layer_draw (AxLayer *layer, cairo_t *cr, AxViewport *viewport,
                       double device_scale)
{
  AxHeatmapLayer *self = AX_HEATMAP_LAYER (layer);
  Painter painter = { self, viewport, device_scale, .cr = cr };
  AxRectL tiles;

  self->visible = ax_viewport_get_visible (viewport);
  painter.is_filled = ax_fill_is_filled (
      self->fill, ax_viewport_get_magnification (viewport));
  if (self->map == NULL || (!painter.is_filled && self->pending == NULL))
    return;

  self->frame++;
  painter.level
      = level_for_zoom (self, ax_viewport_get_zoom (viewport) * device_scale);
  painter.hatch = hatch_new (viewport);
  cairo_set_antialias (painter.cr, CAIRO_ANTIALIAS_NONE);
  clip_to_slide (&painter);
  tiles = visible_tiles (&painter);
  for (gint64 row = tiles.y; row < tiles.y + tiles.height; row++)
    for (gint64 col = tiles.x; col < tiles.x + tiles.width; col++)
      paint_tile (&painter, col, row);
  cairo_pattern_destroy (painter.hatch);
  if (g_hash_table_size (self->pictures) > MAX_PICTURES)
    g_hash_table_foreach_remove (self->pictures, is_stale, self);
}

static void
ax_heatmap_layer_finalize (GObject *object)
{
  AxHeatmapLayer *self = AX_HEATMAP_LAYER (object);

  g_hash_table_unref (self->pictures);
  g_clear_pointer (&self->map, ax_prob_map_unref);
  g_clear_pointer (&self->pending, ax_tissue_unref);
  G_OBJECT_CLASS (ax_heatmap_layer_parent_class)->finalize (object);
}

static void
ax_heatmap_layer_class_init (AxHeatmapLayerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ax_heatmap_layer_finalize;
  AX_LAYER_CLASS (klass)->draw = ax_heatmap_layer_draw;
}

static void
ax_heatmap_layer_init (AxHeatmapLayer *self)
{
  self->pictures = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
                                          picture_free);
  self->threshold = 0.5;
  self->opacity = 0.6;
  fill_table (self);
}

AxHeatmapLayer *
ax_heatmap_layer_new (void)
{
  return g_object_new (AX_TYPE_HEATMAP_LAYER, NULL);
}
