#include "ui/tile-layer.h"

#include "ui/ink.h"
#include "ui/tile-shelf.h"

#define GROUND 0xE4E4E7
#define GLASS 0xFFFFFF
#define HATCH 0xB3261E
#define HATCH_ALPHA 0.55

struct _AxTileLayer
{
  AxLayer parent_instance;

  AxTileShelf *shelf;
  GArray *states; /* of AxTileState: the last snapshot's */
};

G_DEFINE_FINAL_TYPE (AxTileLayer, ax_tile_layer, AX_TYPE_LAYER)

enum
{
  OVERVIEW_CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static AxSlide *
get_slide (AxTileLayer *self)
{
  return ax_tile_shelf_get_slide (self->shelf);
}

static AxRect0
rect_of_cell (AxTileLayer *self, int level, int col, int row)
{
  return ax_rect0_from_cells (
      col, row, 1, 1, ax_tile_range_get_scale (get_slide (self), level));
}

static AxPoint0
center_of (AxRect0 rect)
{
  return (AxPoint0){ rect.x + rect.width / 2.0, rect.y + rect.height / 2.0 };
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
on_shelf_changed (int level, gpointer user_data)
{
  AxTileLayer *self = user_data;

  if (level < 0 || level == ax_slide_get_n_levels (get_slide (self)) - 1)
    g_signal_emit (self, signals[OVERVIEW_CHANGED], 0);
  ax_layer_changed (AX_LAYER (self));
}

void
ax_tile_layer_set_tiles (AxTileLayer *self, AxTileCache *tiles)
{
  g_return_if_fail (AX_IS_TILE_LAYER (self));

  g_array_set_size (self->states, 0);
  ax_tile_shelf_set_tiles (self->shelf, tiles);
}

void
ax_tile_layer_retry (AxTileLayer *self)
{
  g_return_if_fail (AX_IS_TILE_LAYER (self));

  ax_tile_shelf_retry (self->shelf);
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
add_rectangle (cairo_t *cr, const graphene_rect_t *rect)
{
  cairo_rectangle (cr, rect->origin.x, rect->origin.y, rect->size.width,
                   rect->size.height);
}

/* Fills @rect but for @hole (nullable), which will be painted over. */
static void
fill (Painter *self, guint32 rgb, const graphene_rect_t *rect,
      const graphene_rect_t *hole)
{
  GdkRGBA color = { (rgb >> 16 & 0xFF) / 255.0f, (rgb >> 8 & 0xFF) / 255.0f,
                    (rgb & 0xFF) / 255.0f, 1 };

  if (self->cr == NULL)
    {
      gtk_snapshot_append_color (self->snapshot, &color, rect);
      return;
    }
  cairo_save (self->cr);
  cairo_set_antialias (self->cr, CAIRO_ANTIALIAS_NONE);
  cairo_set_fill_rule (self->cr, CAIRO_FILL_RULE_EVEN_ODD);
  gdk_cairo_set_source_rgba (self->cr, &color);
  add_rectangle (self->cr, rect);
  if (hole != NULL)
    add_rectangle (self->cr, hole);
  cairo_fill (self->cr);
  cairo_restore (self->cr);
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
  add_rectangle (self->cr, rect);
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

static void
mark_covered (AxTileLayer *self, AxRect0 rect)
{
  for (guint i = 0; i < self->states->len; i++)
    {
      AxTileState *state = &g_array_index (self->states, AxTileState, i);

      if (ax_rect0_contains (rect, center_of (state->rect)))
        state->is_covered = TRUE;
    }
}

/* Paints cells of @level, as far as they are here, under @range. */
static void
paint_range (Painter *self, AxTileRange range)
{
  for (int row = range.row; row < range.row + range.n_rows; row++)
    for (int col = range.col; col < range.col + range.n_cols; col++)
      {
        g_autoptr (AxTilePicture) picture
            = ax_tile_shelf_get (self->layer->shelf, range.level, col, row);

        if (picture == NULL)
          continue;
        paint_cell (self, range.level, col, row, picture);
        mark_covered (self->layer,
                      rect_of_cell (self->layer, range.level, col, row));
      }
}

static AxTileState
get_state (AxTileLayer *self, int level, int col, int row)
{
  g_autoptr (AxTilePicture) picture
      = ax_tile_shelf_get (self->shelf, level, col, row);

  return (AxTileState){
    .level = level,
    .col = col,
    .row = row,
    .rect = rect_of_cell (self, level, col, row),
    .is_drawn = picture != NULL,
    .has_failed = ax_tile_shelf_has_failed (self->shelf, level, col, row),
    .age_s = picture != NULL ? ax_tile_picture_get_age_s (picture) : 0,
  };
}

/* The states of the cells in @range; the part of the slide that lacks tiles. */
static AxRect0
list_states (AxTileLayer *self, AxTileRange range)
{
  AxRect0 missing = { 0 };

  g_array_set_size (self->states, 0);
  for (int row = range.row; row < range.row + range.n_rows; row++)
    for (int col = range.col; col < range.col + range.n_cols; col++)
      {
        AxTileState state = get_state (self, range.level, col, row);

        if (!state.is_drawn)
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
      add_rectangle (cr, &rect);
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

  if (ax_tile_shelf_get_n_failed (self->layer->shelf) == 0)
    return;
  cr = self->cr != NULL ? cairo_reference (self->cr)
                        : gtk_snapshot_append_cairo (self->snapshot, &view);
  hatch_failed (self, cr);
  cairo_destroy (cr);
}

/* Coarse to fine, on glass: where tiles are to come. */
static void
paint_instead (Painter *self, AxRect0 missing, int visible_level)
{
  AxSlide *slide = get_slide (self->layer);
  graphene_rect_t glass
      = ax_layer_snap_rect (self->viewport, missing, self->device_scale);

  fill (self, GLASS, &glass, NULL);
  for (int level = ax_slide_get_n_levels (slide) - 1; level > visible_level;
       level--)
    paint_range (self, ax_tile_range_under (slide, level, missing, 0));
}

static void
paint_tiles (Painter *self, AxTileRange visible)
{
  AxRect0 missing
      = ax_rect0_intersect (list_states (self->layer, visible),
                            ax_viewport_get_visible (self->viewport));

  if (!ax_rect0_is_empty (missing))
    paint_instead (self, missing, visible.level);
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
  graphene_rect_t view = view_of (self), slide;
  AxTileRange visible;

  if (get_slide (layer) == NULL)
    {
      fill (self, GROUND, &view, NULL);
      return;
    }
  visible = find_visible (self);
  if (!ax_viewport_is_flying (self->viewport))
    ax_tile_shelf_request (layer->shelf, visible,
                           ax_viewport_get_visible (self->viewport));
  slide = ax_layer_snap_rect (self->viewport,
                              ax_slide_get_extent (get_slide (layer)),
                              self->device_scale);
  if (!graphene_rect_intersection (&slide, &view, &slide))
    slide = GRAPHENE_RECT_INIT (0, 0, 0, 0);
  fill (self, GROUND, &view, &slide);
  push_clip (self, &slide);
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

static gboolean
has_coarser (AxTileLayer *self, const AxTileState *state)
{
  AxSlide *slide = get_slide (self);
  AxPoint0 center = center_of (state->rect);

  for (int level = state->level + 1; level < ax_slide_get_n_levels (slide);
       level++)
    {
      AxScale cell = ax_tile_range_get_scale (slide, level);
      g_autoptr (AxTilePicture) picture
          = ax_tile_shelf_get (self->shelf, level, (int)(center.x / cell.x),
                               (int)(center.y / cell.y));

      if (picture != NULL)
        return TRUE;
    }
  return FALSE;
}

void
ax_tile_layer_get_counts (AxTileLayer *self, AxTileCounts *counts)
{
  g_return_if_fail (AX_IS_TILE_LAYER (self) && counts != NULL);

  *counts = (AxTileCounts){ 0 };
  for (guint i = 0; i < self->states->len; i++)
    {
      const AxTileState *state = &g_array_index (self->states, AxTileState, i);

      if (state->is_drawn)
        counts->n_drawn++;
      else
        counts->n_missing++;
      if (!state->is_covered && has_coarser (self, state))
        counts->n_blank++;
    }
}

gsize
ax_tile_layer_get_bytes (AxTileLayer *self)
{
  g_return_val_if_fail (AX_IS_TILE_LAYER (self), 0);

  return ax_tile_shelf_get_bytes (self->shelf);
}

GArray *
ax_tile_layer_list_cells (AxTileLayer *self)
{
  g_return_val_if_fail (AX_IS_TILE_LAYER (self), NULL);

  return g_array_copy (self->states);
}

cairo_surface_t *
ax_tile_layer_create_overview (AxTileLayer *self, AxScale *scale)
{
  g_return_val_if_fail (AX_IS_TILE_LAYER (self) && scale != NULL, NULL);

  return ax_tile_shelf_create_overview (self->shelf, scale);
}

static void
ax_tile_layer_finalize (GObject *object)
{
  AxTileLayer *self = AX_TILE_LAYER (object);

  ax_tile_shelf_free (self->shelf);
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
  self->shelf = ax_tile_shelf_new (on_shelf_changed, self);
  self->states = g_array_new (FALSE, FALSE, sizeof (AxTileState));
}

AxTileLayer *
ax_tile_layer_new (void)
{
  return g_object_new (AX_TYPE_TILE_LAYER, NULL);
}
