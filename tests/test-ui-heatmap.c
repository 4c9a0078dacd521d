#include "tests/support/data.h"
#include "tests/support/paint.h"
#include "tests/support/slide-writer.h"
#include "ui/heatmap-layer.h"

#define SIDE 64 /* cells */
#define CELL 16 /* level-0 pixels */
#define GROUND 0xFFFFFF

static const AxRect0 extent = { 0, 0, SIDE *CELL, SIDE *CELL };

/* Column c holds p = c / 64; the lower half is not analysed. */
static AxProbMap *
map_new (void)
{
  AxProbGeometry geometry = { SIDE, SIDE, { CELL, CELL }, { 0.25, 0.25 } };
  AxProbMap *map = ax_prob_map_new (geometry, 0, NULL);
  guint16 cells[SIDE * SIDE / 2];

  for (int i = 0; i < SIDE * SIDE / 2; i++)
    cells[i] = ax_prob_quantize (i % SIDE / (double)SIDE);
  g_assert_true (ax_prob_map_write (map, (AxCellRect){ 0, 0, SIDE, SIDE / 2 },
                                    cells, NULL));
  return map;
}

static AxHeatmapLayer *
layer_new (double opacity)
{
  AxHeatmapLayer *layer = ax_heatmap_layer_new ();
  g_autoptr (AxProbMap) map = map_new ();

  ax_heatmap_layer_set_map (layer, map);
  ax_heatmap_layer_set_opacity (layer, opacity);
  ax_heatmap_layer_set_fill (layer, AX_FILL_FILLED);
  return layer;
}

/* One cell is @cell_px device pixels. */
static cairo_surface_t *
paint_on (AxHeatmapLayer *layer, double cell_px, double scale, guint32 ground)
{
  g_autoptr (AxViewport) viewport = viewport_at_origin (
      extent, 0.25, SIDE * cell_px / scale, cell_px / CELL / scale);

  return paint_layer (AX_LAYER (layer), viewport, scale, ground);
}

static cairo_surface_t *
paint (AxHeatmapLayer *layer, double cell_px, double scale)
{
  return paint_on (layer, cell_px, scale, GROUND);
}

static void
test_threshold (void)
{
  const double thresholds[] = { 0.01, 0.25, 0.5, 0.505, 0.98 };
  g_autoptr (AxHeatmapLayer) layer = layer_new (1);

  for (guint i = 0; i < G_N_ELEMENTS (thresholds); i++)
    {
      cairo_surface_t *surface;

      ax_heatmap_layer_set_threshold (layer, thresholds[i]);
      surface = paint (layer, 4, 1);
      for (int col = 0; col < SIDE; col++)
        {
          double p = col / (double)SIDE;
          guint32 seen = pixel_at (surface, col * 4 + 1, 9);
          guint32 color = ax_color_map_get_color (
              AX_COLOR_MAP_VIRIDIS, (ax_prob_quantize (p) >> 8) / 255.0);

          g_assert_cmphex (seen, ==, p >= thresholds[i] ? color : GROUND);
        }
      g_assert_cmphex (pixel_at (surface, 250, 200), ==, GROUND);
      cairo_surface_destroy (surface);
    }
}

/* Cells meet on device pixels at every scale: no pixel is a mixture. */
static void
test_sharp (void)
{
  const double scales[] = { 1, 1.25, 1.5, 1.75, 2 };
  g_autoptr (AxHeatmapLayer) layer = layer_new (1);

  ax_heatmap_layer_set_threshold (layer, 0.5);
  for (guint i = 0; i < G_N_ELEMENTS (scales); i++)
    {
      cairo_surface_t *surface = paint (layer, 5, scales[i]);
      guint n_painted = count_other (surface, GROUND);

      g_assert_cmpuint (n_painted, ==, SIDE / 2 * 5 * SIDE / 2 * 5);
      cairo_surface_destroy (surface);
    }
}

/* A single hot cell is still painted when thousands share a pixel. */
static void
test_nothing_vanishes (void)
{
  AxProbGeometry geometry = { 4096, 4096, { CELL, CELL }, { 0.25, 0.25 } };
  g_autoptr (AxProbMap) map = ax_prob_map_new (geometry, 0, NULL);
  g_autoptr (AxHeatmapLayer) layer = ax_heatmap_layer_new ();
  g_autoptr (AxViewport) viewport = NULL;
  guint16 hot = ax_prob_quantize (0.9);
  cairo_surface_t *surface;

  ax_prob_map_write (map, (AxCellRect){ 2000, 3000, 1, 1 }, &hot, NULL);
  ax_heatmap_layer_set_map (layer, map);
  viewport = viewport_at_origin ((AxRect0){ 0, 0, 65536, 65536 }, 0.25, 256,
                                 256 / 65536.0);
  surface = paint_layer (AX_LAYER (layer), viewport, 1, GROUND);
  g_assert_cmpuint (count_other (surface, GROUND), ==, 1);
  g_assert_cmphex (pixel_at (surface, 125, 187), !=, GROUND);
  cairo_surface_destroy (surface);
}

static void
test_opacity (void)
{
  g_autoptr (AxHeatmapLayer) layer = layer_new (0.5);
  cairo_surface_t *surface = paint (layer, 4, 1);
  guint32 full = ax_color_map_get_color (
      AX_COLOR_MAP_VIRIDIS, (ax_prob_quantize (48 / 64.0) >> 8) / 255.0);
  int red = pixel_at (surface, 48 * 4 + 1, 3) >> 16;

  g_assert_cmpint (ABS (red - (int)((full >> 16) + 255) / 2), <=, 2);
  cairo_surface_destroy (surface);
}

static void
test_fill (void)
{
  g_autoptr (AxHeatmapLayer) layer = layer_new (1);
  g_autoptr (AxViewport) viewport
      = viewport_at_origin (extent, 0.25, 256, 0.25);
  cairo_surface_t *surface;

  ax_heatmap_layer_set_fill (layer, AX_FILL_AUTO);
  surface = paint_layer (AX_LAYER (layer), viewport, 1, GROUND);
  g_assert_cmpuint (count_other (surface, GROUND), >, 0);
  cairo_surface_destroy (surface);

  ax_viewport_set_magnification (viewport, 20);
  surface = paint_layer (AX_LAYER (layer), viewport, 1, GROUND);
  g_assert_cmpuint (count_other (surface, GROUND), ==, 0);
  cairo_surface_destroy (surface);

  ax_heatmap_layer_set_fill (layer, AX_FILL_CONTOUR);
  ax_viewport_set_magnification (viewport, 5);
  surface = paint_layer (AX_LAYER (layer), viewport, 1, GROUND);
  g_assert_cmpuint (count_other (surface, GROUND), ==, 0);
  cairo_surface_destroy (surface);
}

static void
fill_white (int level, gint64 x, gint64 y, int width, int height, guint8 *rgb,
            gpointer user_data)
{
  memset (rgb, 255, (gsize)width * height * 3);
}

static AxTissue *
full_tissue (void)
{
  AxSlideSpec spec = { .width = extent.width,
                       .height = extent.height,
                       .coding = AX_SLIDE_RAW,
                       .pixels = fill_white };
  g_autofree char *path = scratch_path ("tissue.tiff");
  g_autoptr (AxSlide) slide = NULL;

  g_assert_true (ax_slide_spec_write (&spec, path, NULL));
  slide = ax_slide_open (path, NULL);
  return ax_tissue_new_full (slide);
}

/* What waits is hatched until it has a value, and only while it waits. */
static void
test_pending (void)
{
  g_autoptr (AxTissue) tissue = full_tissue ();
  g_autoptr (AxHeatmapLayer) layer = ax_heatmap_layer_new ();
  g_autoptr (AxProbMap) map = map_new ();
  g_autofree guint16 *low = g_new (guint16, SIDE * SIDE);
  cairo_surface_t *surface;
  guint n_hatched = 0;

  for (int i = 0; i < SIDE * SIDE; i++)
    low[i] = ax_prob_quantize (0);
  ax_heatmap_layer_set_map (layer, map);
  ax_heatmap_layer_set_threshold (layer, 0.99);
  ax_heatmap_layer_set_pending (layer, tissue);
  surface = paint (layer, 4, 1);
  for (int y = 0; y < SIDE * 4; y++)
    for (int x = 0; x < SIDE * 4; x++)
      if (pixel_at (surface, x, y) != GROUND)
        {
          g_assert_cmpint (y, >=, SIDE * 2);
          n_hatched++;
        }
  g_assert_cmpuint (n_hatched, >, SIDE * 4 * SIDE * 2 / 20);
  g_assert_cmpuint (n_hatched, <, SIDE * 4 * SIDE * 2 / 2);
  cairo_surface_destroy (surface);

  ax_prob_map_write (map, (AxCellRect){ 0, 0, SIDE, SIDE }, low, NULL);
  surface = paint (layer, 4, 1);
  g_assert_cmpuint (count_other (surface, GROUND), ==, 0);
  cairo_surface_destroy (surface);
}

/* ITU-R BT.601 */
static double
luma (guint32 rgb)
{
  return 0.299 * (rgb >> 16 & 0xFF) + 0.587 * (rgb >> 8 & 0xFF)
         + 0.114 * (rgb & 0xFF);
}

/* Glass, fat, pink and violet tissue, crowded nuclei, ink: on each the hatch
 * stands out, in lines that leave most of it to be seen. */
static void
test_hatch_on_any_ground (void)
{
  const guint32 grounds[]
      = { 0xFFFFFF, 0xEDE4EE, 0xD8A4C4, 0x8A5A9E, 0x4B3170, 0x1C1026 };
  g_autoptr (AxTissue) tissue = full_tissue ();
  g_autoptr (AxHeatmapLayer) layer = layer_new (1);

  ax_heatmap_layer_set_threshold (layer, 0.99);
  ax_heatmap_layer_set_pending (layer, tissue);
  for (guint i = 0; i < G_N_ELEMENTS (grounds); i++)
    {
      cairo_surface_t *surface = paint_on (layer, 4, 1, grounds[i]);
      const int side = SIDE * 4;
      int n_clear = 0;

      for (int y = side / 2; y < side; y++)
        for (int x = 0; x < side; x++)
          n_clear += fabs (luma (pixel_at (surface, x, y)) - luma (grounds[i]))
                     >= 50;
      g_test_message ("%06x: %.3f", grounds[i], n_clear / (side * side / 2.0));
      g_assert_cmpint (n_clear, >, side * side / 2 / 20);
      g_assert_cmpint (n_clear, <, side * side / 2 / 4);
      cairo_surface_destroy (surface);
    }
}

static void
on_changed (AxLayer *layer, guint *n_changes)
{
  ++*n_changes;
}

/* Only what is on screen asks for another frame. */
static void
test_update (void)
{
  g_autoptr (AxHeatmapLayer) layer = layer_new (1);
  g_autoptr (AxViewport) viewport = viewport_at_origin (extent, 0.25, 100, 1);
  cairo_surface_t *surface
      = paint_layer (AX_LAYER (layer), viewport, 1, GROUND);
  guint n_changes = 0;

  g_signal_connect (layer, "changed", G_CALLBACK (on_changed), &n_changes);
  ax_heatmap_layer_update (layer, (AxRect0){ 500, 500, 100, 100 });
  g_assert_cmpuint (n_changes, ==, 0);
  ax_heatmap_layer_update (layer, (AxRect0){ 50, 50, 1, 1 });
  g_assert_cmpuint (n_changes, ==, 1);
  cairo_surface_destroy (surface);
}

static void
test_color_maps (void)
{
  g_assert_cmphex (ax_color_map_get_color (AX_COLOR_MAP_VIRIDIS, 0), ==,
                   0x440154);
  g_assert_cmphex (ax_color_map_get_color (AX_COLOR_MAP_VIRIDIS, 1), ==,
                   0xFDE725);
  g_assert_cmphex (ax_color_map_get_color (AX_COLOR_MAP_VIRIDIS, 0.5), ==,
                   0x21918C);
  g_assert_cmphex (ax_color_map_get_color (AX_COLOR_MAP_TRAFFIC, 10 / 255.0),
                   ==, 0x00FF00);
  g_assert_cmphex (ax_color_map_get_color (AX_COLOR_MAP_TRAFFIC, 127 / 255.0),
                   ==, 0xFFFF00);
  g_assert_cmphex (ax_color_map_get_color (AX_COLOR_MAP_TRAFFIC, 1), ==,
                   0xFF0000);
  for (int map = 0; map < AX_N_COLOR_MAPS; map++)
    {
      guint32 table[AX_COLOR_TABLE];

      ax_color_map_fill_table (map, table);
      g_assert_cmphex (table[AX_COLOR_TABLE - 1] & 0xFFFFFF, ==,
                       ax_color_map_get_color (map, 2));
      g_assert_cmphex (table[0] & 0xFFFFFF, ==,
                       ax_color_map_get_color (map, -1));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gtk_init_check ();
  g_test_add_func ("/heatmap/threshold", test_threshold);
  g_test_add_func ("/heatmap/sharp", test_sharp);
  g_test_add_func ("/heatmap/nothing-vanishes", test_nothing_vanishes);
  g_test_add_func ("/heatmap/opacity", test_opacity);
  g_test_add_func ("/heatmap/fill", test_fill);
  g_test_add_func ("/heatmap/pending", test_pending);
  g_test_add_func ("/heatmap/hatch-on-any-ground", test_hatch_on_any_ground);
  g_test_add_func ("/heatmap/update", test_update);
  g_test_add_func ("/color-map/stops", test_color_maps);
  return g_test_run ();
}
