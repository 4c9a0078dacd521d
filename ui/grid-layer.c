#include "ui/grid-layer.h"

#include "core/base/parse.h"
#include "ui/ink.h"

#define HERE 0x009E73
#define MISSING 0xE69F00
#define FAILED 0xD0021B

struct _AxGridLayer
{
  AxLayer parent_instance;

  AxTileLayer *tiles;
};

G_DEFINE_FINAL_TYPE (AxGridLayer, ax_grid_layer, AX_TYPE_LAYER)

static char *
describe (const AxTileState *state)
{
  char age[AX_FORMAT_BUFFER];

  if (state->has_failed)
    return g_strdup_printf ("L%d %d,%d failed", state->level, state->col,
                            state->row);
  if (!state->is_drawn)
    return g_strdup_printf ("L%d %d,%d …", state->level, state->col,
                            state->row);
  return g_strdup_printf ("L%d %d,%d %s s", state->level, state->col,
                          state->row, ax_format_decimal (age, state->age_s, 1));
}

static void
paint_state (cairo_t *cr, const AxTileState *state, AxViewport *viewport,
             double device_scale)
{
  graphene_rect_t screen
      = ax_layer_snap_rect (viewport, state->rect, device_scale);
  g_autofree char *text = describe (state);
  double half = 0.5 / device_scale, width, height;

  cairo_rectangle (cr, screen.origin.x + half, screen.origin.y + half,
                   screen.size.width - 2 * half, screen.size.height - 2 * half);
  cairo_set_line_width (cr, 1 / device_scale);
  ax_ink_set_color (cr,
                    state->has_failed ? FAILED
                    : state->is_drawn ? HERE
                                      : MISSING,
                    1);
  cairo_stroke (cr);
  ax_ink_measure_label (text, &width, &height);
  if (width < screen.size.width)
    ax_ink_label (cr, text, screen.origin.x + screen.size.width / 2,
                  screen.origin.y + height, AX_INK_CENTER);
}

static void
ax_grid_layer_draw (AxLayer *layer, cairo_t *cr, AxViewport *viewport,
                    double device_scale)
{
  AxGridLayer *self = AX_GRID_LAYER (layer);
  g_autoptr (GArray) states = ax_tile_layer_list_cells (self->tiles);

  for (guint i = 0; i < states->len; i++)
    paint_state (cr, &g_array_index (states, AxTileState, i), viewport,
                 device_scale);
}

static void
ax_grid_layer_dispose (GObject *object)
{
  g_clear_object (&AX_GRID_LAYER (object)->tiles);
  G_OBJECT_CLASS (ax_grid_layer_parent_class)->dispose (object);
}

static void
ax_grid_layer_class_init (AxGridLayerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ax_grid_layer_dispose;
  AX_LAYER_CLASS (klass)->draw = ax_grid_layer_draw;
}

static void
ax_grid_layer_init (AxGridLayer *self)
{
  ax_layer_set_visible (AX_LAYER (self), FALSE);
}

AxGridLayer *
ax_grid_layer_new (AxTileLayer *tiles)
{
  AxGridLayer *self;

  g_return_val_if_fail (AX_IS_TILE_LAYER (tiles), NULL);

  self = g_object_new (AX_TYPE_GRID_LAYER, NULL);
  self->tiles = g_object_ref (tiles);
  return self;
}
